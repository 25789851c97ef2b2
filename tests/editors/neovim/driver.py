"""Starts real Neovims with the client of editors/neovim, and tells them what to do over their sockets."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.machine import descendants
from tests.editors import EDITORS, ROOT, need
from tests.editors.processes import Group, until

NVIM = EDITORS / "bin" / "nvim"
CLIENT = ROOT / "editors" / "neovim"
PATIENCE_S = 90.0  # a busy machine needs most of it for the first number
POLL_S = 0.05
ENDING_S = 15.0

_INIT = """
vim.opt.runtimepath:prepend(vim.env.RLM_LSP_NEOVIM_CLIENT)
vim.g.rlm_lsp = vim.json.decode(vim.env.RLM_LSP_OPTIONS)
-- A test run that is killed cleans up nothing: then we go by ourselves.
vim.uv.new_timer():start(1000, 1000, vim.schedule_wrap(function()
  if vim.uv.kill(tonumber(vim.env.RLM_LSP_TEST_RUN), 0) ~= 0 then
    vim.cmd('qall!')
  end
end))
local told = {}
local notify = vim.notify
vim.notify = function(text, level, options)
  table.insert(told, text)
  return notify(text, level, options)
end
function _G.told()
  return told
end
function _G.run_test_file(path, arguments)
  local done, value = xpcall(function()
    return assert(loadfile(path))(unpack(arguments))
  end, debug.traceback)
  return vim.json.encode({ done = done, value = value })
end
"""


class Neovim:
    """A Neovim that listens on a socket: headless, or one that a terminal starts with ``arguments``. It ends with its context."""

    def __init__(self, folder: Path, environment: Mapping[str, str], options: Mapping[str, Any], init: str = "") -> None:
        need(NVIM.exists(), "Neovim")
        self._stack = ExitStack()
        self._own = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="nv")))  # sockets want short paths
        self.name = self._own.name
        self._socket = self._own / "s"
        self._calls = itertools.count()
        self.pid: int | None = None
        (self._own / "init.lua").write_text(_INIT + init, encoding="utf-8")
        self.folder = folder
        self.environment = {
            **environment,
            "RLM_LSP_NEOVIM_CLIENT": str(CLIENT),
            "RLM_LSP_OPTIONS": json.dumps(options),
            "RLM_LSP_TEST_RUN": str(os.getpid()),
            "LANG": "C.UTF-8",
            **{f"XDG_{name}_HOME": str(self._own / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
        }
        self.state = self._own / "state" / "nvim"

    def arguments(self, *files: str) -> list[str]:
        """What starts it, but for ``--headless``: no swap and shada files, nothing of the user's."""
        init = str(self._own / "init.lua")
        return [str(NVIM), "--clean", "-u", init, "-i", "NONE", "-n", "--listen", str(self._socket), *files]

    def start(self, *files: str) -> Neovim:
        """Start it headless."""
        program, *arguments = self.arguments(*files)
        self._group = self._stack.enter_context(
            Group([program, "--headless", *arguments], self.environment, self._own / "log", self.folder)
        )
        return self.connect()

    def connect(self) -> Neovim:
        """Wait until it answers."""
        until(lambda: self._answers(), PATIENCE_S, "Neovim listens")
        self.pid = int(self.lua("return vim.fn.getpid()"))
        return self

    def __enter__(self) -> Neovim:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.quit()
        finally:
            self._stack.close()

    def lua(self, code: str, *arguments: object) -> Any:
        """What a chunk of Lua returns; ``...`` are the arguments. Raises AssertionError with Neovim's traceback where it fails."""
        path = self._own / f"{next(self._calls)}.lua"
        path.write_text(code, encoding="utf-8")
        call = f"v:lua.run_test_file('{path}', json_decode('{json.dumps(arguments).replace(chr(39), chr(39) * 2)}'))"
        done = self._remote("--remote-expr", call)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["done"], answer["value"]
        return answer.get("value")

    def wait(self, condition: str, *arguments: object, patience_s: float = PATIENCE_S) -> Any:
        """The first true value of a Lua expression, which may use ``...``. While it cannot be computed (no hint yet) it is not true."""
        code = f"""
            local computed, value = pcall(function(...) return {condition} end, ...)
            return {{ value = computed and value or nil, trouble = not computed and tostring(value) or nil }}
        """
        deadline = time.monotonic() + patience_s
        while not (value := (answer := self.lua(code, *arguments) or {}).get("value")):  # typed keys are read between the questions
            trouble = answer.get("trouble", "")
            assert time.monotonic() < deadline, f"in vain for {patience_s:.0f} s: {condition} {trouble}\n{self.messages()}\n{self.drawn()}"
            time.sleep(POLL_S)
        return value

    def press(self, keys: str) -> None:
        """Type keys, special ones as in ``<Esc>``; they are read once this has returned."""
        self.lua("vim.api.nvim_input(...)", keys)

    def hints(self) -> list[tuple[int, int, str]]:
        """Line, byte and label of each hint that is known of the current buffer."""
        found = self.lua("return vim.tbl_map(function(h) return h.inlay_hint end, vim.lsp.inlay_hint.get({ bufnr = 0 }))")
        return [(hint["position"]["line"], hint["position"]["character"], hint["label"]) for hint in found]

    def drawn(self) -> list[tuple[int, str]]:
        """Line and text of everything that is drawn beside the current buffer's text, in order."""
        code = """
            vim.cmd('redraw')
            local found = {}
            for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })) do
              local chunks = vim.tbl_map(function(chunk) return chunk[1] end, mark[4].virt_text or {})
              if #chunks > 0 then table.insert(found, { mark[2], table.concat(chunks) }) end
            end
            return found
        """
        return [(line, text.strip()) for line, text in self.lua(code)]

    def lenses(self) -> list[tuple[int, str]]:
        """Line and title of each lens of the current buffer that has one."""
        found = self.lua("return vim.lsp.codelens.get(0)")
        return [(lens["range"]["start"]["line"], lens["command"]["title"]) for lens in found if "command" in lens]

    def told(self) -> list[str]:
        """All notifications since the start."""
        return list(self.lua("return told()"))

    def messages(self) -> str:
        """What :messages says: everything that was shown at the bottom."""
        return str(self.lua("return vim.fn.execute('messages')")).strip()

    def float(self) -> list[str]:
        """The lines of the floating window, once there is one with something in it."""
        floating = "vim.tbl_filter(function(w) return vim.api.nvim_win_get_config(w).relative ~= '' end, vim.api.nvim_list_wins())[1]"
        return list(
            self.wait(f"(function(w) return w and vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(w), 0, -1, false) end)({floating})")
        )

    def status(self) -> dict[str, Any]:
        """What the server says of itself."""
        code = """
            local client = vim.lsp.get_clients({ name = 'rlm_lsp' })[1]
            local question = { command = 'rlm-lsp.status', arguments = { { show = false } } }
            return client:request_sync('workspace/executeCommand', question, 30000).result
        """
        return dict(self.lua(code))

    def _answers(self) -> bool:
        return self._socket.exists() and self._remote("--remote-expr", "1").stdout == "1"

    def _remote(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command: Sequence[str] = [str(NVIM), "--clean", "--server", str(self._socket), *arguments]
        return subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_S + 30,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def quit(self) -> None:
        """As a user quits; what it started must go by itself then."""
        if self.pid is None:
            return
        started = descendants(self.pid)
        self._remote("--remote-send", "<C-\\><C-n>:qa!<CR>")
        processes, self.pid = [self.pid, *started], None
        until(lambda: not any(map(_is_there, processes)), ENDING_S, f"Neovim and what it started ({started}) end")


def _is_there(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def server_command(*arguments: str) -> list[str]:
    """Starts the server of this checkout."""
    return [sys.executable, "-m", "rlm_lsp", "--stdio", *arguments]
