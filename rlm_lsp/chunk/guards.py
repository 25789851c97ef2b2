"""Files that are not worth parsing, or not safe to: told by size, line length and nesting before the parser sees them."""

from __future__ import annotations

import re
from operator import sub

from rlm_lsp.chunk.types import Problem
from rlm_lsp.text import LineIndex

MAX_BYTES = 5_000_000
MAX_LINES = 100_000
MAX_LINE_BYTES = 50_000
MINIFIED_MEAN_BYTES = 500  # mean length of a line; asked only of files of MINIFIED_FROM_BYTES and more
MINIFIED_FROM_BYTES = 20_000
MAX_BRACKETS = 1_000  # open at once; CPython refuses more than 200
MAX_BLOCKS = 500  # indented in each other; CPython refuses more than 100, the grammar's scanner more than 511

_BRACKETS = b"()[]{}"
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in _BRACKETS)
_ROUND = bytes.maketrans(b"[]{}", b"()()")
_PASSES = 50  # deeper than code is nested; text that is deeper is counted bracket by bracket
_FAR_INDENTED = re.compile(rb"[ \t\r\f\v]{%d}" % MAX_BLOCKS)  # each block is indented by a column at least
_STRINGS = re.compile(rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"' + rb"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'")


def too_large(source: bytes) -> Problem | None:
    """Return why a file of this size is left alone, before anything is done with it."""
    if len(source) <= MAX_BYTES:
        return None
    return Problem("too-large", f"{len(source) / 1e6:.1f} MB, more than {MAX_BYTES / 1e6:.0f} MB")


def unreasonable(data: bytes, lines: LineIndex) -> Problem | None:
    """Return why text of this shape is not parsed."""
    count = len(lines.starts)
    if count > MAX_LINES:
        return Problem("too-large", f"{count:,} lines, more than {MAX_LINES:,}")
    lengths = list(map(sub, lines.ends, lines.starts))
    longest = max(lengths)
    if longest > MAX_LINE_BYTES:
        line = count - lengths[::-1].index(longest)
        return Problem("minified", f"line {line} is {longest:,} bytes long", line)
    if longest > MAX_BLOCKS and _FAR_INDENTED.search(data) and _indented_blocks(data, lines) > MAX_BLOCKS:
        return Problem("too-deep", f"more than {MAX_BLOCKS} blocks indented in each other")
    if _open_brackets(data) > MAX_BRACKETS and _open_brackets(_STRINGS.sub(b"", data)) > MAX_BRACKETS:
        return Problem("too-deep", f"more than {MAX_BRACKETS:,} brackets open at once")
    if len(data) >= MINIFIED_FROM_BYTES and len(data) > count * MINIFIED_MEAN_BYTES:
        return Problem("minified", f"lines are {len(data) // count:,} bytes long in the mean")
    return None


def _indented_blocks(data: bytes, lines: LineIndex) -> int:
    """Return how many lines lie indented in each other, by the white space they begin with."""
    stack: list[int] = []
    deepest = 0
    for start, end in zip(lines.starts, lines.ends, strict=True):
        content = data[start:end].lstrip()
        if not content:
            continue
        indent = end - start - len(content)
        if stack and stack[-1] == indent:
            continue
        while stack and stack[-1] >= indent:
            stack.pop()
        stack.append(indent)
        deepest = max(deepest, len(stack))
    return deepest


def _open_brackets(data: bytes) -> int:
    """Return how many brackets are open at most, strings and comments not told apart from code; a bound from above where that is few.

    Each pass takes the innermost pairs out, so nothing is nested deeper than there are passes and brackets that stay open.
    """
    brackets = inner = data.translate(_ROUND, _NOT_BRACKETS)
    for done in range(1, _PASSES + 1):
        outer = inner.replace(b"()", b"")
        if len(outer) == len(inner):
            return done + inner.count(b"(") if done + inner.count(b"(") <= MAX_BRACKETS else _deepest(brackets)
        inner = outer
    return _deepest(brackets)


def _deepest(brackets: bytes) -> int:
    """Return how many brackets of a text of nothing but round ones are open at most."""
    depth = deepest = 0
    for byte in brackets:
        if byte == ord("("):
            depth += 1
            deepest = max(deepest, depth)
        elif depth:
            depth -= 1
    return deepest
