#!/usr/bin/perl -w
use strict;
use warnings;
# Adds.
sub add {
    my ($x, $y) = @_;    # both
    return $x + $y;
}
sub with_prototype($$;@) { return scalar @_ }
sub with_signature :prototype($$) ($x, $y = 1, @rest) {
    return $x
        + $y;
}
sub empty { }
print add(1, 2), "\n";
