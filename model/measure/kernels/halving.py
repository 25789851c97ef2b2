"""Searching for an answer: trying each, halving the range, or working it out."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import math
from functools import cache
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def crates(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1, 60) for _ in range(n)], n // 5 + 1


def belt_capacity_stepwise(crates: list[int], days: int) -> int:
    capacity = max(crates)
    while True:
        used, load = 1, 0
        for c in crates:
            if load + c > capacity:
                used += 1
                load = 0
            load += c
        if used <= days:
            return capacity
        capacity += 1


def belt_capacity_halving(crates: list[int], days: int) -> int:
    def enough(capacity: int) -> bool:
        used, load = 1, 0
        for c in crates:
            if load + c > capacity:
                used, load = used + 1, 0
            load += c
        return used <= days

    low, high = max(crates), sum(crates)
    while low < high:
        mid = (low + high) // 2
        if enough(mid):
            high = mid
        else:
            low = mid + 1
    return low


def belt_capacity_table(crates, days):
    n = len(crates)
    prefix = [0]
    for c in crates:
        prefix.append(prefix[-1] + c)
    best = prefix[:]
    for _ in range(min(days, n) - 1):
        best = [0] + [min(max(best[j], prefix[i] - prefix[j]) for j in range(i)) for i in range(1, n + 1)]
    return best[n]


def lumber(n: int, random: Random) -> tuple[Any, ...]:
    trees = [random.randrange(1, 2000) for _ in range(n)]
    return trees, sum(trees) // 3


def saw_height_lowering(trees: list[int], wanted: int) -> int:
    h = max(trees)
    while sum(t - h for t in trees if t > h) < wanted:
        h -= 1
    return h


def saw_height_halving(trees: list[int], wanted: int) -> int:
    low, high = 0, max(trees)
    while low < high:
        mid = (low + high + 1) // 2
        if sum(max(t - mid, 0) for t in trees) >= wanted:
            low = mid
        else:
            high = mid - 1
    return low


def saw_height_sorted(trees, wanted):
    order = sorted(trees, reverse=True) + [0]
    gained = 0
    for k in range(1, len(order)):
        step = k * (order[k - 1] - order[k])
        if gained + step >= wanted:
            return order[k - 1] - (wanted - gained + k - 1) // k
        gained += step
    return 0


def big_cube(n: int, random: Random) -> tuple[Any, ...]:
    return (n**3 + random.randrange(3 * n),)


def cube_side_counting(x: int) -> int:
    r = 0
    while (r + 1) ** 3 <= x:
        r += 1
    return r


def cube_side_halving(x: int) -> int:
    low, high = 0, x
    while low < high:
        mid = (low + high + 1) // 2
        if mid * mid * mid <= x:
            low = mid
        else:
            high = mid - 1
    return low


def cube_side_newton(x):
    r = 1 << -(-x.bit_length() // 3)
    while True:
        better = (2 * r + x // (r * r)) // 3
        if better >= r:
            return r
        r = better


def cube_side_float(x):
    r = round(x ** (1 / 3))
    return r - 1 if r**3 > x else r


def hill(n: int, random: Random) -> tuple[Any, ...]:
    top = n * 2 // 3
    return ([i * 3 for i in range(top)] + [top * 3 + 5] + [(n - i) * 2 for i in range(top + 1, n)],)


def summit_walked(path: list[int]) -> int:
    i = 0
    while i + 1 < len(path) and path[i] < path[i + 1]:
        i += 1
    return i


def summit_halved(path: list[int]) -> int:
    low, high = 0, len(path) - 1
    while low < high:
        mid = (low + high) // 2
        if path[mid] < path[mid + 1]:
            low = mid + 1
        else:
            high = mid
    return low


def summit_by_max(path: list[int]) -> int:
    return path.index(max(path))


def summit_in_slices(path):
    if len(path) == 1:
        return 0
    mid = len(path) // 2
    if path[mid] > path[mid - 1]:
        return mid + summit_in_slices(path[mid:])
    return summit_in_slices(path[:mid])


def stalls(n: int, random: Random) -> tuple[Any, ...]:
    return sorted(random.sample(range(n * 6), n)), max(2, n // 8)


def widest_spacing_stepwise(stalls: list[int], cows: int) -> int:
    gap = 1
    while True:
        placed, last = 1, stalls[0]
        for s in stalls:
            if s - last >= gap:
                placed, last = placed + 1, s
        if placed < cows:
            return gap - 1
        gap += 1


def widest_spacing_halving(stalls: list[int], cows: int) -> int:
    low, high = 1, stalls[-1] - stalls[0]
    while low < high:
        gap = (low + high + 1) // 2
        placed, last = 1, stalls[0]
        for s in stalls:
            if s - last >= gap:
                placed += 1
                last = s
        low, high = (gap, high) if placed >= cows else (low, gap - 1)
    return low


def widest_spacing_memo(stalls, cows):
    @cache
    def best(i, left):
        if left == 0:
            return stalls[-1]
        return max((min(stalls[j] - stalls[i], best(j, left - 1)) for j in range(i + 1, len(stalls) - left + 1)), default=0)

    return best(0, cows - 1)


def citations(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(n + 3) for _ in range(n)],)


def h_index_tried(cites: list[int]) -> int:
    h = 0
    while sum(c > h for c in cites) > h:
        h += 1
    return h


def h_index_sorted(cites: list[int]) -> int:
    return sum(c > i for i, c in enumerate(sorted(cites, reverse=True)))


def h_index_counted(cites):
    n = len(cites)
    counts = [0] * (n + 1)
    for c in cites:
        counts[min(c, n)] += 1
    papers = 0
    for h in range(n, -1, -1):
        papers += counts[h]
        if papers >= h:
            return h
    return 0


def table_place(n: int, random: Random) -> tuple[Any, ...]:
    return n, n * n // 3 + 1


def times_table_sorted(n: int, k: int) -> int:
    return sorted(a * b for a in range(1, n + 1) for b in range(1, n + 1))[k - 1]


def times_table_halved(n: int, k: int) -> int:
    low, high = 1, n * n
    while low < high:
        mid = (low + high) // 2
        if sum(min(n, mid // a) for a in range(1, n + 1)) >= k:
            high = mid
        else:
            low = mid + 1
    return low


def times_table_counted(n, k):
    counts = [0] * (n * n + 1)
    for a in range(1, n + 1):
        for product in range(a, a * n + 1, a):
            counts[product] += 1
    for value, amount in enumerate(counts):
        k -= amount
        if k <= 0:
            return value
    return -1


def xor_bound(n: int, random: Random) -> tuple[Any, ...]:
    return (n * 3 + random.randrange(4),)


def xor_upto_loop(n: int) -> int:
    acc = 0
    for k in range(n + 1):
        acc ^= k
    return acc


def xor_upto_closed(n: int) -> int:
    return (n, 1, n + 1, 0)[n % 4]


def xor_upto_columns(n):
    acc = 0
    for bit in range(n.bit_length()):
        block = 1 << bit
        full, rest = divmod(n + 1, 2 * block)
        acc |= (full * block + max(0, rest - block)) % 2 << bit
    return acc


def triangular_root_scan(n: int) -> int:
    total = k = 0
    while total + k + 1 <= n:
        k += 1
        total += k
    return k


def triangular_root_closed(n: int) -> int:
    return (math.isqrt(8 * n + 1) - 1) // 2


def triangular_root_list(n):
    sums = [k * (k + 1) // 2 for k in range(1, n + 1)]
    return len([s for s in sums if s <= n])


FAMILIES = [
    Family("belt-capacity", crates, (belt_capacity_stepwise, belt_capacity_halving, belt_capacity_table)),
    Family("saw-height", lumber, (saw_height_lowering, saw_height_halving, saw_height_sorted)),
    Family("cube-side", big_cube, (cube_side_counting, cube_side_halving, cube_side_newton, cube_side_float)),
    Family("summit", hill, (summit_walked, summit_halved, summit_by_max, summit_in_slices)),
    Family("widest-spacing", stalls, (widest_spacing_stepwise, widest_spacing_halving, widest_spacing_memo), 1_000),
    Family("h-index", citations, (h_index_tried, h_index_sorted, h_index_counted)),
    Family("times-table-place", table_place, (times_table_sorted, times_table_halved, times_table_counted), 1_000),
    Family("xor-upto", xor_bound, (xor_upto_loop, xor_upto_closed, xor_upto_columns)),
    Family("triangular-root", xor_bound, (triangular_root_scan, triangular_root_closed, triangular_root_list)),
]
