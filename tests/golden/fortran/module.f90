! Licence
module shapes
  use iso_fortran_env, only: real64
  implicit none
  private
  public :: area, total

  integer, parameter :: dp = real64

  interface area
    module procedure area_circle, area_square
  end interface area

contains

  !> Area of a circle.
  pure elemental function area_circle(r) result(a)
    real(dp), intent(in) :: r
    real(dp) :: a
    a = 3.14_dp * r**2 ! squared
  end function area_circle

  real(dp) function area_square(s, t)
    real(dp), intent(in) :: s
    integer, intent(in) :: t
    area_square = s * s
  end function

  recursive subroutine total(items, &
                             n, & ! how many
                             sum)
    integer, intent(in) :: n
    real(dp), intent(in) :: items(n)
    real(dp), intent(out) :: sum
    if (n == 0) then
      sum = 0
    else
      call total(items, n - 1, sum)
      sum = sum + items(n)
    end if
  end subroutine total

end module shapes
