"""Calibration by width: intervals stretched about the median so that four fifths of the truths lie inside, whatever the kind of code.

One pair of levels for everything leaves intervals too wide where the model is sure (exercises) and too narrow where it is not (code of
packages). Rows of like raw width are alike in that respect, so the stretch is fitted by width: conformalised quantile regression
(Romano et al. 2019) on the logarithm, in bins (Mondrian: Vovk et al. 2003), on the validation split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from rlm_lsp.model.config import Intervals

Floats = npt.NDArray[np.float64]

_BINS = 6
LEAST_ROWS = 60  # in a bin
_NARROWEST = 0.01  # of either part, log10: a raw interval of one leaf has no width to stretch
_MOST = 8.0  # that a part is stretched by


def stretched(quantiles: Floats, intervals: Intervals | None) -> Floats:
    """Return p10, p50, p90 (..., 3) with the outer two moved; the median stays."""
    if intervals is None:
        return quantiles
    logs = np.log10(quantiles + intervals.floor)  # (..., 3)
    below, above = _parts(logs)
    width = below + above
    lower, upper = (np.interp(width, intervals.widths, factors) for factors in (intervals.lower, intervals.upper))
    outer = np.stack((logs[..., 1] - lower * below, logs[..., 1] + upper * above), axis=-1)  # (..., 2)
    found = np.maximum(10**outer - intervals.floor, 0.0)
    return np.stack(
        (np.minimum(found[..., 0], quantiles[..., 1]), quantiles[..., 1], np.maximum(found[..., 1], quantiles[..., 1])), axis=-1
    )


def fit_intervals(quantiles: Floats, truths: Floats, weights: Floats, floor: float) -> Intervals | None:
    """Return the stretch that leaves a tenth of the truths (N,) on either side of the raw quantiles (N, 3), in each bin of width.

    ``weights`` (N,): how much a row counts. ``None`` without enough rows.
    """
    count = min(_BINS, len(truths) // LEAST_ROWS)
    if count == 0:
        return None
    logs, true = np.log10(quantiles + floor), np.log10(truths + floor)
    below, above = _parts(logs)
    width = below + above
    edges = np.array([weighted_quantile(width, weights, share) for share in np.arange(1, count) / count])
    place = np.searchsorted(edges, width, side="right")  # (N,)
    widths, lower, upper = [], [], []
    for index in range(count):
        rows = place == index
        if rows.sum() < LEAST_ROWS:
            continue
        widths.append(weighted_quantile(width[rows], weights[rows], 0.5))
        lower.append(weighted_quantile((logs[rows, 1] - true[rows]) / below[rows], weights[rows], 0.9))
        upper.append(weighted_quantile((true[rows] - logs[rows, 1]) / above[rows], weights[rows], 0.9))
    places = np.unique(np.round(widths, 4), return_index=True)[1]  # as many digits as are stored: two bins may be as wide
    factors = (tuple(round(float(np.clip(values[i], 0.0, _MOST)), 4) for i in places) for values in (lower, upper))
    return Intervals(floor, tuple(round(widths[i], 4) for i in places), *factors)


def equal_weights(parts: Sequence[tuple[Hashable, Hashable]]) -> Floats:
    """Return weights (N,) of rows of (task, group): tasks weigh the same in all, and in each of them its groups do."""
    rows = Counter(parts)
    groups = Counter(task for task, _ in rows)
    return np.array([1.0 / (rows[part] * groups[part[0]]) for part in parts])


def _parts(logs: Floats) -> tuple[Floats, Floats]:
    """Return the interval's parts below and above the median, log10."""
    return np.maximum(logs[..., 1] - logs[..., 0], _NARROWEST), np.maximum(logs[..., 2] - logs[..., 1], _NARROWEST)


def weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """Return the least of ``values`` (N,) that holds a ``share`` of the ``weights`` (N,) at or below it."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)])
