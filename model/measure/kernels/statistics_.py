"""Descriptive statistics, histograms, sampling, tables of probabilities and regression lines."""

from __future__ import annotations

import bisect
import math
import random as rnd
import statistics
from collections import Counter, defaultdict
from itertools import accumulate, combinations
from random import Random
from typing import Any

import numpy as np

from rlm_lsp.model.measure.kernels import Family


def sample_and_edges(n: int, random: Random) -> tuple[Any, ...]:
    edges = [i / 40 for i in range(41)]
    return [random.random() for _ in range(n)], edges


def bin_linear_scan(sample: list[float], edges: list[float]) -> list[int]:
    counts = [0] * (len(edges) - 1)
    for x in sample:
        for b in range(len(counts)):
            if edges[b] <= x < edges[b + 1]:
                counts[b] += 1
                break
    return counts


def bin_bisect(sample: list[float], edges: list[float]) -> list[int]:
    counts = [0] * (len(edges) - 1)
    for x in sample:
        counts[bisect.bisect_right(edges, x) - 1] += 1
    return counts


def bin_pass_per_bin(sample: list[float], edges: list[float]) -> list[int]:
    return [sum(lo <= x < hi for x in sample) for lo, hi in zip(edges, edges[1:], strict=False)]


def bin_searchsorted(sample: list[float], edges: list[float]) -> list[int]:
    slots = np.searchsorted(edges, sample, side="right") - 1
    return [int(c) for c in np.bincount(slots, minlength=len(edges) - 1)]


def bin_after_sorting(sample: list[float], edges: list[float]) -> list[int]:
    ordered = sorted(sample)
    marks = [bisect.bisect_left(ordered, edge) for edge in edges]
    return [b - a for a, b in zip(marks, marks[1:], strict=False)]


def weights_and_draws(n: int, random: Random) -> tuple[Any, ...]:
    return [random.uniform(0.1, 5.0) for _ in range(max(2, n // 4))], [random.random() for _ in range(n)]


def pick_by_subtraction(weights: list[float], draws: list[float]) -> list[int]:
    picked = []
    total = sum(weights)
    for u in draws:
        left = u * total
        index = 0
        while index < len(weights) - 1 and left >= weights[index]:
            left -= weights[index]
            index += 1
        picked.append(index)
    return picked


def pick_by_bisect(weights: list[float], draws: list[float]) -> list[int]:
    cumulative_weights = list(accumulate(weights))
    last = len(weights) - 1
    return [min(last, bisect.bisect_right(cumulative_weights, u * cumulative_weights[-1])) for u in draws]


def pick_vectorised(weights: list[float], draws: list[float]) -> list[int]:
    cdf = np.cumsum(weights)
    return [int(i) for i in np.searchsorted(cdf, np.array(draws) * cdf[-1], side="right")]


def pick_recomputing_totals(weights: list[float], draws: list[float]) -> list[int]:
    out = []
    for u in draws:
        cdf = list(accumulate(weights))
        out.append(bisect.bisect_right(cdf, u * sum(weights)))
    return out


def two_rankings(n: int, random: Random) -> tuple[Any, ...]:
    a, b = list(range(n)), list(range(n))
    random.shuffle(a)
    random.shuffle(b)
    return a, b


def concordance_pairs(a: list[int], b: list[int]) -> int:
    score = 0
    for i, j in combinations(range(len(a)), 2):
        score += 1 if (a[i] - a[j]) * (b[i] - b[j]) > 0 else -1
    return score


def concordance_signs(a: list[int], b: list[int]) -> int:
    x, y = np.array(a), np.array(b)
    return int((np.sign(x[:, None] - x) * np.sign(y[:, None] - y)).sum()) // 2


def concordance_insort(a: list[int], b: list[int]) -> int:
    n = len(a)
    seen: list[int] = []
    discordant = 0
    for _, rank in sorted(zip(a, b, strict=True)):
        at = bisect.bisect(seen, rank)
        discordant += len(seen) - at
        seen.insert(at, rank)
    return n * (n - 1) // 2 - 2 * discordant


def concordance_row_by_row(a: list[int], b: list[int]) -> int:
    x, y = np.array(a), np.array(b)
    score = 0
    for i in range(len(x)):
        score += int((((x[i + 1 :] > x[i]) == (y[i + 1 :] > y[i])) * 2 - 1).sum())
    return score


def earnings(n: int, random: Random) -> tuple[Any, ...]:
    return (np.random.default_rng(random.randrange(1 << 30)).lognormal(10.0, 0.7, n),)


def gini_all_pairs(income: np.ndarray) -> float:
    return float(np.abs(income[:, None] - income[None, :]).mean() / (2 * income.mean()))


def gini_sorted(income: np.ndarray) -> float:
    ordered = np.sort(income)
    n = len(ordered)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


def gini_loops(income: np.ndarray) -> float:
    values = income.tolist()
    gap = 0.0
    for u in values:
        for v in values:
            gap += abs(u - v)
    return float(gap / (2 * len(values) * sum(values)))


def gini_one_row_each(income: np.ndarray) -> float:
    gap = sum(float(np.abs(income - earner).sum()) for earner in income)
    return gap / float(2 * len(income) * income.sum())


def xs_and_ys(n: int, random: Random) -> tuple[Any, ...]:
    xs = [random.uniform(-10, 10) for _ in range(n)]
    return xs, [3.0 * x - 2.0 + random.gauss(0, 1) for x in xs]


def line_fit_sums(xs: list[float], ys: list[float]) -> tuple[float, float]:
    n = len(xs)
    sx = sy = sxx = sxy = 0.0
    for x, y in zip(xs, ys, strict=True):
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return slope, (sy - slope * sx) / n


def line_fit_means_in_loop(xs: list[float], ys: list[float]) -> tuple[float, float]:
    num = den = 0.0
    for i in range(len(xs)):
        num += (xs[i] - sum(xs) / len(xs)) * (ys[i] - sum(ys) / len(ys))
        den += (xs[i] - sum(xs) / len(xs)) ** 2
    return num / den, sum(ys) / len(ys) - num / den * sum(xs) / len(xs)


def line_fit_lstsq(xs: list[float], ys: list[float]) -> tuple[float, float]:
    design = np.column_stack((xs, np.ones(len(xs))))
    (slope, intercept), *_ = np.linalg.lstsq(design, np.array(ys), rcond=None)
    return float(slope), float(intercept)


def line_fit_polyfit(xs: list[float], ys: list[float]) -> tuple[float, float]:
    slope, intercept = np.polyfit(xs, ys, 1)
    return float(slope), float(intercept)


def line_fit_library(xs: list[float], ys: list[float]) -> tuple[float, float]:
    fit = statistics.linear_regression(xs, ys)
    return fit.slope, fit.intercept


def dice(n: int, random: Random) -> tuple[Any, ...]:
    return max(1, round(n**0.5)), random.choice((4, 6, 8))


def dice_sums_dict(count: int, sides: int) -> list[int]:
    ways = {0: 1}
    for _ in range(count):
        following: dict[int, int] = defaultdict(int)
        for total, times in ways.items():
            for face in range(1, sides + 1):
                following[total + face] += times
        ways = following
    return [ways[s] for s in sorted(ways)]


def dice_sums_sliding(count: int, sides: int) -> list[int]:
    row = [1]
    for _ in range(count):
        prefix = [0, *accumulate(row)]
        row = [prefix[min(len(row), k + 1)] - prefix[max(0, k + 1 - sides)] for k in range(len(row) + sides - 1)]
    return row


def dice_sums_binomials(count: int, sides: int) -> list[int]:
    out = []
    for k in range(count * (sides - 1) + 1):
        terms = range(min(count, k // sides) + 1)
        out.append(sum((-1) ** j * math.comb(count, j) * math.comb(k - sides * j + count - 1, count - 1) for j in terms))
    return out


def dice_sums_memo(count: int, sides: int) -> list[int]:
    known: dict[tuple[int, int], int] = {}

    def ways(left: int, total: int) -> int:
        if left == 0:
            return int(total == 0)
        if total < left or total > left * sides:
            return 0
        if (left, total) not in known:
            known[left, total] = sum(ways(left - 1, total - face) for face in range(1, sides + 1))
        return known[left, total]

    return [ways(count, total) for total in range(count, count * sides + 1)]


def answers_and_groups(n: int, random: Random) -> tuple[Any, ...]:
    return [random.choice(("yes", "no", "maybe")) for _ in range(n)], [f"g{random.randrange(12)}" for _ in range(n)]


def crosstab_counter(answers: list[str], groups: list[str]) -> list[list[int]]:
    counted = Counter(zip(groups, answers, strict=True))
    columns = sorted(set(answers))
    return [[counted[g, a] for a in columns] for g in sorted(set(groups))]


def crosstab_count_each(answers: list[str], groups: list[str]) -> list[list[int]]:
    pairs = list(zip(groups, answers, strict=True))
    return [[pairs.count((g, a)) for a in sorted(set(answers))] for g in sorted(set(groups))]


def crosstab_unique_codes(answers: list[str], groups: list[str]) -> list[list[int]]:
    rows, r = np.unique(groups, return_inverse=True)
    cols, c = np.unique(answers, return_inverse=True)
    flat = np.bincount(r * len(cols) + c, minlength=len(rows) * len(cols))
    return [[int(v) for v in row] for row in flat.reshape(len(rows), len(cols))]


def crosstab_index_lookups(answers: list[str], groups: list[str]) -> list[list[int]]:
    rows, cols = sorted(set(groups)), sorted(set(answers))
    grid = np.zeros((len(rows), len(cols)), dtype=int)
    for g, a in zip(groups, answers, strict=True):
        grid[rows.index(g), cols.index(a)] += 1
    return [[int(v) for v in row] for row in grid]


def symbol_bytes(n: int, random: Random) -> tuple[Any, ...]:
    return (bytes(min(255, int(random.expovariate(0.05))) for _ in range(n)),)


def entropy_counter(data: bytes) -> float:
    n = len(data)
    return -sum(c / n * math.log2(c / n) for c in Counter(data).values())


def entropy_count_symbols(data: bytes) -> float:
    h = 0.0
    for symbol in range(256):
        share = data.count(symbol) / len(data)
        if share:
            h -= share * math.log2(share)
    return h


def entropy_bincount(data: bytes) -> float:
    share = np.bincount(np.frombuffer(data, dtype=np.uint8)) / len(data)
    share = share[share > 0]
    return float(-(share * np.log2(share)).sum())


def entropy_each_position(data: bytes) -> float:
    return -sum(math.log2(data.count(symbol) / len(data)) for symbol in data) / len(data)


def seeded_boot(n: int, random: Random) -> tuple[Any, ...]:
    return [random.random() for _ in range(n)], 20, random.randrange(1000)


def resampled_means_choice(data: list[float], rounds: int, seed: int) -> list[float]:
    picker = rnd.Random(seed)
    means = []
    for _ in range(rounds):
        total = 0.0
        for _ in range(len(data)):
            total += picker.choice(data)
        means.append(total / len(data))
    return sorted(means)


def resampled_means_kept_sorted(data: list[float], rounds: int, seed: int) -> list[float]:
    picker = rnd.Random(seed)
    means: list[float] = []
    for _ in range(rounds):
        drawn: list[float] = []
        for _ in data:
            drawn = [*drawn, picker.choice(data)]
        means.append(statistics.fmean(drawn))
        means.sort()
    return means


def resampled_means_gathered(data: list[float], rounds: int, seed: int) -> list[float]:
    picker = rnd.Random(seed)
    places = range(len(data))
    x = np.array(data)
    return sorted(float(x[[picker.choice(places) for _ in places]].mean()) for _ in range(rounds))


FAMILIES = [
    Family("binning", sample_and_edges, (bin_linear_scan, bin_bisect, bin_pass_per_bin, bin_searchsorted, bin_after_sorting)),
    Family("weighted-picks", weights_and_draws, (pick_by_subtraction, pick_by_bisect, pick_vectorised, pick_recomputing_totals)),
    Family(
        "concordance",
        two_rankings,
        (concordance_pairs, concordance_signs, concordance_insort, concordance_row_by_row),
        1_000,
    ),
    Family("inequality", earnings, (gini_all_pairs, gini_sorted, gini_loops, gini_one_row_each), 3_000),
    Family(
        "line-fits",
        xs_and_ys,
        (line_fit_sums, line_fit_means_in_loop, line_fit_lstsq, line_fit_polyfit, line_fit_library),
        100_000,
    ),
    Family("dice-sums", dice, (dice_sums_dict, dice_sums_sliding, dice_sums_binomials, dice_sums_memo), 30_000),
    Family(
        "crosstab",
        answers_and_groups,
        (crosstab_counter, crosstab_count_each, crosstab_unique_codes, crosstab_index_lookups),
        100_000,
    ),
    Family("entropy", symbol_bytes, (entropy_counter, entropy_count_symbols, entropy_bincount, entropy_each_position)),
    Family("resampled-means", seeded_boot, (resampled_means_choice, resampled_means_kept_sorted, resampled_means_gathered)),
]
