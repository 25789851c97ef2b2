"""What a user types: commands and their answers, :checkhealth, :help."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path

import pytest

from rlm_lsp import __version__
from rlm_lsp.config import _READERS
from rlm_lsp.predict.types import Prediction
from rlm_lsp.units import format_band, format_interval, format_value
from tests.editors.neovim.conftest import ORDERS, Project, predicted
from tests.editors.neovim.driver import CLIENT, Neovim

HELP = (CLIENT / "doc" / "rlm_lsp.txt").read_text(encoding="utf-8")
TEN = {"p10": 1.0, "p50": 3.0, "p90": 9.0, "unit": "s"}


def _ask(neovim: Neovim, line: int, command: str) -> list[str]:
    neovim.press(f"{line}G:{command}<CR>")
    return neovim.float()


def test_what_a_prediction_hangs_on(orders: Neovim) -> None:
    found = _ask(orders, 6, "RlmExplain")
    assert found[0] == "**`pairs`**: what its prediction hangs on"
    assert any(re.match(r"\| +6–9 \| +\S+x \| +\S+x \| `for a in orders:`", line) for line in found)
    orders.press("j")
    orders.wait("#vim.api.nvim_list_wins() == 1")  # it goes when the cursor moves
    assert _ask(orders, 15, "RlmExplain")[0].startswith("**`Order.total`**")
    assert orders.messages() == ""


def test_an_action_shows_its_answer_as_its_command_does(orders: Neovim) -> None:
    orders.press("4G")
    title = "Explain this prediction"
    orders.lua("vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.title == 'Explain this prediction' end })", title)
    assert orders.float()[0] == "**`pairs`**: what its prediction hangs on"


def test_sizes_that_are_none_and_functions_that_are_not_there(orders: Neovim) -> None:
    assert _ask(orders, 4, "RlmScaling 10 20 orders=list[n]")[0] == "**`pairs`** for `orders=list[n]`"
    orders.press("<Esc>:RlmScaling many<CR>")
    orders.wait("#told() == 1")
    orders.press(":RlmScaling nobody=list[n]<CR>")
    orders.wait("#told() == 2")
    orders.press("1G:RlmExplain<CR>")
    orders.wait("#told() == 3")
    many, nobody, nowhere = orders.told()
    assert "many is neither a size" in many
    assert "no parameter 'nobody'" in nobody
    assert "no function with a prediction" in nowhere


def test_a_report_of_sizes(bare: Neovim) -> None:
    points = [{"n": 10, "predictions": {"latency@cpu": TEN}}, {"n": 1000000, "unknown": "out-of-range: too | large"}]
    growth = {"latency@cpu": {"exponent": 1.94, "low": 1.5, "high": 2.2, "points": 3}}
    result = {"function": "f", "arguments": {"xs": "list[n]"}, "points": points, "exponents": growth, "model": "m", "note": "not measured"}
    assert bare.lua("return require('rlm_lsp.report').scaling(...)", result) == [
        "**`f`** for `xs=list[n]`",
        "",
        "|         n | latency                    |",
        "| --------: | -------------------------- |",
        "|        10 | 3.0 s (1.0–9.0 s)          |",
        r"| 1,000,000 | out-of-range: too \| large |",
        "",
        "latency grows like n^1.9 (1.5 to 2.2)",
        "",
        "m: not measured",
    ]


def test_a_report_of_changes(bare: Neovim) -> None:
    change = {"metric": "peak-heap", "unit": "B", "before": 2000, "after": 5e6, "ratio": 2500, "standing": "dearer"}
    functions = [
        {"name": "f", "line": 3, "added": False, "changes": [change]},
        {"name": "g|", "line": 9, "added": True, "changes": []},
    ]
    assert bare.lua(
        "return require('rlm_lsp.report').compare(...)", {"functions": functions, "compared": 7, "model": "m", "device": "d"}
    ) == [
        "2 of 7 functions differ from HEAD",
        "",
        "| line | function | metric    | before |  after | is it a change? |",
        "| ---: | -------- | --------- | -----: | -----: | --------------- |",
        "|    3 | `f`        | peak heap | 2.0 kB | 5.0 MB | dearer          |",  # backticks are not shown
        "|    9 | `g¦`       |           |    new |        |                 |",
        "",
        "predicted by m for d; not measured",
    ]


def test_numbers_are_written_as_the_server_writes_them(bare: Neovim) -> None:
    amounts = [0, 3e-10, 1e-9, 4.449e-7, 9.96e-7, 0.0012345, 0.0995, 0.9999, 59.7, 61, 345, 3456, 99999, 1.5e8, 6.1e12, 4e18]
    triples = list(itertools.combinations_with_replacement(amounts, 3))  # in order, as quantiles are
    predictions = [Prediction("latency@cpu", low, middle, high, unit, "m", "d") for low, middle, high in triples for unit in "sB"]
    path = bare.folder / "predictions.json"
    path.write_text(json.dumps([{"p10": one.p10, "p50": one.p50, "p90": one.p90, "unit": one.unit} for one in predictions]))
    code = """
        local units = require('rlm_lsp.units')
        return vim.tbl_map(function(p)
            return { units.interval(p), units.band(p), units.value(p.p50, p.unit, 2) }
        end, vim.json.decode(table.concat(vim.fn.readfile(...))))
    """
    assert bare.lua(code, str(path)) == [[format_interval(one), format_band(one), format_value(one.p50, one.unit)] for one in predictions]


def test_the_status(orders: Neovim) -> None:
    text = "\n".join(_ask(orders, 1, "RlmStatus"))
    assert "degraded:  nothing" in text
    assert "Neovim, utf-8, shows inlay hints, code lenses, hover, diagnostics, code actions" in text


def test_the_workspace_in_a_quickfix_list(project: Project) -> None:
    settings = '[[budgets]]\nname = "pairs"\nlatency = "1 ns"\n'
    files = {"orders.py": ORDERS, "rlm-lsp.toml": settings, "more.py": "def f(x):\n    return x\n"}
    neovim = predicted(project(files).start("orders.py"))
    neovim.press(":RlmCheckWorkspace<CR>")
    neovim.wait("#vim.fn.getqflist() > 0")
    found = neovim.lua("return vim.fn.getqflist()")
    names = [item["text"].split(":")[0] for item in found]
    assert names[0] == "pairs"
    assert sorted(names[1:]) == ["Order.total", "f", "pairs"]
    assert (found[0]["lnum"], found[0]["type"], found[1]["type"]) == (4, "E", "I")
    assert "is above the budget of 1 ns" in found[0]["text"]
    neovim.press(":cfirst<CR>")
    neovim.wait("vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'orders.py' and vim.api.nvim_win_get_cursor(0)[1] == 4")


def test_the_rest_of_the_commands(orders: Neovim) -> None:
    orders.press("5G:RlmCopyAsJson<CR>")
    orders.wait("vim.fn.getreg('\"') ~= ''")
    copied = json.loads(orders.lua("return vim.fn.getreg('\"')"))
    assert (copied["name"], copied["path"], set(copied["predictions"])) == ("pairs", "orders.py", {"latency@cpu", "peak_heap@cpu"})
    assert _ask(orders, 1, "RlmLog")[0] == "```text"
    orders.press("<Esc>:RlmClearCache<CR>")
    predicted(orders)
    assert orders.told() == []


def test_health(orders: Neovim) -> None:
    orders.lua("vim.cmd('checkhealth rlm_lsp')")
    found = "\n".join(orders.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)"))
    assert "OK Neovim 0.11" in found
    assert f"OK version: rlm-lsp {__version__}" in found
    assert f"OK server for {orders.folder}: version" in found
    assert "OK model: rlm-s" in found
    assert "ERROR" not in found


def test_health_without_a_server(project: Project) -> None:
    neovim = project(command=["no-such-rlm-lsp"]).start()
    neovim.lua("vim.cmd('checkhealth rlm_lsp')")
    found = "\n".join(neovim.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)"))
    assert "ERROR there is no program no-such-rlm-lsp" in found
    assert neovim.told() == []


def test_help_has_tags_for_all_commands_and_lines_for_all_settings(bare: Neovim, tmp_path: Path) -> None:
    folder = shutil.copytree(CLIENT / "doc", tmp_path / "doc", ignore=shutil.ignore_patterns("tags"))
    bare.lua("vim.cmd.helptags(...)", str(folder))
    tags = {line.split("\t")[0] for line in (folder / "tags").read_text(encoding="utf-8").splitlines()}
    assert bare.messages() == ""
    commands = bare.lua("return vim.tbl_keys(vim.api.nvim_get_commands({}))")
    assert {f":{name}" for name in commands if name.startswith("Rlm")} == {tag for tag in tags if tag.startswith(":")}
    camel = {re.sub(r"-(\w)", lambda match: match[1].upper(), name) for name in _READERS} - {"model", "device"}
    assert {name for name in camel if not re.search(rf"\b{name}\b", HELP)} == set()
    assert max(len(line.expandtabs(8)) for line in HELP.splitlines()) <= 78


@pytest.mark.parametrize("name", ["orders.py", "fugitive:///shop/orders.py", ""])
def test_only_files_are_served(project: Project, name: str) -> None:
    neovim = project().start()
    neovim.lua("vim.cmd.file(...) vim.bo.filetype = 'python'", name) if name else neovim.lua("vim.bo.filetype = 'python'")
    if name == "orders.py":
        neovim.wait("#vim.lsp.get_clients({ bufnr = 0 }) == 1")
    else:
        neovim.lua("vim.wait(500)")
        assert neovim.lua("return #vim.lsp.get_clients({ bufnr = 0, _uninitialized = true })") == 0
