"""Broken budgets in a real VS Code: where the squiggle stands, what mends it, and the switches that count at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.editors.processes import until
from tests.editors.vscode.conftest import Show, Start
from tests.editors.vscode.window import Seen

SOURCE = "\n\ndef pairs(xs):\n    return [(a, b) for a in xs for b in xs]\n\n\ndef nothing(x):\n    return x\n"
BUDGET = '[[budgets]]\nname = "^pairs$"\nlatency = "1 ns"\n'


@pytest.fixture
def file(project: Path) -> Path:
    """A file with a function over its budget in line 3, and one without a budget in line 7."""
    (project / "rlm-lsp.toml").write_text(BUDGET, "utf-8")
    (project / "costs.py").write_text(SOURCE, "utf-8")
    return project / "costs.py"


def test_a_broken_budget_is_underlined_and_said(start: Start, show: Show, project: Path, file: Path) -> None:
    window = show(start({"rlm-lsp.overBudgetDecorations": True}), project, file)
    # an error: even p10 is above a nanosecond
    window.until(lambda seen: seen.squiggles == {3: "error"} and set(seen.marks) == {3}, "a squiggle, and a mark in the gutter")
    window.hover(3, 6, "even p10 is above the budget of 1 ns", "rlm-lsp(latency-budget)")


def test_an_action_writes_the_comment_that_silences_it(start: Start, show: Show, project: Path, file: Path) -> None:
    window = show(start(), project, file)
    window.until(lambda seen: seen.squiggles == {3: "error"}, "a squiggle")
    assert window.see().marks == ()  # which are off unless asked for
    window.offer_actions(3, 6)
    window.choose("Ignore latency here")
    seen = window.until(lambda seen: not seen.squiggles and set(seen.hints) == {4, 8}, "no squiggle, and the hints where the functions are")
    assert seen.lines[3].strip() == "# rlm: ignore[latency]"
    assert seen.lines[4].startswith("def pairs")


def test_switches_count_at_once(start: Start, show: Show, project: Path, file: Path) -> None:
    (project / ".vscode").mkdir()
    code = start()
    window = show(code, project, file)

    def complete(seen: Seen) -> bool:
        return set(seen.hints) == {3, 7} and set(seen.lenses) == {3, 7} and set(seen.squiggles) == {3}

    def configure(**settings: object) -> None:
        (project / ".vscode" / "settings.json").write_text(json.dumps({f"rlm-lsp.{name}": value for name, value in settings.items()}))

    window.until(complete, "all surfaces")
    servers = until(lambda: code.group.running("rlm_lsp"), 10, "the server")
    configure(inlayHints=False)
    window.until(lambda seen: not seen.hints and seen.lenses and seen.squiggles, "no hints")
    configure(codeLens=False)
    window.until(lambda seen: seen.hints and not seen.lenses and seen.squiggles, "no lenses")
    configure(diagnostics=False)
    window.until(lambda seen: seen.hints and seen.lenses and not seen.squiggles, "no squiggles")
    configure(metrics=["peak-heap"])
    window.until(lambda seen: seen.hints and not any("s" in hint for hint in seen.hints.values()), "hints without a latency")
    configure(enabled=False)
    window.until(lambda seen: not seen.hints and not seen.lenses and not seen.squiggles and "off" in seen.state, "nothing")
    configure()
    seen = window.until(complete, "all surfaces again")
    assert code.group.running("rlm_lsp") == servers  # nothing was restarted for it
    assert seen.toasts == ()


def test_the_workspaces_own_file_counts_at_once(start: Start, show: Show, project: Path, file: Path) -> None:
    window = show(start(), project, file)
    window.until(lambda seen: set(seen.squiggles) == {3}, "a squiggle")
    (project / "rlm-lsp.toml").write_text(BUDGET.replace("^pairs$", "^nothing$"), "utf-8")
    window.until(lambda seen: set(seen.squiggles) == {7}, "the squiggle at the other function")
