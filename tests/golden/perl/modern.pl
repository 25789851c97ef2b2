use v5.38;
use experimental 'class';
class Counter {
    field $count = 0;
    method increment {
        $count++;
        return $self;
    }
    method value { $count }
}
my sub lexical ($x) { return $x * 2 }
