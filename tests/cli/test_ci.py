"""What CI is given: the shell parts of action.yml and of docs/ci.md, run with the variables that a runner sets.

What only the runners themselves can show is not: that GitHub fills in ``${{ }}`` and sets up ``RUNNER_TEMP``, and that both take the files.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from rlm_lsp.cli import _parser
from tests.conftest import RunCli
from tests.model.banded import with_pair_band

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action and the snippets are for bash")

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
BAD = "def bad(xs):\n    return sum(xs)\n"

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def shell(cli: RunCli, cli_environment: Mapping[str, str], tiny_model: Path, tmp_path: Path) -> Shell:
    """Runs a script as a runner does, in a repository with two commits; ``rlm-lsp`` has a model whose ratios are never off."""
    project = tmp_path / "project"
    model = with_pair_band(tiny_model, tmp_path / "banded", 1.0)
    person = {f"GIT_{who}_{what}": "nobody@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {name: value for name, value in cli_environment.items() if not name.startswith("GIT_")}
    environment |= {**person, "GIT_CONFIG_GLOBAL": os.devnull, "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT)}
    programs = tmp_path / "rlm-lsp" / "bin"
    programs.mkdir(parents=True)
    program = programs / "rlm-lsp"
    program.write_text(
        f'#!/bin/sh\ncommand=$1; shift\nexec {shlex.quote(sys.executable)} -m rlm_lsp "$command" --model {shlex.quote(str(model))} "$@"\n'
    )
    (programs / "pip").write_text("#!/bin/sh\nexit 0\n")
    for path in programs.iterdir():
        path.chmod(0o755)
    environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"

    def run(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=project, env={**environment, **variables}, capture_output=True, encoding="utf-8", timeout=120, check=False
        )

    (project / "rlm-lsp.toml").write_text('budgets = [{name = "bad", latency = "1e-9 ns"}]\n')
    (project / "a file.py").write_text(BAD.replace("bad", "good"))
    commit = "git add -A && git commit -qm"
    assert run(f"git init -q && git checkout -qb main && {commit} one && git checkout -qb topic").returncode == 0
    (project / "b.py").write_text(BAD)
    assert run(f"{commit} two").returncode == 0
    return run


def step(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in ACTION["runs"]["steps"] if item["name"] == name)
    assert found["shell"] == "bash"
    return found


def test_the_action_uses_its_inputs_and_nothing_else() -> None:
    assert ACTION["runs"]["using"] == "composite"
    text = json.dumps(ACTION["runs"])
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    for item in ACTION["runs"]["steps"]:
        assert "${{" not in item["run"]  # an expression in a script would be run with whatever somebody has called a branch
        assert set(re.findall(r"\$\{?(INPUT_\w+)", item["run"])) == set(item.get("env", ()))


def test_the_action_compares_with_the_base_and_annotates(shell: Shell) -> None:
    script = step("Check")["run"]
    result = shell(script, INPUT_PATHS=".", INPUT_BASE="main", INPUT_ARGS="")
    assert result.returncode == 1, result.stderr
    assert [line.partition("::")[2].split(",")[0] for line in result.stdout.splitlines() if line.startswith("::error")] == [
        "error file=b.py"
    ]
    only = shell(script, INPUT_PATHS=".", INPUT_BASE="topic", INPUT_ARGS="--diff-only --strict")
    assert only.returncode == 0, only.stderr
    first_push = shell(script, INPUT_PATHS="b.py", INPUT_BASE="0" * 40, INPUT_ARGS="")
    assert first_push.returncode == 1
    lost = shell(script, INPUT_PATHS=".", INPUT_BASE="nowhere", INPUT_ARGS="")
    assert lost.returncode == 2
    assert "nowhere: no such commit" in lost.stderr


@pytest.mark.parametrize("value", ["$(touch canary)", "`touch canary`", "; touch canary", "--config=x; touch canary", "*"])
@pytest.mark.parametrize("name", ["INPUT_PATHS", "INPUT_BASE", "INPUT_ARGS"])
def test_nothing_in_an_input_is_run(shell: Shell, tmp_path: Path, name: str, value: str) -> None:
    result = shell(step("Check")["run"], **{"INPUT_PATHS": ".", "INPUT_BASE": "main", "INPUT_ARGS": "", name: value})
    assert result.returncode == 2
    assert not list(tmp_path.rglob("canary"))


def test_the_gitlab_job_writes_its_report(shell: Shell, tmp_path: Path) -> None:
    (job,) = [item["rlm-lsp"] for item in map(yaml.safe_load, fenced("yaml")) if "rlm-lsp" in item]
    result = shell("\n".join(job["script"]), CI_MERGE_REQUEST_DIFF_BASE_SHA="main")
    assert result.returncode == 1, result.stderr
    report = json.loads((tmp_path / "project" / job["artifacts"]["reports"]["codequality"]).read_text())
    assert {item["location"]["path"] for item in report} == {"b.py"}


def test_the_plain_command_runs(shell: Shell, tmp_path: Path) -> None:
    plain = next(text for text in fenced("sh") if "--format junit" in text)
    result = shell(f"git update-ref refs/remotes/origin/main main\n{plain}")
    assert result.returncode == 1, result.stderr
    assert "<testsuite" in (tmp_path / "project" / "rlm-lsp.xml").read_text()


def test_the_page_speaks_of_what_is_there() -> None:
    documents = [yaml.safe_load(text) for text in fenced("yaml")]
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    (repo,) = documents[0]["repos"]
    assert {hook["id"] for hook in repo["hooks"]} <= hooks
    assert set(re.findall(r"`id: ([\w-]+)`", PAGE)) <= hooks
    (used,) = [item for item in documents[1]["jobs"]["rlm-lsp"]["steps"] if "rlm-lsp" in item["uses"]]
    assert set(used["with"]) <= set(ACTION["inputs"])
    for text in fenced("sh"):
        for line in text.splitlines():
            words = shlex.split(line)
            if words[0] == "rlm-lsp":
                _parser().parse_args(words[1:])
