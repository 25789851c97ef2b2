sub sound { return 1 }
sub broken {
    my ($x = @_;
    return ] $x;
}
sub fine { return 2 }
