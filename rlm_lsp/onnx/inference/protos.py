"""Between our types and protobuf's, for the worker process alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import onnx

from rlm_lsp.onnx.reader import opened
from rlm_lsp.onnx.skeleton import skeleton
from rlm_lsp.onnx.source import Source
from rlm_lsp.onnx.tensors import DTYPES
from rlm_lsp.onnx.types import Dim, ValueType
from rlm_lsp.onnx.wire import Window


def loaded(path: Path) -> onnx.ModelProto:
    """The skeleton of a file.

    Raises:
        ValueError: reading it had to stop.
        Exception: whatever protobuf throws over a hostile file.
    """
    with opened(path) as (file, size):
        source = Source(Window(file, size))
        data = skeleton(source)
    if source.stopped:
        raise ValueError(source.problems[-1].reason)
    proto = onnx.ModelProto()
    proto.ParseFromString(data)
    return proto


def bodies(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    """The graphs in a node's attributes, in the order in which our reader meets them."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def from_proto(proto: onnx.TypeProto, symbols: frozenset[str]) -> ValueType:
    """A type; dimensions named by another than these symbols are unknown."""
    kind = proto.WhichOneof("value")
    if kind in ("sequence_type", "optional_type"):
        element = from_proto(getattr(proto, kind).elem_type, symbols)
        return ValueType(element.dtype, element.dims, "sequence" if kind == "sequence_type" else "optional")
    if kind in ("map_type", "opaque_type"):
        return ValueType(kind="map" if kind == "map_type" else "opaque")
    if kind is None:
        return ValueType()
    tensor = getattr(proto, kind)
    dtype = DTYPES[tensor.elem_type] if 0 <= tensor.elem_type < len(DTYPES) else ""
    dims = tuple(_dimension(dim, symbols) for dim in tensor.shape.dim) if tensor.HasField("shape") else None
    return ValueType(dtype, dims, "sparse" if kind == "sparse_tensor_type" else "tensor")


@lru_cache(maxsize=10_000)
def to_proto(type_: ValueType) -> onnx.TypeProto:
    """The inverse. Callers don't change it: equal types share one."""
    proto = onnx.TypeProto()
    if type_.kind in ("map", "opaque"):
        return proto
    holder = proto
    if type_.kind in ("sequence", "optional"):
        holder = proto.sequence_type.elem_type if type_.kind == "sequence" else proto.optional_type.elem_type
    if not type_.dtype:
        return proto
    tensor = holder.sparse_tensor_type if type_.kind == "sparse" else holder.tensor_type
    tensor.elem_type = DTYPES.index(type_.dtype)
    if type_.dims is not None:
        tensor.shape.SetInParent()
        for dim in type_.dims:
            added = tensor.shape.dim.add()
            if isinstance(dim, int):
                added.dim_value = dim
            elif dim is not None:
                added.dim_param = dim
    return proto


def negative_dims_cleared(proto: onnx.TypeProto) -> None:
    """Make dimensions unknown that are negative, which is how some exporters write "any"."""
    for dim in proto.tensor_type.shape.dim:
        if dim.dim_value < 0:
            dim.Clear()


def _dimension(dim: onnx.TensorShapeProto.Dimension, symbols: frozenset[str]) -> Dim:
    if dim.HasField("dim_value"):
        return dim.dim_value if dim.dim_value >= 0 else None
    return dim.dim_param if dim.dim_param in symbols else None
