def sound(a)
  a + 1
end

def broken(a
  a [
end

def fine
  2
end
