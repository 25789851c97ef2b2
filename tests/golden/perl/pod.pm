package Documented;

=head1 NAME

Documented - sub no { }

=cut

# A comment.
sub real {
    return 1;    # trailing
}

=head2 other

Text.

=cut

sub other { 2 }

1;

__END__

=head1 LATER

sub not_code { }
