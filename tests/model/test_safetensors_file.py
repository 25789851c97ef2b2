"""Our safetensors reader against the reference's writer, and against files that lie."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rlm_lsp.model.safetensors_file import SafetensorsError, read_header, read_tensors, write_tensors

TENSORS: dict[str, NDArray[Any]] = {
    "b": np.arange(6, dtype=np.float16).reshape(2, 3),
    "a": np.array([1.5, -2.0], dtype=np.float32),
    "empty": np.zeros((0, 4), dtype=np.float32),
    "scalar": np.array(7, dtype=np.int64),
}


def test_round_trip(tmp_path: Path) -> None:
    write_tensors(tmp_path / "x", TENSORS)
    back = read_tensors(tmp_path / "x")
    assert back.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert back[name].dtype == tensor.dtype
        assert np.array_equal(back[name], tensor)
        assert not back[name].flags.writeable


def test_the_reference_library_reads_ours_and_we_read_its(tmp_path: Path) -> None:
    reference = pytest.importorskip("safetensors.numpy", reason="the reference library is the `gpu` extra's")
    write_tensors(tmp_path / "ours", TENSORS)
    loaded = reference.load_file(tmp_path / "ours")
    assert all(np.array_equal(loaded[name], tensor) for name, tensor in TENSORS.items())
    reference.save_file(TENSORS, tmp_path / "theirs", {"format": "np"})
    assert all(np.array_equal(read_tensors(tmp_path / "theirs")[name], tensor) for name, tensor in TENSORS.items())


def file_bytes(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def entry(begin: int, end: int, shape: list[Any] | None = None, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": [(end - begin) // 4] if shape is None else shape, "data_offsets": [begin, end]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "shorter than its header length"),
        (b"\x02\0\0\0", "shorter than its header length"),
        (file_bytes({}, length=2**63), "does not fit"),
        (file_bytes({}, length=99), "does not fit"),
        (file_bytes({}, b"\0" * 100, length=100_000_001), "does not fit"),
        (file_bytes(b"\xff\xfe{}"), "not UTF-8 JSON"),
        (file_bytes(b"{"), "not UTF-8 JSON"),
        (file_bytes(b"[" * 100_000), "not UTF-8 JSON"),
        (file_bytes([]), "not an object"),
        (file_bytes(b'{"a": 1, "a": 2}'), "twice"),
        (file_bytes({"a": 1}), "malformed"),
        (file_bytes({"a": {**entry(0, 4), "more": 1}}, b"\0" * 4), "malformed"),
        (file_bytes({"a": entry(0, 4, shape=[True])}, b"\0" * 4), "malformed"),
        (file_bytes({"a": entry(0, 4, shape=[-1])}, b"\0" * 4), "malformed"),
        (file_bytes({"a": entry(0, 4, shape=[1.0])}, b"\0" * 4), "malformed"),
        (file_bytes({"a": {**entry(0, 4), "data_offsets": [0]}}, b"\0" * 4), "malformed"),
        (file_bytes({"a": entry(0, 4, dtype="F99")}, b"\0" * 4), "F99"),
        (file_bytes({"a": {**entry(0, 4), "dtype": []}}, b"\0" * 4), "not one of"),
        (file_bytes({"a": entry(0, 4, shape=[2])}, b"\0" * 4), "does not fill"),
        (file_bytes({"a": entry(4, 0, shape=[1])}, b"\0" * 4), "does not fill"),
        (file_bytes({"a": entry(0, 4, shape=[2**31, 2**31, 4])}, b"\0" * 4), "does not fill"),
        (file_bytes({"a": entry(0, 8)}, b"\0" * 4), "ends after"),
        (file_bytes({"a": entry(0, 2**61)}, b"\0" * 4), "ends after"),
        (file_bytes({"a": entry(0, 8), "b": entry(4, 12)}, b"\0" * 12), "overlaps"),
        (file_bytes({"a": entry(0, 4), "b": entry(0, 4)}, b"\0" * 4), "overlaps"),
        (file_bytes({"a": entry(0, 4), "b": entry(8, 12)}, b"\0" * 12), "leaves a gap"),
        (file_bytes({"a": entry(0, 4)}, b"\0" * 5), "1 bytes after"),
        (file_bytes({}, b"\0"), "1 bytes after"),
    ],
)
def test_files_that_lie(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(SafetensorsError, match=message):
        read_header(tmp_path / "x")


@given(cut=st.integers(0, 400), place=st.integers(0, 400), value=st.integers(0, 255))
def test_damaged_files_never_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, cut: int, place: int, value: int) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    write_tensors(path, TENSORS)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content[: len(content) - cut % len(content)])
    try:
        tensors = read_tensors(path)
    except SafetensorsError:
        return
    assert sum(tensor.nbytes for tensor in tensors.values()) <= len(content)
