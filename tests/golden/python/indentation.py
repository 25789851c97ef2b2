class Mixed:
	def tabs(self):
		if self:
			return 1

	def both(self):
	    x = 1
	    return x

	def eight(self):
                return 2

def two(x):
  if x:
       return x
  return [
 x]
