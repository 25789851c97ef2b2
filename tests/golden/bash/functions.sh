#!/bin/bash
set -euo pipefail
# Prints.
greet() {
    local name=$1 # who
    echo "hello $name"
}
function with_keyword {
    return 1
}
function both() { :; }
my-func:1() { my_other; }
spaced ()
{
    echo "brace on its own line"
}
