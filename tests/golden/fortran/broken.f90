subroutine sound(x)
  integer :: x
  x = 1
end subroutine sound
subroutine bad(x
  integer :: x
  x = (1
end subroutine bad
subroutine fine(x)
  integer :: x
  x = 2
end subroutine fine
