"""Tables over lists, texts and grids: the same recurrence remembered in different ways."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import math
from functools import cache
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def coins_in_a_row(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1, 100) for _ in range(n)],)


def no_neighbours_rolling(coins: list[int]) -> int:
    take = skip = 0
    for c in coins:
        take, skip = skip + c, max(take, skip)
    return max(take, skip)


def no_neighbours_table(coins: list[int]) -> int:
    best = [0] * (len(coins) + 2)
    for i in range(len(coins) - 1, -1, -1):
        best[i] = max(best[i + 1], coins[i] + best[i + 2])
    return best[0]


def no_neighbours_memo(coins):
    memo = {}

    def solve(i):
        if i >= len(coins):
            return 0
        if i not in memo:
            memo[i] = max(coins[i] + solve(i + 2), solve(i + 1))
        return memo[i]

    return solve(0)


def no_neighbours_inner_max(coins: list[int]) -> int:
    best: list[int] = []
    for i, c in enumerate(coins):
        best.append(c + max(best[: i - 1], default=0) if i > 1 else c)
    return max(best)


def weights_and_sum(n: int, random: Random) -> tuple[Any, ...]:
    weights = [random.randrange(2, 60) for _ in range(n)]
    return weights, sum(weights) // 2


def reachable_sum_set(weights: list[int], target: int) -> bool:
    sums = {0}
    for w in weights:
        sums |= {s + w for s in sums if s + w <= target}
    return target in sums


def reachable_sum_flags(weights: list[int], target: int) -> bool:
    can = [True] + [False] * target
    for w in weights:
        for s in range(target, w - 1, -1):
            if can[s - w]:
                can[s] = True
    return can[target]


def reachable_sum_bits(weights: list[int], target: int) -> bool:
    bits = 1
    for w in weights:
        bits |= bits << w
    return bool(bits >> target & 1)


def reachable_sum_rows(weights, target):
    rows = [[False] * (target + 1) for _ in range(len(weights) + 1)]
    rows[0][0] = True
    for i, w in enumerate(weights, 1):
        for s in range(target + 1):
            rows[i][s] = rows[i - 1][s] or (s >= w and rows[i - 1][s - w])
    return rows[-1][target]


def beads(n: int, random: Random) -> tuple[Any, ...]:
    return ("".join(random.choice("rgbw") for _ in range(n)),)


def mirror_subsequence_table(s: str) -> int:
    n = len(s)
    best = [[0] * n for _ in range(n)]
    for i in range(n - 1, -1, -1):
        best[i][i] = 1
        for j in range(i + 1, n):
            if s[i] == s[j]:
                best[i][j] = (best[i + 1][j - 1] if j - i > 1 else 0) + 2
            else:
                best[i][j] = max(best[i + 1][j], best[i][j - 1])
    return best[0][n - 1]


def mirror_subsequence_row(s: str) -> int:
    row = [0] * (len(s) + 1)
    for x in s:
        diagonal = 0
        for j, y in enumerate(reversed(s), 1):
            diagonal, row[j] = row[j], diagonal + 1 if x == y else max(row[j], row[j - 1])
    return row[-1]


def mirror_subsequence_memo(s):
    @cache
    def f(i, j):
        if i >= j:
            return int(i == j)
        return f(i + 1, j - 1) + 2 if s[i] == s[j] else max(f(i + 1, j), f(i, j - 1))

    return f(0, len(s) - 1)


def toll_map(n: int, random: Random) -> tuple[Any, ...]:
    return ([[random.randrange(1, 10) for _ in range(n)] for _ in range(max(2, n // 2))],)


def cheapest_toll_table(tolls: list[list[int]]) -> int:
    cost = [row[:] for row in tolls]
    for r in range(len(cost)):
        for c in range(len(cost[0])):
            if r and c:
                cost[r][c] += min(cost[r - 1][c], cost[r][c - 1])
            elif r:
                cost[r][c] += cost[r - 1][c]
            elif c:
                cost[r][c] += cost[r][c - 1]
    return cost[-1][-1]


def cheapest_toll_row(tolls: list[list[int]]) -> int:
    line = [0] + [10**9] * (len(tolls[0]) - 1)
    for row in tolls:
        line[0] += row[0]
        for c in range(1, len(row)):
            line[c] = row[c] + min(line[c], line[c - 1])
    return line[-1]


def cheapest_toll_memo(tolls):
    memo = {}

    def go(r, c):
        if r < 0 or c < 0:
            return math.inf
        if r == c == 0:
            return tolls[0][0]
        if (r, c) not in memo:
            memo[r, c] = tolls[r][c] + min(go(r - 1, c), go(r, c - 1))
        return memo[r, c]

    return go(len(tolls) - 1, len(tolls[0]) - 1)


def glued_words(n: int, random: Random) -> tuple[Any, ...]:
    words = sorted({"".join(random.choice("abc") for _ in range(random.randrange(2, 6))) for _ in range(40)})
    return "".join(random.choice(words) for _ in range(n)), words


def splits_by_table(text: str, words: list[str]) -> int:
    ways = [1] + [0] * len(text)
    for end in range(1, len(text) + 1):
        for w in words:
            if text[:end].endswith(w):
                ways[end] += ways[end - len(w)]
        ways[end] %= 10007
    return ways[-1]


def splits_by_lengths(text: str, words: list[str]) -> int:
    known = set(words)
    lengths = sorted({len(w) for w in words})
    ways = [1] + [0] * len(text)
    for end in range(1, len(text) + 1):
        ways[end] = sum(ways[end - k] for k in lengths if k <= end and text[end - k : end] in known) % 10007
    return ways[-1]


def splits_by_all_starts(text, words):
    ways = [1]
    for end in range(1, len(text) + 1):
        total = 0
        for start in range(end):
            if text[start:end] in words:
                total += ways[start]
        ways.append(total % 10007)
    return ways[-1]


def two_board_sides(n: int, random: Random) -> tuple[Any, ...]:
    return n + 1, n // 2 + 2


def corner_walks_table(rows: int, cols: int) -> int:
    table = [[1] * cols for _ in range(rows)]
    for r in range(1, rows):
        for c in range(1, cols):
            table[r][c] = (table[r - 1][c] + table[r][c - 1]) % 998_244_353
    return table[-1][-1]


def corner_walks_row(rows: int, cols: int) -> int:
    line = [1] * cols
    for _ in range(rows - 1):
        for c in range(1, cols):
            line[c] += line[c - 1]
    return line[-1] % 998_244_353


def corner_walks_closed(rows: int, cols: int) -> int:
    return math.comb(rows + cols - 2, rows - 1) % 998_244_353


def corner_walks_product(rows, cols):
    ways = 1
    for k in range(1, rows):
        ways = ways * (cols - 1 + k) // k
    return ways % 998_244_353


def plank_sizes(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(2, 50) for _ in range(n + 1)],)


def chain_cost_table(dims: list[int]) -> int:
    n = len(dims) - 1
    cost = [[0] * n for _ in range(n)]
    for span in range(1, n):
        for i in range(n - span):
            j = i + span
            cost[i][j] = min(cost[i][k] + cost[k + 1][j] + dims[i] * dims[k + 1] * dims[j + 1] for k in range(i, j))
    return cost[0][-1]


def chain_cost_memo(dims: list[int]) -> int:
    @cache
    def best(i: int, j: int) -> int:
        if j - i < 2:
            return 0
        return min(best(i, k) + best(k, j) + dims[i] * dims[k] * dims[j] for k in range(i + 1, j))

    return best(0, len(dims) - 1)


def chain_cost_dict(dims):
    cost = {(i, i + 1): 0 for i in range(len(dims) - 1)}
    for span in range(2, len(dims)):
        for i in range(len(dims) - span):
            options = []
            for k in range(i + 1, i + span):
                options.append(cost[(i, k)] + cost[(k, i + span)] + dims[i] * dims[k] * dims[i + span])
            cost[(i, i + span)] = min(options)
    return cost[(0, len(dims) - 1)]


def total_only(n: int, random: Random) -> tuple[Any, ...]:
    return (n + random.randrange(3),)


def fewest_squares_table(total: int) -> int:
    best = [0] * (total + 1)
    for t in range(1, total + 1):
        best[t] = 1 + min(best[t - k * k] for k in range(1, math.isqrt(t) + 1))
    return best[total]


def fewest_squares_layers(total: int) -> int:
    squares = [k * k for k in range(1, math.isqrt(total) + 1)]
    layer, steps = {total}, 0
    while 0 not in layer:
        layer = {t - s for t in layer for s in squares if s <= t}
        steps += 1
    return steps


def fewest_squares_theorem(total):
    if math.isqrt(total) ** 2 == total:
        return 1
    k = 0
    while k * k <= total:
        if math.isqrt(total - k * k) ** 2 == total - k * k:
            return 2
        k += 1
    while total % 4 == 0:
        total //= 4
    return 4 if total % 8 == 7 else 3


def bag_and_items(n: int, random: Random) -> tuple[Any, ...]:
    return [(random.randrange(1, 30), random.randrange(1, 100)) for _ in range(n)], 120


def bag_value_row(items: list[tuple[int, int]], capacity: int) -> int:
    best = [0] * (capacity + 1)
    for weight, value in items:
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return best[capacity]


def bag_value_table(items: list[tuple[int, int]], capacity: int) -> int:
    best = [[0] * (capacity + 1)]
    for weight, value in items:
        last = best[-1]
        best.append([max(last[r], last[r - weight] + value) if r >= weight else last[r] for r in range(capacity + 1)])
    return best[-1][capacity]


def bag_value_states(items, capacity):
    states = {0: 0}
    for weight, value in items:
        for w, v in list(states.items()):
            if w + weight <= capacity and states.get(w + weight, -1) < v + value:
                states = {**states, w + weight: v + value}
    return max(states.values())


FAMILIES = [
    Family(
        "no-neighbours",
        coins_in_a_row,
        (no_neighbours_rolling, no_neighbours_table, no_neighbours_memo, no_neighbours_inner_max),
        300,
    ),
    Family(
        "reachable-sum",
        weights_and_sum,
        (reachable_sum_set, reachable_sum_flags, reachable_sum_bits, reachable_sum_rows),
        1_000,
    ),
    Family(
        "mirror-subsequence",
        beads,
        (mirror_subsequence_table, mirror_subsequence_row, mirror_subsequence_memo),
        300,
    ),
    Family("cheapest-toll", toll_map, (cheapest_toll_table, cheapest_toll_row, cheapest_toll_memo), 300),
    Family("word-splits", glued_words, (splits_by_table, splits_by_lengths, splits_by_all_starts), 30_000),
    Family(
        "corner-walks",
        two_board_sides,
        (corner_walks_table, corner_walks_row, corner_walks_closed, corner_walks_product),
        3_000,
    ),
    Family("chain-cost", plank_sizes, (chain_cost_table, chain_cost_memo, chain_cost_dict), 300),
    Family("fewest-squares", total_only, (fewest_squares_table, fewest_squares_layers, fewest_squares_theorem)),
    Family("bag-value", bag_and_items, (bag_value_row, bag_value_table, bag_value_states), 30_000),
]
