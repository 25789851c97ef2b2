<?php
class Temperature
{
    public float $celsius = 0.0 {
        get => $this->celsius;
        set(float $value) {
            $this->celsius = $value;
        }
    }
}
