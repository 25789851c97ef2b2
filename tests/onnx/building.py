"""ONNX files written field by field, as nobody's exporter would, without the ``onnx`` package.

Numbers of fields are those of onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

from rlm_lsp.onnx.wire import encode_varint

FLOAT, INT64 = 1, 7
INPUT, OUTPUT, NAME, OP, ATTRIBUTE, DOMAIN, METADATA = 1, 2, 3, 4, 5, 7, 9


_OTHER_DOMAINS = ("local", "com.microsoft", "org.example")


def field(number: int, value: bytes | str | int) -> bytes:
    """A length-delimited field, or a varint; negative numbers as int64."""
    if isinstance(value, int):
        return encode_varint(number << 3) + encode_varint(value & 0xFFFF_FFFF_FFFF_FFFF)
    data = value.encode() if isinstance(value, str) else value
    return encode_varint(number << 3 | 2) + encode_varint(len(data)) + data


def model(graph_: bytes, *more: bytes, opset: int = 17) -> bytes:
    return b"".join(
        (
            field(1, 8),
            field(8, field(2, opset)),
            *(field(8, field(1, domain) + field(2, 1)) for domain in _OTHER_DOMAINS),
            field(7, graph_),
            *more,
        )
    )


def graph(*parts: bytes, name: str = "g") -> bytes:
    return b"".join((*parts, field(2, name)))


def node(op: str, inputs: Sequence[str], outputs: Sequence[str], *more: bytes, name: str = "", domain: str = "") -> bytes:
    """A field of a graph."""
    parts = [*(field(INPUT, each) for each in inputs), *(field(OUTPUT, each) for each in outputs), field(OP, op)]
    parts += [field(NAME, name)] if name else []
    parts += [field(DOMAIN, domain)] if domain else []
    return field(1, b"".join((*parts, *more)))


def attribute(name: str, *, integer: int | None = None, ints: Iterable[int] = (), body: bytes | None = None, tensor_: bytes | None = None,
              reference: str = "") -> bytes:  # fmt: skip
    """A field of a node."""
    parts = [field(1, name)]
    if integer is not None:
        parts += [field(3, integer), field(20, 2)]
    for item in ints:
        parts += [field(8, item)]
    if ints:
        parts += [field(20, 7)]
    if body is not None:
        parts += [field(6, body), field(20, 5)]
    if tensor_ is not None:
        parts += [field(5, tensor_), field(20, 4)]
    if reference:
        parts += [field(21, reference), field(20, 2)]
    return field(ATTRIBUTE, b"".join(parts))


def metadata(key: str, value: str) -> bytes:
    """A field of a node."""
    return field(METADATA, field(1, key) + field(2, value))


def tensor(name: str, dims: Sequence[int], dtype: int = FLOAT, raw: bytes | None = None, external: dict[str, str] | None = None) -> bytes:
    """A TensorProto."""
    parts = [*(field(1, dim) for dim in dims), field(2, dtype), field(8, name)]
    if raw is not None:
        parts.append(field(9, raw))
    if external is not None:
        parts += [*(field(13, field(1, key) + field(2, value)) for key, value in external.items()), field(14, 1)]
    return b"".join(parts)


def initializer(*arguments: Any, **more: Any) -> bytes:
    """A field of a graph; arguments as of ``tensor``."""
    return field(5, tensor(*arguments, **more))


def int64s(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}q", *values)


def value(name: str, dims: Sequence[int | str] | None, dtype: int = FLOAT) -> bytes:
    """A ValueInfoProto."""
    shape = b""
    if dims is not None:
        shape = field(2, b"".join(field(1, field(2, dim) if isinstance(dim, str) else field(1, dim)) for dim in dims))
    return field(1, name) + field(2, field(1, field(1, dtype) + shape))


def graph_input(name: str, dims: Sequence[int | str] | None = None, dtype: int = FLOAT) -> bytes:
    return field(11, value(name, dims, dtype))


def graph_output(name: str, dims: Sequence[int | str] | None = None, dtype: int = FLOAT) -> bytes:
    return field(12, value(name, dims, dtype))


def function(name: str, inputs: Sequence[str], outputs: Sequence[str], *nodes: bytes, attributes: Sequence[str] = ()) -> bytes:
    """A field of a model, in the domain "local"; ``nodes`` come from ``node``, whose field number is another here."""
    parts = [field(1, name), field(10, "local"), field(9, field(2, 17)), field(9, field(1, "local") + field(2, 1))]
    parts += [*(field(4, each) for each in inputs), *(field(5, each) for each in outputs), *(field(6, each) for each in attributes)]
    parts += [field(7, _content(each)) for each in nodes]
    return field(25, b"".join(parts))


def _content(whole: bytes) -> bytes:
    """What is inside of a length-delimited field with a small number."""
    at = 1
    while whole[at] >= 0x80:
        at += 1
    return whole[at + 1 :]
