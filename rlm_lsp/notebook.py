"""Notebooks: their code cells, and what of a cell is no code.

A cell is a module of its own. IPython's magics, shell lines and help requests in it are blanked so that offsets hold.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from rlm_lsp.chunk.types import Problem

SUFFIX = ".ipynb"
LANGUAGE = "python"
"""The language whose cells are cut. Notebooks of other kernels are not."""

CONTENT_LIMIT = 50_000_000  # bytes; outputs are stored in notebooks too
CELL_LIMIT = 10_000

_CODE_CELLS = frozenset({b"capture", b"memit", b"mprun", b"prun", b"py", b"pypy", b"python", b"python3", b"time", b"timeit"})
"""Cell magics whose cell is Python all the same. What follows any other one is a language of its own, or a file's content."""

_CELL_MAGIC = re.compile(rb"\s*%%([\w.-]*)")
# IPython knows a magic from the operator % by the tokens before it. Formatters put a space behind the operator, and so we ask for none.
_MAGIC = re.compile(rb"(?:^|(?<=[\r\n]))([ \t]*)((?:%{1,2}[A-Za-z_]|!(?!=)|\?)[^\r\n]*|[\w.]+\?{1,2}[ \t]*(?=[\r\n]|$))")
_CONTINUED = re.compile(rb"[^\r\n]*\\(?:\r\n|\r|\n)|[^\r\n]*")
_NOT_LINE_END = re.compile(rb"[^\r\n]")


class Cell(NamedTuple):
    """A code cell: its place among all cells of the notebook, from 1, and its source with magics blanked."""

    number: int
    source: bytes


def is_notebook(path: str) -> bool:
    """Whether a path is that of a Jupyter notebook."""
    return path[-len(SUFFIX) :].lower() == SUFFIX


def code_cells(content: bytes) -> list[Cell] | Problem:
    """The code cells of a notebook (nbformat 4), empty ones left out, or why there are none."""
    if len(content) > CONTENT_LIMIT:
        return Problem("too-large", f"{len(content):,} bytes; notebooks above {CONTENT_LIMIT:,} are not read")
    try:
        notebook = json.loads(content, parse_int=float)  # an integer of a million digits would take its time
    except RecursionError:
        return Problem("too-deep", "not a notebook: JSON nested too deeply")
    except ValueError as error:  # UnicodeDecodeError is one
        return Problem("syntax", f"not a notebook: {error}")
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        return Problem("syntax", "not a notebook of format 4: it has no list of cells")
    if len(cells) > CELL_LIMIT:
        return Problem("too-large", f"{len(cells):,} cells; notebooks with more than {CELL_LIMIT:,} are not read")
    language = _language(notebook)
    if language != LANGUAGE:
        return Problem("unsupported-language", f"a notebook in {language[:40]}; only those in Python are read")
    found = []
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = _source(cell.get("source"))
            if source is None:
                return Problem("syntax", f"not a notebook: the source of cell {number} is no text")
            if not source.isspace() and source:
                found.append(Cell(number, blank_magics(source.encode("utf-8", "replace"))))
    return found


def _language(notebook: dict[str, Any]) -> str:
    """What the kernel speaks, in lower case; Python where the notebook does not say, as one that was made by hand."""
    metadata = notebook.get("metadata")
    for table, key in (("language_info", "name"), ("kernelspec", "language")):
        entry = metadata.get(table) if isinstance(metadata, dict) else None
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str) and name:
            return LANGUAGE if name.lower() in (LANGUAGE, "ipython") else name.lower()
    return LANGUAGE


def _source(source: object) -> str | None:
    """A multi-line string of nbformat: a string, or a list of them."""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


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
