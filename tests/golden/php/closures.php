<?php
$double = function (int $x) use ($factor): int {
    return $x * $factor;
};
$square = fn(int $x) => $x * $x;
$this->handler = static function () {};
self::$maker = fn() => new Thing();
function outer(array $items): array
{
    $inner = fn($x) => $x + 1;
    return array_map(function ($item) use ($inner) {
        return $inner($item);
    }, $items);
}
