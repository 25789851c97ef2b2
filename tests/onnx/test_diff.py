"""Differences between networks."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from rlm_lsp.check.terminal import Style
from rlm_lsp.onnx import diff
from rlm_lsp.onnx.diff import Difference
from tests.onnx.models import light, package_model
from tests.onnx.networks import kept, network_of, saved


def changes(found: Difference) -> Counter[tuple[str, str, str]]:
    """Status, and the operators before and after."""
    rows = [(pair.status, pair.before, pair.after) for pair in found.pairs if pair.status != "same"]
    return Counter(
        (
            status,
            "" if before is None else found.before.nodes[before].op,
            "" if after is None else found.after.nodes[after].op,
        )
        for status, before, after in rows
    )


def compared(folder: Path, before: str, after: str) -> Difference:
    networks = [network_of(saved(folder, graph, name=f"{number}.onnx")) for number, graph in enumerate((before, after))]
    return diff.compare(*networks)


def test_a_network_does_not_differ_from_itself() -> None:
    network = kept(light("densenet121"))
    found = diff.compare(network, network)
    assert changes(found) == {}
    assert found.blocks == []
    assert list(diff.lines(found, Style()))[-1] == "no difference in structure or costs"


def test_a_node_that_was_put_in(tmp_path: Path) -> None:
    found = compared(
        tmp_path,
        "(float[8,4] x) => (y) { a = Relu(x) b = Neg(a) y = Relu(b) }",
        "(float[8,4] x) => (y) { a = Relu(x) n = Sigmoid(a) b = Neg(n) y = Relu(b) }",
    )
    assert changes(found) == {("added", "", "Sigmoid"): 1}


def test_a_node_that_was_changed_keeps_its_partner(tmp_path: Path) -> None:
    before = "(float[1,3,8,8] x, float[4,3,3,3] w) => (y) { [stem] a = Conv(x, w) y = Relu(a) }"
    after = "(float[1,3,8,8] x, float[4,3,3,3] w) => (y) { [stem] a = Conv<pads=[1,1,1,1]>(x, w) y = Relu(a) }"
    found = compared(tmp_path, before, after)
    assert changes(found) == {("changed", "Conv", "Conv"): 1, ("changed", "Relu", "Relu"): 1}
    assert found.after.totals.macs > found.before.totals.macs


def test_names_alone_are_no_difference(tmp_path: Path) -> None:
    found = compared(tmp_path, "(float[4] x) => (y) { [one] y = Relu(x) }", "(float[4] q) => (z) { [other] z = Relu(q) }")
    assert changes(found) == {}


def test_what_is_symbolic_is_bound_in_both(tmp_path: Path) -> None:
    before, after = (saved(tmp_path, f'(float["{name}",4] x) => (y) {{ y = Relu(x) }}', name=f"{name}.onnx") for name in ("n", "m"))
    networks = diff.examine_both(before, after, ["n=3", "m=4"])
    assert [network.values.types[network.values.results[0]].dims for network in networks] == [(3, 4), (4, 4)]


def test_a_quantised_network_and_its_float_original() -> None:
    old, new = (network_of(package_model(f"silero-vad/{name}")) for name in ("silero_vad_16k_op15", "silero_vad_half"))
    found = diff.compare(old, new)
    written = json.loads(json.dumps(diff.as_dict(found), allow_nan=False))
    assert sum(written["nodes"].values()) >= max(len(set(range(len(side.nodes))) - side.folded) for side in (old, new))
    assert written["changes"]
    assert {item["id"] for item in written["totals"]} == {"macs", "params", "weight_bytes", "peak_activation_bytes", "seconds", "nodes"}
