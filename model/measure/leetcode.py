"""LeetCodeDataset: 2,404 Python functions with runnable checks, each timed on the arguments its check uses.

Source: newfacade/LeetCodeDataset, data/*.jsonl.gz (MIT). The parent half reads the files; `measure` runs in the sandboxed child.
"""

from __future__ import annotations

import functools
import gzip
import json
import sys
import time
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlm_lsp.model.measure import source_text, timing
from rlm_lsp.model.measure.campaign import FunctionTask
from rlm_lsp.model.measure.confine import Limits
from rlm_lsp.model.measure.describe import describe_call

SOURCE = "leetcode"
LIMITS = Limits(wall_s=8, cpu_s=8, address_bytes=2 << 30)
MAX_RECORDED = 12
MAX_CALLS = 6
CHECK_BUDGET_S = 0.7
TASK_BUDGET_S = 0.8
CALL_BUDGET_S = 0.012
LONGEST_HEAP_S = 0.3  # tracemalloc makes a call several times slower
RECURSION_LIMIT = 50_000


def load_tasks(data: Path) -> list[FunctionTask]:
    """The union of the dataset's files by task id; the newest version wins: its checks make the most calls. Raises FileNotFoundError."""
    files = sorted((data / "leetcodedataset").glob("*.jsonl.gz"), reverse=True)
    if not files:
        raise FileNotFoundError(f"no *.jsonl.gz in {data / 'leetcodedataset'}")
    tasks: dict[str, FunctionTask] = {}
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record["task_id"] not in tasks:
                    tasks[record["task_id"]] = _task(record, file.name)
    return list(tasks.values())


def program_text(record: Mapping[str, Any]) -> str:
    """The runnable program of a record; the function is looked up and hashed in this text."""
    return f"{record['prompt']}\n{record['completion']}\n"


def _task(record: Mapping[str, Any], file: str) -> FunctionTask:
    program = program_text(record)
    qualname = record["entry_point"].replace("()", "")
    try:
        segment = source_text.find(program, qualname)
    except SyntaxError:
        segment = None  # the child will report it
    return FunctionTask(
        key=record["task_id"],
        worker="rlm_lsp.model.measure.leetcode:measure",
        payload={"program": program, "test": record["test"], "entry_point": record["entry_point"]},
        row={
            "group": record["task_id"],
            "problem": record["task_id"],
            "pointer": {
                "file": f"leetcodedataset/{file}",
                "task_id": record["task_id"],
                "entry_point": record["entry_point"],
                "qualname": qualname,
                "line": segment.line if segment else None,
            },
            "sha256": segment.sha256 if segment else None,
        },
    )


class WrongAnswerError(Exception):
    """The program failed its own check."""


class EnoughError(Exception):
    """The check has been running for long and has made enough calls."""


class Recorder:
    """Stands in for the candidate while the check runs: passes calls on and keeps a fresh copy of some calls' arguments.

    Calls whose descriptor is new are preferred; the room that is left is filled with further calls. Raises EnoughError in place of a
    further call once the check's time is up and enough calls are recorded.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function
        self._new: dict[str, timing.Call] = {}
        self._more: list[tuple[str, timing.Call]] = []
        self._deadline = time.monotonic() + CHECK_BUDGET_S

    def __call__(self, *args: Any, **kwargs: Any) -> object:
        """The candidate's own answer."""
        if len(self._new) + len(self._more) >= MAX_CALLS and time.monotonic() > self._deadline:
            raise EnoughError
        text = describe_call(self._function, args, kwargs)
        if text not in self._new and len(self._new) < MAX_RECORDED:
            self._new[text] = self._copy(args, kwargs)
        elif len(self._more) < MAX_CALLS:
            self._more.append((text, self._copy(args, kwargs)))
        return self._function(*args, **kwargs)

    def _copy(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> timing.Call:
        return self._function, [timing.fresh(a) for a in args], {name: timing.fresh(value) for name, value in kwargs.items()}

    def calls(self) -> list[tuple[str, timing.Call]]:
        """Up to 6 calls, spread evenly over the distinct descriptors in order of appearance."""
        distinct = list(self._new.items())
        if len(distinct) >= MAX_CALLS:
            return [distinct[i * (len(distinct) - 1) // (MAX_CALLS - 1)] for i in range(MAX_CALLS)]
        return distinct + self._more[: MAX_CALLS - len(distinct)]


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Run a program's check, then time and weigh up to 6 of the calls it made. Raises WrongAnswerError and whatever the program raises."""
    sys.setrecursionlimit(RECURSION_LIMIT)
    namespace = run_program(payload["program"])
    candidate = eval(payload["entry_point"], namespace)
    recorder = Recorder(candidate)
    exec(compile(payload["test"], "<test>", "exec"), namespace)
    try:
        namespace["check"](recorder)
    except EnoughError:
        pass  # every answer so far was right
    except AssertionError as error:
        raise WrongAnswerError(str(error)[:100]) from None
    return measure_calls(recorder.calls(), namespace, budget_s=TASK_BUDGET_S, call_budget_s=CALL_BUDGET_S)


def run_program(program: str) -> dict[str, Any]:
    """Execute a program as the module `solution` (dataclasses look their module up by name); returns its namespace."""
    module = sys.modules["solution"] = types.ModuleType("solution")
    exec(compile(program, "<program>", "exec"), vars(module))
    return vars(module)


def measure_calls(
    calls: Sequence[tuple[str, timing.Call]], namespace: Mapping[str, Any], *, budget_s: float, call_budget_s: float
) -> dict[str, Any]:
    """Cost of each call on fresh copies of its arguments (and of the method's object), until the budget is spent.

    Returns the entries of the row's `calls`, per-call labels in seconds and bytes, and the halves for the noise ceiling.
    """
    resets = cache_resets(namespace)
    deadline = time.monotonic() + budget_s
    entries: list[dict[str, Any]] = []
    costs: list[timing.Cost] = []
    for text, call in calls:
        if costs and time.monotonic() > deadline:
            break
        cost = timing.measure_call(call_maker(call, resets), budget_s=call_budget_s, replayable=not resets, longest_heap_s=LONGEST_HEAP_S)
        costs.append(cost)
        entries.append(entry(text, cost))
    if not costs:
        raise RuntimeError("no call recorded")
    result = result_of(entries, costs)
    if len(costs) == 1:  # one call has no odd and even calls: its samples stand in
        samples = costs[0].samples
        result["latency_split"] = [min(samples[0::2]), min(samples[1::2])]
    return result


def entry(text: str, cost: timing.Cost) -> dict[str, Any]:
    """One element of a row's `calls`: seconds and bytes."""
    return {
        "args": text,
        "n": 1,
        "latency_min": cost.latency_min,
        "latency_median": cost.latency_median,
        "latency_spread": round(cost.latency_spread, 3),
        "peak_heap": cost.peak_heap,
    }


def result_of(entries: Sequence[Mapping[str, Any]], costs: Sequence[timing.Cost]) -> dict[str, Any]:
    """What a worker returns of the calls that it measured: the entries of the row's `calls`, and per-call labels in seconds and bytes."""
    return {
        "calls": entries,
        "latencies": [cost.latency_min for cost in costs],
        "heaps": [cost.peak_heap for cost in costs if cost.peak_heap is not None],
    }


def call_maker(call: timing.Call, resets: Sequence[Callable[[], None]]) -> timing.MakeCall:
    """Makes fresh copies of one call; a method gets a fresh object (`Solution()`), and memo tables of earlier calls are emptied."""
    function, args, kwargs = call
    owner = getattr(function, "__self__", None)
    name = function.__name__

    def make() -> timing.Call:
        for reset in resets:
            reset()
        target = function if owner is None else getattr(type(owner)(), name)
        return target, [timing.fresh(a) for a in args], {key: timing.fresh(value) for key, value in kwargs.items()}

    return make


def seconds_of(make: timing.MakeCall) -> float:
    """Seconds of one call: tells whether measuring it is affordable."""
    function, args, kwargs = make()
    start = time.perf_counter()
    function(*args, **kwargs)
    return time.perf_counter() - start


def cache_resets(namespace: Mapping[str, Any]) -> list[Callable[[], None]]:
    """`cache_clear` of every functools cache that the program keeps between calls (module level and class level)."""
    holders = [namespace, *(vars(value) for value in namespace.values() if isinstance(value, type) and value.__module__ == "solution")]
    cached = {id(value): value for holder in holders for value in holder.values() if isinstance(value, functools._lru_cache_wrapper)}
    return [value.cache_clear for value in cached.values()]


def function_text(data: Path, pointer: Mapping[str, Any]) -> str:
    """The program that a row's pointer names. Raises KeyError if the file does not have it."""
    with gzip.open(data / pointer["file"], "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["task_id"] == pointer["task_id"]:
                return program_text(record)
    raise KeyError(pointer["task_id"])
