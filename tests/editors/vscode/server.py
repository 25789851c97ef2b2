"""VS Code's own server, which serves its whole workbench to a browser: installed, configured, started and ended."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.editors import EDITORS
from tests.editors.processes import Group, free_port, until

START_S = 60.0

QUIET: dict[str, Any] = {
    "editor.autoClosingBrackets": "never",
    "editor.autoIndent": "none",
    "editor.inlayHints.enabled": "on",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "files.autoSave": "off",
    "security.workspace.trust.startupPrompt": "never",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "window.commandCenter": False,
    "workbench.enableExperiments": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}
"""A user's settings that keep VS Code from doing anything that no test asked for."""


def user_environment(home: Path, cache: Path) -> dict[str, str]:
    """A user's, with a home folder and a cache of its own, and nothing of the process that asks."""
    left_out = ("VSCODE_", "ELECTRON_", "PYTEST_", "NODE_OPTIONS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "HOME": str(home), "RLM_LSP_CACHE_DIR": str(cache), "SHELL": "/bin/bash"}


@dataclass(frozen=True)
class Installation:
    """A VS Code below ``.editors`` and the Node that it runs on."""

    folder: Path
    node: str

    @classmethod
    def find(cls) -> Installation | None:
        """The one that ``tests/editors/vscode/install`` has installed; RLM_LSP_VSCODE=current picks the newest."""
        folder = EDITORS / f"vscode-{os.environ.get('RLM_LSP_VSCODE', '1.100.3')}"
        stamp = folder / ".installed"
        return cls(folder, stamp.read_text().strip()) if stamp.exists() else None

    def command(self, state: Path, extensions: Path, *arguments: str) -> list[str]:
        """Its server with the folders that hold everything it writes."""
        folders = ["--user-data-dir", str(state / "data"), "--server-data-dir", str(state / "server"), "--extensions-dir", str(extensions)]
        return [
            self.node,
            str(self.folder / "out" / "server-main.js"),
            *folders,
            "--accept-server-license-terms",
            "--telemetry-level",
            "off",
            *arguments,
        ]

    def install_extension(self, vsix: Path, state: Path, extensions: Path) -> None:
        """Unpack a .vsix as a user's click would."""
        command = self.command(state, extensions, "--install-extension", str(vsix))
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=START_S, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


class VSCode:
    """A running VS Code server. As a context manager it is gone afterwards, with its extension host and all language servers."""

    def __init__(
        self,
        installation: Installation,
        state: Path,
        extensions: Path,
        settings: Mapping[str, Any],
        machine: Mapping[str, Any],
        environment: Mapping[str, str],
        *arguments: str,
    ) -> None:
        # what has the scope "machine" is the server's, since a browser's VS Code is a remote one
        for place, values in (("User", {**QUIET, **settings}), ("Machine", machine)):
            file = state / "data" / place / "settings.json"
            file.parent.mkdir(parents=True)
            file.write_text(json.dumps(values), "utf-8")
        self.port = free_port()
        command = installation.command(
            state, extensions, "--host", "127.0.0.1", "--port", str(self.port), "--without-connection-token", *arguments
        )
        self.log = state / "server.log"
        self.group = Group(command, environment, self.log)

    def __enter__(self) -> VSCode:
        try:
            until(self._answers, START_S, f"VS Code's server starts; see {self.log}")
        except BaseException:
            self.group.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.group.end()

    def address(self, folder: Path, *files: Path, payload: Mapping[str, str] | None = None) -> str:
        """The page of a window for a folder, or for the folders that a ``.code-workspace`` file lists, in which ``files`` are open."""
        remote = f"vscode-remote://127.0.0.1:{self.port}"
        told = [["openFile", f"{remote}{quote(str(file))}"] for file in files]
        told += [[key, f"{remote}{value}"] for key, value in (payload or {}).items()]
        kind = "workspace" if folder.suffix == ".code-workspace" else "folder"
        return f"http://127.0.0.1:{self.port}/?{kind}={quote(str(folder))}&payload={quote(json.dumps(told))}"

    def _answers(self) -> bool:
        assert self.group.process.poll() is None, self.log.read_text(errors="replace")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/version", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False
