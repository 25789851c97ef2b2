"""What a person sees: Neovim in a real terminal."""

from __future__ import annotations

import re

from tests.editors.neovim.conftest import ORDERS, Project
from tests.editors.neovim.driver import PATIENCE_S
from tests.editors.neovim.terminal import Terminal
from tests.editors.processes import until

BESIDE = re.compile(r"def pairs\(orders\): ~\S+ .*predicted ~")


def test_numbers_stand_beside_the_function_on_the_screen(project: Project) -> None:
    settings = '[[budgets]]\nname = "pairs"\nlatency = "1 ns"\n'
    neovim = project({"orders.py": ORDERS, "rlm-lsp.toml": settings}, "vim.diagnostic.config({ virtual_text = true })")
    with Terminal(neovim, 200, 40, "orders.py") as terminal:
        until(lambda: BESIDE.search(terminal.screen()), PATIENCE_S, "hint and lens on the screen")
        until(lambda: "above the budget of 1 ns" in terminal.screen(), PATIENCE_S, "the diagnostic on the screen")
        before = _label(terminal.screen())
        terminal.type("9Go", "found.extend(sorted(orders) * len(found))", "Escape")
        until(lambda: _label(terminal.screen()) not in (before, None), PATIENCE_S, "another number after an edit")
        terminal.type("4G0w", "K")
        until(lambda: "log scale" in terminal.screen(), PATIENCE_S, "the hover on the screen")
        terminal.type("Escape", "j", ":RlmExplain", "Enter")
        until(lambda: "what its prediction hangs on" in terminal.screen(), PATIENCE_S, "the explanation on the screen")


def _label(screen: str) -> str | None:
    """The hint of pairs, where it is a fresh one."""
    match = re.search(r"def pairs\(orders\): (~.*?)  ", screen)
    return match[1] if match else None
