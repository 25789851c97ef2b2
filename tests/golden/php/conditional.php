<?php
if (!function_exists('str_squish')) {
    function str_squish(string $s): string { return trim($s); }
}
function outer() {
    function inner() { return 1; }
    return inner();
}
