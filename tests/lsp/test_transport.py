"""Framing on the way in, JSON on the way out."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from lsprotocol import types

from rlm_lsp.lsp.transport import Unreadable, UnusableStreamError, read_messages
from rlm_lsp.lsp.wire import encode, strict_converter

FRAMES: dict[str, tuple[bytes, list[bytes | str]]] = {
    "two messages": (b"Content-Length: 2\r\n\r\n{}Content-Length: 3\r\n\r\n[1]", [b"{}", b"[1]"]),
    "lower case": (b"content-length:2\r\n\r\n{}", [b"{}"]),
    "upper case and another header": (b"CONTENT-TYPE: x; charset=utf-8\r\nCONTENT-LENGTH :  2  \r\n\r\n{}", [b"{}"]),
    "line feeds only": (b"Content-Length: 2\n\n{}", [b"{}"]),
    "rubbish before": (b"hello world\r\nContent-Length: 2\r\n\r\n{}", ["rubbish", b"{}"]),
    "rubbish in the same line": (b'{"a": 1}Content-Length: 2\r\n\r\n{}', [b"{}"]),
    "a length that is none": (b"Content-Length: x\r\n\r\n{}Content-Length: 2\r\n\r\n{}", ["header", b"{}"]),
    "a negative length": (b"Content-Length: -5\r\n\r\nContent-Length: 2\r\n\r\n{}", ["header", b"{}"]),
    "a long line": (b"x" * 100_000 + b"\r\nContent-Length: 2\r\n\r\n{}", ["rubbish", b"{}"]),
    "no length": (b"\r\n\r\nContent-Length: 2\r\n\r\n{}", ["header", "header", b"{}"]),
    "nothing": (b"", []),
    "an end within the header": (b"Content-Le", []),
    "an end within the body": (b"Content-Length: 9\r\n\r\n{}", []),
    "an empty body": (b"Content-Length: 0\r\n\r\n", [b""]),
}


@pytest.mark.parametrize(("stream", "expected"), FRAMES.values(), ids=FRAMES.keys())
def test_frames(stream: bytes, expected: list[bytes | str]) -> None:
    found = list(read_messages(io.BytesIO(stream)))
    assert len(found) == len(expected)
    for got, wanted in zip(found, expected, strict=True):
        assert got == wanted if isinstance(wanted, bytes) else isinstance(got, Unreadable) and wanted in got.reason


def test_a_message_that_is_too_long_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_lsp.lsp.transport.LARGEST_MESSAGE", 10)
    skipped, after = read_messages(io.BytesIO(b"Content-Length: 11\r\n\r\n" + b"x" * 11 + b"Content-Length: 2\r\n\r\n{}"))
    assert isinstance(skipped, Unreadable)
    assert after == b"{}"


@pytest.mark.parametrize("length", ["99999999999999", "9" * 3000])
def test_a_message_that_nobody_would_wait_for_ends_the_stream(length: str) -> None:
    with pytest.raises(UnusableStreamError, match=r"announced a message"):
        list(read_messages(io.BytesIO(f"Content-Length: {length}\r\n\r\n".encode())))


def test_encoding_equals_lsprotocols() -> None:
    area = types.Range(types.Position(1, 2), types.Position(3, 4))
    values: list[Any] = [
        types.InlayHint(
            types.Position(1, 2), [types.InlayHintLabelPart("x")], types.InlayHintKind.Type, tooltip="é", data={"a": [1, None]}
        ),
        types.CodeLens(area, types.Command("t", "c", arguments=[1, {"b": None}])),
        types.RelatedFullDocumentDiagnosticReport(items=[types.Diagnostic(area, "m", types.DiagnosticSeverity.Error, 5)], result_id="id"),
        types.OptionalVersionedTextDocumentIdentifier("file:///a", None),
        types.ServerCapabilities(position_encoding=types.PositionEncodingKind.Utf8, hover_provider=True),
        types.WorkDoneProgressBegin("t", percentage=0),
    ]
    converter = strict_converter()
    for value in values:
        expected = json.loads(json.dumps(value, default=converter.unstructure))
        assert json.loads(encode(value)) == expected


@pytest.mark.parametrize("value", [object(), float("nan"), {"a": {1, 2}}])
def test_what_has_no_json_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode(value)
