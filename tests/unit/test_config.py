from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.config import BudgetRule, Layer, Origin, Settings, find_settings, read_settings, resolve

MIB = 1 << 20


def settings(origin: Origin, **values: Any) -> Settings:
    found, problems = resolve([Layer(origin, values)])
    assert problems == []
    return found


def problems(origin: Origin, values: dict[str, Any]) -> list[str]:
    return resolve([Layer(origin, values, "here")])[1]


def test_nothing_written_is_the_defaults() -> None:
    assert resolve([]) == (Settings(), [])
    assert resolve([Layer("editor", {}), Layer("file", {}, root=Path("/project"))]) == (Settings(root=Path("/project")), [])


TOML = """\
enabled = true
inlay-hints = false
metrics = ["peak-heap"]
latency = "50 ms"
max-ratio = 2
debounce = "0.3 s"
compare.with-head = false
exclude = ["generated/"]

[[budgets]]
paths = ["src/**"]
name = '^Api\\.'
latency = "5 ms"
peak-heap = "1 MiB"
"""
EXPECTED = Settings(
    inlay_hints=False,
    metrics=("peak-heap",),
    budgets=(
        BudgetRule("latency", 0.05),
        BudgetRule("latency", 0.005, ("src/**",), r"^Api\."),
        BudgetRule("peak-heap", MIB, ("src/**",), r"^Api\."),
    ),
    max_ratio=2.0,
    debounce_s=0.3,
    compare_with_head=False,
    exclude=("generated/",),
)


def test_a_file_and_an_editor_say_the_same_thing_alike(tmp_path: Path) -> None:
    path = tmp_path / "rlm-lsp.toml"
    path.write_text(TOML)
    layer, unreadable = read_settings(path)
    assert unreadable == []
    assert resolve([layer]) == (replace(EXPECTED, root=tmp_path), [])
    editor = {
        "enabled": True,
        "inlayHints": {"enabled": False},
        "metrics": ["peakHeap"],
        "latency": "0.05 s",
        "peakHeap": None,
        "maxRatio": 2,
        "debounce": "300ms",
        "compareWithHead": False,
        "exclude": ["generated/"],
        "budgets": [{"paths": "src/**", "name": r"^Api\.", "latency": "5 ms", "peakHeap": "1024 KiB"}],
    }
    assert resolve([Layer("editor", editor)]) == (EXPECTED, [])
    assert resolve([Layer("editor", {"inlayHints.enabled": False})])[0].inlay_hints is False


def test_layers_come_in_one_order_whatever_order_they_are_given_in() -> None:
    layers = [
        Layer("flags", {"max-ratio": 5}),
        Layer("editor", {"maxRatio": 4, "debounce": "4 s", "hover": False}),
        Layer("initialization", {"maxRatio": 3, "debounce": "3 s", "unloadAfter": "3 s"}),
        Layer("file", {"max-ratio": 2, "debounce": "2 s", "unload-after": "2 s", "min-latency-change": "2 s"}),
    ]
    for order in (layers, layers[::-1]):
        found, wrong = resolve(order)
        assert wrong == []
        assert (found.max_ratio, found.debounce_s, found.unload_after_s, found.min_latency_change, found.hover) == (5, 4, 3, 2, False)


def test_a_file_decides_what_paths_are_relative_to() -> None:
    assert resolve([Layer("file", {}, root=Path("/a")), Layer("editor", {})], Path("/b"))[0].root == Path("/a")
    assert resolve([Layer("editor", {})], Path("/b"))[0].root == Path("/b")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"latnecy": "5 ms"}, "here: latnecy: unknown key; did you mean latency?"),
        ({"inlayHint": True}, "here: inlayHint: unknown key; did you mean inlay-hints?"),
        ({"qqqq": 1}, "here: qqqq: unknown key"),
        ({"compare": {"withHaed": True}}, "here: compare.withHaed: unknown key; did you mean compare-with-head?"),
        ({"evil\nkey": 1}, "here: evil\\nkey: unknown key"),
        ({"enabled": "yes"}, "here: enabled: expected true or false, found 'yes'"),
        ({"latency": 50}, 'here: latency: expected a string with a unit, such as "50 ms", found 50'),
        ({"latency": "5 MB"}, "here: latency: '5 MB' is not a time, such as \"50 ms\""),
        ({"latency": "0 ms"}, "here: latency: a budget of nothing cannot be kept"),
        ({"peak-heap": "5"}, 'here: peak-heap: \'5\' is not a number with a unit, such as "50 ms" or "64 MiB"'),
        ({"min-heap-change": "5 ms"}, "here: min-heap-change: '5 ms' is not a size, such as \"64 MiB\""),
        ({"max-ratio": True}, "here: max-ratio: expected a number from 1 up, found True"),
        ({"max-ratio": 0.5}, "here: max-ratio: expected a number from 1 up, found 0.5"),
        ({"metrics": ["speed"]}, "here: metrics: unknown metric 'speed'; there are latency, peak-heap"),
        ({"exclude": [1]}, "here: exclude: expected a list of strings, found [1]"),
        ({"budgets": {"latency": "5 ms"}}, "here: budgets.latency: unknown key"),
        ({"budgets": [{"name": "("}]}, "here: budgets: entry 1: name: '(' is not a regular expression: "),
        ({"budgets": [{"latency": "1 ms"}, {"patsh": []}]}, "here: budgets: entry 2: unknown key 'patsh'; there are paths, name, "),
        ({"budgets": [{"name": "x"}]}, "here: budgets: entry 1: no limit; give one of latency, peak-heap"),
        ({"budgets": [{"latency": 1}]}, "here: budgets: entry 1: latency: expected a string with a unit"),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_is_kept(values: dict[str, Any], message: str) -> None:
    found, wrong = resolve([Layer("file", {**values, "hover": False}, "here")])
    assert len(wrong) == 1
    assert wrong[0].startswith(message)
    assert "\n" not in wrong[0]
    assert found.hover is False


def test_a_wrong_budget_takes_no_other_along() -> None:
    found, wrong = resolve([Layer("file", {"budgets": [{"latency": "1 ms"}, {"latency": 2}, {"peak-heap": "1 B"}]})])
    assert found.budgets == (BudgetRule("latency", 1e-3), BudgetRule("peak-heap", 1.0))
    assert len(wrong) == 1


@pytest.mark.parametrize("key", ["model", "device"])
@pytest.mark.parametrize("origin", ["file", "editor"])
def test_a_workspace_chooses_neither_model_nor_device(origin: Origin, key: str) -> None:
    value = {"model": "/evil", "device": "cpu"}[key]
    message = "refused: only the command line and initialization options choose it, a workspace never does"
    assert problems(origin, {key: value}) == [f"here: {key}: {message}"]
    assert resolve([Layer(origin, {"model": "/evil"})])[0].model is None
    assert settings("flags", model="/mine", device="cpu").model == settings("initialization", model="/mine").model == Path("/mine")


def test_the_nearest_settings_file_up_to_the_repositorys_root(tmp_path: Path) -> None:
    root, inner = tmp_path / "repository", tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "rlm-lsp.toml").write_text("")
    (root / ".git").mkdir()
    assert find_settings(inner) is None
    (root / "pyproject.toml").write_text("[project]\nname = 'rlm-lsp-user'\n")
    assert find_settings(inner) is None
    (root / "pyproject.toml").write_text("[tool.rlm-lsp]\nhover = false\n")
    assert find_settings(inner) == root / "pyproject.toml"
    (root / ".rlm-lsp.toml").write_text("")
    assert find_settings(inner) == root / ".rlm-lsp.toml"
    (root / "rlm-lsp.toml").write_text("")
    assert find_settings(inner) == root / "rlm-lsp.toml"
    (root / "a" / "pyproject.toml").write_text("[tool.rlm-lsp\n")
    assert find_settings(inner) == root / "a" / "pyproject.toml"
    layer, wrong = read_settings(root / "a" / "pyproject.toml")
    assert layer.values == {}
    assert "pyproject.toml: not TOML: " in wrong[0]


@pytest.mark.parametrize("content", ["tool = 1", "[tool]\nrlm-lsp = 1", "x = " + "[" * 100_000, "\xff"])
def test_no_settings_file_breaks_its_reader(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"# rlm-lsp\n" + content.encode("latin-1"))
    find_settings(tmp_path)
    layer, _ = read_settings(path)
    assert layer.values == {}
    missing, wrong = read_settings(tmp_path / "rlm-lsp.toml")
    assert (missing.values, len(wrong)) == ({}, 1)


def test_settings_load_nothing_heavy() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, rlm_lsp.config; print(*sys.modules)"], check=True, capture_output=True, text=True
    ).stdout.split()
    assert {"tomllib", "tomli", "pathspec", "difflib", "decimal"}.isdisjoint(loaded)
