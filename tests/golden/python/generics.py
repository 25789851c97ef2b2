type Pair[T] = tuple[T, T]


def first[T: (int, str), *Ts, **P](xs: list[T], /, *args: *Ts, key: Pair[T] | None = None, **kw: P.kwargs) -> T:
    return xs[0]


class Box[T]:
    def get[U](self: "Box[U]") -> U:
        return self.value
