<?php
declare(strict_types=1);
// Sums a window.
function window_sum(array $values, int $width = 3): int
{
    $sum = 0; # of all
    foreach ($values as $i => $value) {
        if ($i >= $width) {
            $sum -= $values[$i - $width];
        } elseif ($i === 0) {
            continue;
        } else {
            $sum += $value; /* enters */
        }
    }
    return $sum;
}
function &reference(array &$list): array { return $list; }
function numbers(): iterable { yield 1; yield from more(); }
