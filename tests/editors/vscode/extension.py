"""The extension as its users get it: built from editors/vscode, packaged, and put into a VS Code of one's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext

from tests.editors import ROOT
from tests.editors.processes import end_orderly
from tests.editors.vscode.server import Installation, VSCode, user_environment
from tests.editors.vscode.window import browser

EXTENSION = ROOT / "editors" / "vscode"
BUILD_S = 200
NOBODY = "http://127.0.0.1:9"
"""A proxy that refuses everything."""
SERVER = {"rlm-lsp.interpreter": sys.executable}
"""Machine settings: the server is this checkout's."""


def npm(*arguments: str, **changes: str) -> None:
    """Run npm in the extension's folder, with these changes of the environment.

    Raises:
        RuntimeError: it fails.
    """
    done = subprocess.run(
        ["npm", *arguments],
        cwd=EXTENSION,
        env={**os.environ, **changes},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=BUILD_S,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")


def install_dependencies() -> None:
    """Install what the lock file names, where that has not been done."""
    stamp = EXTENSION / "node_modules" / ".package-lock.json"
    if not stamp.exists() or stamp.stat().st_mtime < (EXTENSION / "package-lock.json").stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund")


def package() -> Path:
    """The extension, packaged without a network."""
    install_dependencies()
    npm("run", "package", npm_config_offline="true", **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), NOBODY))
    (path,) = EXTENSION.glob("*.vsix")
    return path


@contextmanager
def on_stage(
    *vsixes: Path, settings: Mapping[str, Any] | None = None, width: int = 1280, height: int = 720, scale: float = 1
) -> Iterator[tuple[VSCode, BrowserContext, Path]]:
    """A VS Code with extensions, a browser, and an empty folder to work in; for pictures and benchmarks. Ends with all it started."""
    end_orderly()
    installation, executable = Installation.find(), shutil.which("chromium")
    if installation is None or executable is None:
        raise SystemExit("run scripts/install-editors first")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("home", "extensions", "workspace"):
            (folder / part).mkdir()
        for vsix in vsixes:
            installation.install_extension(vsix, folder / "installing", folder / "extensions")
        environment = user_environment(folder / "home", folder / "cache")
        code = VSCode(
            installation, folder / "state", folder / "extensions", settings or {}, SERVER, environment, "--disable-workspace-trust"
        )
        with code, browser(folder / "profile", executable, width, height, scale) as context:
            yield code, context, folder / "workspace"
