"""The mutable heart of the server: open documents, who is where in them, and what is known of whom. Lives on the event loop.

An edit is applied in the turn in which it is read: the text changes, functions move, those that it touches are marked. Soon afterwards
the top-level statements around it are cut anew. Only when typing pauses are predictions asked for and is all of the text cut, here if it
is small and in a child process if it is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from lsprotocol import types

from rlm_lsp.budget import excluded
from rlm_lsp.chunk.types import ChunkResult
from rlm_lsp.config import Settings
from rlm_lsp.lsp.cutting import HERE_BUDGET_S, HERE_BYTES, SPLICE_BUDGET_S, SPLICE_BYTES, Chunker, cut_here, get_ready
from rlm_lsp.lsp.documents import ContentChange, Document, Documents
from rlm_lsp.lsp.opened import Opened
from rlm_lsp.lsp.outline import Outline
from rlm_lsp.lsp.position import Edit, Encoding, covering
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import Base, Client, DocumentView, Snapshot
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput


class Predictions(Protocol):
    """What is needed of ``oracle.Oracle``."""

    def known(self, item: ModelInput) -> Values | None:
        """The values of ``item`` if they are there."""

    def want(self, owner: str, items: Mapping[ModelInput, Priority]) -> None:
        """Replace all that ``owner`` waits for."""

    def release(self, owner: str) -> None:
        """``owner`` waits for nothing any more."""


class State:
    """Takes the client's notifications, hands out immutable views.

    ``settings_of`` gives the settings for a path (None: no file). ``changed`` is called with a document's URI when its view is another one
    for a reason that the client does not know of: a cut, values, settings, a comparison.
    """

    def __init__(
        self,
        client: Client,
        encoding: Encoding,
        oracle: Predictions | None,
        settings_of: Callable[[str | None], Settings],
        *,
        changed: Callable[[str], None],
        log: Callable[[str], None],
        model: ModelIdentity | None = None,
        model_error: str = "",
    ) -> None:
        self.documents = Documents(encoding, log)
        self._client = client
        self._oracle = oracle
        self._settings_of = settings_of
        self._changed = changed
        self._model = model
        self._model_error = model_error
        self._opened: dict[str, Opened] = {}
        self._chunker = Chunker()
        self._ready: set[str] = set()  # languages whose grammars are loaded

    # What the client tells

    def open(self, item: types.TextDocumentItem) -> None:
        """textDocument/didOpen."""
        self._begin(self.documents.open(item))

    def change(self, uri: str, version: int, changes: Sequence[ContentChange]) -> None:
        """textDocument/didChange."""
        changed = self.documents.change(uri, version, changes)
        if changed is not None:
            self._edit(*changed)

    def save(self, uri: str, text: str | None = None) -> None:
        """textDocument/didSave. With the ``text``, ours is held against it."""
        edits = self.documents.check(uri, text)
        if edits:
            self._edit(self.documents[uri], edits)

    def close(self, uri: str) -> None:
        """textDocument/didClose."""
        if self.documents.close(uri):
            self._end(uri)

    def open_notebook(self, notebook: types.NotebookDocument, cells: Iterable[types.TextDocumentItem]) -> None:
        """notebookDocument/didOpen."""
        for cell in self.documents.open_notebook(notebook, cells):
            self._begin(cell)

    def change_notebook(self, uri: str, event: types.NotebookDocumentChangeEvent) -> None:
        """notebookDocument/didChange."""
        cells = event.cells
        if cells is None:
            return
        if cells.structure is not None:
            opened, closed = self.documents.change_cells(uri, cells.structure)
            for gone in closed:
                self._end(gone)
            for cell in opened:
                self._begin(cell)
        for content in cells.text_content or ():
            self.change(content.document.uri, content.document.version, content.changes)

    def close_notebook(self, uri: str) -> None:
        """notebookDocument/didClose."""
        for cell in self.documents.close_notebook(uri):
            self._end(cell)

    def settings_changed(self) -> None:
        """Take the settings anew that ``settings_of`` gives."""
        for uri, opened in self._opened.items():
            settings = self._settings_of(opened.document.home)
            if settings == opened.settings:
                continue
            opened.settings = settings
            served = _is_served(opened.document, settings)
            if served and not opened.served:
                opened.served = True
                self._cut(opened)
            elif opened.served and not served:
                opened.stop()
                opened.served = False
                opened.take(Outline(), settled=True)
                self._release(uri)
            opened.forget_view()
            self._changed(uri)

    def see(self, uri: str, start: int, end: int) -> None:
        """Bytes ``start:end`` of a document are on the screen, as a request for hints tells: what is unknown there comes first."""
        opened = self._opened.get(uri)
        if opened is not None and opened.visible != (start, end):
            opened.visible = (start, end)
            # While somebody types, what stands there is asked for by nobody.
            if opened.unknown and opened.pause is None:
                self._want(opened)

    # What the other parts tell

    def values_arrived(self, uris: Iterable[str]) -> None:
        """There are new values for these documents."""
        for uri in uris:
            if uri in self._opened:
                self._show(self._opened[uri])

    def set_bases(self, uri: str, bases: Mapping[str, Base]) -> None:
        """How the functions of a document, by their keys, compare with another version of it. Never changed by us, nor to be changed."""
        opened = self._opened.get(uri)
        if opened is not None:
            opened.bases = bases
            self._show(opened)

    # What is known

    def view(self, uri: str) -> DocumentView | None:
        """The document as it stands; None if it is not open or in no language of ours."""
        opened = self._opened.get(uri)
        return opened.show(self._known) if opened is not None else None

    def snapshot(self) -> Snapshot:
        """Everything as it stands."""
        documents = {uri: opened.show(self._known) for uri, opened in self._opened.items()}
        return Snapshot(self._client, self._settings_of(None), self._model, self._model_error, documents)

    async def cut(self, code: bytes, language: str) -> ChunkResult:
        """What another version of a document holds, by the chunker's process."""
        return await self._chunker.cut(code, language)

    async def aclose(self) -> None:
        """Stop all work and end the chunker's process."""
        for uri, opened in self._opened.items():
            opened.stop()
            self._release(uri)
        self._opened.clear()
        await self._chunker.close()

    # Documents and their cuts

    def _begin(self, document: Document) -> None:
        self._end(document.uri)
        if document.language is None:
            return
        settings = self._settings_of(document.home)
        opened = Opened(document, settings, _is_served(document, settings))
        self._opened[document.uri] = opened
        if opened.served:
            # Not in this turn: a client that restores fifty files wants fifty short turns.
            opened.splice = asyncio.get_running_loop().call_soon(self._first_cut, opened)

    def _end(self, uri: str) -> None:
        opened = self._opened.pop(uri, None)
        if opened is not None:
            opened.stop()
            self._release(uri)

    def _edit(self, document: Document, edits: Sequence[Edit]) -> None:
        opened = self._opened.get(document.uri)
        if opened is None:
            return
        opened.document = document
        opened.forget_view()
        if not opened.served or not edits:
            return
        for edit in edits:
            opened.outline = opened.outline.edited(edit)
        if opened.cutting is not None:
            opened.since += edits
        opened.settled = False
        loop = asyncio.get_running_loop()
        if opened.splice is None:
            opened.splice = loop.call_soon(self._splice, opened)
        if opened.pause is not None:
            opened.pause.cancel()
        opened.pause = loop.call_later(opened.settings.debounce_s, self._pause, opened)

    def _first_cut(self, opened: Opened) -> None:
        opened.splice = None
        if opened.document.language in self._ready:
            self._cut(opened)
        else:
            opened.cutting = asyncio.get_running_loop().create_task(self._cut_when_ready(opened))

    async def _cut_when_ready(self, opened: Opened) -> None:
        language = str(opened.document.language)
        try:
            await asyncio.to_thread(get_ready, language)
        finally:
            opened.cutting = None
        self._ready.add(language)
        opened.since.clear()
        if self._opened.get(opened.document.uri) is opened and opened.served:
            self._cut(opened)

    def _splice(self, opened: Opened) -> None:
        """Cut the top-level statements around the last edits, if they are small; else they keep their marks until typing pauses."""
        opened.splice = None
        code = opened.document.code()
        torn = opened.outline.torn(len(code))
        if torn is None or torn[1] - torn[0] > SPLICE_BYTES or opened.slow:
            return
        result = cut_here(code[slice(*torn)], str(opened.document.language), SPLICE_BUDGET_S)
        if result is not None:
            opened.take(opened.outline.spliced(*torn, result, code), settled=False)
            opened.forget_view()
            if opened.is_shown:  # else the client has yet to ask for this version, and gets this
                self._show(opened)

    def _pause(self, opened: Opened) -> None:
        opened.pause = None
        self._want(opened)
        self._cut(opened)

    def _cut(self, opened: Opened) -> None:
        """Cut all of the text, now or in the child."""
        code = opened.document.code()
        if len(code) <= HERE_BYTES and not opened.slow:
            result = cut_here(code, str(opened.document.language), HERE_BUDGET_S)
            if result is not None:
                self._settle(opened, opened.outline.settled(result, code, self._whole(opened, code)), settled=True)
                return
            opened.slow = True
        if opened.cutting is None:
            opened.since = []  # now: an edit may come before the task begins
            opened.cut_again = False
            opened.cutting = asyncio.get_running_loop().create_task(self._cut_in_child(opened, opened.outline, code))
        else:
            opened.cut_again = True

    def _whole(self, opened: Opened, code: bytes) -> str | None:
        """All of the text, where a model reads that of a program."""
        reads = self._model is not None and self._model.reads_whole(str(opened.document.language))
        return code.decode("utf-8", "replace") if reads else None

    async def _cut_in_child(self, opened: Opened, earlier: Outline, code: bytes) -> None:
        try:
            result = await self._chunker.cut(code, str(opened.document.language))
            outline = await asyncio.to_thread(earlier.settled, result, code, self._whole(opened, code))
        finally:
            opened.cutting = None
        if self._opened.get(opened.document.uri) is not opened or not opened.served:
            return
        if opened.since:
            outline = outline.edited(covering(opened.since, opened.document.code()))
        self._settle(opened, outline, settled=not opened.since)
        if opened.since and opened.splice is None:
            self._splice(opened)
        if opened.cut_again and opened.pause is None:
            self._cut(opened)

    def _settle(self, opened: Opened, outline: Outline, *, settled: bool) -> None:
        opened.take(outline, settled=settled)
        self._show(opened)
        if opened.pause is None:
            self._want(opened)

    # Predictions

    def _want(self, opened: Opened) -> None:
        opened.view(self._known)
        first, last = opened.visible
        wanted = {
            entry.input: Priority.VISIBLE if entry.name_start <= last and entry.end >= first else Priority.OPEN for entry in opened.unknown
        }
        if self._oracle is not None:
            self._oracle.want(opened.document.uri, wanted)

    def _known(self, item: ModelInput) -> Values | None:
        return self._oracle.known(item) if self._oracle is not None else None

    def _release(self, uri: str) -> None:
        if self._oracle is not None:
            self._oracle.release(uri)

    def _show(self, opened: Opened) -> None:
        """Tell if the view is not what was shown last any more."""
        opened.forget_view()
        if opened.looks_new(self._known):
            self._changed(opened.document.uri)


def _is_served(document: Document, settings: Settings) -> bool:
    """Whether this document's functions are cut and predicted at all."""
    if not settings.enabled or document.language is None or document.language in settings.disabled_languages:
        return False
    return document.home is None or not excluded(settings, document.home)
