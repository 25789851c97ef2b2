<?php
namespace First\Part {
    function one() { return 1; }
    class A { function m() {} }
}
namespace Second {
    function two() { return 2; }
}
namespace {
    function three() { return 3; }
}
