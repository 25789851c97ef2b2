"""Plain data of the chunker: what a file was cut into, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

ChunkKind = Literal["function", "kernel", "program"]


class Span(NamedTuple):
    """A piece of a file: bytes for the machine, 1-based line and column (in code points) for people."""

    start_byte: int
    end_byte: int
    start_line: int
    start_column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A function (or method, closure bound to a name, or the module body) with its normalised text."""

    language: str
    kind: ChunkKind
    qualified_name: str
    span: Span
    name_span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file, or a part of it, could not be cut; ``reason`` is one line for a person."""

    code: Literal[
        "too-large",
        "minified",
        "binary",
        "encoding",
        "too-deep",
        "syntax",
        "parse-timeout",
        "unsupported-language",
        "unreadable",
        "crashed",
    ]
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Directive:
    """A comment that speaks to us: ``rlm: ignore[latency]`` or ``rlm: budget latency=5ms``.

    ``metrics`` are those ignored (none: all); ``limits`` the budgets (metric, seconds or bytes). ``problem`` says what is wrong with it,
    and such a directive does nothing. ``target`` is where the name of the function begins that it belongs to; None: it belongs to none.
    """

    kind: Literal["ignore", "budget"]
    metrics: tuple[str, ...]
    limits: tuple[tuple[str, float], ...]
    line: int  # 1-based
    start_byte: int
    end_byte: int
    problem: str | None = None
    target: int | None = None


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """All chunks of a file in source order, its problems, and its directives; all may be non-empty at once."""

    chunks: tuple[Chunk, ...]
    problems: tuple[Problem, ...]
    directives: tuple[Directive, ...] = ()
    blocks: tuple[int, ...] = ()  # bytes at which a top-level statement begins a line
