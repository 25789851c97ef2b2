module parent
  interface
    module subroutine work(x)
      integer, intent(inout) :: x
    end subroutine work
    module function value() result(v)
      integer :: v
    end function value
  end interface
end module parent
submodule (parent) child
contains
  module subroutine work(x)
    integer, intent(inout) :: x
    x = x + 1
  end subroutine work
  module procedure value
    v = 1
  end procedure value
end submodule child
