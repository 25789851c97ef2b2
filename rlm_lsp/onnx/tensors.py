"""Decoders of tensors and types (onnx.proto: TensorProto, SparseTensorProto, TypeProto, ValueInfoProto), without their data."""

from __future__ import annotations

import struct
from collections.abc import Callable

from rlm_lsp.onnx.source import MAX_DEPTH, OBJECT_BYTES, Source
from rlm_lsp.onnx.types import BITS, Dim, External, TensorInfo, ValueInfo, ValueType
from rlm_lsp.onnx.wire import BYTES, VARINT, signed, varints

KEPT_VALUES = 64  # numbers of a small tensor, such as a target shape
MAX_RANK = 64
SMALL_PAYLOAD = 1 << 10  # bytes; longer ones are never looked into

DTYPES = ("", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32", "uint64",
          "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4",
          "float4e2m1", "float8e8m0", "uint2", "int2", "float6e2m3", "float6e3m2")  # fmt: skip
"""By TensorProto.DataType."""

RAW, STRINGS = 9, 6
PAYLOADS = {4: "float32", 5: "int32", STRINGS: "string", 7: "int64", RAW: "raw", 10: "float64", 11: "uint64"}
"""Fields of TensorProto that hold data."""

_RAW_FORMATS = {"float32": "f", "float64": "d", "float16": "e", "int64": "q", "int32": "i", "int16": "h", "int8": "b",
                "uint64": "Q", "uint32": "I", "uint16": "H", "uint8": "B", "bool": "?"}  # fmt: skip


def dtype_name(number: int) -> str:
    """A TensorProto.DataType; empty for what is unknown."""
    return DTYPES[number] if 0 <= number < len(DTYPES) else ""


def tensor(source: Source, start: int, stop: int, where: str, name: str = "") -> TensorInfo:
    """A TensorProto; its own name wins over ``name``."""
    dims: list[int] = []
    dtype = ""
    payloads: list[tuple[int, int, int, int]] = []  # (field, wire type, from, to)
    entries: list[tuple[str, str]] = []
    is_external = False
    stored = 0
    for number, kind, begin, end in source.fields(start, stop):
        if number == 1:
            dims += [signed(begin)] if kind == VARINT else varints(source.window.take(begin, min(end, begin + 10 * MAX_RANK)), MAX_RANK)
            if len(dims) > MAX_RANK:
                source.problem("limit", f"a tensor of more than {MAX_RANK} dimensions", where)
                break
        elif number == 2 and kind == VARINT:
            dtype = dtype_name(begin)
        elif number == 8 and kind == BYTES:
            name = source.text(begin, end)
        elif number in PAYLOADS:
            stored += end - begin if kind != VARINT else 1  # a list that is not packed has a field for each number
            if len(payloads) <= KEPT_VALUES:
                payloads.append((number, kind, begin, end))
        elif number == 13 and kind == BYTES:
            entries.append(entry(source, begin, end))
        elif number == 14:
            is_external = begin == 1
    source.spend(4 * OBJECT_BYTES + 8 * len(dims))
    if any(dim < 0 for dim in dims):
        source.problem("invalid-dims", "a stored tensor has a negative dimension", where or name)
    offset = next((begin for number, kind, begin, _ in payloads if number == RAW and kind == BYTES), None)
    external = _external(source, entries, where or name) if is_external else None
    info = TensorInfo(name, dtype, tuple(dims), stored, offset, external)
    return info if external else _with_values(source, info, payloads)


def sparse_tensor(source: Source, start: int, stop: int, where: str) -> TensorInfo:
    """A SparseTensorProto: the dense tensor's shape, and the bytes of values and indices that are stored."""
    dims: list[int] = []
    parts: list[TensorInfo] = []
    for number, kind, begin, end in source.fields(start, stop):
        if number in (1, 2) and kind == BYTES:
            parts.append(tensor(source, begin, end, where))
        elif number == 3 and len(dims) < MAX_RANK:
            dims += [signed(begin)] if kind == VARINT else varints(source.window.take(begin, min(end, begin + 10 * MAX_RANK)), MAX_RANK)
    name, dtype = (parts[0].name, parts[0].dtype) if parts else ("", "")
    return TensorInfo(name, dtype, tuple(dims), sum(part.stored_bytes for part in parts), sparse=True)


def value_info(source: Source, start: int, stop: int) -> ValueInfo:
    """A ValueInfoProto."""
    name = ""
    type_ = ValueType()
    for number, kind, begin, end in source.fields(start, stop):
        if kind == BYTES and number == 1:
            name = source.text(begin, end)
        elif kind == BYTES and number == 2:
            type_ = value_type(source, begin, end)
    source.spend(3 * OBJECT_BYTES)
    return ValueInfo(name, type_)


def value_type(source: Source, start: int, stop: int, depth: int = 0) -> ValueType:
    """A TypeProto."""
    found = ValueType()
    for number, kind, begin, end in source.fields(start, stop):
        if kind != BYTES:
            continue
        if depth > MAX_DEPTH:
            source.stop(f"types more than {MAX_DEPTH} deep in each other")
        elif number == 1 or number == 8:
            found = _tensor_type(source, begin, end, "tensor" if number == 1 else "sparse")
        elif number == 4 or number == 9:
            for inner, inner_kind, inner_begin, inner_end in source.fields(begin, end):
                if inner == 1 and inner_kind == BYTES:
                    element = value_type(source, inner_begin, inner_end, depth + 1)
                    found = ValueType(element.dtype, element.dims, "sequence" if number == 4 else "optional")
        elif number == 5 or number == 7:
            found = ValueType(kind="map" if number == 5 else "opaque")
    return found


def entry(source: Source, start: int, stop: int) -> tuple[str, str]:
    """A StringStringEntryProto."""
    key = value = ""
    for number, kind, begin, end in source.fields(start, stop):
        if kind == BYTES and number == 1:
            key = source.text(begin, end)
        elif kind == BYTES and number == 2:
            value = source.text(begin, end)
    source.spend(OBJECT_BYTES)
    return key, value


def _tensor_type(source: Source, start: int, stop: int, what: str) -> ValueType:
    dtype = ""
    dims: list[Dim] | None = None
    for number, kind, begin, end in source.fields(start, stop):
        if number == 1 and kind == VARINT:
            dtype = dtype_name(begin)
        elif number == 2 and kind == BYTES:
            dims = []
            for inner, inner_kind, inner_begin, inner_end in source.fields(begin, end):
                if inner == 1 and inner_kind == BYTES:
                    dims.append(_dimension(source, inner_begin, inner_end))
                    if len(dims) > MAX_RANK:
                        source.problem("limit", f"a type of more than {MAX_RANK} dimensions")
                        return ValueType(dtype)
    return ValueType(dtype, None if dims is None else tuple(dims), "sparse" if what == "sparse" else "tensor")


def _dimension(source: Source, start: int, stop: int) -> Dim:
    dim: Dim = None
    for number, kind, begin, end in source.fields(start, stop):
        if number == 1 and kind == VARINT:
            dim = signed(begin) if signed(begin) >= 0 else None  # -1 is how some exporters write "any"
        elif number == 2 and kind == BYTES:
            name = source.text(begin, end)
            dim = None if name in ("", "?") else name  # "?" stands for a different size at each place
    return dim


def _external(source: Source, entries: list[tuple[str, str]], where: str) -> External:
    """What external_data says. Numbers that are none, or negative, are left out."""
    said = dict(entries)
    numbers: dict[str, int | None] = {}
    for key in ("offset", "length"):
        text = said.get(key, "")
        numbers[key] = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
        if text and numbers[key] is None:
            source.problem("external-data", f"the {key} of a tensor's external data is not a size", where)
    return External(said.get("location", ""), numbers["offset"], numbers["length"])


def _with_values(source: Source, info: TensorInfo, payloads: list[tuple[int, int, int, int]]) -> TensorInfo:
    """The tensor with its values, where it holds few numbers and they are all there."""
    count = info.elements
    if count is None or count > KEPT_VALUES or info.stored_bytes > SMALL_PAYLOAD or info.dtype not in BITS:
        return info
    values = [value for payload in payloads for value in _numbers(source, info.dtype, *payload)]
    if len(values) != count:
        return info
    source.spend(OBJECT_BYTES * (1 + count))
    return TensorInfo(info.name, info.dtype, info.dims, info.stored_bytes, info.offset, values=tuple(values))


def _numbers(source: Source, dtype: str, number: int, kind: int, begin: int, end: int) -> list[int | float]:
    """The numbers of one payload field; none where it cannot be told what they are."""
    if kind == VARINT:
        return [_from_varint(dtype)(signed(begin))] if number in (5, 7, 11) else []
    if end - begin > SMALL_PAYLOAD:
        return []
    data = source.window.take(begin, end)
    if number in (5, 7, 11):
        return [_from_varint(dtype)(value) for value in varints(data, KEPT_VALUES + 1)]
    letter = {4: "f", 10: "d", RAW: _RAW_FORMATS.get(dtype, "")}.get(number, "")
    if dtype == "bfloat16" and number == RAW:  # the upper half of a float32
        letter, data = "f", b"".join(b"\0\0" + data[at : at + 2] for at in range(0, len(data), 2))
    if not letter or len(data) % struct.calcsize(f"<{letter}"):
        return []
    return list(struct.unpack(f"<{len(data) // struct.calcsize(f'<{letter}')}{letter}", data))


def _from_varint(dtype: str) -> Callable[[int], int | float]:
    """How int32_data and the like hold a number: half-precision floats by their bits."""
    if dtype == "float16":
        return lambda value: float(struct.unpack("<e", struct.pack("<H", value & 0xFFFF))[0])
    if dtype == "bfloat16":
        return lambda value: float(struct.unpack("<f", struct.pack("<I", (value & 0xFFFF) << 16))[0])
    if dtype == "uint64":
        return lambda value: value & 0xFFFF_FFFF_FFFF_FFFF
    return lambda value: value
