"""ENAMEL: HumanEval functions with input generators at growing sizes; an expert's and the canonical solution of each.

Source: q-rz/enamel, dataset/enamel.csv and samples/*.json (Apache-2.0). The parent half reads the files; `measure` runs in the
sandboxed child.
"""

from __future__ import annotations

import csv
import json
import math
import random
import string
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

SOURCE = "enamel"
LIMITS = Limits(wall_s=30, cpu_s=30, address_bytes=4 << 30)
SOLUTIONS = {"reference": "enamel-references.json", "canonical": "humanevalplus-canonical.json"}
CASES = 2
SEED = 20240607
LONGEST_CALL_S = 5.0
LONG_CALL_S = 0.5  # a level with a call over this is measured on one case and is the last
TASK_BUDGET_S = 3.0
CALL_BUDGET_S = 0.02


def load_tasks(data: Path) -> list[FunctionTask]:
    """Every task, once for each solution. Raises FileNotFoundError."""
    folder = data / "enamel"
    csv.field_size_limit(1 << 24)
    with (folder / "enamel.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    programs = {which: json.loads((folder / name).read_text(encoding="utf-8")) for which, name in SOLUTIONS.items()}
    return [_task(record, which, programs[which]) for record in records for which in SOLUTIONS]


def _task(record: Mapping[str, str], which: str, programs: list[list[str]]) -> FunctionTask:
    number = int(record["task_id"].rsplit("/", 1)[1])
    program = programs[number][0]
    segment = source_text.find(program, record["entry_point"])
    return FunctionTask(
        key=f"{record['task_id']}#{which}",
        worker="rlm_lsp.model.measure.enamel:measure",
        payload={
            "program": program,
            "entry_point": record["entry_point"],
            "prompt": record["prompt"],
            "generator": record["input_generator"],
            "levels": [int(level) for level in record["input_levels"].split()],
        },
        row={
            "group": record["task_id"],
            "problem": record["task_id"],
            "pointer": {
                "file": f"enamel/{SOLUTIONS[which]}",
                "task_id": record["task_id"],
                "index": number,
                "solution": which,
                "entry_point": record["entry_point"],
                "qualname": record["entry_point"],
                "line": segment.line if segment else None,
            },
            "sha256": segment.sha256 if segment else None,
        },
    )


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Cost of a solution on seeded random inputs of growing size; stops growing at the time budget or at a long call."""
    sys.setrecursionlimit(leetcode.RECURSION_LIMIT)
    namespace = leetcode.run_program(payload["program"])
    function = namespace[payload["entry_point"]]
    generate = _generator(payload)
    resets = leetcode.cache_resets(namespace)
    deadline = time.monotonic() + TASK_BUDGET_S
    entries: list[dict[str, Any]] = []
    costs: list[timing.Cost] = []
    growing = True
    for level, size in enumerate(payload["levels"]):
        for case in range(CASES):
            if not growing or (costs and time.monotonic() > deadline):
                break
            # case 0 of a level is often the degenerate input, so cases start at 1
            random.seed(f"{SEED}/{payload['entry_point']}/{level}/{case}")
            args = list(generate(size, level, case + 1))
            text = describe_call(function, args, {})
            make = leetcode.call_maker((function, args, {}), resets)
            seconds = leetcode.seconds_of(make)
            if seconds > LONGEST_CALL_S and costs:
                growing = False
                break
            cost = timing.measure_call(make, budget_s=CALL_BUDGET_S, replayable=not resets, longest_heap_s=LONG_CALL_S)
            costs.append(cost)
            entries.append({**leetcode.entry(text, cost), "size": size})
            growing = seconds < LONG_CALL_S
    if not costs:
        raise RuntimeError("no call measured")
    return leetcode.result_of(entries, costs)


def _generator(payload: Mapping[str, Any]) -> Any:
    """The record's `generate_input(size, lid, cid)` with the helpers that the data set's own runner offers to it."""
    namespace: dict[str, Any] = {"__name__": "generator", **vars(typing)}
    exec("from typing import *\n" + _prompt_helpers(payload["prompt"]), namespace)
    namespace.update(random=random, string=string, math=math)
    namespace.update(rand_parens=rand_parens, rand_primality=rand_primality, rand_probably_prime=rand_probably_prime)
    exec(compile(payload["generator"], "<generator>", "exec"), namespace)
    return namespace["generate_input"]


def _prompt_helpers(prompt: str) -> str:
    """The prompt up to its last `def`: helper functions of the task that a generator may use."""
    return prompt[: prompt.rindex("def ")]


def rand_parens(size: int, sep: str = "", *, valid: bool = True, par: str = "()") -> str:
    """A random balanced string of about `size` parentheses, outermost groups joined by `sep`; if not `valid`, one of them is flipped."""
    text: list[str] = []
    depth = 0
    for left in range(max(2, size // 2 * 2), 0, -1):
        opens = depth == 0 or (depth < left and random.random() < 0.5)
        text.append(par[0] if opens else par[1])
        depth += 1 if opens else -1
        if depth == 0 and left > 1:
            text.append(sep)
    if not valid:
        place = random.choice([i for i, letter in enumerate(text) if letter in par])
        text[place] = par[1] if text[place] == par[0] else par[0]
    return "".join(text)


def is_probable_prime(number: int) -> bool:
    """Miller-Rabin on the first twelve primes: exact below 3.3e24."""
    small = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
    if number < 2 or any(number % prime == 0 for prime in small):
        return number in small
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in small:
        power = pow(base, odd, number)
        if power not in (1, number - 1) and not any((power := power * power % number) == number - 1 for _ in range(twos - 1)):
            return False
    return True


def rand_probably_prime(*bounds: int) -> int:
    """A random prime up to `high` (one argument) or from `low` to `high` (two), or the last number tried if there is none near."""
    low, high = (2, *bounds)[-2:]
    number = low
    for _ in range(2000):
        number = random.randint(low, max(low, high))
        if is_probable_prime(number):
            break
    return number


def rand_primality(size: int, lid: int, cid: int) -> int:
    """A number for primality-like tasks: any up to `size` on level 0, then by turns a prime near `size` and a product of two primes."""
    if lid == 0:
        return random.randint(2, max(2, size))
    if cid % 2 == 0:
        return rand_probably_prime(max(2, size // 2), size)
    root = max(3, math.isqrt(size))
    return rand_probably_prime(max(2, root // 2), root) * rand_probably_prime(max(2, root // 2), root)


def function_text(data: Path, pointer: Mapping[str, Any]) -> str:
    """The program that a row's pointer names."""
    programs = json.loads((data / pointer["file"]).read_text(encoding="utf-8"))
    return str(programs[pointer["index"]][0])
