"""From a file's bytes to text, and from byte offsets to lines and columns."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from operator import add

from rlm_lsp.chunk.types import Problem
from rlm_lsp.languages import Language

# Only these end a line. U+2028, form feeds and vertical tabs do not, whatever str.splitlines says.
_LINE_END = re.compile(rb"\r\n?|\n")
_CONTINUATION_BYTE = re.compile(rb"[\x80-\xbf]")
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python codecs that are no encodings of source files, or decode in more than linear time.
_REFUSED_CODECS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


def decode(source: bytes, language: Language) -> tuple[str | None, Problem | None]:
    """Return the text of a file without its BOM, and what was wrong with its bytes.

    Bytes that the encoding does not know become replacement characters and Problem "encoding"; the text is then still
    there. The text is None for Problem "binary" (NUL bytes) and for UTF-16 or UTF-32 that does not decode.
    """
    for bom, name in _WIDE_BOMS:
        if source.startswith(bom):
            return _decode_wide(source, name)
    if b"\0" in source:
        return None, Problem("binary", "holds NUL bytes", source.count(b"\n", 0, source.index(b"\0")) + 1)
    has_bom = source.startswith(codecs.BOM_UTF8)
    body = source[len(codecs.BOM_UTF8) :] if has_bom else source
    name, problem = ("utf-8", None) if has_bom else _declared_encoding(body, language)
    try:
        return body.decode(name), problem
    except UnicodeDecodeError as error:
        line = _line_of(body, error.start)
        problem = problem or Problem("encoding", f"line {line}: not {name}; unknown bytes read as replacement characters", line)
        return body.decode(name, "replace"), problem


class LineIndex:
    """Where the lines of a UTF-8 text begin. Building it is linear; a look-up is logarithmic."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ascii = data.isascii()
        self.starts = [0, *accumulate(map(len, data.splitlines(keepends=True)))]
        if data and not data.endswith((b"\n", b"\r")):
            self.starts.pop()
        self.ends = list(map(add, self.starts, map(len, data.splitlines())))  # line terminators left out
        self.ends += [len(data)] * (len(self.starts) - len(self.ends))
        self._continuations: dict[int, list[int]] = {}

    def line(self, offset: int) -> int:
        """Return the 0-based line that byte ``offset`` lies on."""
        return bisect_right(self.starts, offset) - 1

    def position(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column, counted in code points, of byte ``offset``."""
        line = self.line(offset)
        if self._ascii:
            return line + 1, offset - self.starts[line] + 1
        continuations = self._continuations.get(line)
        if continuations is None:
            # Found once a line, so that many look-ups in one long line stay cheap.
            found = _CONTINUATION_BYTE.finditer(self._data, self.starts[line], self.ends[line])
            continuations = self._continuations[line] = [match.start() for match in found]
        return line + 1, offset - self.starts[line] - bisect_left(continuations, offset) + 1


def _decode_wide(source: bytes, name: str) -> tuple[str | None, Problem | None]:
    try:
        text = source.decode(name)
    except UnicodeDecodeError:
        return None, Problem("encoding", f"has the byte order mark of {name.upper()} but does not decode as it")
    if "\0" in text:
        return None, Problem("binary", "holds NUL characters", text.count("\n", 0, text.index("\0")) + 1)
    return text, None


def _declared_encoding(source: bytes, language: Language) -> tuple[str, Problem | None]:
    """Return the encoding of the coding cookie (PEP 263), or UTF-8 where there is none or Python knows no such encoding."""
    if language.coding_cookie is None or language.blank_line is None:
        return "utf-8", None
    for number, line in enumerate(_LINE_END.split(source[:4096], maxsplit=2)[:2], 1):
        match = language.coding_cookie.match(line)
        if match is not None:
            return _known_encoding(match.group(1).decode("ascii", "replace"), number)
        if language.blank_line.fullmatch(line) is None:
            break
    return "utf-8", None


def _known_encoding(name: str, line: int) -> tuple[str, Problem | None]:
    try:
        canonical = codecs.lookup(name).name
        # An encoding in which the cookie itself is not readable cannot be the file's own.
        readable = canonical not in _REFUSED_CODECS and b"coding".decode(canonical) == "coding"
    except (LookupError, UnicodeError, ValueError):
        readable = False
    if readable:
        return canonical, None
    return "utf-8", Problem("encoding", f"line {line}: unknown encoding {name[:40]!r}; read as UTF-8", line)


def _line_of(source: bytes, offset: int) -> int:
    return sum(1 for _ in _LINE_END.finditer(source, 0, offset)) + 1
