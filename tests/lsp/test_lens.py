from __future__ import annotations

import json
from dataclasses import replace

import pytest
from lsprotocol import types

from rlm_lsp.config import Settings
from rlm_lsp.lsp import code_lens
from rlm_lsp.lsp.position import TextIndex
from rlm_lsp.lsp.snapshot import Base, DocumentView, Shown, Snapshot
from rlm_lsp.lsp.wire import encode, strict_converter
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from tests.lsp.marked import MARKERS, one, read, snapshot_of, values, view_of, with_function

KNOWN = Shown(values("0.4ms 1.2ms 3.1ms, 1MB 3.4MB 9MB"))
SLOW = Shown(values("40ms 120ms 310ms, 1MB 3.4MB 9MB"))
TITLE = "predicted ~1.2 ms (0.40–3.1 ms) · 3.4 MB (1.0–9.0 MB)"
SLOW_TITLE = "predicted ~120 ms (40–310 ms) · 3.4 MB (1.0–9.0 MB)"


def _lens(view: DocumentView, snapshot: Snapshot | None = None) -> types.CodeLens:
    snapshot = snapshot or snapshot_of(view)
    [lens] = code_lens.lenses(snapshot, view)
    return lens if lens.command else code_lens.resolve(snapshot, lens)


def _title(view: DocumentView) -> str:
    command = _lens(view).command
    assert command is not None
    return command.title


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        (Shown(None), "predicting…"),
        (KNOWN, TITLE),
        (replace(KNOWN, stale=True), TITLE.replace("~", "≈ ")),
        (Shown(Values(None, ("too-long", "longer than 4096 tokens"))), "no prediction: too long for the model"),
        (Shown(Values(None, ("worker-unavailable", "x"))), "no prediction: the model does not answer"),
    ],
)
def test_a_lens_is_there_whatever_is_known(shown: Shown, title: str) -> None:
    assert _title(one(shown)) == title


def test_a_lens_is_there_without_a_model() -> None:
    view = one(KNOWN)
    command = _lens(view, snapshot_of(view, model=None)).command
    assert command is not None
    assert (command.title, command.command) == ("no prediction: no model", "")


def test_the_same_lenses_stand_in_the_same_places_whatever_is_known() -> None:
    view = view_of(read(MARKERS / "python" / "places.txt"))
    ranges = [lens.range for lens in code_lens.lenses(snapshot_of(view), view)]
    assert len(ranges) == len(view.functions)
    states = Shown(None), KNOWN, SLOW, replace(KNOWN, stale=True), Shown(Values(None, ("out-of-range", "x")))
    for shown in states:
        other = replace(view, functions=tuple(replace(function, shown=shown) for function in view.functions))
        assert [lens.range for lens in code_lens.lenses(snapshot_of(other), other)] == ranges
    assert all(lens.start.line == lens.end.line for lens in ranges)


def test_what_the_model_was_never_trained_for_has_no_lens() -> None:
    """Else each function of a file in another language would say the same; the hover tells why."""
    view = with_function(one(Shown(None)), input=ModelInput("ruby", "function", "def f; end"))
    assert code_lens.lenses(snapshot_of(view), view) == []


@pytest.mark.parametrize(
    "settings", [Settings(enabled=False), Settings(code_lens=False), Settings(disabled_languages=("python",)), Settings(metrics=())]
)
def test_each_switch_takes_the_lenses_away(settings: Settings) -> None:
    view = one(KNOWN, settings=settings)
    assert code_lens.lenses(snapshot_of(view), view) == []


def test_a_known_title_comes_at_once_and_an_unknown_one_by_resolve() -> None:
    view, waiting = one(KNOWN), one(Shown(None))
    [lens] = code_lens.lenses(snapshot_of(view), view)
    assert lens.command is not None
    assert code_lens.resolve(snapshot_of(view), lens) == lens
    [lens] = code_lens.lenses(snapshot_of(waiting), waiting)
    assert lens.command is None
    resolved = code_lens.resolve(snapshot_of(view), lens).command  # the value came in between
    assert resolved is not None
    assert resolved.title == TITLE


def test_a_lens_is_resolved_after_its_way_to_the_client_and_back() -> None:
    waiting, view = one(Shown(None)), one(KNOWN)
    [lens] = code_lens.lenses(snapshot_of(waiting), waiting)
    returned = strict_converter().structure(json.loads(encode(lens)), types.CodeLens)
    command = code_lens.resolve(snapshot_of(view), returned).command
    assert command is not None
    assert command.title == TITLE


def test_a_lens_of_an_older_version_is_answered_with_what_is_known_now() -> None:
    view = one(KNOWN)
    [lens] = code_lens.lenses(snapshot_of(view), view)
    newer = replace(with_function(view, shown=SLOW), version=7)
    command = code_lens.resolve(snapshot_of(newer), lens).command
    assert command is not None
    assert command.title == SLOW_TITLE


@pytest.mark.parametrize("data", [None, 3, [], {}, {"uri": 3}, {"uri": "file:///gone.py", "key": "f", "index": 0}, {"uri": "u", "key": 1}])
def test_a_lens_that_is_not_ours_still_gets_a_title(data: object) -> None:
    lens = types.CodeLens(types.Range(types.Position(0, 0), types.Position(0, 0)), data=data)
    resolved = code_lens.resolve(snapshot_of(one(KNOWN)), lens)
    assert resolved.command is not None
    assert (resolved.command.title, resolved.command.command) == ("no longer here", "")


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (None, ""),
        (Base(None), ""),
        (Base(None, added=True), ""),
        (Base(SLOW.values, same_text=True), ""),
        (Base(SLOW.values), ""),
        (Base(values("39ms 119ms 300ms, 1MB 3.4MB 9MB")), ""),
        (Base(values("4ms 12ms 31ms, 1MB 3.4MB 9MB")), " · +10x latency vs HEAD"),
        (Base(values("400ms 1.2s 3.1s, 1MB 3.4MB 9MB")), " · -10x latency vs HEAD"),
        (Base(values("4ms 12ms 31ms, 100MB 340MB 900MB")), " · +10x latency vs HEAD · -100x peak heap vs HEAD"),
        (Base(Values(None, ("too-long", "x"))), ""),
    ],
)
def test_the_change_against_head_is_said_where_it_is_one(base: Base | None, said: str) -> None:
    assert _title(one(SLOW, base=base)) == SLOW_TITLE + said


@pytest.mark.parametrize(
    "settings",
    [Settings(max_ratio=20.0), Settings(min_latency_change=1.0), Settings(compare_with_head=False), Settings(metrics=("peak-heap",))],
)
def test_a_change_must_pass_every_threshold(settings: Settings) -> None:
    view = one(SLOW, base=Base(values("4ms 12ms 31ms, 1MB 3.4MB 9MB")), settings=settings)
    assert "HEAD" not in _title(view)


def test_a_click_compares_where_there_is_something_to_compare_with() -> None:
    view = one(SLOW, base=Base(values("4ms 12ms 31ms, 1MB 3.4MB 9MB")))
    command = _lens(view).command
    assert command is not None
    assert command.command == "rlm-lsp.compareWithHead"
    assert command.arguments == [{"uri": view.uri, "key": "f"}]
    off = Settings(compare_with_head=False)
    for other in (one(SLOW), one(SLOW, base=Base(None, added=True)), one(SLOW, base=Base(SLOW.values), settings=off)):
        command = _lens(other).command
        assert command is not None
        assert command.command == ""


def test_the_tooltip_says_who_predicted_and_how_to_switch_the_lens_off() -> None:
    command = _lens(one(KNOWN)).command
    assert command is not None
    assert command.tooltip == "predicted by rlm-test-1 for a test device; not measured\nSwitch off: rlm-lsp.codeLens"


def test_equal_values_have_equal_titles() -> None:
    view = one(KNOWN)
    again = replace(one(Shown(values("0.4ms 1.2ms 3.1ms, 1MB 3.4MB 9MB"))), version=9)
    assert _title(view) == _title(again)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_name_of_two_lines_is_shown_up_to_the_end_of_its_first(newline: str) -> None:
    data = f"int operator{newline}()();".encode()
    view = one(KNOWN)
    place = replace(view.functions[0].place, start=0, end=len(data), name_start=4, name_end=len(data) - 3)
    view = replace(with_function(view, place=place), text=TextIndex(data))
    [lens] = code_lens.lenses(snapshot_of(view), view)
    assert lens.range == types.Range(types.Position(0, 4), types.Position(0, 12))


@pytest.mark.parametrize(("count", "eager"), [(code_lens.AT_ONCE, True), (code_lens.AT_ONCE + 1, False)])
def test_very_many_lenses_leave_their_titles_to_resolve(count: int, eager: bool) -> None:
    view = one(KNOWN)
    view = replace(view, functions=view.functions * count)
    snapshot = snapshot_of(view)
    lenses = code_lens.lenses(snapshot, view)
    assert len(lenses) == count
    assert all((lens.command is not None) is eager for lens in lenses)
    resolved = code_lens.resolve(snapshot, lenses[-1]).command
    assert resolved is not None
    assert resolved.title == TITLE


@pytest.mark.parametrize("shown", [True, False])
def test_the_quick_way_to_many_lenses_writes_the_same(shown: bool) -> None:
    view = view_of(read(MARKERS / "python" / "places.txt"))
    view = replace(view, functions=view.functions * 40, settings=replace(view.settings, code_lens=shown))
    assert len(view.functions) > code_lens.AT_ONCE
    snapshot = snapshot_of(view)
    assert json.loads(code_lens.encoded(snapshot, view).text) == json.loads(encode(code_lens.lenses(snapshot, view)))
