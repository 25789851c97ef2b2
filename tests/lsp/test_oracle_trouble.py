"""What predictions do when the model's process is killed, is poisoned, disappears, or answers nonsense."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from rlm_lsp.lsp import oracle as oracle_module
from rlm_lsp.predict.errors import EngineError, QuarantinedError
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.results import unavailable
from tests.lsp.desk import ByHand, Open, functions, item, settled, until

pytestmark = pytest.mark.asyncio
TROUBLED_SITE = str(Path(__file__).parents[1] / "hostile" / "troubled_site")


async def test_a_killed_worker_is_replaced_and_nothing_is_lost(desk: Open) -> None:
    inputs = functions(120)
    one = desk()
    one.want("a", inputs)
    await until(lambda: one.oracle.state().predicted > 5)
    victim = one.oracle.state().pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    kept = [each for each in inputs if one.numbers([each]) != [None]]
    await until(lambda: one.oracle.state().name == "restarting")
    assert None not in one.numbers(kept)
    await one.all_known(inputs)
    state = one.oracle.state()
    assert (state.name, state.deaths, state.quarantined) == ("ready", 1, 0)
    assert state.pid != victim
    assert one.lines == []


async def test_a_poisonous_input_is_quarantined_until_the_worker_is_restarted(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", TROUBLED_SITE)
    one = desk()
    poison, neighbours = item("def poison(): pass"), functions(5)
    one.want("a", [*neighbours, poison])
    one.want("b", [poison])
    await one.all_known(neighbours)
    await until(lambda: one.oracle.state().quarantined)
    silence = unavailable("the model died twice over this input: it was killed by SIGKILL")
    assert one.oracle.known(poison) == silence
    assert await one.oracle.predict([poison]) == [silence]
    await until(lambda: "b" in frozenset().union(*one.told))
    (line,) = one.lines
    assert "left out from now on" in line
    assert "poison" not in line  # no source text in the log
    assert one.oracle.state().deaths == 2
    monkeypatch.delenv("PYTHONPATH")
    one.oracle.restart()
    await one.all_known([poison])
    assert one.oracle.state().quarantined == 0


async def test_a_model_that_disappears_is_a_reason_that_is_not_remembered(
    desk: Open, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle_module, "FIRST_RETRY_S", 0.05)
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    one = desk(tmp_path / "cache", model)
    known, new, later = functions(1, "known"), functions(3, "new"), functions(1, "later")
    await one.oracle.predict(known)
    weights = next(model.glob("*.onnx"))
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + b"?")
    one.oracle.restart()
    one.want("a", known + new)
    await until(lambda: one.oracle.state().name == "unavailable")
    (silence,) = await one.oracle.predict(later)
    assert silence.unknown is not None
    assert silence.unknown[0] == "worker-unavailable"
    assert weights.name in silence.unknown[1]
    assert one.oracle.known(new[0]) == silence
    assert one.numbers(known) != [None]
    await until(lambda: "a" in frozenset().union(*one.told))
    one.told.clear()
    weights.write_bytes(content)
    await one.all_known(new)  # it has tried again
    await until(lambda: "a" in frozenset().union(*one.told))
    assert one.oracle.state().name == "ready"
    assert [line.partition(":")[0] for line in one.lines] == ["no predictions for now", "there are predictions again"]
    assert all(values.quantiles for values in await one.oracle.predict(later))


@pytest.mark.usefixtures("by_hand")
async def test_attempts_become_rarer_and_a_restart_does_not_wait(desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    one = desk()
    one.want("a", [item("a"), item("b")])
    await settled(one)
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def sooner(delay: float, action: Callable[..., object], *arguments: object) -> asyncio.TimerHandle:
        if delay < 1:
            return call_later(delay, action, *arguments)
        waits.append(delay)
        return call_later(0.001, action, *arguments)

    monkeypatch.setattr(loop, "call_later", sooner)
    for _ in range(9):
        ByHand.made.fail(EngineError("gone"))
        await until(lambda: ByHand.made.open)
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    monkeypatch.undo()
    ByHand.made.fail(EngineError("gone"))
    await until(lambda: one.oracle.state().name == "unavailable")
    assert ByHand.made.open == {}
    one.oracle.restart()
    assert ByHand.made.restarts == 1
    await until(lambda: len(ByHand.made.open) == 2)
    ByHand.made.answer()
    await one.all_known([item("a"), item("b")])


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("reply", [{}, {"values": {}}, {"values": None, "partial": 0}, {"unknown": []}])
async def test_a_worker_that_answers_nonsense(desk: Open, reply: Frame) -> None:
    one = desk()
    call = asyncio.ensure_future(one.oracle.predict([item("a")]))
    await until(lambda: "a" in (ByHand.made.open if ByHand.made else {}))
    ByHand.made.open.pop("a").set_result(reply)
    (values,) = await call
    assert values.unknown == ("worker-unavailable", "the model's process gave an answer that is none")


@pytest.mark.usefixtures("by_hand")
async def test_a_quarantined_input_costs_its_neighbours_nothing(desk: Open) -> None:
    one = desk()
    call = asyncio.ensure_future(one.oracle.predict([item("bad"), item("good")]))
    await until(lambda: len(ByHand.made.open) == 2)
    ByHand.made.open.pop("bad").set_exception(QuarantinedError("died twice"))
    ByHand.made.answer("good")
    bad, good = await call
    assert bad.unknown == ("worker-unavailable", "died twice")
    assert good.quantiles


async def test_without_a_model_everything_says_why(desk: Open) -> None:
    one = desk(model=None, error="/nowhere/manifest.json: No such file or directory")
    one.want("a", functions(2))
    one.oracle.restart()
    await one.oracle.clear_cache()
    silence = unavailable("/nowhere/manifest.json: No such file or directory")
    assert one.oracle.known(item("a")) == silence
    assert await one.oracle.predict([item("a")]) == [silence]
    state = one.oracle.state()
    assert (state.name, state.failure, state.pid) == ("unavailable", "/nowhere/manifest.json: No such file or directory", None)
