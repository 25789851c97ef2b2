"""Integers, primes, sums and random walks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def upto(n: int, random: Random) -> tuple[Any, ...]:
    return (n + 1000,)


def primes_by_division(n: int) -> list[int]:
    return [k for k in range(2, n) if all(k % d for d in range(2, k))]


def primes_by_roots(n: int) -> list[int]:
    return [k for k in range(2, n) if all(k % d for d in range(2, math.isqrt(k) + 1))]


def sieve(n: int) -> list[int]:
    marks = bytearray([1]) * n
    marks[0:2] = b"\0\0"
    for k in range(2, math.isqrt(n) + 1):
        if marks[k]:
            marks[k * k :: k] = bytes(len(range(k * k, n, k)))
    return [k for k in range(n) if marks[k]]


def divisor_sums(n: int) -> list[int]:
    sums = [0] * n
    for d in range(1, n):
        for multiple in range(2 * d, n, d):
            sums[multiple] += d
    return sums


def perfect_numbers(n: int) -> list[int]:
    return [k for k in range(2, n) if sum(d for d in range(1, k) if k % d == 0) == k]


def sum_of_squares(n: int) -> int:
    return sum(k * k for k in range(n))


def sum_of_squares_closed(n: int) -> int:
    return (n - 1) * n * (2 * n - 1) // 6


def sum_of_squares_loop(n: int) -> int:
    total = 0
    k = 0
    while k < n:
        total += k**2
        k += 1
    return total


def collatz_longest(n: int) -> int:
    best = length = 0
    for start in range(1, n):
        k, steps = start, 0
        while k != 1:
            k = k // 2 if k % 2 == 0 else 3 * k + 1
            steps += 1
        if steps > length:
            best, length = start, steps
    return best


def collatz_remembered(n: int) -> int:
    lengths = {1: 0}
    best = 1
    for start in range(2, n):
        k, path = start, []
        while k not in lengths:
            path.append(k)
            k = k // 2 if k % 2 == 0 else 3 * k + 1
        steps = lengths[k]
        for k in reversed(path):
            steps += 1
            lengths[k] = steps
        if lengths[start] > lengths[best]:
            best = start
    return best


def small(n: int, random: Random) -> tuple[Any, ...]:
    return (min(n, 26),)


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fib_loop(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def index(n: int, random: Random) -> tuple[Any, ...]:
    return (n + 1000,)


def fib_big(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def fib_doubling(n: int) -> int:
    a, b = 0, 1
    for bit in bin(n)[2:]:
        a, b = a * (2 * b - a), a * a + b * b
        if bit == "1":
            a, b = b, a + b
    return a


def factorial_product(n: int) -> int:
    return reduce(lambda a, b: a * b, range(1, n + 1), 1)


def factorial_builtin(n: int) -> int:
    return math.factorial(n)


def digits_of(n: int) -> int:
    return sum(int(digit) for digit in str(n))


def digits_by_division(n: int) -> int:
    total = 0
    while n:
        n, digit = divmod(n, 10)
        total += digit
    return total


def floats(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.gauss(0.0, 1.0) for _ in range(n)],)


def mean_and_spread(values: list[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))


def spread_recomputed(values: list[float]) -> float:
    return math.sqrt(sum((v - sum(values) / len(values)) ** 2 for v in values) / len(values))


def exact_sum(values: list[float]) -> float:
    return math.fsum(values)


def fraction_sum(values: list[float]) -> Fraction:
    return sum((Fraction(v).limit_denominator(1000) for v in values), Fraction(0))


def decimal_sum(values: list[float]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total += Decimal(str(value))
    return total


def median_by_sorting(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def median_by_selection(values: list[float]) -> float:
    k = len(values) // 2
    pool = list(values)
    while True:
        pivot = pool[len(pool) // 2]
        less = [v for v in pool if v < pivot]
        equal = sum(1 for v in pool if v == pivot)
        if k < len(less):
            pool = less
        elif k < len(less) + equal:
            return pivot
        else:
            k -= len(less) + equal
            pool = [v for v in pool if v > pivot]


def rank_of_each(values: list[float]) -> list[int]:
    return [sum(1 for other in values if other < value) for value in values]


def rank_by_order(values: list[float]) -> list[int]:
    ranks = [0] * len(values)
    for rank, position in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        ranks[position] = rank
    return ranks


def polynomial_powers(values: list[float]) -> float:
    return sum(c * 1.0001**k for k, c in enumerate(values))


def polynomial_horner(values: list[float]) -> float:
    total = 0.0
    for c in reversed(values):
        total = total * 1.0001 + c
    return total


def convolve(values: list[float]) -> list[float]:
    n = len(values)
    out = [0.0] * (2 * n - 1)
    for i in range(n):
        for j in range(n):
            out[i + j] += values[i] * values[j]
    return out


def slow_transform(values: list[float]) -> list[complex]:
    n = len(values)
    turn = -2j * math.pi / n
    return [sum(v * math.e ** (turn * k * i) for i, v in enumerate(values)) for k in range(n)]


def smoothed(values: list[float]) -> list[float]:
    out = []
    for i in range(len(values)):
        around = values[max(0, i - 2) : i + 3]
        out.append(sum(around) / len(around))
    return out


def points(n: int, random: Random) -> tuple[Any, ...]:
    return ([(random.random(), random.random()) for _ in range(n)],)


def closest_pair(pts: list[tuple[float, float]]) -> float:
    best = math.inf
    for i, (x, y) in enumerate(pts):
        for u, v in pts[:i]:
            best = min(best, math.hypot(x - u, y - v))
    return best


def closest_by_strip(pts: list[tuple[float, float]]) -> float:
    pts = sorted(pts)
    best = math.inf
    left = 0
    for i, (x, y) in enumerate(pts):
        while x - pts[left][0] > best:
            left += 1
        for u, v in pts[left:i]:
            if abs(y - v) < best:
                best = min(best, math.hypot(x - u, y - v))
    return best


def hull(pts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    def half(ordered: list[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for p in ordered:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2], chain[-1]
                if (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax) > 0:
                    break
                chain.pop()
            chain.append(p)
        return chain

    ordered = sorted(pts)
    return half(ordered)[:-1] + half(ordered[::-1])[:-1]


def forces(pts: list[tuple[float, float]]) -> list[tuple[float, float]]:
    out = []
    for x, y in pts:
        fx = fy = 0.0
        for u, v in pts:
            d = (x - u) ** 2 + (y - v) ** 2 + 1e-9
            fx += (u - x) / d
            fy += (v - y) / d
        out.append((fx, fy))
    return out


def trials(n: int, random: Random) -> tuple[Any, ...]:
    return (n + 1000, random.randrange(1 << 30))


def estimate_pi(n: int, seed: int) -> float:
    random = Random(seed)
    return 4 * sum(random.random() ** 2 + random.random() ** 2 < 1 for _ in range(n)) / n


def walk(n: int, seed: int) -> list[int]:
    random = Random(seed)
    place, path = 0, []
    for _ in range(n):
        place += random.choice((-1, 1))
        path.append(place)
    return path


def last_of_walk(n: int, seed: int) -> int:
    random = Random(seed)
    place = 0
    for _ in range(n):
        place += 1 if random.random() < 0.5 else -1
    return place


def squares_generator(n: int) -> int:
    def squares() -> Iterator[int]:
        for k in range(n):
            yield k * k

    return max(squares())


def squares_list(n: int) -> int:
    return max([k * k for k in range(n)])


def bits_by_string(n: int) -> int:
    return sum(bin(k).count("1") for k in range(n))


def bits_by_table(n: int) -> int:
    counts = [0] * n
    for k in range(1, n):
        counts[k] = counts[k >> 1] + (k & 1)
    return sum(counts)


def partitions(n: int) -> int:
    ways = [1] + [0] * n
    for part in range(1, n + 1):
        for total in range(part, n + 1):
            ways[total] += ways[total - part]
    return ways[n]


def pascal(n: int) -> list[int]:
    row = [1]
    for _ in range(n):
        row = [1, *(a + b for a, b in zip(row, row[1:], strict=False)), 1]
    return row


FAMILIES = [
    Family("primes", upto, (primes_by_division, primes_by_roots, sieve, divisor_sums, perfect_numbers), 30_000),
    Family("sum-of-squares", upto, (sum_of_squares, sum_of_squares_closed, sum_of_squares_loop)),
    Family("collatz", upto, (collatz_longest, collatz_remembered), 100_000),
    Family("fibonacci", small, (fib, fib_loop), 30),
    Family("big-fibonacci", index, (fib_big, fib_doubling)),
    Family("factorial", index, (factorial_product, factorial_builtin), 30_000),
    Family("digits", upto, (digits_of, digits_by_division)),
    Family("spread", floats, (mean_and_spread, spread_recomputed, exact_sum)),
    Family("exact-sums", floats, (fraction_sum, decimal_sum)),
    Family("median", floats, (median_by_sorting, median_by_selection)),
    Family("ranks", floats, (rank_of_each, rank_by_order)),
    Family("polynomials", floats, (polynomial_powers, polynomial_horner)),
    Family("signals", floats, (convolve, slow_transform, smoothed)),
    Family("points", points, (closest_pair, closest_by_strip, hull, forces)),
    Family("chance", trials, (estimate_pi, walk, last_of_walk)),
    Family("largest-square", upto, (squares_generator, squares_list)),
    Family("bits", upto, (bits_by_string, bits_by_table)),
    Family("partitions", index, (partitions, pascal), 10_000),
]
