"""Work that is no multiply-accumulate: how dear one element is, and which operators only rename, or touch a part of what they read.

A weight is a typical number of nanoseconds an element takes on one x86-64 core beyond moving it, set by hand from the kind of arithmetic
(a comparison, an exponential, a search) and not fitted to any model. ``benchmarks/ONNX.md`` says how well nodes are ranked with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from rlm_lsp.onnx.costs_rules import MICROSOFT, RULES, Call, UnknownCostError

CHEAP, LIGHT, MEDIUM, DEAR, VERY_DEAR = 0.1, 0.4, 1.0, 3.0, 8.0
"""Additions; comparisons and conversions; exponentials; powers, error functions and normalised rows; sines and searches."""

_OF_OUTPUT: Mapping[str, float] = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Neg", "Abs", "Relu", "Clip", "Max", "Min", "Sum", "Mean", "And", "Or", "Xor", "Not"), CHEAP),
    **dict.fromkeys(("BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift", "LeakyRelu", "PRelu", "ThresholdedRelu"), CHEAP),
    **dict.fromkeys(("Div", "Sqrt", "Reciprocal", "Sign", "Floor", "Ceil", "Round", "HardSigmoid", "HardSwish", "Shrink"), LIGHT),
    **dict.fromkeys(("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "IsNaN", "IsInf", "Where", "Cast", "CastLike"), LIGHT),
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "BatchNormalization", "Trilu"), LIGHT),
    **dict.fromkeys(("Exp", "Log", "Sigmoid", "Tanh", "Softplus", "Softsign", "Elu", "Selu", "Celu", "Swish", "Mod"), MEDIUM),
    **dict.fromkeys(("Hardmax", "LpNormalization", "InstanceNormalization", "GroupNormalization"), MEDIUM),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization", "MeanVarianceNormalization", "RotaryEmbedding"), MEDIUM),
    **dict.fromkeys(("Softmax", "LogSoftmax", "Gelu", "Mish", "Erf", "Pow", "LRN", "Resize", "Upsample", "GridSample"), DEAR),
    **dict.fromkeys(("Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh"), VERY_DEAR),
    **dict.fromkeys(("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial"), VERY_DEAR),
    **dict.fromkeys((f"{MICROSOFT}{name}" for name in ("BiasGelu", "FastGelu", "Gelu", "QuickGelu", "BiasSplitGelu")), DEAR),
    **dict.fromkeys((f"{MICROSOFT}{name}" for name in ("SkipLayerNormalization", "EmbedLayerNormalization")), MEDIUM),
    **dict.fromkeys((f"{MICROSOFT}{name}" for name in ("SimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization")), MEDIUM),
    **dict.fromkeys((f"{MICROSOFT}{name}" for name in ("RotaryEmbedding", "BiasSoftmax", "QLinearSoftmax", "QLinearSigmoid")), MEDIUM),
    **dict.fromkeys((f"{MICROSOFT}{name}" for name in ("QLinearAdd", "QLinearMul", "QLinearLeakyRelu", "QLinearConcat")), LIGHT),
    **dict.fromkeys((f"{MICROSOFT}{name}" for name in ("QuantizeLinear", "DequantizeLinear", "BiasAdd")), LIGHT),
    "SimplifiedLayerNormalization": MEDIUM,
}
"""By element of the first output."""

_OF_INPUT: Mapping[str, float] = {
    **dict.fromkeys(("ReduceMax", "ReduceMin", "ReduceSum", "ReduceMean", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare"), LIGHT),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool", "CumSum", "CumProd", "NonZero", "Compress"), LIGHT),
    **dict.fromkeys((f"{MICROSOFT}QLinearGlobalAveragePool", f"{MICROSOFT}QLinearReduceMean"), LIGHT),
    **dict.fromkeys(("ReduceLogSum", "ReduceLogSumExp", "GlobalLpPool", "ArgMax", "ArgMin"), MEDIUM),
    **dict.fromkeys(("TopK", "Unique", "Det", "MaxUnpool"), VERY_DEAR),
}
"""By element of the first input."""

_POOLS = frozenset({"MaxPool", "AveragePool", "LpPool", f"{MICROSOFT}QLinearAveragePool"})

_CONVOLUTIONS = {"Conv": 1, "ConvInteger": 1, f"{MICROSOFT}FusedConv": 1, "QLinearConv": 3}
"""The place of the weight."""

_MOVES = frozenset(
    {
        *("Transpose", "Concat", "Split", "Slice", "Gather", "GatherElements", "GatherND", "Scatter", "ScatterElements", "ScatterND"),
        *("Pad", "Expand", "Tile", "DepthToSpace", "SpaceToDepth", "ConstantOfShape", "Range", "EyeLike", "OneHot", "ReverseSequence"),
        *("Col2Im", "CenterCropPad", "TensorScatter", "Bitcast", f"{MICROSOFT}GatherND", f"{MICROSOFT}GatherBlockQuantized"),
        *(f"{MICROSOFT}Pad", f"{MICROSOFT}ExpandDims", f"{MICROSOFT}Unpad"),
    }
)
"""Nothing but moving."""

RENAMES = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Dropout"})
"""What they give back is what they were given, with another shape: nothing is moved. Dropout does nothing once training is over."""

_FREE = RENAMES | {"Shape", "Size", "Constant", "If", "Loop", "Scan", "OptionalHasElement"}
"""Nothing but being called; the bodies of control flow are counted by themselves."""

_PARTIAL = frozenset({"Gather", "GatherElements", "GatherND", "Slice", "Split", "Expand", f"{MICROSOFT}GatherBlockQuantized"})
"""Of their first input they read no more than they write."""

_IN_PLACE = frozenset(
    {name for name, weight in _OF_OUTPUT.items() if weight <= MEDIUM} | {"Erf", "Gelu", "Pow", "Mish", "BatchNormalization"}
) - {"Resize", "Trilu", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"}


def element_work(call: Call) -> float:
    """Nanoseconds of an operator's arithmetic, multiply-accumulates left out.

    Raises:
        UnknownCostError: there is no rule for the operator, or a shape that the rule needs is not known.
    """
    name = call.operator
    if name in _OF_OUTPUT:
        return math.prod(call.output()) * _OF_OUTPUT[name]
    if name in _OF_INPUT:
        return math.prod(call.input(0)) * _OF_INPUT[name]
    if name in _POOLS:
        return math.prod(call.output()) * _kernel(call) * LIGHT
    if name in _MOVES or name in _FREE or name in RULES:
        return 0.0
    if name in _SPECIAL:
        return _SPECIAL[name](call)
    raise UnknownCostError("there is no rule for this operator")


def column_work(call: Call) -> float:
    """Nanoseconds that a convolution takes to lay out its input as columns: a number for each place of the kernel at each of the output's.

    A kernel of one place needs none. Where the kernel strides, neighbours do not lie side by side and are copied one by one.
    """
    weight = _CONVOLUTIONS.get(call.operator)
    kernel = math.prod(call.input(weight)[2:]) if weight is not None else 1
    if kernel == 1:
        return 0.0
    strides = call.node.attribute("strides")
    strided = isinstance(strides, tuple) and any(stride != 1 for stride in strides)
    batch, channels = call.input(0)[:2]
    return batch * channels * kernel * math.prod(call.output()[2:]) * (DEAR if strided else MEDIUM)


def is_free(operator: str) -> bool:
    """Whether an operator neither computes nor moves anything worth counting."""
    return operator in _FREE


def reads_part(operator: str) -> bool:
    """Whether an operator reads no more of its first input than it writes."""
    return operator in _PARTIAL


def may_overwrite(operator: str) -> bool:
    """Whether a result may take the place of an input that nobody needs any more, if it is as large."""
    return operator in _IN_PLACE


def _kernel(call: Call) -> int:
    kernel = call.node.attribute("kernel_shape")
    if not isinstance(kernel, tuple):
        raise UnknownCostError("attribute kernel_shape is missing")
    return math.prod(size for size in kernel if isinstance(size, int))


def _transform(call: Call) -> float:
    """Of n numbers by a fast Fourier transform: 5 n log2 n operations are the usual estimate."""
    elements = math.prod(call.output())
    return elements * LIGHT * 5 * math.log2(max(elements, 2))


def _boxes(call: Call) -> float:
    """NonMaxSuppression compares boxes with those that it keeps, of each class; how many that are, the data decide."""
    boxes, scores = call.input(0), call.input(1)
    return math.prod(scores) * DEAR + math.prod(boxes) * LIGHT


def _regions(call: Call) -> float:
    """RoiAlign: four corners a sample, four samples an element."""
    return math.prod(call.output()) * 4 * DEAR


_SPECIAL = {"DFT": _transform, "STFT": _transform, "NonMaxSuppression": _boxes, "RoiAlign": _regions, "MaxRoiPool": _regions}
