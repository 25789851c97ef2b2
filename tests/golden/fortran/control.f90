subroutine control(x, y)
  integer :: x, y(:)
  outer: do x = 1, 3
    if (x == 2) cycle outer
    if (x > 2) then
      exit
    else if (x == 1) then
      y = 1
    else
      y = 2
    end if
  end do outer
  do while (x > 0)
    x = x - 1
  end do
  select case (x)
  case (1, 2)
    y = 1
  case (3:)
    y = 2
  case default
    y = 3
  end select
  where (y > 1)
    y = 1
  elsewhere
    y = 0
  end where
  do concurrent (x = 1:3)
    y(x) = x
  end do
  associate (z => y(1))
    z = 1
  end associate
  block
    integer :: local
    local = 1
  end block
  call sub(x, &
           y)
end subroutine control
