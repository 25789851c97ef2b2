"""Mutants of our own kernels: each function before (`kernels`) and after (`mutants`) a change of its cost, at equal `args:`.

A mutant is compiled in the namespace of the original's module, gets the arguments that the original gets and climbs the same ladder.
`measure` runs in the sandboxed child.
"""

from __future__ import annotations
import __future__

import copy
import hashlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

from rlm_lsp.model.measure import ladder, mutate, source_text
from rlm_lsp.model.measure.campaign import FunctionTask

SOURCE = "mutants"
LIMITS = ladder.LIMITS
TASK_BUDGET_S = 0.6
MOST_MUTANTS = 4  # of one function
# They apply to almost every function and would crowd out the others
_COMMON = frozenset(
    {"work-3-times", "work-for-each", "copied-at-entry", "first-100", "first-half", "body-3-times", "body-10-times", "check-in-loop"}
)
_COMMON_WEIGHT = 0.25


def load_tasks() -> list[FunctionTask]:
    """Up to four mutants of every function of every family, chosen by a hash."""
    return [
        FunctionTask(
            key=f"{family.name}/{segment.qualname}+{mutation}",
            worker="rlm_lsp.model.measure.mutants:measure",
            payload={"family": family.name, "function": segment.qualname, "text": text},
            row={
                "group": family.name,
                "problem": family.name,
                "pointer": {"module": module, "qualname": segment.qualname, "line": segment.line, "mutation": mutation},
                "sha256": source_text.sha256(text),
            },
        )
        for family, _, module, segment in ladder.functions()
        for mutation, text in chosen(segment, family.name).items()
    ]


def chosen(segment: source_text.Segment, family: str) -> dict[str, str]:
    """The mutations that a function is measured with and their texts. Another function's mutants, and later mutations, hardly move it."""
    found = dict(mutate.mutants(segment.text))
    draws = {name: _draw(f"{family}/{segment.qualname}+{name}") ** (1 / (_COMMON_WEIGHT if name in _COMMON else 1.0)) for name in found}
    return {name: found[name] for name in sorted(found, key=lambda name: -draws[name])[:MOST_MUTANTS]}


def _draw(key: str) -> float:
    return int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) / 16**12


def text_of(row: Mapping[str, Any]) -> str | None:
    """The mutant that a row was measured with, or ``None`` where its kernel or its mutation is not what it was."""
    pointer = row["pointer"]
    segment = ladder.segments(pointer["module"]).get(pointer["qualname"])
    text = mutate.mutated(segment.text, pointer["mutation"]) if segment and pointer["mutation"] in mutate.MUTATIONS else None
    return text if text is not None and source_text.sha256(text) == row["sha256"] else None


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Cost of a mutant at each size of the ladder. Raises TooLongError and whatever the mutant raises."""
    family, original = ladder.find(payload["family"], payload["function"])
    return ladder.climb(family, compiled(payload["text"], original), TASK_BUDGET_S)


def compiled(text: str, original: Callable[..., object]) -> Callable[..., object]:
    """A mutant as a function, in a copy of its original's namespace: where it calls itself, it calls the mutant."""
    namespace = {"copy": copy, **vars(sys.modules[original.__module__])}
    exec(compile(text, "<mutant>", "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True), namespace)
    function: Callable[..., object] = namespace[original.__name__]
    return function
