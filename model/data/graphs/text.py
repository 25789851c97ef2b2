"""The compact text of a network that a builder drew, and what is told beside it: the steps by which a user's model file gets them.

Only shape inference is left out: a builder knows the dims of all its values. Tests hold the two against each other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rlm_lsp.model.data.graphs.builder import Builder, Value
from rlm_lsp.onnx import shapes
from rlm_lsp.onnx.network import with_shapes
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.tensors import dtype_name
from rlm_lsp.onnx.text import compact
from rlm_lsp.onnx.told import told
from rlm_lsp.onnx.types import ValueType


class Texts:
    """Writes each network into one file, which is where the steps begin."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, net: Builder, outputs: Sequence[Value]) -> tuple[str, str]:
        """The text, and the line of figures.

        Raises:
            ValueError: something of the model could not be read, which is a fault of its builder.
        """
        self._path.write_bytes(net.model(outputs).SerializeToString())
        model = read(self._path)
        types = shapes.stated_types(model.graph, {})
        types[""].update((value.name, ValueType(dtype_name(value.dtype), value.dims)) for value in net.values)
        network = with_shapes(model, shapes.summed(model, types, 0, {}, ()))
        wrong = [problem.reason for problem in network.problems]
        figures = told(network, range(len(network.nodes)))
        if wrong or figures is None:
            raise ValueError(f"the network cannot be read: {', '.join(wrong) or 'what it costs is not known'}")
        return compact(network.nodes, network.values, network.folded), figures


@contextmanager
def texts() -> Iterator[Texts]:
    """A writer, whose file is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="rlm-lsp-") as folder:
        yield Texts(Path(folder, "model.onnx"))
