"""Between byte offsets of a UTF-8 text and LSP positions, whose characters are counted in the encoding agreed with the client."""

from __future__ import annotations

from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]


class TextIndex:
    """An immutable text with its line index. Line feeds and carriage returns end lines, whatever ``str.splitlines`` says."""

    def __init__(self, data: bytes, encoding: Encoding = "utf-16") -> None:
        self.data = data  # valid UTF-8
        self.encoding = encoding

    def position(self, offset: int) -> tuple[int, int]:
        """The 0-based (line, character) of byte ``offset``."""
        raise NotImplementedError

    def offset(self, line: int, character: int) -> int:
        """The byte offset of a position, clamped to the text as the specification says (a character past the line's end is its end)."""
        raise NotImplementedError

    def line_end(self, offset: int) -> int:
        """The byte offset where the line that ``offset`` lies on ends, its terminator left out."""
        raise NotImplementedError
