"""JSON-RPC and LSP's base rules on top of pygls, whose outgoing half is used as it is and whose incoming half is replaced.

The rules: every request gets exactly one reply, whatever is wrong with it. Notifications are applied at once and in order. A request's
handler is called at once, too, so that it can bind what it looks at, and what it returns to be awaited runs in a task that can be
cancelled. Nothing that a client sent is logged or sent back.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import coroutine
from typing import Any, Literal, NoReturn

from cattrs import Converter
from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from rlm_lsp.lsp import message, wire
from rlm_lsp.lsp.message import Id
from rlm_lsp.lsp.transport import Unreadable
from rlm_lsp.predict.errors import RlmLspError

RequestHandler = Callable[[Any], Any]
NotificationHandler = Callable[[Any], None]
Log = Callable[[types.MessageType, str], None]

SLOW_TURN_S = 0.1
MOST_RUNNING = 2000  # requests; beyond, they are refused

logging.getLogger("pygls").addHandler(logging.NullHandler())
logging.getLogger("pygls").propagate = False  # it logs whole messages


class RequestError(Exception):
    """A request's failure whose ``text`` the client may see, with a code of JSON-RPC or LSP."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def invalid_params(text: str) -> RequestError:
    """What a handler raises for parameters of the right shape that make no sense."""
    return RequestError(message.INVALID_PARAMS, text)


class Protocol(LanguageServerProtocol):
    """One session. ``requests`` and ``notifications`` are the tables of handlers; ``log`` goes to the client's log."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.requests: Mapping[str, RequestHandler] = {}
        self.notifications: Mapping[str, NotificationHandler] = {}
        self.log: Log = lambda kind, text: None
        self.phase: Literal["new", "running", "shut down"] = "new"
        self._running: dict[Id, asyncio.Task[Any]] = {}

    def receive(self, body: bytes | Unreadable) -> None:
        """Deal with one message. Never raises."""
        started = time.perf_counter()
        decoded = body if isinstance(body, Unreadable) else message.decode(body)
        if isinstance(decoded, message.Request):
            self._on_request(decoded)
        elif isinstance(decoded, message.Notification):
            self._on_notification(decoded)
        elif isinstance(decoded, message.Response):
            self._on_response(decoded)
        elif isinstance(decoded, message.Invalid):
            self._refuse(decoded.id, decoded.code, decoded.reason)
        else:
            self._refuse(None, message.PARSE_ERROR, decoded.reason)
        label = self._label(decoded)
        self._note_slow_turn(label, started)
        if self.trace != types.TraceValue.Off and self.phase == "running":
            self.notify(types.LOG_TRACE, types.LogTraceParams(f"{label}: {1000 * (time.perf_counter() - started):.1f} ms"))

    # Requests

    def _on_request(self, request: message.Request) -> None:
        handler = self.requests.get(request.method)
        if (refusal := self._refusal(request)) is not None:
            return self._refuse(request.id, *refusal)
        if handler is None:
            return self._refuse(request.id, message.METHOD_NOT_FOUND, "unknown request")
        try:
            params = self._parameters(request.method, request.params)
        except Exception as error:  # whatever cattrs and its hooks raise over unexpected data
            return self._refuse(request.id, message.INVALID_PARAMS, f"{request.method}: {wire.what_is_wrong(error)}")
        try:
            result = handler(params)
        except Exception as error:
            return self._fail(request.id, request.method, error)
        if request.method == types.INITIALIZE:
            self.phase = "running"
        elif request.method == types.SHUTDOWN:
            self._shut_down()
        if inspect.isawaitable(result):
            return self._run(request, result)
        return self._answer(request.id, request.method, result)

    def _refusal(self, request: message.Request) -> tuple[int, str] | None:
        if self.phase == "new" and request.method != types.INITIALIZE:
            return message.SERVER_NOT_INITIALIZED, "the first request must be initialize"
        if self.phase == "running" and request.method == types.INITIALIZE:
            return message.INVALID_REQUEST, "initialize was sent before"
        if self.phase == "shut down":
            return message.INVALID_REQUEST, "the server was shut down"
        if request.id in self._running:
            return message.INVALID_REQUEST, "a request with this id is still running"
        if len(self._running) >= MOST_RUNNING:
            return message.REQUEST_FAILED, "too many requests are running"
        return None

    def _run(self, request: message.Request, result: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(self._watched(request.method, result))
        self._running[request.id] = task
        task.add_done_callback(lambda _: self._finished(request.id, request.method, task))
        if inspect.iscoroutine(result):
            task.add_done_callback(lambda _: result.close())  # if it was cancelled before it began, Python would complain

    def _finished(self, id_: Id, method: str, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if self._running.get(id_) is not task:
            return  # answered when it was cancelled
        del self._running[id_]
        if task.cancelled():
            self._error(id_, message.REQUEST_CANCELLED, "cancelled")
        elif error is not None:
            self._fail(id_, method, error)
        else:
            self._answer(id_, method, task.result())

    def _cancel(self, id_: Id) -> None:
        """Answer a running request now and tell its handler."""
        task = self._running.pop(id_, None)
        if task is not None:
            task.cancel()
            self._error(id_, message.REQUEST_CANCELLED, "cancelled")

    def _shut_down(self) -> None:
        self.phase = "shut down"
        for id_ in list(self._running):
            self._cancel(id_)

    # Replies

    def _answer(self, id_: Id, method: str, result: Any) -> None:
        try:
            encoded = result.text if isinstance(result, wire.Encoded) else wire.encode(result)
        except Exception as error:
            return self._fail(id_, method, error)
        return self._write(f'{{"jsonrpc":"2.0","id":{wire.encode(id_)},"result":{encoded}}}')

    def _error(self, id_: Id | None, code: int, text: str) -> None:
        error = {"code": code, "message": text}
        self._write(wire.encode({"jsonrpc": "2.0", "id": id_, "error": error}))

    def _refuse(self, id_: Id | None, code: int, reason: str) -> None:
        self.log(types.MessageType.Warning, f"refused: {reason}")
        self._error(id_, code, reason)

    def _fail(self, id_: Id, method: str, error: BaseException) -> None:
        if isinstance(error, RequestError):
            self._error(id_, error.code, error.text)
            return
        self.log(types.MessageType.Error, f"{method} failed: {describe(error)}")
        self._error(id_, message.INTERNAL_ERROR, f"{type(error).__name__} in the server; its log says where")

    # Notifications

    def _on_notification(self, notification: message.Notification) -> None:
        method = notification.method
        try:
            if method == types.CANCEL_REQUEST:
                self._cancel(self._parameters(method, notification.params).id)
                return
            handler = self.notifications.get(method)
            if method != types.EXIT and self.phase != "running":
                return
            if handler is None:
                if not method.startswith("$/"):
                    self.log(types.MessageType.Log, "ignored: unknown notification")
                return
            params = self._parameters(method, notification.params)
        except Exception as error:  # whatever cattrs and its hooks raise over unexpected data
            self.log(types.MessageType.Warning, f"ignored: {method}: {wire.what_is_wrong(error)}")
            return
        try:
            handler(params)
        except Exception as error:
            self.log(types.MessageType.Error, f"{method} failed: {describe(error)}")

    # Answers of the client

    def _on_response(self, response: message.Response) -> None:
        future: Future[Any] | None = self._request_futures.pop(response.id, None)
        result_type = self._result_types.pop(response.id, None)
        if future is None or not future.set_running_or_notify_cancel():
            return
        if response.error is not None:
            code = response.error.get("code")
            future.set_exception(RequestError(code if isinstance(code, int) else message.INTERNAL_ERROR, "the client refused"))
            return
        try:
            answer = {"jsonrpc": "2.0", "id": response.id, "result": response.result}
            future.set_result(self._converter.structure(answer, result_type).result if result_type else response.result)
        except Exception as error:  # whatever cattrs and its hooks raise over unexpected data
            future.set_exception(RequestError(message.INVALID_PARAMS, f"the client's answer: {wire.what_is_wrong(error)}"))

    # What pygls does otherwise

    def _register_builtin_features(self) -> None:
        """None: pygls' own documents and handlers would run beside ours."""

    def _send_data(self, data: Any) -> None:
        """Send a request or notification of ours, without logging it."""
        self._write(wire.encode(data))

    def _write(self, text: str) -> None:
        if self.writer is not None:
            self.writer.write(f"Content-Length: {len(text)}\r\n\r\n{text}".encode("ascii"))

    def handle_message(self, message: object) -> NoReturn:
        """Not used: ``receive`` stands in for it."""
        raise NotImplementedError

    def _parameters(self, method: str, params: Any) -> Any:
        if method not in types.METHOD_TO_TYPES:
            return params  # of a method of ours, whose handler reads them
        params_type: Any = types.METHOD_TO_TYPES[method][2]
        if params_type is None:
            return None
        return self._converter.structure({} if params is None else params, params_type)

    def _label(self, decoded: message.Message | Unreadable) -> str:
        """What kind of message it is; only methods that we know are quoted."""
        method = decoded.method if isinstance(decoded, message.Request | message.Notification) else None
        return method if method is not None and (method in self.requests or method in self.notifications) else type(decoded).__name__

    def _note_slow_turn(self, what: str, started: float) -> None:
        elapsed = time.perf_counter() - started
        if elapsed > SLOW_TURN_S:
            self.log(types.MessageType.Warning, f"slow turn: {what} took {1000 * elapsed:.0f} ms")

    async def _watched(self, method: str, awaitable: Awaitable[Any]) -> Any:
        return await _in_steps(awaitable.__await__(), lambda started: self._note_slow_turn(method, started))


def describe(error: BaseException) -> str:
    """An exception for the log: its kind and where it came from. The message is left out unless it is ours, as it may quote a document."""
    if isinstance(error, RlmLspError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames[-5:]))
    return f"{type(error).__name__} at {places}"


@coroutine
def _in_steps(steps: Generator[Any, Any, Any], note: Callable[[float], None]) -> Generator[Any, Any, Any]:
    """Run an awaitable; ``note`` is called after each of its steps with the time when the step began."""
    thrown: BaseException | None = None
    while True:
        started = time.perf_counter()
        try:
            waits_for = steps.send(None) if thrown is None else steps.throw(thrown)
        except StopIteration as done:
            return done.value
        finally:
            note(started)
        try:
            yield waits_for
            thrown = None
        except BaseException as error:  # CancelledError is for the handler to see
            thrown = error
