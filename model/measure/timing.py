"""Cost of one call: wall latency by a repeat loop, peak heap by tracemalloc in a separate run. Runs inside the sandboxed child.

A call is given as a maker of fresh (function, args, kwargs): arguments are often mutated, so none is ever used twice.
"""

from __future__ import annotations

import copy
import gc
import math
import statistics
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

Call = tuple[Callable[..., object], Sequence[Any], dict[str, Any]]
MakeCall = Callable[[], Call]

SAMPLES = 5
SAMPLE_S = 200e-6
MAX_REPEATS = 200
LONG_CALL_S = 0.1
WARM_UP_S = 0.02
LONG_CALL_SAMPLES = 3
SCALARS = frozenset({int, float, str, bytes, bool, type(None), complex})


@dataclass(frozen=True)
class Cost:
    """Of one call: seconds (min and median over samples, p90/p10 of the samples), bytes (None: not measured), and seconds by sample."""

    latency_min: float
    latency_median: float
    latency_spread: float
    peak_heap: float | None
    samples: tuple[float, ...]


def fresh(value: Any) -> Any:
    """A deep copy; the usual containers of plain values are copied without copy.deepcopy's cost. Raises what deepcopy raises."""
    kind = type(value)
    if kind in SCALARS:
        return value
    if kind is list and _is_flat(value):
        return value[:]
    if kind is list and all(type(row) is list and _is_flat(row) for row in value) and len({id(row) for row in value}) == len(value):
        return [row[:] for row in value]  # no row is there twice, so nothing shared is lost
    return copy.deepcopy(value)


def _is_flat(values: list[Any]) -> bool:
    return {type(value) for value in values} <= SCALARS


def measure_call(make: MakeCall, *, budget_s: float, replayable: bool = True, longest_heap_s: float = math.inf) -> Cost:
    """Latency and peak heap of a call. `budget_s`: about how long the latency samples of a short call may take, copies included.

    `replayable=False` says that calls are to be timed one by one (something must be reset between them).
    A call longer than `longest_heap_s` is not run under tracemalloc. Raises what the call raises.
    """
    gc.collect()
    gc.disable()
    first = _window([make()])
    estimate = first
    if first < WARM_UP_S:
        estimate = min(first, _window([make()]))
    before = perf_counter_ns()
    make()
    copying = (perf_counter_ns() - before) * 1e-9
    repeats = min(MAX_REPEATS, math.ceil(SAMPLE_S / max(estimate, 1e-7)))
    affordable = int(budget_s / SAMPLES / (estimate + copying))
    repeats = max(1, min(repeats, affordable)) if replayable else 1
    number = SAMPLES if estimate < LONG_CALL_S else LONG_CALL_SAMPLES
    overhead = loop_overhead()
    samples = []
    for _ in range(number):
        calls = [make() for _ in range(repeats)]
        samples.append(max(_window(calls) / repeats - overhead, 1e-9))
    if number < SAMPLES:
        samples.append(first)
    heap = peak_heap(make) if estimate <= longest_heap_s else None
    return Cost(min(samples), statistics.median(samples), spread(samples), heap, tuple(samples))


def _window(calls: Sequence[Call]) -> float:
    """Seconds that all the calls take together, results dropped as they come."""
    start = perf_counter_ns()
    for function, args, kwargs in calls:
        function(*args, **kwargs)
    return (perf_counter_ns() - start) * 1e-9


def spread(samples: Sequence[float]) -> float:
    """p90/p10 of the samples (nearest rank); 1 for a single one."""
    ordered = sorted(samples)
    last = len(ordered) - 1
    return ordered[round(0.9 * last)] / ordered[round(0.1 * last)]


def peak_heap(make: MakeCall) -> float:
    """Bytes: peak of traced memory during a call minus its size at entry, minus what an empty function shows. Never negative.

    True to about 200 bytes: the interpreter's free lists decide whether a small object of the call itself is allocated or reused.
    """
    gc.collect()
    gc.disable()
    tracemalloc.start(1)
    try:
        function, args, kwargs = make()
        empty = min(_heap_window(_empty, (), {}) for _ in range(5))  # after make(), which moves the interpreter's free lists
        return float(max(0, _heap_window(function, args, kwargs) - empty))
    finally:
        tracemalloc.stop()


def _heap_window(function: Callable[..., object], args: Sequence[Any], kwargs: dict[str, Any]) -> int:
    tracemalloc.reset_peak()
    entry, _ = tracemalloc.get_traced_memory()
    function(*args, **kwargs)
    _, peak = tracemalloc.get_traced_memory()
    return peak - entry


def _empty() -> None:
    pass


_OVERHEAD: list[float] = []


def loop_overhead() -> float:
    """Seconds a call that the repeat loop adds to a plain call statement, measured once a process."""
    if not _OVERHEAD:
        repeats = 2000
        calls: list[Call] = [(_empty, (), {})] * repeats
        through_loop = min(_window(calls) for _ in range(5)) / repeats
        _OVERHEAD.append(max(0.0, through_loop - empty_call_seconds()))
    return _OVERHEAD[0]


def empty_call_seconds() -> float:
    """Seconds of `f()` for an empty f, loop excluded: the cheapest call there is."""
    repeats = range(2000)
    best = math.inf
    for _ in range(5):
        start = perf_counter_ns()
        for _ in repeats:
            pass
        middle = perf_counter_ns()
        for _ in repeats:
            _empty()
        end = perf_counter_ns()
        best = min(best, (end - middle) - (middle - start))
    return best * 1e-9 / len(repeats)
