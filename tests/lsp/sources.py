"""Realistic Python text for tests that edit it."""

from __future__ import annotations

MODULE = '''\
"""A module."""

import os
from functools import cache

LIMIT = 10  # é 😀


def first(values, limit=LIMIT):
    """Says what it does."""
    total = 0
    for value in values:
        if value > limit:
            total += value
    return total


@cache
def second(n):
    def inner(m):
        return [m, n]

    return inner(n)


class Shape:
    """A class."""

    sides = 4

    def area(self):
        return self.sides * 2

    @property
    def name(self):
        return """text
def not_code(): pass
"""

    class Inner:
        def method(self):
            return {
                "a": 1,
            }


if os.name == "nt":

    def path(p):
        return p
else:

    def path(p):
        return p + "/"


short = lambda x: x + 1


async def last(x, *, y):
    async with x as z:
        await z
    return y


if __name__ == "__main__":
    print(first([1, 2]))
'''


def many(count: int) -> str:
    """A module of ``count`` functions, about 87 bytes each."""
    return "".join(
        f"def function_{i}(values):\n    total = {i}\n    for v in values:\n        total += v\n    return total\n\n" for i in range(count)
    )
