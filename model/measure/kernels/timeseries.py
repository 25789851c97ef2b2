"""Series in time: rolling statistics, drawdowns, gaps, peaks, runs, lags and resampling."""

# mypy: disallow-untyped-defs=False, disallow-incomplete-defs=False
# Scripts are often written without hints: some of these are too, so that the model sees both.

from __future__ import annotations

import bisect
import itertools
import math
from collections import defaultdict, deque
from random import Random
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from rlm_lsp.model.measure.kernels import Family


def readings_and_span(n: int, random: Random) -> tuple[Any, ...]:
    return [round(random.gauss(20.0, 4.0), 3) for _ in range(n)], max(2, n // 30)


def rolling_median_sorting(readings, span):
    medians = []
    for i in range(len(readings) - span + 1):
        window = sorted(readings[i : i + span])
        mid = span // 2
        medians.append(window[mid] if span % 2 else (window[mid - 1] + window[mid]) / 2)
    return medians


def rolling_median_insort(readings, span):
    window = sorted(readings[: span - 1])
    medians = []
    for i in range(span - 1, len(readings)):
        bisect.insort(window, readings[i])
        mid = span // 2
        medians.append(window[mid] if span % 2 else (window[mid - 1] + window[mid]) / 2)
        del window[bisect.bisect_left(window, readings[i - span + 1])]
    return medians


def rolling_median_windows(readings, span):
    return np.median(sliding_window_view(np.asarray(readings), span), axis=1)


def rolling_median_deque(readings, span):
    recent: deque[float] = deque(maxlen=span)
    out = []
    for reading in readings:
        recent.append(reading)
        if len(recent) == span:
            out.append(float(np.median(list(recent))))
    return out


def noise_and_window(n: int, random: Random) -> tuple[Any, ...]:
    return np.random.default_rng(random.randrange(1 << 30)).standard_normal(n), max(2, n // 25)


def rolling_std_loop(x, window):
    return np.array([x[i : i + window].std() for i in range(len(x) - window + 1)])


def rolling_std_moments(x, window):
    first = np.cumsum(np.concatenate(([0.0], x)))
    second = np.cumsum(np.concatenate(([0.0], x * x)))
    mean = (first[window:] - first[:-window]) / window
    square = (second[window:] - second[:-window]) / window
    return np.sqrt(np.maximum(square - mean**2, 0.0))


def rolling_std_two_pass(x, window):
    values = x.tolist()
    out = []
    for end in range(window, len(values) + 1):
        part = values[end - window : end]
        mu = sum(part) / window
        out.append(math.sqrt(sum((v - mu) ** 2 for v in part) / window))
    return out


def rolling_std_strided(x, window):
    return sliding_window_view(x, window).std(axis=-1)


def closing_prices(n: int, random: Random) -> tuple[Any, ...]:
    prices = [100.0]
    while len(prices) < n:
        prices.append(max(1.0, prices[-1] * (1 + random.gauss(0, 0.02))))
    return (prices,)


def drawdown_pairs(prices: list[float]) -> float:
    worst = 0.0
    for i in range(len(prices)):
        for j in range(i + 1, len(prices)):
            worst = max(worst, (prices[i] - prices[j]) / prices[i])
    return worst


def drawdown_prefix_max(prices: list[float]) -> float:
    return max((max(prices[: i + 1]) - p) / max(prices[: i + 1]) for i, p in enumerate(prices))


def drawdown_running_peak(prices: list[float]) -> float:
    peak = prices[0]
    worst = 0.0
    for price in prices:
        if price > peak:
            peak = price
        elif (peak - price) / peak > worst:
            worst = (peak - price) / peak
    return worst


def drawdown_accumulate(prices: list[float]) -> float:
    p = np.array(prices)
    peaks = np.maximum.accumulate(p)
    return float(((peaks - p) / peaks).max())


def best_single_trade_suffix(prices: list[float]) -> float:
    lows = list(itertools.accumulate(reversed(prices), min))[::-1]
    return max((price - low) / price for price, low in zip(prices, lows, strict=True))


def gappy(n: int, random: Random) -> tuple[Any, ...]:
    rng = np.random.default_rng(random.randrange(1 << 30))
    x = rng.standard_normal(n)
    x[rng.random(n) < 0.4] = np.nan
    x[0] = 0.5
    return (x,)


def forward_fill_indices(x):
    where = np.where(np.isnan(x), 0, np.arange(len(x)))
    return x[np.maximum.accumulate(where)]


def forward_fill_loop(x):
    out = x.copy()
    for i in range(1, len(out)):
        if np.isnan(out[i]):
            out[i] = out[i - 1]
    return out


def forward_fill_list(x):
    filled_in = []
    last = 0.0
    for v in x.tolist():
        if v == v:
            last = v
        filled_in.append(last)
    return filled_in


def forward_fill_look_back(x):
    known = np.flatnonzero(~np.isnan(x))
    return [x[known[known <= i].max()] for i in range(len(x))]


def spiky(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(1000) for _ in range(n)], max(1, n // 50)


def peaks_by_window_max(xs: list[int], reach: int) -> list[int]:
    return [i for i, x in enumerate(xs) if x == max(xs[max(0, i - reach) : i + reach + 1])]


def peaks_early_exit(xs: list[int], reach: int) -> list[int]:
    found = []
    for i in range(len(xs)):
        for j in range(max(0, i - reach), min(len(xs), i + reach + 1)):
            if xs[j] > xs[i]:
                break
        else:
            found.append(i)
    return found


def peaks_monotone_queue(xs: list[int], reach: int) -> list[int]:
    queue: deque[int] = deque()
    peaks = []
    for i in range(len(xs) + reach):
        if i < len(xs):
            while queue and xs[queue[-1]] < xs[i]:
                queue.pop()
            queue.append(i)
        centre = i - reach
        if centre >= 0:
            while queue[0] < centre - reach:
                queue.popleft()
            if xs[centre] == xs[queue[0]]:
                peaks.append(centre)
    return peaks


def peaks_padded_windows(xs: list[int], reach: int) -> list[int]:
    a = np.pad(np.array(xs), reach, constant_values=-1)
    highest = sliding_window_view(a, 2 * reach + 1).max(axis=1)
    return list(np.flatnonzero(highest == np.array(xs)).tolist())


def state_codes(n: int, random: Random) -> tuple[Any, ...]:
    codes: list[int] = []
    while len(codes) < n:
        codes.extend([random.randrange(4)] * random.randrange(1, 9))
    return (np.array(codes[:n], dtype=np.int64),)


def runs_by_diff(codes: Any) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(codes)) + 1
    starts = np.concatenate(([0], edges))
    lengths = np.diff(np.append(starts, len(codes)))
    return list(zip(codes[starts].tolist(), lengths.tolist(), strict=True))


def runs_by_groupby(codes: Any) -> list[tuple[int, int]]:
    return [(int(k), sum(1 for _ in g)) for k, g in itertools.groupby(codes.tolist())]


def runs_scalar_walk(codes: Any) -> list[tuple[int, int]]:
    runs = []
    i = 0
    while i < len(codes):
        j = i
        while j < len(codes) and codes[j] == codes[i]:
            j += 1
        runs.append((int(codes[i]), j - i))
        i = j
    return runs


def runs_peeled_off(codes: Any) -> list[tuple[int, int]]:
    rest = codes.tolist()
    runs = []
    while rest:
        length = next((i for i, c in enumerate(rest) if c != rest[0]), len(rest))
        runs.append((rest[0], length))
        rest = rest[length:]
    return runs


def zero_mean_signal(n: int, random: Random) -> tuple[Any, ...]:
    x = np.random.default_rng(random.randrange(1 << 30)).standard_normal(n)
    return (x - x.mean(),)


def autocov_fft(x: np.ndarray) -> np.ndarray:
    n = len(x)
    spectrum = np.fft.rfft(x, 2 * n)
    return np.fft.irfft(np.abs(spectrum) ** 2, 2 * n)[:n] / n


def autocov_correlate(x: np.ndarray) -> np.ndarray:
    return np.correlate(x, x, mode="full")[len(x) - 1 :] / len(x)


def autocov_lags(x: np.ndarray) -> np.ndarray:
    n = len(x)
    return np.array([x[: n - lag] @ x[lag:] for lag in range(n)]) / n


def autocov_double_loop(x: np.ndarray) -> list[float]:
    v = x.tolist()
    out = []
    for lag in range(len(v)):
        acc = 0.0
        for t in range(len(v) - lag):
            acc += v[t] * v[t + lag]
        out.append(acc / len(v))
    return out


def stamped(n: int, random: Random) -> tuple[Any, ...]:
    t = 0
    events = []
    for _ in range(n):
        t += random.randrange(1, 40)
        events.append((t, float(random.randrange(100))))
    return events, 60


def resample_by_dict(events: list[tuple[int, float]], step: int) -> list[tuple[int, float]]:
    buckets = defaultdict(list)
    for t, value in events:
        buckets[t // step].append(value)
    return [(b * step, sum(vs) / len(vs)) for b, vs in sorted(buckets.items())]


def resample_filter_each(events: list[tuple[int, float]], step: int) -> list[tuple[int, float]]:
    out = []
    for start in range(0, events[-1][0] + 1, step):
        inside = [value for t, value in events if start <= t < start + step]
        if inside:
            out.append((start, sum(inside) / len(inside)))
    return out


def resample_groupby(events: list[tuple[int, float]], step: int) -> list[tuple[int, float]]:
    out = []
    for bucket, group in itertools.groupby(events, key=lambda e: e[0] // step):
        vals = [v for _, v in group]
        out.append((bucket * step, sum(vs for vs in vals) / len(vals)))
    return out


def resample_bincount(events: list[tuple[int, float]], step: int) -> list[tuple[int, float]]:
    times, values = np.array(events).T
    slot = times.astype(int) // step
    counts = np.bincount(slot)
    sums = np.bincount(slot, weights=values)
    used = np.flatnonzero(counts)
    return [(int(b) * step, float(sums[b] / counts[b])) for b in used]


def resample_bisected(events: list[tuple[int, float]], step: int) -> list[tuple[int, float]]:
    times = [t for t, _ in events]
    out = []
    lo = 0
    for start in range(0, times[-1] + 1, step):
        hi = bisect.bisect_left(times, start + step, lo)
        if hi > lo:
            out.append((start, sum(v for _, v in events[lo:hi]) / (hi - lo)))
        lo = hi
    return out


def smoothing_input(n: int, random: Random) -> tuple[Any, ...]:
    return [random.random() for _ in range(n)], 0.3


def ewma_recurrence(xs, alpha):
    level = xs[0]
    levels_seen = [level]
    for x in xs[1:]:
        level = alpha * x + (1 - alpha) * level
        levels_seen.append(level)
    return levels_seen


def ewma_from_scratch(xs, alpha):
    out = []
    for t in range(len(xs)):
        s = xs[0]
        for x in xs[1 : t + 1]:
            s = alpha * x + (1 - alpha) * s
        out.append(s)
    return out


def ewma_weights(xs, alpha):
    x = np.array(xs)
    age = np.arange(len(x))[:, None] - np.arange(len(x))[None, :]
    w = np.where(age >= 0, alpha * (1 - alpha) ** np.maximum(age, 0), 0.0)
    w[:, 0] = (1 - alpha) ** np.arange(len(x))
    return w @ x


def ewma_into_array(xs, alpha):
    out = np.zeros(len(xs))
    out[0] = xs[0]
    for i in range(1, len(xs)):
        out[i] = alpha * xs[i] + (1 - alpha) * out[i - 1]
    return out


FAMILIES = [
    Family(
        "rolling-median",
        readings_and_span,
        (rolling_median_sorting, rolling_median_insort, rolling_median_windows, rolling_median_deque),
        10_000,
    ),
    Family("rolling-spread", noise_and_window, (rolling_std_loop, rolling_std_moments, rolling_std_two_pass, rolling_std_strided), 10_000),
    Family(
        "drawdown",
        closing_prices,
        (drawdown_pairs, drawdown_prefix_max, drawdown_running_peak, drawdown_accumulate, best_single_trade_suffix),
        100_000,
    ),
    Family("forward-fill", gappy, (forward_fill_indices, forward_fill_loop, forward_fill_list, forward_fill_look_back)),
    Family("peaks", spiky, (peaks_by_window_max, peaks_early_exit, peaks_monotone_queue, peaks_padded_windows), 100_000),
    Family("code-runs", state_codes, (runs_by_diff, runs_by_groupby, runs_scalar_walk, runs_peeled_off)),
    Family("autocovariance", zero_mean_signal, (autocov_fft, autocov_correlate, autocov_lags, autocov_double_loop), 100_000),
    Family(
        "resampling",
        stamped,
        (resample_by_dict, resample_filter_each, resample_groupby, resample_bincount, resample_bisected),
        100_000,
    ),
    Family("exponential-average", smoothing_input, (ewma_recurrence, ewma_from_scratch, ewma_weights, ewma_into_array), 1_000),
]
