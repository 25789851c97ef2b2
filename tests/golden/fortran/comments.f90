! function no(x)
!> Adds.
!! More.
function add(a, & ! first
             b)   ! second
  integer :: a, b, add
  ! inside
  add = a + b ! sum
  ! trailing
end function add

! between
subroutine next() ! only
  ! a comment
end subroutine next
