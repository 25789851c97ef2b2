"""Multiply-accumulates of operators, by their definitions in the ONNX and com.microsoft operator lists.

One multiplication with the addition that follows it counts as one. What adds, compares or moves without multiplying by a weight or
another activation counts none here; ``costs_elementwise`` has the rest of its work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rlm_lsp.onnx.types import Node, TensorInfo, ValueType

MICROSOFT = "com.microsoft:"


class UnknownCostError(Exception):
    """A cost cannot be known; the message says why, in words for a person."""


@dataclass(frozen=True, slots=True)
class Call:
    """A node with the types of what it reads and writes; None: an optional value that is not there.

    ``operator`` is "Conv", or with a domain "com.microsoft:FusedConv". ``stored`` are the inputs that the file holds, by position.
    """

    operator: str
    node: Node
    inputs: tuple[ValueType | None, ...]
    outputs: tuple[ValueType | None, ...]
    stored: Mapping[int, TensorInfo]

    def input(self, place: int) -> tuple[int, ...]:
        """The shape of an input.

        Raises:
            UnknownCostError: it is not known, or there is no such input.
        """
        return _dims(self.inputs, place, "input")

    def output(self, place: int = 0) -> tuple[int, ...]:
        """The shape of an output; raises like ``input``."""
        return _dims(self.outputs, place, "output")

    def has(self, place: int) -> bool:
        """Whether an optional input is given."""
        return place < len(self.inputs) and self.inputs[place] is not None

    def integer(self, name: str, default: int = 0) -> int:
        """An attribute that is a whole number."""
        value = self.node.attribute(name)
        return value if isinstance(value, int) else default

    def text(self, name: str) -> str:
        """An attribute that is a string, or nothing."""
        value = self.node.attribute(name)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def operator(node: Node) -> str:
    """How an operator is called here: its domain is left out where it is that of ONNX itself."""
    return node.op if node.domain in ("", "ai.onnx") else f"{node.domain}:{node.op}"


def _dims(types: tuple[ValueType | None, ...], place: int, what: str) -> tuple[int, ...]:
    found = types[place] if place < len(types) else None
    if found is None:
        raise UnknownCostError(f"it has no {what} {place}")
    if found.kind != "tensor" or found.dims is None:
        raise UnknownCostError(f"the shape of {what} {place} is not known")
    dims = tuple(dim for dim in found.dims if isinstance(dim, int))
    if len(dims) < len(found.dims):
        raise UnknownCostError(f"a dimension of {what} {place} is not known")
    return dims


def _at(dims: tuple[int, ...], axis: int, what: str) -> int:
    if not -len(dims) <= axis < len(dims):
        raise UnknownCostError(f"{what} has {len(dims)} dimensions")
    return dims[axis]


@dataclass(frozen=True, slots=True)
class Rule:
    """How multiply-accumulates are counted, for the machine and, in ``formula``, for a person."""

    count: Callable[[Call], int]
    formula: str


def _convolution(weight: int) -> Callable[[Call], int]:
    def count(call: Call) -> int:
        return math.prod(call.output()) * math.prod(call.input(weight)[1:])

    return count


def _transposed_convolution(call: Call) -> int:
    return math.prod(call.input(0)) * math.prod(call.input(1)[1:])


def _product(call: Call) -> int:
    """Of two matrices, or stacks of them; the fused ones may read the first one transposed."""
    return math.prod(call.output()) * _at(call.input(0), -2 if call.integer("transA") else -1, "input 0")


def _packed_product(call: Call) -> int:
    """With a weight whose rows are packed: K is an attribute."""
    depth = call.integer("K")
    if depth <= 0:
        raise UnknownCostError("attribute K is missing")
    return math.prod(call.output()) * depth


def _recurrent(gates: int) -> Callable[[Call], int]:
    def count(call: Call) -> int:
        hidden = call.integer("hidden_size")
        if hidden <= 0:
            raise UnknownCostError("attribute hidden_size is missing")
        steps = call.input(0)  # (time, batch, features), or (batch, time, features)
        directions = 2 if call.text("direction") == "bidirectional" else 1
        return math.prod(steps[:-1]) * directions * gates * hidden * (_at(steps, -1, "input 0") + hidden)

    return count


def _attended(queries: int, keys: int, query_width: int, value_width: int) -> int:
    """Scores of all queries with all keys, and the values weighed by them."""
    return queries * keys * (query_width + value_width)


def _attention(call: Call) -> int:
    """ai.onnx: heads are a dimension (4-D), or packed into the last one (3-D)."""
    query, key, value = (call.input(place) for place in range(3))
    keys = _at(key, -2, "input 1")
    if call.has(4):  # past_key: (batch, heads, past, size)
        keys += _at(call.input(4), -2, "input 4")
    if len(query) == 4:
        return _attended(math.prod(query[:3]), keys, query[3], _at(value, -1, "input 2"))
    heads, key_heads = call.integer("q_num_heads"), call.integer("kv_num_heads")
    if len(query) != 3 or heads <= 0 or key_heads <= 0:
        raise UnknownCostError("the heads are not known")
    return _attended(math.prod(query[:2]), keys, query[2], heads * (_at(value, -1, "input 2") // key_heads))


def _packed_attention(call: Call) -> int:
    """com.microsoft Attention: the projection of (batch, sequence, features), then scores and values."""
    data, weight = call.input(0), call.input(1)
    if len(data) != 3 or len(weight) != 2:
        raise UnknownCostError("input 0 or 1 has an unusual number of dimensions")
    batch, length, _ = data
    width = _at(call.output(), -1, "output 0")
    past = _at(call.input(4), -2, "input 4") if call.operator.endswith(":Attention") and call.has(4) else 0
    return batch * length * math.prod(weight) + _attended(batch * length, length + past, width, width)


def _multi_head_attention(call: Call) -> int:
    query = call.input(0)
    if len(query) != 3 or not call.has(1):
        raise UnknownCostError("packed queries, keys and values are not taken apart")
    key = call.input(1)  # (batch, keys, width), or (batch, heads, keys, size)
    keys = _at(key, -2, "input 1")
    if call.has(6):  # past_key
        keys += _at(call.input(6), -2, "input 6")
    return _attended(query[0] * query[1], keys, query[2], _at(call.output(), -1, "output 0"))


def _grouped_attention(call: Call) -> int:
    """GroupQueryAttention: keys are those of the present, which the second output holds."""
    query, present = call.input(0), call.output(1)
    width = _at(call.output(), -1, "output 0")
    return _attended(query[0] * _at(query, 1, "input 0"), _at(present, -2, "output 1"), width, width)


def _einsum(call: Call) -> int:
    """The sizes of all letters multiplied, pair by pair from the left; nothing where there is one operand."""
    equation = call.text("equation").replace(" ", "")
    written, arrow, result = equation.partition("->")
    terms = written.split(",")
    if "." in equation or len(terms) != len(call.inputs) or not all(term.isalpha() for term in terms):
        raise UnknownCostError("its equation is not one that is counted")
    sizes: dict[str, int] = {}
    for place, term in enumerate(terms):
        dims = call.input(place)
        if len(dims) != len(term):
            raise UnknownCostError("its equation does not fit its inputs")
        for letter, size in zip(term, dims, strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    if not arrow:
        result = "".join(sorted(letter for letter in sizes if written.count(letter) == 1))
    total, left = 0, terms[0]
    for place in range(1, len(terms)):
        total += math.prod(sizes[letter] for letter in set(left + terms[place]))
        later = set("".join(terms[place + 1 :]) + result)
        left = "".join(letter for letter in dict.fromkeys(left + terms[place]) if letter in later)
    return total


def _linear_model(call: Call) -> int:
    """ai.onnx.ml: every row with every coefficient."""
    coefficients = next((item.count for item in call.node.attributes if item.name == "coefficients"), 0)
    rows = call.input(0)
    return (rows[0] if len(rows) > 1 else 1) * coefficients


_CONVOLUTION = "output elements * input channels of a group * kernel elements"
_PRODUCT = "output elements * length of the rows that are multiplied"
_PAIRS = "batch * queries * keys * (width of queries + width of values)"


def _recurrence(gates: int) -> Rule:
    return Rule(_recurrent(gates), f"steps * batch * directions * {gates} * hidden size * (features + hidden size)")


RULES: Mapping[str, Rule] = {
    "Conv": Rule(_convolution(1), _CONVOLUTION),
    "ConvInteger": Rule(_convolution(1), _CONVOLUTION),
    "QLinearConv": Rule(_convolution(3), _CONVOLUTION),
    "DeformConv": Rule(_convolution(1), _CONVOLUTION),
    "ConvTranspose": Rule(_transposed_convolution, "input elements * output channels of a group * kernel elements"),
    "MatMul": Rule(_product, _PRODUCT),
    "MatMulInteger": Rule(_product, _PRODUCT),
    "QLinearMatMul": Rule(_product, _PRODUCT),
    "Gemm": Rule(_product, _PRODUCT),
    "LSTM": _recurrence(4),
    "GRU": _recurrence(3),
    "RNN": _recurrence(1),
    "Attention": Rule(_attention, _PAIRS),
    "Einsum": Rule(_einsum, "the sizes of all letters of two operands, from the left"),
    "ai.onnx.ml:LinearClassifier": Rule(_linear_model, "rows * coefficients"),
    "ai.onnx.ml:LinearRegressor": Rule(_linear_model, "rows * coefficients"),
    f"{MICROSOFT}FusedConv": Rule(_convolution(1), _CONVOLUTION),
    f"{MICROSOFT}FusedMatMul": Rule(_product, _PRODUCT),
    f"{MICROSOFT}TransposeMatMul": Rule(_product, _PRODUCT),
    f"{MICROSOFT}FusedGemm": Rule(_product, _PRODUCT),
    f"{MICROSOFT}QGemm": Rule(_product, _PRODUCT),
    f"{MICROSOFT}GemmFastGelu": Rule(_product, _PRODUCT),
    f"{MICROSOFT}MatMulIntegerToFloat": Rule(_product, _PRODUCT),
    f"{MICROSOFT}DynamicQuantizeMatMul": Rule(_product, _PRODUCT),
    f"{MICROSOFT}MatMulInteger16": Rule(_product, _PRODUCT),
    f"{MICROSOFT}MatMulNBits": Rule(_packed_product, "output elements * K"),
    f"{MICROSOFT}MatMulBnb4": Rule(_packed_product, "output elements * K"),
    f"{MICROSOFT}DynamicQuantizeLSTM": _recurrence(4),
    f"{MICROSOFT}Attention": Rule(_packed_attention, f"batch * sequence * weight elements, and {_PAIRS}"),
    f"{MICROSOFT}QAttention": Rule(_packed_attention, f"batch * sequence * weight elements, and {_PAIRS}"),
    f"{MICROSOFT}MultiHeadAttention": Rule(_multi_head_attention, _PAIRS),
    f"{MICROSOFT}GroupQueryAttention": Rule(_grouped_attention, _PAIRS),
}
"""Rules by operator. One that is in neither this table nor ``costs_elementwise``'s is unknown."""
