"""JSON-RPC messages: JSON first, its outer shape second. What the parameters mean is ``protocol``'s business.

Nothing here quotes what was received: reasons end up in logs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803

DEEPEST = 64  # levels of nesting; a real request has about ten
Id = int | str


@dataclass(frozen=True, slots=True)
class Request:
    """Must be answered once."""

    id: Id
    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Notification:
    """Must not be answered."""

    method: str
    params: Any


@dataclass(frozen=True, slots=True)
class Response:
    """The client's answer to a request of ours. ``error`` is None or an object."""

    id: Id
    result: Any
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Invalid:
    """No message. To be answered with ``code``, and with the id None where none could be read."""

    id: Id | None
    code: int
    reason: str


Message = Request | Notification | Response | Invalid


def decode(body: bytes) -> Message:
    """The message in ``body``. Half a surrogate pair, which JSON can write and UTF-8 cannot, becomes U+FFFD."""
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        return Invalid(None, INVALID_REQUEST, "nested too deeply")
    except ValueError as error:  # UnicodeDecodeError is one, too
        return Invalid(None, PARSE_ERROR, "not UTF-8" if isinstance(error, UnicodeDecodeError) else "not JSON")
    if not isinstance(data, dict):
        return Invalid(None, INVALID_REQUEST, "not a JSON-RPC object (LSP has no batches)")
    try:
        data = _cleaned(data, DEEPEST)
    except _TooDeepError:
        return Invalid(_id_of(data), INVALID_REQUEST, "nested too deeply")
    return _shaped(data)


def _shaped(data: dict[str, Any]) -> Message:
    id_ = _id_of(data)
    method = data.get("method")
    if data.get("jsonrpc") != "2.0":
        return Invalid(id_ if "method" in data else None, INVALID_REQUEST, "not JSON-RPC 2.0")
    if "method" not in data:
        error = data.get("error")
        if id_ is not None and (error is None or isinstance(error, dict)):
            return Response(id_, data.get("result"), error)
        return Invalid(None, INVALID_REQUEST, "neither a request nor an answer")
    if not isinstance(method, str):
        return Invalid(id_, INVALID_REQUEST, "the method is not a string")
    params = data.get("params")
    if params is not None and not isinstance(params, dict | list):
        return Invalid(id_, INVALID_PARAMS, "params is neither an object nor an array") if "id" in data else Notification(method, params)
    if "id" not in data:
        return Notification(method, params)
    if id_ is None:
        return Invalid(None, INVALID_REQUEST, "the id is neither an integer nor a string")
    return Request(id_, method, params)


def _id_of(data: dict[str, Any]) -> Id | None:
    id_ = data.get("id")
    return id_ if isinstance(id_, int | str) and not isinstance(id_, bool) else None


class _TooDeepError(Exception):
    pass


def _cleaned(value: Any, levels: int) -> Any:
    """``value`` with valid strings only, changed in place."""
    if isinstance(value, str):
        return _valid(value)
    if isinstance(value, dict):
        if levels == 0:
            raise _TooDeepError
        for key, item in value.items():
            if isinstance(item, str | dict | list):
                value[key] = _cleaned(item, levels - 1)
        return value
    if isinstance(value, list):
        if levels == 0:
            raise _TooDeepError
        value[:] = [_cleaned(item, levels - 1) for item in value]
    return value


def _valid(text: str) -> str:
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
