"""Texts of chunks out of a layout: every line is indented once for the file, and a chunk joins those that it spans.

Most chunks are whole lines at one level or deeper, so their text is a slice, joined, with the same white space taken from each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from rlm_lsp.chunk.layout import ABSENT, MAX_TEXT, VERBATIM, Layout, Row


class Writer:
    """The lines of a file of which something is left, in order: their levels, and what they are, indented by them."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        levels = layout.levels
        self._rank = [0, *accumulate([level != ABSENT for level in levels])]  # of a line: how many before it are left
        self._levels = [level for level in levels if level != ABSENT]
        # times a negative number white space is empty, so a line inside a string stays as it is
        self._lines = [b" " * level + content for level, content in zip(levels, layout.contents, strict=True) if level != ABSENT]

    def text(self, start: int, end: int) -> str:
        """Return the normalised text of bytes ``start:end``, its first line at level 0, cut to MAX_TEXT."""
        levels, lines, _ = self._within(start, end)
        return _joined(levels, lines)

    def text_without(self, start: int, end: int, elided: list[tuple[int, int]], instead: bytes) -> str:
        """Return the same with ``instead`` in the place of each of the ``elided`` extents (in order), behind the code before it."""
        levels: list[int] = []
        lines: list[bytes] = []
        for gap_start, gap_end in elided:
            self._extend(levels, lines, start, self._layout.code_end(gap_start))
            if lines:
                lines[-1] += instead
            start = gap_end
        self._extend(levels, lines, start, end)
        return _joined(levels, lines)

    def _extend(self, levels: list[int], lines: list[bytes], start: int, end: int) -> None:
        """Append the lines of ``start:end``; a first one that goes on in the line of the last one is joined to it."""
        more_levels, more, from_start = self._within(start, end)
        if lines and from_start and 0 <= self._layout.firsts[self._layout.lines.line(start)] < start:
            lines[-1] += b" " + more.pop(0)[max(more_levels.pop(0), 0) :]
        levels += more_levels
        lines += more

    def _within(self, start: int, end: int) -> tuple[list[int], list[bytes], bool]:
        """Return levels and lines of bytes ``start:end``, no more than MAX_TEXT needs, and whether the line of ``start`` is among them.

        The first and the last line are cut where the extent begins or ends inside.
        """
        layout = self._layout
        first, last = layout.lines.line(start), layout.lines.line(end)
        low, high = self._rank[first], self._rank[last + 1]
        levels, lines = self._levels[low:high], self._lines[low:high]
        if not lines:
            return levels, lines, False
        if last > first and end < layout.lasts[last] and layout.levels[last] != ABSENT:
            _put(levels, lines, -1, layout.within(last, start, end))
        from_start = layout.levels[first] != ABSENT
        if from_start and (start > layout.firsts[first] or end < layout.lasts[first]):
            from_start = _put(levels, lines, 0, layout.within(first, start, end))
        if end - start > MAX_TEXT:
            count = _enough(lines)
            return levels[:count], lines[:count], from_start
        return levels, lines, from_start


def join_rows(rows: Sequence[Row]) -> str:
    """Return rows as text, the first one at level 0, cut to MAX_TEXT bytes."""
    return _joined([row.level for row in rows], [b" " * row.level + row.content for row in rows])


def _put(levels: list[int], lines: list[bytes], place: int, row: Row | None) -> bool:
    """Put a row in the place of a line, or nothing; return whether there was one."""
    if row is None:
        del levels[place], lines[place]
        return False
    levels[place], lines[place] = row.level, b" " * row.level + row.content
    return True


def _enough(lines: list[bytes]) -> int:
    """Return the number of lines from which MAX_TEXT bytes of text are made, or that of all."""
    size = 0
    for index, line in enumerate(lines):
        size += len(line)
        if size > MAX_TEXT:
            return index + 1
    return len(lines)


def _joined(levels: list[int], lines: list[bytes]) -> str:
    """Return indented lines as text, the first one at level 0, cut to MAX_TEXT bytes."""
    base = levels[0] if levels else 0
    if base > 0 and min(levels) >= base:
        text = b"\n".join(lines)[base:].replace(b"\n" + b" " * base, b"\n")
    elif base == 0:
        text = b"\n".join(lines)
    else:
        moved = [
            line if level == VERBATIM else b" " * (level - base) + line[max(level, 0) :] for level, line in zip(levels, lines, strict=True)
        ]
        text = b"\n".join(moved)
    return text[:MAX_TEXT].decode("utf-8", "ignore")
