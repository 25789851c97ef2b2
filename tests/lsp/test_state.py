"""The state on a real event loop, with an oracle of our own and the real chunker."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
import pytest_asyncio
from lsprotocol import types

from rlm_lsp.config import Settings
from rlm_lsp.lsp.cutting import HERE_BYTES
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import Base, Client, DocumentView, FunctionView
from rlm_lsp.lsp.state import State
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from tests.lsp.sources import MODULE, many

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


@pytest_asyncio.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("rlm_lsp.lsp.state.SPLICE_BUDGET_S", PATIENCE_S)  # a busy machine would leave a splice to the full cut
    world = World()
    yield world
    await world.state.aclose()


async def turn() -> None:
    """Let everything run that is due."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def named(view: DocumentView) -> list[str]:
    return [view.text.data[function.place.name_start : function.place.name_end].decode() for function in view.functions[1:]]


pytestmark = pytest.mark.asyncio


async def test_from_open_to_numbers(world: World) -> None:
    world.open(MODULE)
    assert world.view().functions == ()
    assert not world.view().settled
    await world.settle()
    assert "first" in named(world.view())
    assert all(function.shown.values is None and not function.shown.stale for function in world.view().functions)
    assert set(world.oracle.wanted[URI]) == {function.input for function in world.view().functions}
    world.changes.clear()
    await world.predict()
    assert all(function.shown.values and not function.shown.stale for function in world.view().functions)
    assert world.changes == [URI]


async def test_a_view_is_composed_once(world: World) -> None:
    world.open(MODULE)
    await world.predict()
    view = world.view()
    lookups = world.oracle.lookups
    assert world.view() is view
    assert world.state.snapshot().documents[URI] is view
    world.state.values_arrived([URI])
    assert world.view() == view
    assert world.oracle.lookups == lookups


async def test_a_change_of_nothing_visible_is_not_told(world: World) -> None:
    world.open(MODULE)
    await world.predict()
    world.view()
    world.changes.clear()
    world.state.values_arrived([URI, "file:///unknown.py"])
    world.state.settings_changed()
    assert world.changes == []


async def test_an_edit_marks_its_function_and_moves_the_others(world: World) -> None:
    world.open(MODULE)
    await world.predict(3.0)
    before = {function.key: function for function in world.view().functions}
    world.replace("total = 0", "total = 12")
    view = world.view()
    assert view.version == 2
    assert not view.settled
    assert {function.key for function in view.functions if function.shown.stale} == {"<module>", "first"}
    assert world.function("first").shown.values == before["first"].shown.values
    assert world.function("second").place.start == before["second"].place.start + 1
    assert named(view) == [function.qualified_name.rsplit(".", 1)[-1] for function in view.functions[1:]]


async def test_only_changed_functions_are_asked_for(world: World) -> None:
    world.open(MODULE)
    await world.predict()
    asked = len(world.oracle.asked)
    world.replace("total = 0", "total = 1")
    await world.settle()
    assert [item.text for item in world.oracle.asked[asked:]] == [world.function("first").input.text]
    assert world.function("first").shown.stale
    assert not world.function("<module>").shown.stale
    await world.predict(2.0)
    assert world.function("first").shown.values == Values([[2.0, 2.0, 2.0]])
    assert not world.function("first").shown.stale


async def test_a_comment_changes_no_number(world: World) -> None:
    world.open(MODULE)
    await world.predict()
    asked = list(world.oracle.asked)
    world.replace("total = 0", "total = 0  # none yet")
    await turn()
    assert not world.function("first").shown.stale
    await world.settle()
    assert world.oracle.asked == asked


async def test_fast_typing_asks_once_and_loses_nothing(world: World) -> None:
    world.settings = replace(world.settings, debounce_s=0.5)
    world.open(MODULE)
    await world.predict()
    keys = {function.key for function in world.view().functions}
    asked = len(world.oracle.asked)
    at = world.view().text.data.index(b"total = 0") + len("total = 0")
    typed = "\n    extra = {'a': [1, (2, 3)]}\n    for key in extra:\n        total += len(key) * 2\n" * 2
    for char in typed:
        world.edit(at, at, char)
        at += 1
        assert keys <= {function.key for function in world.view().functions}
        world.state.see(URI, 0, at)
        await turn()
        view = world.view()
        assert keys <= {function.key for function in view.functions}
        assert all(function.shown.values for function in view.functions)
        assert named(view) == [function.qualified_name.rsplit(".", 1)[-1] for function in view.functions[1:]]
    assert len(world.oracle.asked) == asked
    await world.settle()
    assert len(world.oracle.asked) <= asked + 2


async def test_a_renamed_function_keeps_its_last_numbers(world: World) -> None:
    world.open(MODULE)
    await world.predict(5.0)
    world.replace("def first(", "def primary(")
    await world.settle()
    assert world.function("primary").shown.values == Values([[5.0, 5.0, 5.0]])
    assert world.function("primary").shown.stale


async def test_a_worker_that_is_gone_takes_no_number_along(world: World) -> None:
    world.open("def f():\n    return 1\n")
    await world.predict(5.0)
    world.replace("1", "2")
    await world.settle()
    unavailable = Values(None, ("worker-unavailable", "it died"))
    world.oracle.answers.update(dict.fromkeys(world.oracle.wanted[URI], unavailable))
    world.state.values_arrived([URI])
    assert (world.function("f").shown.values, world.function("f").shown.stale) == (Values([[5.0, 5.0, 5.0]]), True)
    world.oracle.answers[world.function("f").input] = Values(None, ("too-long", "longer than the model reads"))
    world.state.values_arrived([URI])
    assert world.function("f").shown.values == Values(None, ("too-long", "longer than the model reads"))


async def test_what_is_on_the_screen_comes_first(world: World) -> None:
    world.open(MODULE)
    await world.settle()
    place = world.function("Shape.area").place
    world.state.see(URI, place.name_start, place.name_end)
    urgent = {item.text for item, priority in world.oracle.wanted[URI].items() if priority == Priority.VISIBLE}
    assert urgent == {world.function("<module>").input.text, world.function("Shape.area").input.text}


async def test_an_edit_in_the_turn_in_which_a_cut_begins_is_not_lost(world: World) -> None:
    world.open(many(1000))
    await world.settle()
    world.state._cut(world.state._opened[URI])
    world.replace("total = 500", "total = 5000")
    await world.settle()
    assert "total = 5000" in world.function("function_500").input.text
    assert [function.place.name_start for function in world.view().functions[1:]] == [
        match.start(1) for match in re.finditer(rb"def (\w+)", world.view().text.data)
    ]


async def test_large_documents_are_cut_in_the_child(world: World) -> None:
    text = many(1000)
    assert len(text) > HERE_BYTES
    world.open(text)
    await turn()
    assert world.view().functions == ()
    world.edit(0, 0, "import os\n")  # while the child is at work
    await world.settle()
    assert len(world.view().functions) == 1001
    assert named(world.view())[999] == "function_999"
    await world.until(lambda: world.oracle.wanted.get(URI))  # which waits for the pause after the edit
    await world.predict()
    world.replace("total = 500", "total = 5000")
    await turn()
    assert [function.key for function in world.view().functions if function.shown.stale] == ["<module>", "function_500"]
    assert world.function("function_500").input.text.startswith("def function_500(values):\n total = 5000\n")
    await world.settle()
    assert [function.key for function in world.view().functions if function.shown.stale] == ["function_500"]


@pytest.mark.parametrize("text", ["a(b " * 25_000, "((((" * 10_000, "a(b " * 11_000, "x = [" * 9_000, "def f(:\n" * 6_000], ids=len)
async def test_hostile_text_never_holds_up_the_loop(world: World, text: str) -> None:
    longest = 0.0
    done = False

    async def watch() -> None:
        nonlocal longest
        while not done:
            began = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - began)

    watcher = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    world.open(text)
    await world.settle()
    world.edit(0, 0, "b")
    await world.settle()
    done = True
    await watcher
    assert world.view().problems
    assert longest < 0.5  # a guard; measured figures are in the benchmark


async def test_settings_count_at_once(world: World) -> None:
    world.open(MODULE)
    await world.predict()
    for off in (Settings(enabled=False), Settings(disabled_languages=("python",)), Settings(exclude=("*.py",))):
        world.changes.clear()
        before, world.settings = world.settings, off if not off.exclude else replace(off, root=None)
        world.state.settings_changed()
        if off.exclude:  # the document lies outside of the settings' root
            assert world.view().functions
        else:
            assert world.view().functions == ()
            assert URI not in world.oracle.wanted
            world.replace("total = 0", "total = 0")
            assert world.view().functions == ()
        assert world.changes == [URI]
        world.settings = before
        world.state.settings_changed()
        await world.settle()
        assert world.function("first").shown.values


async def test_documents_that_are_not_ours_have_no_view(world: World) -> None:
    world.open("x", "file:///w/a.md", "markdown")
    world.open("x", "git:/w/a.py")
    assert world.state.view("file:///w/a.md") is None
    assert world.state.view("git:/w/a.py") is None
    assert world.state.view("file:///w/unknown.py") is None
    world.state.change("file:///w/unknown.py", 2, [types.TextDocumentContentChangeWholeDocument(text="")])
    assert world.state.snapshot().documents == {}


async def test_closing_ends_everything(world: World) -> None:
    world.open(many(1000))
    await turn()
    world.edit(0, 0, "x")
    world.state.close(URI)
    assert world.state.view(URI) is None
    assert world.oracle.wanted == {}
    world.open("def f(): pass\n")
    world.open("def g(): pass\n")
    await world.settle()
    await asyncio.sleep(2 * DEBOUNCE_S)
    assert named(world.view()) == ["g"]


async def test_a_notebook_cell_is_a_module(world: World) -> None:
    cells = [types.NotebookCell(types.NotebookCellKind.Code, "cell:1")]
    notebook = types.NotebookDocument("file:///w/n.ipynb", "jupyter-notebook", 1, cells)
    text = "%time x\n!ls (\ndef f():\n    return 1\n"
    world.state.open_notebook(notebook, [types.TextDocumentItem("cell:1", "python", 1, text)])
    await world.settle("cell:1")
    assert named(world.view("cell:1")) == ["f"]
    assert world.view("cell:1").problems == ()
    assert world.view("cell:1").text.data.decode() == text
    span = types.Range(types.Position(0, 0), types.Position(0, 0))
    content = types.NotebookDocumentCellContentChanges(
        types.VersionedTextDocumentIdentifier(2, "cell:1"), [types.TextDocumentContentChangePartial(range=span, text="%%bash\n")]
    )
    world.state.change_notebook(
        notebook.uri, types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[content]))
    )
    await world.settle("cell:1")
    assert world.view("cell:1").functions == ()
    structure = types.NotebookDocumentCellChangeStructure(
        types.NotebookCellArrayChange(0, 1),
        did_open=[types.TextDocumentItem("cell:2", "python", 1, "def g(): pass\n")],
        did_close=[types.TextDocumentIdentifier("cell:1")],
    )
    world.state.change_notebook(
        notebook.uri, types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(structure=structure))
    )
    await world.settle("cell:2")
    assert set(world.state.snapshot().documents) == {"cell:2"}
    world.state.close_notebook(notebook.uri)
    assert world.state.snapshot().documents == {}


async def test_a_save_mends_a_drift(world: World) -> None:
    world.open("def f(): return 1\n")
    await world.settle()
    world.state.save(URI)
    world.state.save(URI, "def f(): return 1\n")
    assert world.log == []
    world.state.save(URI, "def fg(): return 1\n")
    await world.settle()
    assert named(world.view()) == ["fg"]
    assert len(world.log) == 1


async def test_bases(world: World) -> None:
    world.open(MODULE)
    await world.predict()
    world.view()
    world.changes.clear()
    base = Base(Values([[1.0, 1.0, 1.0]]))
    world.state.set_bases(URI, {"first": base})
    assert world.changes == [URI]
    assert world.function("first").base is base
    assert world.function("second").base is None
    world.state.set_bases("file:///unknown.py", {})


async def test_directives(world: World) -> None:
    world.open("def f():  # rlm: ignore\n    return 1\n")
    await world.settle()
    world.edit(0, 0, "\n\n")
    (directive,) = world.function("f").directives
    assert (directive.kind, directive.line) == ("ignore", 3)


async def test_memory_does_not_grow_with_edits(world: World) -> None:
    world.open("def f():\n    return 1\n\nx = 1\n")
    await world.predict()
    names = ["f", *(f"f{number}" for number in range(50))]
    for old, new in pairwise(names):
        world.replace(f"def {old}(", f"def {new}(")
        await turn()
    await world.settle()
    opened = world.state._opened[URI]
    assert len(opened._made) == len(opened._good) == 2


async def test_the_state_closes_while_the_child_is_busy() -> None:
    world = World()
    world.open("x = 1\n" * 20_000)
    await turn()
    await world.state.aclose()
    assert world.state.snapshot().documents == {}
