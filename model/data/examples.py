"""One schema for everything the model is trained and judged on: an input and the values known for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

LATENCY, HEAP = "latency@cpu", "peak_heap@cpu"  # seconds; bytes

# By metric, in s, B, B, B and %: below these two values cannot be told apart.
_FLOORS = {"latency": 1e-9, "peak_heap": 16.0, "peak_rss": 4096.0, "memory": 4096.0, "accuracy": 0.01}


def floor_of(objective: str) -> float:
    """Return what is added to an objective's values before their logarithm is taken, in its unit; a count's is one."""
    return _FLOORS.get(objective.partition("@")[0], 1.0)


FLOORS = {objective: floor_of(objective) for objective in (LATENCY, HEAP)}


@dataclass(frozen=True, slots=True)
class Example:
    """One encoder input and its known values (seconds, bytes, counts), by objective.

    ``split_halves`` holds, by objective, two medians of disjoint halves of the recorded calls: the noise ceiling is their
    rank correlation. ``problem`` groups solutions of one problem for pair accuracy. ``callees`` are the texts of the functions of its file
    that it calls.
    """

    id: str
    source: str
    group: str
    split: str
    text: str
    targets: dict[str, float]
    args: str | None = None
    problem: str | None = None
    language: str = "python"
    kind: str = "function"
    split_halves: dict[str, list[float]] = field(default_factory=dict)
    callees: list[str] = field(default_factory=list)


def write(path: Path, examples: Iterable[Example]) -> int:
    """Write examples as JSON lines through a temporary file; return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    count = 0
    with partial.open("w", encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
            count += 1
    partial.replace(path)
    return count


def read(path: Path) -> Iterator[Example]:
    """Yield the examples of a file written by :func:`write`."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Example(**json.loads(line))
