"""Values of small tensors from which shapes are made, for the worker process alone: computed by the ``onnx`` package's reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper

from rlm_lsp.onnx.types import ValueType

Values = npt.NDArray[Any]
"""A small tensor of numbers."""

KEPT_ELEMENTS = 1_024

_SHRINKING = frozenset({
    "Gather", "GatherElements", "GatherND", "Slice", "Squeeze", "Unsqueeze", "Cast", "Identity", "Add", "Sub", "Mul", "Div", "Mod",
    "Neg", "Abs", "Floor", "Ceil", "Round", "Sqrt", "Min", "Max", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And",
    "Or", "Not", "Where", "Reshape", "Flatten", "Transpose", "ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean",
    "NonZero", "Split", "Concat", "CumSum", "ScatterND", "ScatterElements", "ArgMax", "ArgMin", "Sign", "Trilu", "Pow", "Clip",
})  # fmt: skip
"""Operators whose outputs are at most as large as their inputs together, or the product of two of them."""

_GROWING = frozenset({"ConstantOfShape", "Expand", "Tile", "Range", "Pad"})
"""Those that make as much as an input says: the size of the result must be known to be small."""


def is_evaluated(op: str) -> bool:
    """Whether this operator of the default domain is computed."""
    return op in _SHRINKING or op in _GROWING


def evaluated(
    proto: onnx.NodeProto, opsets: Mapping[str, int], values: Sequence[Values | None], outputs: Sequence[ValueType]
) -> Sequence[Values]:
    """Outputs of a node whose inputs are all known; none where they would be large, or the node is not valid."""
    if any(value is not None and value.size > KEPT_ELEMENTS for value in values):
        return ()
    if proto.op_type in _GROWING and not _is_small(proto.op_type, values, outputs):
        return ()
    from onnx.reference import ReferenceEvaluator  # half a second, and few models need it

    names = [f"i{place}" if value is not None else "" for place, value in enumerate(values)]
    node = onnx.NodeProto()
    node.CopyFrom(proto)
    del node.input[:]
    node.input.extend(names)
    imports = [onnx.OperatorSetIdProto(domain=domain, version=version) for domain, version in opsets.items() if not domain]
    try:
        inner = [name for name in names if name], [name for name in node.output if name]
        function = helper.make_function("rlm", "F", *inner, [node], imports)
        feeds = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        with np.errstate(all="ignore"):
            results = ReferenceEvaluator(function).run(None, feeds, attributes={})
    except Exception:  # the reference raises anything over a node that is not valid
        return ()
    if not isinstance(results, list) or len(results) != len(node.output):
        return ()
    return [np.asarray(result) for result in results] if all(isinstance(result, np.ndarray | np.generic) for result in results) else ()


def _is_small(op: str, values: Sequence[Values | None], outputs: Sequence[ValueType]) -> bool:
    if op == "Range":
        if len(values) != 3 or any(value is None or value.size != 1 for value in values):
            return False
        start, limit, delta = (float(value.reshape(())) for value in values if value is not None)
        return delta != 0 and abs((limit - start) / delta) <= KEPT_ELEMENTS
    elements = outputs[0].elements if outputs else None
    return elements is not None and elements <= KEPT_ELEMENTS
