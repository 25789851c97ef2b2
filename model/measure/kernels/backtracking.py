"""Choices tried out: subsets, orders, signs, fillings and colours of small inputs.

The inputs grow with the logarithm of the size, because the work doubles, or worse, with each item.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from functools import cache
from itertools import combinations, permutations, product
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def few_weights(n: int, random: Random) -> tuple[Any, ...]:
    weights = [random.randrange(1, 40) for _ in range(2 + n.bit_length())]
    return weights, sum(weights) // 2


def subsets_hitting_masks(weights: list[int], target: int) -> int:
    hits = 0
    for mask in range(1 << len(weights)):
        if sum(w for i, w in enumerate(weights) if mask >> i & 1) == target:
            hits += 1
    return hits


def subsets_hitting_recursive(weights: list[int], target: int) -> int:
    def go(i: int, left: int) -> int:
        if i == len(weights):
            return int(left == 0)
        return go(i + 1, left) + go(i + 1, left - weights[i])

    return go(0, target)


def subsets_hitting_combined(weights, target):
    return sum(sum(c) == target for k in range(len(weights) + 1) for c in combinations(weights, k))


def subsets_hitting_halves(weights: list[int], target: int) -> int:
    def sums(part: list[int]) -> list[int]:
        found = [0]
        for w in part:
            found += [s + w for s in found]
        return found

    middle = len(weights) // 2
    right = sorted(sums(weights[middle:]))
    return sum(bisect_right(right, target - s) - bisect_left(right, target - s) for s in sums(weights[:middle]))


def subsets_hitting_counts(weights: list[int], target: int) -> int:
    ways = Counter({0: 1})
    for w in weights:
        ways.update({s + w: k for s, k in ways.items() if s + w <= target})
    return ways[target]


def stops(n: int, random: Random) -> tuple[Any, ...]:
    return ([(random.randrange(100), random.randrange(100)) for _ in range(2 + n.bit_length() // 2)],)


def shortest_tour_orders(stops: list[tuple[int, int]]) -> int:
    return min(sum(abs(a - c) + abs(b - d) for (a, b), (c, d) in zip(p, p[1:], strict=False)) for p in permutations(stops))


def shortest_tour_recursive(stops: list[tuple[int, int]]) -> int:
    best = 10**9

    def visit(here: int, left: list[int], length: int) -> None:
        nonlocal best
        if not left:
            best = min(best, length)
        for i in left:
            step = abs(stops[here][0] - stops[i][0]) + abs(stops[here][1] - stops[i][1])
            if length + step < best:
                visit(i, [j for j in left if j != i], length + step)

    for start in range(len(stops)):
        visit(start, [j for j in range(len(stops)) if j != start], 0)
    return best


def shortest_tour_masks(stops):
    n = len(stops)
    dist = [[abs(a - c) + abs(b - d) for c, d in stops] for a, b in stops]

    @cache
    def best(last, seen):
        if seen == (1 << n) - 1:
            return 0
        return min(dist[last][j] + best(j, seen | 1 << j) for j in range(n) if not seen >> j & 1)

    return min(best(i, 1 << i) for i in range(n))


def worn_brackets(n: int, random: Random) -> tuple[Any, ...]:
    return ("".join(random.choice("(?)??") for _ in range(2 * n.bit_length() // 2 * 2)),)


def fillings_tried(pattern: str) -> int:
    holes = [i for i, c in enumerate(pattern) if c == "?"]
    good = 0
    for choice in product("()", repeat=len(holes)):
        chars = list(pattern)
        for i, c in zip(holes, choice, strict=True):
            chars[i] = c
        depth = 0
        for c in chars:
            depth += 1 if c == "(" else -1
            if depth < 0:
                break
        good += depth == 0
    return good


def fillings_recursive(pattern: str, depth: int = 0) -> int:
    if depth < 0 or depth > len(pattern):
        return 0
    if not pattern:
        return 1
    head, rest = pattern[0], pattern[1:]
    total = 0
    if head in "(?":
        total += fillings_recursive(rest, depth + 1)
    if head in ")?":
        total += fillings_recursive(rest, depth - 1)
    return total


def fillings_by_depth(pattern):
    ways = {0: 1}
    for c in pattern:
        after = {}
        for depth, k in ways.items():
            if c != ")":
                after[depth + 1] = after.get(depth + 1, 0) + k
            if c != "(" and depth:
                after[depth - 1] = after.get(depth - 1, 0) + k
        ways = after
    return ways.get(0, 0)


def toppings(n: int, random: Random) -> tuple[Any, ...]:
    return (sorted(random.sample(range(100), 1 + n.bit_length())),)


def all_menus_masks(items: list[int]) -> list[tuple[int, ...]]:
    menus = []
    for mask in range(2 ** len(items)):
        menus.append(tuple(items[i] for i in range(len(items)) if mask & (1 << i)))
    return sorted(menus)


def all_menus_combined(items: list[int]) -> list[tuple[int, ...]]:
    return sorted(c for k in range(len(items) + 1) for c in combinations(items, k))


def all_menus_doubling(items: list[int]) -> list[tuple[int, ...]]:
    menus: list[tuple[int, ...]] = [()]
    for item in items:
        menus += [(*menu, item) for menu in menus]
    menus.sort()
    return menus


def all_menus_depth_first(items):
    menus = []

    def extend(start, chosen):
        menus.append(tuple(chosen))
        for i in range(start, len(items)):
            chosen.append(items[i])
            extend(i + 1, chosen)
            chosen.pop()

    extend(0, [])
    return menus


def neighbours(n: int, random: Random) -> tuple[Any, ...]:
    size = 1 + n.bit_length() * 2 // 3
    near: list[list[int]] = [[] for _ in range(size)]
    for a, b in combinations(range(size), 2):
        if random.random() < 0.3:
            near[a].append(b)
            near[b].append(a)
    return near, 3


def colourings_all(near: list[list[int]], colours: int) -> int:
    good = 0
    for paint in product(range(colours), repeat=len(near)):
        if all(paint[a] != paint[b] for a in range(len(near)) for b in near[a]):
            good += 1
    return good


def colourings_pruned(near: list[list[int]], colours: int) -> int:
    paint = [-1] * len(near)

    def place(a: int) -> int:
        if a == len(near):
            return 1
        total = 0
        for c in range(colours):
            if all(paint[b] != c for b in near[a]):
                paint[a] = c
                total += place(a + 1)
        paint[a] = -1
        return total

    return place(0)


def colourings_layered(near, colours):
    partial = [()]
    for a in range(len(near)):
        earlier = [b for b in near[a] if b < a]
        partial = [p + (c,) for p in partial for c in range(colours) if all(p[b] != c for b in earlier)]
    return len(partial)


def ladder_steps(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1, 4) for _ in range(4 + n.bit_length())],)


def ladder_ways_plain(reach: list[int]) -> int:
    def ways(i: int) -> int:
        if i >= len(reach):
            return 1
        return sum(ways(i + step) for step in range(1, reach[i] + 1))

    return ways(0)


def ladder_ways_sliced(reach):
    if not reach:
        return 1
    return sum(ladder_ways_sliced(reach[step:]) for step in range(1, reach[0] + 1))


def ladder_ways_remembered(reach: list[int]) -> int:
    @cache
    def ways(i: int) -> int:
        return 1 if i >= len(reach) else sum(ways(i + step) for step in range(1, reach[i] + 1))

    return ways(0)


def ladder_ways_backwards(reach: list[int]) -> int:
    ways = [1] * (len(reach) + 4)
    for i in range(len(reach) - 1, -1, -1):
        ways[i] = sum(ways[i + 1 : i + 1 + reach[i]])
    return ways[0]


def tower(n: int, random: Random) -> tuple[Any, ...]:
    return (list(range(1, 2 + n.bit_length())),)


def tower_moves_recursive(disks: list[int], to_right: bool = True) -> int:
    if not disks:
        return 0
    above = disks[:-1]
    return tower_moves_recursive(above, not to_right) + 1 + tower_moves_recursive(above, not to_right)


def tower_moves_listed(disks):
    moves = []

    def carry(k, a, b, c):
        if k:
            carry(k - 1, a, c, b)
            moves.append((disks[k - 1], a, b))
            carry(k - 1, c, b, a)

    carry(len(disks), "A", "B", "C")
    return len(moves)


def tower_moves_doubled(disks: list[int]) -> int:
    moves = 0
    for _ in disks:
        moves = 2 * moves + 1
    return moves


FAMILIES = [
    Family(
        "subsets-hitting",
        few_weights,
        (
            subsets_hitting_masks,
            subsets_hitting_recursive,
            subsets_hitting_combined,
            subsets_hitting_halves,
            subsets_hitting_counts,
        ),
        100_000,
    ),
    Family("shortest-tour", stops, (shortest_tour_orders, shortest_tour_recursive, shortest_tour_masks), 100_000),
    Family("bracket-fillings", worn_brackets, (fillings_tried, fillings_recursive, fillings_by_depth), 10_000),
    Family("all-menus", toppings, (all_menus_masks, all_menus_combined, all_menus_doubling, all_menus_depth_first), 30_000),
    Family("colourings", neighbours, (colourings_all, colourings_pruned, colourings_layered), 100_000),
    Family(
        "ladder-ways",
        ladder_steps,
        (ladder_ways_plain, ladder_ways_sliced, ladder_ways_remembered, ladder_ways_backwards),
    ),
    Family("tower-moves", tower, (tower_moves_recursive, tower_moves_listed, tower_moves_doubled), 100_000),
]
