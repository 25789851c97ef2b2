"""Small steps of machine learning: encodings, neighbours, clusters, gradients, splits and scores."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family


def category_column(n: int, random: Random) -> tuple[Any, ...]:
    return ([f"colour-{random.randrange(max(2, n // 10))}" for _ in range(n)],)


def one_hot_index_lookup(column: list[str]) -> list[list[int]]:
    levels_found = sorted(set(column))
    out = []
    for cell in column:
        row = [0] * len(levels_found)
        row[levels_found.index(cell)] = 1
        out.append(row)
    return out


def one_hot_identity_rows(column: list[str]) -> Any:
    _, codes = np.unique(column, return_inverse=True)
    return np.eye(codes.max() + 1, dtype=np.int8)[codes]


def one_hot_comparing(column: list[str]) -> list[list[int]]:
    return [[int(cell == level) for level in sorted(set(column))] for cell in column]


def one_hot_scattered(column: list[str]) -> Any:
    code = {level: k for k, level in enumerate(sorted(set(column)))}
    encoded_rows = np.zeros((len(column), len(code)), dtype=np.int8)
    encoded_rows[np.arange(len(column)), [code[cell] for cell in column]] = 1
    return encoded_rows


def labelled_cloud(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.standard_normal((n, 4)), rng.integers(0, 3, n), rng.standard_normal((10, 4)), 3


def neighbours_vote_argsort(train: np.ndarray, labels: np.ndarray, queries: np.ndarray, k: int) -> list[int]:
    gaps = ((queries[:, None] - train[None]) ** 2).sum(-1)
    order = gaps.argsort(axis=1)[:, :k]
    return [int(np.bincount(labels[near]).argmax()) for near in order]


def neighbours_vote_partition(train: np.ndarray, labels: np.ndarray, queries: np.ndarray, k: int) -> list[int]:
    votes = []
    for q in queries:
        gaps = ((train - q) ** 2).sum(axis=1)
        near = np.argpartition(gaps, min(k, len(gaps)) - 1)[:k]
        votes.append(int(np.bincount(labels[near]).argmax()))
    return votes


def neighbours_vote_heap(train: np.ndarray, labels: np.ndarray, queries: np.ndarray, k: int) -> list[int]:
    rows, marks = train.tolist(), labels.tolist()
    votes = []
    for q in queries.tolist():
        near = heapq.nsmallest(k, range(len(rows)), key=lambda i: math.dist(rows[i], q))
        tally_of = Counter(marks[i] for i in near)
        votes.append(min(tally_of, key=lambda label: (-tally_of[label], label)))
    return votes


def neighbours_vote_selection(train: np.ndarray, labels: np.ndarray, queries: np.ndarray, k: int) -> list[int]:
    votes = []
    for q in queries:
        gaps = [float(np.linalg.norm(row - q)) for row in train]
        chosen: list[int] = []
        for _ in range(k):
            at = gaps.index(min(gaps))
            chosen.append(int(labels[at]))
            gaps[at] = math.inf
        votes.append(max(sorted(set(chosen)), key=chosen.count))
    return votes


def assigned_points(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    k = max(2, n // 30)
    groups = np.concatenate((np.arange(k), rng.integers(0, k, n)))
    return rng.standard_normal((len(groups), 3)), groups, k


def centroids_mask_each(rows: Any, groups: Any, k: int) -> Any:
    return np.stack([rows[groups == g].mean(axis=0) for g in range(k)])


def centroids_bincount(rows: Any, groups: Any, k: int) -> Any:
    sizes = np.bincount(groups, minlength=k)
    return np.column_stack([np.bincount(groups, weights=axis, minlength=k) / sizes for axis in rows.T])


def centroids_add_at(rows: Any, groups: Any, k: int) -> Any:
    sums = np.zeros((k, rows.shape[1]))
    sizes = np.zeros((k, 1))
    np.add.at(sums, groups, rows)
    np.add.at(sizes, groups, 1)
    return sums / sizes


def centroids_dict_of_rows(rows: Any, groups: Any, k: int) -> list[list[float]]:
    members: dict[int, list[list[float]]] = defaultdict(list)
    for row, g in zip(rows.tolist(), groups.tolist(), strict=True):
        members[g].append(row)
    return [[sum(axis) / len(axis) for axis in zip(*members[g], strict=True)] for g in range(k)]


def centroids_indicator_product(rows: Any, groups: Any, k: int) -> Any:
    indicator = (groups[None, :] == np.arange(k)[:, None]).astype(float)
    return indicator @ rows / indicator.sum(axis=1, keepdims=True)


def regression_data(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    x = rng.standard_normal((n, 5))
    return x, x @ np.arange(1.0, 6.0) + 0.1 * rng.standard_normal(n), 0.05, 8


def descend_vectorised(x: np.ndarray, y: np.ndarray, rate: float, epochs: int) -> np.ndarray:
    w = np.zeros(x.shape[1])
    for _ in range(epochs):
        w -= rate * 2 * x.T @ (x @ w - y) / len(y)
    return w


def descend_per_example(x: np.ndarray, y: np.ndarray, rate: float, epochs: int) -> np.ndarray:
    w = np.zeros(x.shape[1])
    for _ in range(epochs):
        grad = np.zeros_like(w)
        for row, wanted in zip(x, y, strict=True):
            grad += 2 * (row @ w - wanted) * row
        w = w - rate * grad / len(y)
    return w


def descend_plain_lists(x: np.ndarray, y: np.ndarray, rate: float, epochs: int) -> list[float]:
    rows, wanted = x.tolist(), y.tolist()
    w = [0.0] * len(rows[0])
    for _ in range(epochs):
        errors = [sum(a * b for a, b in zip(row, w, strict=True)) - t for row, t in zip(rows, wanted, strict=True)]
        w = [v - rate * 2 * sum(e * row[k] for e, row in zip(errors, rows, strict=True)) / len(rows) for k, v in enumerate(w)]
    return w


def descend_normal_form(x: np.ndarray, y: np.ndarray, rate: float, epochs: int) -> np.ndarray:
    gram, moment = x.T @ x / len(y), x.T @ y / len(y)
    w = np.zeros(len(moment))
    for _ in range(epochs):
        w = w - rate * 2 * (gram @ w - moment)
    return w


def feature_and_outcome(n: int, random: Random) -> tuple[Any, ...]:
    xs = [random.random() for _ in range(n)]
    return xs, [int(x + random.gauss(0, 0.3) > 0.5) for x in xs]


def best_split_rescanning(xs: list[float], ys: list[int]) -> float:
    best = math.inf
    for cut in sorted(xs):
        left = [y for x, y in zip(xs, ys, strict=True) if x <= cut]
        right = [y for x, y in zip(xs, ys, strict=True) if x > cut]
        impurity = sum(2 * sum(side) * (len(side) - sum(side)) / len(side) for side in (left, right) if side)
        best = min(best, impurity)
    return best


def best_split_sorted_prefix(xs: list[float], ys: list[int]) -> float:
    n, positives = len(xs), sum(ys)
    best = math.inf
    ones = 0
    for size, (_, y) in enumerate(sorted(zip(xs, ys, strict=True)), 1):
        ones += y
        impurity = 2 * ones * (size - ones) / size
        if size < n:
            impurity += 2 * (positives - ones) * (n - size - positives + ones) / (n - size)
        best = min(best, impurity)
    return best


def best_split_cumsum(xs: list[float], ys: list[int]) -> float:
    y = np.array(ys)[np.argsort(xs)]
    size = np.arange(1, len(y) + 1)
    ones = np.cumsum(y)
    rest, rest_ones = len(y) - size, ones[-1] - ones
    impurity = 2 * ones * (size - ones) / size + 2 * rest_ones * (rest - rest_ones) / np.maximum(rest, 1)
    return float(impurity.min())


def best_split_masks(xs: list[float], ys: list[int]) -> float:
    x, y = np.array(xs), np.array(ys)
    best = math.inf
    for cut in xs:
        total_impurity = 0.0
        for side in (y[x <= cut], y[x > cut]):
            if side.size:
                total_impurity += 2 * side.mean() * (1 - side.mean()) * side.size
        best = min(best, total_impurity)
    return best


def scores_and_truth(n: int, random: Random) -> tuple[Any, ...]:
    truth = [i % 3 == 0 for i in range(n)]
    return [random.gauss(1.0 if t else 0.0, 1.0) for t in truth], truth


def auc_every_pair(scores: list[float], truth: list[bool]) -> float:
    wins = pairs = 0
    for p, is_positive in zip(scores, truth, strict=True):
        if not is_positive:
            continue
        for q, other in zip(scores, truth, strict=True):
            if not other:
                wins += p > q
                pairs += 1
    return wins / pairs


def auc_by_ranks(scores: list[float], truth: list[bool]) -> float:
    ranked = sorted(zip(scores, truth, strict=True))
    good = sum(truth)
    rank_sum = sum(rank for rank, (_, t) in enumerate(ranked, 1) if t)
    return (rank_sum - good * (good + 1) / 2) / (good * (len(truth) - good))


def auc_broadcast(scores: list[float], truth: list[bool]) -> float:
    s, t = np.array(scores), np.array(truth)
    return float((s[t][:, None] > s[~t][None, :]).mean())


def auc_searchsorted(scores: list[float], truth: list[bool]) -> float:
    s, t = np.array(scores), np.array(truth)
    return float(np.searchsorted(np.sort(s[~t]), s[t]).mean() / (~t).sum())


def predictions(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.integers(0, 12, n), rng.integers(0, 12, n), 12


def confusion_loop(actual: Any, predicted: Any, classes: int) -> list[list[int]]:
    table_of = [[0] * classes for _ in range(classes)]
    for a, p in zip(actual, predicted, strict=True):
        table_of[a][p] += 1
    return table_of


def confusion_flat_codes(actual: Any, predicted: Any, classes: int) -> Any:
    return np.bincount(actual * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def confusion_mask_per_cell(actual: Any, predicted: Any, classes: int) -> Any:
    return np.array([[np.count_nonzero((actual == a) & (predicted == p)) for p in range(classes)] for a in range(classes)])


def confusion_counted_pairs(actual: Any, predicted: Any, classes: int) -> list[list[int]]:
    seen = Counter(zip(actual.tolist(), predicted.tolist(), strict=True))
    return [[seen[a, p] for p in range(classes)] for a in range(classes)]


def confusion_concatenating(actual: Any, predicted: Any, classes: int) -> Any:
    codes = np.array([], dtype=np.int64)
    for a, p in zip(actual, predicted, strict=True):
        codes = np.concatenate((codes, [a * classes + p]))
    return np.histogram(codes, bins=np.arange(classes * classes + 1))[0].reshape(classes, classes)


def logits_batch(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.standard_normal((n, 40)).astype(np.float32), rng.integers(0, 40, n), 5


def top_k_hits_argsort(logits: np.ndarray, wanted: np.ndarray, k: int) -> int:
    best = np.argsort(-logits, axis=1)[:, :k]
    return int((best == wanted[:, None]).any(axis=1).sum())


def top_k_hits_argpartition(logits: np.ndarray, wanted: np.ndarray, k: int) -> int:
    best = np.argpartition(logits, -k, axis=1)[:, -k:]
    return int(np.count_nonzero(best == wanted[:, None]))


def top_k_hits_counting_above(logits: np.ndarray, wanted: np.ndarray, k: int) -> int:
    own = logits[np.arange(len(logits)), wanted]
    return int(((logits > own[:, None]).sum(axis=1) < k).sum())


def top_k_hits_sorted_rows(logits: np.ndarray, wanted: np.ndarray, k: int) -> int:
    hits = 0
    for row, label in zip(logits.tolist(), wanted, strict=True):
        ranked = sorted(range(len(row)), key=lambda j: row[j], reverse=True)
        hits += label in ranked[:k]
    return hits


def heads(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    q, k, v = rng.standard_normal((3, n, 16))
    return q, k, v


def attend_matrix(q: Any, k: Any, v: Any) -> Any:
    s = q @ k.T / math.sqrt(q.shape[1])
    p = np.exp(s - s.max(axis=1, keepdims=True))
    return p @ v / p.sum(axis=1, keepdims=True)


def attend_query_loop(q: Any, k: Any, v: Any) -> Any:
    out = []
    for query in q:
        s = k @ query / math.sqrt(len(query))
        p = np.exp(s - s.max())
        out.append(p @ v / p.sum())
    return np.array(out)


def attend_running_softmax(q: Any, k: Any, v: Any) -> Any:
    highest = np.full(len(q), -np.inf)
    weight = np.zeros(len(q))
    acc = np.zeros_like(v)
    for key, value in zip(k, v, strict=True):
        s = q @ key / math.sqrt(len(key))
        new = np.maximum(highest, s)
        shrink, gain = np.exp(highest - new), np.exp(s - new)
        acc = acc * shrink[:, None] + gain[:, None] * value
        weight = weight * shrink + gain
        highest = new
    return acc / weight[:, None]


FAMILIES = [
    Family(
        "one-hot",
        category_column,
        (one_hot_index_lookup, one_hot_identity_rows, one_hot_comparing, one_hot_scattered),
        3_000,
    ),
    Family(
        "neighbours-vote",
        labelled_cloud,
        (neighbours_vote_argsort, neighbours_vote_partition, neighbours_vote_heap, neighbours_vote_selection),
        100_000,
    ),
    Family(
        "centroids",
        assigned_points,
        (centroids_mask_each, centroids_bincount, centroids_add_at, centroids_dict_of_rows, centroids_indicator_product),
        10_000,
    ),
    Family("descent", regression_data, (descend_vectorised, descend_per_example, descend_plain_lists, descend_normal_form), 100_000),
    Family("best-split", feature_and_outcome, (best_split_rescanning, best_split_sorted_prefix, best_split_cumsum, best_split_masks)),
    Family("auc", scores_and_truth, (auc_every_pair, auc_by_ranks, auc_broadcast, auc_searchsorted), 10_000),
    Family(
        "confusion",
        predictions,
        (confusion_loop, confusion_flat_codes, confusion_mask_per_cell, confusion_counted_pairs, confusion_concatenating),
        100_000,
    ),
    Family(
        "top-k-hits",
        logits_batch,
        (top_k_hits_argsort, top_k_hits_argpartition, top_k_hits_counting_above, top_k_hits_sorted_rows),
        100_000,
    ),
    Family("attention", heads, (attend_matrix, attend_query_loop, attend_running_softmax), 1_000),
]
