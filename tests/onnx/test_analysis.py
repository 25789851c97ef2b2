"""What a caller gets when the process that infers shapes dies."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_lsp.onnx.analysis import Analyst
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.types import Shapes
from tests.onnx.building import graph, graph_input, model, node


@pytest.fixture(scope="module")
def unlucky() -> Iterator[Analyst]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        with Analyst("dying_worker") as one:
            yield one


def ask(analyst: Analyst, folder: Path, name: str) -> Shapes:
    path = folder / f"{name}.onnx"
    path.write_bytes(model(graph(node("Relu", ["x"], ["y"]), graph_input("x", ["n"]))))
    return analyst.submit(path, read(path), {"n": 3}).result(120)


def test_a_crash_leaves_what_the_file_states(unlucky: Analyst, tmp_path: Path) -> None:
    found = ask(unlucky, tmp_path, "crash")
    assert (found.tier, found.known, found.total, found.of("", "x").dims) == (0, 0, 1, (3,))
    assert {problem.code for problem in found.problems} == {"not-analysed"}
    assert "SIGKILL" in found.problems[0].reason


def test_a_crash_of_the_second_tier_leaves_the_first(unlucky: Analyst, tmp_path: Path) -> None:
    found = ask(unlucky, tmp_path, "crash_in_tier_2")
    assert (found.tier, found.known, [problem.code for problem in found.problems]) == (1, 1, ["not-analysed"])


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory and computing time are those of Linux")
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("worker.limit_memory(); bytearray(worker.MEMORY_BYTES)", 1),
        ("worker.limit_memory(); worker.CPU_S = 0; worker.limit_computing()\nwhile True: pass", -signal.SIGXCPU),
    ],
    ids=["memory", "computing"],
)
def test_a_process_that_takes_too_much_is_ended(code: str, status: int) -> None:
    done = subprocess.run([sys.executable, "-c", f"from rlm_lsp.onnx import worker; {code}"], capture_output=True, check=False, timeout=100)
    assert done.returncode == status


def test_the_next_file_is_answered(unlucky: Analyst, tmp_path: Path) -> None:
    assert ask(unlucky, tmp_path, "good").of("", "y").dims == (7,)


def test_a_worker_that_cannot_start_is_said(tmp_path: Path) -> None:
    with Analyst("rlm_lsp.onnx.no_such_worker") as analyst:
        found = ask(analyst, tmp_path, "good")
    assert (found.tier, [problem.code for problem in found.problems]) == (0, ["not-analysed"])


def test_closing_answers_who_waits(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model(graph(node("Relu", ["x"], ["y"]), graph_input("x", [2]))))
    analyst = Analyst()
    waiting = [analyst.submit(path, read(path), {}) for _ in range(3)]
    analyst.close()
    assert [each.result(60).total for each in waiting] == [1, 1, 1]
