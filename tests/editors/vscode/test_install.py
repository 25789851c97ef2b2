"""“Install Server” by a click in a real VS Code: a real task in a real terminal, a real virtual environment, a real pip."""

from __future__ import annotations

import ast
import stat
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.editors.vscode.conftest import HintsOf, Show, Start
from tests.editors.vscode.extension import EXTENSION

SCRIPT = EXTENSION / "resources" / "install_server.py"
SOURCE = "def double(x):\n    return x + x\n"
INFO = "rlm_lsp-0.1.0.dist-info"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel of rlm-lsp that holds nothing but lends all that this environment has, so that pip downloads nothing."""
    files = {
        "rlm_lsp_lent.pth": f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n",
        f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: rlm-lsp\nVersion: 0.1.0\n",
        f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{INFO}/entry_points.txt": "[console_scripts]\nrlm-lsp = rlm_lsp.cli:main\n",
    }
    path = tmp_path / "rlm_lsp-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{INFO}/RECORD", "".join(f"{name},,\n" for name in [*files, f"{INFO}/RECORD"]))
    return path


def test_a_click_installs_the_server(start: Start, show: Show, project: Path, wheel: Path, hints_of: HintsOf) -> None:
    (project / "double.py").write_text(SOURCE, "utf-8")
    programs = project.parent / "programs"  # all of PATH, in which there is no Python at first
    programs.mkdir()
    (project.parent / "home" / ".bash_profile").write_text(f"export PATH={programs}\n")  # whose word counts for VS Code
    settings = {"terminal.integrated.gpuAcceleration": "off"}  # so that the terminal's cells are text
    code = start(settings, {"rlm-lsp.installFrom": str(wheel)}, PATH=str(programs), PIP_NO_INDEX="1")
    window = show(code, project, project / "double.py")
    window.until(lambda seen: "not installed" in seen.state and seen.toasts, "the state, and the message")
    window.click_button("Install")
    seen = window.until(lambda _: '"python3" does not exist' in window.terminal(), "what VS Code says of a program that is not there")
    assert seen.state == "$(warning) rlm-lsp: not installed"

    python = programs / "python3"
    python.write_text(f'#!/bin/sh\nexec "{Path(sys.executable).resolve()}" "$@"\n')
    python.chmod(stat.S_IRWXU)
    window.run("rlm-lsp: Install Server")
    window.until(lambda seen: seen.hints == hints_of(SOURCE) and "ready" in seen.state, "the number of the server that was installed")
    assert "Successfully installed rlm-lsp" in window.terminal()
    (server,) = code.group.running("rlm_lsp")
    assert Path(f"/proc/{server}/cmdline").read_bytes().startswith(str(project.parent).encode())  # below this VS Code's own folder


def test_a_python_that_is_too_old_says_so() -> None:
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 7))  # it can read the script at all
    argv = ["", "folder", "rlm-lsp"]
    run = f"import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = {argv}; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("rlm-lsp needs Python 3.10 or newer")
