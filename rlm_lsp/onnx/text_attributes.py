"""How the compact text writes types, constants and attributes: short, and alike for files that mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.tensors import dtype_name
from rlm_lsp.onnx.types import Attribute, AttributeValue, Dim, Node, TensorInfo, ValueType

MOST_VALUES = 4
"""Numbers of a constant that are written out; longer ones are given by their shape."""

_MOST_ITEMS = 8  # of an attribute
_MOST_CHARACTERS = 32  # of a string that the file's author chose

_DTYPES: Mapping[str, str] = {
    "float32": "", "float16": "f16", "bfloat16": "bf16", "float64": "f64", "int8": "i8", "uint8": "u8", "int16": "i16", "uint16": "u16",
    "int32": "i32", "uint32": "u32", "int64": "i64", "uint64": "u64", "bool": "b", "int4": "i4", "uint4": "u4", "string": "s", "": "?",
}  # fmt: skip

_SHORT: Mapping[str, str] = {
    "kernel_shape": "k", "strides": "s", "pads": "p", "dilations": "d", "group": "g", "axis": "a", "axes": "a", "perm": "t",
    "num_heads": "h", "blocksize": "z",
}  # fmt: skip

_SILENT = frozenset(
    {
        *("epsilon", "momentum", "spatial", "consumed_inputs", "training_mode", "is_test", "allowzero", "noop_with_empty_axes", "seed"),
        *("coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value", "storage_order"),
        *("ceil_mode", "count_include_pad", "hidden_size", "split", "num_outputs", "value", "shape", "output_shape", "output_padding"),
        *("select_last_index", "sorted", "largest", "auto_pad", "keepdims", "num_scan_inputs", "saturate", "stash_type", "zero_point"),
    }
)
"""What hardly changes a cost, or stands in the shapes anyway."""

_DEFAULTS: Mapping[str, object] = {
    "strides": 1, "dilations": 1, "pads": 0, "group": 1, "alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0, "transBatchA": 0,
    "transBatchB": 0, "direction": "forward", "linear_before_reset": 0, "layout": 0, "exclusive": 0, "reverse": 0, "batch_dims": 0,
    "detect_positive": 1, "detect_negative": 1, "upper": 1, "fmod": 0, "mode": "constant", "block_size": 0, "approximate": "none",
}  # fmt: skip
"""Values that are not written."""

_WITH_WEIGHT = frozenset({"Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "com.microsoft:FusedConv"})
"""Whose kernel_shape their weight repeats."""

_UNWRITTEN = re.compile(r"[^A-Za-z0-9_.:+-]")


class Writer:
    """Writes types; symbols of dimensions become letters in the order in which they are met."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def type(self, kind: ValueType) -> str:
        """``1x64x56x56``, ``ax128:i64``; ``()`` is a scalar, ``*`` of unknown rank, ``?`` an unknown dimension."""
        if kind.kind != "tensor":
            return kind.kind
        dims = "*" if kind.dims is None else "x".join(map(self._dim, kind.dims)) or "()"
        return dims + _dtype(kind.dtype)

    def _dim(self, dim: Dim) -> str:
        if isinstance(dim, int):
            return str(dim)
        if not dim:
            return "?"
        number = len(self._letters)
        return self._letters.setdefault(dim, chr(ord("a") + number % 26) + (str(number // 26) if number >= 26 else ""))

    def constant(self, kind: ValueType, tensor: TensorInfo | None) -> str:
        """``w64x3x7x7``; of few numbers their values, as ``=0.5`` or ``=[0,1]``."""
        if tensor is not None and tensor.values is not None and len(tensor.values) <= MOST_VALUES and tensor.values:
            values = ",".join(map(_value, tensor.values))
            return f"={values}" if not tensor.dims else f"=[{values}]"
        text = self.type(kind)
        return "w" + ("" if text == "()" else text)


def name(text: str) -> str:
    """A name of an operator, or a string of an attribute, on one line and of bounded length."""
    return _UNWRITTEN.sub("_", text[:_MOST_CHARACTERS]) or "_"


def head(node: Node, rank: int | None) -> str:
    """Operator and attributes: ``Conv s2 p3``. ``rank`` is that of the first input, for axes that count from the end."""
    called = operator(node)
    parts = [_attribute(called, item, rank) for item in sorted(node.attributes, key=lambda item: item.name)]
    return " ".join([name(called.removeprefix("com.microsoft:")) if ":" in called else name(called), *filter(None, parts)])


def _attribute(called: str, item: Attribute, rank: int | None) -> str:
    if item.name in _SILENT or item.kind in ("graph", "graphs") or (item.name == "kernel_shape" and called in _WITH_WEIGHT):
        return ""
    value = _from_front(item, rank)
    if item.name in _DEFAULTS and _is_default(value, _DEFAULTS[item.name]):
        return ""
    if item.name == "to" and isinstance(value, int):
        return "to" + (_dtype(dtype_name(value)) or ":f32")
    text = _text(value, item.count)
    return f"{_SHORT[item.name]}{text}" if item.name in _SHORT else f"{name(item.name)}={text}"


def _from_front(item: Attribute, rank: int | None) -> AttributeValue:
    """Axes counted from the first dimension, where the rank is known."""
    value = item.value
    if rank and item.name == "axis" and isinstance(value, int) and -rank <= value < 0:
        return value + rank
    if rank and item.name == "axes" and isinstance(value, tuple):
        return tuple(axis + rank if isinstance(axis, int) and -rank <= axis < 0 else axis for axis in value)
    return value


def _is_default(value: AttributeValue, default: object) -> bool:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return all(part == default for part in value) if isinstance(value, tuple) else value == default


def _text(value: AttributeValue, count: int) -> str:
    if isinstance(value, tuple):
        if value and len(value) == count and all(part == value[0] for part in value) and not isinstance(value[0], TensorInfo):
            return _scalar(value[0])
        more = f",+{count - _MOST_ITEMS}" if count > _MOST_ITEMS else ""
        return f"{','.join(map(_scalar, value[:_MOST_ITEMS]))}{more}"
    return _scalar(value)


def _scalar(value: AttributeValue) -> str:
    if isinstance(value, bool | int | float):
        return _value(value)
    if isinstance(value, TensorInfo):
        return "x".join(map(str, value.dims)) + _dtype(value.dtype)
    if isinstance(value, ValueType):
        return value.dtype
    return name(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


def _value(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def _dtype(dtype: str) -> str:
    short = _DTYPES.get(dtype, dtype)
    return f":{short}" if short else ""
