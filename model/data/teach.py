"""Pseudo-labels: what teachers say of functions that nobody measured, as they are and at invented argument sizes.

A boosted teacher and an earlier checkpoint err differently: the mean of their logarithms ranks better than either (EXPERIMENTS.md).

The sizes are the point: measured functions that were called at many sizes are few, and a network that has only seen those learns to
ignore the ``args:`` line. The teacher is told sizes as numbers and reads them well; what it knows of them is written over 50,000 texts.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from rlm_lsp.model.baselines import BoostedTfidf, Floats
from rlm_lsp.model.data.corpus import LADDERS, text_hash
from rlm_lsp.model.data.examples import FLOORS, Example
from rlm_lsp.model.data.static import parsed
from rlm_lsp.model.measure.describe import MAX_ARGUMENTS, MAX_CHARACTERS, describe_value

_ARGUMENT = re.compile(r"(\w+)=((?:[^,\[]|\[[^\]]*\]*)+)(?:, |$)")
_OUTER = re.compile(r"^([a-z]\w*\[)(\d+)((?:x\d+)*)")
_LARGEST = 300_000.0
_LARGEST_ELEMENTS = 3_000_000  # of an array of several dimensions


@dataclass(frozen=True)
class Descriptors:
    """How arguments looked in measured calls: by the parameter's name, and all of them."""

    by_name: dict[str, list[str]]
    everywhere: list[str]


def descriptors_of(rows: Iterable[Example]) -> Descriptors:
    """Collect the arguments of sized rows; each function counts once."""
    by_name: dict[str, list[str]] = defaultdict(list)
    seen = set()
    for row in rows:
        for name, descriptor in _ARGUMENT.findall(row.args or ""):
            if (row.text, name) not in seen:
                seen.add((row.text, name))
                by_name[name].append(descriptor)
    return Descriptors(dict(by_name), [descriptor for name in sorted(by_name) for descriptor in by_name[name]])


def invented_args(text: str, known: Descriptors, rng: Random) -> str | None:
    """Return an ``args:`` line for a function, or ``None`` where it takes nothing or does not parse.

    A parameter looks as one of its name did in a measured call, else as any did; most sizes are then drawn anew, log-uniformly.
    """
    tree = parsed(text)
    function = next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)), None) if tree else None
    if function is None:
        return None
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs) if a.arg not in ("self", "cls")]
    common = 10 ** rng.uniform(0.0, np.log10(_LARGEST))
    words: list[str] = []
    for name in names[:MAX_ARGUMENTS]:
        descriptor = rng.choice(known.by_name.get(name) or known.everywhere)
        fate = rng.random()  # most arguments of a call are of like size
        if fate < 0.8:
            descriptor = _resized(descriptor, max(1, round(common if fate < 0.6 else 10 ** rng.uniform(0.0, np.log10(_LARGEST)))))
        if len(", ".join([*words, f"{name}={descriptor}"])) > MAX_CHARACTERS:
            break
        words.append(f"{name}={descriptor}")
    return ", ".join(words) or None


def _resized(descriptor: str, size: int) -> str:
    if descriptor.startswith("int"):
        return describe_value(size)

    def with_size(match: re.Match[str]) -> str:
        others = match[3].count("x")
        if not others:
            return f"{match[1]}{size}"
        most = round(_LARGEST_ELEMENTS ** (1 / (others + 1)))
        return match[1] + "x".join([str(min(size, most))] * (others + 1))

    return _OUTER.sub(with_size, descriptor)


def at_invented_sizes(functions: Iterable[Example], known: Descriptors, copies: int, seed: int) -> Iterator[Example]:
    """Yield ``copies`` of each function at different invented sizes."""
    for function in functions:
        for copy in range(copies):
            args = invented_args(function.text, known, Random(f"{seed}/{copy}/{function.id}"))
            if args is not None:
                yield replace(function, id=text_hash(f"{function.text}\0{args}"), args=args)


def taught(
    typical: Sequence[Example],
    sized: Sequence[Example],
    functions: Sequence[Example],
    opinions: Mapping[str, Mapping[str, float]],
    seed: int = 1,
) -> tuple[list[Example], list[Example]]:
    """Return the functions with pseudo-labels of both costs, without and with invented sizes.

    The boosted teacher learns from the training rows only. Functions measured on a ladder count double: they show what sizes do.
    ``opinions`` holds an earlier checkpoint's values by a function's id; it meets the teacher half-way. With sizes it moves the
    teacher's value by what it would move it without.
    """
    known = descriptors_of(row for row in sized if row.split == "train")
    plain, at_sizes = list(functions), list(at_invented_sizes(functions, known, 2, seed))
    place = {function.text: index for index, function in enumerate(functions)}
    measured = [row for row in (*typical, *sized) if row.split == "train"]
    measured += [row for row in measured if row.source in LADDERS and row.args]
    for objective, floor in FLOORS.items():
        rows = [row for row in measured if objective in row.targets]
        teacher = BoostedTfidf()
        teacher.fit(rows, np.log10([row.targets[objective] + floor for row in rows]))
        boosted = teacher.predict(functions)
        asked = np.array([np.log10(opinions[f.id][objective] + floor) if f.id in opinions else np.nan for f in functions])
        moved = np.nan_to_num(asked - boosted) / 2  # (N,), log10
        plain = _labelled(plain, boosted + moved, objective, floor)
        at_sizes = _labelled(at_sizes, teacher.predict(at_sizes) + moved[[place[e.text] for e in at_sizes]], objective, floor)
    return plain, at_sizes


def _labelled(functions: Sequence[Example], logs: Floats, objective: str, floor: float) -> list[Example]:
    values = np.maximum(10**logs - floor, 0.0)
    return [replace(e, targets={**e.targets, objective: float(value)}) for e, value in zip(functions, values, strict=True)]
