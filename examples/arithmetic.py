"""Small numeric routines of very different cost."""

from __future__ import annotations

import math


def is_prime(n: int) -> bool:
    """Return whether n is prime, by trial division."""
    if n < 2:
        return False
    return all(n % divisor for divisor in range(2, math.isqrt(n) + 1))


def sieve(limit: int) -> list[int]:
    """Return all primes below limit, by Eratosthenes."""
    marks = bytearray([1]) * limit
    marks[:2] = b"\0\0"
    for number in range(2, math.isqrt(limit) + 1):
        if marks[number]:
            marks[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return [number for number in range(limit) if marks[number]]


def multiply(left: list[list[float]], right: list[list[float]]) -> list[list[float]]:
    """Return the product of two matrices: three nested loops."""
    rows, inner, columns = len(left), len(right), len(right[0])
    product = [[0.0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            for k in range(inner):
                product[i][j] += left[i][k] * right[k][j]
    return product


def edit_distance(a: str, b: str) -> int:
    """Return Levenshtein's distance, one row of the table at a time."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def fibonacci(n: int) -> int:
    """Return the n-th Fibonacci number the slow way."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def mean(values: list[float]) -> float:
    """Return the arithmetic mean."""
    return math.fsum(values) / len(values)


square = lambda x: x * x  # noqa: E731 - a lambda bound to a name is a chunk too
