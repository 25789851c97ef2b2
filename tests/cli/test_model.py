"""Models of the user's own: added, chosen, asked, verified, removed; and one that stands beside the shipped one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHIPPED, RunCli
from tests.model.released_like import make_snapshot

pytest.importorskip("torch", reason="such a model needs the `gpu` extra")

PROGRAM = "import sys\n\n\ndef total(xs):\n    return sum(xs)\n\n\n# what was given\nprint(total(map(int, sys.stdin)))\n"
LIBRARY = "def first(xs):\n    return sorted(xs)[0]\n"
SUMS = "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << n * 2; }\n"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_snapshot(tmp_path_factory.mktemp("released") / "snapshot")


@pytest.fixture
def project(tmp_path: Path, cli: RunCli) -> Path:
    project = tmp_path / "project"
    for name, text in (("program.py", PROGRAM), ("library.py", LIBRARY), ("sums.cpp", SUMS)):
        (project / name).write_text(text)
    return project


def fine(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def by_place(report: Any) -> dict[str, Any]:
    return {f"{one['path']}:{one['name']}": one.get("predictions") or one["unknown"] for one in report["functions"]}


def listed(cli: RunCli) -> dict[str, bool]:
    return {model["name"]: model["inUse"] for model in json.loads(fine(cli("model", "list", "--format", "json")))["models"]}


def test_from_a_folder_to_numbers_and_back(
    cli: RunCli, project: Path, snapshot: Path, cli_environment: Mapping[str, str], tmp_path: Path
) -> None:
    added = cli("model", "add", "--from", snapshot, "--name", "big")
    assert fine(added) == ""
    assert "no hash vouches for them" in added.stderr
    assert listed(cli) == {"rlm-s": True, "big": False}
    alone = by_place(json.loads(fine(cli("--check", ".", "--format", "json", "--jobs", "1"))))

    fine(cli("model", "use", "big"))
    assert listed(cli) == {"rlm-s": False, "big": True}
    checked = cli("--check", ".", "--format", "json", "--jobs", "1")
    report = json.loads(fine(checked))
    assert report["model"] == SHIPPED
    found = by_place(report)
    models = {
        place: {name: one["model"] for name, one in predictions.items()} if isinstance(predictions, dict) else predictions.split(":")[0]
        for place, predictions in found.items()
    }
    shipped = {"latency@cpu": SHIPPED, "peak_heap@cpu": SHIPPED}
    assert models == {
        "program.py:total": shipped,
        "library.py:first": shipped,
        "program.py:<module>": {"peak_heap@apps": "big", "memory@codenet": "big"},
        "sums.cpp:<file>": {"memory@codenet": "big"},
        "library.py:<module>": "untrained-kind",
        "sums.cpp:main": "untrained-kind",
    }
    for place in ("program.py:total", "library.py:first"):  # the shipped model's numbers are what they are without company
        assert {name: {key: one[key] for key in one if key != "model"} for name, one in found[place].items()} == alone[place]
    assert "rlm-lsp: big: " in checked.stderr  # on which device it runs

    text = fine(cli("--check", "program.py", "--jobs", "1"))
    assert f"latency@cpu, peak_heap@cpu: predicted by {SHIPPED} for" in text
    assert "peak_heap@apps, memory@codenet: predicted by big for" in text

    without_processes = "import subprocess, sys; subprocess.Popen = None; from rlm_lsp.cli import main; main(sys.argv[1:])"
    watched = f"{without_processes}; print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", watched, "--check", ".", "--format", "json"]
    again = subprocess.run(command, cwd=project, env=cli_environment, capture_output=True, encoding="utf-8", timeout=120, check=True)
    assert again.stdout == checked.stdout
    heavy = {"torch", "onnxruntime", "numpy", "tree_sitter", "tokenizers", "huggingface_hub"}
    assert {name.partition(".")[0] for name in again.stderr.split()}.isdisjoint(heavy)

    query = json.dumps({"id": 1, "text": PROGRAM, "language": "python", "kind": "program"})
    answered = json.loads(
        fine(cli("predict", "--jsonl", "-", "--jobs", "1", stdin=query + "\n", RLM_LSP_CACHE_DIR=str(tmp_path / "another cache")))
    )
    assert answered["predictions"] == found["program.py:<module>"]

    assert "all 61 tensors have the shape of the config" in fine(cli("model", "verify"))
    assert "inferred" in fine(cli("model", "verify", snapshot))
    information = json.loads(fine(cli("model", "info", "--format", "json")))
    assert (information["id"], information["beside"][0]["id"]) == ("big", SHIPPED)
    assert information["inferred"]

    fine(cli("model", "remove", "big"))
    assert listed(cli) == {"rlm-s": True}
    assert by_place(json.loads(fine(cli("--check", ".", "--format", "json", "--jobs", "1")))) == alone


def test_a_model_of_our_own_can_be_added_and_named(cli: RunCli, project: Path, tiny_model: Path) -> None:
    fine(cli("model", "add", "--from", tiny_model))
    assert listed(cli) == {"rlm-s": True, "tiny": False}
    by_name = fine(cli("--check", "library.py", "--format", "json", "--model", "tiny"))
    assert json.loads(by_name)["model"] == "tiny-test"
    assert by_name == fine(cli("--check", "library.py", "--format", "json", "--model", tiny_model))


def test_what_cannot_be_done_is_said_in_one_line(cli: RunCli, snapshot: Path, tmp_path: Path) -> None:
    shutil.copytree(snapshot, tmp_path / "project" / "broken")
    (tmp_path / "project" / "broken" / "model.safetensors").write_bytes(b"")
    cases = {
        ("add",): "model add needs a repository",
        ("add", "somebody/else"): "somebody/else is not pinned here",
        ("add", "--from", "nowhere"): "nowhere: no such folder",
        ("add", "--from", "broken"): "shorter than its header length",
        ("add", "--from", str(snapshot), "--name", "../x"): "cannot be the name of a model",
        ("use", "unheard-of"): "no model unheard-of; there are rlm-s",
        ("remove", "rlm-s"): "rlm-s is part of rlm-lsp and stays",
    }
    for arguments, message in cases.items():
        result = cli("model", *arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("rlm-lsp: error: ")
        assert message in result.stderr
        assert result.stderr.count("\n") == 1


def test_where_there_is_no_network_that_is_said(cli: RunCli, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="downloads need the `gpu` extra")
    result = cli("model", "add", "akhauriyash/RLM-GemmaS-Code-v0", HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "hub"))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "cannot be downloaded" in result.stderr
    assert "rlm-lsp model add akhauriyash/RLM-GemmaS-Code-v0 --from DIR takes a copy" in result.stderr
    assert list((tmp_path / "data" / "models").iterdir()) == []


def test_a_workspace_cannot_choose_a_model(cli: RunCli, project: Path) -> None:
    (project / "models" / "rlm-s").mkdir(parents=True)
    (project / "model.json").write_text('{"schema": 1, "use": "evil"}')
    assert json.loads(fine(cli("--check", "library.py", "--format", "json")))["model"] == SHIPPED
    (project / "rlm-lsp.toml").write_text('model = "big"\n')
    refused = cli("--check", "library.py")
    assert refused.returncode == 2
    assert "a workspace never does" in refused.stderr
