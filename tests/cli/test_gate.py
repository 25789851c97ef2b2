"""Budgets and baselines from end to end, on a model with random weights: what is dear is found out first, then asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.gating import ANY_CHANGE, NOTHING_MAY_COST, SMALL, SORT, TOTAL, cheap_and_dear, commit, parsed
from tests.conftest import RunCli


def test_a_broken_budget_fails_and_says_where(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a.py").write_text(TOTAL + "\n\n" + SORT)
    (project / "pyproject.toml").write_text(
        '[tool.rlm-lsp]\nlatency = "1e-9 ns"\n[[tool.rlm-lsp.budgets]]\nname = "^(arr|<)"\nlatency = "1000 h"\n'
    )
    result = cli("check", ".", "--model", tiny_model)
    assert result.returncode == 1
    assert [line.split()[:2] + line.split()[-2:] for line in result.stdout.splitlines() if line.startswith("error")] == [
        ["error", "latency", "total", "a.py:1"]
    ]
    (breach,) = parsed(cli("check", ".", "--model", tiny_model, "--format", "json"), 1)["budgets"]
    assert (breach["path"], breach["name"], breach["line"], breach["metric"], breach["severity"]) == (
        "a.py",
        "total",
        1,
        "latency",
        "error",
    )
    assert breach["p10"] > breach["limit"] == pytest.approx(1e-18)
    assert cli("check", ".", "--model", tiny_model, "--exit-zero").returncode == 0
    assert cli("check", ".", "--model", tiny_model, "--isolated").returncode == 0
    (project / "sub").mkdir()
    (project / "sub" / "b.py").write_text(SORT)
    assert cli("check", "sub", "--model", tiny_model).returncode == 0


def test_a_median_over_budget_warns_and_fails_a_strict_check(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a.py").write_text(TOTAL)
    function = next(
        item for item in parsed(cli("check", "a.py", "--model", tiny_model, "--format", "json"))["functions"] if item["name"] == "total"
    )
    heap = function["predictions"]["peak_heap@cpu"]
    assert heap["p10"] < heap["p50"]
    (project / "rlm-lsp.toml").write_text(f'budgets = [{{name = "total", peak-heap = "{(heap["p10"] + heap["p50"]) / 2:.0f} B"}}]')
    result = cli("check", ".", "--model", tiny_model)
    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines() if line.endswith("a.py:1") and " > " in line] == ["warning"]
    assert cli("check", ".", "--model", tiny_model, "--strict").returncode == 1


def test_comments_ignore_limit_and_are_told_of_when_they_do_nothing(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "rlm-lsp.toml").write_text(NOTHING_MAY_COST)
    source = f"# rlm: ignore[latency] - known\n{TOTAL}\n\n# rlm: budget latency=1000h\n{SORT}"
    (project / "a.py").write_text(source)
    result = cli("check", ".", "--model", tiny_model)
    assert result.returncode == 0, result.stdout
    assert "1 more are ignored by comments" in result.stdout
    remarks = (
        "# rlm: ignore[peak-heap]\n# rlm: ignore[speed]\n" + SMALL.replace("def", "# rlm: budget latency=1000h\ndef") + "# rlm: ignore\n"
    )
    (project / "a.py").write_text(remarks)
    result = cli("check", ".", "--model", tiny_model)
    assert result.returncode == 0
    assert [line for line in result.stderr.splitlines() if "a.py:" in line] == [
        "rlm-lsp: a.py:1: rlm: ignore[peak-heap] suppresses nothing",
        "rlm-lsp: a.py:2: rlm: unknown metric 'speed'; there are latency, peak-heap",
        "rlm-lsp: a.py:6: rlm: ignore belongs to no function",
    ]
    again = parsed(cli("check", ".", "--model", tiny_model, "--format", "json"))  # from the cache
    assert [remark["line"] for remark in again["comments"]] == [1, 2, 6]
    assert cli("check", ".", "--model", tiny_model, "--strict").returncode == 1


def test_settings_that_are_wrong_stop_the_run(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a.py").write_text(SMALL)
    (project / "pyproject.toml").write_text('[tool.rlm-lsp]\nlatnecy = "5 ms"\nmodel = "/evil"\nhover = 1\n')
    result = cli("check", ".", "--model", tiny_model)
    assert (result.returncode, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert all(line.startswith("rlm-lsp: error: ") and "pyproject.toml: [tool.rlm-lsp]: " in line for line in lines)
    assert len(lines) == 3
    assert "did you mean latency?" in result.stderr
    assert "model: refused: " in result.stderr
    assert cli("check", ".", "--model", tiny_model, "--isolated").returncode == 0
    (project / "other.toml").write_text(NOTHING_MAY_COST)
    assert cli("check", ".", "--model", tiny_model, "--config", "other.toml").returncode == 1
    missing = cli("check", ".", "--model", tiny_model, "--config", "nothing.toml")
    assert missing.returncode == 2
    assert "nothing.toml: No such file" in missing.stderr


def test_what_would_be_done_can_be_seen(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "gen").mkdir()
    for name in ("b.py", "a.py", "gen/c.py", "skip_d.py"):
        (project / name).write_text(SMALL)
    (project / ".rlm-lsp.toml").write_text(
        'exclude = ["gen/", "skip_*"]\nlatency = "50 ms"\nbudgets = [{paths = ["src/**"], peak-heap = "64 MiB"}]\n'
    )
    assert cli("check", ".", "gen/c.py", "--show-files").stdout.splitlines() == ["a.py", "b.py"]
    shown = cli("check", "--show-settings").stdout
    assert ".rlm-lsp.toml" in shown.splitlines()[0]
    assert "latency@cpu 50 ms\n" in shown
    assert "peak_heap@cpu 64 MiB, paths src/**\n" in shown
    assert "settings file       none\n" in cli("check", "--show-settings", "--isolated").stdout
    document = parsed(cli("check", "gen/c.py", "a.py", "--format", "json", "--model", tiny_model))
    assert {item["path"] for item in document["functions"]} == {"a.py"}


def test_a_baseline_accepts_what_is_known_and_nothing_else(cli: RunCli, project: Path, banded: Path, tiny_model: Path) -> None:
    cheap, dear = cheap_and_dear(cli, banded)
    (project / "rlm-lsp.toml").write_text(ANY_CHANGE + NOTHING_MAY_COST)
    (project / "pkg").mkdir()
    (project / "pkg" / "a.py").write_text(f"{cheap}\n\n{cheap}")
    (project / "b.py").write_text(TOTAL)
    assert cli("check", ".", "--model", banded).returncode == 1
    written = cli("check", ".", "--model", banded, "--write-baseline")
    assert written.returncode == 0
    assert "wrote 3 broken budgets to rlm-lsp-baseline.json" in written.stderr
    text = (project / "rlm-lsp-baseline.json").read_text()
    assert [line.partition(":")[0] for line in text.splitlines()] == [
        '{"schema"',
        '"b.py"',
        '"total"',
        "},",
        '"pkg/a.py"',
        '"work"',
        '"work#2"',
        "}",
        "}}",
    ]
    assert set(json.loads(text)["functions"]["pkg/a.py"]) == {"work", "work#2"}
    cli("check", ".", "--model", banded, "--write-baseline")
    assert (project / "rlm-lsp-baseline.json").read_text() == text

    options = ["--model", banded, "--baseline", "rlm-lsp-baseline.json"]
    accepted = cli("check", ".", *options)
    assert accepted.returncode == 0
    assert sum(line.startswith("accepted") for line in accepted.stdout.splitlines()) == 3
    (project / "c.py").write_text(SORT)
    fresh = parsed(cli("check", ".", *options, "--format", "json"), 1)
    assert [(item["name"], item["accepted"]) for item in fresh["budgets"]] == [
        ("total", True),
        ("arrange", False),
        ("work", True),
        ("work", True),
    ]
    (project / "c.py").unlink()
    (project / "pkg" / "a.py").write_text(dear)
    worse = cli("check", ".", *options)
    assert worse.returncode == 1
    assert "entries that break no budget any more: 1 of 3" in worse.stderr
    one = cli("check", "b.py", *options)
    assert (one.returncode, "entries" in one.stderr) == (0, False)  # nothing is known of the other files
    other = cli("check", ".", "--model", tiny_model, "--baseline", "rlm-lsp-baseline.json")
    assert other.returncode == 1  # it has the same id, so it is the same model


def test_a_baseline_of_another_model_warns(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "rlm-lsp.toml").write_text(NOTHING_MAY_COST)
    (project / "a.py").write_text(TOTAL)
    (project / "base.json").write_text('{"schema": 1, "model": "older", "functions": {}}')
    result = cli("check", ".", "--model", tiny_model, "--baseline", "base.json")
    assert result.returncode == 0
    assert "rlm-lsp: base.json is for older, not tiny-test: nothing fails by it; --write-baseline renews it" in result.stderr
    assert any(line.startswith("warning") for line in result.stdout.splitlines())
    assert cli("check", ".", "--model", tiny_model, "--baseline", "base.json", "--strict").returncode == 1


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"schema": 2}', '{"schema": 1, "model": "m", "functions": {"a": 1}}', "[" * 100_000]
)
def test_no_baseline_is_a_failure_to_run(cli: RunCli, project: Path, tiny_model: Path, content: str | None) -> None:
    (project / "a.py").write_text(TOTAL)
    if content is not None:
        (project / "base.json").write_text(content)
    result = cli("check", ".", "--model", tiny_model, "--baseline", "base.json")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("rlm-lsp: error: base.json: ")
    assert len(result.stderr.splitlines()) == 1


def test_strict_minds_what_cannot_be_analysed(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a.py").write_text(TOTAL + "def broken(:\n    pass\n")
    assert cli("check", ".", "--model", tiny_model).returncode == 0
    assert cli("check", ".", "--model", tiny_model, "--strict").returncode == 2
    assert cli("check", ".", "--model", tiny_model, "--strict", "--exit-zero").returncode == 2


def test_the_outcome_fits_on_a_narrow_terminal(cli: RunCli, project: Path, banded: Path) -> None:
    long = "an_unusually_long_function_name_that_somebody_was_proud_of_once"
    (project / "rlm-lsp.toml").write_text(ANY_CHANGE + NOTHING_MAY_COST)
    (project / "a.py").write_text(TOTAL + "\n\n" + SORT)
    (project / "b.py").write_text(TOTAL.replace("total", long))
    commit(project)
    for name in ("a.py", "b.py"):
        (project / name).write_text((project / name).read_text().replace("+= x", "+= x * x"))
    result = cli("check", "--base", "HEAD", "--model", banded, "--statistics")
    below = result.stdout[result.stdout.index("over budget") :].splitlines()
    assert [line for line in below if len(line) > 80] == [f"      of  {long}  b.py:1" for line in below if len(line) > 80]
    columns = [line.index("latency") for line in below if line.startswith(("error", "dearer", "cheaper")) and "latency" in line]
    assert len(set(columns)) == 1
    assert next(line for line in below if line.startswith("functions")) == "functions  5 python"
    document = parsed(cli("check", ".", "--model", banded, "--format", "json", "--statistics", "--exit-zero"))
    assert document["statistics"]["functions"] == {"python": 5}
