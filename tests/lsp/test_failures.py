"""What breaks around a running server, seen by its client: numbers stay or say why, and the status has a name for it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.predict.cache import SCHEMA
from tests.lsp.conftest import Start
from tests.lsp.session import PATIENCE_S, StdioSession

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
TROUBLED_SITE = str(Path(__file__).parents[1] / "hostile" / "troubled_site")
URI = "file:///nowhere/a.py"
DOCUMENT = {"textDocument": {"uri": URI}}
SURFACES: dict[str, Any] = {"textDocument": {"hover": {}, "inlayHint": {}, "codeLens": {}}}
SOURCE = "def total(xs):\n    return sum(xs)\n\n\ndef other(xs):\n    return sorted(xs)\n"


def status(server: StdioSession) -> dict[str, Any]:
    found: dict[str, Any] = server.request("workspace/executeCommand", {"command": "rlm-lsp.status", "arguments": [{"show": False}]})
    return found


def titles(server: StdioSession) -> list[str]:
    lenses = server.request("textDocument/codeLens", DOCUMENT)
    return [server.request("codeLens/resolve", lens)["command"]["title"] for lens in lenses]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def predicted(server: StdioSession) -> list[str]:
    """What the lenses say when the model has spoken of all functions."""
    until(lambda: (found := titles(server)) and not any("predicting" in title for title in found))
    return titles(server)


def warnings(server: StdioSession) -> list[str]:
    return [params["message"] for params in server.said("window/logMessage")]


@pytest.fixture
def expected(start: Start) -> list[str]:
    """What an undisturbed server says."""
    server = start(RLM_LSP_CACHE_DIR="/dev/null/nowhere")
    server.initialize(SURFACES)
    server.open(URI, SOURCE)
    found = predicted(server)
    assert len(found) == 2
    assert not any(title.startswith("no prediction") for title in found)
    return found


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [(b"garbage " * 4096, "cache-begun-anew", "was damaged"), (None, "cache-not-kept", "results are not kept")],
)
def test_a_cache_that_cannot_be_used(
    start: Start, expected: list[str], tmp_path: Path, content: bytes | None, mode: str, said: str
) -> None:
    folder = tmp_path / "kept"
    if content is None:
        folder.write_text("a file in the way")
    else:
        folder.mkdir()
        (folder / f"results-v{SCHEMA}.sqlite").write_bytes(content)
    server = start(RLM_LSP_CACHE_DIR=str(folder))
    server.initialize(SURFACES)
    server.open(URI, SOURCE)
    assert predicted(server) == expected
    assert set(status(server)["degraded"]) & {"cache-begun-anew", "cache-not-kept"} == {mode}
    assert sum(said in line for line in warnings(server)) == 1


def test_weights_that_are_not_those_of_the_manifest(start: Start, function_model: Path, tmp_path: Path) -> None:
    shutil.copytree(function_model, tmp_path / "changed")
    weights = next((tmp_path / "changed").glob("*.onnx"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    server = start(model=tmp_path / "changed")
    server.initialize(SURFACES)
    server.open(URI, SOURCE)
    found = status(server)
    assert found["worker"]["state"] == "unavailable"
    assert found["worker"]["pid"] is None
    assert f"{weights.name}: damaged or changed" in found["degraded"]["no-model"]
    assert all(title.startswith("no prediction") for title in predicted(server))


def test_weights_that_change_while_the_server_runs(start: Start, expected: list[str], function_model: Path, tmp_path: Path) -> None:
    shutil.copytree(function_model, tmp_path / "model")
    weights = next((tmp_path / "model").glob("*.onnx"))
    content = weights.read_bytes()
    server = start(model=tmp_path / "model")
    server.initialize(SURFACES)
    weights.write_bytes(content[:-1] + b"?")
    server.open(URI, SOURCE)
    until(lambda: status(server)["worker"]["state"] == "unavailable")
    assert weights.name in status(server)["degraded"]["worker-unavailable"]
    assert all(title.startswith("no prediction") for title in titles(server))
    weights.write_bytes(content)
    server.request("workspace/executeCommand", {"command": "rlm-lsp.restartWorker", "arguments": []})
    until(lambda: titles(server) == expected)
    assert status(server)["degraded"].keys() <= {"cache-not-kept", "no-inlay-hints-refresh", "no-code-lens-refresh"}


def test_a_poisonous_function_is_left_out_and_its_neighbours_are_not(start: Start, expected: list[str]) -> None:
    server = start(PYTHONPATH=TROUBLED_SITE)
    server.initialize(SURFACES)
    server.open(URI, SOURCE + "\n\ndef poison(x):\n    return x\n")
    *neighbours, poisoned = predicted(server)
    assert neighbours == expected
    assert poisoned.startswith("no prediction")
    found = status(server)
    assert (found["quarantined"], found["worker"]["deaths"]) == (2, 4)  # the module's body holds the word as well
    assert "inputs-quarantined" in found["degraded"]
    lines = [line for line in warnings(server) if "left out from now on" in line]
    assert len(lines) == 2
    assert "poison" not in "".join(lines)


def test_a_model_killed_again_and_again_still_answers_in_the_end(start: Start) -> None:
    server = start()
    server.initialize(SURFACES)
    functions = [f"def f{i}(xs):\n    return sum(xs[{i}:])\n" for i in range(200)]
    server.open(URI, "\n\n".join(functions))
    killed: set[int] = set()

    def is_done() -> bool:
        found = status(server)
        pid = found["worker"]["pid"]
        if pid is not None and pid not in killed and len(killed) < 3 and found["answers"]["fromModel"] > 20 * len(killed):
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
        return bool(found["documents"][0]["predicted"] == 200)

    until(is_done)
    assert len(killed) == 3
    found = status(server)
    assert found["worker"]["deaths"] == 3
    assert found["quarantined"] == 0
