"""From what two passes over a user's test suite saw to the rows that ``rlm-lsp model tune`` reads. They hold the functions' text."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.calls import callees_of
from rlm_lsp.model.measure import source_text
from rlm_lsp.model.measure.rows import Row

MOST_SIZES = 4  # rows with an args line, of one function

Key = tuple[str, str, int]
Calls = Sequence[tuple[str, float]]


def rows_of(root: Path, latencies: Iterable[Mapping[str, Any]], heaps: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield for each function a row without sizes (medians over its calls), then rows for up to four of the sizes it was called with.

    A function whose text is not in its file any more, or never was (made by ``exec``), is left out.
    """
    by_key = {_key(function): function["calls"] for function in heaps}
    files: dict[str, dict[tuple[str, int], tuple[str, tuple[str, ...]]]] = {}
    for function in sorted(latencies, key=_key):
        path, qualname, line = key = _key(function)
        if path not in files:
            files[path] = _functions(root / path)
        if (qualname, line) not in files[path]:
            continue
        text, callees = files[path][qualname, line]
        base: Row = {"id": f"{path}::{qualname}:{line}", "text": text, "language": "python", "kind": "function"}
        if callees:
            base["callees"] = list(callees)
        heap = by_key.get(key, [])
        yield {**base, **_costs([value for _, value in function["calls"]], [value for _, value in heap])}
        for args, seconds in _spread(function["calls"]):
            yield {**base, "args": args, **_costs(seconds, [value for size, value in heap if size == args])}


def _key(function: Mapping[str, Any]) -> Key:
    return function["path"], function["qualname"], function["line"]


def _functions(path: Path) -> dict[tuple[str, int], tuple[str, tuple[str, ...]]]:
    """The functions of a file by name and line: the text as written, and the normalised texts of what it calls there."""
    try:
        source = path.read_bytes()
        found = source_text.segments(source.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError, RecursionError):
        return {}
    chunks = chunk_source(source, "python").chunks
    places = ((chunk.qualified_name, chunk.span.start_line) for chunk in chunks)
    called = dict(zip(places, callees_of(chunks), strict=True))
    return {(segment.qualname, segment.line): (segment.text, called.get((segment.qualname, segment.line), ())) for segment in found}


def _costs(seconds: Sequence[float], sizes: Sequence[float]) -> dict[str, float]:
    found = {"latency": statistics.median(seconds)}
    if sizes:
        found["peak_heap"] = statistics.median(sizes)
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def _spread(calls: Calls) -> list[tuple[str, list[float]]]:
    """Sizes and the seconds of the calls with them, at most four, from the cheapest to the dearest."""
    groups: dict[str, list[float]] = defaultdict(list)
    for args, seconds in calls:
        if args:
            groups[args].append(seconds)
    ordered = sorted(groups.items(), key=lambda group: statistics.median(group[1]))
    count = min(MOST_SIZES, len(ordered))
    return [ordered[place * (len(ordered) - 1) // max(1, count - 1)] for place in range(count)]
