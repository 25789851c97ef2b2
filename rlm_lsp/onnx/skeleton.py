"""A model file rewritten without its payloads, for a library that wants protobuf: some kilobytes to megabytes for gigabytes.

Fields are copied as they are, except those that hold other messages, and payloads of more than a kilobyte, which are dropped: shape
inference on what remains equals that on the whole file, as only small tensors are target shapes.
"""

from __future__ import annotations

from rlm_lsp.onnx.source import MAX_DEPTH, Source
from rlm_lsp.onnx.tensors import PAYLOADS, SMALL_PAYLOAD
from rlm_lsp.onnx.wire import BYTES, FIXED32, FIXED64, encode_varint

MAX_SKELETON_BYTES = 256 << 20

_INNER: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""By message, the fields that hold messages with payloads in them."""

_LEFT_OUT = {
    "model": {6, 14, 20},
    "graph": {10, 14, 16},
    "node": {6, 9, 10},
    "function": {8, 14},
    "attribute": {13},
    "tensor": {12, 13, 14, 16},
}
"""By message, fields that say nothing about shapes: documentation, metadata, training, and where external data lies.

A tensor without its location cannot send any library to another file.
"""


def skeleton(source: Source) -> bytes:
    """A ModelProto without payloads, at most ``MAX_SKELETON_BYTES``; ``source.problems`` says what is missing."""
    return bytes(_message(source, "model", 0, source.window.size, 0))


def _message(source: Source, kind: str, start: int, stop: int, depth: int) -> bytearray:
    out = bytearray()
    inner = _INNER[kind]
    left_out = _LEFT_OUT.get(kind, set())
    if depth > 3 * MAX_DEPTH:  # a graph in a graph is a node and an attribute deeper
        source.stop(f"graphs more than {MAX_DEPTH} deep in each other")
        return out
    for number, wire_type, begin, end in source.fields(start, stop):
        if number in left_out:
            continue
        if wire_type == BYTES and number in inner:
            _append(out, number, _message(source, inner[number], begin, end, depth + 1))
        elif kind == "tensor" and number in PAYLOADS and wire_type == BYTES and end - begin > SMALL_PAYLOAD:
            continue
        elif wire_type == BYTES:
            if len(out) + end - begin > MAX_SKELETON_BYTES:
                source.stop(f"what describes the network takes more than {MAX_SKELETON_BYTES >> 20} MB")
                break
            _append(out, number, source.window.take(begin, end))
        else:
            out += encode_varint(number << 3 | wire_type)
            out += encode_varint(begin) if wire_type not in (FIXED32, FIXED64) else source.window.take(begin, end)
    return out


def _append(out: bytearray, number: int, content: bytes | bytearray) -> None:
    out += encode_varint(number << 3 | BYTES)
    out += encode_varint(len(content))
    out += content
