"""Arrays: the same arithmetic in NumPy and in plain Python."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family


def vectors(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.standard_normal(n), rng.standard_normal(n)


def dot(a: Any, b: Any) -> Any:
    return a @ b


def dot_loop(a: Any, b: Any) -> Any:
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def dot_of_lists(a: Any, b: Any) -> Any:
    return sum(x * y for x, y in zip(a.tolist(), b.tolist(), strict=True))


def distance_matrix(a: Any, b: Any) -> Any:
    return np.abs(a[:, None] - b[None, :])


def normalised(a: Any, b: Any) -> Any:
    return (a - a.mean()) / (a.std() + 1e-9) + b


def softmax(a: Any, b: Any) -> Any:
    e = np.exp(a + b - (a + b).max())
    return e / e.sum()


def correlation(a: Any, b: Any) -> Any:
    return np.corrcoef(a, b)[0, 1]


def sorted_values(a: Any, b: Any) -> Any:
    return np.sort(np.concatenate((a, b)))


def histogram(a: Any, b: Any) -> Any:
    return np.histogram(a + b, bins=50)[0]


def cumulative(a: Any, b: Any) -> Any:
    return np.cumsum(a * b)


def grown(a: Any, b: Any) -> Any:
    out = np.zeros(0)
    for value in a:
        out = np.append(out, value)
    return out + b


def filled(a: Any, b: Any) -> Any:
    out = np.empty(len(a))
    for i, value in enumerate(a):
        out[i] = value
    return out + b


def transformed(a: Any, b: Any) -> Any:
    return np.fft.rfft(a) * np.fft.rfft(b)


def convolved(a: Any, b: Any) -> Any:
    return np.convolve(a, b)


def clipped_loop(a: Any, b: Any) -> Any:
    return [min(max(x, -1.0), 1.0) + y for x, y in zip(a, b, strict=True)]


def clipped(a: Any, b: Any) -> Any:
    return np.clip(a, -1.0, 1.0) + b


def squares(n: int, random: Random) -> tuple[Any, ...]:
    side = max(2, round(n**0.5))
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.standard_normal((side, side)), rng.standard_normal((side, side))


def product(a: Any, b: Any) -> Any:
    return a @ b


def product_loop(a: Any, b: Any) -> Any:
    n = len(a)
    out = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                out[i][j] += a[i][k] * b[k][j]
    return out


def product_of_lists(a: Any, b: Any) -> Any:
    rows, columns = a.tolist(), list(zip(*b.tolist(), strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in rows]


def solved(a: Any, b: Any) -> Any:
    return np.linalg.solve(a + len(a) * np.eye(len(a)), b)


def inverse(a: Any, b: Any) -> Any:
    return np.linalg.inv(a + len(a) * np.eye(len(a))) @ b


def decomposed(a: Any, b: Any) -> Any:
    return np.linalg.svd(a + b, compute_uv=False)


def eigenvalues(a: Any, b: Any) -> Any:
    return np.linalg.eigvalsh(a @ a.T + b @ b.T)


def largest_eigenvalue(a: Any, b: Any) -> Any:
    m = a @ a.T
    v = b[0]
    for _ in range(20):
        v = m @ v
        v = v / np.linalg.norm(v)
    return v @ m @ v


def heat_step(a: Any, b: Any) -> Any:
    out = a.copy()
    out[1:-1, 1:-1] = (a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]) / 4 + b[1:-1, 1:-1]
    return out


def heat_step_loop(a: Any, b: Any) -> Any:
    out = a.copy()
    for i in range(1, len(a) - 1):
        for j in range(1, len(a) - 1):
            out[i, j] = (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1]) / 4 + b[i, j]
    return out


def row_means(a: Any, b: Any) -> Any:
    return (a + b).mean(axis=1)


def row_means_loop(a: Any, b: Any) -> Any:
    return np.array([row.mean() for row in a + b])


def layer_norm(a: Any, b: Any) -> Any:
    mean = a.mean(axis=-1, keepdims=True)
    var = ((a - mean) ** 2).mean(axis=-1, keepdims=True)
    return (a - mean) / np.sqrt(var + 1e-5) * b


def masked_sum(a: Any, b: Any) -> Any:
    return np.where(a > 0, a * b, 0.0).sum()


def points(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return rng.standard_normal((n, 3)), rng.standard_normal((8, 3))


def nearest_centres(pts: Any, centres: Any) -> Any:
    return ((pts[:, None, :] - centres[None, :, :]) ** 2).sum(-1).argmin(1)


def nearest_centres_loop(pts: Any, centres: Any) -> Any:
    out = []
    for p in pts:
        distances = [float(((p - c) ** 2).sum()) for c in centres]
        out.append(distances.index(min(distances)))
    return out


def centred_twice(pts: Any, centres: Any) -> Any:
    for _ in range(5):
        labels = ((pts[:, None, :] - centres[None, :, :]) ** 2).sum(-1).argmin(1)
        centres = np.stack([pts[labels == k].mean(0) if (labels == k).any() else centres[k] for k in range(len(centres))])
    return centres


def pair_distances(pts: Any, centres: Any) -> Any:
    return np.sqrt(((pts[:, None, :] - pts[None, :, :]) ** 2).sum(-1)) + len(centres)


def covariance(pts: Any, centres: Any) -> Any:
    moved = pts - pts.mean(0)
    return moved.T @ moved / len(pts) + centres.T @ centres


FAMILIES = [
    Family("dot-products", vectors, (dot, dot_loop, dot_of_lists)),
    Family("vector-arithmetic", vectors, (normalised, softmax, correlation, cumulative, clipped, clipped_loop, histogram, sorted_values)),
    Family("differences", vectors, (distance_matrix,), 3_000),
    Family("growing-arrays", vectors, (grown, filled)),
    Family("spectra", vectors, (transformed, convolved), 100_000),
    Family("matrix-products", squares, (product, product_loop, product_of_lists)),
    Family("linear-algebra", squares, (solved, inverse, decomposed, eigenvalues, largest_eigenvalue)),
    Family("heat", squares, (heat_step, heat_step_loop)),
    Family("rows", squares, (row_means, row_means_loop, layer_norm, masked_sum)),
    Family("centres", points, (nearest_centres, nearest_centres_loop, centred_twice, covariance)),
    Family("pairs-of-points", points, (pair_distances,), 3_000),
]
