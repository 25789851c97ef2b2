"""Budgets, comparisons and baselines from end to end, on a model with random weights: what is dear is found out first, then asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunCli
from tests.model.banded import with_pair_band

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **{f"GIT_{who}_{what}": "nobody@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
TOTAL = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"
SMALL = "def small(a):\n    return a + 1\n"
SORT = """\
def arrange(xs):
    for i in range(len(xs)):
        for j in range(i):
            if xs[i] < xs[j]:
                xs[i], xs[j] = xs[j], xs[i]
    return xs
"""
NOTHING_MAY_COST = "budgets = [{name = '^[a-z]', latency = '1e-9 ns'}]\n"  # module bodies aside
ANY_CHANGE = 'max-ratio = 1\nmin-latency-change = "0 ns"\nmin-heap-change = "0 B"\n'


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, message: str = "x") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    git(folder, "init", "-q")
    return folder


@pytest.fixture(scope="module")
def banded(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model with random weights, that says of itself that no ratio of its predictions is off."""
    return with_pair_band(tiny_model, tmp_path_factory.mktemp("banded") / "model", 1.0)


def parsed(result: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    assert result.returncode == code, result.stdout + result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def costs(cli: RunCli, model: Path, *sources: str) -> list[dict[str, float]]:
    """The predicted medians of snippets with one function each."""
    lines = "".join(json.dumps({"id": i, "text": text, "language": "python", "kind": "function"}) + "\n" for i, text in enumerate(sources))
    output = cli("predict", "--jsonl", "-", "--model", model, stdin=lines).stdout.splitlines()
    answers = [json.loads(line)["predictions"] for line in output]
    return [{name: value["p50"] for name, value in answer.items()} for answer in answers]


def cheap_and_dear(cli: RunCli, model: Path, name: str = "work") -> tuple[str, str]:
    """Two versions of a function, of which the model thinks that the second is dearer."""
    bodies = [
        f"def {name}(xs):\n" + "".join(f"    a{i} = xs * {i * step}\n" for i in range(length)) + "    return xs\n"
        for length in (1, 3, 7)
        for step in (1, 50)
    ]
    medians = [cost["latency@cpu"] for cost in costs(cli, model, *bodies)]
    cheap, dear = bodies[medians.index(min(medians))], bodies[medians.index(max(medians))]
    assert min(medians) < max(medians)
    return cheap, dear


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


def test_a_change_of_words_is_exactly_none(cli: RunCli, project: Path, banded: Path) -> None:
    (project / "rlm-lsp.toml").write_text(ANY_CHANGE)
    (project / "a.py").write_text(TOTAL)
    commit(project)
    (project / "a.py").write_text(TOTAL.replace("    s = 0\n", '    """Sum."""\n\n    s = 0  # start\n'))
    result = cli("check", "--base", "HEAD", "--model", banded)
    assert result.returncode == 0
    assert "0 edited, 0 added, 0 removed, 0 moved: no function's code changed, so costs\nchanged by exactly 0 %" in result.stdout
    comparison = parsed(cli("check", "--base", "HEAD", "--model", banded, "--format", "json"))["comparison"]
    assert {key: comparison[key] for key in ("edited", "added", "removed", "moved")} == {
        "edited": [],
        "added": [],
        "removed": [],
        "moved": [],
    }


def test_a_dearer_function_fails_and_a_cheaper_one_does_not(cli: RunCli, project: Path, banded: Path, tiny_model: Path) -> None:
    cheap, dear = cheap_and_dear(cli, banded)
    (project / "rlm-lsp.toml").write_text(ANY_CHANGE.replace("0 B", "1000 GB"))
    (project / "a.py").write_text(cheap)
    commit(project)
    (project / "a.py").write_text(dear)
    result = cli("check", ".", "--base", "HEAD", "--model", banded)
    assert result.returncode == 1, result.stdout
    line = next(line for line in result.stdout.splitlines() if line.startswith("dearer"))
    assert line.split()[1] == "latency"
    assert line.split()[-2:] == ["work", "a.py:1"]
    (edited,) = parsed(cli("check", ".", "--base", "HEAD", "--model", banded, "--format", "json"), 1)["comparison"]["edited"]
    before, after = costs(cli, banded, cheap, dear)
    latency = edited["changes"][0]
    assert (latency["old"], latency["new"], latency["standing"]) == (before["latency@cpu"], after["latency@cpu"], "dearer")
    assert latency["ratio"] == pytest.approx(latency["new"] / max(latency["old"], 1e-9))

    unmeasured = cli("check", ".", "--base", "HEAD", "--model", tiny_model)
    assert unmeasured.returncode == 0
    assert "this model's error for pairs is not measured, so no change can fail" in unmeasured.stdout

    (project / "a.py").write_text(f"# rlm: ignore[latency] - it must\n{dear}")
    ignored = cli("check", ".", "--base", "HEAD", "--model", banded)
    assert ignored.returncode == 0
    assert "suppresses nothing" not in ignored.stderr

    (project / "a.py").write_text(dear)
    commit(project)
    (project / "a.py").write_text(cheap)
    cheaper = cli("check", ".", "--base", "HEAD", "--model", banded)
    assert cheaper.returncode == 0
    assert "cheaper" in cheaper.stdout
    (project / "rlm-lsp.toml").write_text(ANY_CHANGE.replace("0 ns", "1000 h"))
    git(project, "checkout", "-q", "a.py")
    assert "dearer   latency" not in cli("check", ".", "--base", "HEAD~1", "--model", banded).stdout


def test_moved_renamed_added_and_removed(cli: RunCli, project: Path, banded: Path) -> None:
    (project / "a.py").write_text(TOTAL + "\n\n" + SORT)
    (project / "b.py").write_text(SMALL)
    commit(project)
    (project / "a.py").write_text(TOTAL.replace("total", "summed"))
    (project / "c.py").write_text(SORT.replace("def", "# moved here\ndef"))
    (project / "b.py").unlink()
    (project / "d.py").write_text("def fresh():\n    import os\n    return os.getcwd(), os.getpid(), 'nothing like it'\n")
    result = cli("check", "--base", "HEAD", "--model", banded)
    assert result.returncode == 0, result.stdout
    document = parsed(cli("check", "--base", "HEAD", "--model", banded, "--format", "json"))["comparison"]
    moved = {(item["from"]["path"], item["from"]["name"], item["to"]["path"], item["to"]["name"]) for item in document["moved"]}
    assert moved == {("a.py", "total", "a.py", "summed"), ("a.py", "arrange", "c.py", "arrange")}
    assert [(item["path"], item["name"]) for item in document["added"]] == [("d.py", "fresh")]
    assert [(item["path"], item["name"]) for item in document["removed"]] == [("b.py", "small")]
    edited = [item["was"]["name"] for item in document["edited"] if item["name"] != "<module>"]
    assert edited == ["total"]  # its name is part of its code; the other's is the same
    assert "moved     arrange  a.py:8\n      to  arrange  c.py:2\n" in result.stdout
    assert [line.split()[-1] for line in result.stdout.splitlines() if line.split()[:1] in (["added"], ["removed"])] == ["d.py:1", "b.py:1"]
    named = parsed(cli("check", "c.py", "--base", "HEAD", "--model", banded, "--format", "json"))["comparison"]
    assert [item["name"] for item in named["removed"]] == []  # b.py is not what was asked about


def test_diff_only_looks_at_what_was_touched(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "rlm-lsp.toml").write_text(NOTHING_MAY_COST)
    (project / "a.py").write_text(TOTAL + "\n\n" + SORT)
    (project / "b.py").write_text(SMALL)
    commit(project)
    assert cli("check", "--base", "HEAD", "--model", tiny_model).returncode == 1
    (project / "a.py").write_text("# words\n\n" + TOTAL + "\n\n" + SORT)
    nothing = cli("check", "--base", "HEAD", "--diff-only", "--model", tiny_model)
    assert nothing.returncode == 0
    assert "a.py:" not in nothing.stdout
    (project / "a.py").write_text("# words\n\n" + TOTAL.replace("s += x", "s += 2 * x") + "\n\n" + SORT)
    result = parsed(cli("check", "--base", "HEAD", "--diff-only", "--model", tiny_model, "--format", "json"), 1)
    assert [item["name"] for item in result["functions"]] == [item["name"] for item in result["budgets"]] == ["total"]
    alone = cli("check", ".", "--diff-only", "--model", tiny_model)
    assert alone.returncode == 1
    assert "nothing is compared, so --diff-only looks at everything" in alone.stderr


def test_what_is_staged_counts_and_not_what_lies_around(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "rlm-lsp.toml").write_text('budgets = [{name = "bad", latency = "1e-9 ns"}]\n')
    first = cli("check", "--staged", "--model", tiny_model)
    assert first.returncode == 0
    assert "compared with nothing, as there is no commit yet" in first.stdout
    (project / "a.py").write_text(TOTAL.replace("total", "bad"))
    (project / "b.py").write_text(SORT.replace("arrange", "bad"))
    assert cli("check", "--staged", "--model", tiny_model).returncode == 0  # not staged
    git(project, "add", "a.py")
    (project / "a.py").write_text(TOTAL)
    result = parsed(cli("check", "--staged", "--model", tiny_model, "--format", "json"), 1)
    assert [item["path"] for item in result["budgets"]] == ["a.py"]
    assert [item["name"] for item in result["comparison"]["added"]] == ["bad"]
    git(project, "commit", "-q", "-m", "x")
    git(project, "rm", "-q", "--cached", "a.py")
    removed = parsed(cli("check", ".", "--staged", "--model", tiny_model, "--format", "json"))
    assert [item["name"] for item in removed["comparison"]["removed"]] == ["bad"]
    assert removed["functions"] == []


def test_the_base_is_where_the_branches_parted(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a.py").write_text(TOTAL)
    (project / "b.py").write_text(SMALL)
    commit(project)
    git(project, "checkout", "-q", "-b", "topic")
    (project / "b.py").write_text(SMALL.replace("+ 1", "+ 2"))
    commit(project)
    git(project, "checkout", "-q", "main")
    (project / "a.py").write_text(TOTAL.replace("+= x", "+= x * x"))
    commit(project)
    git(project, "checkout", "-q", "topic")
    document = parsed(cli("check", "--base", "main", "--model", tiny_model, "--format", "json"))["comparison"]
    assert [item["name"] for item in document["edited"]] == ["small"]
    assert document["base"].startswith("main (parted at ")
    for ref in ("nothing", "-x", "HEAD:a.py"):
        result = cli("check", ".", f"--base={ref}", "--model", tiny_model)
        assert (result.returncode, result.stdout) == (2, "")
        assert len(result.stderr.splitlines()) == 1


def test_pre_commit_names_the_base(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a.py").write_text(TOTAL)
    before = commit(project)
    (project / "a.py").write_text(TOTAL.replace("+= x", "+= x * x"))
    after = commit(project)
    result = cli("check", "a.py", "--model", tiny_model, "--format", "json", PRE_COMMIT_FROM_REF=before, PRE_COMMIT_TO_REF=after)
    assert [item["name"] for item in parsed(result)["comparison"]["edited"]] == ["total"]
    lost = cli("check", "a.py", "--model", tiny_model, PRE_COMMIT_FROM_REF="0" * 40, PRE_COMMIT_TO_REF=after)
    assert lost.returncode == 0
    assert f"rlm-lsp: nothing is compared: {'0' * 40}: no such commit in " in lost.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the hook is a shell script")
def test_as_a_hook_it_blocks_what_is_being_committed_and_nothing_else(
    project: Path, tiny_model: Path, cli_environment: Mapping[str, str]
) -> None:
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m rlm_lsp check --staged --model '{tiny_model}'\n")
    hook.chmod(0o755)
    (project / "rlm-lsp.toml").write_text('budgets = [{name = "bad", latency = "1e-9 ns"}]\n')
    environment = {**ENVIRONMENT, "RLM_LSP_CACHE_DIR": cli_environment["RLM_LSP_CACHE_DIR"]}

    def try_commit(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "commit", "-q", "-m", "x", *arguments]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=120, check=False)

    (project / "good.py").write_text(TOTAL)
    (project / "bad.py").write_text(SORT.replace("arrange", "bad"))
    git(project, "add", "-A")
    blocked = try_commit()
    assert blocked.returncode == 1
    assert "bad.py:1" in blocked.stdout + blocked.stderr
    assert try_commit("good.py").returncode == 0  # by a temporary index, without what else is staged
    assert git(project, "ls-tree", "--name-only", "HEAD") == "good.py"
    (project / "bad.py").write_text(SORT)
    assert try_commit("-a").returncode == 0


def test_outside_of_a_repository_there_is_nothing_to_compare_with(cli: RunCli, tiny_model: Path, tmp_path: Path) -> None:
    result = cli("check", ".", "--staged", "--model", tiny_model)
    assert result.returncode == 2
    assert "not inside a git repository" in result.stderr


def test_other_repositories_inside_are_not_compared(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a.py").write_text(TOTAL)
    commit(project)
    (project / "inner").mkdir()
    git(project / "inner", "init", "-q")
    (project / "inner" / "b.py").write_text(SMALL)
    result = cli("check", "--base", "HEAD", "--model", tiny_model)
    assert result.returncode == 0
    assert "rlm-lsp: files outside of this repository, which are not compared: 1" in result.stderr
    assert "0 added" in result.stdout


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names of any bytes, and of one letter in two cases")
def test_odd_names_and_a_change_of_case(cli: RunCli, project: Path, tiny_model: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(project) + b"/caf\xe9\n.py"))
    odd.write_text(TOTAL)
    (project / "Case.py").write_text(SORT)
    commit(project)
    git(project, "mv", "Case.py", "case.py")
    odd.write_text(TOTAL.replace("+= x", "+= x * x"))
    document = parsed(cli("check", "--base", "HEAD", "--model", tiny_model, "--format", "json"))["comparison"]
    assert [item["path"] for item in document["edited"]] == ["caf\\xe9\\n.py"]
    assert [(item["from"]["path"], item["to"]["path"]) for item in document["moved"]] == [("Case.py", "case.py")]
    assert (document["added"], document["removed"]) == ([], [])


def test_a_run_without_changes_starts_no_worker(cli: RunCli, project: Path, tiny_model: Path, cli_environment: Mapping[str, str]) -> None:
    (project / "rlm-lsp.toml").write_text('latency = "1000 h"\n')
    (project / "a.py").write_text(TOTAL)
    commit(project)
    arguments = ["check", ".", "--staged", "--model", str(tiny_model)]
    first = cli(*arguments)
    assert first.returncode == 0
    watched = (
        "import subprocess, sys; popen = subprocess.Popen; programs = []\n"
        "subprocess.Popen = lambda *a, **k: programs.append(a[0][0]) or popen(*a, **k)\n"
        "from rlm_lsp.cli import main; main(sys.argv[1:]); print(*programs, *sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", watched, *arguments]
    again = subprocess.run(command, cwd=project, env=cli_environment, capture_output=True, encoding="utf-8", timeout=120, check=True)
    assert again.stdout == first.stdout
    words = again.stderr.split()
    assert not any(word.endswith(("python", "python3", Path(sys.executable).name)) for word in words)
    assert {word.partition(".")[0] for word in words}.isdisjoint({"numpy", "tree_sitter", "onnxruntime", "pygls", "tomlkit"})


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
