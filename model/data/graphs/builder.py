"""Writes ONNX graphs with ``onnx.helper`` as an exporter leaves them: dims of every value are known, weights are drawn only where asked.

Without a seed a model has the shapes of its weights and no data but that of the smallest, which is all that its text needs; with one it can
be run. Layouts are those of PyTorch: N x C x spatial, weights out x in x kernel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from rlm_lsp.onnx.text_attributes import MOST_VALUES

OPSET = 17
IR_VERSION = 8

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the graph, by name; ``dtype`` is a TensorProto.DataType."""

    name: str
    dims: tuple[int, ...]
    dtype: int = TensorProto.FLOAT


@dataclass(frozen=True, slots=True)
class _Weight:
    """A stored tensor. ``fan`` scales random weights so that values neither vanish nor grow; 0: all are ``fill``."""

    name: str
    dims: tuple[int, ...]
    fan: int = 0
    fill: float = 0.0
    learned: bool = True


class Builder:
    """A graph that grows node by node. ``folded``: batch normalisation after a convolution is part of its weights, as exporters do it."""

    def __init__(self, *, folded: bool = True) -> None:
        self.folded = folded
        self.values: list[Value] = []
        self._nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._weights: list[_Weight] = []
        self._constants: list[Any] = []

    @property
    def parameters(self) -> int:
        """Elements of learned weights, as a training framework counts them: statistics of normalisation are none."""
        return sum(math.prod(weight.dims) for weight in self._weights if weight.learned)

    def input(self, *dims: int, dtype: int = TensorProto.FLOAT) -> Value:
        """An input of the network."""
        value = Value(f"input{len(self._inputs)}", dims, dtype)
        self._inputs.append(helper.make_tensor_value_info(value.name, dtype, dims))
        return value

    def weight(self, *dims: int, fan: int = 0, fill: float = 0.0, learned: bool = True) -> str:
        """A stored tensor whose values do not matter."""
        self._weights.append(_Weight(f"w{len(self._weights)}", dims, fan, fill, learned))
        return self._weights[-1].name

    def constant(self, values: Array | Sequence[int] | float) -> str:
        """A stored tensor whose values do: a shape (integers) or a factor."""
        array = np.asarray(values, None if isinstance(values, np.ndarray) else np.float32 if isinstance(values, float) else np.int64)
        name = f"c{len(self._constants)}"
        self._constants.append(onnx.numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, inputs: Sequence[Value | str], dims: Sequence[int], **attributes: Any) -> Value:
        """A node with one output of these dims."""
        return self.ops(kind, inputs, [dims], **attributes)[0]

    def ops(self, kind: str, inputs: Sequence[Value | str], results: Sequence[Sequence[int]], **attributes: Any) -> list[Value]:
        """A node with several outputs."""
        number = len(self._nodes)
        outputs = [Value(f"v{number}.{place}", tuple(dims)) for place, dims in enumerate(results)]
        self.values += outputs
        names = [item.name if isinstance(item, Value) else item for item in inputs]
        self._nodes.append(helper.make_node(kind, names, [value.name for value in outputs], name=f"{kind}_{number}", **attributes))
        return outputs

    def unary(self, kind: str, x: Value, **attributes: Any) -> Value:
        """An operator that keeps the dims."""
        return self.op(kind, [x], x.dims, **attributes)

    def relu(self, x: Value) -> Value:
        """Relu."""
        return self.unary("Relu", x)

    def add(self, x: Value, y: Value) -> Value:
        """The sum of two values of the same dims."""
        return self.op("Add", [x, y], x.dims)

    def scaled(self, x: Value, factor: float) -> Value:
        """A value times a constant."""
        return self.op("Mul", [x, self.constant(factor)], x.dims)

    def conv(self, x: Value, out: int, kernel: int, *, stride: int = 1, pad: int | None = None, group: int = 1, bias: bool = True,
             dilation: int = 1) -> Value:  # fmt: skip
        """A convolution over all spatial dims; ``pad`` is that which keeps the size at stride 1 unless given."""
        rank = len(x.dims) - 2
        pad = dilation * (kernel - 1) // 2 if pad is None else pad
        fan = x.dims[1] // group * kernel**rank
        inputs: list[Value | str] = [x, self.weight(out, x.dims[1] // group, *[kernel] * rank, fan=fan)]
        if bias:
            inputs.append(self.weight(out))
        spatial = [(size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1 for size in x.dims[2:]]
        window = {"kernel_shape": [kernel] * rank, "strides": [stride] * rank, "pads": [pad] * 2 * rank, "dilations": [dilation] * rank}
        return self.op("Conv", inputs, (x.dims[0], out, *spatial), group=group, **window)

    def conv_norm(self, x: Value, out: int, kernel: int, **window: Any) -> Value:
        """A convolution without bias and batch normalisation, or what folding makes of them: a convolution with bias."""
        return self.conv(x, out, kernel, **window) if self.folded else self.norm(self.conv(x, out, kernel, bias=False, **window))

    def norm(self, x: Value) -> Value:
        """Batch normalisation, as at prediction."""
        scale, shift = self.weight(x.dims[1], fill=1.0), self.weight(x.dims[1])
        mean, variance = self.weight(x.dims[1], learned=False), self.weight(x.dims[1], fill=1.0, learned=False)
        return self.op("BatchNormalization", [x, scale, shift, mean, variance], x.dims, epsilon=1e-5)

    def pool(self, x: Value, kind: str, kernel: int, *, stride: int = 1, pad: int = 0) -> Value:
        """``kind`` is "Max" or "Average"; padding is not counted in averages."""
        rank = len(x.dims) - 2
        window = {"kernel_shape": [kernel] * rank, "strides": [stride] * rank, "pads": [pad] * 2 * rank}
        spatial = [(size + 2 * pad - kernel) // stride + 1 for size in x.dims[2:]]
        return self.op(f"{kind}Pool", [x], (*x.dims[:2], *spatial), **window)

    def concat(self, values: Sequence[Value], axis: int = 1) -> Value:
        """Values one behind the other."""
        dims = list(values[0].dims)
        dims[axis] = sum(value.dims[axis] for value in values)
        return self.op("Concat", values, dims, axis=axis)

    def reshape(self, x: Value, *dims: int) -> Value:
        """The same elements with other dims."""
        return self.op("Reshape", [x, self.constant(dims)], dims)

    def transpose(self, x: Value, *perm: int) -> Value:
        """Axes in another order."""
        return self.op("Transpose", [x], [x.dims[axis] for axis in perm], perm=list(perm))

    def dense(self, x: Value, out: int) -> Value:
        """A fully connected layer on N x features (Gemm), or on the last axis of more dims (MatMul, Add)."""
        features = x.dims[-1]
        if len(x.dims) == 2:
            return self.op("Gemm", [x, self.weight(out, features, fan=features), self.weight(out)], (x.dims[0], out), transB=1)
        product = self.op("MatMul", [x, self.weight(features, out, fan=features)], (*x.dims[:-1], out))
        return self.op("Add", [product, self.weight(out)], product.dims)

    def classifier(self, x: Value, classes: int) -> Value:
        """Global average pooling, and a fully connected layer."""
        pooled = self.op("GlobalAveragePool", [x], (*x.dims[:2], *[1] * (len(x.dims) - 2)))
        return self.dense(self.op("Flatten", [pooled], x.dims[:2], axis=1), classes)

    def model(self, outputs: Sequence[Value], seed: int | None = None) -> Any:
        """The ModelProto; with a seed its weights have data."""
        random = None if seed is None else np.random.default_rng(seed)
        graph = helper.make_graph(
            self._nodes,
            "network",
            self._inputs,
            [helper.make_tensor_value_info(value.name, TensorProto.FLOAT, value.dims) for value in outputs],
            [*self._constants, *(_stored(weight, random) for weight in self._weights)],
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="")


def _stored(weight: _Weight, random: np.random.Generator | None) -> Any:
    tensor = TensorProto(name=weight.name, data_type=TensorProto.FLOAT, dims=weight.dims)
    if math.prod(weight.dims) <= MOST_VALUES:
        # a text says the values of so small a tensor, so it has some, the same with and without a seed, as different as trained ones
        own = np.random.default_rng(int(weight.name[1:]))
        drawn = own.normal(weight.fill, (2.0 / weight.fan) ** 0.5 if weight.fan else 0.1, weight.dims)
        tensor.raw_data = (drawn if weight.learned else np.abs(drawn)).astype(np.float32).tobytes()  # a variance is not negative
    elif random is not None:
        if weight.fan:
            values = random.standard_normal(weight.dims, np.float32) * np.float32((2.0 / weight.fan) ** 0.5)
        else:
            values = np.full(weight.dims, weight.fill, np.float32)
        tensor.raw_data = values.tobytes()
    return tensor
