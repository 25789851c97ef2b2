module carts
  type, abstract :: base
  contains
    procedure(run), deferred :: go
  end type base
  type, extends(base) :: cart
    integer, allocatable :: items(:)
  contains
    procedure :: go => cart_go
    procedure, private :: add_cart
    generic :: operator(+) => add_cart
    final :: clean
  end type cart
  abstract interface
    subroutine run(self)
      import :: base
      class(base), intent(inout) :: self
    end subroutine run
  end interface
contains
  subroutine cart_go(self)
    class(cart), intent(inout) :: self
    select type (self)
    type is (cart)
      self%items = [1, 2]
    class default
      stop
    end select
  end subroutine cart_go
  function add_cart(a, b) result(c)
    class(cart), intent(in) :: a, b
    type(cart) :: c
  end function add_cart
  subroutine clean(self)
    type(cart) :: self
  end subroutine clean
end module carts
