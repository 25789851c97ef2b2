"""Roots, integrals, steps of differential equations, interpolation, polynomials and small linear systems."""

# mypy: disallow-untyped-defs=False, disallow-incomplete-defs=False
# Scripts are often written without hints: some of these are too, so that the model sees both.

from __future__ import annotations

import bisect
import math
from fractions import Fraction
from functools import reduce
from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family


def panels(n: int, random: Random) -> tuple[Any, ...]:
    return 0.0, random.uniform(2.0, 3.0), n


def trapezoid_loop(a: float, b: float, n: int) -> float:
    h = (b - a) / n
    area = (math.exp(-a * a) + math.exp(-b * b)) / 2
    for i in range(1, n):
        x = a + i * h
        area += math.exp(-x * x)
    return area * h


def trapezoid_grid(a: float, b: float, n: int) -> float:
    x = np.linspace(a, b, n + 1)
    return float(np.trapezoid(np.exp(-x * x), x))


def trapezoid_appending(a: float, b: float, n: int) -> float:
    x = np.array([a])
    for _ in range(n):
        x = np.append(x, x[-1] + (b - a) / n)
    y = np.exp(-x * x)
    return float((y[0] / 2 + y[1:-1].sum() + y[-1] / 2) * (b - a) / n)


def trapezoid_halving(a: float, b: float, n: int) -> float:
    def f(x: float) -> float:
        return math.exp(-x * x)

    def strip(lo: int, hi: int) -> float:
        if hi - lo == 1:
            return (f(a + lo * (b - a) / n) + f(a + hi * (b - a) / n)) / 2
        middle = (lo + hi) // 2
        return strip(lo, middle) + strip(middle, hi)

    return strip(0, n) * (b - a) / n


def target_value(n: int, random: Random) -> tuple[Any, ...]:
    return (n**5 * 10**5 + random.randrange(n),)


def fifth_root_counting(value: int) -> int:
    root = 0
    while (root + 1) ** 5 <= value:
        root += 1
    return root


def fifth_root_bisection(value: int) -> int:
    low, high = 0, value
    while low < high:
        middle = (low + high + 1) // 2
        if middle**5 <= value:
            low = middle
        else:
            high = middle - 1
    return low


def fifth_root_newton(value: int) -> int:
    root = 1 << -(-value.bit_length() // 5)
    while True:
        better = (4 * root + value // root**4) // 5
        if better >= root:
            return root
        root = better


def fifth_root_strides(value: int) -> int:
    root, step = 0, 1
    while (root + step) ** 5 <= value:
        step *= 2
    while step:
        if (root + step) ** 5 <= value:
            root += step
        step //= 2
    return root


def population(n: int, random: Random) -> tuple[Any, ...]:
    return random.uniform(5.0, 20.0), 0.02, n


def logistic_euler_list(start, dt, steps):
    sizes = [start]
    for _ in range(steps):
        p = sizes[-1]
        sizes.append(p + dt * 0.8 * p * (1 - p / 500))
    return sizes


def logistic_euler_preallocated(start, dt, steps):
    p = np.zeros(steps + 1)
    p[0] = start
    for k in range(steps):
        p[k + 1] = p[k] + dt * 0.8 * p[k] * (1 - p[k] / 500)
    return p


def logistic_euler_growing(start, dt, steps):
    trajectory = np.array([start])
    for _ in range(steps):
        p = trajectory[-1]
        trajectory = np.append(trajectory, p + dt * 0.8 * p * (1 - p / 500))
    return trajectory


def logistic_euler_copying(start, dt, steps):
    path: tuple[Any, ...] = (start,)
    for _ in range(steps):
        path = (*path, path[-1] + dt * 0.8 * path[-1] * (1 - path[-1] / 500))
    return path


def chart_and_queries(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    xp = np.sort(rng.random(max(3, n // 3)))
    return rng.random(n), xp, np.cos(xp)


def lookup_interp(x: np.ndarray, xp: np.ndarray, fp: np.ndarray) -> Any:
    return np.interp(x, xp, fp)


def lookup_linear_search(x: np.ndarray, xp: np.ndarray, fp: np.ndarray) -> list[float]:
    out = []
    for q in x:
        if q <= xp[0] or q >= xp[-1]:
            out.append(fp[0] if q <= xp[0] else fp[-1])
            continue
        k = 1
        while xp[k] < q:
            k += 1
        out.append(fp[k - 1] + (fp[k] - fp[k - 1]) * (q - xp[k - 1]) / (xp[k] - xp[k - 1]))
    return out


def lookup_bisect_lists(x: np.ndarray, xp: np.ndarray, fp: np.ndarray) -> list[float]:
    knots, heights = xp.tolist(), fp.tolist()
    out = []
    for q in x.tolist():
        k = min(max(bisect.bisect_left(knots, q), 1), len(knots) - 1)
        share = min(1.0, max(0.0, (q - knots[k - 1]) / (knots[k] - knots[k - 1])))
        out.append(heights[k - 1] + share * (heights[k] - heights[k - 1]))
    return out


def lookup_hat_matrix(x: np.ndarray, xp: np.ndarray, fp: np.ndarray) -> Any:
    k = np.clip((x[:, None] > xp[None, :]).sum(axis=1), 1, len(xp) - 1)
    share = np.clip((x - xp[k - 1]) / (xp[k] - xp[k - 1]), 0.0, 1.0)
    return fp[k - 1] + share * (fp[k] - fp[k - 1])


def coefficients_and_grid(n: int, random: Random) -> tuple[Any, ...]:
    return [random.uniform(-1, 1) for _ in range(2 + n // 40)], np.linspace(-1.0, 1.0, n)


def evaluate_powers(coefs: list[float], x: np.ndarray) -> np.ndarray:
    return sum(c * x**k for k, c in enumerate(coefs)) + np.zeros(len(x))


def evaluate_horner(coefs: list[float], x: np.ndarray) -> np.ndarray:
    y = np.zeros_like(x)
    for c in reversed(coefs):
        y *= x
        y += c
    return y


def evaluate_vander(coefs: list[float], x: np.ndarray) -> Any:
    return np.vander(x, len(coefs), increasing=True) @ np.array(coefs)


def evaluate_point_by_point(coefs: list[float], x: np.ndarray) -> list[float]:
    return [reduce(lambda acc, c: acc * point + c, reversed(coefs), 0.0) for point in x.tolist()]


def three_diagonals(n: int, random: Random) -> tuple[Any, ...]:
    off = [random.uniform(-1, 1) for _ in range(n - 1)]
    return off, [random.uniform(3, 4) for _ in range(n)], [random.uniform(-5, 5) for _ in range(n)]


def tridiagonal_sweep(off: list[float], diag: list[float], rhs: list[float]) -> list[float]:
    d, b = diag[:], rhs[:]
    for i in range(1, len(d)):
        w = off[i - 1] / d[i - 1]
        d[i] -= w * off[i - 1]
        b[i] -= w * b[i - 1]
    x = [0.0] * len(d)
    x[-1] = b[-1] / d[-1]
    for i in range(len(d) - 2, -1, -1):
        x[i] = (b[i] - off[i] * x[i + 1]) / d[i]
    return x


def tridiagonal_dense(off: list[float], diag: list[float], rhs: list[float]) -> list[float]:
    m = np.diag(diag) + np.diag(off, 1) + np.diag(off, -1)
    return [float(v) for v in np.linalg.solve(m, np.array(rhs))]


def tridiagonal_elimination(off: list[float], diag: list[float], rhs: list[float]) -> list[float]:
    n = len(diag)
    m = [[0.0] * i + [diag[i]] + [0.0] * (n - i - 1) + [rhs[i]] for i in range(n)]
    for i, w in enumerate(off):
        m[i][i + 1] = m[i + 1][i] = w
    for p in range(n):
        for r in range(p + 1, n):
            ratio = m[r][p] / m[p][p]
            if ratio:
                m[r] = [u - ratio * v for u, v in zip(m[r], m[p], strict=True)]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (m[i][n] - sum(m[i][k] * x[k] for k in range(i + 1, n))) / m[i][i]
    return x


def tridiagonal_jacobi(off: list[float], diag: list[float], rhs: list[float]) -> list[float]:
    d, b, o = np.array(diag), np.array(rhs), np.array(off)
    x = np.zeros(len(d))
    for _ in range(100):
        around = np.zeros(len(d))
        around[1:] += o * x[:-1]
        around[:-1] += o * x[1:]
        x = (b - around) / d
    return list(x)


def lower_triangle(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    return np.tril(rng.uniform(-1, 1, (n, n)) / n) + 2 * np.eye(n), rng.standard_normal(n)


def forward_substitution_dots(low, b):
    x = np.zeros(len(b))
    for i in range(len(b)):
        x[i] = (b[i] - low[i, :i] @ x[:i]) / low[i, i]
    return x


def forward_substitution_scalars(low, b):
    n = len(b)
    x = np.zeros(n)
    for i in range(n):
        s = b[i]
        for j in range(i):
            s -= low[i, j] * x[j]
        x[i] = s / low[i, i]
    return x


def forward_substitution_columns(low, b):
    rest = b.copy()
    for j in range(len(rest)):
        rest[j] /= low[j, j]
        rest[j + 1 :] -= rest[j] * low[j + 1 :, j]
    return rest


def forward_substitution_inverse(low, b):
    return np.linalg.inv(low) @ b


def integer_square(n: int, random: Random) -> tuple[Any, ...]:
    side = n.bit_length()
    return ([[random.randrange(-9, 10) for _ in range(side)] for _ in range(side)],)


def determinant_cofactors(m: list[list[int]]) -> int:
    if len(m) == 1:
        return m[0][0]
    return sum((-1) ** j * m[0][j] * determinant_cofactors([row[:j] + row[j + 1 :] for row in m[1:]]) for j in range(len(m)))


def determinant_by_fractions(m: list[list[int]]) -> int:
    a = [[Fraction(v) for v in row] for row in m]
    det = Fraction(1)
    for p in range(len(a)):
        r = next((r for r in range(p, len(a)) if a[r][p]), None)
        if r is None:
            return 0
        if r != p:
            a[p], a[r] = a[r], a[p]
            det = -det
        det *= a[p][p]
        for r in range(p + 1, len(a)):
            f = a[r][p] / a[p][p]
            a[r] = [u - f * v for u, v in zip(a[r], a[p], strict=True)]
    return int(det)


def determinant_rounded(m: list[list[int]]) -> int:
    return round(float(np.linalg.det(np.array(m, dtype=float))))


def step_matrix(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    m = rng.random((6, 6))
    return m / m.sum(axis=1, keepdims=True), n


def chain_power_loop(p: Any, steps: int) -> Any:
    out = np.eye(len(p))
    for _ in range(steps):
        out = out @ p
    return out


def chain_power_squaring(p: Any, steps: int) -> Any:
    out = np.eye(len(p))
    while steps:
        if steps % 2:
            out = out @ p
        p = p @ p
        steps //= 2
    return out


def chain_power_library(p: Any, steps: int) -> Any:
    return np.linalg.matrix_power(p, steps)


def chain_power_row_by_row(p: Any, steps: int) -> Any:
    rows = []
    for state in np.eye(len(p)):
        for _ in range(steps):
            state = state @ p
        rows.append(state)
    return np.array(rows)


FAMILIES = [
    Family("trapezoids", panels, (trapezoid_loop, trapezoid_grid, trapezoid_appending, trapezoid_halving)),
    Family("fifth-root", target_value, (fifth_root_counting, fifth_root_bisection, fifth_root_newton, fifth_root_strides), 10_000),
    Family(
        "logistic-growth",
        population,
        (logistic_euler_list, logistic_euler_preallocated, logistic_euler_growing, logistic_euler_copying),
    ),
    Family("chart-lookup", chart_and_queries, (lookup_interp, lookup_linear_search, lookup_bisect_lists, lookup_hat_matrix), 10_000),
    Family(
        "evaluating-polynomials",
        coefficients_and_grid,
        (evaluate_powers, evaluate_horner, evaluate_vander, evaluate_point_by_point),
        10_000,
    ),
    Family(
        "tridiagonal",
        three_diagonals,
        (tridiagonal_sweep, tridiagonal_dense, tridiagonal_elimination, tridiagonal_jacobi),
        1_000,
    ),
    Family(
        "forward-substitution",
        lower_triangle,
        (forward_substitution_dots, forward_substitution_scalars, forward_substitution_columns, forward_substitution_inverse),
        1_000,
    ),
    Family("integer-determinants", integer_square, (determinant_cofactors, determinant_by_fractions, determinant_rounded), 300),
    Family("chain-powers", step_matrix, (chain_power_loop, chain_power_squaring, chain_power_library, chain_power_row_by_row), 100_000),
]
