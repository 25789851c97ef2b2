"""Where on its line a name stands, for formats whose columns count UTF-16 code units."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from rlm_lsp.check.gate import Place

_LINE_END = re.compile(r"\r\n?|\n")

ReadModule = Callable[[str, int], bytes | None]
"""The text behind a path that a report shows, and a notebook's cell; None if there is none."""


class Columns(NamedTuple):
    """1-based, in UTF-16 code units; ``end`` is behind the name, None where the name does not stand there as it is."""

    start: int
    end: int | None


class Regions:
    """Looks names up in the files. Ask in the order of files: only the last one's lines are kept."""

    def __init__(self, read: ReadModule) -> None:
        self._read = read
        self._module: tuple[str, int] | None = None
        self._lines: list[str] = []

    def columns(self, place: Place) -> Columns:
        """Where the function's own name is: as much of the end of its qualified name as is written there."""
        line = self._line(place)
        before = line[: place.column - 1]
        if len(before) < place.column - 1:
            return Columns(place.column, None)
        start = _utf16(before) + 1
        written = next((place.name[at:] for at in range(len(place.name)) if line.startswith(place.name[at:], place.column - 1)), "")
        return Columns(start, start + _utf16(written) if written else None)

    def _line(self, place: Place) -> str:
        if self._module != (place.path, place.cell):
            self._module = place.path, place.cell
            self._lines = _LINE_END.split((self._read(place.path, place.cell) or b"").decode("utf-8-sig", "replace"))
        return self._lines[place.line - 1] if place.line <= len(self._lines) else ""


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
