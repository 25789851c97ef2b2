"""Comparisons with git from end to end, on a model with random weights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.gating import ANY_CHANGE, ENVIRONMENT, NOTHING_MAY_COST, SMALL, SORT, TOTAL, cheap_and_dear, commit, costs, git, parsed
from tests.conftest import RunCli


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
    assert "beyond this model's error for pairs (latency 1x, peak heap 1x)" in result.stdout.splitlines()
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
    small = cli("check", ".", "--base", "HEAD~1", "--model", banded)
    assert small.returncode == 0
    assert [line.split()[0] for line in small.stdout.splitlines() if " latency " in line and "→" in line] == ["small"]
    assert "small: within max-ratio, min-latency-change or min-heap-change" in small.stdout


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
