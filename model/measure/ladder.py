"""Our own kernels (`kernels/`): each function climbs a ladder of sizes until a call gets long.

`measure` runs in the sandboxed child. A row is one function; the rows of a family share `group` and `problem`, so that they stay in one
split and can be compared with each other. `mutants.py` measures changed copies of the same functions on the same arguments.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from rlm_lsp.model.measure import kernels, leetcode, source_text, timing
from rlm_lsp.model.measure.campaign import FunctionTask
from rlm_lsp.model.measure.confine import Limits
from rlm_lsp.model.measure.describe import describe_call

SOURCE = "kernels"
LIMITS = Limits(wall_s=30, cpu_s=30, address_bytes=4 << 30)
SEED = 20261122
LONG_CALL_S = 0.1  # the ladder ends with a call over this
CALL_BUDGET_S = 0.01
TASK_BUDGET_S = 1.2


class TooLongError(BaseException):
    """A call was stopped. Not an Exception: the function that is stopped must not catch it."""


def module_text(module: str) -> str:
    """The source of `kernels/<module>.py`."""
    return (resources.files(kernels) / f"{module}.py").read_text("utf-8")


@cache
def segments(module: str) -> dict[str, source_text.Segment]:
    """The functions in `kernels/<module>.py` by qualified name."""
    return {found.qualname: found for found in source_text.segments(module_text(module))}


def functions() -> Iterator[tuple[kernels.Family, Callable[..., object], str, source_text.Segment]]:
    """Yield every function of every family with its module's name and its text. Raises LookupError where there is no such `def`."""
    for family in kernels.families():
        for function in family.functions:
            module, name = function.__module__.rsplit(".", 1)[1], function.__name__
            if name not in segments(module):
                raise LookupError(f"kernels/{module}.py: no def {name}")
            yield family, function, module, segments(module)[name]


def find(family: str, function: str) -> tuple[kernels.Family, Callable[..., object]]:
    """The family and the function of these names. Raises StopIteration."""
    found = next(each for each in kernels.families() if each.name == family)
    return found, next(each for each in found.functions if each.__name__ == function)


def load_tasks() -> list[FunctionTask]:
    """Every function of every family."""
    return [
        FunctionTask(
            key=f"{family.name}/{segment.qualname}",
            worker="rlm_lsp.model.measure.ladder:measure",
            payload={"family": family.name, "function": segment.qualname},
            row={
                "group": family.name,
                "problem": family.name,
                "pointer": {"module": module, "qualname": segment.qualname, "line": segment.line},
                "sha256": segment.sha256,
            },
        )
        for family, _, module, segment in functions()
    ]


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Cost of a function at each size of the ladder. Raises whatever the function raises."""
    family, function = find(payload["family"], payload["function"])
    return climb(family, function, TASK_BUDGET_S)


def climb(family: kernels.Family, function: Callable[..., object], budget_s: float) -> dict[str, Any]:
    """Measure a function on a family's arguments, size after size, until a call gets long or the budget is spent.

    Raises TooLongError where even the smallest size takes too long, and whatever the function raises.
    """
    deadline = time.monotonic() + budget_s
    entries: list[dict[str, Any]] = []
    costs: list[timing.Cost] = []
    for size in kernels.LADDER:
        if size > family.largest or (costs and (time.monotonic() > deadline or costs[-1].latency_min > LONG_CALL_S)):
            break
        arguments = family.make(size, Random(f"{SEED}/{family.name}/{size}"))
        make = leetcode.call_maker((function, list(arguments), {}), [])
        text = describe_call(function, arguments, {})
        if entries and entries[-1]["args"] == text:
            continue
        try:
            with cpu_limit(4 * LONG_CALL_S):  # a tenth of a rung's time before may be any time now: some costs are exponential
                leetcode.seconds_of(make)
        except TooLongError:
            if not costs:
                raise
            break
        costs.append(timing.measure_call(make, budget_s=CALL_BUDGET_S, longest_heap_s=LONG_CALL_S))
        entries.append({**leetcode.entry(text, costs[-1]), "size": size})
    return leetcode.result_of(entries, costs)


@contextlib.contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise TooLongError in the block once it has used so many seconds of processor time (main thread only)."""

    def stop(_signal: int, _frame: object) -> None:
        raise TooLongError(f"over {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
