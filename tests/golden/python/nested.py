def outer(xs):
    total = 0

    def inner(y):
        nonlocal total

        def innermost():
            return y * 2

        total += innermost()
        return total

    class Local:
        def method(self):
            def deep():
                return self
            return deep

    return [inner(x) for x in xs], Local


class A:
    class B:
        class C:
            def method(self):
                pass

    def method(self):
        class InMethod:
            def m(self): ...
        return InMethod
