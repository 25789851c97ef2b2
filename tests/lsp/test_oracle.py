"""Predictions in the server. The model is a tiny one in a real process, or answers that a test gives when it likes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rlm_lsp.lsp import oracle as oracle_module
from rlm_lsp.predict.cache import SCHEMA
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.types import ModelInput
from tests.lsp.desk import OPEN, VISIBLE, WAIT_S, WORKSPACE, ByHand, Open, functions, item, settled, until

pytestmark = pytest.mark.asyncio


# --- numbers ---


async def test_the_numbers_are_those_of_the_command_line(desk: Open, tiny_model: Path) -> None:
    odd = [item("x = '\udcff'"), item("é" * 50), ModelInput("python", "program", "print(1)"), ModelInput("cobol", "function", "DIVIDE")]
    inputs = [*functions(20), *odd, ModelInput("python", "function", "def f(): pass", args="x=int"), item("pass " * 9000)]
    with Engine(identify(tiny_model), None, print, jobs=2) as engine:
        expected = [values.encode() for values in engine.predict(inputs)]
    one = desk()
    one.want("file:///a.py", inputs)
    assert [values.encode() for values in await one.oracle.predict(inputs)] == expected
    known = [one.oracle.known(each) for each in inputs]
    assert [values.encode() for values in known if values] == expected


async def test_what_was_predicted_is_shared_with_the_command_line_through_the_cache(desk: Open, tiny_model: Path, tmp_path: Path) -> None:
    ours, theirs = functions(5, "ours"), functions(5, "theirs")
    first = desk(tmp_path)
    expected = await first.oracle.predict(ours)
    await first.oracle.close()
    with Engine(identify(tiny_model), tmp_path, print, jobs=1) as engine:
        assert engine.predict(ours) == expected
        assert engine._predictor.pid is None  # it did not have to ask
        expected += engine.predict(theirs)
    second = desk(tmp_path)
    second.want("uri", ours + theirs)
    await second.all_known(ours + theirs)
    assert second.numbers(ours + theirs) == expected
    state = second.oracle.state()
    assert (state.name, state.pid, state.found, state.predicted) == ("idle", None, 10, 0)
    assert state.cache == tmp_path / f"results-v{SCHEMA}.sqlite"
    assert first.lines == second.lines == []


async def test_numbers_reach_the_disk_while_the_server_runs(desk: Open, tmp_path: Path) -> None:
    one = desk(tmp_path)
    await one.oracle.predict(functions(3))

    def kept() -> int:
        with sqlite3.connect(tmp_path / f"results-v{SCHEMA}.sqlite") as connection:
            count: int = connection.execute("SELECT count(*) FROM inputs").fetchone()[0]
        connection.close()
        return count

    await until(lambda: kept() == 3)


async def test_half_of_the_processors_are_left_to_the_user(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for processors, threads in ((1, 1), (2, 1), (3, 1), (8, 4)):
        monkeypatch.setattr(oracle_module, "processors", lambda processors=processors: processors)
        assert desk(threads=None).oracle.state().threads == threads


# --- order, and what is not asked ---


@pytest.mark.usefixtures("by_hand")
async def test_equal_inputs_are_asked_once_and_all_who_want_them_hear_of_it(desk: Open) -> None:
    one = desk()
    one.want("a", [item("x"), item("y")])
    one.want("b", [item("y"), item("x")])
    calls = [asyncio.ensure_future(one.oracle.predict([item("x"), item("x")])) for _ in range(2)]
    await settled(one)
    assert sorted(ByHand.made.asked) == ["x", "y"]
    ByHand.made.answer()
    assert await calls[0] == await calls[1] == one.numbers([item("x")] * 2)
    await until(lambda: frozenset().union(*one.told) == {"a", "b"})


@pytest.mark.usefixtures("by_hand")
async def test_few_are_under_way_and_what_becomes_visible_is_next(desk: Open) -> None:
    one = desk()
    one.want("a", [item(f"open {i}") for i in range(10)])
    one.want("w", [item("workspace")], WORKSPACE)
    await settled(one)
    assert ByHand.made.asked == ["open 0", "open 1", "open 2"]
    assert (one.oracle.state().asked, one.oracle.state().queued) == (3, 8)
    one.oracle.want("a", {item(f"open {i}"): VISIBLE if i in (7, 8) else OPEN for i in range(10)})
    one.want("b", [item("visible")], VISIBLE)
    await settled(one)
    while ByHand.made.open:
        ByHand.made.answer(next(iter(ByHand.made.open)))
        await asyncio.sleep(0.01)
    assert ByHand.made.asked[3:] == ["open 7", "open 8", "visible", *(f"open {i}" for i in (3, 4, 5, 6, 9)), "workspace"]


@pytest.mark.usefixtures("by_hand")
async def test_what_nobody_wants_any_more_is_never_asked(desk: Open) -> None:
    one = desk()
    one.want("a", [item(f"a {i}") for i in range(6)])
    one.want("b", [item("a 5"), item("b")])
    call = asyncio.ensure_future(one.oracle.predict([item("call"), item("a 4")], WORKSPACE))
    await settled(one)
    one.want("a", [item("new")])
    one.oracle.release("b")
    call.cancel()
    await settled(one)
    while ByHand.made.open:
        ByHand.made.answer()
        await asyncio.sleep(0.01)
    assert ByHand.made.asked == ["a 0", "a 1", "a 2", "new"]
    assert one.numbers([item("a 0")]) != [None]  # it was on its way, so it is known should the user undo
    assert one.oracle.state().queued == 0
    assert one.told[-1:] == [frozenset({"a"})]
    with pytest.raises(asyncio.CancelledError):
        await call


@pytest.mark.usefixtures("by_hand")
async def test_wishes_that_change_while_they_are_looked_up(desk: Open) -> None:
    one = desk()
    for i in range(50):
        one.want("a", [item(f"version {i}"), item("stays")])
    await settled(one)
    assert sorted(ByHand.made.asked) == ["stays", "version 49"]


@pytest.mark.usefixtures("by_hand")
async def test_a_full_queue_drops_what_is_not_visible_and_takes_it_up_again_later(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle_module, "QUEUE_LIMIT", 10)
    one = desk()
    one.want("old", [item(f"old {i}") for i in range(8)])
    one.want("large", [item(f"large {i}") for i in range(40)])
    one.want("seen", [item(f"seen {i}") for i in range(5)], VISIBLE)
    call = asyncio.ensure_future(one.oracle.predict([item(f"call {i}") for i in range(30)], WORKSPACE))
    await settled(one)
    assert one.oracle.state().queued == 10
    while ByHand.made.open:
        ByHand.made.answer()
        await settled(one)
        assert one.oracle.state().queued <= 10
    assert ByHand.made.asked[3:8] == [f"seen {i}" for i in range(5)]
    assert sorted(ByHand.made.asked) == sorted(
        [f"{name} {i}" for name, count in (("old", 8), ("large", 40), ("seen", 5), ("call", 30)) for i in range(count)]
    )
    assert len(await call) == 30


@pytest.mark.usefixtures("by_hand")
async def test_many_answers_are_one_announcement(desk: Open) -> None:
    one = desk()
    one.want("a", [item(f"a {i}") for i in range(60)])
    one.want("b", [item(f"b {i}") for i in range(60)])
    await settled(one)
    while ByHand.made.open:
        ByHand.made.answer()
        await asyncio.sleep(0)
    await until(lambda: frozenset({"b"}) <= frozenset().union(*one.told))
    await asyncio.sleep(0.2)
    assert sum(map(len, one.told)) < 12
    one.oracle.want("b", {item("last"): OPEN})
    before = len(one.told)
    await settled(one)
    one.oracle.release("b")
    ByHand.made.answer()
    await asyncio.sleep(0.2)
    assert one.told[before:] == []  # nobody is left to hear it


# --- the life of the worker ---


async def test_an_idle_model_is_unloaded_and_loaded_again_when_it_is_wanted(desk: Open) -> None:
    one = desk(unload_after_s=0.3)
    assert one.oracle.state().name == "idle"
    first, second = functions(1, "first"), functions(1, "second")
    await one.oracle.predict(first)
    assert one.oracle.state().name == "ready"
    await until(lambda: one.oracle.state().name == "unloaded")
    assert one.oracle.state().pid is None
    assert one.numbers(first) != [None]
    one.want("a", second)
    await until(lambda: one.oracle.state().name == "loading")
    await one.all_known(second)
    assert one.oracle.state().deaths == 0


async def test_a_model_that_is_woken_is_loaded_once_and_asked_nothing(desk: Open) -> None:
    one = desk()
    for _ in range(50):
        one.oracle.wake()
    await until(lambda: one.oracle.state().name == "ready")
    assert await one.oracle.predict(functions(1)) != []
    state = one.oracle.state()
    assert (state.predicted, state.queued, state.asked, state.deaths) == (1, 0, 0, 0)
    assert one.told == []


async def test_closing_answers_everybody_and_leaves_no_process(desk: Open, tmp_path: Path) -> None:
    one = desk(tmp_path)
    inputs = functions(300)
    call = asyncio.ensure_future(one.oracle.predict(inputs))
    await until(lambda: one.oracle.state().predicted > 3)
    pid = one.oracle.state().pid
    assert pid is not None
    await one.oracle.close()
    values = await call
    assert sum(each.quantiles is not None for each in values) >= 3
    assert {each.unknown for each in values if each.unknown} == {("worker-unavailable", "the server is about to end")}
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    one.want("late", functions(1, "late"))
    assert (await one.oracle.predict(functions(1, "late")))[0].unknown
    one.oracle.restart()
    await one.oracle.clear_cache()


# --- the cache ---


async def test_a_cleared_cache_is_predicted_anew(desk: Open, tmp_path: Path) -> None:
    one = desk(tmp_path)
    inputs = functions(4)
    before = await one.oracle.predict(inputs)
    one.want("a", inputs[:2])
    await one.oracle.clear_cache()
    await one.all_known(inputs[:2])
    assert one.numbers(inputs[:2]) == before[:2]
    assert one.oracle.known(inputs[3]) is None
    assert one.oracle.state().predicted == 6


async def test_a_damaged_cache_is_one_line_in_the_log(desk: Open, tmp_path: Path) -> None:
    (tmp_path / f"results-v{SCHEMA}.sqlite").write_bytes(b"garbage " * 4096)
    one = desk(tmp_path)
    await one.oracle.predict(functions(3))
    await until(lambda: one.lines)
    assert [("was damaged" in line) for line in one.lines] == [True]
    assert one.oracle.state().cache is not None


async def test_nonsense_in_a_sound_cache_is_asked_again(desk: Open, tmp_path: Path) -> None:
    first = desk(tmp_path)
    expected = await first.oracle.predict(functions(3))
    await first.oracle.close()
    with sqlite3.connect(tmp_path / f"results-v{SCHEMA}.sqlite") as connection:
        connection.execute("UPDATE inputs SET value = '[[]'")
    connection.close()
    second = desk(tmp_path)
    assert await second.oracle.predict(functions(3)) == expected
    assert second.oracle.state().predicted == 3


async def test_a_cache_folder_that_cannot_be_made_is_one_line_and_memory_stands_in(desk: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    one = desk(tmp_path / "file" / "cache")
    await one.oracle.predict(functions(3))
    await one.oracle.predict(functions(3, "more"))
    await until(lambda: one.lines)
    assert [("results are not kept after this run" in line) for line in one.lines] == [True]
    assert one.oracle.state().cache is None
    assert one.oracle.state().cache_trouble == one.lines[0]


async def test_a_full_disk_is_one_line_and_predictions_go_on(desk: Open, tiny_model: Path, tmp_path: Path) -> None:
    program = f"""
        import asyncio, resource, signal
        from pathlib import Path
        from rlm_lsp.lsp.oracle import Oracle
        from rlm_lsp.predict.identity import identify
        from rlm_lsp.predict.types import ModelInput

        async def main():
            lines = []
            model, cache = identify(Path({str(tiny_model)!r})), Path({str(tmp_path)!r})
            oracle = Oracle(model, cache, on_values=print, log=lines.append, unload_after_s=60)
            items = [ModelInput("python", "function", f"def f{{i}}(): pass") for i in range(60)]
            first = await oracle.predict(items[:1])
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))  # of this process: no file grows beyond it
            for some in (items[:20], items[20:]):
                assert all(values.quantiles for values in await oracle.predict(some))
                await asyncio.sleep(1.2)  # a flush
            print(len(lines), lines[0])
            await oracle.close()

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        asyncio.run(main())
        """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("1 results are not kept after this run: the cache ")
    assert result.stderr == ""
