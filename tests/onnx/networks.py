"""Networks with their costs, made in this process: out of the syntax of ``onnx.parser``, or of a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from rlm_lsp.onnx import shapes
from rlm_lsp.onnx.network import Network, with_shapes
from rlm_lsp.onnx.reader import read

onnx = pytest.importorskip("onnx")

from rlm_lsp.onnx.inference.infer import infer  # noqa: E402  # it imports onnx

OPSETS = '"" : 21, "com.microsoft" : 1, "ai.onnx.ml" : 3, "local" : 1'


def saved(folder: Path, graph: str, *, functions: str = "", opsets: str = OPSETS, name: str = "m.onnx") -> Path:
    """A file with the graph, written as in ``agraph (float[1,3] x) => (float[1,3] y) { y = Relu(x) }`` without the name."""
    path = folder / name
    path.write_bytes(onnx.parser.parse_model(f"<ir_version: 10, opset_import: [{opsets}]> g {graph}\n{functions}").SerializeToString())
    return path


def network_of(path: Path, **bindings: int) -> Network:
    """Everything that is known of a file."""
    model = read(path)
    types, tier, problems = infer(path, bindings, 2)
    return with_shapes(model, shapes.summed(model, types, tier, bindings, problems))


@cache
def kept(path: Path) -> Network:
    """The same, once for all tests; for files that stay as they are."""
    return network_of(path)
