"""Graphs, grids and trees."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def graph(n: int, random: Random) -> tuple[Any, ...]:
    return ({node: [random.randrange(n) for _ in range(4)] for node in range(n)},)


def reachable(edges: dict[int, list[int]]) -> int:
    seen = {0}
    queue = deque([0])
    while queue:
        for other in edges[queue.popleft()]:
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return len(seen)


def reachable_by_list(edges: dict[int, list[int]]) -> int:
    seen = [0]
    for node in seen:
        for other in edges[node]:
            if other not in seen:
                seen.append(other)
    return len(seen)


def has_cycle(edges: dict[int, list[int]]) -> bool:
    state: dict[int, int] = {}
    for start in edges:
        if start in state:
            continue
        stack = [(start, iter(edges[start]))]
        state[start] = 1
        while stack:
            node, rest = stack[-1]
            for other in rest:
                if state.get(other) == 1:
                    continue
                if other not in state:
                    state[other] = 1
                    stack.append((other, iter(edges[other])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return False


def components(edges: dict[int, list[int]]) -> int:
    parent = {node: node for node in edges}

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for node, others in edges.items():
        for other in others:
            parent[find(node)] = find(other)
    return sum(1 for node in edges if find(node) == node)


def triangles(edges: dict[int, list[int]]) -> int:
    sets = {node: set(others) for node, others in edges.items()}
    return sum(1 for a in sets for b in sets[a] for c in sets[b] if a in sets[c])


def triangles_by_triples(edges: dict[int, list[int]]) -> int:
    nodes = list(edges)
    count = 0
    for a in nodes:
        for b in nodes:
            for c in nodes:
                if b in edges[a] and c in edges[b] and a in edges[c]:
                    count += 1
    return count


def page_ranks(edges: dict[int, list[int]]) -> dict[int, float]:
    ranks = dict.fromkeys(edges, 1.0 / len(edges))
    for _ in range(20):
        fresh: dict[int, float] = defaultdict(float)
        for node, others in edges.items():
            for other in others:
                fresh[other] += 0.85 * ranks[node] / len(others)
        ranks = {node: fresh[node] + 0.15 / len(edges) for node in edges}
    return ranks


def weighted(n: int, random: Random) -> tuple[Any, ...]:
    return ({node: {random.randrange(n): random.randrange(1, 50) for _ in range(4)} for node in range(n)},)


def distances(edges: dict[int, dict[int, int]]) -> dict[int, int]:
    best = {0: 0}
    heap = [(0, 0)]
    while heap:
        far, node = heapq.heappop(heap)
        if far > best[node]:
            continue
        for other, weight in edges[node].items():
            if far + weight < best.get(other, 1 << 60):
                best[other] = far + weight
                heapq.heappush(heap, (far + weight, other))
    return best


def distances_by_scan(edges: dict[int, dict[int, int]]) -> dict[int, int]:
    best = dict.fromkeys(edges, 1 << 60)
    best[0] = 0
    open_nodes = set(edges)
    while open_nodes:
        node = min(open_nodes, key=lambda candidate: best[candidate])
        open_nodes.remove(node)
        for other, weight in edges[node].items():
            best[other] = min(best[other], best[node] + weight)
    return best


def distances_by_rounds(edges: dict[int, dict[int, int]]) -> dict[int, int]:
    best = dict.fromkeys(edges, 1 << 60)
    best[0] = 0
    for _ in range(len(edges) - 1):
        changed = False
        for node, others in edges.items():
            for other, weight in others.items():
                if best[node] + weight < best[other]:
                    best[other] = best[node] + weight
                    changed = True
        if not changed:
            break
    return best


def all_distances(edges: dict[int, dict[int, int]]) -> list[list[int]]:
    n = len(edges)
    table = [[0 if i == j else edges[i].get(j, 1 << 40) for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(n):
            through = table[i][k]
            for j in range(n):
                if through + table[k][j] < table[i][j]:
                    table[i][j] = through + table[k][j]
    return table


def grid(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round(n**0.5))
    return ([[int(random.random() < 0.3) for _ in range(side)] for _ in range(side)],)


def islands(cells: list[list[int]]) -> int:
    cells = [row[:] for row in cells]
    count = 0
    for i in range(len(cells)):
        for j in range(len(cells[0])):
            if cells[i][j]:
                count += 1
                stack = [(i, j)]
                while stack:
                    a, b = stack.pop()
                    if 0 <= a < len(cells) and 0 <= b < len(cells[0]) and cells[a][b]:
                        cells[a][b] = 0
                        stack += [(a + 1, b), (a - 1, b), (a, b + 1), (a, b - 1)]
    return count


def next_generation(cells: list[list[int]]) -> list[list[int]]:
    height, width = len(cells), len(cells[0])
    out = [[0] * width for _ in range(height)]
    for i in range(height):
        for j in range(width):
            alive = sum(cells[(i + a) % height][(j + b) % width] for a in (-1, 0, 1) for b in (-1, 0, 1)) - cells[i][j]
            out[i][j] = int(alive == 3 or (alive == 2 and cells[i][j]))
    return out


def shortest_way(cells: list[list[int]]) -> int:
    height, width = len(cells), len(cells[0])
    queue = deque([(0, 0, 0)])
    seen = {(0, 0)}
    while queue:
        i, j, steps = queue.popleft()
        if (i, j) == (height - 1, width - 1):
            return steps
        for a, b in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            if 0 <= a < height and 0 <= b < width and not cells[a][b] and (a, b) not in seen:
                seen.add((a, b))
                queue.append((a, b, steps + 1))
    return -1


def turned(cells: list[list[int]]) -> list[list[int]]:
    return [list(row) for row in zip(*cells[::-1], strict=True)]


def turned_by_index(cells: list[list[int]]) -> list[list[int]]:
    return [[cells[len(cells) - 1 - i][j] for i in range(len(cells))] for j in range(len(cells[0]))]


def spiral(cells: list[list[int]]) -> list[int]:
    out: list[int] = []
    rows = [row[:] for row in cells]
    while rows:
        out += rows.pop(0)
        rows = [list(row) for row in zip(*rows, strict=True)][::-1]
    return out


def window_sums(cells: list[list[int]]) -> list[list[int]]:
    height, width = len(cells), len(cells[0])
    table = [[0] * (width + 1) for _ in range(height + 1)]
    for i in range(height):
        for j in range(width):
            table[i + 1][j + 1] = cells[i][j] + table[i][j + 1] + table[i + 1][j] - table[i][j]
    return table


def tree(n: int, random: Random) -> tuple[Any, ...]:
    nodes: list[dict[str, Any]] = [{"value": random.randrange(n), "children": []} for _ in range(n)]
    for i in range(1, n):
        nodes[(i - 1) // 3]["children"].append(nodes[i])
    return (nodes[0],)


def depth(root: dict[str, Any]) -> int:
    return 1 + max((depth(child) for child in root["children"]), default=0)


def total(root: dict[str, Any]) -> int:
    stack, amount = [root], 0
    while stack:
        node = stack.pop()
        amount += node["value"]
        stack.extend(node["children"])
    return amount


def levels(root: dict[str, Any]) -> list[list[int]]:
    out, row = [], [root]
    while row:
        out.append([node["value"] for node in row])
        row = [child for node in row for child in node["children"]]
    return out


def paths(root: dict[str, Any]) -> list[list[int]]:
    if not root["children"]:
        return [[root["value"]]]
    return [[root["value"], *path] for child in root["children"] for path in paths(child)]


FAMILIES = [
    Family("reaching", graph, (reachable, reachable_by_list, has_cycle, components)),
    Family("triangles", graph, (triangles, triangles_by_triples)),
    Family("page-ranks", graph, (page_ranks,), 30_000),
    Family("distances", weighted, (distances, distances_by_scan, distances_by_rounds, all_distances), 30_000),
    Family("grids", grid, (islands, next_generation, shortest_way, window_sums)),
    Family("turning", grid, (turned, turned_by_index, spiral)),
    Family("trees", tree, (depth, total, levels, paths), 30_000),
]
