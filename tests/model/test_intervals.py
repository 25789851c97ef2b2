"""Intervals stretched by width: each kind of row gets its four fifths, the median and the order stay."""

import numpy as np
import pytest

from rlm_lsp.model.config import ConfigError, Intervals
from rlm_lsp.model.intervals import equal_weights, fit_intervals, stretched

FLOOR = 1e-9


def rows(n: int, spread: float, claimed: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Truths around 1 ms that scatter by ``spread`` (log10), and quantiles that claim another scatter."""
    rng = np.random.default_rng(seed)
    middle = 10 ** rng.uniform(-5, -1, n)
    truths = middle * 10 ** rng.normal(0.0, spread, n)
    side = 1.2816 * claimed * rng.uniform(0.95, 1.05, n)
    return np.stack((middle * 10**-side, middle, middle * 10**side), axis=1), truths


def coverage(quantiles: np.ndarray, truths: np.ndarray) -> float:
    return float(np.mean((quantiles[:, 0] <= truths) & (truths <= quantiles[:, 2])))


def test_both_the_sure_and_the_unsure_rows_are_covered_by_four_fifths() -> None:
    sure, unsure = rows(2000, 0.1, 0.2, 1), rows(2000, 0.8, 0.4, 2)
    table, truths = np.concatenate((sure[0], unsure[0])), np.concatenate((sure[1], unsure[1]))
    fitted = fit_intervals(table, truths, np.ones(len(truths)), FLOOR)
    assert fitted is not None
    for seed, (spread, claimed) in enumerate(((0.1, 0.2), (0.8, 0.4)), start=3):
        raw, fresh = rows(4000, spread, claimed, seed)
        assert abs(coverage(raw, fresh) - 0.8) > 0.1
        assert coverage(stretched(raw, fitted), fresh) == pytest.approx(0.8, abs=0.03)


def test_the_median_stays_and_quantiles_never_cross() -> None:
    raw = np.array([[0.0, 0.0, 16.0], [1.0, 100.0, 100.0], [5.0, 5.0, 5.0], [0.0, 1e6, 1e9]])
    moved = stretched(raw, Intervals(16.0, (0.5, 2.0), (0.0, 3.0), (2.0, 0.0)))
    assert (moved[:, 1] == raw[:, 1]).all()
    assert (np.diff(moved, axis=1) >= 0).all()
    assert (moved >= 0).all()
    assert stretched(raw, None) is raw


def test_too_few_rows_fit_nothing() -> None:
    table, truths = rows(59, 0.5, 0.5, 1)
    assert fit_intervals(table, truths, np.ones(59), FLOOR) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"widths": ()},
        {"widths": (1.0, 1.0)},
        {"lower": (1.0,)},
        {"upper": (1.0, -0.1)},
        {"upper": (1.0, float("nan"))},
        {"floor": 0.0},
    ],
)
def test_a_config_with_impossible_intervals_is_refused(wrong: dict[str, object]) -> None:
    values = {"floor": 1e-9, "widths": (0.5, 1.0), "lower": (1.0, 1.0), "upper": (1.0, 1.0), **wrong}
    with pytest.raises(ConfigError):
        Intervals(**values)  # type: ignore[arg-type]  # wrong on purpose


def test_tasks_weigh_the_same_and_so_do_their_groups() -> None:
    parts = [("wild", "a")] * 6 + [("wild", "b")] * 2 + [("exercises", "")] * 5
    weights = equal_weights(parts)
    assert weights == pytest.approx([1 / 12] * 6 + [1 / 4] * 2 + [1 / 5] * 5)
