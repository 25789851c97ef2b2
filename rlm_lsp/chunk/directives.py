"""Comments that speak to us: ``rlm: ignore``, ``rlm: ignore[latency]``, ``rlm: budget latency=5ms peak-heap=1MiB``.

A directive stands at the beginning of a comment, or of a line of one, or behind a second comment sign in it (``# noqa  # rlm: ignore``).
What follows it may be a reason, if a sign such as ``-`` or ``(`` comes first. It belongs to a function in one of two ways:

- it stands on a line of the function's header: from the first line of the function (decorators included) to the line where its signature
  ends, or where the brace stands that opens its body;
- it stands on lines that hold nothing but comments, and the function's first line follows directly below them.

Of several functions in one line that one is meant which begins last before the comment, else the first one behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rlm_lsp.chunk.types import Directive
from rlm_lsp.text import LineIndex
from rlm_lsp.units import METRIC_UNITS, parse_value

MARK = b"rlm:"

_DIRECTIVE = re.compile(rb"(?:^[^\w\n]*|(?:#|//|--|;|%)[ \t]*)(rlm:[ \t]*([\w-]*))([^\n]*)", re.MULTILINE)
_METRICS = re.compile(r"\s*\[([^\]]*)\]")
_LIMIT = re.compile(r"[\s,]*([\w-]+)\s*=\s*([\d.]+(?:e[+-]?\d+)?\s*[A-Za-zµμ]*)")
_REASON = re.compile(r"\s*(?:$|[^\w\s\[=])")


class Header(NamedTuple):
    """A function's offsets: where it begins, where its header ends (its body, or behind its name if it has none), and its name."""

    start: int
    end: int
    name: int


def find_directives(data: bytes, lines: LineIndex, comments: Iterable[tuple[int, int]], headers: Sequence[Header]) -> tuple[Directive, ...]:
    """The directives in a file's comments (their extents) in source order, each with the function that it belongs to.

    ``start_byte`` is where ``rlm:`` begins, ``end_byte`` where the directive ends; a reason behind it is not part of it.
    """
    if MARK not in data:
        return ()
    spans = sorted(set(comments))
    found = [(start, match) for start, end in spans for match in _DIRECTIVE.finditer(data[start:end])]
    if not found:
        return ()
    targets = _Targets(data, lines, spans, headers)
    directives = []
    for comment, match in found:
        start = comment + match.start(1)
        line = lines.line(start)
        kind, metrics, limits, length, problem = _parse(match.group(2).decode(), match.group(3).decode("utf-8", "replace"))
        end = comment + match.end(1) + length
        directives.append(Directive(kind, metrics, limits, line + 1, start, end, problem, targets.of(line, comment)))
    return tuple(directives)


def _parse(verb: str, rest: str) -> tuple[Literal["ignore", "budget"], tuple[str, ...], tuple[tuple[str, float], ...], int, str | None]:
    """A directive's kind, metrics, limits, how many bytes of ``rest`` are part of it, and what is wrong with it."""
    try:
        if verb == "ignore":
            metrics, end = _ignored(rest)
            return "ignore", metrics, (), len(rest[:end].encode()), None
        if verb == "budget":
            limits, end = _limited(rest)
            return "budget", (), limits, len(rest[:end].encode()), None
        raise ValueError(f"unknown directive {verb[:40]!r}; there are ignore and budget")
    except ValueError as error:
        return "budget" if verb == "budget" else "ignore", (), (), 0, str(error)


def _ignored(rest: str) -> tuple[tuple[str, ...], int]:
    bracket = _METRICS.match(rest)
    end = bracket.end() if bracket else 0
    if not _REASON.match(rest, end):
        raise ValueError("metrics stand in brackets, as in ignore[latency], and a reason after a sign, as in ignore - why")
    if bracket is None:
        return (), end
    metrics = tuple(name.strip() for name in bracket.group(1).split(","))
    for name in metrics:
        _check_metric(name)
    return metrics, end


def _limited(rest: str) -> tuple[tuple[tuple[str, float], ...], int]:
    limits: dict[str, float] = {}
    end = 0
    while match := _LIMIT.match(rest, end):
        metric, amount = match.group(1), match.group(2).strip()
        _check_metric(metric)
        value, unit = parse_value(amount)
        if unit != METRIC_UNITS[metric]:
            raise ValueError(f"{amount!r} does not measure {metric}")
        if value <= 0:
            raise ValueError(f"{metric}: a budget of nothing cannot be kept")
        limits[metric] = value
        end = match.end()
    if not limits or not _REASON.match(rest, end):
        raise ValueError("limits are written latency=5ms or peak-heap=1MiB, and a reason after a sign such as -")
    return tuple(limits.items()), end


def _check_metric(name: str) -> None:
    if name not in METRIC_UNITS:
        raise ValueError(f"unknown metric {name[:40]!r}; there are {', '.join(METRIC_UNITS)}")


class _Targets:
    """Which function a comment speaks about."""

    def __init__(self, data: bytes, lines: LineIndex, comments: Sequence[tuple[int, int]], headers: Sequence[Header]) -> None:
        self._by_line: dict[int, list[Header]] = {}  # functions whose header stands on a line, by where they begin
        self._below: dict[int, Header] = {}  # the first function that begins on a line
        for header in sorted(headers):
            first = lines.line(header.start)
            self._below.setdefault(first, header)
            for line in range(first, lines.line(_signature_end(header, data, comments)) + 1):
                self._by_line.setdefault(line, []).append(header)
        alone: set[int] = set()
        for start, end in comments:
            first, last = lines.line(start), lines.line(end)
            first += bool(data[lines.starts[first] : start].strip())
            last -= bool(data[end : lines.ends[last]].strip())
            alone.update(range(first, last + 1))
        self._next_line: dict[
            int, int
        ] = {}  # from a line that holds nothing but comments to the next one that holds something else, or nothing
        for line in sorted(alone, reverse=True):
            self._next_line[line] = self._next_line.get(line + 1, line + 1)

    def of(self, line: int, comment: int) -> int | None:
        """Where the name begins of the function that a directive on ``line``, in the comment that begins at ``comment``, belongs to."""
        here = self._by_line.get(line)
        if here is not None:
            return next((header for header in reversed(here) if header.start <= comment), here[0]).name
        below = self._below.get(self._next_line.get(line, line))
        return below.name if below is not None and comment < below.start else None


def _signature_end(header: Header, data: bytes, comments: Sequence[tuple[int, int]]) -> int:
    """Where the last thing ends that belongs to a function's header: no comment, but the brace that opens its body."""
    if data[header.end : header.end + 1] == b"{":
        return header.end
    end = header.end
    while True:
        end = header.start + len(data[header.start : end].rstrip())
        index = bisect_left(comments, (end,)) - 1
        if index < 0 or comments[index][1] < end or comments[index][0] <= header.start:
            return end
        end = comments[index][0]
