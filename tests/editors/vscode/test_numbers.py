"""The numbers in a real VS Code: hints, lenses, hover, and what becomes of them while somebody types, scrolls or breaks things.

One window for all of them: each has a file of its own, and that of the killed process comes after those that need it alive.
"""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.conftest import SHIPPED
from tests.editors import ROOT
from tests.editors.processes import until
from tests.editors.vscode.conftest import HintsOf, Show, Start
from tests.editors.vscode.server import VSCode
from tests.editors.vscode.window import Seen, Window
from tests.lsp.replay.workspace import WEATHER
from tests.lsp.sources import many

ORDERS = (ROOT / "examples" / "orders.py").read_text("utf-8")
LOOKUP = 'def lookup(xs, x):\n    """Find it."""\n    return x in xs\n'
MANY = many(1000)
QUIET_S = 1.5  # longer than the server waits before it predicts again


@pytest.fixture(scope="module")
def code(start_once: Start) -> VSCode:
    return start_once()


@pytest.fixture(scope="module")
def window(code: VSCode, show_once: Show, tmp_path_factory: pytest.TempPathFactory) -> Window:
    folder = tmp_path_factory.mktemp("numbers")
    for name, text in {"orders.py": ORDERS, "weather.py": WEATHER, "lookup.py": LOOKUP, "many.py": MANY}.items():
        (folder / name).write_text(text, "utf-8")
    return show_once(code, folder, folder / "orders.py")


def all_of(expected: dict[int, str], seen: Seen) -> bool:
    """Whether every function on the screen has its hint, and nothing else has one."""
    return seen.hints == {line: expected[line] for line in seen.lines if line in expected}


def test_hints_and_lenses_say_what_the_api_says(window: Window, hints_of: HintsOf) -> None:
    expected = hints_of(ORDERS)
    both = {18, 23}  # Order.total, revenue
    seen = window.until(
        lambda seen: all_of(expected, seen) and both <= seen.hints.keys() and both <= seen.lenses.keys() & expected.keys(), "all of them"
    )
    seen = window.until(lambda seen: "predicted" in seen.lenses.get(18, ""), "the lens' number")
    assert expected[18].split(" · ")[0].lstrip("~") in seen.lenses[18]
    assert seen.toasts == ()


def test_the_hover_has_every_quantile_and_names_its_source(window: Window) -> None:
    window.until_hint(23)
    window.hover(23, 7, "revenue", "p10", "p50", "p90", "latency", "peak heap", f"predicted by {SHIPPED}", "not measured")
    window.press("Escape")


def test_hints_stand_behind_characters_of_every_width(window: Window, hints_of: HintsOf) -> None:
    expected = hints_of(WEATHER)
    assert len(expected) >= 4
    source = WEATHER.splitlines()
    window.open_file("weather.py")
    drawn = {line: f"{source[line - 1]} {hint}" for line, hint in expected.items()}
    window.until(lambda seen: {line: seen.lines.get(line) for line in expected} == drawn, f"the lines {drawn}")


def test_an_edit_of_a_docstring_changes_no_number_and_one_of_code_does(window: Window, hints_of: HintsOf) -> None:
    before = hints_of(LOOKUP)[1]
    window.open_file("lookup.py")
    window.until(lambda seen: seen.hints == {1: before}, "the first hint")
    window.go_to(2, 8)
    window.type("Nothing that is measured: ")
    window.until(lambda seen: "Nothing that is measured: " in seen.lines.get(2, ""), "the typed text")
    end = time.monotonic() + QUIET_S
    while time.monotonic() < end:
        assert {latency(hint) for hint in window.see().hints.values()} <= {latency(before)}
        window.wait(0.05)
    window.until(lambda seen: seen.hints == {1: before}, "the hint of the new text")
    changed = LOOKUP.replace("x in xs", "sorted(y * y for y in xs for z in xs)")
    after = hints_of(changed)[1]
    assert after != before
    window.go_to(3, 12)
    window.press("Shift+End")
    window.type("sorted(y * y for y in xs for z in xs)")
    window.until(lambda seen: seen.hints == {1: after}, "the changed hint")


def latency(hint: str) -> str:
    """What a hint says first, whether or not it is marked as one of an earlier text, which costs it a space."""
    return hint.split("·")[0].lstrip("~≈").replace(" ", "")


def test_the_numbers_come_back_when_the_model_s_process_is_killed(window: Window, code: VSCode, hints_of: HintsOf) -> None:
    window.open_file("orders.py")
    window.until_hint(23)
    (worker,) = until(lambda: code.group.running("rlm_lsp.predict.worker"), 10, "the model's process")
    os.kill(worker, signal.SIGKILL)
    window.go_to(25, 5)
    window.press("Shift+End")
    window.type("return sorted(order.total() for order in orders for other in orders)")
    changed = window.until(lambda seen: "in orders for other in orders)" in seen.lines.get(25, ""), "the typed line").lines[25]
    lines = ORDERS.splitlines()
    lines[24] = changed.rstrip()
    expected = hints_of("\n".join(lines))
    assert expected[23] != hints_of(ORDERS)[23]
    seen = window.until(lambda seen: seen.hints.get(23) == expected[23], "a number of the new process")
    assert seen.toasts == ()
    assert code.group.running("rlm_lsp.predict.worker") not in ([], [worker])


def test_a_file_of_a_thousand_functions_has_hints_wherever_one_scrolls(window: Window, hints_of: HintsOf) -> None:
    expected = hints_of(MANY)
    assert len(expected) == 1000
    window.open_file("many.py")
    for line in (1, 2995, 5989, 601):
        window.go_to(line)
        window.until(lambda seen, line=line: line in seen.hints and len(seen.hints) >= 3 and all_of(expected, seen), f"hints around {line}")  # type: ignore[misc]  # mypy cannot infer the default argument
