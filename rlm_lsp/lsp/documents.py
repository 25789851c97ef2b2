"""The open documents, kept equal to the client's by textDocument/did* and notebookDocument/did* notifications."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls import uris

from rlm_lsp.languages import language_of, language_of_lsp_id
from rlm_lsp.lsp.position import Batch, Edit, Encoding, TextIndex, encoded
from rlm_lsp.notebook import blank_magics
from rlm_lsp.paths import printable

CELL_SCHEME = "vscode-notebook-cell"
_SERVED_SCHEMES = frozenset({"file", "untitled", CELL_SCHEME})
"""Diff views and other projections of a file have schemes of their own, and nobody wants hints in them."""

FEW_CHANGES = 8
"""Up to here the changes of one notification are followed one by one, so that only what they touch counts as touched."""

ContentChange = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


@dataclass(frozen=True, slots=True)
class Document:
    """One version of an open document. ``language`` is None for what we do not cut into functions."""

    uri: str
    version: int
    language: str | None
    path: str | None  # of a file on disk
    home: str | None  # the path whose folder's settings count: a cell has its notebook's
    is_cell: bool
    text: TextIndex

    def code(self) -> bytes:
        """What to cut: the text, in a notebook's Python cell without magics, in the same length."""
        return blank_magics(self.text.data) if self.is_cell and self.language == "python" else self.text.data


class Documents(Mapping[str, Document]):
    """The latest version of each open document by its URI.

    Notifications have no replies, so what makes no sense is logged and dropped. Text never appears in the log.
    """

    def __init__(self, encoding: Encoding, log: Callable[[str], None]) -> None:
        self._encoding = encoding
        self._log = log
        self._open: dict[str, Document] = {}
        self._notebooks: dict[str, set[str]] = {}  # the URIs of its cells

    def __getitem__(self, uri: str) -> Document:
        return self._open[uri]

    def __iter__(self) -> Iterator[str]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    def open(self, item: types.TextDocumentItem, notebook: str | None = None) -> Document:
        """textDocument/didOpen, or a cell of ``notebook``. A document that is open already is replaced."""
        if item.uri in self._open:
            self._log(f"{_named(item.uri)} was opened twice; its text is replaced")
        scheme = _scheme(item.uri)
        is_cell = notebook is not None or scheme == CELL_SCHEME
        path = path_of(item.uri) if notebook is None else None
        home = path
        if is_cell:
            home = path_of(notebook) if notebook is not None else _cell_path(item.uri)
        text = TextIndex.of(item.text, self._encoding)
        language = _language(item.language_id, path or item.uri, text) if scheme in _SERVED_SCHEMES or is_cell else None
        self._open[item.uri] = Document(item.uri, item.version, language, path, home, is_cell, text)
        return self._open[item.uri]

    def change(self, uri: str, version: int, changes: Sequence[ContentChange]) -> tuple[Document, list[Edit]] | None:
        """textDocument/didChange: the new version, and what was done to the bytes, edit by edit. None: it is not open."""
        document = self._open.get(uri)
        if document is None:
            self._log(f"a change to {_named(uri)}, which is not open, was ignored")
            return None
        if version <= document.version:
            self._log(f"{_named(uri)}: version {version} follows version {document.version}; a notification may be missing")
        text = document.text
        edits = []
        many = len(changes) > FEW_CHANGES
        for change in [_all_at_once(text, changes)] if many else changes:
            edit = narrowed(text.data, self._edit(text, change, uri))
            if edit.start < edit.end or edit.new:
                text = text.edited(edit)
                edits.append(edit)
        self._open[uri] = replace(document, version=version, text=text)
        return self._open[uri], edits

    def check(self, uri: str, text: str | None) -> list[Edit]:
        """textDocument/didSave with the text: what had to be done to make ours equal, which is nothing unless an edit got lost."""
        document = self._open.get(uri)
        if document is None or text is None:
            return []
        edit = narrowed(document.text.data, Edit(0, len(document.text.data), encoded(text)))
        if edit.start == edit.end and not edit.new:
            return []
        self._log(f"{_named(uri)}: the text saved is not the text that the changes made; it is replaced")
        self._open[uri] = replace(document, text=document.text.edited(edit))
        return [edit]

    def close(self, uri: str) -> bool:
        """textDocument/didClose: whether it was open."""
        if self._open.pop(uri, None) is None:
            self._log(f"{_named(uri)}, which is not open, was closed")
            return False
        return True

    def open_notebook(self, notebook: types.NotebookDocument, cells: Iterable[types.TextDocumentItem]) -> list[Document]:
        """notebookDocument/didOpen: its cells, each a module of its own."""
        opened = [self.open(cell, notebook.uri) for cell in cells]
        self._notebooks[notebook.uri] = {cell.uri for cell in opened}
        return opened

    def change_cells(self, notebook: str, structure: types.NotebookDocumentCellChangeStructure) -> tuple[list[Document], list[str]]:
        """notebookDocument/didChange: the cells that came, and the URIs of those that went. Their texts change by ``change``."""
        cells = self._notebooks.get(notebook)
        if cells is None:
            self._log(f"a change to {_named(notebook)}, which is not open, was ignored")
            return [], []
        closed = [cell.uri for cell in structure.did_close or () if self.close(cell.uri)]
        opened = [self.open(cell, notebook) for cell in structure.did_open or ()]
        cells.difference_update(closed)
        cells.update(cell.uri for cell in opened)
        return opened, closed

    def close_notebook(self, notebook: str) -> list[str]:
        """notebookDocument/didClose: the URIs of the cells that went with it."""
        cells = self._notebooks.pop(notebook, None)
        if cells is None:
            self._log(f"{_named(notebook)}, which is not open, was closed")
            return []
        return [uri for uri in sorted(cells) if self._open.pop(uri, None) is not None]

    def _edit(self, text: TextIndex, change: ContentChange, uri: str) -> Edit:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            return Edit(0, len(text.data), encoded(change.text))
        first, last = change.range.start, change.range.end
        start, end = text.offset(first.line, first.character), text.offset(last.line, last.character)
        if start > end:
            self._log(f"{_named(uri)}: a change's range ends before it starts; read the other way round")
            start, end = end, start
        return Edit(start, end, encoded(change.text))


def narrowed(data: bytes, edit: Edit) -> Edit:
    """The smallest edit of ``data`` that does the same. A client may replace all of a text to change a word."""
    start, end, new = edit
    if start == end or not new:
        return edit
    old = data[start:end]
    prefix = _common(old, new, 0)
    suffix = _common(old, new, min(len(old), len(new)) - prefix, from_end=True)
    return Edit(start + prefix, end - suffix, new[prefix : len(new) - suffix])


def _all_at_once(text: TextIndex, changes: Sequence[ContentChange]) -> types.TextDocumentContentChangeWholeDocument:
    """One change in place of many."""
    batch = Batch(text.data, text.encoding)
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            batch = Batch(encoded(change.text), text.encoding)
        else:
            first, last = change.range.start, change.range.end
            batch.replace((first.line, first.character), (last.line, last.character), encoded(change.text))
    return types.TextDocumentContentChangeWholeDocument(text=batch.data().decode("utf-8"))


def path_of(uri: str) -> str | None:
    """The path of a ``file`` URI, None for any other."""
    try:
        path = uris.to_fs_path(uri) if _scheme(uri) == "file" else None
    except ValueError:
        return None
    return path or None


def paths_of(uris: Iterable[str]) -> list[str]:
    """The paths of those that are ``file`` URIs."""
    return [path for uri in uris if (path := path_of(uri)) is not None]


def folder_of(path: str, folders: Iterable[str]) -> str | None:
    """The innermost of ``folders`` (paths) that holds ``path``."""
    held = [folder for folder in folders if path == folder or path.startswith(folder.rstrip("/" + os.sep) + os.sep)]
    return max(held, key=len, default=None)


def _scheme(uri: str) -> str:
    return uri.partition(":")[0].lower()


def _cell_path(uri: str) -> str | None:
    """The notebook's path in the URI of a cell that was opened as a document of its own."""
    try:
        return unquote(urlsplit(uri).path) or None
    except ValueError:
        return None


def _named(uri: str) -> str:
    """A URI for the log."""
    return printable(encoded(uri).decode("utf-8"))


def _language(lsp_id: str, path: str, text: TextIndex) -> str | None:
    first_line = text.data[: min(text.line_end(0), 256)]
    language = language_of_lsp_id(lsp_id) or language_of(path, first_line)
    return language.name if language is not None else None


def _common(old: bytes, new: bytes, limit: int, *, from_end: bool = False) -> int:
    """How many bytes, at most ``limit`` (0: as many as there are), two texts have in common at one end."""
    # Slices are compared, so that the loop over bytes runs in C.
    low, high = 0, limit if from_end else min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if from_end:
            same = old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]
        else:
            same = old[low:middle] == new[low:middle]
        low, high = (middle, high) if same else (low, middle - 1)
    return low
