from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from rlm_lsp.config import METRICS, OBJECTIVES, Metric, Settings
from rlm_lsp.lsp import inlay_hint, wording
from rlm_lsp.lsp.snapshot import Client, DocumentView, Shown, Snapshot
from rlm_lsp.lsp.wire import encode, strict_converter
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import Prediction
from rlm_lsp.units import METRIC_UNITS, format_interval, format_quantiles
from tests.lsp.marked import MARKERS, MODEL, one, read, snapshot_of, values, view_of, with_function

KNOWN = Shown(values("0.4ms 1.2ms 3.1ms, 1MB 3.4MB 9MB"))
RESOLVES = Client(hint_tooltip_resolve=True)


def _hints(view: DocumentView, snapshot: Snapshot | None = None) -> list[types.InlayHint]:
    return inlay_hint.hints(snapshot or snapshot_of(view), view, 0, len(view.text.data))


def _prediction(metric: Metric, quantiles: list[float]) -> Prediction:
    p10, p50, p90 = sorted(quantiles)
    return Prediction(OBJECTIVES[metric], p10, p50, p90, METRIC_UNITS[metric], "m", "d")


def quantiles(metric: Metric) -> st.SearchStrategy[Prediction]:
    """From nothing to powers of ten that no computer has, in all widths."""
    powers = st.floats(-12, 40).map(lambda power: 10.0**power)
    return st.lists(powers | st.just(0.0), min_size=3, max_size=3).map(lambda three: _prediction(metric, three))


@given(st.permutations(METRICS).flatmap(lambda order: st.tuples(*map(quantiles, order))), st.booleans(), st.integers(1, 2))
def test_a_label_is_short_whatever_is_predicted(shown: tuple[Prediction, ...], stale: bool, count: int) -> None:
    label = wording.hint_label(shown[:count], stale)
    assert 1 < len(label) <= wording.HINT_LENGTH
    assert label.isprintable()
    assert label.startswith("≈" if stale else "~")
    # What is said is what the report of the command line says, but for white space; what is left out is seen to be left out.
    said = [part.replace(" ", "") for part in label.removeprefix("≈").removeprefix("~").split("·")]
    allowed = [format_interval(prediction).removeprefix("~").replace(" ", "") for prediction in shown[:count]]
    assert said[0] == allowed[0]
    assert all(part in ("…", whole) for part, whole in itertools.zip_longest(said, allowed))


@pytest.mark.parametrize("stale", [False, True])
def test_a_label_keeps_all_metrics_in_usual_ranges(stale: bool) -> None:
    """Between 1 ns and 16 min, 1 B and 999 GB, nothing but two wide ranges at once may be left out."""
    numbers = [10.0**power for power in range(-9, 4)], [10.0**power for power in range(12)]
    narrow = [[_prediction(metric, [v, 1.26 * v, 2 * v]) for v in found] for metric, found in zip(METRICS, numbers, strict=True)]
    wide = [[_prediction(metric, [v, 9 * v, 900 * v]) for v in found] for metric, found in zip(METRICS, numbers, strict=True)]
    for pair in [*itertools.product(*narrow), *itertools.product(narrow[0], wide[1]), *itertools.product(wide[0], narrow[1])]:
        assert "…" not in wording.hint_label(pair, stale)


@pytest.mark.parametrize(
    ("written", "label", "stale_label"),
    [
        ("0.4ms 1.2ms 3.1ms, 1MB 3.4MB 9MB", "~1.2 ms · 3.4 MB", "≈ 1.2 ms · 3.4 MB"),
        ("10ms 30ms 3s, 1MB 3.4MB 9MB", "~0.01–3 s · 3.4 MB", "≈ 0.01–3 s · 3.4 MB"),
        ("100us 10ms 100ms, 1kB 1MB 9MB", "~0.1–100 ms · 1 kB–9 MB", "≈ 0.1–100 ms · 1 kB–9 MB"),
        ("100us 10ms 10s, 100B 1MB 900MB", "~100µs–10s · 100B–900MB", "≈100µs–10s · 100B–900MB"),
        ("100ns 10ms 100ms, 100B 1MB 900MB", "~100ns–100ms · 100B–900MB", "≈100ns–100ms · 100B–900MB"),
        ("500ns 10ms 200min, 100kB 1MB 900GB", "~500ns–200min · …", "≈500ns–200min · …"),
    ],
)
def test_labels_of_wide_intervals(written: str, label: str, stale_label: str) -> None:
    for stale, expected in ((False, label), (True, stale_label)):
        [hint] = _hints(one(Shown(values(written), stale)))
        assert hint.label == expected
        assert len(hint.label) <= wording.HINT_LENGTH


@pytest.mark.parametrize(
    ("metrics", "label"),
    [
        (("latency", "peak-heap"), "~1.2 ms · 3.4 MB"),
        (("peak-heap", "latency"), "~3.4 MB · 1.2 ms"),
        (("latency",), "~1.2 ms"),
        (("peak-heap",), "~3.4 MB"),
    ],
)
def test_metrics_are_chosen_and_ordered(metrics: tuple[Metric, ...], label: str) -> None:
    [hint] = _hints(one(KNOWN, settings=Settings(metrics=metrics)))
    assert hint.label == label


@pytest.mark.parametrize(
    ("shown", "settings"),
    [
        (Shown(None), Settings()),
        (Shown(Values(None, ("too-long", "longer than 4096 tokens"))), Settings()),
        (Shown(Values(None, ("too-long", "longer than 4096 tokens")), stale=True), Settings()),
        (KNOWN, Settings(enabled=False)),
        (KNOWN, Settings(inlay_hints=False)),
        (KNOWN, Settings(disabled_languages=("python",))),
        (KNOWN, Settings(metrics=())),
    ],
)
def test_nothing_is_said_where_nothing_is_known_or_it_is_switched_off(shown: Shown, settings: Settings) -> None:
    assert _hints(one(shown, settings=settings)) == []


def test_another_surface_switched_off_changes_nothing() -> None:
    assert _hints(one(KNOWN, settings=Settings(code_lens=False, hover=False, diagnostics=False, code_actions=False)))


def test_without_a_model_there_are_no_hints() -> None:
    view = one(KNOWN)
    assert _hints(view, snapshot_of(view, model=None)) == []


def test_the_hints_of_a_range_are_those_of_the_file_that_lie_in_it() -> None:
    view = view_of(read(MARKERS / "python" / "places.txt"))
    snapshot = snapshot_of(view)
    everything = _hints(view)
    places = [view.text.offset(hint.position.line, hint.position.character) for hint in everything]
    ends = sorted({0, len(view.text.data), *places, *(place + 1 for place in places), *(place - 1 for place in places)})
    for start, end in itertools.combinations_with_replacement(ends, 2):
        inside = [hint for hint, place in zip(everything, places, strict=True) if start <= place <= end]
        assert inlay_hint.hints(snapshot, view, start, end) == inside


def test_the_tooltip_holds_what_the_label_has_no_room_for() -> None:
    [hint] = _hints(one(Shown(KNOWN.values._replace(partial=True) if KNOWN.values else None, stale=True)))
    assert hint.data is None
    assert hint.tooltip == (
        "latency: 1.2 ms (p50), 0.40–3.1 ms (p10–p90)\n"
        "peak heap: 3.4 MB (p50), 1.0–9.0 MB (p10–p90)\n"
        "predicted by rlm-test-1 for a test device; not measured\n"
        "Cut: predicted from its beginning (the first 1,024 tokens); what follows was not read.\n"
        "Stale: predicted from the text before the last edits; a new prediction is on its way.\n"
        "Switch off: rlm-lsp.inlayHints"
    )


def test_the_tooltip_comes_by_resolve_where_the_client_asks_for_it() -> None:
    view = one(KNOWN)
    [at_once] = _hints(view)
    snapshot = snapshot_of(view, RESOLVES)
    [hint] = _hints(view, snapshot)
    assert hint.tooltip is None
    before = copy.deepcopy(hint)
    assert inlay_hint.resolve(snapshot, hint).tooltip == at_once.tooltip
    assert hint == before


def test_a_hint_is_resolved_after_its_way_to_the_client_and_back() -> None:
    view = one(KNOWN)
    snapshot = snapshot_of(view, RESOLVES)
    [hint] = _hints(view, snapshot)
    returned = strict_converter().structure(json.loads(encode(hint)), types.InlayHint)
    assert inlay_hint.resolve(snapshot, returned).tooltip == inlay_hint.resolve(snapshot, hint).tooltip
    assert inlay_hint.resolve(snapshot, returned).tooltip


def _edited(view: DocumentView) -> DocumentView:
    return replace(view, version=view.version + 1)


def _slower(view: DocumentView) -> DocumentView:
    return with_function(view, shown=Shown(values("4ms 12ms 31ms, 1MB 3.4MB 9MB")))


OUTDATED: dict[str, Callable[[DocumentView], DocumentView]] = {
    "another version": _edited,
    "another value": _slower,
    "now stale": lambda view: with_function(view, shown=replace(view.functions[0].shown, stale=True)),
    "no longer known": lambda view: with_function(view, shown=Shown(None)),
    "function gone": lambda view: replace(view, functions=()),
    "renamed": lambda view: with_function(view, key="g"),
    "switched off": lambda view: replace(view, settings=Settings(inlay_hints=False)),
    "another order": lambda view: replace(view, settings=Settings(metrics=("peak-heap", "latency"))),
    "closed": lambda view: replace(view, uri="file:///elsewhere.py"),
}


@pytest.mark.parametrize("change", OUTDATED.values(), ids=OUTDATED)
def test_a_hint_of_an_outdated_view_is_returned_unchanged(change: Callable[[DocumentView], DocumentView]) -> None:
    view = one(KNOWN)
    [hint] = _hints(view, snapshot_of(view, RESOLVES))
    assert inlay_hint.resolve(snapshot_of(change(view), RESOLVES), hint) == hint


@pytest.mark.parametrize("data", [None, 1, "x", [], {}, {"uri": 1}, {"uri": "u", "version": "1", "key": None, "index": [], "hash": 0}])
def test_a_hint_that_is_not_ours_is_returned_unchanged(data: object) -> None:
    hint = types.InlayHint(types.Position(0, 0), "x", data=data)
    assert inlay_hint.resolve(snapshot_of(one(KNOWN)), hint) == hint


def test_a_resolve_finds_its_function_wherever_it_has_moved_in_the_list() -> None:
    view = view_of(read(MARKERS / "python" / "ascii.txt"))
    snapshot = snapshot_of(view, RESOLVES)
    hint = _hints(view, snapshot)[-1]
    fewer = replace(view, functions=view.functions[3:])
    assert inlay_hint.resolve(snapshot_of(fewer, RESOLVES), hint).tooltip


@given(quantiles("latency"))
def test_each_quantile_can_be_printed(prediction: Prediction) -> None:
    assert all(text.isprintable() for text in format_quantiles(prediction))


def test_the_settings_that_are_named_exist() -> None:
    assert wording.setting("inlay_hints") == "rlm-lsp.inlayHints"
    assert wording.setting("hover") == "rlm-lsp.hover"
    assert MODEL.objectives[0].name == OBJECTIVES["latency"]
