"""Draws and what is shown of them."""

from __future__ import annotations

import numpy as np
import pytest

from rlm_lsp.model.sampling import summary, uniforms


def test_randomness_is_the_texts_own() -> None:
    ids = list(range(1, 400))
    assert np.array_equal(uniforms(ids, 64, 9), uniforms(tuple(ids), 64, 9))
    assert np.array_equal(uniforms(ids, 64, 9), uniforms(np.array(ids, dtype=np.int32).tolist(), 64, 9))
    assert not np.array_equal(uniforms(ids, 64, 9), uniforms(ids[:-1], 64, 9))
    assert np.array_equal(uniforms(ids, 8, 9), uniforms(ids, 64, 9)[:8])


def test_it_is_uniform_and_never_zero() -> None:
    values = uniforms([5], 4096, 9)
    assert values.shape == (4096, 9)
    assert 0.0 < values.min() < 1e-3
    assert 1 - 1e-3 < values.max() <= 1.0
    assert abs(float(values.mean()) - 0.5) < 0.01
    assert np.abs(np.corrcoef(values.T) - np.eye(9)).max() < 0.06


def test_a_value_is_the_same_on_every_machine() -> None:
    assert uniforms([1, 2, 3], 1, 2).round(6).tolist() == [[0.142935, 0.716164]]


def test_the_summary_is_of_quantiles_and_the_middle_is_the_median() -> None:
    draws = np.arange(1.0, 65.0)
    p10, p50, p90 = summary(draws)
    assert (p10, p50, p90) == pytest.approx((7.3, 32.5, 57.7))
    assert p50 == float(np.median(draws))
    assert summary([5.0]) == (5.0, 5.0, 5.0)


def test_nothing_is_negative() -> None:
    assert summary([-3.0, -2.0, 1.0]) == pytest.approx((0.0, 0.0, 0.8))
