<?php
/**
 * Adds.
 *
 * @param int $a
 */
function add($a, /* first */ $b) // sum
{
    # leading
    return $a /* plus */ + $b;
    // trailing
}

/* block
   over lines */
#[NotAComment]
function after() { }
