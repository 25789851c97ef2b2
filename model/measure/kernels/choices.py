"""Choices that double with every item, and labels and dates that follow from one number."""

from __future__ import annotations

import itertools
import math
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def few_of(n: int, most: int) -> int:
    return min(n, 4 + 2 * n.bit_length(), most)


def features(n: int, random: Random) -> tuple[Any, ...]:
    names = [f"f{i}" for i in range(few_of(n, 16))]
    clashes = [(a, b) for a, b in itertools.combinations(names, 2) if random.random() < 0.2]
    return names, clashes


def builds_by_products(names: list[str], clashes: list[tuple[str, str]]) -> int:
    count = 0
    for switches in itertools.product((False, True), repeat=len(names)):
        chosen = dict(zip(names, switches, strict=True))
        if not any(chosen[a] and chosen[b] for a, b in clashes):
            count += 1
    return count


def builds_by_masks(names: list[str], clashes: list[tuple[str, str]]) -> int:
    pairs = [1 << names.index(a) | 1 << names.index(b) for a, b in clashes]
    return sum(1 for mask in range(1 << len(names)) if all(mask & pair != pair for pair in pairs))


def builds_by_branching(names: list[str], clashes: list[tuple[str, str]]) -> int:
    enemies: dict[str, set[str]] = {name: set() for name in names}
    for a, b in clashes:
        enemies[a].add(b)
        enemies[b].add(a)

    def count(at: int, chosen: frozenset[str]) -> int:
        if at == len(names):
            return 1
        without = count(at + 1, chosen)
        return without if enemies[names[at]] & chosen else without + count(at + 1, chosen | {names[at]})

    return count(0, frozenset())


def builds_by_growing_sets(names: list[str], clashes: list[tuple[str, str]]) -> int:
    apart = set(clashes)
    builds: list[tuple[str, ...]] = [()]
    for name in names:
        builds += [(*build, name) for build in builds if all((other, name) not in apart for other in build)]
    return len(builds)


def wishes(n: int, random: Random) -> tuple[Any, ...]:
    return [(random.randrange(5, 60), random.randrange(1, 100)) for _ in range(few_of(n, 16))], 120


def best_wishes_by_subsets(items: list[tuple[int, int]], budget: int) -> int:
    best = 0
    for size in range(len(items) + 1):
        for subset in itertools.combinations(items, size):
            if sum(price for price, _ in subset) <= budget:
                best = max(best, sum(joy for _, joy in subset))
    return best


def best_wishes_by_recursion(items: list[tuple[int, int]], budget: int) -> int:
    if not items:
        return 0
    (price, joy), rest = items[0], items[1:]
    best = best_wishes_by_recursion(rest, budget)
    if price <= budget:
        best = max(best, joy + best_wishes_by_recursion(rest, budget - price))
    return best


def best_wishes_with_cache(items: list[tuple[int, int]], budget: int) -> int:
    @cache
    def best(at: int, money: int) -> int:
        if at == len(items):
            return 0
        price, joy = items[at]
        skipped = best(at + 1, money)
        return max(skipped, joy + best(at + 1, money - price)) if price <= money else skipped

    return best(0, budget)


def best_wishes_by_budget(items: list[tuple[int, int]], budget: int) -> int:
    best = [0] * (budget + 1)
    for price, joy in items:
        for money in range(budget, price - 1, -1):
            best[money] = max(best[money], best[money - price] + joy)
    return best[budget]


def errands(n: int, random: Random) -> tuple[Any, ...]:
    size = min(n.bit_length() + 1, 9)
    return ([[random.randrange(1, 50) for _ in range(size)] for _ in range(size)],)


def shortest_round_by_orders(miles: list[list[int]]) -> int:
    places = range(1, len(miles))
    best = 10**9
    for order in itertools.permutations(places):
        length = miles[0][order[0]] + miles[order[-1]][0]
        length += sum(miles[a][b] for a, b in itertools.pairwise(order))
        best = min(best, length)
    return best


def shortest_round_with_pruning(miles: list[list[int]]) -> int:
    best = 10**9

    def go(here: int, left: set[int], length: int) -> None:
        nonlocal best
        if length >= best:
            return
        if not left:
            best = min(best, length + miles[here][0])
        for place in left:
            go(place, left - {place}, length + miles[here][place])

    go(0, set(range(1, len(miles))), 0)
    return best


def shortest_round_by_masks(miles: list[list[int]]) -> int:
    size = len(miles)
    costs = {(1, 0): 0}
    for mask in range(1, 1 << size, 2):
        for last in range(size):
            if (mask, last) not in costs:
                continue
            for step in range(size):
                if not mask >> step & 1:
                    key = mask | 1 << step, step
                    costs[key] = min(costs.get(key, 10**9), costs[mask, last] + miles[last][step])
    return min(costs[(1 << size) - 1, last] + miles[last][0] for last in range(1, size))


def sheet_column(n: int, random: Random) -> tuple[Any, ...]:
    return (n + random.randrange(3),)


def column_label_by_division(number: int) -> str:
    label = ""
    while number:
        number, digit = divmod(number - 1, 26)
        label = chr(65 + digit) + label
    return label


def column_label_by_counting(number: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    labels = itertools.chain.from_iterable(itertools.product(letters, repeat=size) for size in itertools.count(1))
    return "".join(next(itertools.islice(labels, number - 1, None)))


def column_label_by_stepping(number: int) -> str:
    digits = [0]
    for _ in range(number - 1):
        at = len(digits) - 1
        while at >= 0 and digits[at] == 25:
            digits[at] = 0
            at -= 1
        if at < 0:
            digits.insert(0, 0)
        else:
            digits[at] += 1
    return "".join(chr(65 + digit) for digit in digits)


def column_label_from_list(number: int) -> str:
    labels = [""]
    for i in range(1, number + 1):
        labels.append(labels[(i - 1) // 26] + chr(65 + (i - 1) % 26))
    return labels[number]


def days_since_start(n: int, random: Random) -> tuple[Any, ...]:
    return (n * 3,)


def day_by_library(days: int) -> tuple[int, int, int]:
    when = date(2001, 1, 1) + timedelta(days=days)
    return when.year, when.month, when.day


def day_by_counting(days: int) -> tuple[int, int, int]:
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    year, month, day = 2001, 1, 1
    for _ in range(days):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        day += 1
        if day > lengths[month - 1] + (month == 2 and leap):
            month, day = month + 1, 1
        if month > 12:
            year, month = year + 1, 1
    return year, month, day


def day_by_years(days: int) -> tuple[int, int, int]:
    year = 2001
    while True:
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        if days < 365 + leap:
            break
        days -= 365 + leap
        year += 1
    month = 1
    for length in (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31):
        if days < length:
            break
        days -= length
        month += 1
    return year, month, days + 1


def day_by_stepping_dates(days: int) -> tuple[int, int, int]:
    when, one = date(2001, 1, 1), timedelta(days=1)
    for _ in range(days):
        when += one
    return when.timetuple()[:3]


def seats(n: int, random: Random) -> tuple[Any, ...]:
    return n, 12


def seat_plan_by_rows(count: int, width: int) -> list[list[int]]:
    return [list(range(start, min(start + width, count))) for start in range(0, count, width)]


def seat_plan_by_appending(count: int, width: int) -> list[list[int]]:
    plan: list[list[int]] = []
    for seat in range(count):
        if seat % width == 0:
            plan.append([])
        plan[-1].append(seat)
    return plan


def seat_plan_by_taking(count: int, width: int) -> list[list[int]]:
    left = list(range(count))
    plan = []
    while left:
        plan.append(left[:width])
        left = left[width:]
    return plan


def seat_plan_by_filter(count: int, width: int) -> list[list[int]]:
    return [[seat for seat in range(count) if seat // width == row] for row in range(math.ceil(count / width))]


def batch_sizes(n: int, random: Random) -> tuple[Any, ...]:
    return (n * n + random.randrange(n),)


def squarest_by_trying_all(count: int) -> tuple[int, int]:
    best = (1, count)
    for rows in range(1, count + 1):
        if count % rows == 0 and abs(rows - count // rows) < best[1] - best[0] and rows <= count // rows:
            best = (rows, count // rows)
    return best


def squarest_by_root(count: int) -> tuple[int, int]:
    rows = math.isqrt(count)
    while count % rows:
        rows -= 1
    return rows, count // rows


def squarest_by_divisors(count: int) -> tuple[int, int]:
    divisors = [d for d in range(1, math.isqrt(count) + 1) if count % d == 0]
    return divisors[-1], count // divisors[-1]


FAMILIES = [
    Family("feature-builds", features, (builds_by_products, builds_by_masks, builds_by_branching, builds_by_growing_sets), 1_000),
    Family(
        "best-wishes",
        wishes,
        (best_wishes_by_subsets, best_wishes_by_recursion, best_wishes_with_cache, best_wishes_by_budget),
        1_000,
    ),
    Family("shortest-rounds", errands, (shortest_round_by_orders, shortest_round_with_pruning, shortest_round_by_masks), 300),
    Family(
        "column-labels",
        sheet_column,
        (column_label_by_division, column_label_by_counting, column_label_by_stepping, column_label_from_list),
    ),
    Family("day-of-number", days_since_start, (day_by_library, day_by_counting, day_by_years, day_by_stepping_dates)),
    Family("seat-plans", seats, (seat_plan_by_rows, seat_plan_by_appending, seat_plan_by_taking, seat_plan_by_filter)),
    Family("squarest-batches", batch_sizes, (squarest_by_trying_all, squarest_by_root, squarest_by_divisors), 3_000),
]
