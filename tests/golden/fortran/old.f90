integer function fact(n)
  integer n, i
  fact = 1
  do 20 i = 2, n
    fact = fact * i
20 continue
  if (n) 30, 40, 50
30 return
40 goto 30
50 fact = 0
end
block data init
  common /c/ x
  data x /1.0/
end
