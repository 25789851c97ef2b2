def a(): return 1
def b(x): y = x; z = y; return z
def c(): pass
class D: x = 1; f = lambda self: self.x; g = lambda self: 2
class E:
  def m(self): return [
      1,
  ]
if True: pass
else: x = 1; y = 2
while False: break
