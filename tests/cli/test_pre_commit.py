"""The hooks of .pre-commit-hooks.yaml, run by pre-commit itself on a repository of their own, with the shipped model.

Most tests take the hook's entry into ``repo: local``, which uses the ``rlm-lsp`` under test. One has pre-commit install the project by
itself, from a clone of the last commit, which takes half a minute and the package index.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rlm_lsp.languages import LANGUAGES
from rlm_lsp.paths import default_model_folder
from tests.model.banded import with_pair_band

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
NO_TAG = {"commonlisp", "d"}
"""Languages whose files pre-commit has no tag for; docs/ci.md says how to have them checked."""
BAND = 1.5
CHEAP = "def total(xs, n):\n    return sum(xs) + n\n"
WORDS = 'def total(xs, n):\n    """What they come to."""\n    return sum(xs) + n  # and n\n'
DEAR = """\
def total(xs, n):
    table = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                table[i][j] += xs[i] * xs[k] * sorted(xs)[j]
    return sum(map(sum, table))
"""
RECORDED = """\
import subprocess, sys

class Recorded(subprocess.Popen):
    def __init__(self, command, *arguments, **more):
        with open({log!r}, "a") as log:
            print(*command, file=log)
        super().__init__(command, *arguments, **more)

subprocess.Popen = Recorded
from rlm_lsp.cli import main
sys.exit(main([*sys.argv[1:], "--model", {model!r}]))
"""
"""``rlm-lsp`` with a certain model, that writes down which processes it starts."""

Run = Callable[..., str]


@pytest.fixture(scope="session")
def pre_commit(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How pre-commit is called: that of the environment, or else one that is installed for this run."""
    if importlib.util.find_spec("pre_commit"):
        return [sys.executable, "-m", "pre_commit"]
    folder = tmp_path_factory.mktemp("pre-commit")
    python = str(folder / "bin" / "python")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    installed = subprocess.run([python, "-m", "pip", "install", "--quiet", "pre-commit"], capture_output=True, timeout=240, check=False)
    if installed.returncode:
        pytest.skip("pre-commit is neither installed nor to be had from the package index")
    return [python, "-m", "pre_commit"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model, of which the tests say how far the ratio of two predictions may be off."""
    return with_pair_band(default_model_folder(), tmp_path_factory.mktemp("model") / "banded", BAND)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in the project and returns all that it says."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    person = {f"GIT_{who}_{what}": "nobody@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    folders = {"PRE_COMMIT_HOME": str(tmp_path / "pre-commit-home"), "RLM_LSP_CACHE_DIR": str(tmp_path / "cache")}
    environment = {**kept, **person, **folders, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PRE_COMMIT_COLOR": "never"}

    def run(*command: str, code: int | None = 0) -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path / "project",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout
        return done.stdout

    return run


@pytest.fixture
def project(tmp_path: Path, run: Run, pre_commit: list[str], model: Path) -> Path:
    """A repository with the first hook, as it is published but for where its program comes from."""
    folder = tmp_path / "project"
    folder.mkdir()
    run("git", "-c", "init.defaultBranch=main", "init", "-q")
    (folder / "rlm-lsp.toml").write_text('min-latency-change = "1 us"\nbudgets = [{name = "bad", latency = "1 ns"}]\n')
    program = tmp_path / "rlm-lsp.py"
    program.write_text(RECORDED.format(log=str(tmp_path / "started"), model=str(model)))
    use_hook(folder, "rlm-lsp", [sys.executable, str(program)])
    run(*pre_commit, "install")
    commit(run, "hooks")
    return folder


def use_hook(project: Path, name: str, program: list[str]) -> None:
    hook = manifest()[name]
    ours, *arguments = shlex.split(hook["entry"])
    assert ours == "rlm-lsp"
    hook |= {"language": "system", "entry": shlex.join([*program, *arguments])}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}))


def manifest() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load(HOOKS.read_text("utf-8"))}


def commit(run: Run, message: str, *paths: str, code: int = 0) -> str:
    if not paths:
        run("git", "add", "-A")
    return run("git", "commit", "-q", "-m", message, *paths, code=code)


def last_message(run: Run) -> str:
    return run("git", "log", "-1", "--format=%s").strip()


def changed(output: str, what: str) -> list[str]:
    """The words of the line about the changed latency of a function."""
    (line,) = [line for line in output.splitlines() if line.startswith(f"{what} ") and " latency " in line]
    return line.split()


def test_a_commit_that_makes_a_function_far_dearer_is_blocked(project: Path, run: Run) -> None:
    (project / "a.py").write_text(CHEAP)
    commit(run, "cheap")
    (project / "a.py").write_text(DEAR)
    output = commit(run, "dear", code=1)
    words = changed(output, "dearer")
    assert words[-2:] == ["total", "a.py:1"]
    assert float(next(word for word in words if re.fullmatch(r"[\d.,]+x", word)).rstrip("x").replace(",", "")) > BAND
    assert last_message(run) == "cheap"
    (project / "a.py").write_text(f"# rlm: ignore[latency] - it must\n{DEAR}")
    commit(run, "meant")
    assert last_message(run) == "meant"


def test_a_commit_of_words_passes_with_exactly_no_change(project: Path, run: Run, pre_commit: list[str]) -> None:
    (project / "a.py").write_text(CHEAP)
    commit(run, "code")
    (project / "a.py").write_text(WORDS)
    run("git", "add", "-A")
    told = " ".join(run(*pre_commit, "run", "--verbose").split())
    assert "no function's code changed, so costs changed by exactly 0 %" in told
    (project / "README.md").write_text("Words.\n")
    output = commit(run, "words")
    assert "Passed" in output
    assert last_message(run) == "words"
    (project / "README.md").write_text("More words.\n")
    assert "Skipped" in commit(run, "no code at all")


def test_a_broken_budget_is_blocked_whatever_was_before(project: Path, run: Run) -> None:
    (project / "a.py").write_text(CHEAP.replace("total", "bad"))
    output = commit(run, "over budget", code=1)
    assert any(line.split()[:2] == ["error", "latency"] and line.endswith("a.py:1") for line in output.splitlines())
    assert last_message(run) == "hooks"


def test_what_is_over_budget_already_holds_up_only_the_first_hook(project: Path, run: Run, tmp_path: Path) -> None:
    (project / "a.py").write_text(CHEAP.replace("total", "bad"))
    run("git", "add", "-A")
    run("git", "commit", "-q", "-m", "over budget", "--no-verify")
    (project / "a.py").write_text(CHEAP.replace("total", "bad") + "\n\n" + CHEAP)
    commit(run, "more", code=1)
    use_hook(project, "rlm-lsp-changes", [sys.executable, str(tmp_path / "rlm-lsp.py")])
    commit(run, "more")
    assert last_message(run) == "more"


def test_only_what_is_committed_counts(project: Path, run: Run) -> None:
    """Neither what lies in the work tree and is not staged, nor what is staged and left out of a partial commit."""
    (project / "a.py").write_text(CHEAP)
    (project / "b.py").write_text(CHEAP)
    commit(run, "cheap")
    (project / "b.py").write_text(DEAR)
    (project / "a.py").write_text(CHEAP.replace("+ n", "- n"))
    run("git", "add", "a.py")
    run("git", "commit", "-q", "-m", "staged")
    run("git", "add", "b.py")
    (project / "a.py").write_text(CHEAP)
    commit(run, "partial", "a.py")
    commit(run, "the rest", "b.py", code=1)
    assert last_message(run) == "partial"


def test_a_range_of_commits_is_compared_by_its_ends(project: Path, run: Run, pre_commit: list[str]) -> None:
    (project / "a.py").write_text(CHEAP)
    commit(run, "cheap")
    (project / "a.py").write_text(DEAR)
    run("git", "commit", "-q", "-a", "-m", "dear", "--no-verify")
    (project / "b.py").write_text(CHEAP)
    commit(run, "more")
    output = run(*pre_commit, "run", "--from-ref", "HEAD~2", "--to-ref", "HEAD", code=1)
    assert changed(output, "dearer")[-1] == "a.py:1"
    run(*pre_commit, "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")


def test_the_model_is_loaded_once_for_many_files_and_not_at_all_for_known_ones(
    project: Path, run: Run, tmp_path: Path, pre_commit: list[str]
) -> None:
    for i in range(200):
        (project / f"module_{i:03}.py").write_text(CHEAP.replace("+ n", f"+ n * {i}"))
    started = tmp_path / "started"
    commit(run, "many")
    lines = started.read_text().splitlines()
    assert sum("rlm_lsp.predict.worker" in line for line in lines) == 1
    assert sum("rlm_lsp.chunk.worker" in line for line in lines) == 1
    assert sum("ls-files" in line.split() for line in lines) == 1  # one process looked at all of them
    started.unlink()
    run(*pre_commit, "run", "--all-files")
    assert "rlm_lsp" not in started.read_text()


def test_every_language_that_can_be_is_handed_over(run: Run, project: Path, pre_commit: list[str]) -> None:
    run(*pre_commit, "validate-manifest", str(HOOKS))
    code = (
        "import json, sys; from identify import identify\n"
        "print(json.dumps({path: sorted(identify.tags_from_filename(path)) for path in sys.argv[1:]}))"
    )
    named = {name: [f"a{suffix}" for suffix in language.suffixes] for name, language in LANGUAGES.items()}
    tags = yaml.safe_load(run(pre_commit[0], "-c", code, *(path for paths in named.values() for path in paths)))
    wanted = set(manifest()["rlm-lsp"]["types_or"])
    missed = {name for name, paths in named.items() if not any(wanted & set(tags[path]) for path in paths)}
    assert missed == NO_TAG
    assert wanted == set(manifest()["rlm-lsp-changes"]["types_or"])


@pytest.mark.timeout(900)
def test_pre_commit_installs_the_project_by_itself(project: Path, run: Run, tmp_path: Path, pre_commit: list[str]) -> None:
    clone = tmp_path / "rlm-lsp"
    run("git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone))
    (project / "a.py").write_text(CHEAP.replace("total", "bad"))
    run("git", "add", "-A")
    output = run(*pre_commit, "try-repo", str(clone), "rlm-lsp", "--all-files", "--verbose", code=None)
    if "No matching distribution found" in output:
        pytest.skip("the package index cannot be reached")
    assert any(line.split()[:2] == ["error", "latency"] and line.endswith("a.py:1") for line in output.splitlines())
