<?php
function control($x)
{
    switch ($x) {
        case 1:
        case 2:
            return 'few';
        default:
            $y = match (true) {
                $x > 10 => 'many',
                default => 'some',
            };
    }
    while (true):
        break;
    endwhile;
    for ($i = 0; $i < 3; $i++)
        echo $i;
    do {
        $x--;
    } while ($x);
    try {
        risky([
            'a' => 1,
            'b' => [2, 3],
        ]);
    } catch (A | B $e) {
        throw $e;
    } finally {
        done();
    }
    $list = array(
        1,
        2
    );
    return $x
        ?->first()
        ->second() ?? null;
}
