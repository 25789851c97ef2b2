"""The document that the viewer reads: it keeps to its schema, its indices lead somewhere, and its texts are fit for a screen."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from rlm_lsp.onnx import interchange
from rlm_lsp.onnx.document import document, node_detail
from rlm_lsp.onnx.liveness import peak_activations
from rlm_lsp.onnx.network import Network
from rlm_lsp.onnx.predictions import forecast
from rlm_lsp.onnx.search import search
from rlm_lsp.predict.errors import InputError
from tests.onnx.building import attribute, graph, graph_input, graph_output, initializer, metadata, model, node
from tests.onnx.models import light, package_model
from tests.onnx.networks import kept, network_of, saved

VALID = fastjsonschema.compile(json.loads(resources.files("rlm_lsp.onnx").joinpath("document.schema.json").read_text("utf-8")))
BRANCHES = (
    "(bool c, float[4] x) => (y) { h = Relu(x)"
    " y = If (c) <then_branch = t () => (p) { p = Add(h, x) }, else_branch = e () => (q) { q = Neg(h) }> }"
)


def checked(network: Network) -> dict[str, Any]:
    """The document as a client reads it, after everything that every document must keep to was looked at."""
    found: dict[str, Any] = json.loads(json.dumps(document(network, forecast(network, print), details=True), allow_nan=False))
    VALID(found)
    strings, nodes, tensors, groups = found["strings"], found["nodes"], found["tensors"], found["groups"]
    count = len(nodes["op"])
    for columns in (nodes, tensors, groups):
        assert len({len(column) for column in columns.values()}) == 1
    for columns, names in ((nodes, ("op", "domain", "name", "path")), (tensors, ("name", "dtype", "shape")), (groups, ("label", "path"))):
        assert all(place < len(strings) for name in names for place in columns[name])
    assert all(-1 <= tensor < len(tensors["name"]) for rows in (nodes["inputs"], nodes["outputs"]) for row in rows for tensor in row)
    assert all(-1 <= maker < count for maker in tensors["from"])
    assert all(0 <= group < len(groups["label"]) for group in nodes["group"])
    assert all(parent < number for number, parent in enumerate(groups["parent"]))
    for figure in found["figures"]:
        assert (len(figure["nodes"]), len(figure["groups"])) == (count, len(groups["label"]))
    assert len(found["details"]) == count
    return found


@pytest.mark.parametrize("name", ["resnet50", "shufflenet"])
def test_documents_of_real_networks(name: str) -> None:
    found = checked(kept(light(name)))
    totals = {item["id"]: item for item in found["totals"]}
    assert {item["provenance"] for item in (*found["totals"], *found["figures"])} - {"predicted", "apportioned"} == {"static"}
    assert totals["macs"]["value"] == kept(light(name)).totals.macs
    assert found["unknown"] == []
    assert not any(figure["at_least"] for figure in found["figures"])
    assert set(found["nodes"]["state"]) == {0, 1, 2} if name == "shufflenet" else {0, 1}


def test_no_number_is_invented(tmp_path: Path) -> None:
    """Of open sizes no model can speak, and what is not known is null in the columns and said in the totals."""
    found = checked(network_of(saved(tmp_path, '(float["n",4] x) => (y) { a = com.microsoft.Mystery(x) y = Relu(a) }')))
    assert all("unknown" in item for item in found["predictions"]["model"])
    assert found["predictions"]["blocks"] == []
    macs = found["figures"][1]
    assert (macs["id"], macs["nodes"], macs["at_least"]) == ("macs", [None, None], True)
    assert {(item["op"], item["nodes"]) for item in found["unknown"]} == {("com.microsoft:Mystery", 1), ("Relu", 1)}
    assert found["symbols"] == [{"name": "n", "shown": "n", "value": None, "where": "x[0]"}]
    assert all(found["strings"][place] for place in found["nodes"]["why"])


def test_bodies_read_the_tensors_around_them(tmp_path: Path) -> None:
    found = checked(network_of(saved(tmp_path, BRANCHES)))
    nodes = found["nodes"]
    operators = [found["strings"][place] for place in nodes["op"]]
    relu, choice, add = (operators.index(name) for name in ("Relu", "If", "Add"))
    assert nodes["owner"][add] == choice
    assert nodes["inputs"][add][0] == nodes["outputs"][relu][0]


def test_calls_are_transparent(tmp_path: Path) -> None:
    function = '<domain: "local", opset_import: ["" : 21]> Twice (v) => (r) { m = Relu(v) r = Neg(m) }'
    written = "(float[4] x) => (float[4] y) { a = local.Twice(x) y = Abs(a) }"
    found = checked(network_of(saved(tmp_path, written, functions=function)))
    nodes, tensors = found["nodes"], found["tensors"]
    operators = [found["strings"][place] for place in nodes["op"]]
    inner, outer = operators.index("Neg"), operators.index("Abs")
    assert tensors["from"][nodes["inputs"][outer][0]] == inner
    assert nodes["inputs"][operators.index("Relu")] == [found["inputs"][0]]


def test_details_of_a_node(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    weight = initializer("w", [2, 1, 3, 3], 1, None, {"location": "../../etc/passwd", "length": "72"})
    conv = node("Conv", ["x", "w"], ["y"], attribute("strides", ints=[2, 2]), metadata("k", "v"), name="c")
    path.write_bytes(model(graph(conv, weight, graph_input("x", [1, 1, 9, 9]), graph_output("y"))))
    detail = node_detail(network_of(path), 0)
    assert detail["attributes"] == [["strides", "[2, 2]"]]
    assert detail["formula"].startswith("MACs = output elements")
    assert detail["metadata"] == [["k", "v"]]
    assert detail["stored"][0]["external"] == {"location": "../../etc/passwd", "bytes": 72}


HOSTILE = "\u202egnp\u0000\x1b[2J<script>alert(1)</script>"


def test_texts_are_fit_for_a_screen(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    nodes = node("Relu", [HOSTILE], ["y"], name=HOSTILE), node(HOSTILE, ["y"], ["z"], domain=HOSTILE, name="n" * 10_000)
    path.write_bytes(model(graph(*nodes, graph_input(HOSTILE, [4]), graph_output("z"), name=HOSTILE)))
    found = checked(network_of(path))
    assert all(text.isprintable() and len(text) <= 200 for text in found["strings"])
    assert any("<script>" in text for text in found["strings"])  # not escaped here: whoever shows it does that


@pytest.mark.parametrize(
    ("query", "operators"),
    [
        ("op:relu", ["Relu"]),
        ("op:*d*", ["Add"]),
        ("re", ["Relu"]),
        ("dtype:bool", ["If"]),
        ("shape:4 op:Neg", ["Neg"]),
        ("shape:5", []),
        ("is:unknown", []),
        ("cost>0.5%", ["Relu", "If", "Neg", "Add"]),
        ("path:1/*", ["Neg", "Add"]),
        ("", []),
    ],
)
def test_search(query: str, operators: list[str], tmp_path: Path) -> None:
    network = network_of(saved(tmp_path, BRANCHES))
    assert sorted(network.nodes[number].op for number in search(network, query)) == sorted(operators)


def test_search_by_attribute_and_shape() -> None:
    network = kept(light("shufflenet"))
    found = search(network, "op:Conv attr:group=4 shape:?x272")
    assert found
    assert {network.nodes[number].attribute("group") for number in found} == {4}
    assert search(network, "attr:perm=*0,*2,*1*") == search(network, "op:Transpose")


@pytest.mark.parametrize("query", ["is:wrong", "x" * 501])
def test_a_search_that_makes_no_sense_is_said(query: str) -> None:
    with pytest.raises(InputError):
        search(kept(light("resnet50")), query)


LIVE = {
    "a chain overwrites itself": ("(float[8] x) => (y) { a = Relu(x) b = Neg(a) y = Abs(b) }", 32 + 32),
    "two that are needed together": ("(float[8] x) => (y) { a = Relu(x) b = Neg(x) y = Add(a, b) }", 32 + 64),
    "what is renamed is not copied": ("(float[2,4] x) => (y) { a = Relu(x) b = Reshape<allowzero=0>(a, s) y = Neg(b) }", 32 + 32),
    "one that is read again lives on": ("(float[8] x) => (y) { a = Relu(x) b = Neg(a) c = Abs(b) y = Add(c, a) }", 32 + 64),
    "a smaller result takes a place of its own": ("(float[8,8] x) => (y) { a = Relu(x) y = ReduceSum<keepdims=0>(a) }", 256 + 256 + 4),
    "constants are not counted": ("(float[8] x) => (y) { y = Add(x, w) }", 32 + 32),
    "a branch is counted on top": (
        "(bool c, float[8] x) => (y) { h = Relu(x) y = If (c) <then_branch = t () => (p) { a = Neg(h) b = Abs(h) p = Add(a, b) },"
        " else_branch = e () => (q) { q = Neg(h) }> }",
        1 + 32 + 32 + 64,
    ),
}


@pytest.mark.parametrize("case", LIVE)
def test_peak_of_activations(case: str, tmp_path: Path) -> None:
    """What the caller gives lives all the while."""
    written, expected = LIVE[case]
    head, _, body = written.partition("{")
    constants = "<float[8] w = {1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0}, int64[1] s = {8}>"
    network = network_of(saved(tmp_path, f"{head}{constants} {{{body}"))
    assert (network.peak.nbytes, network.peak.unknown) == (expected, 0)
    assert network.peak == peak_activations(network.nodes, network.values, network.folded, network.links.order)


def test_interchange() -> None:
    network = kept(light("resnet50"))
    (graph_data,) = interchange.node_data(network).values()
    outputs = {name for node_ in network.nodes for name in node_.outputs}
    assert set(graph_data["results"]) <= outputs
    assert len(graph_data["results"]) == 176
    assert [step["stop"] for step in graph_data["gradient"]] == [0, 0.5, 1]
    metrics = interchange.attachment(network)["metrics"]
    names = {node_.name for node_ in network.nodes}
    assert {item["target"] for item in metrics if item["kind"] == "node"} <= names
    assert next(item["value"] for item in metrics if item["kind"] == "model" and item["name"] == "MACs") == network.totals.macs


def test_a_network_with_bodies_and_functions_of_a_real_exporter() -> None:
    checked(network_of(package_model("silero-vad/silero_vad_op18_ifless")))
