"""Static costs: by hand for single operators, by the published figures for whole networks."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from rlm_lsp.onnx.costs import LARGEST
from rlm_lsp.onnx.costs_totals import ancestors, group_sums, unknown_by_group
from rlm_lsp.onnx.document import document
from rlm_lsp.onnx.network import Network
from rlm_lsp.onnx.predictions import Forecast
from rlm_lsp.onnx.roofline import DEFAULT, Roofline
from rlm_lsp.onnx.weights import by_group
from tests.onnx.building import attribute, graph, graph_input, graph_output, initializer, model, node
from tests.onnx.models import light, package_model
from tests.onnx.networks import kept, network_of, saved

MS = "com.microsoft."


def _ones(count: int) -> str:
    return "{" + ",".join(["1.0"] * count) + "}"


# graph, multiply-accumulates of its one dear node
MACS = {
    "Conv": ("(float[2,8,16,16] x, float[4,8,3,3] w) => (y) { y = Conv<pads=[1,1,1,1]>(x, w) }", 2 * 4 * 16 * 16 * 8 * 9),
    "Conv, strided": ("(float[1,8,16,16] x, float[4,8,3,3] w) => (y) { y = Conv<strides=[2,2],pads=[1,1,1,1]>(x, w) }", 4 * 8 * 8 * 8 * 9),
    "Conv, grouped": ("(float[1,8,16,16] x, float[8,1,3,3] w) => (y) { y = Conv<group=8,pads=[1,1,1,1]>(x, w) }", 8 * 16 * 16 * 9),
    "Conv, 1-D": ("(float[1,8,100] x, float[4,8,5] w) => (y) { y = Conv(x, w) }", 4 * 96 * 8 * 5),
    "ConvTranspose": ("(float[1,8,4,4] x, float[8,6,2,2] w) => (y) { y = ConvTranspose<strides=[2,2]>(x, w) }", 8 * 16 * 6 * 4),
    "ConvInteger": ("(uint8[1,2,8,8] x, uint8[4,2,3,3] w) => (y) { y = ConvInteger(x, w) }", 4 * 36 * 2 * 9),
    "QLinearConv": (
        "(uint8[1,2,8,8] x, float s, uint8 z, uint8[4,2,3,3] w) => (y) { y = QLinearConv(x, s, z, w, s, z, s, z) }",
        4 * 36 * 2 * 9,
    ),
    "MatMul": ("(float[3,5,7] a, float[7,11] b) => (y) { y = MatMul(a, b) }", 3 * 5 * 11 * 7),
    "MatMul, broadcast": ("(float[2,1,5,7] a, float[3,7,11] b) => (y) { y = MatMul(a, b) }", 2 * 3 * 5 * 11 * 7),
    "MatMul of vectors": ("(float[7] a, float[7] b) => (y) { y = MatMul(a, b) }", 7),
    "MatMulInteger": ("(uint8[5,7] a, uint8[7,11] b) => (y) { y = MatMulInteger(a, b) }", 5 * 11 * 7),
    "Gemm": ("(float[5,7] a, float[7,11] b, float[11] c) => (y) { y = Gemm(a, b, c) }", 5 * 11 * 7),
    "Gemm, transposed": ("(float[7,5] a, float[11,7] b) => (y) { y = Gemm<transA=1,transB=1>(a, b) }", 5 * 11 * 7),
    "LSTM": (
        "(float[10,2,6] x, float[1,16,6] w, float[1,16,4] r) => (y) { y = LSTM<hidden_size=4>(x, w, r) }",
        10 * 2 * 4 * 4 * (6 + 4),
    ),
    "GRU, both ways": (
        '(float[10,2,6] x, float[2,12,6] w, float[2,12,4] r) => (y) { y = GRU<hidden_size=4,direction="bidirectional">(x, w, r) }',
        10 * 2 * 2 * 3 * 4 * (6 + 4),
    ),
    "RNN": ("(float[10,2,6] x, float[1,4,6] w, float[1,4,4] r) => (y) { y = RNN<hidden_size=4>(x, w, r) }", 10 * 2 * 4 * (6 + 4)),
    "Einsum": ('(float[2,3,4] a, float[4,5] b) => (y) { y = Einsum<equation="bij,jk->bik">(a, b) }', 2 * 3 * 4 * 5),
    "Einsum, implicit": ('(float[3,4] a, float[4,5] b) => (y) { y = Einsum<equation="ij,jk">(a, b) }', 3 * 4 * 5),
    "Einsum of three": (
        '(float[2,3] a, float[3,4] b, float[4,5] c) => (y) { y = Einsum<equation="ij,jk,kl->il">(a, b, c) }',
        2 * 3 * 4 + 2 * 4 * 5,
    ),
    "Einsum of one": ('(float[2,3] a) => (y) { y = Einsum<equation="ij->ji">(a) }', 0),
    "FusedMatMul": (f"(float[7,5] a, float[7,11] b) => (float[5,11] y) {{ y = {MS}FusedMatMul<transA=1>(a, b) }}", 5 * 11 * 7),
    "MatMulNBits": (
        "(float[3,64] a, uint8[32,2,16] b, float[64] s) => (float[3,32] y) "
        f"{{ y = {MS}MatMulNBits<K=64,N=32,bits=4,block_size=32>(a, b, s) }}",
        3 * 32 * 64,
    ),
    "Attention": (
        f"(float[2,10,8] x, float[8,24] w, float[24] b) => (float[2,10,8] y) {{ y = {MS}Attention<num_heads=2>(x, w, b) }}",
        2 * 10 * 8 * 24 + 2 * 10 * 10 * (8 + 8),
    ),
    "MultiHeadAttention": (
        f"(float[2,10,8] q, float[2,12,8] k, float[2,12,8] v) => (float[2,10,8] y) {{ y = {MS}MultiHeadAttention<num_heads=2>(q,k,v) }}",
        2 * 10 * 12 * (8 + 8),
    ),
    "LinearRegressor": (
        "(float[6,3] x) => (float[6,1] y) { y = ai.onnx.ml.LinearRegressor<coefficients=[1.0,2.0,3.0]>(x) }",
        6 * 3,
    ),
    "Add": ("(float[5,7] a, float[5,7] b) => (y) { y = Add(a, b) }", 0),
}


@pytest.mark.parametrize("case", MACS)
def test_multiply_accumulates_by_hand(case: str, tmp_path: Path) -> None:
    written, expected = MACS[case]
    network = network_of(saved(tmp_path, written))
    assert network.totals.unknown == ()
    assert network.totals.macs == expected


@pytest.mark.parametrize(("name", "giga", "params"), [("resnet50", 4.09, 25.6), ("vgg19", 19.6, 143.7), ("densenet121", 2.83, 8.1)])
def test_networks_as_published(name: str, giga: float, params: float) -> None:
    totals = kept(light(name)).totals
    assert totals.macs / 1e9 == pytest.approx(giga, rel=0.01)
    assert totals.params / 1e6 == pytest.approx(params, rel=0.01)
    assert totals.unknown == ()


def test_a_node_takes_the_longer_of_arithmetic_and_traffic_and_what_a_call_costs() -> None:
    machine = Roofline(macs_per_second=10.0, bytes_per_second=100.0, element_scale=2.0, overhead_s=1.0, value_s=0.5)
    assert machine.seconds(macs=40, traffic=100, element_ns=0) == 4.0 + 1.5
    assert machine.seconds(macs=10, traffic=300, element_ns=0.5e9, given=3) == 3.0 + 1.0 + 2.5
    assert machine.seconds(macs=10, traffic=100, element_ns=0, column_ns=1e9) == 2.0 + 1.5
    assert "18 G a second" in DEFAULT.note


def test_a_depthwise_convolution_lays_out_columns(tmp_path: Path) -> None:
    """Its arithmetic is a fraction of what it copies, and copying with strides is dearer."""
    path = tmp_path / "m.onnx"
    for strides, expected in (([1, 1], 16 * 9 * 6 * 6 * 1.0), ([2, 2], 16 * 9 * 3 * 3 * 3.0)):
        conv = node("Conv", ["x", "w"], ["y"], attribute("group", integer=16), attribute("strides", ints=strides))
        weight = initializer("w", [16, 1, 3, 3], 1, bytes(4 * 16 * 9))
        path.write_bytes(model(graph(conv, weight, graph_input("x", [1, 16, 8, 8]), graph_output("y"))))
        network = network_of(path)
        assert network.costs.run[0].seconds == pytest.approx(expected * 1e-9 + 2.5e-6)
        assert network.costs.run[0].element_ns == 0.0


def test_bytes_by_dtype(tmp_path: Path) -> None:
    float16, int4 = 10, 22
    path = tmp_path / "m.onnx"
    weights = initializer("w", [8, 4], float16, bytes(64)), initializer("odd", [3], int4, bytes(2))
    nodes = node("MatMul", ["x", "w"], ["y"]), node("Cast", ["odd"], ["k"], attribute("to", integer=1))
    path.write_bytes(model(graph(*nodes, *weights, graph_input("x", [4, 8], float16), graph_output("y", None, float16)), opset=21))
    network = network_of(path)
    cost = network.costs.run[0]
    assert (cost.read, cost.written, cost.weight_bytes, cost.params) == (64, 32, 64, 32)
    assert network.totals.stored_bytes == 64 + 2  # four bits each, packed


def test_what_the_load_computes_costs_a_run_nothing(tmp_path: Path) -> None:
    """Weights in eight bits, multiplied out and transposed for two users: stored and learnt once, held in memory as they are read."""
    written = (
        "(float[1,4] x) => (float[1,3] y) <int8[3,4] q = {1,2,3,4,5,6,7,8,9,10,11,12}, float s = {0.5}>"
        "{ w = DequantizeLinear(q, s) t = Transpose<perm=[1,0]>(w) u = Transpose<perm=[1,0]>(w)"
        " a = MatMul(x, t) b = MatMul(x, u) y = Add(a, b) }"
    )
    totals = network_of(saved(tmp_path, written)).totals
    assert (totals.folded, totals.macs, totals.load_bytes) == (3, 2 * 12, 3 * 48)
    assert totals.params == 12 + 1
    assert (totals.weight_bytes, totals.stored_bytes) == (96, 12 + 4)


def test_a_weight_that_two_nodes_read_is_counted_once(tmp_path: Path) -> None:
    written = f"(float[1,4] x) => (float[1,4] y) <float[4,4] w = {_ones(16)}> {{ a = MatMul(x, w) y = MatMul(a, w) }}"
    network = network_of(saved(tmp_path, written))
    assert [cost.params for cost in network.costs.run] == [16, 16]
    assert (network.totals.params, network.totals.weight_bytes) == (16, 64)
    params, sizes = by_group(network.weights, network.values, network.tree, ancestors(network.tree), network.node_groups)
    assert (params[0], sizes[0]) == (16, 64)


def test_an_operator_without_a_rule_is_unknown_and_counted(tmp_path: Path) -> None:
    written = "(float[1,4] x) => (float[1,4] y) { a = com.microsoft.Mystery(x) b = com.microsoft.Mystery(a) y = Relu(x) }"
    network = network_of(saved(tmp_path, written))
    (item,) = network.totals.unknown
    assert (item.operator, item.nodes, item.reason) == ("com.microsoft:Mystery", 2, "there is no rule for this operator")
    assert network.costs.run[0].macs is None
    assert network.costs.run[0].seconds is None
    assert unknown_by_group(network.tree, network.costs, network.node_groups)[0] == 2


def test_an_open_dimension_is_unknown_until_it_is_bound(tmp_path: Path) -> None:
    path = saved(tmp_path, f'(float["n",4] x) => (y) <float[4,3] w = {_ones(12)}> {{ y = MatMul(x, w) }}')
    network = network_of(path)
    assert network.totals.unknown_nodes == 1
    assert network.costs.run[0].unknown == "a dimension of output 0 is not known"
    assert network.costs.run[0].params == 12
    assert network_of(path, n=5).totals.macs == 5 * 12


def _branches(condition: str) -> str:
    return (
        f"(bool c, float[1,4] x) => (y) <float[4,4] w = {_ones(16)}, float[4,8] v = {_ones(32)}>"
        f"{{ y = If ({condition}) <then_branch = t () => (p) {{ p = MatMul(x, w) }}, else_branch = e () => (q) {{ q = MatMul(x, v) }}> }}"
    )


def test_of_an_if_the_dearer_branch_counts(tmp_path: Path) -> None:
    network = network_of(saved(tmp_path, _branches("c")))
    assert network.totals.macs == 32
    assert {network.nodes[number].scope: network.costs.taken[number] for number in (1, 2)} == {
        "0/then_branch": False,
        "0/else_branch": True,
    }
    assert network.costs.run[0].macs == 32


def _loop(trips: str, goes_on: str = "i_cond") -> str:
    return (
        f"(float[1,4] x, int64 n) => (y) <int64 m = {{7}}, bool yes = {{1}}, float[4,4] w = {_ones(16)}>"
        f"{{ y = Loop ({trips}, yes, x) <body = b (int64 i, bool i_cond, float[1,4] s) => (bool o_cond, float[1,4] r) "
        f"{{ o_cond = Identity({goes_on}) r = MatMul(s, w) }}> }}"
    )


def test_a_loop_counts_as_often_as_its_constant_says(tmp_path: Path) -> None:
    network = network_of(saved(tmp_path, _loop("m")))
    body = next(number for number, node in enumerate(network.nodes) if node.op == "MatMul")
    assert network.totals.unknown == ()
    assert (network.totals.macs, network.costs.run[body].macs, network.costs.times[body]) == (7 * 16, 7 * 16, 7)
    assert network.totals.params == 16


@pytest.mark.parametrize("written", [_loop("n"), _loop("m", "i")], ids=["trip count given", "may end early"])
def test_a_loop_that_hangs_on_the_data_is_counted_once_and_said(written: str, tmp_path: Path) -> None:
    totals = network_of(saved(tmp_path, written.replace("Identity(i)", "Cast<to=9>(i)"))).totals
    assert totals.macs == 16
    assert [(item.operator, item.reason) for item in totals.unknown] == [("Loop", "how often it runs hangs on the data; counted once")]


def test_a_scan_counts_as_often_as_what_it_scans_is_long(tmp_path: Path) -> None:
    written = (
        f"(float[1,4] h, float[6,1,4] xs) => (last, all) <float[4,4] w = {_ones(16)}>"
        "{ last, all = Scan (h, xs) <num_scan_inputs = 1, body = b (float[1,4] s, float[1,4] x) => (float[1,4] r, float[1,4] o) "
        "{ a = Add(s, x) r = MatMul(a, w) o = Identity(r) }> }"
    )
    assert network_of(saved(tmp_path, written)).totals.macs == 6 * 16


FUNCTION = '<domain: "local", opset_import: ["" : 21]> Double (v, k) => (r) { m = MatMul(v, k) r = MatMul(m, k) }'


def test_a_called_function_counts_at_each_call(tmp_path: Path) -> None:
    written = f"(float[1,4] x) => (y) <float[4,4] w = {_ones(16)}> {{ a = local.Double(x, w) y = local.Double(a, w) }}"
    network = network_of(saved(tmp_path, written, functions=FUNCTION))
    assert (network.totals.macs, network.totals.params) == (4 * 16, 16)
    seconds = group_sums(network.tree, network.values, [cost.seconds for cost in network.costs.run], network.node_groups)
    assert seconds[0] == pytest.approx(network.totals.seconds)


def test_shapes_beyond_belief_are_unknown(tmp_path: Path) -> None:
    huge = 10**15
    written = f"(float[{huge},{huge}] a, float[{huge},{huge}] b) => (float[{huge},{huge}] y) {{ y = MatMul(a, b) }}"
    network = network_of(saved(tmp_path, written))
    assert network.totals.macs == 0
    assert network.totals.unknown_nodes == 1
    assert network.totals.seconds < LARGEST


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "shufflenet"])
def test_the_sums_of_groups_are_those_of_their_nodes(name: str) -> None:
    network = kept(light(name))
    columns = {figure["id"]: figure for figure in document(network, Forecast(()))["figures"]}
    for name_ in ("seconds", "macs", "activation_bytes", "traffic_bytes"):
        column = columns[name_]
        assert column["groups"][0] == pytest.approx(math.fsum(value for value in column["nodes"] if value is not None))
    assert columns["params"]["groups"][0] == network.totals.params
    assert columns["weight_bytes"]["groups"][0] == network.totals.weight_bytes


@pytest.mark.parametrize("name", ["silero-vad/silero_vad", "magika/model", "captcha-whisperer/captcha_crnn"])
def test_real_networks_add_up(name: str) -> None:
    network = network_of(package_model(name))
    seconds = group_sums(network.tree, network.values, [cost.seconds for cost in network.costs.run], network.node_groups)
    assert seconds[0] == pytest.approx(network.totals.seconds)
    _no_weights_as_activations(network)


def _no_weights_as_activations(network: Network) -> None:
    assert not {value for value in network.values.given if network.values.constant[value]}
    assert network.peak.nbytes < network.totals.traffic_bytes or not network.totals.traffic_bytes
