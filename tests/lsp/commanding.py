"""A server that commands and code actions can be tried on: real documents and directives, an oracle that computes what a test says."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rlm_lsp.chunk import chunk_source
from rlm_lsp.config import Settings
from rlm_lsp.directives import attach
from rlm_lsp.lsp.position import Encoding, TextIndex
from rlm_lsp.lsp.progress import Work
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import Client, DocumentView, FunctionView, Place, Shown, Snapshot
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from tests.lsp.marked import MODEL, URI

KNOWN = Values([[0.001, 0.002, 0.00372], [1e6, 2e6, 3.4e6]])
Answers = Callable[[ModelInput], Values]


def sized_model(**sizes: tuple[int, int]) -> ModelIdentity:
    """A model whose config says which sizes it was trained on."""
    table = {"sizes": {kind: list(bounds) for kind, bounds in sizes.items()}, "caveat": "weak on sizes"}
    return replace(MODEL, config={**MODEL.config, "arguments": table})


def document(
    text: str | bytes,
    *,
    language: str = "python",
    encoding: Encoding = "utf-16",
    settings: Settings | None = None,
    values: Values | None = KNOWN,
    stale: bool = False,
    path: str | None = "/project/module.py",
) -> DocumentView:
    """The view that a server holds of an open document; every function has ``values``."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    result = chunk_source(data, language)
    directives, unused = attach([chunk.name_span.start_byte for chunk in result.chunks], result.directives)
    seen: Counter[str] = Counter()
    functions = []
    for chunk, own in zip(result.chunks, directives, strict=True):
        seen[chunk.qualified_name] += 1
        count = seen[chunk.qualified_name]
        functions.append(
            FunctionView(
                chunk.qualified_name + (f"#{count}" if count > 1 else ""),
                chunk.qualified_name,
                chunk.kind,
                Place(chunk.span.start_byte, chunk.span.end_byte, chunk.name_span.start_byte, chunk.name_span.end_byte),
                ModelInput(chunk.language, chunk.kind, chunk.text),
                Shown(values, stale),
                own,
            )
        )
    return DocumentView(URI, 3, language, path, TextIndex(data, encoding), settings or Settings(), tuple(functions), unused=unused)


def function_of(view: DocumentView, key: str) -> FunctionView:
    function = view.function(key, 0)
    assert function is not None
    return function


@dataclass
class FakeOracle:
    """Answers at once."""

    answers: Answers = lambda item: KNOWN
    asked: list[tuple[list[ModelInput], Priority]] = field(default_factory=list)
    restarts: int = 0
    clearings: int = 0

    async def predict(self, items: Sequence[ModelInput], priority: Priority = Priority.VISIBLE) -> list[Values]:
        self.asked.append((list(items), priority))
        return [self.answers(item) for item in items]

    def restart(self) -> None:
        self.restarts += 1

    async def clear_cache(self) -> None:
        self.clearings += 1


@dataclass
class FakeServices:
    """A server with some documents open."""

    views: list[DocumentView] = field(default_factory=list)
    model: ModelIdentity | None = MODEL
    client: Client = field(default_factory=Client)
    oracle: FakeOracle = field(default_factory=FakeOracle)
    workspace: list[Path] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    log: list[str] = field(default_factory=list)
    enabled: bool = True
    shown: list[str] = field(default_factory=list)
    logs_shown: list[str] = field(default_factory=list)
    work: Work | None = None

    def snapshot(self) -> Snapshot:
        return Snapshot(self.client, self.settings, self.model, "no folder there", {view.uri: view for view in self.views})

    def view(self, uri: str) -> DocumentView | None:
        return self.snapshot().documents.get(uri)

    async def compared(self, uri: str) -> DocumentView | None:
        return self.view(uri)

    def folders(self) -> Sequence[str]:
        return [str(folder) for folder in self.workspace]

    def settings_of(self, path: str) -> Settings:
        return self.settings

    def status(self) -> dict[str, Any]:
        return {"text": "all is well", "state": "ready"}

    def set_enabled(self, enabled: bool) -> None:
        self.enabled = enabled

    def log_lines(self) -> Sequence[str]:
        return self.log

    def show(self, text: str) -> None:
        self.shown.append(text)

    def show_log(self, text: str) -> None:
        self.logs_shown.append(text)

    @asynccontextmanager
    async def progress(self, title: str) -> AsyncIterator[Work]:
        self.work = Work()
        yield self.work
