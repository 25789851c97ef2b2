"""Read and write ``.safetensors`` files: an 8-byte header length, a JSON header, and the tensors' bytes.

Our own, because the embedded back end needs only offsets, and every way in which a file can lie must end in one clear error.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_HEADER = 100_000_000  # bytes, the reference implementation's limit
_DTYPES: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "I64": np.dtype("<i8")}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


class SafetensorsError(ValueError):
    """The file is not a well-formed safetensors file, or holds what we don't read."""


@dataclass(frozen=True)
class TensorEntry:
    """Where a tensor lies: ``offset`` and ``length`` in bytes from the start of the file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int
    length: int


def read_header(path: Path) -> dict[str, TensorEntry]:
    """All tensors of a file, by name, with every claim of the header checked against the file's size.

    Raises:
        SafetensorsError: header too long, not UTF-8, not JSON, with repeated names or unknown types; tensors that overlap, leave gaps, lie
            outside of the file, or whose size contradicts their shape.
        OSError: the file cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        if len(start) < 8:
            raise SafetensorsError("shorter than its header length")
        (length,) = struct.unpack("<Q", start)
        if length > MAX_HEADER or length > size - 8:
            raise SafetensorsError(f"header length {length} does not fit into the file")
        raw = file.read(length)
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SafetensorsError(f"header is not UTF-8 JSON ({error})") from error
    if not isinstance(header, dict):
        raise SafetensorsError("header is not an object")
    header.pop("__metadata__", None)
    entries = {name: _entry(name, description, 8 + length) for name, description in header.items()}
    _check_layout(entries, 8 + length, size)
    return entries


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise SafetensorsError("a name stands twice in the header")
    return result


def _entry(name: str, description: Any, data_start: int) -> TensorEntry:
    """A tensor's header entry, checked in itself."""
    if not isinstance(description, dict) or set(description) != {"dtype", "shape", "data_offsets"}:
        raise SafetensorsError(f"tensor {name!r} has a malformed entry")
    dtype = _DTYPES.get(description["dtype"]) if isinstance(description["dtype"], str) else None
    if dtype is None:
        raise SafetensorsError(f"tensor {name!r} is of type {description['dtype']!r}, not one of {', '.join(_DTYPES)}")
    shape, offsets = description["shape"], description["data_offsets"]
    for numbers in (shape, offsets):
        if not isinstance(numbers, list) or not all(type(n) is int and 0 <= n < 2**62 for n in numbers):
            raise SafetensorsError(f"tensor {name!r} has a malformed entry")
    if len(offsets) != 2:
        raise SafetensorsError(f"tensor {name!r} has a malformed entry")
    needed = dtype.itemsize
    for dimension in shape:  # Python integers: a product cannot wrap around
        needed *= dimension
    if offsets[1] - offsets[0] != needed:
        raise SafetensorsError(f"tensor {name!r} of shape {shape} does not fill its {offsets[1] - offsets[0]} bytes")
    return TensorEntry(dtype, tuple(shape), data_start + offsets[0], needed)


def _check_layout(entries: Mapping[str, TensorEntry], data_start: int, size: int) -> None:
    """Every byte of the file belongs to exactly one tensor."""
    position = data_start
    for name, entry in sorted(entries.items(), key=lambda item: (item[1].offset, item[1].length)):
        if entry.offset != position:
            raise SafetensorsError(f"tensor {name!r} {'overlaps another one' if entry.offset < position else 'leaves a gap before it'}")
        position += entry.length
        if position > size:
            raise SafetensorsError(f"tensor {name!r} ends after the end of the file")
    if position != size:
        raise SafetensorsError(f"{size - position} bytes after the last tensor")


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """All tensors as read-only views of the mapped file; raises like ``read_header``."""
    entries = read_header(path)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return {
        name: np.frombuffer(mapped, entry.dtype, entry.length // entry.dtype.itemsize, entry.offset).reshape(entry.shape)
        for name, entry in entries.items()
    }


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write ``tensors`` in the order of their names."""
    header: dict[str, Any] = {}
    position = 0
    ordered = {name: np.asarray(tensors[name], order="C") for name in sorted(tensors)}
    for name, tensor in ordered.items():
        header[name] = {
            "dtype": _NAMES[tensor.dtype.newbyteorder("<")],
            "shape": list(tensor.shape),
            "data_offsets": [position, position + tensor.nbytes],
        }
        position += tensor.nbytes
    raw = json.dumps(header, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % 8)  # tensors begin at a multiple of 8
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        for tensor in ordered.values():
            file.write(tensor.astype(tensor.dtype.newbyteorder("<"), copy=False).tobytes())
