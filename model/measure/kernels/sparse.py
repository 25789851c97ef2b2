"""Sparse matrices as dictionaries, Laplacians, scatter and gather, outer products, bit matrices and permutations."""

from __future__ import annotations

import itertools
from collections import defaultdict
from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family

Entries = dict[tuple[int, int], float]


def entries_and_vector(n: int, random: Random) -> tuple[Any, ...]:
    entries = {(random.randrange(n), random.randrange(n)): random.random() for _ in range(3 * n)}
    return entries, [random.random() for _ in range(n)]


def sparse_times_vector(entries: Entries, v: list[float]) -> list[float]:
    out = [0.0] * len(v)
    for (i, j), weight in entries.items():
        out[i] += weight * v[j]
    return out


def sparse_times_vector_all_cells(entries: Entries, v: list[float]) -> list[float]:
    return [sum(entries.get((i, j), 0.0) * x for j, x in enumerate(v)) for i in range(len(v))]


def sparse_times_vector_scan_per_row(entries: Entries, v: list[float]) -> list[float]:
    out = []
    for row in range(len(v)):
        out.append(sum(weight * v[j] for (i, j), weight in entries.items() if i == row))
    return out


def sparse_times_vector_dense(entries: Entries, v: list[float]) -> Any:
    dense = np.zeros((len(v), len(v)))
    for (i, j), weight in entries.items():
        dense[i, j] = weight
    return dense @ np.array(v)


def sparse_times_vector_scattered(entries: Entries, v: list[float]) -> Any:
    at = np.array(list(entries), dtype=np.int64)
    weights = np.fromiter(entries.values(), dtype=float, count=len(entries))
    return np.bincount(at[:, 0], weights=weights * np.array(v)[at[:, 1]], minlength=len(v))


def bags_of_terms(n: int, random: Random) -> tuple[Any, ...]:
    def bag(k: int) -> dict[str, float]:
        return {f"term{random.randrange(2 * n)}": random.random() for _ in range(k)}

    return bag(n), bag(max(2, n // 20))


def cosine_smaller_first(a: dict[str, float], b: dict[str, float]) -> float:
    if len(a) > len(b):
        a, b = b, a
    return sum(w * b[t] for t, w in a.items() if t in b)


def cosine_over_union(a: dict[str, float], b: dict[str, float]) -> float:
    total = 0.0
    for term in set(a) | set(b):
        total += a.get(term, 0.0) * b.get(term, 0.0)
    return total


def cosine_nested_items(a: dict[str, float], b: dict[str, float]) -> float:
    return sum(u * w for s, u in a.items() for t, w in b.items() if s == t)


def cosine_shared_keys(a: dict[str, float], b: dict[str, float]) -> float:
    return sum(a[t] * b[t] for t in a.keys() & b.keys())


def cosine_aligned_vectors(a: dict[str, float], b: dict[str, float]) -> float:
    vocabulary = sorted({*a, *b})
    u = np.array([a.get(t, 0.0) for t in vocabulary])
    w = np.array([b.get(t, 0.0) for t in vocabulary])
    return float(u @ w)


def edges_of_graph(n: int, random: Random) -> tuple[Any, ...]:
    edges = {(random.randrange(n), random.randrange(n)) for _ in range(2 * n)}
    return n, sorted((a, b) for a, b in edges if a < b)


def smoothness_of_edges(n: int, edges: list[tuple[int, int]]) -> float:
    return float(sum((a * a % 7 - b * b % 7) ** 2 for a, b in edges))


def smoothness_by_laplacian(n: int, edges: list[tuple[int, int]]) -> float:
    lap = np.zeros((n, n))
    for a, b in edges:
        lap[a, b] -= 1
        lap[b, a] -= 1
        lap[a, a] += 1
        lap[b, b] += 1
    f = np.array([k * k % 7 for k in range(n)], dtype=float)
    return float(f @ lap @ f)


def smoothness_by_incidence(n: int, edges: list[tuple[int, int]]) -> float:
    incidence = np.array([[(k == a) - (k == b) for k in range(n)] for a, b in edges]).reshape(-1, n)
    f = np.arange(n) ** 2 % 7
    return float(((incidence @ f) ** 2).sum())


def smoothness_gathered(n: int, edges: list[tuple[int, int]]) -> float:
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    f = np.arange(n) ** 2 % 7
    return float(((f[ends[:, 0]] - f[ends[:, 1]]) ** 2).sum())


def labels_and_amounts(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.integers(0, max(2, n // 20), n), rng.integers(1, 100, n).astype(np.float64), max(2, n // 20)


def scatter_bincount(labels: np.ndarray, amounts: np.ndarray, k: int) -> np.ndarray:
    return np.bincount(labels, weights=amounts, minlength=k)


def scatter_add_at(labels: np.ndarray, amounts: np.ndarray, k: int) -> np.ndarray:
    out = np.zeros(k)
    np.add.at(out, labels, amounts)
    return out


def scatter_mask_per_label(labels: np.ndarray, amounts: np.ndarray, k: int) -> np.ndarray:
    return np.array([amounts[labels == g].sum() for g in range(k)])


def scatter_scalar_loop(labels: np.ndarray, amounts: np.ndarray, k: int) -> list[float]:
    out = [0.0] * k
    for i in range(len(labels)):
        out[labels[i]] += amounts[i]
    return out


def scatter_one_hot(labels: np.ndarray, amounts: np.ndarray, k: int) -> Any:
    return (labels[None, :] == np.arange(k)[:, None]).astype(float) @ amounts


def scatter_sorted_segments(labels: np.ndarray, amounts: np.ndarray, k: int) -> np.ndarray:
    order = np.argsort(labels, kind="stable")
    running = np.concatenate(([0.0], np.cumsum(amounts[order])))
    marks = np.searchsorted(labels[order], np.arange(k + 1))
    return np.diff(running[marks])


def relation(n: int, random: Random) -> tuple[Any, ...]:
    related = np.random.default_rng(random.randrange(1 << 30)).random((n, n)) < 1.5 / n
    return (related,)


def closure_rows_or(related: Any) -> int:
    reach = related.copy()
    for k in range(len(reach)):
        reach |= reach[:, k : k + 1] & reach[k]
    return int(reach.sum())


def closure_triple_loop(related: Any) -> int:
    n = len(related)
    reach = related.tolist()
    for k in range(n):
        for i in range(n):
            if reach[i][k]:
                for j in range(n):
                    if reach[k][j]:
                        reach[i][j] = True
    return sum(map(sum, reach))


def closure_int_rows(related: Any) -> int:
    rows = [int("".join("1" if bit else "0" for bit in row), 2) for row in related.tolist()]
    top = len(rows) - 1
    for k in range(len(rows)):
        for i in range(len(rows)):
            if rows[i] >> (top - k) & 1:
                rows[i] |= rows[k]
    return sum(row.bit_count() for row in rows)


def closure_squaring(related: Any) -> int:
    reach = related.astype(np.float32)
    while True:
        wider = np.minimum(reach + reach @ reach, 1.0)
        if (wider == reach).all():
            return int(reach.sum())
        reach = wider


def closure_searches(related: Any) -> int:
    out = [np.flatnonzero(row).tolist() for row in related]
    total_reached = 0
    for start in range(len(out)):
        seen: set[int] = set()
        stack = list(out[start])
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(out[node])
        total_reached += len(seen)
    return total_reached


def baskets(n: int, random: Random) -> tuple[Any, ...]:
    return [sorted(random.sample(range(30), random.randrange(1, 7))) for _ in range(n)], 30


def together_pairs(orders: list[list[int]], items: int) -> list[list[int]]:
    table = [[0] * items for _ in range(items)]
    for order in orders:
        for a, b in itertools.permutations(order, 2):
            table[a][b] += 1
    return table


def together_asking_every_pair(orders: list[list[int]], items: int) -> list[list[int]]:
    return [[sum(a in o and b in o for o in orders) if a != b else 0 for b in range(items)] for a in range(items)]


def together_matrix_product(orders: list[list[int]], items: int) -> Any:
    bought = np.zeros((len(orders), items), dtype=np.int64)
    for row, order in enumerate(orders):
        bought[row, order] = 1
    counts = bought.T @ bought
    np.fill_diagonal(counts, 0)
    return counts


def together_dictionary(orders: list[list[int]], items: int) -> list[list[int]]:
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for order in orders:
        for pair in itertools.combinations(order, 2):
            counts[pair] += 1
    return [[counts.get((min(a, b), max(a, b)), 0) for b in range(items)] for a in range(items)]


def permutation_and_power(n: int, random: Random) -> tuple[Any, ...]:
    order = list(range(n))
    random.shuffle(order)
    return order, 2 * n + 1


def permute_repeatedly(order: list[int], times: int) -> list[int]:
    state = list(range(len(order)))
    for _ in range(times):
        state = [order[i] for i in state]
    return state


def permute_gathering(order: list[int], times: int) -> list[int]:
    p = np.array(order)
    state = np.arange(len(p))
    for _ in range(times):
        state = p[state]
    return [int(i) for i in state]


def permute_squaring(order: list[int], times: int) -> list[int]:
    state = list(range(len(order)))
    while times:
        if times & 1:
            state = [order[i] for i in state]
        order = [order[i] for i in order]
        times >>= 1
    return state


def permute_cycles(order: list[int], times: int) -> list[int]:
    state = [-1] * len(order)
    for start in range(len(order)):
        if state[start] < 0:
            cycle = [start]
            while order[cycle[-1]] != start:
                cycle.append(order[cycle[-1]])
            for k, i in enumerate(cycle):
                state[i] = cycle[(k + times) % len(cycle)]
    return state


def rating_factors(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.random((n, 8)), rng.random((max(2, n // 2), 8))


def score_total_matmul(users: Any, goods: Any) -> float:
    return float((users @ goods.T).sum())


def score_total_einsum(users: Any, goods: Any) -> float:
    return float(np.einsum("uk,gk->", users, goods))


def score_total_factored(users: Any, goods: Any) -> float:
    return float(users.sum(axis=0) @ goods.sum(axis=0))


def score_total_outer_products(users: Any, goods: Any) -> float:
    return float(sum(np.outer(users[:, k], goods[:, k]).sum() for k in range(users.shape[1])))


def score_total_row_pairs(users: Any, goods: Any) -> float:
    s = 0.0
    for u in users:
        for g in goods:
            s += u @ g
    return float(s)


FAMILIES = [
    Family(
        "sparse-times-vector",
        entries_and_vector,
        (
            sparse_times_vector,
            sparse_times_vector_all_cells,
            sparse_times_vector_scan_per_row,
            sparse_times_vector_dense,
            sparse_times_vector_scattered,
        ),
        3_000,
    ),
    Family(
        "sparse-cosine",
        bags_of_terms,
        (cosine_smaller_first, cosine_over_union, cosine_nested_items, cosine_shared_keys, cosine_aligned_vectors),
        100_000,
    ),
    Family(
        "smoothness",
        edges_of_graph,
        (smoothness_of_edges, smoothness_by_laplacian, smoothness_by_incidence, smoothness_gathered),
        1_000,
    ),
    Family(
        "scattering",
        labels_and_amounts,
        (scatter_bincount, scatter_add_at, scatter_mask_per_label, scatter_scalar_loop, scatter_one_hot, scatter_sorted_segments),
        10_000,
    ),
    Family("closure", relation, (closure_rows_or, closure_triple_loop, closure_int_rows, closure_squaring, closure_searches), 1_000),
    Family(
        "bought-together",
        baskets,
        (together_pairs, together_asking_every_pair, together_matrix_product, together_dictionary),
        100_000,
    ),
    Family("permuting", permutation_and_power, (permute_repeatedly, permute_gathering, permute_squaring, permute_cycles), 100_000),
    Family(
        "score-totals",
        rating_factors,
        (score_total_matmul, score_total_einsum, score_total_factored, score_total_outer_products, score_total_row_pairs),
        3_000,
    ),
]
