"""What of a notebook cell is no code: IPython's magics, shell lines and help requests, blanked so that offsets hold."""

from __future__ import annotations

import re

_CODE_CELLS = frozenset({b"capture", b"memit", b"mprun", b"prun", b"py", b"pypy", b"python", b"python3", b"time", b"timeit"})
"""Cell magics whose cell is Python all the same. What follows any other one is a language of its own, or a file's content."""

_CELL_MAGIC = re.compile(rb"\s*%%([\w.-]*)")
# IPython knows a magic from the operator % by the tokens before it. Formatters put a space behind the operator, and so we ask for none.
_MAGIC = re.compile(rb"(?:^|(?<=[\r\n]))([ \t]*)((?:%{1,2}[A-Za-z_]|!(?!=)|\?)[^\r\n]*|[\w.]+\?{1,2}[ \t]*(?=[\r\n]|$))")
_CONTINUED = re.compile(rb"[^\r\n]*\\(?:\r\n|\r|\n)|[^\r\n]*")
_NOT_LINE_END = re.compile(rb"[^\r\n]")


def blank_magics(cell: bytes) -> bytes:
    """The cell's text with all that only IPython understands replaced, in the same length and with the same lines."""
    magic = _CELL_MAGIC.match(cell)
    if magic is not None and magic.group(1) not in _CODE_CELLS:
        return _blank(cell)
    pieces = []
    position = 0
    for match in _MAGIC.finditer(cell):
        start = match.start(2)
        if start < position:  # the continuation of a magic above
            continue
        end = _end(cell, start)
        blank = _blank(cell[start:end])
        if match.group(1) and len(match.group(2)) >= len(b"pass"):
            blank = b"pass" + blank[len(b"pass") :]  # an indented one may be its block's only statement
        pieces += [cell[position:start], blank]
        position = end
    pieces.append(cell[position:])
    return b"".join(pieces)


def _end(cell: bytes, start: int) -> int:
    """Where a magic ends: with its line, or with those that a backslash joins to it."""
    while True:
        match = _CONTINUED.match(cell, start)
        if match is None or match.end() == start or not match.group().rstrip(b"\r\n").endswith(b"\\") or match.group()[-1:] not in b"\r\n":
            return start if match is None else match.end()
        start = match.end()


def _blank(text: bytes) -> bytes:
    return _NOT_LINE_END.sub(b" ", text)
