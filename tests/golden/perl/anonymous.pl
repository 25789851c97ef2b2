package App;
my $double = sub { my $x = shift; return $x * 2 };
our $handler = sub {
    return 1;
};
$later = sub { 2 };
*alias = sub { 3 };
*Other::name = sub { 4 };
my %dispatch = (
    start => sub { start() },
    stop  => sub { stop() },
);
$dispatch{pause} = sub { 5 };
sub outer {
    my $inner = sub { return shift() + 1 };
    return map { $inner->($_) } sort { $a <=> $b } @_;
}
