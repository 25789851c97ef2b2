from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from rlm_lsp.predict.child import Child, ChildStatus
from rlm_lsp.predict.errors import EngineError, QuarantinedError
from rlm_lsp.predict.framing import Frame

WAIT_S = 60


@pytest.fixture(autouse=True)
def _find_unruly_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.fixture
def child() -> Iterator[Child]:
    worker = Child("helper", "unruly_worker", window=8, silence_s=WAIT_S)
    yield worker
    worker.close()


def ask(child: Child, *orders: str) -> list[Future[Frame]]:
    return [child.submit({"do": order}) for order in orders]


def answers(futures: list[Future[Frame]]) -> list[str]:
    return [future.result(WAIT_S)["done"] for future in futures]


def gone(pid: int) -> bool:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_each_request_gets_its_own_reply(child: Child) -> None:
    orders = [f"number {i}" for i in range(100)]
    assert answers(ask(child, *orders)) == orders


def test_nothing_starts_before_the_first_request(child: Child) -> None:
    assert child.pid is None


def test_a_killed_process_is_replaced_and_nothing_is_lost(child: Child, tmp_path: Path) -> None:
    orders = [f"number {i}" for i in range(30)]
    orders[10] = f"kill-me-once {tmp_path / 'marker'}"
    assert answers(ask(child, *orders)) == orders


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("kill-me", "was killed by SIGKILL"),
        ("raise", "ended with status 1: RuntimeError: boom"),
        ("babble", "answered something else than a frame"),
    ],
)
def test_a_deadly_input_is_quarantined_and_its_neighbours_are_answered(child: Child, order: str, reason: str) -> None:
    before, deadly, after = ask(child, *["a"] * 5), ask(child, order)[0], ask(child, *["b"] * 20)
    with pytest.raises(QuarantinedError, match=f"the helper died twice over this input: it {reason}"):
        deadly.result(WAIT_S)
    assert answers(before) == ["a"] * 5
    assert answers(after) == ["b"] * 20


def test_a_hanging_input_is_quarantined() -> None:
    child = Child("helper", "unruly_worker", window=8, silence_s=1)
    try:
        hanging, other = ask(child, "hang", "a")
        with pytest.raises(QuarantinedError, match="gave no answer for 1 s"):
            hanging.result(WAIT_S)
        assert other.result(WAIT_S)["done"] == "a"
    finally:
        child.close()


@pytest.mark.parametrize(
    ("mode", "start_s", "reason"),
    [
        ("fatal", WAIT_S, "^weights.bin: gone$"),
        ("dies", WAIT_S, "^the helper does not start: it ended with status 1: no such library$"),
        ("silent", 0.5, "^the helper does not start: it gave no answer for 0.5 s$"),
    ],
)
def test_a_process_that_cannot_start_is_one_clear_error(mode: str, start_s: float, reason: str) -> None:
    child = Child("helper", "unruly_worker", [mode], window=8, start_s=start_s)
    try:
        for future in ask(child, "a", "b"):
            with pytest.raises(EngineError, match=reason):
                future.result(WAIT_S)
        with pytest.raises(EngineError, match=reason):  # and so it is for whoever asks later
            ask(child, "c")[0].result(WAIT_S)
    finally:
        child.close()


def test_a_program_that_does_not_exist_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nonexistent/python")
    child = Child("helper", "unruly_worker", window=8)
    try:
        with pytest.raises(EngineError, match="the helper cannot be started"):
            ask(child, "a")[0].result(WAIT_S)
    finally:
        child.close()


def test_closing_ends_the_process_and_every_future(child: Child) -> None:
    answered = ask(child, "a")[0]
    pid = answered.result(WAIT_S)["pid"]
    pending = ask(child, "hang", *["b"] * 20)
    child.close()
    assert gone(pid)
    assert all(future.done() for future in pending)
    with pytest.raises(RuntimeError, match="closed"):
        ask(child, "c")


def state_of(child: Child, wanted: str) -> bool:
    """Whether the child comes into a state while we wait."""
    deadline = time.monotonic() + WAIT_S
    while child.status().state != wanted:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_an_idle_process_ends_and_the_next_request_starts_another() -> None:
    child = Child("helper", "unruly_worker", window=8, idle_s=0.2)
    try:
        assert child.status() == ChildStatus("idle", None, 0, 0, "")
        first = ask(child, "a")[0].result(WAIT_S)["pid"]
        assert gone(first)
        assert state_of(child, "idle")
        orders = [f"number {i}" for i in range(30)]
        assert answers(ask(child, *orders)) == orders
        assert state_of(child, "idle")
        assert child.status() == ChildStatus("idle", None, 2, 0, "")
    finally:
        child.close()


def test_a_process_that_works_is_not_idle() -> None:
    child = Child("helper", "unruly_worker", window=1, idle_s=0.1)
    try:
        pids = {future.result(WAIT_S)["pid"] for future in ask(child, *["nap 0.3"] * 3)}
        assert len(pids) == 1
    finally:
        child.close()


def test_requests_at_the_moment_of_idleness_are_all_answered() -> None:
    child = Child("helper", "unruly_worker", window=2, idle_s=0.01)
    try:
        for i in range(8):
            assert answers(ask(child, f"number {i}", "a")) == [f"number {i}", "a"]
            time.sleep(0.01 * (i % 3))
        assert child.status().deaths == 0
    finally:
        child.close()


def test_a_restart_loses_nothing_and_blames_nobody(child: Child) -> None:
    first = ask(child, "a")[0].result(WAIT_S)["pid"]
    assert child.status() == ChildStatus("ready", first, 1, 0, "")
    pending = ask(child, *["nap 0.05"] * 20)
    for _ in range(3):  # each would be one death too many for an input that is out
        child.restart()
        assert gone(first)
        first = ask(child, "a")[0].result(WAIT_S)["pid"]
    assert answers(pending) == ["nap 0.05"] * 20
    assert child.status().deaths == 0


def test_a_restart_before_the_first_request_starts_nothing(child: Child) -> None:
    child.restart()
    assert child.status().state == "idle"


def test_it_says_that_it_cannot_start_and_a_restart_tries_again(tmp_path: Path) -> None:
    switch = tmp_path / "switch"
    child = Child("helper", "unruly_worker", [f"needs {switch}"], window=8)
    try:
        with pytest.raises(EngineError, match="no switch"):
            ask(child, "a")[0].result(WAIT_S)
        assert state_of(child, "unavailable")
        assert child.status().failure == "the helper does not start: it ended with status 1: no switch"
        switch.touch()
        child.restart()
        assert child.status().state == "idle"
        assert answers(ask(child, "a")) == ["a"]
        assert child.status().failure == ""
    finally:
        child.close()


def test_a_restart_ends_the_pause_after_fruitless_lives(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_lsp.predict.child.BACK_OFF_S", 10 * WAIT_S)
    monkeypatch.setattr("rlm_lsp.predict.child.LONGEST_BACK_OFF_S", 10 * WAIT_S)
    deadly, other = ask(child, "kill-me", "a")
    assert state_of(child, "backing-off")
    child.restart()
    assert state_of(child, "backing-off")  # the second death of the input that is now out alone
    child.restart()
    with pytest.raises(QuarantinedError):
        deadly.result(WAIT_S)
    assert other.result(WAIT_S)["done"] == "a"
    assert child.status().deaths == 2


def test_the_child_imports_nothing_from_the_current_folder(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('hostile code ran')")
    monkeypatch.chdir(tmp_path)
    assert answers(ask(child, "a")) == ["a"]
