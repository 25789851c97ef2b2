from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest

from rlm_lsp.lsp import scaling
from rlm_lsp.lsp.protocol import RequestError
from rlm_lsp.model.measure.describe import describe_arguments
from rlm_lsp.paths import default_model_folder
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from tests.lsp.commanding import FakeOracle, sized_model
from tests.lsp.marked import MODEL

ITEM = ModelInput("python", "function", "def f(xs, ys):\n return sorted(xs) + ys")
SIZES = (1, 10, 100, 1_000, 10_000)


def power(exponent: float, width: float = 1.0, kind: str = "list") -> FakeOracle:
    """An oracle whose costs grow like that power of the largest size in the args line; p10 and p90 lie a factor ``width`` away."""

    def answers(item: ModelInput) -> Values:
        assert item.args is not None
        n = max((int(float(size)) for size in re.findall(kind + r"\[(\d+(?:e\d+)?)", item.args)), default=1)
        seconds, size = 1e-6 * n**exponent, 100.0
        return Values([[seconds / width, seconds, seconds * width], [size / width, size, size * width]])

    return FakeOracle(answers)


@pytest.mark.asyncio
async def test_the_exponent_is_that_of_the_costs() -> None:
    found = await scaling.scale(power(1.7), sized_model(list=(0, 10**6)), ITEM, None, SIZES)
    latency, heap = found.exponents["latency@cpu"], found.exponents["peak_heap@cpu"]
    assert latency is not None
    assert heap is not None
    assert (latency.middle, latency.low, latency.high) == pytest.approx((1.7, 1.7, 1.7))
    assert heap.middle == pytest.approx(0.0)
    assert latency.points == len(SIZES)
    assert [point.args for point in found.points][:2] == ["xs=list[1], ys=list[1]", "xs=list[10], ys=list[10]"]


@pytest.mark.asyncio
async def test_wide_intervals_spread_the_exponent() -> None:
    found = await scaling.scale(power(1.0, width=10.0), sized_model(list=(0, 10**6)), ITEM, None, SIZES)
    latency = found.exponents["latency@cpu"]
    assert latency is not None
    # Five points at x = -2..2, each off by at most one decade: sqrt(sum x**2) / sum x**2.
    assert latency.high - latency.middle == pytest.approx(1 / math.sqrt(10))
    assert latency.low == pytest.approx(2 * latency.middle - latency.high)


@pytest.mark.asyncio
async def test_beyond_the_trained_range_nothing_is_asked() -> None:
    oracle = power(1.0)
    found = await scaling.scale(oracle, sized_model(list=(5, 1000)), ITEM, None, SIZES)
    assert [point.n for point in found.points if point.values.quantiles] == [10, 100, 1000]
    refused = [point.values.unknown for point in found.points if point.values.unknown]
    assert refused == [
        ("out-of-range", "xs=list[1]; the model was trained on sizes from 5 to 1000"),
        ("out-of-range", "xs=list[10000]; the model was trained on sizes from 5 to 1000"),
    ]
    ((asked, _),) = oracle.asked
    assert [item.args for item in asked] == [f"xs=list[{n}], ys=list[{n}]" for n in (10, 100, 1000)]
    assert {item.text for item in asked} == {ITEM.text}


@pytest.mark.asyncio
async def test_a_fixed_size_must_be_one_that_was_trained_too() -> None:
    oracle = power(1.0)
    found = await scaling.scale(oracle, sized_model(list=(0, 1000)), ITEM, {"xs": "list[n]", "ys": "list[5000]"}, SIZES)
    assert all(point.values.unknown for point in found.points)
    assert oracle.asked == []
    assert found.exponents == {"latency@cpu": None, "peak_heap@cpu": None}


@pytest.mark.parametrize(
    "config", [{}, {"arguments": None}, {"arguments": {}}, {"arguments": {"sizes": {"list": "all"}}}, {"arguments": 3}]
)
@pytest.mark.asyncio
async def test_a_model_that_does_not_say_its_sizes_predicts_for_none(config: dict[str, Any]) -> None:
    oracle = power(1.0)
    found = await scaling.scale(oracle, replace(MODEL, config={**MODEL.config, **config}), ITEM, None, SIZES)
    assert {point.values.unknown for point in found.points} == {
        ("out-of-range", "The model does not say for which sizes of list it was trained")
    }
    assert oracle.asked == []
    assert found.caveat is None


@pytest.mark.asyncio
async def test_two_points_make_no_exponent() -> None:
    found = await scaling.scale(power(1.0), sized_model(list=(0, 10**6)), ITEM, None, (10, 100))
    assert found.exponents["latency@cpu"] is None


@pytest.mark.asyncio
async def test_what_the_model_cannot_answer_is_left_out_of_the_fit() -> None:
    def answers(item: ModelInput) -> Values:
        return Values(None, ("worker-unavailable", "gone")) if item.args == "xs=list[10]" else power(2.0).answers(item)

    found = await scaling.scale(FakeOracle(answers), sized_model(list=(0, 10**6)), ITEM, {"xs": "list[n]"}, SIZES)
    latency = found.exponents["latency@cpu"]
    assert latency is not None
    assert latency.middle == pytest.approx(2.0)
    assert latency.points == 4


@pytest.mark.asyncio
async def test_a_cost_of_nothing_counts_as_the_least_that_is_printed() -> None:
    oracle = FakeOracle(lambda item: Values([[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    found = await scaling.scale(oracle, sized_model(list=(0, 10**6)), ITEM, None, SIZES)
    latency = found.exponents["latency@cpu"]
    assert latency is not None
    assert (latency.middle, latency.low, latency.high) == (0.0, 0.0, 0.0)


@pytest.mark.asyncio
async def test_the_report_holds_the_caveat_and_says_that_nothing_was_measured() -> None:
    model = sized_model(list=(0, 1000))
    found = await scaling.scale(power(1.0), model, ITEM, None, SIZES)
    report = found.as_dict(model.objectives)
    assert report["caveat"] == "weak on sizes"
    assert "not measured" in report["note"]
    assert report["arguments"] == {"xs": "list[n]", "ys": "list[n]"}
    assert report["points"][0]["predictions"]["latency@cpu"]["unit"] == "s"
    assert report["points"][-1]["unknown"].startswith("out-of-range: ")
    assert report["exponents"]["latency@cpu"]["exponent"] == pytest.approx(1.0)
    text = found.as_text(model)
    assert "latency@cpu grows like n^1.0" in text
    assert "weak on sizes" in text
    assert "unknown: " in text


@pytest.mark.parametrize(
    "chosen",
    [
        {"xs": "list[n]", "k": "int[n]"},
        {"xs": "list[n]", "k": "int"},
        {"xs": "str[n]", "k": "list[3]"},
        {"xs": "tuple[n]", "k": "float"},
        {"xs": "set[n]", "k": "bool"},
        {"xs": "dict[n]", "k": "None"},
    ],
)
@pytest.mark.parametrize("n", [0, 1, 9, 10, 999, 1000, 12_345])
def test_the_line_is_the_one_that_the_measuring_harness_writes(chosen: dict[str, str], n: int) -> None:
    made: dict[str, Any] = {
        "list[n]": [0] * n,
        "list[3]": [0] * 3,
        "str[n]": "x" * n,
        "tuple[n]": (0,) * n,
        "set[n]": set(range(n)),
        "dict[n]": dict.fromkeys(range(n), 0),
        "int[n]": n,
        "int": 1,
        "float": 1.0,
        "bool": True,
        "None": None,
    }
    shapes = scaling.shapes_of(replace(ITEM, text="def f(xs, k=None):\n pass"), chosen)
    assert scaling.args_line(shapes, n) == describe_arguments((name, made[shape]) for name, shape in chosen.items())


def test_long_lines_end_where_the_harness_ends_them() -> None:
    for names in ([f"argument_number_{i}" for i in range(12)], [f"a{i}" for i in range(12)], ["x" * 100, "y" * 100]):
        shapes = scaling.shapes_of(replace(ITEM, text=f"def f({', '.join(names)}):\n pass"), None)
        assert scaling.args_line(shapes, 7) == describe_arguments((name, [0] * 7) for name in names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f():\n pass", {}),
        ("def f(a, b: int = 3, *, c=1, d: 'str'):\n pass", {"a": "", "b": "int", "c": "", "d": "'str'"}),
        ("def f(self, xs, /, *rest: int, **more):\n pass", {"xs": ""}),
        ("def f(cls, *args):\n pass", {}),
        ("@dec(lambda wrong: 1)\nasync def f(\n   right: list[int],\n   ) -> int:\n def inner(other):\n  pass", {"right": "list[int]"}),
        ("f = lambda x, y=1: x", {"x": "", "y": ""}),
        ("(f := lambda x: x)", {"x": ""}),
        ("def f(a=(lambda b: b), c=g(d=1)):\n pass", {"a": "", "c": ""}),
        ("def f(é😀x):\n pass", None),
        ("def f(größe: int):\n pass", {"größe": "int"}),
        ("x = 1", {}),
        ("", {}),
    ],
)
def test_parameters(text: str, expected: dict[str, str] | None) -> None:
    found = scaling.parameters(text, "python")
    if expected is not None:
        assert found == expected


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("def f(xs, k):\n pass", "xs=list[n], k=list[n]"),
        ("def f(xs, k: int):\n pass", "xs=list[n], k=int"),
        ("def f(s: str, ok: bool, x: float):\n pass", "s=str[n], ok=bool, x=float"),
        ("def f(n: int, m: int):\n pass", "n=int[n], m=int[n]"),  # nothing else could grow
    ],
)
def test_annotations_choose_the_shapes(text: str, shapes: str) -> None:
    found = scaling.shapes_of(replace(ITEM, text=text), None)
    assert ", ".join(f"{name}={shape}" for name, shape in found.items()) == shapes


@pytest.mark.asyncio
async def test_integers_of_one_line_are_asked_once() -> None:
    item = replace(ITEM, text="def f(n: int):\n pass")
    found = await scaling.scale(power(1.0, kind="int"), sized_model(int=(0, 10**18)), item, None, (1, 2, 10, 11, 1_000))
    assert [point.args for point in found.points if point.n < 10] == ["n=int"]
    assert len({point.args for point in found.points}) == len(found.points)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"zs": "list[n]"}, "no parameter 'zs'; it has xs, ys"),
        ({"xs": "list"}, "'xs' must be one of"),
        ({"xs": "list[m]"}, "'xs' must be one of"),
        ({"xs": "list[n] # "}, "'xs' must be one of"),
        ({"xs": "ndarray[n]"}, "'xs' must be one of"),
        ({"xs": "list[9999999999999999999]"}, "larger than"),
        ({"xs": "list[10]"}, "nothing to scale"),
        ({"xs": "int", "ys": "None"}, "nothing to scale"),
    ],
)
def test_a_wrong_choice_is_refused_in_a_sentence(chosen: dict[str, str], said: str) -> None:
    with pytest.raises(RequestError, match=re.escape(said)) as caught:
        scaling.shapes_of(ITEM, chosen)
    assert caught.value.code == -32602
    assert "\n" not in caught.value.text


@pytest.mark.parametrize("text", ["def f():\n pass", "def f(x: float):\n pass", "def f(*args):\n pass", "not python ((("])
def test_a_function_without_sizes_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="nothing to scale"):
        scaling.shapes_of(replace(ITEM, text=text), None)


def test_hostile_parameters_are_read_in_time() -> None:
    scaling.parameters("def f(" + "a(b " * 25_000, "python")
    scaling.parameters("def f(" + ", ".join(f"a{i}=[" + "[" * 200 for i in range(200)), "python")
    assert len(scaling.parameters(f"def f({', '.join(f'a{i}' for i in range(1_000))}):\n pass", "python")) == scaling.MOST_PARAMETERS


@pytest.mark.asyncio
async def test_the_shipped_model(tmp_path: Any) -> None:
    """Whatever it says of sizes, within them it answers, and beyond them it does not."""
    model = identify(default_model_folder())
    with Engine(model, tmp_path, print, 1) as engine:
        oracle = FakeOracle(lambda item: engine.predict([item])[0])
        found = await scaling.scale(oracle, model, ITEM, {"xs": "list[n]"}, SIZES)
        low, high = scaling.trained_sizes(model).get("list", (1.0, 0.0))
        for point in found.points:
            assert (point.values.quantiles is not None) == (low <= point.n <= high)
        as_if = replace(model, config={**model.config, "arguments": {"sizes": {"list": [1, 100]}}})
        found = await scaling.scale(oracle, as_if, ITEM, {"xs": "list[n]"}, SIZES)
        assert [point.values.quantiles is not None for point in found.points] == [True, True, True, False, False]
        assert found.exponents["latency@cpu"] is not None
