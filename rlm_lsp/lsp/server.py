"""The language server: which method is answered by which function, and how a session begins and ends."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from rlm_lsp import __version__
from rlm_lsp.lsp import parent, reads
from rlm_lsp.lsp.capabilities import read_client, server_capabilities
from rlm_lsp.lsp.command import COMMANDS
from rlm_lsp.lsp.documents import paths_of
from rlm_lsp.lsp.log import Log
from rlm_lsp.lsp.onnx import Networks
from rlm_lsp.lsp.protocol import NotificationHandler, Protocol, describe, invalid_params
from rlm_lsp.lsp.session import Session
from rlm_lsp.lsp.settings_source import SettingsSource
from rlm_lsp.lsp.snapshot import Snapshot, Surface
from rlm_lsp.lsp.transport import Connection
from rlm_lsp.lsp.wire import Encoded, encode, strict_converter

CLOSE_S = 1.5  # for the session's end, before the process ends anyway

LARGE = 1_500  # functions; answers about so many are made in a thread, so that the loop stays free

Read = Callable[[Snapshot, Any], Any]
READS: Mapping[str, Read] = {
    types.TEXT_DOCUMENT_INLAY_HINT: reads.inlay_hints,
    types.INLAY_HINT_RESOLVE: reads.inlay_hint_resolve,
    types.TEXT_DOCUMENT_CODE_LENS: reads.code_lenses,
    types.CODE_LENS_RESOLVE: reads.code_lens_resolve,
    types.TEXT_DOCUMENT_HOVER: reads.hovers,
    types.TEXT_DOCUMENT_DIAGNOSTIC: reads.diagnostics,
    types.TEXT_DOCUMENT_CODE_ACTION: reads.code_actions,
}
REMEMBERED: Mapping[str, Surface] = {
    types.TEXT_DOCUMENT_INLAY_HINT: "inlay_hints",
    types.TEXT_DOCUMENT_CODE_LENS: "code_lens",
    types.TEXT_DOCUMENT_DIAGNOSTIC: "diagnostics",
}
"""Whose answers the client keeps until it is told to ask again."""


class Server(LanguageServer):
    """One session with one client. ``ended`` is done with the exit code when it is over."""

    def __init__(self, flags: Mapping[str, object], complain: Callable[[str], None]) -> None:
        super().__init__("rlm-lsp", __version__, protocol_cls=Protocol, converter_factory=strict_converter)
        assert isinstance(self.protocol, Protocol)
        self._rpc = self.protocol
        self.log = Log(self.window_log_message)
        self._complain = complain
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._source = SettingsSource(flags, self.log.warn)
        self._session: Session | None = None
        self._networks = Networks(lambda: self._source.of(None).unload_after_s)
        self._rpc.log = self.log
        self._rpc.requests = {
            types.INITIALIZE: self._initialize,
            types.SHUTDOWN: lambda _: None,
            types.WORKSPACE_EXECUTE_COMMAND: self._execute,
            **{method: partial(self._read, method) for method in READS},
            **self._networks.requests,
        }
        self._rpc.notifications = {types.EXIT: lambda _: self.end()}

    def start(self, connection: Connection) -> None:
        """Talk to the client at the other end."""
        self._rpc.set_writer(connection)
        connection.start(self._rpc.receive, self.end)

    def end(self, reason: str = "") -> None:
        """The session is over: the client said so, its stream ended, or it is unusable because of ``reason``."""
        if not self.ended.done():
            if reason:
                self._complain(reason)
            code = 0 if self._rpc.phase == "shut down" else 1
            parent.end_soon(code)
            self.ended.set_result(code)

    async def close(self) -> None:
        """Let go of everything, in a bounded time."""
        closing = [self._networks.close(), *([self._session.close()] if self._session is not None else [])]
        await asyncio.wait({asyncio.ensure_future(each) for each in closing}, timeout=CLOSE_S)

    def watch_parent(self, pid: int | None) -> None:
        """End when the process ``pid`` does."""
        if pid is not None:
            loop = asyncio.get_running_loop()
            parent.watch(pid, partial(_from_thread, loop, self.end, lambda: parent.end_soon(1)))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Pygls' way to show a popup. We have none."""
        self.log(types.MessageType.Error, f"{type(error).__name__} in pygls")

    def report_loop_error(self, _: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """What a callback raised. asyncio itself would print the message, which may quote a document."""
        error = context.get("exception")
        self.log(types.MessageType.Error, f"failed: {describe(error) if error is not None else context.get('message', '')}")

    def _initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        self.watch_parent(params.process_id)
        self._source.initialize(params.initialization_options, _folders(params))
        client = read_client(params, self._source.trusted)
        session = self._session = Session(self, self.log, self._source, client, self._networks)
        self._rpc.notifications = {**self._rpc.notifications, **notifications(session, self._rpc)}
        capabilities = server_capabilities(client, params.capabilities, session.languages, list(COMMANDS))
        return types.InitializeResult(capabilities, types.ServerInfo("rlm-lsp", __version__))

    def _read(self, method: str, params: Any) -> Awaitable[Any]:
        """Bind the request to what is known now; it is computed in the next turn of the loop, unless it is cancelled by then."""
        session = self._running_session()
        snapshot = session.snapshot()
        if method == types.TEXT_DOCUMENT_INLAY_HINT:
            session.looked_at(params)
        view = snapshot.documents.get(params.text_document.uri) if method in REMEMBERED else None
        if view is not None:
            session.refresher.answered(REMEMBERED[method], view)
        large = view is not None and len(view.functions) > LARGE and not _is_a_screenful(params)
        return (_in_a_thread if large else _here)(READS[method], snapshot, params)

    def _execute(self, params: types.ExecuteCommandParams) -> Awaitable[Any]:
        """workspace/executeCommand."""
        command = COMMANDS.get(params.command)
        if command is None:
            raise invalid_params("there is no such command")
        return command(self._running_session(), params.arguments or ())

    def _running_session(self) -> Session:
        if self._session is None:
            raise RuntimeError("requests come after initialize")
        return self._session


def notifications(session: Session, protocol: Protocol) -> dict[str, NotificationHandler]:
    """What is applied at once, in the order in which it is read."""

    def set_trace(params: types.SetTraceParams) -> None:
        protocol.trace = types.TraceValue(params.value)

    return {
        types.INITIALIZED: lambda _: session.start(),
        types.TEXT_DOCUMENT_DID_OPEN: session.open,
        types.TEXT_DOCUMENT_DID_CHANGE: session.change,
        types.TEXT_DOCUMENT_DID_SAVE: session.save,
        types.TEXT_DOCUMENT_DID_CLOSE: session.close_document,
        types.NOTEBOOK_DOCUMENT_DID_OPEN: session.open_notebook,
        types.NOTEBOOK_DOCUMENT_DID_CHANGE: session.change_notebook,
        types.NOTEBOOK_DOCUMENT_DID_SAVE: lambda _: None,
        types.NOTEBOOK_DOCUMENT_DID_CLOSE: session.close_notebook,
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: session.change_configuration,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: session.change_files,
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: session.change_folders,
        types.WINDOW_WORK_DONE_PROGRESS_CANCEL: session.cancel_progress,
        types.SET_TRACE: set_trace,
    }


def serve(connect: Callable[[], Connection], flags: Mapping[str, object], client_pid: int | None, complain: Callable[[str], None]) -> int:
    """Run a session with the client that ``connect`` finds.

    Args:
        connect: opens the streams.
        flags: settings from the command line, which override all others.
        client_pid: the editor's process; the server ends when it does.
        complain: gets a line about a stream that is unusable.

    Returns:
        The exit code: 0 after a shutdown request, else 1.
    """
    gc.freeze()  # the protocol's types stay for good, and no collection need look at them again
    gc.enable()
    return asyncio.run(_serve(connect(), flags, client_pid, complain))


async def _serve(connection: Connection, flags: Mapping[str, object], client_pid: int | None, complain: Callable[[str], None]) -> int:
    server = Server(flags, complain)
    asyncio.get_running_loop().set_exception_handler(server.report_loop_error)
    server.watch_parent(client_pid)
    server.start(connection)
    code = await server.ended
    await server.close()
    connection.close()
    return code


def _is_a_screenful(params: Any) -> bool:
    return isinstance(params, types.InlayHintParams) and params.range.end.line - params.range.start.line < LARGE


async def _here(read: Read, snapshot: Snapshot, params: Any) -> Any:
    return read(snapshot, params)


async def _in_a_thread(read: Read, snapshot: Snapshot, params: Any) -> Encoded:
    return await asyncio.to_thread(lambda: _encoded(read(snapshot, params)))


def _encoded(result: Any) -> Encoded:
    return result if isinstance(result, Encoded) else Encoded(encode(result))


def _from_thread(loop: asyncio.AbstractEventLoop, end: Callable[[], None], insist: Callable[[], None]) -> None:
    """Have the loop ``end``, and ``insist`` in case that it hangs."""
    insist()
    try:
        loop.call_soon_threadsafe(end)
    except RuntimeError:  # it is closed already
        return


def _folders(params: types.InitializeParams) -> list[str]:
    """The workspace folders' paths; old clients have one root, a single file has none."""
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if params.workspace_folders is None and params.root_uri is not None:
        uris = [params.root_uri]
    paths = paths_of(uris)
    if not uris and params.workspace_folders is None and params.root_path:
        paths = [params.root_path]
    return paths
