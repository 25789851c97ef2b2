"""Settings that change while the server runs, and workspaces that are not trusted."""

from __future__ import annotations

from pathlib import Path

from tests.editors.neovim.conftest import ORDERS, Project, predicted
from tests.editors.neovim.driver import Neovim

CONFIGURE = "require('rlm_lsp').configure(...)"


def test_surfaces_go_and_come_without_a_restart(orders: Neovim) -> None:
    server = orders.status()["server"]["pid"]
    orders.lua(CONFIGURE, {"codeLens": False})
    orders.wait("#vim.lsp.codelens.get(0) == 0")
    assert [text[0] for _, text in orders.drawn()] == ["~", "~"]
    orders.lua(CONFIGURE, {"inlayHints": False})
    orders.wait("#vim.lsp.inlay_hint.get({ bufnr = 0 }) == 0")
    assert orders.drawn() == []
    orders.lua(CONFIGURE, {"inlayHints": True, "codeLens": True, "metrics": ["latency"]})
    predicted(orders)
    orders.wait("not vim.lsp.inlay_hint.get({ bufnr = 0 })[1].inlay_hint.label:find('·')")
    assert len(orders.drawn()) == 4
    orders.lua(CONFIGURE, {"latency": "0.001 ns"})
    orders.wait("#vim.diagnostic.get(0) == 2")
    assert orders.status()["server"]["pid"] == server
    assert orders.told() == []


def test_a_buffer_that_was_out_of_sight_when_its_numbers_changed(orders: Neovim) -> None:
    orders.press(":edit other.py<CR>")
    orders.wait("vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'other.py' and vim.bo.filetype == 'python'")
    orders.lua(CONFIGURE, {"metrics": ["latency"]})
    orders.wait("not vim.lsp.codelens.get(vim.fn.bufnr('orders.py'))[1].command.title:find('·')")
    orders.press(":edit #<CR>")
    orders.wait("#vim.lsp.inlay_hint.get({ bufnr = 0 }) == 2 and not vim.lsp.inlay_hint.get({ bufnr = 0 })[1].inlay_hint.label:find('·')")
    assert [text for _, text in orders.drawn() if "·" in text] == []


def test_what_was_configured_holds_after_a_restart(orders: Neovim) -> None:
    client = "(vim.lsp.get_clients({ name = 'rlm_lsp' })[1] or {}).id"
    before = orders.wait(client)
    orders.lua(CONFIGURE, {"codeLens": False})
    orders.lua("vim.cmd.RlmRestart()")
    orders.wait(f"{client} and {client} ~= (...) and #vim.lsp.inlay_hint.get({{ bufnr = 0 }}) == 2", before)
    assert orders.lenses() == []
    assert orders.told() == []


def test_everything_off_and_on_again(orders: Neovim) -> None:
    orders.press(":RlmToggle<CR>")
    orders.wait("#vim.lsp.inlay_hint.get({ bufnr = 0 }) == 0 and #vim.lsp.codelens.get(0) == 0")
    assert orders.drawn() == []
    orders.press(":RlmToggle<CR>")
    predicted(orders)


def test_a_settings_file_counts_once_it_is_written(orders: Neovim) -> None:
    orders.press(":split rlm-lsp.toml<CR>ilatency = '0.001 ns'<Esc>:silent write | close<CR>")
    orders.wait("#vim.diagnostic.get(0) == 2")


def _untrusted(neovim: Neovim) -> None:
    predicted(neovim)
    status = neovim.status()
    assert "untrusted-workspace" in status["degraded"]
    assert neovim.lua("return #vim.diagnostic.get(0)") == 0
    assert neovim.told() == []


def test_a_workspace_that_the_user_does_not_trust(project: Project) -> None:
    _untrusted(project({"orders.py": ORDERS, "rlm-lsp.toml": 'latency = "0.001 ns"\n'}, trusted=False).start("orders.py"))


def test_a_function_may_decide_about_trust(project: Project) -> None:
    init = "vim.g.rlm_lsp = vim.tbl_extend('force', vim.g.rlm_lsp, { trusted = function(root) return vim.fs.basename(root) ~= 'work' end })"
    _untrusted(project({"orders.py": ORDERS, "rlm-lsp.toml": 'latency = "0.001 ns"\n'}, init).start("orders.py"))


def test_a_folder_that_was_denied_is_not_trusted(project: Project) -> None:
    neovim = project({"orders.py": ORDERS, "rlm-lsp.toml": 'latency = "0.001 ns"\n'})
    neovim.state.mkdir(parents=True)
    (neovim.state / "trust").write_text(f"! {Path(neovim.folder).resolve()}\n")
    _untrusted(neovim.start("orders.py"))


def test_two_projects_in_one_neovim_each_have_their_own_budget(orders: Neovim) -> None:
    other = Path(orders.folder, "..", "other").resolve()
    other.mkdir()
    (other / "rlm-lsp.toml").write_text("latency = '0.001 ns'\n", "utf-8")
    (other / "more.py").write_text(ORDERS, "utf-8")
    orders.press(f":split {other}/more.py<CR>")
    orders.wait("vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'more.py' and #vim.diagnostic.get(0) == 2")
    orders.wait("#vim.lsp.inlay_hint.get({ bufnr = 0 }) == 2")
    assert orders.lua("return #vim.diagnostic.get(vim.fn.bufnr('orders.py'))") == 0
    roots = orders.lua("return vim.tbl_map(function(c) return vim.fs.basename(c.root_dir) end, vim.lsp.get_clients({ name = 'rlm_lsp' }))")
    assert sorted(roots) == ["other", "work"]
    assert orders.told() == []
