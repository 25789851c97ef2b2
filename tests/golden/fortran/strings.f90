function text(name)
  character(len=*) :: name
  character(len=80) :: text
  text = "one ! no comment" // 'it''s' // &
    & name
  write (*, '(a, i0)') "long &
    &string", 1
end function text
