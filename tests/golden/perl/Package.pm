package Shop::Cart;
use parent 'Shop::Base';
our $VERSION = '1.0';

sub new {
    my ($class, %args) = @_;
    my $self = bless {
        items => [],
        %args,
    }, $class;
    return $self;
}

sub add { my $self = shift; push @{ $self->{items} }, @_; return $self }

sub _private { 1 }

package Shop::Item;

sub price { $_[0]{price} }

1;
