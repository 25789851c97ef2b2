"""A small builder of ONNX graphs whose parameters are external data inside a safetensors file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from rlm_lsp.model.safetensors_file import TensorEntry

OPSET = 20
MICROSOFT = "com.microsoft"  # onnxruntime's own operators, in every build of it
_ONNX_TYPES = {np.dtype("<f2"): TensorProto.FLOAT16, np.dtype("<f4"): TensorProto.FLOAT}


class Graph:
    """Nodes are added in order; every method returns the name of the tensor it made."""

    def __init__(self, name: str, entries: Mapping[str, TensorEntry], weights_file: str) -> None:
        self.name = name
        self._entries, self._weights_file = entries, weights_file
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []
        self._made: dict[str, str] = {}

    def input(self, name: str, dtype: int, shape: Sequence[int | str]) -> str:
        """Declare an input; named dimensions are free."""
        self._inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, tensor: str, name: str, dtype: int, shape: Sequence[int | str]) -> None:
        """Declare ``tensor`` to be the output ``name``."""
        self._nodes.append(helper.make_node("Identity", [tensor], [name], name=f"output_{name}"))
        self._outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """A node with one output."""
        return self.ops(kind, *inputs, outputs=1, domain=domain, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        """A node with several outputs."""
        label = f"{kind}_{len(self._nodes)}"
        names = [f"{label}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, name=label, domain=domain, **attributes))
        return names

    def constant(self, value: NDArray[Any] | np.int64 | Sequence[int] | float) -> str:
        """A small constant, stored in the graph; integers become int64, floats float32."""
        array = np.asarray(value)
        array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        key = f"constant_{array.dtype}_{array.shape}_{array.tobytes().hex()}"
        if key not in self._made:
            self._made[key] = f"constant_{len(self._made)}"
            self._initializers[self._made[key]] = numpy_helper.from_array(array, self._made[key])
        return self._made[key]

    def stored(self, parameter: str) -> str:
        """A parameter as it is stored, by reference into the safetensors file."""
        if parameter not in self._initializers:
            entry = self._entries[parameter]
            tensor = TensorProto(name=parameter, data_type=_ONNX_TYPES[entry.dtype], dims=entry.shape, data_location=TensorProto.EXTERNAL)
            for key, value in (("location", self._weights_file), ("offset", entry.offset), ("length", entry.length)):
                tensor.external_data.add(key=key, value=str(value))
            self._initializers[parameter] = tensor
        return parameter

    def parameter(self, name: str) -> str:
        """A parameter in float32; the cast of a constant is folded when the graph is loaded."""
        if self._entries[name].dtype == np.dtype("<f4"):
            return self.stored(name)
        if name not in self._made:
            self._made[name] = self.op("Cast", self.stored(name), to=TensorProto.FLOAT)
        return self._made[name]

    def model(self) -> onnx.ModelProto:
        """The finished graph."""
        graph = helper.make_graph(self._nodes, self.name, self._inputs, self._outputs, list(self._initializers.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="rlm-lsp")
