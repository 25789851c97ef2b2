program main
  use shapes
  implicit none
  integer :: i
  do i = 1, 3
    print *, square(i), "! no comment"
  end do
contains
  integer function square(x)
    integer, intent(in) :: x
    square = x * x
  end function square
end program main
