"""Protobuf's wire format (protobuf.dev, "Encoding"), walked in a file without reading what is skipped.

The file is read in windows and not mapped: the memory stays bounded whatever the file holds, and a file that is cut off by
somebody else while we read it gives a problem, where touching a page of a map would end the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal

SMALL_WINDOW = 4 << 10  # after a jump over a payload
LARGE_WINDOW = 256 << 10  # while fields follow each other
_HEADER = 20  # bytes of a key and a length, at most

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types; 3 and 4, groups, do not occur in ONNX

FaultCode = Literal["truncated", "malformed"]
Fault = Callable[[FaultCode, str], None]
"""Takes what is wrong, in one line."""


class Window:
    """The part of a file that was read last, ``data`` from ``base`` on.

    Reading raises OSError as the file does.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.size = size
        self.base = 0
        self.data = b""
        self.bytes_read = 0
        self._file = file
        self._width = SMALL_WINDOW

    def move(self, position: int) -> None:
        """Read what follows ``position``: the more, the nearer that is to the last window's end."""
        sequential = 0 <= self.base + len(self.data) - position <= _HEADER
        self._width = min(self._width * 2, LARGE_WINDOW) if sequential else SMALL_WINDOW
        self.data = self._read(position, self._width)
        self.base = position

    def take(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` to ``stop``; fewer where the file has become shorter."""
        if self.base <= start and stop <= self.base + len(self.data):
            return self.data[start - self.base : stop - self.base]
        return self._read(start, stop - start)

    def _read(self, position: int, count: int) -> bytes:
        self._file.seek(position)
        data = self._file.read(count)
        self.bytes_read += len(data)
        return data


def fields(window: Window, start: int, stop: int, fault: Fault) -> Iterator[tuple[int, int, int, int]]:
    """The fields of the message between two offsets, as (number, wire type, from, to); of a VARINT (number, 0, value, offset of the key).

    At the first fault, the message's remaining fields are left out.
    """
    position = start
    while position < stop:
        if position < window.base or position + _HEADER > window.base + len(window.data) < window.size:
            window.move(position)
        data, base = window.data, window.base
        at = position - base
        try:
            key = data[at]
            at += 1
            if key >= 0x80:
                key, at = varint(data, at - 1)
            wire = key & 7
            if wire == BYTES:
                length = data[at]
                at += 1
                if length >= 0x80:
                    length, at = varint(data, at - 1)
                begin, end = base + at, base + at + length
            elif wire == VARINT:
                begin, at = varint(data, at)
                end = base + at
            elif wire in (FIXED32, FIXED64):
                begin = base + at
                end = begin + (4 if wire == FIXED32 else 8)
            else:
                return fault("malformed", f"wire type {wire} at byte {position:,}: this is no ONNX file, or a damaged one")
        except IndexError:
            return fault("truncated", f"the file ends at byte {base + len(data):,}, within a field")
        except ValueError as error:
            return fault("malformed", f"{error} at byte {position:,}")
        if end > stop:
            return fault("truncated", f"a field at byte {position:,} reaches {end - stop:,} bytes past the end of what holds it")
        if key < 8:
            return fault("malformed", f"a field without a number at byte {position:,}: this is no ONNX file, or a damaged one")
        yield key >> 3, wire, begin, end if wire else position
        position = end
    return None


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned number at ``at``, and where it ends.

    Raises:
        IndexError: the data ends within it.
        ValueError: it has more than 64 bits.
    """
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >> 64:
                break
            return value, at
        shift += 7
        if shift > 63:
            break
    raise ValueError("a number of more than 64 bits")


def signed(value: int) -> int:
    """A varint as int64."""
    return value - (1 << 64) if value >> 63 else value


def varints(data: bytes, limit: int) -> list[int]:
    """At most ``limit`` packed signed numbers; those before the first damaged one."""
    numbers: list[int] = []
    at = 0
    try:
        while at < len(data) and len(numbers) < limit:
            value, at = varint(data, at)
            numbers.append(signed(value))
    except (IndexError, ValueError):
        pass  # the caller compares the count with the shape
    return numbers


def encode_varint(value: int) -> bytes:
    """The inverse of ``varint``."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
