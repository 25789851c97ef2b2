"""Counting pairs, triples and ranges with some property."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from itertools import accumulate, combinations
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def divisible_task(n: int, random: Random) -> tuple[Any, ...]:
    return tuple(random.randrange(1000) for _ in range(n)), 7


def divisible_ranges_nested(nums: tuple[int, ...], k: int) -> int:
    return sum(1 for i in range(len(nums)) for total in accumulate(nums[i:]) if total % k == 0)


def divisible_ranges_sliced(nums: tuple[int, ...], k: int) -> int:
    return sum(1 for j in range(1, len(nums) + 1) for i in range(j) if sum(nums[i:j]) % k == 0)


def divisible_ranges_counted(nums: tuple[int, ...], k: int) -> int:
    buckets = [1] + [0] * (k - 1)
    total = 0
    for x in nums:
        total = (total + x) % k
        buckets[total] += 1
    return sum(b * (b - 1) // 2 for b in buckets)


def small_values(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(50) for _ in range(n)],)


def triples_all(items: list[int]) -> int:
    n, goal = len(items), 70
    return sum(items[i] + items[j] + items[k] == goal for i in range(n) for j in range(i + 1, n) for k in range(j + 1, n))


def triples_by_counts(items: list[int]) -> int:
    found = 0
    for i in range(len(items)):
        after: dict[int, int] = {}
        for x in items[i + 1 :]:
            found += after.get(70 - items[i] - x, 0)
            after[x] = after.get(x, 0) + 1
    return found


def triples_by_pairs_before(items):
    pairs = Counter()
    found = 0
    for j, x in enumerate(items):
        found += pairs[70 - x]
        for y in items[:j]:
            pairs[x + y] += 1
    return found


def gap_and_values(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(n * 5) for _ in range(n)], random.randrange(1, 9)


def near_pairs_nested(values: list[int], gap: int) -> int:
    return len([1 for a, b in combinations(values, 2) if abs(a - b) <= gap])


def near_pairs_two_ends(values: list[int], gap: int) -> int:
    ordered = sorted(values)
    left = found = 0
    for right, v in enumerate(ordered):
        while v - ordered[left] > gap:
            left += 1
        found += right - left
    return found


def near_pairs_bisected(values, gap):
    ordered = sorted(values)
    found = 0
    for i, v in enumerate(ordered):
        found += bisect_right(ordered, v + gap) - i - 1
    return found


def near_pairs_by_value(values: list[int], gap: int) -> int:
    held: defaultdict[int, int] = defaultdict(int)
    found = 0
    for v in values:
        for d in range(-gap, gap + 1):
            if v + d in held:
                found += held[v + d]
        held[v] += 1
    return found


def two_groups(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1000) for _ in range(n)], [random.randrange(1000) for _ in range(n // 2 + 1)]


def beaten_rivals_nested(mine: list[int], theirs: list[int]) -> list[int]:
    res = []
    for m in mine:
        wins = 0
        for t in theirs:
            if t < m:
                wins += 1
        res.append(wins)
    return res


def beaten_rivals_sorted(mine: list[int], theirs: list[int]) -> list[int]:
    ordered = sorted(theirs)
    return [bisect_left(ordered, m) for m in mine]


def beaten_rivals_sorting_inside(mine, theirs):
    return [bisect_left(sorted(theirs), m) for m in mine]


def beaten_rivals_cumulated(mine: list[int], theirs: list[int]) -> list[int]:
    below = [0] * 1001
    for t in theirs:
        below[t + 1] += 1
    below = list(accumulate(below))
    return [below[m] for m in mine]


def shared_birthdays(n: int, random: Random) -> tuple[Any, ...]:
    return ({f"p{i}": (random.randrange(1, 13), random.randrange(1, 29)) for i in range(n)},)


def equal_pairs_nested(dates: dict[str, tuple[int, int]]) -> int:
    names = list(dates)
    return sum(dates[names[i]] == dates[names[j]] for i in range(len(names)) for j in range(i))


def equal_pairs_counted(dates: dict[str, tuple[int, int]]) -> int:
    return sum(k * (k - 1) // 2 for k in Counter(dates.values()).values())


def equal_pairs_listed(dates):
    days = list(dates.values())
    return sum(days.count(d) - 1 for d in days) // 2


def equal_pairs_sorted(dates: dict[str, tuple[int, int]]) -> int:
    total = run = 0
    last = None
    for day in sorted(dates.values()):
        run = run + 1 if day == last else 0
        total += run
        last = day
    return total


def dots(n: int, random: Random) -> tuple[Any, ...]:
    return ({(random.randrange(40), random.randrange(40)) for _ in range(n)},)


def rectangles_by_corners(dots: set[tuple[int, int]]) -> int:
    found = 0
    for x1, y1 in dots:
        for x2, y2 in dots:
            if x1 < x2 and y1 < y2 and (x1, y2) in dots and (x2, y1) in dots:
                found += 1
    return found


def rectangles_by_columns(dots: set[tuple[int, int]]) -> int:
    columns: dict[int, list[int]] = {}
    for x, y in dots:
        columns.setdefault(x, []).append(y)
    spans: Counter[tuple[int, int]] = Counter()
    for ys in columns.values():
        spans.update(combinations(sorted(ys), 2))
    return sum(math.comb(k, 2) for k in spans.values())


def rectangles_by_shared_rows(dots):
    columns = defaultdict(set)
    for x, y in dots:
        columns[x].add(y)
    return sum(math.comb(len(a & b), 2) for a, b in combinations(columns.values(), 2))


FAMILIES = [
    Family("divisible-ranges", divisible_task, (divisible_ranges_nested, divisible_ranges_sliced, divisible_ranges_counted)),
    Family("triples", small_values, (triples_all, triples_by_counts, triples_by_pairs_before)),
    Family("near-pairs", gap_and_values, (near_pairs_nested, near_pairs_two_ends, near_pairs_bisected, near_pairs_by_value)),
    Family(
        "beaten-rivals",
        two_groups,
        (beaten_rivals_nested, beaten_rivals_sorted, beaten_rivals_sorting_inside, beaten_rivals_cumulated),
    ),
    Family("shared-dates", shared_birthdays, (equal_pairs_nested, equal_pairs_counted, equal_pairs_listed, equal_pairs_sorted), 100_000),
    Family("rectangles", dots, (rectangles_by_corners, rectangles_by_columns, rectangles_by_shared_rows), 3_000),
]
