local function control(x)
  if x == 1 then
    a()
  elseif x == 2 then
    b()
  else
    c()
  end
  while x do
    x = nil
  end
  repeat
    local done = step()
  until done
  for k, v in pairs(x) do print(k, v) end
  do
    local scoped = 1
  end
  goto finish
  ::finish::
  return x
end
