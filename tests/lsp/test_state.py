"""The state on a real event loop, with an oracle of our own and the real chunker: edits, cuts and numbers."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace

import pytest

from rlm_lsp.lsp.cutting import HERE_BYTES
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.predict.results import Values
from tests.lsp.sources import MODULE, many
from tests.lsp.world import URI, World, named, turn

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
