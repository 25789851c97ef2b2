"""What a table of errors does not say: is the dearer of two ways known, does cost grow right with size, does a rename matter.

Pure functions over examples and predicted values; ``evaluate`` reports them and ``publish`` fits the band for pairs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.prompt import SIZE

Floats = npt.NDArray[np.float64]

_NAME = re.compile(r"\w+=")
_MOST_PAIRS = 20  # of one problem at one size
_LEAST_SIZES = 3  # that an exponent is fitted through
_MOST_SIZE = 1e18  # an int has no largest value, a float does
_LEAST_SPAN = 10.0  # from the smallest to the largest of them


class Pair(NamedTuple):
    """Places of two rows that do the same job on arguments of the same sizes."""

    first: int
    second: int


def edit_pairs(rows: Sequence[Example]) -> list[Pair]:
    """Return pairs of different functions of one problem at equal sizes, at most twenty of a problem and size."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        if row.problem is not None and row.args is not None:
            groups[row.problem, _NAME.sub("", row.args)].append(index)
    found = []
    for members in groups.values():
        pairs = (Pair(i, j) for i, j in combinations(members, 2) if rows[i].text != rows[j].text)
        found += [pair for pair, _ in zip(pairs, range(_MOST_PAIRS), strict=False)]
    return found


def log_ratios(values: Floats, pairs: Sequence[Pair], floor: float) -> Floats:
    """Return log10 of second to first (P,); ``floor`` is added to both."""
    logs = np.log10(values + floor)
    return np.array([logs[second] - logs[first] for first, second in pairs])


@dataclass(frozen=True)
class EditFigures:
    """Share of pairs whose direction is predicted right, where the true costs differ by more than 2x and 10x; and the error band.

    ``band``: the factor that four fifths of the predicted ratios are off by at most.
    """

    pairs: int
    over_2x: int
    right_2x: float
    over_10x: int
    right_10x: float
    band: float


def edit_figures(truth: Floats, predicted: Floats) -> EditFigures:
    """Return the figures of log10 ratios (P,). NaN where no pair differs that much."""

    def right(factor: float) -> tuple[int, float]:
        apart = np.abs(truth) > np.log10(factor)
        return int(apart.sum()), float(np.mean(np.sign(predicted[apart]) == np.sign(truth[apart]))) if apart.any() else float("nan")

    return EditFigures(len(truth), *right(2.0), *right(10.0), band_of(truth, predicted))


def band_of(truth: Floats, predicted: Floats) -> float:
    """Return the factor (from 1 up) that four fifths of the predicted ratios are off by at most; NaN without pairs."""
    return float(10 ** np.quantile(np.abs(predicted - truth), 0.8)) if len(truth) else float("nan")


def largest_size(args: str) -> float:
    """Return the largest size in an ``args:`` line; 0 without any."""
    return max((min(float(size), _MOST_SIZE) for size in SIZE.findall(args)), default=0.0)


def exponents(rows: Sequence[Example], values: Floats, floor: float) -> dict[str, float]:
    """Return by text the slope of log10 cost over log10 of the largest size, where it was measured at three sizes that span 10x."""
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row, value in zip(rows, values, strict=True):
        size = largest_size(row.args or "")
        if size > 0 and np.isfinite(value):
            points[row.text].append((np.log10(size), np.log10(value + floor)))
    slopes = {}
    for text, found in points.items():
        sizes = sorted({size for size, _ in found})
        if len(sizes) >= _LEAST_SIZES and sizes[-1] - sizes[0] >= np.log10(_LEAST_SPAN):
            x, y = np.array(found).T
            slopes[text] = float(np.polyfit(x, y, 1)[0])
    return slopes


def exponent_errors(rows: Sequence[Example], truth: Floats, predicted: Floats, floor: float) -> Floats:
    """Return the absolute errors of the predicted exponents (functions,)."""
    true, ours = exponents(rows, truth, floor), exponents(rows, predicted, floor)
    return np.array([abs(ours[text] - slope) for text, slope in true.items() if text in ours])


def moves(before: Floats, after: Floats) -> Floats:
    """Return by how much a prediction moved, as a share: 0.1 is 10 % up or down."""
    moved: Floats = np.expm1(np.abs(np.log(np.maximum(after, 1e-12)) - np.log(np.maximum(before, 1e-12))))
    return moved
