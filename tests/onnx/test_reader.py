from __future__ import annotations

import struct
from pathlib import Path

import pytest

from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.external import look
from rlm_lsp.onnx.graph import all_nodes, count_nodes
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.types import Attribute, External, Model, SourceLocation, TensorInfo, ValueType
from tests.onnx.building import (
    INT64,
    attribute,
    field,
    function,
    graph,
    graph_input,
    graph_output,
    initializer,
    int64s,
    metadata,
    model,
    node,
    tensor,
)
from tests.onnx.models import light, package_model

STACK = 'File "/home/a/train.py", line 80, in <module>\n  main()\nFile "/home/a/net.py", line 12, in forward\n  return self.fc(x)\n'


def read_bytes(folder: Path, data: bytes) -> Model:
    path = folder / "m.onnx"
    path.write_bytes(data)
    return read(path)


def test_a_real_model() -> None:
    resnet = read(light("resnet50"))
    assert (resnet.producer, resnet.opsets, resnet.ir_version, resnet.problems) == ("onnx-caffe2", (("", 9),), 3, ())
    assert count_nodes(resnet.graph) == 415
    assert resnet.graph.inputs[0].type == ValueType("float32", (1, 3, 224, 224))
    conv = next(node for node in resnet.graph.nodes if node.op == "Conv")
    assert (conv.path, conv.attribute("kernel_shape"), conv.identity.split(":")[0]) == (str(conv.index), (7, 7), conv.path)


def test_it_is_what_the_onnx_package_reads() -> None:
    """Names, types and attributes of a model with subgraphs four deep, against protobuf's own parser."""
    onnx = pytest.importorskip("onnx")
    for path in (light("squeezenet"), package_model("basic-pitch/nmp")):
        ours, theirs = read(path), onnx.load(path, load_external_data=False)
        assert [(each.op, each.name, each.inputs, each.outputs) for each in ours.graph.nodes] == [
            (each.op_type, each.name, tuple(each.input), tuple(each.output)) for each in theirs.graph.node
        ]
        assert [(info.name, info.dims, info.stored_bytes) for info in ours.graph.initializers] == [
            (info.name, tuple(info.dims), len(info.raw_data) or _typed_bytes(info)) for info in theirs.graph.initializer
        ]
        for our_node, proto in zip(ours.graph.nodes, theirs.graph.node, strict=True):
            for mine, attribute_ in zip(our_node.attributes, proto.attribute, strict=True):
                expected = onnx.helper.get_attribute_value(attribute_)
                if mine.kind in ("int", "ints", "float", "floats"):
                    assert mine.value == (tuple(expected) if isinstance(expected, list) else expected)


def _typed_bytes(info: object) -> int:
    """Bytes of the payload of a TensorProto without raw data, as packed on the wire."""
    floats, whole = getattr(info, "float_data", ()), getattr(info, "int64_data", ())
    return 4 * len(floats) + sum(max((int(value) & 0xFFFF_FFFF_FFFF_FFFF).bit_length() + 6, 7) // 7 for value in whole)


def test_weights_are_skipped_and_found_again(tmp_path: Path) -> None:
    weights = struct.pack("<1000f", *range(1000))
    found = read_bytes(tmp_path, model(graph(initializer("w", [10, 100], raw=weights), node("Relu", ["w"], ["y"]))))
    (info,) = found.graph.initializers
    assert (info.dims, info.stored_bytes, info.nbytes, info.values) == ((10, 100), 4000, 4000, None)
    assert info.offset is not None
    assert (tmp_path / "m.onnx").read_bytes()[info.offset : info.offset + info.stored_bytes] == weights


@pytest.mark.parametrize(
    ("dtype", "content", "values"),
    [
        (INT64, field(9, int64s(1, -2, 3)), (1, -2, 3)),
        (INT64, field(7, bytes([1, 2, 3])), (1, 2, 3)),  # packed
        (INT64, field(7, 5) + field(7, -6) + field(7, 7), (5, -6, 7)),  # one field each
        (1, field(9, struct.pack("<3f", 1, 2, 0.5)), (1, 2, 0.5)),
        (1, field(4, struct.pack("<3f", 1, 2, 0.5)), (1, 2, 0.5)),
        (10, field(9, struct.pack("<3e", 1, 2, 0.5)), (1, 2, 0.5)),
        (10, field(5, 0x3C00) + field(5, 0x4000) + field(5, 0x3800), (1, 2, 0.5)),  # half floats by their bits
        (16, field(9, b"\x80\x3f\x00\x40\x00\x3f"), (1, 2, 0.5)),  # the upper halves of floats
        (9, field(9, b"\1\0\1"), (True, False, True)),
        (INT64, field(9, int64s(1, 2)), None),  # too few
        (22, field(9, b"\x21\x03"), None),  # 4 bits each: not taken apart
    ],
)
def test_values_of_small_tensors(tmp_path: Path, dtype: int, content: bytes, values: tuple[int | float, ...] | None) -> None:
    found = read_bytes(tmp_path, model(graph(field(5, field(1, 3) + field(2, dtype) + field(8, "t") + content))))
    (info,) = found.graph.initializers
    assert (info.dims, info.values) == ((3,), values)


def test_sizes_in_memory() -> None:
    assert TensorInfo("w", "int4", (3, 3)).nbytes == 5
    assert TensorInfo("w", "float32", (10**9, 10**9, 10**9)).nbytes == 4 * 10**27
    assert TensorInfo("w", "float32", (-1, 3)).nbytes is None
    assert ValueType("string", (2,)).nbytes is None
    assert ValueType("float32", (2, "n")).elements is None


def test_bodies_and_calls(tmp_path: Path) -> None:
    then = graph(node("Neg", ["x"], ["a"]), graph_output("a"))
    otherwise = graph(node("Scale", ["x"], ["b"], attribute("by", integer=3), domain="local"), graph_output("b"))
    scale = function("Scale", ["v"], ["w"], node("Pow", ["v"], ["w"], attribute("p", reference="by")), attributes=["by"])
    choice = node("If", ["c"], ["y"], attribute("then_branch", body=then), attribute("else_branch", body=otherwise))
    found = read_bytes(tmp_path, model(graph(choice, graph_input("x", [2])), scale))
    assert [(each.path, each.op) for each in all_nodes(found)] == [
        ("0", "If"),
        ("0/then_branch/0", "Neg"),
        ("0/else_branch/0", "Scale"),
        ("0/else_branch/0/call/0", "Pow"),
    ]
    assert all_nodes(found)[-1].attributes == (Attribute("p", "int", 3),)
    assert (found.functions[0].name, found.functions[0].graph.nodes[0].attributes[0].kind, found.problems) == ("Scale", "reference", ())


def test_where_a_node_came_from(tmp_path: Path) -> None:
    parts = [
        metadata("pkg.torch.onnx.name_scopes", "['', 'encoder', 'encoder.layers.0', 'linear']"),
        metadata("pkg.torch.onnx.class_hierarchy", "['a.Net', 'a.Encoder', 'a.Layer', 'aten.linear.default']"),
        metadata("pkg.torch.onnx.stack_trace", STACK),
        metadata("note", "kept"),
    ]
    (found,) = read_bytes(tmp_path, model(graph(node("Gemm", ["x"], ["y"], *parts), graph_input("x")))).graph.nodes
    assert found.modules == ("", "encoder", "encoder.layers.0")
    assert found.classes == ("a.Net", "a.Encoder", "a.Layer")
    assert found.source == SourceLocation("/home/a/net.py", 12, "forward")
    assert found.metadata == (("note", "kept"),)


def test_dimensions_that_mean_any(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, model(graph(graph_input("x", [-1, "?", "n", 0, 4]))))
    assert found.graph.inputs[0].type.dims == (None, None, "n", 0, 4)


def test_a_long_list_is_counted_and_cut(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, model(graph(node("TreeEnsemble", ["x"], ["y"], attribute("ids", ints=range(3000))))))
    (ids,) = found.graph.nodes[0].attributes
    assert (ids.count, ids.value) == (3000, tuple(range(1000)))


def test_external_data_is_a_place(tmp_path: Path) -> None:
    stored = initializer("w", [2], external={"location": "w.bin", "offset": "4096", "length": "8", "checksum": "x"})
    (info,) = read_bytes(tmp_path, model(graph(stored))).graph.initializers
    assert info.external == External("w.bin", 4096, 8)
    assert look(tmp_path / "m.onnx", info.external).problem == "w.bin: no such file or directory"
    (tmp_path / "w.bin").write_bytes(bytes(5000))
    assert look(tmp_path / "m.onnx", info.external).size == 5000


def test_a_tensor_in_an_attribute(tmp_path: Path) -> None:
    constant = node("Constant", [], ["c"], attribute("value", tensor_=tensor("", [2], INT64, int64s(3, 4))))
    held = read_bytes(tmp_path, model(graph(constant))).graph.nodes[0].attribute("value")
    assert isinstance(held, TensorInfo)
    assert held.values == (3, 4)


def test_text_for_a_screen() -> None:
    assert shown("a\x1b[31mb\u202ec\u200bd\ne\x00") == "a[31mbcd e"
    assert shown("x" * 300) == "x" * 199 + "…"
    assert shown("\x1b" * 10_000) == "…"
    assert shown("Größe 尺寸") == "Größe 尺寸"
