from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.conftest import RunCli

SOURCE = "def total(xs):\n    return sum(xs)\n"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    (tmp_path / "project" / "good.py").write_text(SOURCE)
    return tmp_path / "project"


def test_a_missing_path(cli: RunCli, project: Path, tiny_model: Path) -> None:
    result = cli("--check", "nowhere.py", "good.py", "--model", tiny_model)
    assert result.returncode == 2
    assert "good.py:1" in result.stdout
    assert "rlm-lsp: nowhere.py: No such file or directory" in result.stderr.splitlines()


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "shut.py").write_text(SOURCE)
    (project / "shut.py").chmod(0)
    result = cli("--check", ".", "--model", tiny_model)
    assert result.returncode == 0
    assert "good.py:1" in result.stdout
    assert "rlm-lsp: shut.py: unreadable: Permission denied" in result.stderr.splitlines()


def test_loops_fifos_and_devices(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "loop").symlink_to(project)
    os.mkfifo(project / "pipe.py")
    walked = cli("--check", ".", "--model", tiny_model)
    assert walked.returncode == 0
    assert [line.split()[-1] for line in walked.stdout.splitlines() if ".py:" in line] == ["good.py:1", "good.py:1"]  # its module body too
    named = cli("--check", "pipe.py", "/dev/null", "good.py", "--model", tiny_model)
    assert named.returncode == 0
    assert "rlm-lsp: pipe.py: unreadable: Not a regular file" in named.stderr.splitlines()
    assert "good.py:1" in named.stdout


def test_names_with_control_characters(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "a\n\x1b[2Jb.py").write_text(SOURCE)
    result = cli("--check", ".", "--model", tiny_model)
    assert "\x1b" not in result.stdout
    assert "a\\n\\x1b[2Jb.py:1" in result.stdout
    try:
        (project / os.fsdecode(b"bad\xff.py")).write_text(SOURCE)
    except OSError:
        return  # this file system has Unicode names only
    parsed = json.loads(cli("check", ".", "--format", "json", "--model", tiny_model).stdout)
    assert "bad\\xff.py" in {function["path"] for function in parsed["functions"]}


CONTENT = {
    "binary.py": b"\0\1\2" * 1000,
    "huge.py": b"x = 1\n" * 1_000_000,
    "minified.py": b"x = [" + b"1," * 200_000 + b"]\n",
    "latin1.py": b"def cafe(x):\n    return '\xe9'\n",
    "brackets.py": b"a(b " * 25_000,
    "nested.py": b"".join(b" " * i + b"if x:\n" for i in range(2_000)) + b" " * 2_000 + b"pass\n",
    "empty.py": b"",
}


def test_unusual_content(cli: RunCli, project: Path, tiny_model: Path) -> None:
    for name, content in CONTENT.items():
        (project / name).write_bytes(content)
    result = cli("check", ".", "--format", "json", "--model", tiny_model)
    assert result.returncode == 0, result.stderr
    parsed = json.loads(result.stdout)
    assert {"good.py", "latin1.py"} <= {function["path"] for function in parsed["functions"] if function["name"] != "<module>"}
    reasons = {problem["path"]: problem["reason"].partition(":")[0] for problem in parsed["problems"]}
    assert {"binary.py": "binary", "huge.py": "too-large", "minified.py": "minified", "latin1.py": "encoding"}.items() <= reasons.items()
    assert "crashed" not in reasons.values()
    assert "good.py" not in reasons
