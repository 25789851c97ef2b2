"""Pairs, exponents and renames: figures on data whose answer is known."""

import numpy as np
import pytest

from rlm_lsp.model import evaluate, probes
from rlm_lsp.model.data.edits import Edit
from rlm_lsp.model.data.examples import LATENCY, Example


def example(text: str, args: str | None, problem: str | None = "p", seconds: float = 1.0) -> Example:
    return Example(text, "kernels", "g", "test", text, {LATENCY: seconds}, args=args, problem=problem)


def test_pairs_are_different_functions_of_one_problem_at_equal_sizes() -> None:
    rows = [
        example("a", "xs=list[10]"),
        example("b", "values=list[10]"),
        example("a", "xs=list[100]"),
        example("c", "xs=list[10]", problem="q"),
        example("d", None),
        example("a", "xs=list[10]"),
    ]
    assert probes.edit_pairs(rows) == [(0, 1), (1, 5)]


def test_a_problem_with_many_functions_gives_a_bounded_number_of_pairs() -> None:
    assert len(probes.edit_pairs([example(str(i), "n=int") for i in range(100)])) == 20


def test_direction_is_judged_only_where_costs_are_apart() -> None:
    truth = np.log10(np.array([1.5, 3.0, 0.2, 20.0, 0.01]))
    predicted = np.log10(np.array([0.5, 2.0, 2.0, 5.0, 0.5]))
    figures = probes.edit_figures(truth, predicted)
    assert (figures.pairs, figures.over_2x, figures.over_10x) == (5, 4, 2)
    assert figures.right_2x == 0.75
    assert figures.right_10x == 1.0


def test_the_band_holds_four_fifths_of_the_ratios() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 1, 2000)
    error = rng.normal(0, 0.3, 2000)
    band = probes.band_of(truth, truth + error)
    assert np.mean(np.abs(error) <= np.log10(band)) == pytest.approx(0.8, abs=0.01)
    assert np.isnan(probes.band_of(np.zeros(0), np.zeros(0)))


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_the_exponent_of_a_power_law(power: float) -> None:
    sizes = [10, 100, 1000]
    rows = [example("f", f"xs=list[{n}], k=int[5e1]") for n in sizes]
    values = np.array([1e-6 * n**power for n in sizes])
    assert probes.exponents(rows, values, 0.0) == pytest.approx({"f": slope(power)}, abs=1e-6)
    assert probes.exponent_errors(rows, values, values * 7, 0.0) == pytest.approx([0.0])


def slope(power: float) -> float:
    """The largest size of the first row is k's 50."""
    x = np.log10([50.0, 100.0, 1000.0])
    y = power * np.log10([10.0, 100.0, 1000.0])
    return float(np.polyfit(x, y, 1)[0])


def test_no_exponent_without_sizes_that_span_ten() -> None:
    rows = [example("f", f"xs=list[{n}]") for n in (10, 20, 40)] + [example("g", "n=int")] * 3
    assert probes.exponents(rows, np.ones(6), 0.0) == {}


def test_sizes_beyond_a_float_are_large_and_finite() -> None:
    assert probes.largest_size("n=int[1e4000], xs=list[3]") == 1e18
    rows = [example("f", f"n=int[1e{k}]") for k in (3, 400, 4000, 9)]
    assert np.isfinite(list(probes.exponents(rows, np.ones(4), 0.0).values())).all()


def test_moves_are_shares_in_both_directions() -> None:
    assert probes.moves(np.array([1.0, 1.0, 2.0]), np.array([1.1, 1 / 1.1, 2.0])) == pytest.approx([0.1, 0.1, 0.0])


def test_one_change_has_figures_of_its_own_beside_all_pairs() -> None:
    rows = [example(text, "xs=list[10]", seconds=seconds) for text, seconds in (("a", 1.0), ("b", 4.0), ("c", 20.0))]
    edits = [Edit("work-3-times", rows[0], rows[1]), Edit("work-3-times", rows[0], example("unanswered", "xs=list[10]"))]
    found = evaluate.probe(rows, np.array([1.0, 3.0, 2.0]), LATENCY, edits)
    assert (found["changes"]["pairs"], found["changes"]["over_2x"], found["changes"]["right_2x"]) == (1, 1, 1.0)
    assert found["changes"]["band"] == pytest.approx(4 / 3, abs=1e-3)
    assert (found["edits"]["pairs"], found["edits"]["over_2x"], found["edits"]["right_2x"]) == (3, 3, 0.6667)
