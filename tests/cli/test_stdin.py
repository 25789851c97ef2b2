"""A text on stdin is checked as the file whose name it is given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.formats import SOURCE
from tests.cli.gating import commit, git
from tests.conftest import RunCli


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "rlm-lsp.toml").write_text("exclude = ['gen/']\nbudgets = [{paths = ['src/**'], name = 'total', latency = '1e-9 ns'}]\n")
    return folder


@pytest.mark.parametrize("form", ["json", "text", "sarif", "junit"])
def test_the_report_is_that_of_the_file_on_disk(cli: RunCli, project: Path, tiny_model: Path, form: str) -> None:
    text = f"# rlm: ignore[peak-heap]\n# 😀\n{SOURCE}\ndef broken(:\n"
    (project / "src").mkdir()
    (project / "src" / "a.py").write_text(text, encoding="utf-8")
    on_disk = cli("check", "src/a.py", "--model", tiny_model, "--format", form)
    (project / "src" / "a.py").unlink()
    on_stdin = cli("check", "-", "--stdin-filename", "src/a.py", "--model", tiny_model, "--format", form, stdin=text)
    assert on_disk.returncode == on_stdin.returncode == 1
    assert on_stdin.stdout == on_disk.stdout != ""


def test_its_name_decides_about_language_budgets_and_excludes(cli: RunCli, project: Path, tiny_model: Path) -> None:
    def run(name: str, text: str = SOURCE) -> subprocess.CompletedProcess[str]:
        return cli("check", "-", "--stdin-filename", name, "--model", tiny_model, "--format", "json", stdin=text)

    assert run("src/a.py").returncode == 1
    assert run("src/../a.py").returncode == 0
    assert run(str(project / "src" / "a.py")).stdout == run("src/a.py").stdout
    assert json.loads(run("gen/a.py").stdout)["functions"] == []
    assert json.loads(run("gen/a.py").stdout)["problems"] == []
    assert {item["language"] for item in json.loads(run("a.js", "function f() {}\n").stdout)["functions"]} == {"javascript"}
    script = json.loads(run("script", f"#!/usr/bin/env python3\n{SOURCE}").stdout)
    assert script["functions"][0]["name"] == "total"
    assert json.loads(run("a.unheard").stdout)["problems"] == [
        {"path": "a.unheard", "reason": "unsupported-language: No grammar for this kind of file"}
    ]
    assert cli("check", "-", "--stdin-filename", "gen/a.py", "--show-files").stdout == ""
    assert cli("check", "-", "--stdin-filename", "src/a.py", "--show-files").stdout == "src/a.py\n"


def test_a_language_instead_of_a_name(cli: RunCli, project: Path, tiny_model: Path) -> None:
    result = cli("check", "-", "--language", "python", "--model", tiny_model, stdin=SOURCE)
    assert result.returncode == 0
    assert "<stdin>:1" in result.stdout
    both = cli("check", "-", "--language", "python", "--stdin-filename", "src/x.txt", "--model", tiny_model, stdin=SOURCE)
    assert both.returncode == 1
    assert "src/x.txt:1" in both.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-"], "what is on stdin? --stdin-filename NAME or --language LANGUAGE says it"),
        (["-", "--language", "klingon"], "no grammar for 'klingon'; there are "),
        (["-", "a.py", "--language", "python"], "- is stdin, and stands alone"),
        (["a.py", "--stdin-filename", "a.py"], "--stdin-filename is for a text on stdin, whose path is -"),
        (["a.py", "--language", "python"], "--language is for a text on stdin, whose path is -"),
        (["-", "--staged", "--language", "python"], "--staged checks what git has, not stdin"),
    ],
)
def test_what_cannot_be_meant_is_refused(cli: RunCli, arguments: list[str], said: str) -> None:
    result = cli("check", *arguments, stdin=SOURCE)
    assert (result.returncode, result.stdout) == (2, "")
    assert said in result.stderr


def test_nothing_and_garbage_on_stdin(cli: RunCli, project: Path, tiny_model: Path, cli_environment: Mapping[str, str]) -> None:
    empty = cli("check", "-", "--stdin-filename", "a.py", "--model", tiny_model, "--format", "json")
    assert empty.returncode == 0
    assert json.loads(empty.stdout)["problems"] == []
    command = [sys.executable, "-m", "rlm_lsp", "check", "-", "--stdin-filename", "a.py", "--model", str(tiny_model), "--format", "json"]
    for content, reason in ((b"\0" * 100, "binary"), (b"\xff\xfe\xfd" * 3, "encoding"), (b"def f(:" * 50, "syntax")):
        result = subprocess.run(command, cwd=project, env=cli_environment, input=content, capture_output=True, timeout=120, check=False)
        assert result.returncode == 0
        assert json.loads(result.stdout)["problems"][0]["reason"].startswith(reason)


@pytest.mark.skipif(sys.platform == "win32", reason="closes stdin by the shell")
def test_stdin_that_is_closed_is_said(project: Path, tiny_model: Path, cli_environment: Mapping[str, str]) -> None:
    command = f"exec '{sys.executable}' -m rlm_lsp check - --language python --model '{tiny_model}' <&-"
    result = subprocess.run(command, shell=True, cwd=project, env=cli_environment, capture_output=True, text=True, timeout=120, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", "rlm-lsp: error: stdin is closed\n")


def test_an_unsaved_text_is_compared_with_the_base(cli: RunCli, project: Path, tiny_model: Path) -> None:
    git(project, "init", "-q")
    (project / "a.py").write_text(SOURCE)
    (project / "b.py").write_text(SOURCE)
    commit(project)
    (project / "a.py").write_text("def unrelated():\n    pass\n")
    arguments = ["check", "-", "--stdin-filename", "a.py", "--base", "HEAD", "--model", str(tiny_model), "--format", "json"]
    same = json.loads(cli(*arguments, stdin=f"# words\n{SOURCE}").stdout)["comparison"]
    assert (same["edited"], same["added"], same["removed"]) == ([], [], [])
    changed = json.loads(cli(*arguments, stdin=SOURCE.replace("+= x", "+= x * x")).stdout)["comparison"]
    assert [item["name"] for item in changed["edited"]] == ["total"]


def test_a_notebook_on_stdin(cli: RunCli, project: Path, tiny_model: Path) -> None:
    notebook = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": SOURCE}]})
    result = cli("check", "-", "--stdin-filename", "src/a.ipynb", "--model", tiny_model, stdin=notebook)
    assert result.returncode == 1
    assert "src/a.ipynb#cell 1:1" in result.stdout
    assert os.listdir(project) == ["rlm-lsp.toml"]  # noqa: PTH208 - names are all that counts
