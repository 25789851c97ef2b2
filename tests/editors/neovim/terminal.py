"""A real terminal: a tmux server of its own, in which a Neovim runs that also listens on its socket."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress

from tests.editors import need
from tests.editors.neovim.driver import Neovim


class Terminal:
    """A Neovim on a screen of ``columns`` times ``lines``. As a context manager it is gone afterwards, whatever happens."""

    def __init__(self, neovim: Neovim, columns: int, lines: int, *files: str) -> None:
        need(shutil.which("tmux"), "tmux")
        self.neovim = neovim
        self._server = f"rlm-lsp-{neovim.name}"
        size = ["-x", str(columns), "-y", str(lines)]
        # With true colours, or the picture would have those of tmux.
        options = ["set", "-g", "default-terminal", "tmux-256color", ";", "set", "-ga", "terminal-features", ",*:RGB", ";"]
        self._tmux("-f", "/dev/null", "-u", *options, "new-session", "-d", "-c", str(neovim.folder), *size, *neovim.arguments(*files))

    def __enter__(self) -> Terminal:
        self.neovim.connect()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):  # it may be gone
            self.neovim.quit()
        with suppress(subprocess.CalledProcessError):
            self._tmux("kill-server")

    def screen(self, *, colours: bool = False) -> str:
        """What is on it, with the sequences that colour it if wanted."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def type(self, *keys: str) -> None:
        """Type as at a keyboard: text, or the names that tmux has for keys."""
        self._tmux("send-keys", *keys)

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self._server, *arguments]
        return subprocess.run(
            command, env=self.neovim.environment, capture_output=True, encoding="utf-8", timeout=30, check=True, stdin=subprocess.DEVNULL
        ).stdout
