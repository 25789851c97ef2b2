<?php
function sound($a) { return $a; }
function broken($a {
    return $a;
}
function fine() { return 1; }
