"""Budgets for networks, in a check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_lsp.check.networks import judge
from rlm_lsp.cli import main
from rlm_lsp.config import Layer, Settings, resolve
from tests.conftest import RunCli
from tests.onnx.networks import saved

GRAPH = '(float["n",4] x) => (y) <float[4,3] w = {1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0}> { y = MatMul(x, w) }'


def settings_of(**onnx: object) -> Settings:
    found, problems = resolve([Layer("file", {"onnx": onnx})])
    assert problems == []
    return found


def test_a_check_fails_where_a_network_is_over_budget(cli: RunCli, tmp_path: Path, tiny_model: Path) -> None:
    project = tmp_path / "project"
    saved(project, GRAPH, name="small.onnx")
    (project / "broken.onnx").write_bytes(b"no model")
    (project / "rlm-lsp.toml").write_text('[onnx]\nmacs = "1 k"\nbind = ["n=1000", "other=3"]\n')
    result = cli("check", ".", "--model", tiny_model, "--format", "json")
    assert result.returncode == 1, result.stderr
    found = json.loads(result.stdout)
    (network,) = found["networks"]
    assert (network["path"], network["name"], network["value"], network["limit"]) == ("small.onnx", "macs", 12_000, 1_000)
    assert [problem["path"] for problem in found["problems"]] == ["broken.onnx"]
    text = cli("check", "small.onnx", "--model", tiny_model)
    assert text.returncode == 1
    assert "macs budget broken: 1.2e+04 > 1,000, static  small.onnx" in text.stdout


@pytest.mark.parametrize(
    ("onnx", "expected"),
    [
        ({}, []),
        ({"macs": 1e9}, [("macs", 0, 1, False)]),
        ({"macs": 1e9, "bind": ["n=2"]}, []),
        ({"macs": 20, "bind": "n=2"}, [("macs", 24, 0, True)]),
        ({"params": 11}, [("params", 12, 0, True)]),
        ({"params": "12"}, []),
        ({"weights": "40 B"}, [("weights", 48, 0, True)]),
        ({"peakActivations": "40 B", "bind": ["n=2"]}, [("peak-activations", 56, 0, True)]),
    ],
)
def test_budgets_are_held_against_static_figures(
    onnx: dict[str, object], expected: list[tuple[str, float, int, bool]], tmp_path: Path
) -> None:
    path = saved(tmp_path, GRAPH)
    found = judge([str(path)], settings_of(**onnx)).budgets
    assert [(item.name, item.value, item.unknown, item.is_broken) for item in found] == expected


@pytest.mark.parametrize(
    ("key", "value"),
    [("macs", "4 GB"), ("macs", -1), ("macs", True), ("params", 0), ("weights", 5), ("weights", "0 B"), ("bind", ["n"]), ("bind", ["n=0"])],
)
def test_settings_that_make_no_sense_are_said(key: str, value: object) -> None:
    _, problems = resolve([Layer("file", {"onnx": {key: value}})])
    (problem,) = problems
    assert problem.startswith(f"settings file: onnx.{key}: ")


def test_budgets_of_networks_are_among_the_settings(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rlm-lsp.toml").write_text('[onnx]\nmacs = "4.2 G"\nbind = "batch=1"\n')
    assert main(["check", "--show-settings"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["onnx                macs 4.2e+09", "                    bind batch=1"]
    assert main(["check", "--show-settings", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["onnx"] == {"macs": 4.2e9, "bind": ["batch=1"]}
