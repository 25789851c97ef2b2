"""``predict --ray`` on a cluster of two workers that lives in this machine's processes."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunCli

HAS_RAY = importlib.util.find_spec("ray") is not None
needs_ray = pytest.mark.skipif(not HAS_RAY, reason="Ray is not installed (extra ray)")
LINES = 3_000
PATIENCE_S = 400


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Functions, some broken lines and a blank one: everything that the order of the output could be lost over."""
    path = tmp_path / "in.jsonl"
    with path.open("w") as file:
        for i in range(LINES):
            query = {
                "id": i,
                "text": f"def f{i}(xs):\n    return [x * {i} for x in sorted(xs)]\n",
                "language": "python",
                "kind": "function",
            }
            file.write("{no query\n" if i % 97 == 5 else "\n" if i % 97 == 6 else json.dumps(query) + "\n")
    return path


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two machines with a processor each, beside a head that has none to offer."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        for _ in range(2):
            made.add_node(num_cpus=1)
        made.wait_for_nodes()
        yield made
    finally:
        made.shutdown()  # type: ignore[no-untyped-call]  # Ray's test cluster has no annotations


def actors() -> list[int]:
    """Processes that answer, by what Ray calls them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"ray::" in (text := path.read_bytes()) and b"Machine" in text:
                found.append(int(path.parent.name))
        except OSError:  # it has ended
            continue
    return found


def test_without_ray_one_line_says_what_to_install(cli: RunCli, tiny_model: Path, lines: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "ray"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('not here')\n")
    result = cli("predict", "--jsonl", lines, "--ray", "--model", tiny_model, PYTHONPATH=str(hidden.parent))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == 'rlm-lsp: error: --ray needs Ray, which is not installed (not here); pip install "rlm-lsp[ray]"\n'


@needs_ray
@pytest.mark.timeout(3 * PATIENCE_S)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")
def test_a_cluster_answers_as_one_machine_even_when_a_worker_is_killed(
    cluster: Any, cli: RunCli, cli_environment: Mapping[str, str], tiny_model: Path, lines: Path, tmp_path: Path
) -> None:
    alone, together = tmp_path / "alone.jsonl", tmp_path / "together.jsonl"
    assert cli("predict", "--jsonl", lines, "--output", alone, "--model", tiny_model).returncode == 0
    unset = ("RLM_LSP_CACHE_DIR", "PYTHONWARNINGS")  # Ray warns of what it does itself
    environment = {name: value for name, value in cli_environment.items() if name not in unset}
    paths = {"--jsonl": lines, "--output": together, "--model": tiny_model}
    command = [sys.executable, "-m", "rlm_lsp", "predict", *(str(word) for pair in paths.items() for word in pair)]
    with subprocess.Popen([*command, "--ray", cluster.address], env=environment, stderr=subprocess.PIPE, encoding="utf-8") as process:
        deadline = time.monotonic() + PATIENCE_S
        while not (together.exists() and together.stat().st_size) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        working, written = actors(), together.stat().st_size if together.exists() else 0
        if working:
            os.kill(working[0], signal.SIGKILL)
        told = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 0, told
    assert len(working) == 2, told
    assert written < alone.stat().st_size, "all was done before one could be killed"
    assert together.read_bytes() == alone.read_bytes()
    assert "lines could not be read; their output lines say why" in told.splitlines()[-1]


@needs_ray
def test_a_machine_without_the_commands_model_answers_nothing(tiny_model: Path) -> None:
    from rlm_lsp.check.cluster import Machine
    from rlm_lsp.predict.errors import EngineError

    with pytest.raises(EngineError, match="are not those of the command"):
        Machine(str(tiny_model), b"another", "0", 1)


@needs_ray
def test_no_cluster_is_one_line(cli: RunCli, tiny_model: Path, lines: Path) -> None:
    result = cli("predict", "--jsonl", lines, "--ray", "nowhere", "--model", tiny_model)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == "rlm-lsp: error: no Ray cluster at nowhere: Invalid address format: nowhere"
