from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from rlm_lsp.config import BudgetRule, Settings
from rlm_lsp.lsp import hover, wording
from rlm_lsp.lsp.snapshot import Base, Client, DocumentView, Shown
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput, Prediction
from tests.lsp.marked import MARKERS, MODEL, Marked, one, read, snapshot_of, values, view_of, with_function

KNOWN = Shown(values("0.4ms 1.2ms 3.1ms, 1MB 3.4MB 9MB"))
MARKDOWN = Client(markdown=True)


def _hover(view: DocumentView, client: Client | None = None, model: ModelIdentity | None = MODEL) -> str:
    found = hover.hover(snapshot_of(view, client, model), view, view.functions[0].place.name_start)
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.kind == (types.MarkupKind.Markdown if client and client.markdown else types.MarkupKind.PlainText)
    return found.contents.value


def test_all_that_is_known_in_plain_text() -> None:
    assert _hover(one(KNOWN)).split("\n") == [
        "f",
        "              p10     p50     p90  log scale",
        "latency    400 µs  1.2 ms  3.1 ms  ├────█───┤",
        "peak heap  1.0 MB  3.4 MB  9.0 MB  ├────█────┤",
        "The whole function was read.",
        "predicted by rlm-test-1 for a test device; not measured",
        "Switch off: rlm-lsp.hover",
    ]


def test_all_that_is_known_in_markdown() -> None:
    assert _hover(one(KNOWN), MARKDOWN).split("\n\n") == [
        "**`f`**",
        "|           |    p10 |    p50 |    p90 | log scale   |\n"
        "| --------- | -----: | -----: | -----: | :---------- |\n"
        "| latency   | 400 µs | 1.2 ms | 3.1 ms | `├────█───┤`  |\n"
        "| peak heap | 1.0 MB | 3.4 MB | 9.0 MB | `├────█────┤` |",
        "The whole function was read.",
        "predicted by rlm-test-1 for a test device; not measured",
        "Switch off: rlm-lsp.hover",
    ]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (Shown(None), "predicting…"),
        (replace(KNOWN, stale=True), "Stale: predicted from the text before the last edits; a new prediction is on its way."),
        (
            Shown(values("0.4ms 1.2ms 3.1ms, 1MB 3.4MB 9MB")._replace(partial=True)),
            "Cut: predicted from its beginning (the first 1,024 tokens); what follows was not read.",
        ),
        (
            Shown(Values(None, ("too-long", "longer than 4096 tokens"))),
            "No prediction: too long for the model (longer than 4096 tokens). "
            "Split it into smaller functions, and each of them gets a prediction.",
        ),
        (
            Shown(Values(None, ("worker-unavailable", "it crashed\ntwice"))),
            "No prediction: the model does not answer (it crashed\\ntwice). "
            "Run the command rlm-lsp.restartWorker; rlm-lsp.showLog says what happened.",
        ),
    ],
)
def test_what_is_not_plainly_known_is_explained(shown: Shown, said: str) -> None:
    lines = _hover(one(shown)).split("\n")
    assert said in lines
    assert "predicted by rlm-test-1 for a test device; not measured" in lines


def test_what_was_added_or_read_is_named() -> None:
    source = (
        "def f(x):\n    return g(x) + A().m(x)\n\n\ndef g(x):\n    return x\n\n\nclass A:\n    def __init__(self):\n        self.x = 1\n"
    )
    view = view_of(Marked(source, (), {"f": KNOWN}, {}, Settings()))
    g, init = (function.input.text for function in view.functions[1:])
    view = with_function(view, input=replace(view.functions[0].input, callees=(g, init)))
    adding = replace(MODEL, config={**MODEL.config, "adds_callees": True})
    assert "What it calls in this file was added: g, A.__init__." in _hover(view, model=adding).split("\n")
    reading = replace(MODEL, config={**MODEL.config, "prompt": {"callee_tokens": 256}})
    assert "What it calls in this file was read, too: g, A.__init__." in _hover(view, model=reading).split("\n")
    assert "was added" not in _hover(view), "by a model that reads a function alone"
    assert "was added" not in _hover(one(KNOWN), model=adding)


def test_without_a_model_the_reason_is_said() -> None:
    assert _hover(one(Shown(None)), model=None).split("\n")[1:] == [
        "No prediction.",
        "No model: no folder there.",
        "Switch off: rlm-lsp.hover",
    ]


def test_what_the_model_was_never_trained_for_says_so() -> None:
    view = with_function(
        one(Shown(Values(None, ("untrained-language", "the model was not trained on ruby")))), input=ModelInput("ruby", "function", "")
    )
    assert "No prediction: language not trained (the model was not trained on ruby). " in _hover(view)


def test_metrics_that_no_model_predicts() -> None:
    said = _hover(one(KNOWN, settings=Settings(metrics=())))
    assert "None of the metrics in the setting rlm-lsp.metrics is predicted by this model." in said


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (Base(None, added=True), ["New function: HEAD does not have it."]),
        (Base(None, same_text=True), ["Against HEAD: the same text, so the same prediction."]),
        (Base(None), ["Against HEAD: predicting…"]),
        (Base(Values(None, ("too-long", "x"))), ["Against HEAD: its version has no prediction (too long for the model)."]),
        (
            Base(values("4ms 12ms 31ms, 1MB 3.4MB 9MB")),
            [
                "Against HEAD: latency +10x (12 ms → 120 ms), beyond 1.5x and 1 ms and the model's error for pairs (2.0x).",
                "Against HEAD: peak heap unchanged (3.4 MB).",
            ],
        ),
        (
            Base(values("20ms 70ms 90ms, 1MB 3.3MB 9MB")),
            [
                "Against HEAD: latency +1.7x (70 ms → 120 ms), within the model's error for pairs (2.0x), so it may be no change.",
                "Against HEAD: peak heap +1.0x (3.3 MB → 3.4 MB), not beyond 1.5x and 1 MiB.",
            ],
        ),
    ],
)
def test_the_change_against_head(base: Base, said: list[str]) -> None:
    lines = _hover(one(Shown(values("40ms 120ms 310ms, 1MB 3.4MB 9MB")), base=base)).split("\n")
    assert [line for line in lines if "HEAD" in line] == said


def test_a_model_whose_error_for_pairs_is_not_known_claims_no_change() -> None:
    model = replace(MODEL, config={**MODEL.config, "pair_band": None})
    view = one(Shown(values("40ms 120ms 310ms, 1MB 3.4MB 9MB")), base=Base(values("4ms 12ms 31ms, 1MB 3.4MB 9MB")))
    said = "latency +10x (12 ms → 120 ms), beyond 1.5x and 1 ms; this model's error for pairs is not known, so it may be no change."
    assert said in _hover(view, model=model)


@pytest.mark.parametrize(
    ("shown", "limit", "said"),
    [
        (KNOWN, 5e-3, "Budget: latency 5 ms, kept."),
        (KNOWN, 1e-3, "Budget: latency 1 ms, broken, p50 is above it."),
        (KNOWN, 1e-4, "Budget: latency 100 µs, broken, p10 is above it."),
        (Shown(None), 1e-4, "Budget: latency 100 µs."),
    ],
)
def test_budgets_in_force(shown: Shown, limit: float, said: str) -> None:
    lines = _hover(one(shown, settings=Settings(budgets=(BudgetRule("latency", limit),)))).split("\n")
    assert [line for line in lines if line.startswith("Budget")] == [said]


def test_budgets_in_the_code_and_comments_that_ignore() -> None:
    view = view_of(read(MARKERS / "python" / "budgets.txt"))
    snapshot = snapshot_of(view)
    said = {}
    for function in view.functions:
        found = hover.hover(snapshot, view, function.place.name_start)
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        said[function.key] = [line.removeprefix("Budget: ") for line in found.contents.value.split("\n") if line.startswith("Budget")]
    assert said["kept"] == ["latency 50 ms, kept.", "peak heap 64 MiB, kept."]
    assert said["own_room"] == ["latency 1 s, kept.", "peak heap 64 MiB, kept."]
    assert said["ignored"] == [
        "latency 50 ms, broken, p10 is above it (ignored by a comment).",
        "peak heap 64 MiB, broken, p50 is above it (ignored by a comment).",
    ]


def test_it_answers_on_the_name_and_nowhere_else() -> None:
    view = view_of(read(MARKERS / "python" / "places.txt"))
    snapshot = snapshot_of(view)
    names = [range(function.place.name_start, function.place.name_end + 1) for function in view.functions]
    for offset in range(len(view.text.data) + 1):
        found = hover.hover(snapshot, view, offset)
        assert (found is not None) == any(offset in name for name in names)
        if found is not None:
            assert found.range is not None
            start, end = (view.text.offset(at.line, at.character) for at in (found.range.start, found.range.end))
            assert start <= offset <= end


@pytest.mark.parametrize("settings", [Settings(enabled=False), Settings(hover=False), Settings(disabled_languages=("python",))])
def test_each_switch_silences_it(settings: Settings) -> None:
    view = one(KNOWN, settings=settings)
    assert hover.hover(snapshot_of(view), view, view.functions[0].place.name_start) is None


@pytest.mark.parametrize("name", ["operator|", "`a b`", "``", "<img src=x onerror=y>", "a\nb", "*x*", "\x1b[1m"])
def test_a_name_is_text_whatever_it_holds(name: str) -> None:
    view = with_function(one(KNOWN), qualified_name=name)
    first = _hover(view, MARKDOWN).split("\n\n")[0]
    assert first.startswith("**`")
    assert first.endswith("`**")
    inside = first.removeprefix("**").removesuffix("**")
    fence = inside[: len(inside) - len(inside.lstrip("`"))]
    content = inside.removeprefix(fence).removesuffix(fence)
    assert fence not in content.strip("` ")
    assert first.isprintable()


def test_what_the_model_says_of_itself_is_no_markup() -> None:
    model = replace(MODEL, id="<b>[x](command:y)", device="a | b\n# c")
    said = _hover(one(KNOWN), MARKDOWN, model)
    assert r"predicted by \<b\>\[x\](command:y) for a | b\\n# c; not measured" in said


def _bar(p10: float, p50: float, p90: float) -> str:
    return wording.bar(Prediction("latency@cpu", p10, p50, p90, "s", "m", "d"))


def test_bars_grow_with_what_is_not_known() -> None:
    assert _bar(1, 1, 1) == "█"
    assert _bar(0, 0, 0) == "█"
    assert _bar(1, 10**0.5, 10) == "├────█────┤"
    assert _bar(1, 10, 100) == "├────────█────────┤"
    assert len(_bar(1e-9, 1, 1e30)) == wording.BAR_CELLS + 3


@given(st.lists(st.floats(0, 1e30), min_size=3, max_size=3))
def test_a_bar_shows_the_middle_in_its_place(quantiles: list[float]) -> None:
    p10, p50, p90 = sorted(quantiles)
    bar = _bar(p10, p50, p90)
    assert bar.count("█") == 1
    assert len(bar) <= wording.BAR_CELLS + 3
    if len(bar) > 1:
        low, middle, high = (math.log10(max(value, 1e-9)) for value in (p10, p50, p90))
        place = (bar.index("█") - 1) / (len(bar) - 3)
        assert abs(place - (middle - low) / (high - low)) <= 0.5 / (len(bar) - 3) + 1e-6
