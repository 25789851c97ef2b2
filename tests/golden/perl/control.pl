sub control {
    my $x = shift;
    if ($x > 1) {
        one();
    } elsif ($x) {
        two();
    }
    else {
        three();
    }
    unless ($x) { four() }
    for my $i (1 .. 3) {
        next if $i == 2;
        print $i
            or die "no";
    }
    while (my $line = <STDIN>) {
        chomp $line;
        last unless $line;
    }
    do { $x-- } while ($x);
    foreach my $key (sort keys %$x) { push @list, $key }
    eval {
        risky();
        1;
    } or do {
        warn $@;
    };
    return wantarray ? @list : \@list;
}
