<?php
$logger = new class('x') extends Base implements Logger {
    public function __construct(private string $name) {}
    public function log(string $message): void
    {
        echo $message;
    }
};
