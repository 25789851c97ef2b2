package outer

package inner {
  class A { def go() = 1 }
  object B { object C { def deep() = 2 } }
}

class D { def far() = 3 }
