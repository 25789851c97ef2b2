def control(x)
  case x
  when Integer then 1
  when "a", "b"
    2
  else
    3
  end
  case x
  in { name: String => name, age: } if age > 1
    name
  in [first, *]
    first
  end
  if x
    a
  elsif y then b
  else
    c
  end
  unless x
    d
  end
  while x do x -= 1 end
  until x
    x += 1
  end
  return 1 if x
  loop { break }
end
