from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.compare import Named, decide, match, named
from rlm_lsp.config import Settings
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Objective, Values, unavailable

OBJECTIVES = (Objective("latency@cpu", "s"), Objective("peak_heap@cpu", "B"))
BAND = {"latency@cpu": 2.0, "peak_heap@cpu": 2.0}

SORT = """
def insertion_sort(items):
    for i in range(1, len(items)):
        item, j = items[i], i
        while j and items[j - 1] > item:
            items[j] = items[j - 1]
            j -= 1
        items[j] = item
    return items
"""
TOTAL = """
def total(xs):
    s = 0
    for x in xs:
        s += x
    return s
"""
WALK = """
class Tree:
    def walk(self, visit):
        stack = [self.root]
        while stack:
            node = stack.pop()
            visit(node)
            stack.extend(node.children)

    def size(self):
        return sum(1 for _ in self.nodes())
"""


def cut(**files: str) -> list[Named]:
    return [item for path, text in files.items() for item in named(f"{path}.py", chunk_source(text.encode(), "python").chunks)]


def matched(old: list[Named], new: list[Named]) -> dict[str, tuple[str, str]]:
    """By the new name (the old one where it was removed): what it was, and how that was found."""

    def label(side: list[Named], index: int | None) -> str:
        return "-" if index is None else f"{side[index].path}:{side[index].name}"

    pairs = match(old, new)
    found = {label(new if pair.new is not None else old, pair.new if pair.new is not None else pair.old): pair for pair in pairs}
    assert len(found) == len(pairs)
    assert sorted(pair.new for pair in pairs if pair.new is not None) == list(range(len(new)))
    assert sorted(pair.old for pair in pairs if pair.old is not None) == list(range(len(old)))
    return {name: (label(old, pair.old), pair.how) for name, pair in found.items() if "<module>" not in name}


def test_edits() -> None:
    old, new = cut(a=TOTAL + SORT), cut(a=SORT + "import os\n" + TOTAL.replace("s += x", "s = s + x * x"))
    assert matched(old, new) == {"a.py:total": ("a.py:total", "name"), "a.py:insertion_sort": ("a.py:insertion_sort", "name")}


def test_renames() -> None:
    recursive = "def walk(node):\n    for child in node:\n        walk(child)\n    return len(node)\n"
    old = cut(a=TOTAL + SORT + recursive)
    new = cut(
        a=(TOTAL + SORT + recursive)
        .replace("total", "summed")
        .replace("walk", "visit")
        .replace("insertion_sort", "arrange")
        .replace("j -= 1", "j = j - 1")
    )
    assert matched(old, new) == {
        "a.py:summed": ("a.py:total", "text"),
        "a.py:visit": ("a.py:walk", "text"),
        "a.py:arrange": ("a.py:insertion_sort", "similar"),
    }


def test_moves() -> None:
    old = cut(a=TOTAL + WALK, b=SORT)
    new = cut(a=WALK.replace("Tree", "Forest"), b=SORT, c=TOTAL.replace("return s", "return s or None"))
    assert matched(old, new) == {
        "a.py:Forest.walk": ("a.py:Tree.walk", "text"),
        "a.py:Forest.size": ("a.py:Tree.size", "text"),
        "b.py:insertion_sort": ("b.py:insertion_sort", "name"),
        "c.py:total": ("a.py:total", "similar"),
    }


def test_what_is_new_and_what_is_gone() -> None:
    old, new = cut(a=TOTAL), cut(a=SORT)
    assert matched(old, new) == {"a.py:insertion_sort": ("-", "none"), "a.py:total": ("a.py:total", "none")}
    assert [match([], new)[0], match(old, [])[0]] == [(None, 0, "none"), (0, None, "none")]
    assert match([], []) == []


def test_functions_of_one_name() -> None:
    text = "@property\ndef x(self):\n    return self._x\n\n@x.setter\ndef x(self, value):\n    self._x = value\n"
    getter, setter = text.split("\n\n")
    old = cut(a=text)
    names = [item.text.splitlines()[0] for item in old if item.kind == "function"]
    assert names == ["@property", "@x.setter"]
    new = cut(a=setter)
    pair = next(pair for pair in match(old, new) if pair.new is not None and new[pair.new].kind == "function")
    assert pair.old is not None
    assert old[pair.old].text.startswith("@x.setter")
    assert {how for _, _, how in match(old, cut(a=getter + "\n\n" + setter))} == {"name"}


def test_a_function_and_a_module_body_are_not_one() -> None:
    old = [Named("a.py", "f", "function", "return 1 + 2 + 3 + 4")]
    new = [Named("b.py", "f", "program", "return 1 + 2 + 3 + 4")]
    assert {pair.how for pair in match(old, new)} == {"none"}


def test_the_order_of_files_changes_nothing() -> None:
    old = cut(a=TOTAL, b=SORT, c=WALK)
    new = cut(d=TOTAL.replace("s += x", "s += 2 * x"), e=SORT.replace("j -= 1", "j -= 2"), f=WALK.replace("pop", "popleft"))
    expected = matched(old, new)
    assert {was for was, _ in expected.values()} >= {"a.py:total", "b.py:insertion_sort", "c.py:Tree.walk"}
    for seed in range(5):
        random.Random(seed).shuffle(old)
        random.Random(seed + 5).shuffle(new)
        assert matched(old, new) == expected


@pytest.mark.parametrize("alike", [False, True])
def test_a_whole_renamed_tree_is_matched_in_linear_work(alike: bool) -> None:
    """3,000 functions moved and edited; looking at all pairs would be 9 million comparisons, a quarter of an hour."""
    body = "    total = 0\n    for item in items:\n        total += item.price * item.count\n    return total"
    tell = [0 if alike else index for index in range(3_000)]
    old = [
        Named("a.py", f"f{i}", "function", f"def f{i}(items):\n    k{tell[i]} = {tell[i]}\n{body} + k{tell[i]} * {tell[i]}")
        for i in range(3_000)
    ]
    new = [Named("b.py", f"g{i}", "function", re.sub(r"\bf(\d)", r"g\1", item.text) + " + 1") for i, item in enumerate(old)]
    pairs = match(old, new)
    if not alike:
        assert [pair.old for pair in pairs] == list(range(3_000))
    assert len({pair.old for pair in pairs} - {None}) == sum(pair.old is not None for pair in pairs)


def values(latency: float, heap: float = 1.0) -> Values:
    return Values([[latency / 2, latency, latency * 2], [heap / 2, heap, heap * 2]])


@pytest.mark.parametrize(
    ("old", "new", "band", "standing"),
    [
        (1.0, 1.0, BAND, "same"),
        (1.0, 1.4, BAND, "small"),  # not beyond the ratio
        (1e-6, 1e-4, BAND, "small"),  # a hundredfold, and not a millisecond
        (0.0, 5e-4, BAND, "small"),
        (1.0, 1.9, BAND, "within-band"),
        (1.9, 1.0, BAND, "within-band"),
        (1.0, 2.1, BAND, "dearer"),
        (2.1, 1.0, BAND, "cheaper"),
        (0.0, 1.0, BAND, "dearer"),
        (1.0, 100.0, None, "no-band"),
        (100.0, 1.0, {}, "no-band"),
        (1.0, 1.0, None, "same"),
        (1.0, 1.2, None, "small"),
    ],
)
def test_a_change_is_beyond_ratio_and_minimum_and_band(old: float, new: float, band: dict[str, float] | None, standing: str) -> None:
    latency, heap = decide(values(old), values(new), OBJECTIVES, Settings(), band)
    assert (latency.metric, latency.standing, latency.old, latency.new) == ("latency", standing, old, new)
    assert (heap.standing, heap.ratio) == ("same", 1.0)


def test_settings_decide_too() -> None:
    strict = Settings(max_ratio=1.01, min_latency_change=0.0, min_heap_change=10.0)
    latency, heap = decide(values(1e-6, 1e6), values(2.2e-6, 2.2e6), OBJECTIVES, strict, {"latency@cpu": 1.5, "peak_heap@cpu": 3.0})
    assert (latency.standing, heap.standing) == ("dearer", "within-band")


def test_equal_text_is_exactly_no_change() -> None:
    changes = decide(values(1.0, 5e6), values(50.0, 5e9), OBJECTIVES, Settings(), BAND, same_text=True)
    assert [(change.standing, change.ratio) for change in changes] == [("same", 1.0)] * 2


def test_nothing_is_said_about_what_is_not_known() -> None:
    for old, new in ((None, values(1)), (values(1), None), (unavailable("x"), values(1)), (values(1), unavailable("x"))):
        assert decide(old, new, OBJECTIVES, Settings(), BAND) == []


def test_the_models_band(tiny_model: Path, tmp_path: Path) -> None:
    model = ModelIdentity(tmp_path, "m", "d", OBJECTIVES, b"", {"pair_band": {"latency@cpu": 2}}, {})
    assert model.pair_band == {"latency@cpu": 2.0}
    assert ModelIdentity(tmp_path, "m", "d", OBJECTIVES, b"", {}, {}).pair_band is None
