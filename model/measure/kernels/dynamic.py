"""Dynamic programming and exhaustive search."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def two_texts(n: int, random: Random) -> tuple[Any, ...]:
    return tuple("".join(random.choice("acgt") for _ in range(n)) for _ in range(2))


def edit_distance(a: str, b: str) -> int:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        table[i][0] = i
    for j in range(len(b) + 1):
        table[0][j] = j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
    return table[-1][-1]


def edit_distance_in_rows(a: str, b: str) -> int:
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]


def common_length(a: str, b: str) -> int:
    row = [0] * (len(b) + 1)
    for x in a:
        diagonal = 0
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def mismatches(a: str, b: str) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def values(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1, 1000) for _ in range(n)],)


def longest_rising(xs: list[int]) -> int:
    best = [1] * len(xs)
    for i in range(len(xs)):
        for j in range(i):
            if xs[j] < xs[i]:
                best[i] = max(best[i], best[j] + 1)
    return max(best)


def longest_rising_fast(xs: list[int]) -> int:
    tails: list[int] = []
    for x in xs:
        place = bisect_left(tails, x)
        tails[place : place + 1] = [x]
    return len(tails)


def largest_sum(xs: list[int]) -> int:
    best = current = xs[0]
    for x in xs[1:]:
        current = max(x, current + x - 500)
        best = max(best, current)
    return best


def largest_sum_by_ranges(xs: list[int]) -> int:
    best = xs[0]
    for i in range(len(xs)):
        total = 0
        for j in range(i, len(xs)):
            total += xs[j] - 500
            best = max(best, total)
    return best


def largest_sum_by_slices(xs: list[int]) -> int:
    return max(sum(xs[i:j]) - 500 * (j - i) for i in range(len(xs)) for j in range(i + 1, len(xs) + 1))


def inversions(xs: list[int]) -> int:
    return sum(1 for i in range(len(xs)) for j in range(i + 1, len(xs)) if xs[i] > xs[j])


def inversions_by_tree(xs: list[int]) -> int:
    counts = [0] * 1001
    found = 0
    for seen, x in enumerate(xs):
        i, smaller = x, 0
        while i:
            smaller += counts[i]
            i &= i - 1
        found += seen - smaller
        i = x
        while i <= 1000:
            counts[i] += 1
            i += i & -i
    return found


def trapped(xs: list[int]) -> int:
    return sum(min(max(xs[: i + 1]), max(xs[i:])) - x for i, x in enumerate(xs))


def trapped_by_two_ends(xs: list[int]) -> int:
    i, j = 0, len(xs) - 1
    left = right = water = 0
    while i <= j:
        if left <= right:
            left = max(left, xs[i])
            water += left - xs[i]
            i += 1
        else:
            right = max(right, xs[j])
            water += right - xs[j]
            j -= 1
    return water


def next_greater(xs: list[int]) -> list[int]:
    out = [-1] * len(xs)
    stack: list[int] = []
    for i, x in enumerate(xs):
        while stack and xs[stack[-1]] < x:
            out[stack.pop()] = x
        stack.append(i)
    return out


def next_greater_scan(xs: list[int]) -> list[int]:
    return [next((y for y in xs[i + 1 :] if y > x), -1) for i, x in enumerate(xs)]


def amounts(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1, 60) for _ in range(12)], n + 1000


def ways_to_pay(coins: list[int], amount: int) -> int:
    ways = [1] + [0] * amount
    for coin in coins:
        for total in range(coin, amount + 1):
            ways[total] += ways[total - coin]
    return ways[amount]


def fewest_coins(coins: list[int], amount: int) -> int:
    best = [0] + [amount + 1] * amount
    for total in range(1, amount + 1):
        best[total] = min((best[total - coin] + 1 for coin in coins if coin <= total), default=amount + 1)
    return best[amount]


def greedy_coins(coins: list[int], amount: int) -> int:
    count = 0
    for coin in sorted(coins, reverse=True):
        count += amount // coin
        amount %= coin
    return count


def loads(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1, 50) for _ in range(n)], [random.randrange(1, 100) for _ in range(n)], 5 * n


def knapsack(weights: list[int], prices: list[int], limit: int) -> int:
    best = [0] * (limit + 1)
    for weight, price in zip(weights, prices, strict=True):
        for room in range(limit, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + price)
    return best[limit]


def knapsack_greedy(weights: list[int], prices: list[int], limit: int) -> int:
    total = 0
    for weight, price in sorted(zip(weights, prices, strict=True), key=lambda item: item[1] / item[0], reverse=True):
        if weight <= limit:
            limit -= weight
            total += price
    return total


def few(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1, 100) for _ in range({3: 3, 10: 5, 30: 7, 100: 9, 300: 12, 1000: 15}.get(n, 16))],)


def subset_sums(xs: list[int]) -> set[int]:
    return {sum(part) for size in range(len(xs) + 1) for part in itertools.combinations(xs, size)}


def subset_sums_grown(xs: list[int]) -> set[int]:
    sums = {0}
    for x in xs:
        sums |= {s + x for s in sums}
    return sums


def all_subsets(xs: list[int]) -> list[list[int]]:
    if not xs:
        return [[]]
    rest = all_subsets(xs[1:])
    return rest + [[xs[0], *part] for part in rest]


def queens(n: int, random: Random) -> tuple[Any, ...]:
    return (list(range({3: 4, 10: 5, 30: 6, 100: 7}.get(n, 8))),)


def place_queens(columns: list[int]) -> int:
    count = 0

    def place(row: int, used: tuple[int, ...]) -> None:
        nonlocal count
        if row == len(columns):
            count += 1
            return
        for column in columns:
            if all(column != other and abs(column - other) != row - at for at, other in enumerate(used)):
                place(row + 1, (*used, column))

    place(0, ())
    return count


def place_by_permutations(columns: list[int]) -> int:
    n = len(columns)
    return sum(len({c + i for i, c in enumerate(p)}) == len({c - i for i, c in enumerate(p)}) == n for p in itertools.permutations(columns))


FAMILIES = [
    Family("two-texts", two_texts, (edit_distance, edit_distance_in_rows, common_length, mismatches), 30_000),
    Family("longest-rising", values, (longest_rising, longest_rising_fast)),
    Family("largest-sum", values, (largest_sum, largest_sum_by_ranges, largest_sum_by_slices)),
    Family("inversions", values, (inversions, inversions_by_tree)),
    Family("trapped-water", values, (trapped, trapped_by_two_ends)),
    Family("next-greater", values, (next_greater, next_greater_scan)),
    Family("coins", amounts, (ways_to_pay, fewest_coins, greedy_coins)),
    Family("knapsack", loads, (knapsack, knapsack_greedy), 3_000),
    Family("subsets", few, (subset_sums, subset_sums_grown, all_subsets), 1_000),
    Family("queens", queens, (place_queens, place_by_permutations), 300),
]
