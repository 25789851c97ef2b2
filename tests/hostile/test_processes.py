"""Processes that die, are killed, or are interrupted; the workers are the real ones."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from rlm_lsp.check.walk import find_files
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import FileResult
from tests.conftest import RunCli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
TROUBLED_SITE = str(Path(__file__).parent / "troubled_site")
FILES, FUNCTIONS = 12, 10
WAIT_S = 60


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    for file in range(FILES):
        functions = (f"def f{file}_{i}(xs):\n    return sum(xs[{i}:]) * {file}\n" for i in range(FUNCTIONS))
        (tmp_path / "project" / f"m{file:02}.py").write_text("\n".join(functions))
    return tmp_path / "project"


def results(engine: Engine, project: Path, victim: str = "") -> dict[str, FileResult]:
    """What a check finds, while a worker is killed after the first file."""
    found: dict[str, FileResult] = {}
    with closing(engine.check_files(find_files([str(project)]).files)) as checked:
        for result in checked:
            found[result.path] = result
            if victim and len(found) in (1, 3):
                pid = getattr(engine, victim).pid
                if pid is not None:  # None: the other kill has only just been noticed
                    os.kill(pid, signal.SIGKILL)
    return found


@pytest.mark.parametrize("victim", ["_predictor", "_chunker"])
def test_a_worker_killed_in_mid_batch_loses_nothing(project: Path, tiny_model: Path, victim: str) -> None:
    said: list[str] = []
    model = identify(tiny_model)
    with Engine(model, None, said.append, jobs=1) as quiet:
        expected = results(quiet, project)
    with Engine(model, None, said.append, jobs=1) as engine:
        assert results(engine, project, victim) == expected
    assert len(expected) == FILES
    assert all(result.complete and not result.problems for result in expected.values())
    assert said == []


def test_a_poisonous_input_is_unknown_and_its_neighbours_are_answered(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "bad.py").write_text("def good(x):\n    return x\n\n\ndef poison(x):\n    return x\n")
    result = cli("check", ".", "--format", "json", "--model", tiny_model, PYTHONPATH=TROUBLED_SITE)
    assert result.returncode == 0, result.stderr
    functions = {item["name"]: item for item in json.loads(result.stdout)["functions"] if item["name"] != "<module>"}
    assert len(functions) == FILES * FUNCTIONS + 2
    unknown = {name: item["unknown"] for name, item in functions.items() if "unknown" in item}
    assert unknown == {"poison": "worker-unavailable: the model died twice over this input: it was killed by SIGKILL"}
    # ... which is not remembered: a worker that does not die of it answers.
    healthy = json.loads(cli("check", "bad.py", "--format", "json", "--model", tiny_model).stdout)["functions"]
    assert all("predictions" in item for item in healthy if item["name"] == "poison")


def start_slowly(project: Path, environment: Mapping[str, str], model: Path, tmp_path: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """A check that takes its time, when a part of its answers is in the cache; and its workers."""
    pids = tmp_path / "pids"
    pids.mkdir()
    trouble = {"PYTHONPATH": TROUBLED_SITE, "RLM_TEST_DELAY_S": "0.05", "RLM_TEST_PIDS": str(pids)}
    command = [sys.executable, "-m", "rlm_lsp", "--check", ".", "--model", str(model), "--jobs", "1"]
    process = subprocess.Popen(
        command,
        cwd=project,
        env={**environment, **trouble},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # a background job of a shell hands an ignored SIGINT down to everything it starts, this test run included
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + WAIT_S
    while kept_answers(environment) == 0:
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError(process.communicate())
        time.sleep(0.02)
    return process, [int(path.name) for path in pids.iterdir()]


def kept_answers(environment: Mapping[str, str]) -> int:
    databases = list(Path(environment["RLM_LSP_CACHE_DIR"]).glob("*.sqlite"))
    if not databases:
        return 0
    with closing(sqlite3.connect(databases[0], timeout=WAIT_S)) as connection:
        try:
            count: int = connection.execute("SELECT count(*) FROM inputs").fetchone()[0]
        except sqlite3.OperationalError:  # no such table yet
            return 0
        return count


def all_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")  # dead, but nobody has collected it


def test_ctrl_c_keeps_what_is_known(
    cli: RunCli, cli_environment: Mapping[str, str], project: Path, tiny_model: Path, tmp_path: Path
) -> None:
    process, workers = start_slowly(project, cli_environment, tiny_model, tmp_path)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all processes
    stdout, stderr = process.communicate(timeout=WAIT_S)
    assert (process.returncode, stdout) == (130, "")
    assert stderr.startswith("rlm-lsp: interrupted with ")
    assert stderr.count("\n") == 1
    assert len(workers) == 2
    assert all_gone(workers)
    assert 0 < kept_answers(cli_environment) < FILES * FUNCTIONS
    resumed = cli("--check", ".", "--model", tiny_model)
    afresh = cli("--check", ".", "--model", tiny_model, RLM_LSP_CACHE_DIR=str(tmp_path / "other"))
    assert (resumed.returncode, resumed.stdout) == (0, afresh.stdout)


def test_workers_do_not_outlive_a_killed_command(
    cli: RunCli, cli_environment: Mapping[str, str], project: Path, tiny_model: Path, tmp_path: Path
) -> None:
    process, workers = start_slowly(project, cli_environment, tiny_model, tmp_path)
    process.kill()
    process.communicate(timeout=WAIT_S)
    assert len(workers) == 2
    assert all_gone(workers)
    assert kept_answers(cli_environment) > 0
    assert cli("--check", ".", "--model", tiny_model).returncode == 0


def test_nothing_is_imported_from_the_checked_folder(cli: RunCli, project: Path, tiny_model: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for name in ("json", "numpy", "onnxruntime", "tokenizers", "tree_sitter", "sitecustomize", "sqlite3"):
        (project / f"{name}.py").write_text(f"open({str(canary)!r}, 'w')\n")
    # The installed command does not have the current folder on its path, and neither have its workers.
    command = [sys.executable, "-c", "import sys; sys.path.remove(''); from rlm_lsp.cli import main; sys.exit(main())"]
    environment = {**os.environ, "RLM_LSP_CACHE_DIR": str(tmp_path / "cache")}
    arguments = ["--check", ".", "--model", str(tiny_model)]
    result = subprocess.run(
        [*command, *arguments], cwd=project, env=environment, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "m00.py:1" in result.stdout
    assert not canary.exists()
