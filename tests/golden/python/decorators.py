import functools


# A comment above a decorator is nobody's.
@functools.cache  # pure
# between two decorators
@functools.wraps(
    print,
    assigned=("__doc__",),
)
def cached(n: int) -> int:
    """Return n-th number."""
    return n if n < 2 else cached(n - 1) + cached(n - 2)


class Shape:
    @property
    def area(self):
        return self.w * self.h

    @area.setter
    def area(self, value):
        self.w = value / self.h

    @staticmethod
    def unit(): return Shape()

    @classmethod
    async def load(cls, path): return await cls.read(path)
