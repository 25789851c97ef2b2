import numpy as np
import pytest

from rlm_lsp.model.metrics import pair_accuracy, rank_correlation, score


def test_perfect_prediction_has_the_best_figures() -> None:
    truth = np.array([1e-6, 1e-5, 1e-4, 1e-3])
    figures = score(truth, truth, floor=1e-9, interval=(truth / 2, truth * 2), problems=["p"] * 4)
    assert figures.spearman == pytest.approx(1)
    assert figures.kendall == pytest.approx(1)
    assert (figures.median_log10_error, figures.within_2x, figures.coverage_80) == (0, 1, 1)
    assert (figures.pair_accuracy, figures.pairs) == (1, 6)


def test_a_constant_prediction_has_no_rank() -> None:
    truth = np.array([1.0, 2.0, 3.0])
    assert score(truth, np.full(3, 2.0), floor=0).spearman is None
    assert rank_correlation(truth, -truth) == pytest.approx(-1)


def test_zero_bytes_are_a_value() -> None:
    figures = score(np.array([0.0, 100.0, 10.0]), np.array([0.0, 100.0, 10.0]), floor=16)
    assert figures.median_log10_error == 0


def test_pairs_are_counted_within_a_problem_and_beyond_the_gap_only() -> None:
    truth = np.log10([1.0, 1.4, 3.0, 100.0])
    predicted = np.log10([2.0, 1.0, 1.0, 5.0])
    # in problem a: 3.0 against 1.0 is wrong, 3.0 against 1.4 is a tie; 1.4 against 1.0 is too near; b has no pair
    assert pair_accuracy(truth, predicted, ["a", "a", "a", "b"]) == (0.25, 2)
    assert pair_accuracy(truth, predicted, [None] * 4) == (None, 0)
