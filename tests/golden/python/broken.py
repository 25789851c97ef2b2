def before():
    return 1


def broken(x):
    y = foo(1, {2: [3
    return y


class Half:
    def good(self):
        return 1

    def bad(self)
        return 2

    @property
    def also_good(self):
        return 3


def after(x):
    return x
