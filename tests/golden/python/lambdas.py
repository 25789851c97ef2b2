double = lambda x: x * 2
typed: "Callable[[int], int]" = lambda x: x + 1
wrapped = (
    lambda x, y: x + y  # sum
)
first = second = lambda: None
pair = lambda: 1, lambda: 2
registry["key"] = lambda: 3
obj.attribute = lambda: 4
sorted([], key=lambda item: item[1])


class Operators:
    add = lambda self, other: self.v + other.v

    def use(self, default=lambda: 0):
        local = lambda: self.add
        if (walrus := lambda z: z):
            return walrus(local)


def with_default(key=lambda k: k): return key
