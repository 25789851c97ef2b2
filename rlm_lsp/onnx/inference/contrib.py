"""Shapes of the operators that ONNX Runtime adds (domain com.microsoft), after its docs/ContribOperators.md.

A rule takes the node and the types of its inputs, and gives those of its outputs; what does not follow stays unknown. Plain data, no
package is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rlm_lsp.onnx.types import Dim, Node, ValueType

DOMAIN = "com.microsoft"

Rule = Callable[[Node, Sequence[ValueType]], list[ValueType]]

_LIKE_FIRST = (
    "FastGelu", "BiasGelu", "Gelu", "QuickGelu", "Inverse", "RotaryEmbedding", "GroupNorm", "BiasAdd", "BiasSoftmax", "BiasDropout",
    "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", "SimplifiedLayerNormalization", "GemmaRotaryEmbedding",
    "NhwcQLinearSoftmax",
)  # fmt: skip
"""Operators with one output, like their first input."""

ALIASES: Mapping[str, str] = {"FusedConv": "Conv", "FusedGemm": "Gemm"}
"""Operators with the shapes of one of the default domain."""


def _given(inputs: Sequence[ValueType], place: int) -> ValueType:
    return inputs[place] if place < len(inputs) else ValueType()


def _integer(node: Node, name: str, default: int = 0) -> int:
    value = node.attribute(name)
    return value if isinstance(value, int) else default


def _times(one: Dim, other: Dim) -> Dim:
    return one * other if isinstance(one, int) and isinstance(other, int) else None


def _plus(one: Dim, other: Dim) -> Dim:
    if one == 0 or other == 0:
        return other if one == 0 else one
    return one + other if isinstance(one, int) and isinstance(other, int) else None


def _per(one: Dim, count: int) -> Dim:
    return one // count if isinstance(one, int) and count > 0 else None


def _as_first(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """An output like the first input."""
    return [_given(inputs, 0)]


def _skip_layer_normalization(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """Output, mean, inverse deviation, and the sum before normalisation."""
    x = _given(inputs, 0)
    moment = ValueType("float32", None if not x.dims else (*x.dims[:-1], 1))
    return [x, moment, moment, x]


def _bias_split_gelu(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    x = _given(inputs, 0)
    return [ValueType(x.dtype, None if not x.dims else (*x.dims[:-1], _per(x.dims[-1], 2)))]


def _embed_layer_normalization(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """Ids [B, S], words [V, H] → [B, S, H], mask index [B], sum [B, S, H]."""
    ids, words = _given(inputs, 0), _given(inputs, 2)
    if ids.dims is None or words.dims is None or len(ids.dims) != 2 or len(words.dims) != 2:
        return [ValueType(words.dtype), ValueType("int32"), ValueType(words.dtype)]
    out = ValueType(words.dtype, (*ids.dims, words.dims[1]))
    return [out, ValueType("int32", ids.dims[:1]), out]


def _attention(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """X [B, S, I], weights [I, Q + K + V] → [B, S, V], present [2, B, heads, past + S, head]."""
    x, weights, past = _given(inputs, 0), _given(inputs, 1), _given(inputs, 4)
    if x.dims is None or weights.dims is None or len(x.dims) != 3 or len(weights.dims) != 2:
        return [ValueType(x.dtype), ValueType(x.dtype)]
    batch, length, _ = x.dims
    heads = _integer(node, "num_heads", 1)
    sizes = node.attribute("qkv_hidden_sizes")
    hidden: Dim = _per(weights.dims[1], 3)
    if isinstance(sizes, tuple) and len(sizes) == 3 and isinstance(sizes[2], int):
        hidden = sizes[2]
    before: Dim = past.dims[3] if past.dims is not None and len(past.dims) == 5 else 0
    return [ValueType(x.dtype, (batch, length, hidden)), ValueType(x.dtype, (2, batch, heads, _plus(before, length), _per(hidden, heads)))]


def _quantized_attention(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """Attention on integers: input, weights, bias, their scales, mask, zero points, past."""
    x, weights, scale = (_given(inputs, place) for place in (0, 1, 3))
    floats = (ValueType(scale.dtype, x.dims), weights, ValueType(), ValueType(), _given(inputs, 8))
    return _attention(node, floats)


def _multi_head_attention(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """Query [B, S, H] (packed [B, S, heads, 3, head]), value [B, T, V] or [B, heads, T, head] → [B, S, V], present keys and values."""
    query, key, value, past = (_given(inputs, place) for place in (0, 1, 2, 6))
    heads = _integer(node, "num_heads", 1)
    if query.dims is None or len(query.dims) not in (3, 5):
        return [ValueType(query.dtype)] * 3
    batch, length = query.dims[:2]
    hidden: Dim = query.dims[2] if len(query.dims) == 3 else _times(heads, query.dims[4])
    total: Dim = length
    if value.dims is not None and len(value.dims) == 3:
        hidden, total = value.dims[2], value.dims[1]
    elif value.dims is not None and len(value.dims) == 4:
        hidden, total = _times(heads, value.dims[3]), value.dims[2]
    elif key.dims is not None and len(key.dims) == 5:  # keys and values in one, [B, T, heads, 2, head]
        total = key.dims[1]
    before: Dim = past.dims[2] if past.dims is not None and len(past.dims) == 4 else 0
    present = ValueType(query.dtype, (batch, heads, _plus(before, total), _per(hidden, heads)))
    return [ValueType(query.dtype, (batch, length, hidden)), present, present]


def _group_query_attention(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """Query [B, S, H], or packed with key and value → [B, S, H], present keys and values [B, kv heads, T, head]."""
    query, key, past = (_given(inputs, place) for place in (0, 1, 3))
    heads, kv_heads = _integer(node, "num_heads", 1), _integer(node, "kv_num_heads", 1)
    if query.dims is None or len(query.dims) != 3:
        return [ValueType(query.dtype)] * 3
    batch, length, width = query.dims
    packed = key.dims is None and not (len(node.inputs) > 1 and node.inputs[1])
    head = _per(width, heads + 2 * kv_heads if packed else heads)
    before: Dim = past.dims[2] if past.dims is not None and len(past.dims) == 4 else 0
    present = ValueType(query.dtype, (batch, kv_heads, _plus(before, length), head))
    return [ValueType(query.dtype, (batch, length, _times(head, heads))), present, present]


def _matmul_n_bits(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """A [..., K], N columns → [..., N]."""
    a = _given(inputs, 0)
    return [ValueType(a.dtype, None if not a.dims else (*a.dims[:-1], _integer(node, "N") or None))]


def _product(a: ValueType, b: ValueType, dtype: str) -> ValueType:
    """[..., M, K] x [..., K, N] → [..., M, N], as numpy.matmul does it."""
    if not a.dims or not b.dims:
        return ValueType(dtype)
    if len(b.dims) == 1:
        return ValueType(dtype, a.dims[:-1])
    if len(a.dims) == 1:
        return ValueType(dtype, (*b.dims[:-2], b.dims[-1]))
    return ValueType(dtype, (*_broadcast(a.dims[:-2], b.dims[:-2]), a.dims[-2], b.dims[-1]))


def _broadcast(one: Sequence[Dim], other: Sequence[Dim]) -> tuple[Dim, ...]:
    rank = max(len(one), len(other))
    pairs = zip((*(1,) * (rank - len(one)), *one), (*(1,) * (rank - len(other)), *other), strict=True)
    return tuple(right if left == 1 else left if right == 1 or left == right else None for left, right in pairs)


def _turned(type_: ValueType, matrix: int, batch: int) -> ValueType:
    """A factor of FusedMatMul after its transpositions: the last two, and the first with the last but one."""
    dims = type_.dims
    if dims is None or len(dims) < 2:
        return type_
    if batch:
        dims = (*dims[1:-1], dims[0], dims[-1])
    return ValueType(type_.dtype, (*dims[:-2], dims[-1], dims[-2]) if matrix else dims)


def _fused_matmul(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    a = _turned(_given(inputs, 0), _integer(node, "transA"), _integer(node, "transBatchA"))
    b = _turned(_given(inputs, 1), _integer(node, "transB"), _integer(node, "transBatchB"))
    return [_product(a, b, a.dtype)]


def _quantized_matmul(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """A matrix product of integers, scaled back to floats."""
    return [_product(_given(inputs, 0), _given(inputs, 1), "float32")]


def _qgemm(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """A, its scale and zero point, B, its scale and zero point, C, scale and zero point of the result."""
    a = _turned(_given(inputs, 0), _integer(node, "transA"), 0)
    b = _turned(_given(inputs, 3), _integer(node, "transB"), 0)
    return [_product(a, b, a.dtype if len(node.inputs) > 7 and node.inputs[7] else "float32")]


def _qlinear_binary(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """A, its scale and zero point, B and its own."""
    a, b = _given(inputs, 0), _given(inputs, 3)
    return [ValueType(a.dtype, None if a.dims is None or b.dims is None else _broadcast(a.dims, b.dims))]


def _qlinear_concat(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """Scale and zero point of the result, then each tensor with its own."""
    parts = list(inputs[2::3])
    axis = _integer(node, "axis")
    dims = [part.dims for part in parts if part.dims is not None]
    if not parts or len(dims) != len(parts) or not -len(dims[0]) <= axis < len(dims[0]) or any(len(each) != len(dims[0]) for each in dims):
        return [ValueType(_given(inputs, 2).dtype)]
    total: Dim = 0
    for each in dims:
        total = _plus(total, each[axis])
    at = axis % len(dims[0])
    return [ValueType(parts[0].dtype, (*dims[0][:at], total, *dims[0][at + 1 :]))]


def _qlinear_global_average_pool(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    x = _given(inputs, 0)
    if x.dims is None or len(x.dims) < 3:
        return [ValueType(x.dtype)]
    ones = (1,) * (len(x.dims) - 2)
    return [ValueType(x.dtype, (x.dims[0], *ones, x.dims[-1]) if _integer(node, "channels_last") else (*x.dims[:2], *ones))]


def _dynamic_quantize_lstm(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """X [S, B, I] → Y [S, D, B, H], last state and cell [D, B, H]."""
    x = _given(inputs, 0)
    hidden = _integer(node, "hidden_size") or None
    directions = 2 if node.attribute("direction") == "bidirectional" else 1
    if x.dims is None or len(x.dims) != 3:
        return [ValueType("float32")] * 3
    length, batch, _ = x.dims
    state = ValueType("float32", (directions, batch, hidden))
    return [ValueType("float32", (length, directions, batch, hidden)), state, state]


def _quantize(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    return [ValueType(_given(inputs, 2).dtype or "uint8", _given(inputs, 0).dims)]


def _dequantize(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    return [ValueType(_given(inputs, 1).dtype, _given(inputs, 0).dims)]


def _gather_block_quantized(node: Node, inputs: Sequence[ValueType]) -> list[ValueType]:
    """Data [..., K], indices → the indexed axis replaced by the indices' dims, dequantised."""
    data, indices, scales = (_given(inputs, place) for place in (0, 1, 2))
    axis = _integer(node, "gather_axis")
    if data.dims is None or indices.dims is None or not -len(data.dims) <= axis < len(data.dims):
        return [ValueType(scales.dtype)]
    at = axis % len(data.dims)
    return [ValueType(scales.dtype, (*data.dims[:at], *indices.dims, *data.dims[at + 1 :]))]


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_LIKE_FIRST, _as_first),
    "SkipLayerNormalization": _skip_layer_normalization,
    "SkipSimplifiedLayerNormalization": _skip_layer_normalization,
    "BiasSplitGelu": _bias_split_gelu,
    "EmbedLayerNormalization": _embed_layer_normalization,
    "Attention": _attention,
    "QAttention": _quantized_attention,
    "MultiHeadAttention": _multi_head_attention,
    "GroupQueryAttention": _group_query_attention,
    "MatMulNBits": _matmul_n_bits,
    "MatMulBnb4": _matmul_n_bits,
    "FusedMatMul": _fused_matmul,
    "TransposeMatMul": _fused_matmul,
    "MatMulIntegerToFloat": _quantized_matmul,
    "DynamicQuantizeMatMul": _quantized_matmul,
    "GemmFastGelu": lambda node, inputs: [_product(_given(inputs, 0), _given(inputs, 1), _given(inputs, 0).dtype)],
    "QGemm": _qgemm,
    "QLinearAdd": _qlinear_binary,
    "QLinearMul": _qlinear_binary,
    "QLinearConcat": _qlinear_concat,
    "QLinearGlobalAveragePool": _qlinear_global_average_pool,
    "DynamicQuantizeLSTM": _dynamic_quantize_lstm,
    "QuantizeLinear": _quantize,
    "DequantizeLinear": _dequantize,
    "GatherBlockQuantized": _gather_block_quantized,
}
