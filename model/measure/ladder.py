"""Our own kernels (`kernels/`): each function climbs a ladder of sizes until a call gets long.

`measure` runs in the sandboxed child. A row is one function; the rows of a family share `group` and `problem`, so that they stay in one
split and can be compared with each other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
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


def module_text(module: str) -> str:
    """The source of `kernels/<module>.py`."""
    return (resources.files(kernels) / f"{module}.py").read_text("utf-8")


def load_tasks() -> list[FunctionTask]:
    """Every function of every family."""
    texts = {module: module_text(module) for module in kernels.MODULES}
    tasks = []
    for family in kernels.families():
        for function in family.functions:
            module, name = function.__module__.rsplit(".", 1)[1], function.__name__
            segment = source_text.find(texts[module], name)
            if segment is None:
                raise LookupError(f"kernels/{module}.py: no def {name}")
            pointer = {"module": module, "qualname": name, "line": segment.line}
            tasks.append(
                FunctionTask(
                    key=f"{family.name}/{name}",
                    worker="rlm_lsp.model.measure.ladder:measure",
                    payload={"family": family.name, "function": name},
                    row={"group": family.name, "problem": family.name, "pointer": pointer, "sha256": segment.sha256},
                )
            )
    return tasks


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Cost of a function at each size of the ladder. Raises whatever the function raises."""
    family = next(found for found in kernels.families() if found.name == payload["family"])
    function = next(found for found in family.functions if found.__name__ == payload["function"])
    deadline = time.monotonic() + TASK_BUDGET_S
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
        if costs and costs[-1].latency_min > LONG_CALL_S / 20 and leetcode.seconds_of(make) > 4 * LONG_CALL_S:
            break
        costs.append(timing.measure_call(make, budget_s=CALL_BUDGET_S, longest_heap_s=LONG_CALL_S))
        entries.append({**leetcode.entry(text, costs[-1]), "size": size})
    return leetcode.result_of(entries, costs)
