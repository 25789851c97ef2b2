"""What a run reads: files and folders, or one text on stdin; and how a notebook becomes the modules that its cells are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rlm_lsp.check.gate import shown
from rlm_lsp.check.options import STDIN, CheckOptions
from rlm_lsp.check.walk import NO_GRAMMAR, Found, find_files, language_name
from rlm_lsp.chunk.types import Problem
from rlm_lsp.languages import HEAD_BYTES
from rlm_lsp.notebook import code_cells, is_notebook
from rlm_lsp.paths import printable
from rlm_lsp.predict.engine import SourceFile
from rlm_lsp.predict.errors import InputError
from rlm_lsp.predict.source import READ_LIMIT, read_source

NAMELESS = "<stdin>"
"""The path of a text on stdin that has no name."""


@dataclass(frozen=True)
class Sources:
    """The files that are meant, by the paths that are shown for them, and how one of them is read from the work tree."""

    found: Found
    read: Callable[[str], bytes | Problem]


def find_sources(options: CheckOptions) -> Sources:
    """The files that the options name.

    Raises:
        InputError: stdin cannot be read.
    """
    if options.paths != (STDIN,):
        return Sources(find_files([_from_here(path) for path in options.paths], notebooks=True), read_source)
    path = _from_here(os.path.normpath(options.stdin_filename)) if options.stdin_filename else NAMELESS
    content = _stdin()
    language = options.language or language_name(path, b"" if isinstance(content, Problem) else content[:HEAD_BYTES])
    found = Found([SourceFile(path, language)]) if language else Found(problems=[(path, NO_GRAMMAR)])
    return Sources(found, lambda _: content)


def modules(files: Iterable[SourceFile], read: Callable[[str], bytes | Problem]) -> Iterator[tuple[SourceFile, bytes | Problem]]:
    """What is to be cut, with its content or why there is none: files, and of notebooks their cells."""
    for file in files:
        yield from modules_of(file, read(file.path))


def modules_of(file: SourceFile, content: bytes | Problem) -> Iterator[tuple[SourceFile, bytes | Problem]]:
    """The same for one file that has been read."""
    if isinstance(content, Problem) or not is_notebook(file.path):
        yield file, content
        return
    cells = code_cells(content)
    if isinstance(cells, Problem):
        yield file, cells
        return
    for cell in cells:
        yield file._replace(cell=cell.number), cell.source


def module_reader(files: Iterable[SourceFile], read: Callable[[str], bytes | Problem]) -> Callable[[str, int], bytes | None]:
    """A function from a path as reports show it, and a notebook's cell, to the text there; None: it cannot be read."""
    by_shown_path: dict[str, SourceFile] = {}  # filled when it is asked for

    def read_module(path: str, cell: int) -> bytes | None:
        if not by_shown_path:
            by_shown_path.update((shown(file.path), file) for file in files)
        file = by_shown_path.get(path)
        contents = modules([file], read) if file else ()
        return next((content for module, content in contents if module.cell == cell and not isinstance(content, Problem)), None)

    return read_module


def _from_here(path: str) -> str:
    """A path as it is shown: relative to the current folder if it lies in there."""
    here = os.getcwd().rstrip(os.sep)  # noqa: PTH109 - names are not always decodable, so paths are str throughout
    normal = os.path.normpath(path)
    if normal == here:
        return os.curdir
    return normal[len(here) + 1 :] if normal.startswith(here + os.sep) else path


def _stdin() -> bytes | Problem:
    if sys.stdin is None:  # it was closed by whoever started us
        raise InputError("stdin is closed")
    try:
        content = sys.stdin.buffer.read(READ_LIMIT + 1)
    except OSError as error:
        raise InputError(f"stdin: {printable(error.strerror or str(error))}") from error
    if len(content) > READ_LIMIT:
        return Problem("too-large", f"more than {READ_LIMIT:,} bytes are not read")
    return content
