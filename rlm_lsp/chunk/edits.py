"""What normalised texts leave out of a file, or have something else for, and what is left of its lines."""

from __future__ import annotations

from typing import NamedTuple

from rlm_lsp.text import LineIndex


class Edit(NamedTuple):
    """Bytes of the file that are dropped, or stand replaced, in every normalised text."""

    start: int
    end: int
    replacement: bytes = b""


def with_space_before(data: bytes, lines: LineIndex, comment: Edit, opened: set[int]) -> Edit:
    """Return the removal of a comment; inside an f-string, where white space at a line's end stays, it takes that before it along."""
    line = lines.line(comment.start)
    if line not in opened and line + 1 not in opened:
        return comment
    start = lines.starts[line]
    return Edit(start + len(data[start : comment.start].rstrip()), comment.end)


def by_line(lines: LineIndex, edits: list[Edit], special: set[int]) -> tuple[dict[int, list[Edit]], set[int]]:
    """Return edits cut at line ends, the replacement on an edit's first line, and the lines in the midst of one, but for special ones."""
    pieces: dict[int, list[Edit]] = {}
    hidden: set[int] = set()
    for edit in edits:
        first = lines.line(edit.start)
        if edit.end <= lines.ends[first]:
            pieces.setdefault(first, []).append(edit)
            continue
        last = lines.line(edit.end)
        inner = set(range(first + 1, last))
        hidden |= inner - special
        for line in sorted({first, last} | (inner & special)):
            piece = Edit(max(edit.start, lines.starts[line]), min(edit.end, lines.ends[line]), edit.replacement if line == first else b"")
            pieces.setdefault(line, []).append(piece)
    return pieces, hidden


def apply_edits(data: bytes, edits: list[Edit], start: int, end: int) -> bytes:
    """Return ``data[start:end]`` with those edits of its line applied that touch it."""
    pieces = []
    for edit in edits:
        if edit.end < start or edit.start > end:
            continue
        pieces.append(data[start : max(start, edit.start)])
        pieces.append(edit.replacement if edit.start >= start else b"")
        start = max(start, edit.end)
    pieces.append(data[start:end])
    return b"".join(pieces)


def first_kept(data: bytes, edits: list[Edit], start: int, end: int) -> int:
    """Return where the first byte lies that is neither white nor dropped; ``end`` where there is none."""
    for edit in edits:
        before = data[start : edit.start]
        if edit.replacement or before.strip():
            return start + len(before) - len(before.lstrip())
        start = max(start, edit.end)
    rest = data[start:end]
    return start + len(rest) - len(rest.lstrip())


def last_kept(data: bytes, edits: list[Edit], start: int, end: int) -> int:
    """Return where the last byte ends that is neither white nor dropped; ``start`` where there is none."""
    for edit in reversed(edits):
        after = data[edit.end : end]
        if after.strip():
            break
        end = edit.start
    return start + len(data[start:end].rstrip())
