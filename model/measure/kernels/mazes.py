"""Grids and matrices as lists of lists or rows of text."""

# mypy: allow-untyped-defs, allow-untyped-calls, no-check-untyped-defs

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from fractions import Fraction
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def maze(n: int, random: Random) -> tuple[Any, ...]:
    side = 2 + math.isqrt(2 * n)
    rows = [["#" if random.random() < 0.2 else "." for _ in range(side)] for _ in range(side)]
    rows[0] = ["."] * side
    for row in rows:
        row[-1] = "."
    return (["".join(row) for row in rows],)


def maze_steps_queue(rows: list[str]) -> int:
    h, w = len(rows), len(rows[0])
    seen = {(0, 0)}
    queue = deque([(0, 0, 0)])
    while queue:
        r, c, d = queue.popleft()
        if (r, c) == (h - 1, w - 1):
            return d
        for a, b in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if 0 <= a < h and 0 <= b < w and rows[a][b] == "." and (a, b) not in seen:
                seen.add((a, b))
                queue.append((a, b, d + 1))
    return -1


def maze_steps_list(rows):
    h, w = len(rows), len(rows[0])
    visited = [(0, 0)]
    todo = [(0, 0, 0)]
    while todo:
        r, c, d = todo.pop(0)
        if r == h - 1 and c == w - 1:
            return d
        for dr, dc in [(0, 1), (1, 0), (0, -1), (-1, 0)]:
            p = (r + dr, c + dc)
            if 0 <= p[0] < h and 0 <= p[1] < w and rows[p[0]][p[1]] != "#" and p not in visited:
                visited.append(p)
                todo.append((*p, d + 1))
    return -1


def maze_steps_rounds(rows: list[str]) -> int:
    free = {(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell == "."}
    goal = (len(rows) - 1, len(rows[0]) - 1)
    layer, steps = {(0, 0)}, 0
    while layer:
        if goal in layer:
            return steps
        free -= layer
        layer = {p for r, c in layer for p in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)) if p in free}
        steps += 1
    return -1


def maze_steps_relaxed(rows: list[str]) -> int:
    h, w = len(rows), len(rows[0])
    far = h * w
    dist = [[far] * w for _ in range(h)]
    dist[0][0] = 0
    changed = True
    while changed:
        changed = False
        for r in range(h):
            for c in range(w):
                if rows[r][c] == "#":
                    continue
                for a, b in ((r - 1, c), (r, c - 1), (r + 1, c), (r, c + 1)):
                    if 0 <= a < h and 0 <= b < w and dist[a][b] + 1 < dist[r][c]:
                        dist[r][c] = dist[a][b] + 1
                        changed = True
    return dist[-1][-1] if dist[-1][-1] < far else -1


def farm(n: int, random: Random) -> tuple[Any, ...]:
    side = 2 + math.isqrt(2 * n)
    return ([[int(random.random() < 0.55) for _ in range(side)] for _ in range(side)],)


def largest_field_stack(land: list[list[int]]) -> int:
    left = {(r, c) for r, row in enumerate(land) for c, x in enumerate(row) if x}
    best = 0
    while left:
        stack, size = [left.pop()], 0
        while stack:
            r, c = stack.pop()
            size += 1
            for p in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                if p in left:
                    left.remove(p)
                    stack.append(p)
        best = max(best, size)
    return best


def largest_field_seen_list(land):
    best, seen = 0, []
    for r in range(len(land)):
        for c in range(len(land[0])):
            if not land[r][c] or (r, c) in seen:
                continue
            size, stack = 0, [(r, c)]
            seen.append((r, c))
            while stack:
                i, j = stack.pop()
                size += 1
                for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                    if 0 <= a < len(land) and 0 <= b < len(land[0]) and land[a][b] and (a, b) not in seen:
                        seen.append((a, b))
                        stack.append((a, b))
            best = max(best, size)
    return best


def largest_field_joined(land: list[list[int]]) -> int:
    h, w = len(land), len(land[0])
    parent = list(range(h * w))
    size = [1] * (h * w)

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for r in range(h):
        for c in range(w):
            for a, b in ((r + 1, c), (r, c + 1)):
                if land[r][c] and a < h and b < w and land[a][b]:
                    i, j = root(r * w + c), root(a * w + b)
                    if i != j:
                        parent[i] = j
                        size[j] += size[i]
    return max((size[root(r * w + c)] for r in range(h) for c in range(w) if land[r][c]), default=0)


def largest_plot_brute(land: list[list[int]]) -> int:
    best = 0
    for r in range(len(land)):
        for c in range(len(land[0])):
            k = best + 1
            while r + k <= len(land) and c + k <= len(land[0]) and all(all(row[c : c + k]) for row in land[r : r + k]):
                best = k
                k += 1
    return best


def largest_plot_table(land: list[list[int]]) -> int:
    side = [[0] * (len(land[0]) + 1) for _ in range(len(land) + 1)]
    for r, row in enumerate(land, 1):
        for c, x in enumerate(row, 1):
            if x:
                side[r][c] = 1 + min(side[r - 1][c], side[r][c - 1], side[r - 1][c - 1])
    return max(max(row) for row in side)


def largest_plot_rows(land):
    best, above = 0, [0] * len(land[0])
    for row in land:
        now = []
        for c in range(len(row)):
            if not row[c]:
                now.append(0)
            elif c == 0:
                now.append(1)
            else:
                now.append(1 + min(now[c - 1], above[c], above[c - 1]))
        best = max(best, *now)
        above = now
    return best


def heights(n: int, random: Random) -> tuple[Any, ...]:
    return ([[random.randrange(n * 3) for _ in range(n)] for _ in range(n)],)


def low_high_cells_rescanned(m: list[list[int]]) -> int:
    found = 0
    for r in range(len(m)):
        for c in range(len(m[0])):
            if m[r][c] == min(m[r]) or m[r][c] == max(row[c] for row in m):
                found += 1
    return found


def low_high_cells_prepared(m: list[list[int]]) -> int:
    lows = [min(row) for row in m]
    highs = [max(column) for column in zip(*m, strict=True)]
    return sum(x in (lows[r], highs[c]) for r, row in enumerate(m) for c, x in enumerate(row))


def low_high_cells_sorted(m):
    cols = [[row[c] for row in m] for c in range(len(m[0]))]
    total = 0
    for row in m:
        for c, x in enumerate(row):
            if sorted(row)[0] == x or sorted(cols[c])[-1] == x:
                total += 1
    return total


def flipped_zip(m: list[list[int]]) -> list[list[int]]:
    return [list(column) for column in zip(*m, strict=True)]


def flipped_index(m: list[list[int]]) -> list[list[int]]:
    return [[m[r][c] for r in range(len(m))] for c in range(len(m[0]))]


def flipped_growing(m):
    out = [[] for _ in m[0]]
    for row in m:
        for c, x in enumerate(row):
            out[c] = out[c] + [x]
    return out


def flipped_swapping(m: list[list[int]]) -> list[list[int]]:
    out = [row[:] for row in m]
    for r in range(len(out)):
        for c in range(r):
            out[r][c], out[c][r] = out[c][r], out[r][c]
    return out


def slants_filtered(m: list[list[int]]) -> list[list[int]]:
    n = len(m)
    return [[m[r][c] for r in range(n) for c in range(n) if r + c == s] for s in range(2 * n - 1)]


def slants_grouped(m: list[list[int]]) -> list[list[int]]:
    lines: dict[int, list[int]] = {}
    for r, row in enumerate(m):
        for c, x in enumerate(row):
            lines.setdefault(r + c, []).append(x)
    return [lines[s] for s in sorted(lines)]


def slants_walked(m):
    n = len(m)
    out = []
    for s in range(2 * n - 1):
        line = []
        r = max(0, s - n + 1)
        while r < n and r <= s:
            line.append(m[r][s - r])
            r += 1
        out.append(line)
    return out


def ordered_square(n: int, random: Random) -> tuple[Any, ...]:
    return [[(r + c) * 2 for c in range(n)] for r in range(n)], 2 * n + 1


def in_square_scanned(m: list[list[int]], x: int) -> bool:
    return any(x == value for row in m for value in row)


def in_square_rows_bisected(m: list[list[int]], x: int) -> bool:
    for row in m:
        i = bisect_left(row, x)
        if i < len(row) and row[i] == x:
            return True
    return bool(m) and m[0][0] == x


def in_square_stairs(m, x):
    r, c = 0, len(m[0]) - 1
    while r < len(m) and c >= 0:
        if m[r][c] == x:
            return True
        if m[r][c] > x:
            c -= 1
        else:
            r += 1
    return False


def small_square(n: int, random: Random) -> tuple[Any, ...]:
    size = min(n, 1 + n.bit_length() * 2 // 3 + n // 1000)
    return ([[random.randrange(-5, 6) for _ in range(size)] for _ in range(size)],)


def determinant_minors(m: list[list[int]]) -> int:
    if len(m) == 1:
        return m[0][0]
    total = 0
    for c, x in enumerate(m[0]):
        minor = [row[:c] + row[c + 1 :] for row in m[1:]]
        total += (-1) ** c * x * determinant_minors(minor)
    return total


def determinant_rational(m: list[list[int]]) -> Fraction:
    a = [[Fraction(x) for x in row] for row in m]
    result = Fraction(1)
    for k in range(len(a)):
        pivot = next((r for r in range(k, len(a)) if a[r][k]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != k:
            a[k], a[pivot] = a[pivot], a[k]
            result = -result
        result *= a[k][k]
        for r in range(k + 1, len(a)):
            factor = a[r][k] / a[k][k]
            a[r] = [x - factor * y for x, y in zip(a[r], a[k], strict=True)]
    return result


def determinant_whole(m):
    a = [row[:] for row in m]
    sign, before = 1, 1
    for k in range(len(a) - 1):
        if a[k][k] == 0:
            for r in range(k + 1, len(a)):
                if a[r][k]:
                    a[k], a[r] = a[r], a[k]
                    sign = -sign
                    break
            else:
                return 0
        for i in range(k + 1, len(a)):
            for j in range(k + 1, len(a)):
                a[i][j] = (a[i][j] * a[k][k] - a[i][k] * a[k][j]) // before
        before = a[k][k]
    return sign * a[-1][-1]


FAMILIES = [
    Family("maze-steps", maze, (maze_steps_queue, maze_steps_list, maze_steps_rounds, maze_steps_relaxed), 100_000),
    Family("largest-field", farm, (largest_field_stack, largest_field_seen_list, largest_field_joined), 100_000),
    Family("largest-plot", farm, (largest_plot_brute, largest_plot_table, largest_plot_rows)),
    Family("low-high-cells", heights, (low_high_cells_rescanned, low_high_cells_prepared, low_high_cells_sorted), 1_000),
    Family("flipped-square", heights, (flipped_zip, flipped_index, flipped_growing, flipped_swapping), 1_000),
    Family("slants", heights, (slants_filtered, slants_grouped, slants_walked), 1_000),
    Family("in-square", ordered_square, (in_square_scanned, in_square_rows_bisected, in_square_stairs), 1_000),
    Family("small-determinants", small_square, (determinant_minors, determinant_rational, determinant_whole), 30_000),
]
