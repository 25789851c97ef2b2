"""Our own kernels: every function does its family's job, and where several answer the same question they agree."""

import math
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import pytest

from rlm_lsp.model.measure import kernels, ladder
from rlm_lsp.model.measure.timing import fresh

# In these modules a family's functions do like work of different extent; in all others they give the same answer.
LIKE_WORK = {"arrays", "dynamic", "graphs", "numbers", "search", "sequences", "text"}
SAME_ANSWER = {
    "unique": ("unique_in_order", "drop_duplicates", "distinct"),
    "running-totals": ("running_totals", "accumulate_totals", "running_sum_loop"),
    "sorting": ("bubble", "insertion", "quick", "merge_sorted_halves", "in_order", "heap_order"),
    "ten-largest": ("ten_largest", "top_by_heap", "top_by_removal"),
    "window-maxima": ("window_maxima", "window_maxima_by_queue"),
    "primes": ("primes_by_division", "primes_by_roots", "sieve"),
    "sum-of-squares": ("sum_of_squares", "sum_of_squares_closed", "sum_of_squares_loop"),
    "big-fibonacci": ("fib_big", "fib_doubling"),
    "median": ("median_by_sorting", "median_by_selection"),
    "ranks": ("rank_of_each", "rank_by_order"),
    "points": ("closest_pair", "closest_by_strip"),
    "two-texts": ("edit_distance", "edit_distance_in_rows"),
    "longest-rising": ("longest_rising", "longest_rising_fast"),
    "largest-sum": ("largest_sum_by_ranges", "largest_sum_by_slices"),
    "inversions": ("inversions", "inversions_by_tree"),
    "trapped-water": ("trapped", "trapped_by_two_ends"),
    "next-greater": ("next_greater", "next_greater_scan"),
    "subsets": ("subset_sums", "subset_sums_grown"),
    "queens": ("place_queens", "place_by_permutations"),
    "reaching": ("reachable", "reachable_by_list"),
    "looking-up": ("find_linear", "find_halving", "find_bisect"),
    "queries": ("positions", "positions_by_table"),
    "turning": ("turned", "turned_by_index"),
    "dot-products": ("dot", "dot_loop", "dot_of_lists"),
    "matrix-products": ("product", "product_loop", "product_of_lists"),
    "heat": ("heat_step", "heat_step_loop"),
    "rows": ("row_means", "row_means_loop"),
    "centres": ("nearest_centres", "nearest_centres_loop"),
    "logs": ("parse_by_pattern", "parse_by_splitting"),
}


@pytest.mark.parametrize("family", kernels.families(), ids=lambda family: family.name)
def test_functions_run_and_those_that_do_the_same_agree(family: kernels.Family) -> None:
    arguments = family.make(30, Random(3))
    answers = {function.__name__: function(*[fresh(value) for value in arguments]) for function in family.functions}
    module = family.functions[0].__module__.rsplit(".", 1)[1]
    same = [answers[name] for name in SAME_ANSWER.get(family.name, () if module in LIKE_WORK else answers)]
    for answer in same[1:]:
        assert agree(answer, same[0]), (answer, same[0])


def agree(answer: object, expected: object) -> bool:
    """Equal, numbers to nine digits, whatever kind of sequence holds them."""
    if isinstance(answer, np.ndarray | np.generic) or isinstance(expected, np.ndarray | np.generic):
        digits = 1e-5 if np.float32 in (getattr(answer, "dtype", None), getattr(expected, "dtype", None)) else 1e-9
        return np.allclose(np.asarray(answer, dtype=float), np.asarray(expected, dtype=float), rtol=digits, equal_nan=True)
    if isinstance(answer, float) or isinstance(expected, float):
        return math.isclose(float(answer), float(expected), rel_tol=1e-9, abs_tol=1e-12)  # type: ignore[arg-type]  # else the test fails
    if isinstance(answer, str | bytes):
        return answer == expected
    if isinstance(answer, Mapping) and isinstance(expected, Mapping):
        return answer.keys() == expected.keys() and all(agree(answer[key], expected[key]) for key in answer)
    if isinstance(answer, Sequence) and isinstance(expected, Sequence):
        return len(answer) == len(expected) and all(map(agree, answer, expected))
    return answer == expected


def test_every_function_is_a_task_once_and_stands_in_the_text_of_its_module() -> None:
    tasks = ladder.load_tasks()
    assert len({task.key for task in tasks}) == len(tasks) > 200
    for task in tasks:
        assert f"def {task.row['pointer']['qualname']}(" in ladder.module_text(task.row["pointer"]["module"])


def test_a_kernel_is_measured_up_its_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "TASK_BUDGET_S", 30.0)
    result = ladder.measure({"family": "sum-of-squares", "function": "sum_of_squares"})
    seconds = [call["latency_min"] for call in result["calls"]]
    assert len(seconds) > 3
    assert seconds[-1] > 10 * seconds[0]
    assert all(call["args"].startswith("n=int[") for call in result["calls"])
