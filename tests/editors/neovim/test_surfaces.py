"""What stands beside the code: hints, lenses, diagnostics, hovers."""

from __future__ import annotations

import re
from pathlib import Path

from tests.editors.neovim.conftest import ORDERS, Project, predicted
from tests.editors.neovim.driver import Neovim, server_command

PAIRS, TOTAL = 3, 13  # lines
MANY = "\n\n".join(f"def step_{n}(xs):\n    return [x + {n} for x in xs]\n" for n in range(1000))


def test_hints_and_lenses_stand_at_their_functions(orders: Neovim) -> None:
    lines = ORDERS.split("\n")
    assert [(line, byte) for line, byte, _ in orders.hints()] == [(PAIRS, len(lines[PAIRS])), (TOTAL, len(lines[TOTAL]))]
    labels = {line: label for line, _, label in orders.hints()}
    titles = dict(orders.lenses())
    assert set(titles) == {PAIRS, TOTAL}
    drawn = orders.drawn()
    assert sorted(drawn) == sorted([*labels.items(), *titles.items()])
    assert orders.told() == []
    assert orders.messages() == ""


def test_a_line_with_characters_of_many_bytes(project: Project) -> None:
    line = "def größe_𓆏(werte=('é', '😀')): return max(werte)"
    neovim = predicted(project({"a.py": f"X = '𓆏'\n\n\n{line}\n"}).start("a.py"), 1)
    ((found, byte, label),) = neovim.hints()
    assert (found, line.encode()[:byte].decode()) == (3, line)
    neovim.lua("vim.api.nvim_win_set_cursor(0, { 4, 6 })")
    neovim.lua("vim.lsp.buf.hover()")
    assert "größe_𓆏" in neovim.float()[0]
    neovim.press("<Esc>Ix = 1; <Esc>u")
    neovim.wait("vim.lsp.inlay_hint.get({ bufnr = 0 })[1].inlay_hint.label == (...)", label)


def test_an_edit_brings_new_numbers_to_hint_and_lens(orders: Neovim) -> None:
    before = (dict(orders.lenses()), {line: label for line, _, label in orders.hints()})
    orders.press("9Gofound.extend(sorted(orders) * len(found))<Esc>")
    orders.wait("not vim.deep_equal(vim.lsp.inlay_hint.get({ bufnr = 0 })[1].inlay_hint.label, (...))", before[1][PAIRS])
    orders.wait(
        "vim.lsp.codelens.get(0)[1].command ~= nil and vim.lsp.codelens.get(0)[1].command.title ~= (...)"
        " and vim.startswith(vim.lsp.codelens.get(0)[1].command.title, 'predicted ~')",
        before[0][PAIRS],
    )
    predicted(orders)
    assert {line for line, _ in orders.drawn()} == {PAIRS, TOTAL + 1}
    assert dict(orders.lenses())[TOTAL + 1] == before[0][TOTAL]


def test_lenses_stay_while_their_function_is_typed_into(orders: Neovim) -> None:
    seen = """
        fewest = 2
        vim.api.nvim_create_autocmd('TextChangedI', { callback = function()
            vim.schedule(function()
                fewest = math.min(fewest, #vim.api.nvim_buf_get_extmarks(0, -1, { 3, 0 }, { 3, -1 }, { type = 'virt_text' }))
            end)
        end })
    """
    orders.lua(seen)
    orders.press("4G$hi, limit=10")
    orders.wait("vim.api.nvim_get_current_line() == (...)", "def pairs(orders, limit=10):")
    predicted(orders)
    assert orders.lua("return vim.api.nvim_get_mode().mode") == "i"
    assert orders.lua("return fewest") == 2


def test_a_broken_budget_is_a_diagnostic(project: Project) -> None:
    neovim = project({"orders.py": ORDERS, "rlm-lsp.toml": '[[budgets]]\nname = "pairs"\nlatency = "0.001 ns"\n'}).start("orders.py")
    neovim.wait("#vim.diagnostic.get(0) > 0")
    (found,) = neovim.lua("return vim.diagnostic.get(0)")
    assert (found["lnum"], found["col"], found["end_col"], found["code"]) == (PAIRS, 4, 9, "latency-budget")
    predicted(neovim)
    neovim.lua("vim.api.nvim_win_set_cursor(0, { 4, 5 })")
    neovim.lua("vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title == 'Ignore latency here' end })")
    neovim.wait("#vim.diagnostic.get(0) == 0")
    assert neovim.lua("return vim.api.nvim_buf_get_lines(0, 3, 4, true)") == ["# rlm: ignore[latency]"]


def test_the_cells_of_a_hover_are_aligned(orders: Neovim) -> None:
    orders.lua("vim.api.nvim_win_set_cursor(0, { 4, 5 })")
    orders.lua("vim.lsp.buf.hover()")
    table = [line.replace("`", "") for line in orders.float() if line.startswith("|")]
    assert len(table) == 4
    assert len({tuple(match.start() for match in re.finditer(r"\|", line)) for line in table}) == 1


TITLED_BETWEEN = """(function(first, last)
    return vim.tbl_filter(function(lens)
        return lens.command and first <= lens.range.start.line + 1 and lens.range.start.line < last
    end, vim.lsp.codelens.get(0))
end)(...)"""


def test_a_file_of_1000_functions_scrolls(project: Project, function_model: Path) -> None:
    neovim = project({"many.py": MANY}, command=server_command("--model", str(function_model))).start("many.py")
    neovim.wait("#vim.lsp.inlay_hint.get({ bufnr = 0 }) == 1000", patience_s=200)
    for line in (2000, 3990, 1):
        neovim.press(f"{line}Gzz")
        neovim.wait("vim.api.nvim_win_get_cursor(0)[1] == (...)", line)
        first, last = neovim.lua("return { vim.fn.line('w0'), vim.fn.line('w$') }")
        seen = {number for number in range(first - 1, last) if number % 4 == 0}
        neovim.wait(f"#{TITLED_BETWEEN} == select(3, ...)", first, last, len(seen))
        drawn = neovim.drawn()
        assert {number for number, _ in drawn if first - 1 <= number < last} == seen
        assert all(sum(number == line for number, _ in drawn) == 2 for line in seen)
    assert len(neovim.lenses()) < 500  # nobody looked at the others
    assert neovim.told() == []


def test_a_lens_runs_and_stays(orders: Neovim) -> None:
    git = "git init -q . && git add . && git -c user.name=a -c user.email=a@b.c -c commit.gpgsign=false commit -qm a"
    assert orders.lua("vim.fn.system(...) return vim.v.shell_error", git) == 0
    orders.press(":silent write<CR>")
    orders.wait("(vim.lsp.codelens.get(0)[1].command or {}).command == 'rlm-lsp.compareWithHead'")
    orders.press("4G:lua vim.lsp.codelens.run()<CR>")
    assert orders.float()[0].startswith("0 of 1 functions differ")
    assert orders.messages() == ""
    predicted(orders)
    orders.wait("#vim.api.nvim_buf_get_extmarks(0, -1, { 3, 0 }, { 3, -1 }, {}) == 2")


def test_the_server_starts_while_the_first_file_is_read_and_only_once(project: Project) -> None:
    """FileType, where Neovim would start it, comes behind the search for an interpreter in Python's ftplugin."""
    look = """
    vim.api.nvim_create_autocmd('FileType', { once = true, callback = function()
      _G.started_before = require('rlm_lsp.server').is_started()
    end })
    """
    neovim = project(init=look).start("orders.py")
    predicted(neovim)
    assert neovim.lua("return _G.started_before") is True
    assert neovim.lua("return #vim.lsp.get_clients({ name = 'rlm_lsp' })") == 1
