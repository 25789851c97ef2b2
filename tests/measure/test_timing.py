import time
from collections.abc import Callable
from typing import Any

import pytest

from rlm_lsp.model.measure import timing

HEAP_ACCURACY = 200  # bytes: which of the call's own small objects come from free lists varies


def make(function: Callable[..., object], *args: Any) -> timing.MakeCall:
    return lambda: (function, [timing.fresh(a) for a in args], {})


def test_latency_of_a_known_wait() -> None:
    cost = timing.measure_call(make(time.sleep, 0.004), budget_s=0.01)
    assert 0.004 <= cost.latency_min <= cost.latency_median < 0.2
    assert len(cost.samples) >= 5


def test_latency_is_per_call_not_per_sample() -> None:
    def short() -> None:
        return None

    cost = timing.measure_call(make(short), budget_s=0.05)
    assert 0 < cost.latency_min < 20e-6


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_heap_of_a_known_allocation(size: int) -> None:
    cost = timing.measure_call(make(bytearray, size), budget_s=0.01)
    assert cost.peak_heap is not None
    assert size - HEAP_ACCURACY <= cost.peak_heap <= size + 2_000


def test_heap_counts_the_peak_not_what_is_left() -> None:
    def peaks() -> int:
        bytearray(2_000_000)
        return 1

    def nothing() -> None:
        return None

    assert 2_000_000 - HEAP_ACCURACY <= timing.peak_heap(make(peaks)) <= 2_010_000
    assert timing.peak_heap(make(nothing)) == 0


def test_no_call_sees_the_arguments_of_another() -> None:
    lengths: set[int] = set()

    def drain(xs: list[int]) -> None:
        lengths.add(len(xs))
        xs.clear()

    timing.measure_call(make(drain, [1, 2, 3]), budget_s=0.02)
    assert lengths == {3}


def test_unreplayable_calls_are_made_right_before_they_are_timed() -> None:
    order: list[str] = []

    def call() -> None:
        order.append("call")

    def maker() -> timing.Call:
        order.append("make")
        return call, [], {}

    timing.measure_call(maker, budget_s=0.02, replayable=False)
    calls_in_a_row = "".join(word[0] for word in order)
    assert "cc" not in calls_in_a_row


def test_fresh_copies_share_nothing_mutable() -> None:
    value = [[1, 2], [3]]
    copied = timing.fresh(value)
    assert copied == value
    assert copied[0] is not value[0]
    row = [0]
    shared = timing.fresh([row, row])
    assert shared[0] is shared[1] is not row
    nested = {"a": [{1}]}
    assert timing.fresh(nested) == nested
    assert timing.fresh(nested)["a"][0] is not nested["a"][0]


def test_spread_is_p90_over_p10() -> None:
    assert timing.spread([2.0]) == 1.0
    assert timing.spread([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]) == 10.0 / 2.0
