"""The numbers in a real VS Code: hints, lenses, hover, and what becomes of them while somebody types, scrolls or breaks things."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.editors import MODEL, ROOT
from tests.editors.processes import until
from tests.editors.vscode.conftest import HintsOf, Show, Start
from tests.lsp.replay.workspace import WEATHER
from tests.lsp.sources import many

ORDERS = (ROOT / "examples" / "orders.py").read_text("utf-8")


def test_hints_and_lenses_say_what_the_api_says(start: Start, show: Show, project: Path, hints_of: HintsOf) -> None:
    file = project / "orders.py"
    file.write_text(ORDERS, "utf-8")
    expected = hints_of(ORDERS)
    window = show(start(), project, file)
    seen = window.until(
        lambda seen: len(seen.lenses) >= len(seen.hints) and set(seen.hints) >= set(expected) & set(seen.lines), "all of them"
    )
    assert seen.hints == {line: expected[line] for line in seen.lines if line in expected}
    assert set(seen.hints) >= {18, 23}  # Order.total, revenue
    assert {line for line in seen.lenses if line in expected} >= {18, 23}
    seen = window.until(lambda seen: "predicted" in seen.lenses.get(18, ""), "the lens' number")
    assert expected[18].split(" · ")[0].lstrip("~") in seen.lenses[18]
    assert seen.toasts == ()


def test_the_hover_has_every_quantile_and_names_its_source(start: Start, show: Show, project: Path) -> None:
    file = project / "orders.py"
    file.write_text(ORDERS, "utf-8")
    window = show(start(), project, file)
    window.until(lambda seen: seen.hints, "hints")
    said = window.hover(23, 7)
    assert all(word in said for word in ("revenue", "p10", "p50", "p90", "latency", "peak heap", f"predicted by {MODEL}", "not measured"))


def test_hints_stand_behind_characters_of_every_width(start: Start, show: Show, project: Path, hints_of: HintsOf) -> None:
    file = project / "weather.py"
    file.write_text(WEATHER, "utf-8")
    expected = hints_of(WEATHER)
    window = show(start(), project, file)
    seen = window.until(lambda seen: set(seen.hints) >= set(expected) & set(seen.lines), "hints")
    source = WEATHER.splitlines()
    assert len(expected) >= 4
    for line, hint in expected.items():
        assert seen.lines[line] == f"{source[line - 1]} {hint}"


def test_a_file_of_a_thousand_functions_has_hints_wherever_one_scrolls(start: Start, show: Show, project: Path, hints_of: HintsOf) -> None:
    text = many(1000)
    file = project / "many.py"
    file.write_text(text, "utf-8")
    expected = hints_of(text)
    assert len(expected) == 1000
    window = show(start(), project, file)
    for line in (1, 2995, 5989, 601):
        window.go_to(line)
        seen = window.until_hint(line)
        assert len(seen.hints) >= 3
        assert seen.hints == {number: expected[number] for number in seen.lines if number in expected}


def test_an_edit_of_a_docstring_changes_no_number_and_one_of_code_does(start: Start, show: Show, project: Path, hints_of: HintsOf) -> None:
    text = 'def lookup(xs, x):\n    """Find it."""\n    return x in xs\n'
    file = project / "lookup.py"
    file.write_text(text, "utf-8")
    before = hints_of(text)[1]
    window = show(start(), project, file)
    window.until(lambda seen: seen.hints == {1: before}, "the first hint")
    window.go_to(2, 8)
    window.type("Nothing that is measured: ")
    window.wait(1.5)  # longer than the server waits before it predicts again
    seen = window.see()
    assert "Nothing that is measured" in seen.lines[2]
    assert seen.hints == {1: before}
    changed = text.replace("x in xs", "sorted(y * y for y in xs for z in xs)")
    after = hints_of(changed)[1]
    assert after != before
    window.go_to(3, 12)
    window.press("Shift+End")
    window.type("sorted(y * y for y in xs for z in xs)")
    window.until(lambda seen: seen.hints == {1: after}, "the changed hint")


def test_the_numbers_come_back_when_the_model_s_process_is_killed(start: Start, show: Show, project: Path, hints_of: HintsOf) -> None:
    file = project / "orders.py"
    file.write_text(ORDERS, "utf-8")
    code = start()
    window = show(code, project, file)
    window.until(lambda seen: 23 in seen.hints, "hints")
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
