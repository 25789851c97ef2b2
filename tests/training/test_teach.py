"""Invented argument sizes and what the teacher says of them."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from rlm_lsp.model.baselines import Floats
from rlm_lsp.model.data.corpus import text_hash
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.data.teach import Descriptors, at_invented_sizes, descriptors_of, invented_args, taught
from rlm_lsp.model.probes import largest_size
from rlm_lsp.model.prompt import SIZE

LOOP = "def total(xs, key=None):\n for x in xs:\n  key(x)"


def row(text: str, args: str | None, seconds: float, split: str = "train") -> Example:
    return Example(text_hash(f"{text}\0{args}"), "kernels", "g", split, text, {LATENCY: seconds, HEAP: 10 * seconds * 1e6}, args)


def test_descriptors_are_read_by_name_once_a_function() -> None:
    rows = [
        row("def f(a, b): pass", "a=list[3,list[2,int]], b=str[4]", 1e-6),
        row("def f(a, b): pass", "a=list[9], b=None", 1e-6),
        row("def g(a): pass", "a=ndarray[3x4,f8]", 1e-6),
    ]
    known = descriptors_of(rows)
    assert known.by_name == {"a": ["list[3,list[2,int]]", "ndarray[3x4,f8]"], "b": ["str[4]"]}
    assert known.everywhere == ["list[3,list[2,int]]", "ndarray[3x4,f8]", "str[4]"]


def test_invented_args_name_the_parameters_and_span_sizes() -> None:
    known = Descriptors({"xs": ["list[4]"], "key": ["function"]}, ["int"])
    lines = [invented_args(LOOP, known, Random(seed)) for seed in range(200)]
    assert all(line is not None and line.startswith("xs=list[") and line.endswith("], key=function") for line in lines)
    sizes = [largest_size(line or "") for line in lines]
    assert min(sizes) <= 4
    assert max(sizes) > 30_000
    assert len(set(sizes)) > 100
    assert invented_args("def f(self): pass", known, Random(1)) is None
    assert invented_args("def f(", known, Random(1)) is None


def test_arrays_of_several_dimensions_stay_small_enough_to_exist() -> None:
    known = Descriptors({"m": ["ndarray[3x4x5,f8]"]}, ["int"])
    for seed in range(100):
        line = invented_args("def f(m): pass", known, Random(seed)) or ""
        assert line.startswith("m=ndarray[")
        assert line.endswith(",f8]")
        assert line.count("x") == 2
        assert np.prod([float(size) for size in SIZE.findall(line)]) <= 3.1e6


def test_copies_of_functions_differ_in_size_and_in_name() -> None:
    known = Descriptors({"xs": ["list[4]"]}, ["list[2]"])
    functions = [replace(row(LOOP.replace("total", name), None, 0.0), targets={}) for name in ("a", "b")]
    copies = list(at_invented_sizes(functions, known, seed=1))
    assert len({copy.id for copy in copies}) == 2 == len({copy.args for copy in copies})
    assert copies == list(at_invented_sizes(functions, known, seed=1))


def test_the_teacher_says_that_cost_grows_and_never_sees_held_out_rows() -> None:
    sizes = [3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000]
    texts = [f"def f{i}(xs):\n for x in xs:\n  g{i}(x)" for i in range(12)]
    sized = [row(text, f"xs=list[{n}]", 1e-7 * n * (1 + i)) for i, text in enumerate(texts) for n in sizes]
    misleading = [row("def h(xs):\n for x in xs:\n  g(x)", f"xs=list[{n}]", 10.0 / n, "test") for n in sizes * 30]
    functions = [
        Example(f"{i}", "unlabelled", "p", "train", f"def u{i}(xs):\n for x in xs:\n  g{i}(x)", {"loops@static": 1.0}) for i in range(40)
    ]
    plain, at_sizes = taught([replace(r, args=None) for r in sized[::9]], [*sized, *misleading], functions)
    assert len(plain) == 40
    assert len(at_sizes) == 14
    assert all(e.targets["loops@static"] == 1.0 and e.targets[LATENCY] > 0 and HEAP in e.targets for e in (*plain, *at_sizes))
    logs = np.log10([[largest_size(e.args or ""), e.targets[LATENCY]] for e in at_sizes])
    assert np.polyfit(logs[:, 0], logs[:, 1], 1)[0] > 0.5


def test_a_checkpoints_opinion_counts_as_much_as_the_boosted_ones() -> None:
    texts = [LOOP.replace("total", f"f{i}") for i in range(60)]
    typical = [row(text, None, 1e-6 * (1 + i % 3)) for i, text in enumerate(texts)]
    sized = [row(text, "xs=list[10], key=function", 1e-6) for text in texts]
    functions = [replace(row(LOOP.replace("total", name), None, 0.0), targets={}) for name in ("g", "h")]

    def opinions(asked: Sequence[Example]) -> dict[str, Floats]:
        assert [e.text for e in asked] == [e.text for e in functions]
        return {LATENCY: np.array([[1e-9, 1e-2, 1.0], [np.nan] * 3])}

    alone, _ = taught(typical, sized, functions)
    told, _ = taught(typical, sized, functions, opinions=opinions)
    assert told[0].targets[LATENCY] == pytest.approx(np.sqrt(alone[0].targets[LATENCY] * 1e-2), rel=0.01)
    assert told[1].targets == alone[1].targets, "it says nothing of this one"
    assert told[0].targets[HEAP] == alone[0].targets[HEAP], "nor of this objective"


def test_the_boosted_teachers_read_what_a_function_calls() -> None:
    callers = [LOOP.replace("total", f"f{i}") for i in range(60)]
    dear, cheap = "def key(x):\n while x:\n  x -= 1", "def key(x):\n return x"
    typical = [replace(row(text, None, (1e-6, 1e-3)[i % 2]), callees=[(cheap, dear)[i % 2]]) for i, text in enumerate(callers)]
    sized = [row(text, "xs=list[10], key=function", 1e-6) for text in callers]
    functions = [
        replace(row(LOOP.replace("total", f"g{i}"), None, 0.0), targets={}, callees=[text]) for i, text in enumerate((cheap, dear))
    ]
    plain, _ = taught(typical, sized, functions)
    assert plain[1].targets[LATENCY] > 100 * plain[0].targets[LATENCY]
