use strict;
sub helper { return 1 }
BEGIN { require Foo; Foo->import; }
END { cleanup() }
INIT {
    my $x = 1;
}
sub AUTOLOAD { our $AUTOLOAD; return }
sub DESTROY { }
