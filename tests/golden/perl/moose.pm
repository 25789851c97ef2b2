package Point;
use Moose;
has x => (is => 'rw', default => sub { 0 });
around move => sub {
    my ($orig, $self, @rest) = @_;
    return $self->$orig(@rest);
};
before 'save' => sub { warn "saving" };
override area => sub { 1 };
sub plain { 1 }
