"""Budgets for networks, in a check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_lsp.check.networks import judge
from rlm_lsp.cli import main
from rlm_lsp.config import Layer, Settings, resolve
from rlm_lsp.onnx.predictions import forecast
from tests.conftest import RunCli
from tests.onnx.forecasting import make_networks_model, put_in_use
from tests.onnx.networks import network_of, saved

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


@pytest.fixture(scope="module")
def networks_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_networks_model(tmp_path_factory.mktemp("networks") / "net")


def test_a_budget_is_held_against_a_predicted_latency(
    tmp_path: Path, networks_model: Path, monkeypatch: pytest.MonkeyPatch, cli: RunCli
) -> None:
    """The lower end of the interval breaks it; the median alone is a warning, and so is a missing prediction."""
    monkeypatch.setenv("RLM_LSP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RLM_LSP_CACHE_DIR", str(tmp_path / "cache"))
    put_in_use(networks_model, tmp_path / "data")
    path = str(saved(tmp_path / "project", GRAPH, name="small.onnx"))
    row = next(row for row in forecast(network_of(Path(path), n=2), print).model if row["objective"] == "latency@cpu")
    assert row["p10"] < row["p50"]
    middle = (row["p10"] + row["p50"]) / 2

    def judged(limit: float, *bind: str) -> list[tuple[float, float | None, int, bool]]:
        found = judge([path], settings_of(latency=f"{limit} s", bind=list(bind))).budgets
        return [(item.value, item.low, item.unknown, item.is_broken) for item in found]

    assert judged(row["p10"] / 2, "n=2") == [(row["p50"], row["p10"], 0, True)]
    assert judged(middle, "n=2") == [(row["p50"], row["p10"], 0, False)]
    assert judged(2 * row["p50"], "n=2") == []
    assert judged(1.0) == [(0.0, None, 1, False)]
    (tmp_path / "project" / "rlm-lsp.toml").write_text(f'[onnx]\nlatency = "{row["p10"] / 2} s"\nbind = ["n=2"]\n')
    checked = cli("check", "small.onnx", "--model", networks_model.parent / "none")
    assert checked.returncode == 2
    checked = cli("check", "small.onnx", "--model", "rlm-s")
    assert checked.returncode == 1
    assert "latency budget broken: " in checked.stdout
    assert ", predicted  small.onnx" in checked.stdout


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("macs", "4 GB"),
        ("macs", -1),
        ("macs", True),
        ("params", 0),
        ("weights", 5),
        ("weights", "0 B"),
        ("bind", ["n"]),
        ("bind", ["n=0"]),
        ("latency", "0 s"),
        ("latency", "5 B"),
    ],
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
