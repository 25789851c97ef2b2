"""A small model with what a viewer can trip over: blocks alike, a branch in a branch, constants, open sizes, names that are markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rlm_lsp.onnx import document as documents
from rlm_lsp.onnx.network import Network, examine
from rlm_lsp.onnx.predictions import Forecast
from tests.onnx import building as b

SCRIPT = "</script><script>document.title='ran'</script>"
HANDLER = '"><img src=x onerror="document.title=1">'
BLOCKS = 3


def write(path: Path) -> Path:
    """The file: three blocks ``/layers.N``, an ``If`` whose branch holds another, and an output of a size that depends on data."""
    parts: list[bytes] = []
    value = "x"
    for block in range(BLOCKS):
        scope = f"/layers.{block}"
        for step, op in enumerate(("MatMul", "Add")):
            weight = f"w{block}.{step}"
            parts.append(b.initializer(weight, [64, 64] if op == "MatMul" else [64], raw=bytes(16384 if op == "MatMul" else 256)))
            parts.append(b.node(op, [value, weight], [f"v{block}.{step}"], name=f"{scope}/{op}"))
            value = f"v{block}.{step}"
        parts.append(b.node("Relu", [value], [f"v{block}.2"], name=f"{scope}/Relu"))
        value = f"v{block}.2"
    parts.append(b.node("Identity", ["w0.1"], ["kept"], name="folded"))
    parts.append(b.node("Add", [value, "kept"], ["summed"], b.metadata("about", SCRIPT), name=SCRIPT))
    parts.append(b.node("Shape", ["x"], ["sizes"], name="shape of x"))
    parts.append(b.node("Reshape", ["summed", "sizes"], ["shaped"], name=HANDLER))
    parts.append(b.initializer("zero", [], raw=bytes(4)))
    parts.append(b.node("ReduceMax", ["shaped"], ["most"], b.attribute("keepdims", integer=0), name="most"))
    parts.append(b.node("Greater", ["most", "zero"], ["is_more"], name="is more"))
    inner = b.graph(b.node("Neg", ["shaped"], ["negative"], name="inner Neg"), b.graph_output("negative"), name="inner")
    same = b.graph(b.node("Abs", ["shaped"], ["absolute"], name="inner Abs"), b.graph_output("absolute"), name="same")
    nested = b.node(
        "If", ["is_more"], ["chosen"], b.attribute("then_branch", body=inner), b.attribute("else_branch", body=same), name="inner If"
    )
    outer = b.graph(nested, b.graph_output("chosen"), name="outer")
    plain = b.graph(b.node("Sqrt", ["shaped"], ["root"], name="root"), b.graph_output("root"), name="plain")
    parts.append(
        b.node("If", ["is_more"], ["y"], b.attribute("then_branch", body=outer), b.attribute("else_branch", body=plain), name="outer If")
    )
    parts.append(b.node("NonZero", ["y"], ["places"], name="places"))
    ends = [b.graph_input("x", ["batch", 64]), b.graph_output("y", ["batch", 64]), b.graph_output("places", None, b.INT64)]
    path.write_bytes(b.model(b.graph(*parts, *ends, name=SCRIPT)))
    return path


def forecast(network: Network) -> Forecast:
    """Intervals of the whole and of a layer, and two objectives for which there are none."""
    device = {"device": "some machine", "model": "rlm-x"}
    time = {"objective": "latency@cpu", "unit": "s", **device}
    accuracy = {"objective": "accuracy@cifar10", "unit": "%", **device}
    unknown = {"code": "out-of-range", "reason": "no image"}
    whole = (
        {**time, "p10": 0.001, "p50": 0.002, "p90": 0.004},
        {**accuracy, "unknown": unknown},
        {**time, "objective": "latency@phone", "unknown": unknown},
    )
    layer = ({**time, "p10": 0.0002, "p50": 0.0005, "p90": 0.0009},)
    layers = tuple(0 if group.label.startswith("layers.") else -1 for group in network.tree.groups)
    return Forecast(whole, (layer,), layers, 1)


def document(folder: Path, *bindings: str) -> dict[str, Any]:
    """Its document, with details, and with a figure of each provenance: a prediction, its apportioning, a measurement."""
    network = examine(write(folder / "model.onnx"), bindings)
    found = documents.document(network, forecast(network), details=True)
    (seconds,) = (figure for figure in found["figures"] if figure["id"] == "seconds")
    found["figures"].append({**seconds, "id": "measured", "title": "latency", "provenance": "measured"})
    return found
