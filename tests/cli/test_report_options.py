"""The formats and where they go, from end to end."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.formats import (
    MACHINE_FORMATS,
    SOURCE,
    check_gitlab,
    validate,
)
from tests.conftest import RunCli


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "rlm-lsp.toml").write_text("budgets = [{name = 'total', latency = '1e-9 ns'}]\n")
    (folder / "src").mkdir()
    (folder / "src" / "é.py").write_text(f"# 😀\n{SOURCE}", encoding="utf-8")
    (folder / "broken.py").write_text("def broken(:\n    pass\n")
    return folder


def test_each_format_from_end_to_end(cli: RunCli, project: Path, tiny_model: Path) -> None:
    rendered = {}
    for name in MACHINE_FORMATS:
        result = cli("check", ".", "--model", tiny_model, "--format", name)
        assert result.returncode == 1
        assert result.stderr == ""
        rendered[name] = result.stdout
    validate(rendered)
    (result,) = json.loads(rendered["sarif"])["runs"][0]["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "src/%C3%A9.py"},
        "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 10},
    }
    by_absolute_path = cli("check", str(project), "--model", tiny_model, "--format", "gitlab")
    assert by_absolute_path.stdout == rendered["gitlab"]
    assert [entry["location"]["path"] for entry in check_gitlab(by_absolute_path.stdout)] == ["src/é.py", "broken.py"]


def test_the_environment_chooses_a_format_and_the_command_line_another(cli: RunCli, project: Path, tiny_model: Path) -> None:
    assert cli("check", ".", "--model", tiny_model, RLM_LSP_OUTPUT_FORMAT="github").stdout.startswith("::error ")
    result = cli("check", ".", "--model", tiny_model, "--format", "gitlab", RLM_LSP_OUTPUT_FORMAT="github")
    check_gitlab(result.stdout)
    wrong = cli("check", ".", "--model", tiny_model, RLM_LSP_OUTPUT_FORMAT="yaml")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "RLM_LSP_OUTPUT_FORMAT is 'yaml'; there are text, json, sarif, github, gitlab, junit" in wrong.stderr


def test_an_output_file_is_replaced_as_a_whole(cli: RunCli, project: Path, tiny_model: Path) -> None:
    expected = cli("check", ".", "--model", tiny_model, "--format", "sarif").stdout
    (project / "old.sarif").write_text("old")
    (project / "link.sarif").symlink_to("old.sarif")
    (project / "old.sarif").chmod(0o640)
    result = cli("check", ".", "--model", tiny_model, "--format", "sarif", "--output-file", "link.sarif")
    assert (result.returncode, result.stdout) == (1, "")
    assert (project / "old.sarif").read_text("utf-8") == expected
    assert (project / "link.sarif").is_symlink()
    assert (project / "old.sarif").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in project.iterdir()) == sorted(["src", "broken.py", "rlm-lsp.toml", "old.sarif", "link.sarif"])
    text = cli("check", ".", "--model", tiny_model, "--output-file", "report.txt", FORCE_COLOR="1")
    assert text.stdout == ""
    assert "\x1b" not in (project / "report.txt").read_text("utf-8")
    if os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        full = cli("check", ".", "--model", tiny_model, "--output-file", "/dev/full")
        assert full.returncode == 2
        assert "rlm-lsp: error: /dev/full: No space left on device" in full.stderr


@pytest.mark.parametrize(("target", "said"), [("src", "it is a folder"), ("nowhere/report", "its folder does not exist")])
def test_an_output_file_that_cannot_be_is_said_before_the_work(cli: RunCli, project: Path, target: str, said: str) -> None:
    result = cli("check", ".", "--model", "/nothing", "--output-file", target)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"rlm-lsp: error: {target}: {said}\n"


def test_colour_can_be_forced_and_refused(cli: RunCli, project: Path, tiny_model: Path) -> None:
    plain = cli("check", ".", "--model", tiny_model, NO_COLOR="", FORCE_COLOR="").stdout
    forced = cli("check", ".", "--model", tiny_model, NO_COLOR="", FORCE_COLOR="1").stdout
    assert "\x1b" not in plain
    assert re.sub("\x1b\\[[0-9]*m", "", forced) == plain != forced
    assert cli("check", ".", "--model", tiny_model, NO_COLOR="1", FORCE_COLOR="1").stdout == plain


@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_statistics_files_and_settings_in_every_format(cli: RunCli, project: Path, tiny_model: Path, name: str) -> None:
    result = cli("check", "src", "--model", tiny_model, "--format", name, "--statistics", "--exit-zero")
    assert result.returncode == 0
    if name == "json":
        assert json.loads(result.stdout)["statistics"]["functions"] == {"python": 2}
    elif name == "sarif":
        assert json.loads(result.stdout)["runs"][0]["properties"]["statistics"]["functions"] == {"python": 2}
    else:
        assert "rlm-lsp: functions  2 python\n" in result.stderr
    files = cli("check", ".", "--format", name, "--show-files").stdout
    settings = cli("check", "--format", name, "--show-settings").stdout
    if name == "json":
        assert json.loads(files)["files"] == ["broken.py", "src/é.py"]
        assert json.loads(settings)["budgets"] == [{"metric": "latency", "limit": 1e-18, "unit": "s", "paths": [], "name": "total"}]
    else:
        assert files.splitlines() == ["broken.py", "src/é.py"]
        assert settings.startswith("settings file")


def test_a_path_is_no_workflow_command(cli: RunCli, project: Path) -> None:
    (project / "::error::x.py").write_text(SOURCE)
    assert cli("check", ".", "--show-files").stdout.splitlines()[0] == "./::error::x.py"


def test_a_missing_path_is_in_the_sarif_log(cli: RunCli, project: Path, tiny_model: Path) -> None:
    result = cli("check", "src", "gone.py", "--model", tiny_model, "--format", "sarif")
    assert result.returncode == 2
    (invocation,) = json.loads(result.stdout)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"
