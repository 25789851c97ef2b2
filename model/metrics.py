"""Figures of merit of cost predictions: ranks, errors in log10, interval coverage, pairs within a problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """One model on one task; ``None`` where the figure does not exist (no intervals, no problems, constant predictions)."""

    n: int
    spearman: float | None
    kendall: float | None
    median_log10_error: float
    within_2x: float
    coverage_80: float | None = None
    pair_accuracy: float | None = None
    pairs: int = 0

    def rounded(self) -> dict[str, float | int | None]:
        """Return the figures as they are published, four digits."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def rank_correlation(truth: Floats, predicted: Floats) -> float | None:
    """Return Spearman's rho of two (N,) arrays, or ``None`` where one of them is constant."""
    if len(truth) < 3 or np.ptp(truth) == 0 or np.ptp(predicted) == 0:
        return None
    return float(np.corrcoef(_ranks(truth), _ranks(predicted))[0, 1])


def _ranks(values: Floats) -> Floats:
    """Return the place of each value in ascending order (N,); equal ones share the mean of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    shared: Floats = (ends - 0.5 * (counts + 1))[places]
    return shared


def score(
    truth: Floats,
    predicted: Floats,
    *,
    floor: float,
    interval: tuple[Floats, Floats] | None = None,
    problems: Sequence[str | None] | None = None,
) -> Score:
    """Return the figures for ``predicted`` (N,) against ``truth`` (N,), both in the metric's unit.

    ``floor`` is added before logarithms are taken, so that zero bytes are a value; it is far below what can be told apart.
    """
    from scipy.stats import kendalltau  # not there where a model is only tuned

    log_truth, log_predicted = np.log10(truth + floor), np.log10(np.maximum(predicted, 0) + floor)
    error = np.abs(log_truth - log_predicted)
    accuracy, pairs = pair_accuracy(log_truth, log_predicted, problems) if problems is not None else (None, 0)
    constant = np.ptp(predicted) == 0 or np.ptp(truth) == 0
    return Score(
        n=len(truth),
        spearman=rank_correlation(truth, predicted),
        kendall=None if constant else float(kendalltau(truth, predicted).statistic),
        median_log10_error=float(np.median(error)),
        within_2x=float(np.mean(error <= np.log10(2))),
        coverage_80=None if interval is None else float(np.mean((interval[0] <= truth) & (truth <= interval[1]))),
        pair_accuracy=accuracy,
        pairs=pairs,
    )


def pair_accuracy(log_truth: Floats, log_predicted: Floats, problems: Sequence[str | None], apart: float = 1.5) -> tuple[float | None, int]:
    """Return the share of pairs within a problem, more than ``apart`` times apart, whose direction is right, and their number.

    A tie in the prediction counts half.
    """
    right, pairs = 0.0, 0
    for rows in _by_problem(problems):
        truth_gap = log_truth[rows][:, None] - log_truth[rows][None, :]
        gap = log_predicted[rows][:, None] - log_predicted[rows][None, :]
        counted = truth_gap > np.log10(apart)
        right += float(np.sum(gap[counted] > 0) + 0.5 * np.sum(gap[counted] == 0))
        pairs += int(counted.sum())
    return (right / pairs if pairs else None), pairs


def rank_within(truth: Floats, predicted: Floats, problems: Sequence[str | None], least: int) -> tuple[float | None, int]:
    """Return the mean of Spearman's rho inside of each problem with at least ``least`` rows that differ in truth, and their number.

    A problem whose predictions are all the same counts as 0: nothing was told apart.
    """
    large = [rows for rows in _by_problem(problems) if len(rows) >= least and np.ptp(truth[rows]) > 0]
    found = [rank_correlation(truth[rows], predicted[rows]) or 0.0 for rows in large]
    return (float(np.mean(found)) if found else None), len(found)


def _by_problem(problems: Sequence[str | None]) -> list[list[int]]:
    """Return the places of each problem's rows; those of none are left out."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, problem in enumerate(problems):
        if problem is not None:
            groups[problem].append(index)
    return list(groups.values())
