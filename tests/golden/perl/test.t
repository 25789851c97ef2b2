use Test::More;
subtest 'adds' => sub {
    is add(1, 2), 3;
};
sub helper {
    my %options = @_;
    return \%options;
}
done_testing;
