from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from rlm_lsp.predict.child import Child, QuarantinedError
from rlm_lsp.predict.errors import EngineError
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


def test_the_child_imports_nothing_from_the_current_folder(child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('hostile code ran')")
    monkeypatch.chdir(tmp_path)
    assert answers(ask(child, "a")) == ["a"]
