"""The state on a real event loop: settings, notebooks, what is not ours, directives, and its end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from lsprotocol import types

from rlm_lsp.config import Settings
from rlm_lsp.lsp.snapshot import Base
from rlm_lsp.predict.results import Values
from tests.lsp.sources import MODULE, many
from tests.lsp.world import DEBOUNCE_S, URI, World, named, turn

pytestmark = pytest.mark.asyncio


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
