"""Model files that make shape inference compute without end, take all memory, or crash: each through the real child process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_lsp.onnx.analysis import Analyst
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.types import Shapes
from tests.onnx.building import INT64, attribute, field, function, graph, graph_input, graph_output, initializer, int64s, model, node

pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    with Analyst() as one:
        yield one


def answered(analyst: Analyst, folder: Path, data: bytes, **bindings: int) -> Shapes:
    path = folder / "m.onnx"
    path.write_bytes(data)
    return analyst.submit(path, read(path), bindings).result(200)


def number(name: str, *values: int) -> bytes:
    return initializer(name, [len(values)], INT64, int64s(*values))


def deep(levels: int) -> bytes:
    inner = graph(node("Neg", ["x"], ["y"]), graph_output("y"))
    for _ in range(levels):
        branches = [attribute(name, body=inner) for name in ("then_branch", "else_branch")][:1]
        inner = graph(node("If", ["x"], ["y"], *branches), graph_output("y"))
    return model(inner)


BIG = 10**12
HOSTILE = {
    "empty": b"",
    "random": bytes(range(256)) * 20,
    "no inputs": model(graph(node("Relu", [], []))),
    "fills": model(graph(number("n", BIG, BIG), node("ConstantOfShape", ["n"], ["y"]))),
    "expands": model(graph(number("n", BIG, BIG), number("one", 1), node("Expand", ["one", "n"], ["y"]))),
    "tiles": model(graph(number("n", BIG), number("one", 1), node("Tile", ["one", "n"], ["y"]), node("Tile", ["y", "n"], ["z"]))),
    "counts": model(graph(initializer("o", [], INT64, int64s(0)), initializer("n", [], INT64, int64s(2**62)),
                          initializer("d", [], INT64, int64s(1)), node("Range", ["o", "n", "d"], ["y"]))),
    "pads": model(graph(number("p", BIG, BIG), number("one", 1), node("Pad", ["one", "p"], ["y"]))),
    "overflows": model(graph(graph_input("x", [2**62, 2**62]), number("r", -1), node("Reshape", ["x", "r"], ["y"]),
                             node("Flatten", ["x"], ["z"]), node("Concat", ["x", "x"], ["c"], attribute("axis", integer=0)))),
    "negative axes": model(graph(graph_input("x", [2, 3]), node("Concat", ["x", "x"], ["y"], attribute("axis", integer=-(2**60))),
                                 node("Transpose", ["x"], ["z"], attribute("perm", ints=[7, -9])),
                                 node("Slice", ["x", "a", "a", "a", "a"], ["s"]), number("a", -(2**63)))),
    "divides by zero": model(graph(number("a", 5), number("z", 0), node("Div", ["a", "z"], ["q"]), node("Mod", ["a", "z"], ["m"]))),
    "a kernel of nothing": model(graph(graph_input("x", [1, 3, 8, 8]), initializer("w", [0, 0, 0, 0]), node("Conv", ["x", "w"], ["y"],
                                       attribute("strides", ints=[0, 0]), attribute("dilations", ints=[-(2**62), 2**62])))),
    "a cycle": model(graph(node("Add", ["b", "b"], ["a"]), node("Add", ["a", "a"], ["b"]))),
    "calls itself": model(graph(node("F", ["x"], ["y"], domain="local"), graph_input("x", [2])),
                          function("F", ["x"], ["y"], node("F", ["x"], ["y"], domain="local"))),
    "loops for ever": model(graph(initializer("n", [], INT64, int64s(2**62)), graph_input("x", [1]), node("Loop", ["n", "", "x"], ["y"],
                                  attribute("body", body=graph(graph_input("i", [], INT64), graph_input("c", [], 9), graph_input("s", [1]),
                                                               node("Concat", ["s", "s"], ["t"], attribute("axis", integer=0)),
                                                               graph_output("c", [], 9), graph_output("t")))))),
    "bodies without outputs": model(graph(graph_input("x", [1]), *(
        node(op, ["", "", "x"], ["y"], attribute("body", body=graph()), attribute("num_scan_inputs", integer=9))
        for op in ("Loop", "Scan")), node("If", ["x"], ["w"], attribute("then_branch", body=graph())))),
    "deep": deep(60),
    "names that are no Unicode": model(graph(field(1, field(1, b"\xff") + field(2, b"\xfe") + field(4, "Relu")), graph_input("x", [2]))),
    "an opset of the future": model(graph(node("Relu", ["x"], ["y"]), graph_input("x", [2])), opset=2**31 - 1),
    "a negative opset": model(graph(node("Relu", ["x"], ["y"]), graph_input("x", [2])), opset=-5),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_there_is_an_answer(analyst: Analyst, tmp_path: Path, name: str) -> None:
    found = answered(analyst, tmp_path, HOSTILE[name])
    assert 0 <= found.known <= found.total
    assert all("\n" not in problem.reason for problem in found.problems)


def test_the_process_lives_on_and_the_next_file_is_answered(analyst: Analyst, tmp_path: Path) -> None:
    found = answered(analyst, tmp_path, model(graph(node("Relu", ["x"], ["y"]), graph_input("x", ["n"]))), n=5)
    assert (found.of("", "y").dims, found.problems) == ((5,), ())


def test_sizes_beyond_all_memory_are_only_numbers(analyst: Analyst, tmp_path: Path) -> None:
    assert answered(analyst, tmp_path, HOSTILE["fills"]).of("", "y").dims == (BIG, BIG)
