"""The line of figures that models of networks read beside the text. Trained models depend on every figure here: see ``told.VERSION``."""

from __future__ import annotations

from pathlib import Path

import pytest

onnx = pytest.importorskip("onnx")

from onnx import parser  # noqa: E402  # needs onnx

from rlm_lsp.onnx.blocks import find_blocks  # noqa: E402
from rlm_lsp.onnx.network import Network  # noqa: E402
from rlm_lsp.onnx.told import VERSION, beyond, figures_of, told  # noqa: E402
from tests.onnx.forecasting import three_layers  # noqa: E402
from tests.onnx.networks import network_of  # noqa: E402

HEADER = '<ir_version: 8, opset_import: ["" : 18]> g '


def network(text: str, folder: Path) -> Network:
    path = folder / "m.onnx"
    path.write_bytes(parser.parse_model(HEADER + text).SerializeToString())
    return network_of(path)


def line(found: Network) -> str | None:
    return told(found, range(len(found.nodes)))


def figures(text: str | None) -> dict[str, int]:
    assert text is not None
    return figures_of(text)


def test_the_figures_of_version_1_are_those_counted_by_hand(tmp_path: Path) -> None:
    assert VERSION == 1
    found = network("(float[2,8] x) => (y) <float[8,4] w = {" + ",".join(["1.0"] * 32) + "}> { m = MatMul(x, w) y = Relu(m) }", tmp_path)
    # read 2 x 8 floats and the weights, write 2 x 4; read and write 2 x 4
    moved = 4 * (16 + 32 + 8) + 4 * (8 + 8)
    assert figures(line(found)) == {
        "nodes": 2,
        "macs": 2 * 8 * 4,
        "weights": 4 * 32,
        "moved": moved,
        "made": 4 * (8 + 8),
        "widest": 4 * 8,
        "time": round(sum(cost.seconds or 0.0 for cost in found.costs.run) * 1e9),
    }


def test_time_is_the_roofline_s_with_the_constants_that_models_were_trained_with(tmp_path: Path) -> None:
    found = network("(float[1,1000000] x) => (y) { y = Neg(x) }", tmp_path)
    # 8 MB at 6 GB/s, one operator of 1.5 us with one value of .5 us
    assert figures(line(found))["time"] == pytest.approx(8e6 / 6e9 * 1e9 + 2_000, rel=0.2)


def test_blocks_are_told_their_own_figures_and_equal_blocks_the_same(tmp_path: Path) -> None:
    found = network(three_layers(), tmp_path)
    whole, parts = figures(line(found)), [figures(block.told) for block in find_blocks(found).chosen]
    assert {part["macs"] for part in parts} == {whole["macs"] // 3}
    assert {part["nodes"] for part in parts} == {3}


def test_a_body_that_runs_many_times_is_told_as_one_pass(tmp_path: Path) -> None:
    body = "b (int64 i, bool c, float[4,4] s) => (bool k, float[4,4] t) { k = Identity(c) t = MatMul(s, s) }"
    text = "(float[4,4] x) => (y) <int64 n = {7}, bool go = {1}> { y = Loop <body = BODY> (n, go, x) }".replace("BODY", body)
    found = network(text, tmp_path)
    inner = [number for number, owner in enumerate(found.values.owners) if owner >= 0]
    assert figures(line(found))["macs"] == 7 * 64
    assert figures(told(found, inner))["macs"] == 64
    assert figures(told(found, inner))["nodes"] == 2


def test_nothing_is_told_where_a_cost_is_not_known(tmp_path: Path) -> None:
    found = network("(float[n,8] x) => (y) { y = Relu(x) }", tmp_path)
    assert line(found) is None


def test_what_is_larger_or_smaller_than_all_that_was_taught_is_said() -> None:
    taught = {"macs": (100.0, 8e9), "nodes": (3.0, 300.0)}
    assert beyond("nodes=[12], macs=[8000000000], time=[5]", taught) is None
    assert beyond("nodes=[2], macs=[100]", taught) == "2 nodes, where the model was taught 3 to 300"
    assert beyond("nodes=[3], macs=[19632062464]", taught) == "1.96e+10 multiply-accumulates, where the model was taught 100 to 8e+09"
