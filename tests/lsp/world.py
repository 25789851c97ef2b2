"""A state on a real event loop, with an oracle of our own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lsprotocol import types

from rlm_lsp.config import Settings
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import Client, DocumentView, FunctionView
from rlm_lsp.lsp.state import State
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput

URI = "file:///w/a.py"
DEBOUNCE_S = 0.05
PATIENCE_S = 30.0


class Oracle:
    """Knows what it was told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[ModelInput, Values] = {}
        self.wanted: dict[str, Mapping[ModelInput, Priority]] = {}
        self.asked: list[ModelInput] = []
        self.lookups = 0

    def known(self, item: ModelInput) -> Values | None:
        self.lookups += 1
        return self.answers.get(item)

    def want(self, owner: str, items: Mapping[ModelInput, Priority]) -> None:
        self.wanted[owner] = items
        self.asked += [item for item in items if item not in self.asked]

    def release(self, owner: str) -> None:
        self.wanted.pop(owner, None)

    def answer(self, value: float = 1.0) -> None:
        """Answer all that is wanted."""
        for items in self.wanted.values():
            for item in items:
                self.answers[item] = Values([[value, value, value]])


@dataclass
class World:
    """A state, and all that is around it."""

    oracle: Oracle = field(default_factory=Oracle)
    settings: Settings = field(default_factory=lambda: Settings(debounce_s=DEBOUNCE_S))
    changes: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    version: int = 1

    def __post_init__(self) -> None:
        self.state = State(Client(), "utf-16", self.oracle, lambda _: self.settings, changed=self.changes.append, log=self.log.append)

    def open(self, text: str, uri: str = URI, language_id: str = "python") -> None:
        self.state.open(types.TextDocumentItem(uri, language_id, self.version, text))

    def view(self, uri: str = URI) -> DocumentView:
        view = self.state.view(uri)
        assert view is not None
        return view

    def function(self, key: str) -> FunctionView:
        return next(function for function in self.view().functions if function.key == key)

    def edit(self, start: int, end: int, new: str) -> None:
        """Replace ASCII text, which has as many units as bytes."""
        index = self.view().text
        self.version += 1
        span = types.Range(types.Position(*index.position(start)), types.Position(*index.position(end)))
        self.state.change(URI, self.version, [types.TextDocumentContentChangePartial(range=span, text=new)])

    def replace(self, old: str, new: str) -> None:
        start = self.view().text.data.index(old.encode())
        self.edit(start, start + len(old.encode()), new)

    async def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, "nothing happened"
            await asyncio.sleep(0.005)

    async def settle(self, uri: str = URI) -> None:
        await self.until(lambda: self.view(uri).settled)

    async def predict(self, value: float = 1.0) -> None:
        await self.settle()
        self.oracle.answer(value)
        self.state.values_arrived([URI])


async def turn() -> None:
    """Let everything run that is due."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def named(view: DocumentView) -> list[str]:
    return [view.text.data[function.place.name_start : function.place.name_end].decode() for function in view.functions[1:]]
