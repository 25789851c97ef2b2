r"""Between byte offsets of a UTF-8 text and LSP positions, whose characters are counted in the encoding agreed with the client.

The specification: 3.17, "Text Documents" and "Position". Only ``\n``, ``\r\n`` and ``\r`` end a line, whatever ``str.splitlines`` says.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(rb"\r\n?|\n")
_SURROGATES = re.compile("[\ud800-\udfff]")


class Edit(NamedTuple):
    """Bytes ``start:end`` of a text were replaced by ``new``."""

    start: int
    end: int
    new: bytes

    @property
    def new_end(self) -> int:
        """Where the replacement ends in the text after the edit."""
        return self.start + len(self.new)


def covering(edits: Sequence[Edit], data: bytes) -> Edit:
    """One edit in place of several, which were made one after the other and led to ``data``. There is at least one."""
    low, high, shift = edits[0].start, edits[0].start, 0
    for start, end, new in edits:
        grown = len(new) - (end - start)
        low, high = min(low, start), max(high, end) + grown
        shift += grown
    return Edit(low, high - shift, data[low:high])


class Batch:
    """A text under many changes at once, as when a name is replaced everywhere. Each costs what its lines cost."""

    def __init__(self, data: bytes, encoding: Encoding) -> None:
        self._encoding = encoding
        self._lines = _split(data)  # with their ends

    def replace(self, start: tuple[int, int], end: tuple[int, int], new: bytes) -> None:
        """Replace what lies between two positions, clamped as by ``TextIndex.offset``."""
        (first, before), (last, after) = sorted((self._clamped(start), self._clamped(end)))
        joined = self._lines[first][:before] + new + self._lines[last][after:]
        if first and joined.startswith(b"\n") and self._lines[first - 1].endswith(b"\r"):
            first -= 1
            joined = self._lines[first] + joined
        lines = _split(joined)
        if last + 1 < len(self._lines):
            lines.pop()  # nothing, behind the end of the last line
        self._lines[first : last + 1] = lines

    def data(self) -> bytes:
        """The text as it is now."""
        return b"".join(self._lines)

    def _clamped(self, position: tuple[int, int]) -> tuple[int, int]:
        """The line and the byte in it."""
        line, character = position
        if line < 0:
            return 0, 0
        if line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1])
        return line, TextIndex(self._lines[line], self._encoding).offset(0, character)


def _split(data: bytes) -> list[bytes]:
    starts = [0, *(match.end() for match in _LINE_END.finditer(data))]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


def encoded(text: str) -> bytes:
    """``text`` in UTF-8. Lone surrogates, which JSON can carry, become U+FFFD, which is as long as they are in every client encoding."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text).encode("utf-8")


class TextIndex:
    """An immutable text with its line index.

    Building it is linear; an edit copies the bytes and the line starts but scans only the lines that it touches.
    """

    __slots__ = ("_ascii", "_starts", "data", "encoding")

    def __init__(self, data: bytes, encoding: Encoding = "utf-16") -> None:
        self._fill(data, encoding, [0, *(match.end() for match in _LINE_END.finditer(data))])

    @classmethod
    def of(cls, text: str, encoding: Encoding = "utf-16") -> TextIndex:
        """The index of a text as a client sent it."""
        return cls(encoded(text), encoding)

    def _fill(self, data: bytes, encoding: Encoding, starts: list[int]) -> None:
        self.data = data  # valid UTF-8
        self.encoding = encoding
        self._starts = starts
        self._ascii = data.isascii()

    def edited(self, edit: Edit) -> TextIndex:
        """The text after ``edit``."""
        start, end, new = edit
        data = b"".join((self.data[:start], new, self.data[end:]))
        # A carriage return before the edit may gain or lose its line feed, and so may one that the edit ends with.
        first = self.line(max(start - 1, 0))
        after = bisect_right(self._starts, end)
        shift = len(new) - (end - start)
        stop = self._starts[after] + shift if after < len(self._starts) else len(data)
        touched = [match.end() for match in _LINE_END.finditer(data, self._starts[first], stop)]
        if after < len(self._starts) and touched and touched[-1] == stop:
            touched.pop()  # the first of those that follow
        edited = TextIndex.__new__(TextIndex)
        edited._fill(data, self.encoding, [*self._starts[: first + 1], *touched, *[line + shift for line in self._starts[after:]]])
        return edited

    @property
    def line_count(self) -> int:
        """The number of lines; a text that ends with a line end has an empty last line."""
        return len(self._starts)

    def line(self, offset: int) -> int:
        """The 0-based line that byte ``offset`` lies on."""
        return bisect_right(self._starts, offset) - 1

    def line_start(self, offset: int) -> int:
        """The byte offset where the line that ``offset`` lies on begins."""
        return self._starts[self.line(offset)]

    def line_end(self, offset: int) -> int:
        """The byte offset where the line that ``offset`` lies on ends, its terminator left out."""
        return self._end(self.line(offset))

    def position(self, offset: int) -> tuple[int, int]:
        """The 0-based (line, character) of byte ``offset``, which is clamped to the text and to the line without its terminator."""
        offset = min(max(offset, 0), len(self.data))
        line = self.line(offset)
        start = self._starts[line]
        prefix = self.data[start : min(offset, self._end(line))]
        if self._ascii or self.encoding == "utf-8" or prefix.isascii():
            return line, len(prefix)
        text = prefix.decode("utf-8", "ignore")  # "ignore": an offset inside of a character is that character's
        return line, len(text) if self.encoding == "utf-32" else len(text.encode("utf-16-le")) // 2

    def offset(self, line: int, character: int) -> int:
        """The byte offset of a position, clamped to the text as the specification says.

        A character past the line's end is its end, a line past the last one the text's end; inside of a character means before it.
        """
        if line < 0:
            return 0
        if line >= len(self._starts):
            return len(self.data)
        start, end = self._starts[line], self._end(line)
        character = max(character, 0)
        if self._ascii:
            return min(start + character, end)
        content = self.data[start:end]
        if content.isascii():
            return min(start + character, end)
        if self.encoding == "utf-8":
            offset = min(start + character, end)
            while offset < end and self.data[offset] & 0xC0 == 0x80:
                offset -= 1
            return offset
        # No line holds more characters than bytes, so a huge number from the client costs nothing.
        character = min(character, len(content))
        if self.encoding == "utf-32":
            return start + len(content.decode("utf-8")[:character].encode("utf-8"))
        units = content.decode("utf-8").encode("utf-16-le")[: 2 * character]
        return start + len(units.decode("utf-16-le", "ignore").encode("utf-8"))  # "ignore": half a surrogate pair

    def _end(self, line: int) -> int:
        if line + 1 == len(self._starts):
            return len(self.data)
        end = self._starts[line + 1] - 1
        if end > self._starts[line] and self.data[end] == 0x0A and self.data[end - 1] == 0x0D:
            end -= 1
        return end
