subroutine outer(n)
  integer :: n
  call inner(n)
  n = twice(n)
contains
  subroutine inner(x)
    integer :: x
    x = x + 1
  end subroutine inner
  function twice(x) result(y)
    integer :: x, y
    y = 2 * x
  end function twice
end subroutine outer
