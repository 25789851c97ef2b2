<?php
namespace One;
function f() { return 1; }
namespace Two\Deep;
class K { function f() { return 2; } }
