from __future__ import annotations

import ast
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.lsp import explain
from rlm_lsp.lsp.explain import MOST_REGIONS
from rlm_lsp.lsp.position import Encoding, TextIndex
from rlm_lsp.lsp.scaling import parameters
from rlm_lsp.lsp.snapshot import DocumentView
from rlm_lsp.paths import default_model_folder
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from tests.lsp.commanding import FakeOracle, document, function_of
from tests.lsp.marked import MODEL

SOURCE = '''\
class Shop:
    """A docstring."""

    @cached  # a comment
    def total(self, orders):
        """return 0

        total = 0
        """
        total = 0
        # a comment that stands alone

        for order in orders:  # and one that does not
            if order.paid:
                "only documentation"
            text = """
  keeps its
    indentation"""
            try:
                total += order.price
            except ValueError:
                pass
        return total
'''


def counting(item: ModelInput) -> Values:
    """A second for each line, a thousand bytes for each character."""
    lines, characters = item.text.count("\n") + 1.0, 1000.0 * len(item.text)
    return Values([[lines / 2, lines, lines * 2], [characters / 2, characters, characters * 2]])


async def explained(view: DocumentView, key: str, oracle: FakeOracle) -> explain.Explanation:
    return await explain.explain(oracle, MODEL, view, function_of(view, key))


@pytest.mark.asyncio
async def test_each_statement_is_left_out_once_and_the_rest_stays_whole() -> None:
    view = document(SOURCE)
    text = function_of(view, "Shop.total").input.text
    found = await explain.regions(text, "python")
    rows = text.split("\n")
    starts = [rows[region.first] for region in found]
    assert starts == [
        " total = 0",
        " for order in orders:",
        "  if order.paid:",
        "   pass",  # replaced by itself
        '  text = """',
        "  try:",
        "   total += order.price",
        "   pass",
        " return total",
    ]  # not "except" alone: a try without it is no Python
    for region in found:
        ast.parse(region.without)
        left = region.without.split("\n")
        behind = len(rows) - region.last - 1
        assert left[: region.first] == rows[: region.first]
        assert left[len(left) - behind :] == rows[region.last + 1 :]
        assert [row.strip() for row in left[region.first : len(left) - behind]] in ([], ["pass"])
    (string,) = [region for region in found if "text" in rows[region.first]]
    assert "indentation" not in string.without
    (price,) = [region for region in found if "price" in rows[region.first]]
    assert "  try:\n   pass\n  except" in price.without


@pytest.mark.asyncio
async def test_a_call_that_is_left_out_takes_its_callee_along() -> None:
    view = document("def f(x):\n    y = g(x)\n    return h(y)\n\n\ndef g(x):\n    return x\n\n\ndef h(x):\n    return x\n")
    f, g, h = (function_of(view, name).input.text for name in "fgh")
    calling = [replace(one, input=replace(one.input, callees=(g, h))) if one.key == "f" else one for one in view.functions]
    oracle = FakeOracle(counting)
    await explained(replace(view, functions=tuple(calling)), "f", oracle)
    asked = {item.text: item.callees for items, _ in oracle.asked for item in items}
    assert asked == {f: (g, h), "def f(x):\n return h(y)": (h,), "def f(x):\n y = g(x)": (g,)}


@pytest.mark.asyncio
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", ["", "s = '😀'\n\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_regions_are_lines_of_the_document(newline: str, before: str, encoding: Encoding) -> None:
    text = (before + SOURCE).replace("\n", newline)
    view = document(text, encoding=encoding)
    found = await explained(view, "Shop.total", FakeOracle(counting))
    lines = (before + SOURCE).split("\n")
    said = {(lines[share.lines[0]].strip(), lines[share.lines[1]].strip()) for share in found.shares if share.lines}
    assert said == {
        ("total = 0", "total = 0"),
        ("for order in orders:  # and one that does not", "pass"),
        ("if order.paid:", '"only documentation"'),
        ('"only documentation"', '"only documentation"'),
        ('text = """', 'indentation"""'),
        ("try:", "pass"),
        ("total += order.price", "total += order.price"),
        ("pass", "pass"),
        ("return total", "return total"),
    }
    body = lines.index("        total = 0", lines.index('        """'))
    assert min(share.lines for share in found.shares if share.lines) == (body, body)  # not the same words in the docstring


@pytest.mark.asyncio
async def test_changes_are_those_of_the_medians_largest_first() -> None:
    view = document("def f(x):\n    a = 1\n    if x:\n        b = 2\n        c = 3\n    return a\n")
    oracle = FakeOracle(counting)
    found = await explained(view, "f", oracle)
    assert found.values == counting(function_of(view, "f").input)
    whole, batch = oracle.asked
    assert [item.text for item in whole[0]] == [function_of(view, "f").input.text]
    assert len(batch[0]) == len(found.shares) == 5  # one call for all
    first = found.shares[0]
    assert first.lines == (2, 4)
    assert first.change is not None
    assert first.change["latency@cpu"] == pytest.approx(math.log10(3 / 6))
    sizes = [max(map(abs, (share.change or {}).values())) for share in found.shares]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.asyncio
async def test_without_a_prediction_nothing_is_left_out() -> None:
    oracle = FakeOracle(lambda item: Values(None, ("too-long", "longer than 4096 tokens")))
    found = await explained(document("def f(x):\n    return x\n"), "f", oracle)
    assert (found.shares, len(oracle.asked)) == ((), 1)
    assert "longer than 4096 tokens" in found.as_text(10)


@pytest.mark.asyncio
async def test_what_cannot_be_predicted_without_a_region_is_said_so() -> None:
    view = document("def f(x):\n    y = 1\n    return x\n")

    def answers(item: ModelInput) -> Values:
        return counting(item) if "y" in item.text else Values(None, ("worker-unavailable", "gone"))

    found = await explained(view, "f", FakeOracle(answers))
    report = found.as_dict(view, MODEL.objectives)
    assert "log10" in report["regions"][0]
    assert report["regions"][-1] == {
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 9}},
        "unknown": "worker-unavailable: gone",
    }
    assert "no prediction without them" in found.as_text(10)


@pytest.mark.asyncio
async def test_the_report_says_what_it_is_and_quotes_nothing() -> None:
    view = document("def f(x):\n    s = '😀secret'  # 😀\n    return x\n", encoding="utf-16")
    found = await explained(view, "f", FakeOracle(counting))
    report = found.as_dict(view, MODEL.objectives)
    assert report["note"] == "what the prediction changes by when these lines are left out; not a measurement and not a cause"
    assert report["predictions"]["latency@cpu"]["p50"] == 3.0
    assert report["regions"][0]["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 24}}
    assert "secret" not in found.as_text(10) + repr(report)
    assert explain.NOTE in found.as_text(10)
    assert "lines 2–2: latency@cpu becomes 0.67 times as much" in found.as_text(10)


@pytest.mark.asyncio
async def test_of_an_earlier_text_no_lines_are_named() -> None:
    view = document("def f(x):\n    return x\n")
    edited = DocumentView(view.uri, 4, "python", view.path, TextIndex(b"def f(x):\n    return y\n"), view.settings, view.functions)
    found = await explained(edited, "f", FakeOracle(counting))
    assert [share.lines for share in found.shares] == [None]
    assert "lines of an earlier text" in found.as_text(10)


@pytest.mark.asyncio
@pytest.mark.parametrize("top", [10, 39, 40, 41, 100, 500])
async def test_regions_are_few_however_long_the_function(top: int) -> None:
    body = "".join(f"    if x:\n        x += {i}\n" for i in range(top))
    view = document(f"def f(x):\n{body}")
    text = function_of(view, "f").input.text
    found = await explain.regions(text, "python")
    assert len(found) <= MOST_REGIONS
    rows = [row for region in found for row in range(region.first, region.last + 1)]
    assert set(rows) == set(range(1, 2 * top + 1))  # every line is left out somewhere
    if top > MOST_REGIONS / 2:
        assert len(rows) == len(set(rows))  # and the body's statements alone, once each


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("f = lambda x: x", 0),
        ("def f(): return 1", 0),
        ("def f():\n a = 1; b = 2\n return a", 2),  # one line, two statements: left out together
        ("def f():\n return 1", 1),
        ("def f():\n def g():\n  return 1\n return g", 3),
        ("def f(x):\n match x:\n  case 1:\n   pass\n  case _:\n   return 2\n return 3", 6),
        ("def f(x):\n if x:\n  pass\n elif y:\n  pass\n else:\n  pass", 7),
        ("def f(:\n (", 0),
        ("", 0),
    ],
)
async def test_odd_texts(text: str, count: int) -> None:
    found = await explain.regions(text, "python")
    assert len(found) <= count
    for region in found:
        ast.parse(region.without)


OTHER_LANGUAGES = {
    "c": "int f(int *xs, int n) {\n int t = 0;\n for (int i = 0; i < n; i++) {\n  t += xs[i];\n }\n return t;\n}",
    "go": "func F(xs []int, n int) int {\n t := 0\n for _, x := range xs {\n  t += x\n }\n return t\n}",
    "java": "int f(int[] xs, int n) {\n int t = 0;\n for (int x : xs) {\n  t += x;\n }\n return t;\n}",
    "rust": "fn f(xs: &[i32], n: usize) -> i32 {\n let mut t = 0;\n for x in xs {\n  t += x;\n }\n t\n}",
}


@pytest.mark.asyncio
@pytest.mark.parametrize("language", OTHER_LANGUAGES)
async def test_braces_hold_statements_as_indentation_does(language: str) -> None:
    found = await explain.regions(OTHER_LANGUAGES[language], language)
    assert [(region.first, region.last) for region in found] == [(1, 1), (2, 4), (3, 3), (5, 5)]
    assert list(parameters(OTHER_LANGUAGES[language], language)) == ["xs", "n"]


@pytest.mark.asyncio
async def test_hostile_texts_are_given_up_in_time() -> None:
    assert await explain.regions("def f():\n " + "a(b " * 15_000, "python") == []
    nested = "def f():\n" + "".join(" " * i + "if x:\n" for i in range(1, 300)) + " " * 300 + "pass"
    assert [(region.first, region.last) for region in await explain.regions(nested, "python")] == [(1, 300)]


@pytest.mark.asyncio
async def test_regions_of_real_code_stay_whole() -> None:
    """Our own sources: what is left parses, in the words of another parser, and every line is found in the document."""
    for path in sorted((Path(__file__).parents[2] / "rlm_lsp" / "check").glob("*.py"))[:4]:
        view = document(path.read_bytes())
        for function in view.functions:
            if function.kind == "program":
                continue
            lines = explain.source_lines(view, function)
            source = view.text.data.decode().split("\n")
            rows = function.input.text.split("\n")
            assert len(lines) == len(rows)
            for row, line in zip(rows, lines, strict=True):
                assert line is not None
                assert row.strip() == "pass" or source[line].strip().startswith(row.strip())
            for region in await explain.regions(function.input.text, "python"):
                ast.parse(region.without)


@pytest.mark.asyncio
async def test_the_shipped_model(tmp_path: Path) -> None:
    view = document(
        "def f(xs):\n    out = []\n    for x in xs:\n        for y in xs:\n            out.append(x * y)\n    return sorted(out)\n"
    )
    model = identify(default_model_folder())
    function = function_of(view, "f")
    with Engine(model, tmp_path, print, 1) as engine:
        found = await explain.explain(FakeOracle(lambda item: engine.predict([item])[0]), model, view, function)
        report: dict[str, Any] = found.as_dict(view, model.objectives)
        text = function.input.text.replace("  for y in xs:\n   out.append(x * y)", "  pass")
        (without,) = engine.predict([ModelInput("python", "function", text)])
    assert len(report["regions"]) == 5
    assert found.values.quantiles is not None
    assert without.quantiles is not None
    (inner,) = [region for region in report["regions"] if region["range"]["start"]["line"] == 3 and region["range"]["end"]["line"] == 4]
    expected = math.log10(without.quantiles[0][1] / found.values.quantiles[0][1])
    assert inner["log10"]["latency@cpu"] == pytest.approx(expected)


def test_the_text_is_the_chunkers() -> None:
    """``source_lines`` holds what it cuts against this text, so a function that it finds nowhere would be its own fault."""
    for text in (
        SOURCE,
        "if 1:\n  @a\n  # c\n  @b\n  def f(x):\n    return x\n",
        "\tdef f(x):\n\t\treturn x\n",
        "x = (f := lambda: 0)()\n",
    ):
        view = document(text)
        for function in view.functions:
            if function.kind != "program":
                assert None not in explain.source_lines(view, function)
                assert chunk_source(text.encode(), "python").chunks
