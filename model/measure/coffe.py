"""Coffe, function level: 398 HumanEval and MBPP functions on the data set's correctness inputs and on its stress inputs.

Source: JohnnyPeng18/Coffe, datasets/function (Apache-2.0; HumanEval MIT, MBPP CC-BY-4.0). The parent half reads the files; `measure`
runs in the sandboxed child, where inputs that are written as Python expressions are evaluated.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlm_lsp.model.measure import leetcode, source_text, timing
from rlm_lsp.model.measure.campaign import FunctionTask
from rlm_lsp.model.measure.confine import Limits
from rlm_lsp.model.measure.describe import describe_call

SOURCE = "coffe"
LIMITS = Limits(wall_s=30, cpu_s=30, address_bytes=4 << 30)
NAME = "solution"  # what the data set calls every function
SMALL_INPUTS = 3
LONGEST_CALL_S = 0.5
CALL_BUDGET_S = 0.01
TASK_BUDGET_S = 1.2


def load_tasks(data: Path) -> list[FunctionTask]:
    """Every function. Raises FileNotFoundError."""
    folder = data / "coffe"
    solutions = programs(folder)
    small, stress = (_read(folder / f"function__{name}.json.gz") for name in ("testcases", "stressful_testcases"))
    tasks = []
    for record in _read(folder / "function__data.json.gz"):
        prompt = record["final_prompt"]
        program = solutions[prompt]
        group = group_of(record)
        segment = source_text.find(program, NAME)
        inputs = {
            "small": [case["input"] for case in small.get(prompt, [])[:SMALL_INPUTS]],
            "stress": [case["input"] for case in stress.get(prompt, [])],
        }
        pointer = {
            "file": "coffe/function__solutions.json.gz",
            "task_id": group,
            "qualname": NAME,
            "line": segment.line if segment else None,
        }
        tasks.append(
            FunctionTask(
                key=group,
                worker="rlm_lsp.model.measure.coffe:measure",
                payload={"program": program, **inputs},
                row={"group": group, "problem": group, "pointer": pointer, "sha256": segment.sha256 if segment else None},
            )
        )
    return tasks


def programs(folder: Path) -> dict[str, str]:
    """The reference solution by prompt. Raises FileNotFoundError."""
    return {prompt: found[0][0] for prompt, found in _read(folder / "function__solutions.json.gz")["prompt2groundtruth"].items()}


def programs_by_group(folder: Path) -> dict[str, str]:
    """The reference solution by group (`HumanEval/3`, `MBPP/239`). Raises FileNotFoundError."""
    found = programs(folder)
    return {group_of(record): found[record["final_prompt"]] for record in _read(folder / "function__data.json.gz")}


def group_of(record: Mapping[str, Any]) -> str:
    """What a record is split by: the HumanEval or MBPP id that other data sets share."""
    return str(record["task_id"]) if record["dataset"] == "openai_humaneval" else f"MBPP/{record['task_id']}"


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Cost on a few small inputs and on the stress inputs, small ones first; stops at the time budget or at a long call."""
    sys.setrecursionlimit(leetcode.RECURSION_LIMIT)
    namespace = leetcode.run_program("from typing import *\n" + payload["program"])
    function = namespace[NAME]
    resets = leetcode.cache_resets(namespace)
    arguments = [list(values) for values in payload["small"]] + [_evaluated(text) for text in payload["stress"]]
    deadline = time.monotonic() + TASK_BUDGET_S
    entries: list[dict[str, Any]] = []
    costs: list[timing.Cost] = []
    for args in sorted(arguments, key=lambda args: len(repr(args))):
        make = leetcode.call_maker((function, args, {}), resets)
        text = describe_call(function, args, {})
        if any(entry["args"] == text for entry in entries):
            continue
        if costs and (time.monotonic() > deadline or leetcode.seconds_of(make) > LONGEST_CALL_S):
            break
        costs.append(timing.measure_call(make, budget_s=CALL_BUDGET_S, replayable=not resets, longest_heap_s=leetcode.LONGEST_HEAP_S))
        entries.append(leetcode.entry(text, costs[-1]))
    if not costs:
        raise RuntimeError("no call measured")
    return leetcode.result_of(entries, costs)


def _evaluated(text: Any) -> list[Any]:
    """The arguments that a stress input stands for."""
    value = eval(text, {**vars(typing)}) if isinstance(text, str) else text
    return list(value)


def _read(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)
