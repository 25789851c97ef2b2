subroutine saxpy(n, a, x, y)
  integer, intent(in) :: n
  real, intent(in) :: a, x(n)
  real, intent(inout) :: y(n)
  integer :: i
  !$omp parallel do simd &
  !$omp& private(i)
  do i = 1, n
    y(i) = a * x(i) + y(i)
  end do
  !$omp end parallel do simd
  !$ print *, "with OpenMP"
  !DIR$ IVDEP
  !$acc kernels
  y = 2 * y
  !$acc end kernels
  ! an ordinary comment
end subroutine saxpy
