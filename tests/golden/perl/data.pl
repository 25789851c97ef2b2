my @rows = map { chomp; [ split /,/ ] } <DATA>;
sub total { my $sum = 0; $sum += $_->[1] for @_; $sum }
print total(@rows);
__DATA__
a,1
sub b { 2 }
