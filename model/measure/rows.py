"""The rows on disk: one JSON object a line, appended, resumable after any kind of end. Never program text."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

SCHEMA = 1
Row = dict[str, Any]


def mend(path: Path) -> None:
    """Cut off a half-written last line, as a killed process leaves it."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        content = file.read()
        complete = content.rfind(b"\n") + 1
        if complete < len(content):
            file.truncate(complete)


def read(path: Path) -> Iterator[Row]:
    """All rows of a file; a missing file has none. Raises json.JSONDecodeError on a broken complete line."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def append(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows at the end and wait until they are on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a whole file anew; a reader sees either the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    append(draft, rows)
    draft.replace(path)


def labels(latencies: Sequence[float], heaps: Sequence[float]) -> Row:
    """The whole-function labels: medians over calls, and the medians of the odd and the even calls (the noise ceiling).

    `latencies` in seconds and `heaps` in bytes, one value a recorded call, in the order of the calls. A label without calls is None.
    """
    return {
        "latency": _median(latencies),
        "latency_split": [_median(latencies[0::2]), _median(latencies[1::2])],
        "peak_heap": _median(heaps),
        "heap_split": [_median(heaps[0::2]), _median(heaps[1::2])],
    }


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
