sub text {
    my $name = shift;
    my $doc = <<"END";
  Dear $name,
    # no comment
END
    my $list = <<~'RAW';
        indented
        RAW
    my $q = q{ a
      b };
    my @words = qw(one
        two);
    (my $copy = $name) =~ s{ a }{ b }gx;
    return $doc if $name =~ m/^\w+ # none$/;
    return "$doc$list$q@words";
}
