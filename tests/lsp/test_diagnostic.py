from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from lsprotocol import types

from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import BudgetRule, Settings
from rlm_lsp.lsp import diagnostic
from rlm_lsp.lsp.position import TextIndex
from rlm_lsp.lsp.snapshot import DocumentView, Shown, Snapshot
from rlm_lsp.predict.results import Values
from tests.lsp.marked import MARKERS, MODEL, Marked, one, read, snapshot_of, values, view_of, with_function

SLOW = Shown(values("40ms 120ms 310ms, 1MB 3.4MB 9MB"))
BUDGET = Settings(budgets=(BudgetRule("latency", 50e-3),))


def _found(view: DocumentView, previous: list[types.Diagnostic] | None = None) -> list[types.Diagnostic]:
    return diagnostic.diagnostics(snapshot_of(view), view, previous)


@pytest.mark.parametrize(
    ("shown", "severity", "message"),
    [
        (SLOW, types.DiagnosticSeverity.Warning, "predicted latency 120 ms (40–310 ms): p50 is above the budget of 50 ms"),
        (
            Shown(values("60ms 120ms 310ms, 1MB 3.4MB 9MB")),
            types.DiagnosticSeverity.Error,
            "predicted latency 120 ms (60–310 ms): even p10 is above the budget of 50 ms",
        ),
        (
            Shown(values("1ms 120ms 310ms, 1MB 3.4MB 9MB")),
            types.DiagnosticSeverity.Warning,
            "predicted latency ~1–300 ms: p50 is above the budget of 50 ms",
        ),
    ],
)
def test_a_broken_budget(shown: Shown, severity: types.DiagnosticSeverity, message: str) -> None:
    [found] = _found(one(shown, settings=BUDGET))
    assert (found.severity, found.message, found.code, found.source) == (severity, message, "latency-budget", "rlm-lsp")
    assert found.range == types.Range(types.Position(0, 4), types.Position(0, 5))


@pytest.mark.parametrize(
    ("shown", "settings"),
    [
        (SLOW, Settings()),
        (Shown(None), BUDGET),
        (Shown(Values(None, ("too-long", "x"))), BUDGET),
        (Shown(values("1ms 2ms 310ms, 1MB 3.4MB 9MB")), BUDGET),
        (SLOW, replace(BUDGET, enabled=False)),
        (SLOW, replace(BUDGET, diagnostics=False)),
        (SLOW, replace(BUDGET, disabled_languages=("python",))),
        (SLOW, replace(BUDGET, metrics=("peak-heap",))),
    ],
)
def test_no_diagnostic_without_a_breach_or_where_it_is_switched_off(shown: Shown, settings: Settings) -> None:
    assert _found(one(shown, settings=settings)) == []


def test_without_a_model_nothing_is_broken() -> None:
    view = one(SLOW, settings=BUDGET)
    assert diagnostic.diagnostics(snapshot_of(view, model=None), view) == []


def test_stale_values_keep_what_is_shown_and_say_nothing_new() -> None:
    fresh = one(SLOW, settings=BUDGET)
    stale = with_function(fresh, shown=replace(SLOW, stale=True))
    shown = _found(fresh, [])
    assert len(shown) == 1
    assert _found(stale, shown) == shown
    assert _found(stale) == shown  # what is shown is not known here
    assert _found(stale, []) == []
    assert _found(with_function(stale, key="g"), shown) == []


def test_a_shown_diagnostic_moves_with_its_function() -> None:
    fresh = one(SLOW, settings=BUDGET)
    place = replace(fresh.functions[0].place, name_start=6, name_end=7)
    moved = replace(with_function(fresh, shown=replace(SLOW, stale=True), place=place), text=TextIndex(b"\n\ndef f(x):\n    return x\n"))
    [found] = _found(moved, _found(fresh))
    assert found.range == types.Range(types.Position(2, 4), types.Position(2, 5))


def _commented(comment: str) -> DocumentView:
    return view_of(Marked(f"# {comment}\ndef f(x):\n    return x\n", (), {"f": SLOW}, {}, BUDGET))


def test_a_comment_that_ignores_nothing_fades() -> None:
    [found] = _found(replace(_commented("rlm: ignore[peak-heap]"), settings=Settings()))
    assert found.severity == types.DiagnosticSeverity.Hint
    assert found.tags == [types.DiagnosticTag.Unnecessary]
    assert found.message == "unused rlm: ignore: nothing here breaks a budget that it ignores"
    assert found.range == types.Range(types.Position(0, 2), types.Position(0, 24))


def test_a_comment_that_is_wrong_is_a_warning_with_what_is_wrong() -> None:
    view = replace(_commented("rlm: ignore[speed]"), settings=Settings())
    [found] = _found(view)
    assert (found.severity, found.code) == (types.DiagnosticSeverity.Warning, "malformed-directive")
    assert "speed" in found.message
    assert "latency" in found.message


def test_a_comment_that_an_edit_has_changed_is_not_spoken_of() -> None:
    view = replace(_commented("rlm: ignore[peak-heap]"), settings=Settings())
    edited = replace(view, text=TextIndex(view.text.data.replace(b"rlm:", b"xlm:")), settled=False)
    assert _found(view)
    assert _found(edited) == []


def test_stale_values_call_no_comment_unused() -> None:
    view = replace(_commented("rlm: ignore"), settings=Settings())
    assert [found.code for found in _found(view, [])] == ["unused-directive"]
    assert _found(with_function(view, shown=replace(SLOW, stale=True)), []) == []


def test_they_stand_in_source_order() -> None:
    view = view_of(read(MARKERS / "python" / "budgets.txt"))
    starts = [(found.range.start.line, found.range.start.character) for found in _found(view)]
    assert starts == sorted(starts)
    assert len(starts) > 5


def _result_id(view: DocumentView, snapshot: Snapshot | None = None) -> str:
    return diagnostic.result_id(snapshot or snapshot_of(view), view)


CHANGES: dict[str, Callable[[DocumentView], DocumentView]] = {
    "text": lambda view: replace(view, text=TextIndex(view.text.data + b"\n")),
    "encoding": lambda view: replace(view, text=TextIndex(view.text.data, "utf-8")),
    "settings": lambda view: replace(view, settings=replace(BUDGET, diagnostics=False)),
    "limit": lambda view: replace(view, settings=Settings(budgets=(BudgetRule("latency", 51e-3),))),
    "values": lambda view: with_function(view, shown=Shown(values("40ms 121ms 310ms, 1MB 3.4MB 9MB"))),
    "no values": lambda view: with_function(view, shown=Shown(None)),
    "stale": lambda view: with_function(view, shown=replace(SLOW, stale=True)),
    "directives": lambda view: with_function(view, directives=(Directive("ignore", (), (), 1, 0, 1),)),
    "unused": lambda view: replace(view, unused=(Directive("ignore", (), (), 1, 0, 1),)),
    "functions": lambda view: replace(view, functions=()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_result_id_changes_with_what_is_said(change: Callable[[DocumentView], DocumentView]) -> None:
    view = one(SLOW, settings=BUDGET)
    assert _result_id(change(view)) != _result_id(view)


def test_a_result_id_changes_with_the_model() -> None:
    view = one(SLOW, settings=BUDGET)
    assert (
        len({_result_id(view), *(_result_id(view, snapshot_of(view, model=other)) for other in (None, replace(MODEL, digest=b"\2" * 32)))})
        == 3
    )


def test_a_result_id_is_the_same_for_equal_views_of_any_version() -> None:
    assert _result_id(one(SLOW, settings=BUDGET)) == _result_id(replace(one(SLOW, settings=BUDGET), version=5))
