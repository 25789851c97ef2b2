"""What there is between initialize and exit: the client, its documents, who predicts, and what tells the client of news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from rlm_lsp.config import Settings
from rlm_lsp.lsp import diagnostic, reads, status
from rlm_lsp.lsp.base import HeadComparison
from rlm_lsp.lsp.capabilities import METHODS, lsp_languages, registrations
from rlm_lsp.lsp.documents import path_of, paths_of
from rlm_lsp.lsp.log import Log
from rlm_lsp.lsp.onnx import Networks
from rlm_lsp.lsp.oracle import Oracle
from rlm_lsp.lsp.position import Encoding
from rlm_lsp.lsp.progress import Progress, Work
from rlm_lsp.lsp.protocol import RequestError, describe
from rlm_lsp.lsp.refresh import Refresher
from rlm_lsp.lsp.settings_source import SECTION, SettingsSource, is_settings_file
from rlm_lsp.lsp.snapshot import Client, DocumentView, Snapshot, Surface
from rlm_lsp.lsp.state import State
from rlm_lsp.paths import cache_folder
from rlm_lsp.predict.errors import ModelFilesError
from rlm_lsp.predict.identity import ModelIdentity, identify
from rlm_lsp.predict.installed import model_folder

CONFIGURATION_S = 5.0  # until we go on without the editor's settings
BURST_S = 0.05  # files and settings change several at a time


class Session:
    """Applies what the client notifies, and is what commands may use (``command.Services``). Lives on the event loop."""

    def __init__(self, server: LanguageServer, log: Log, source: SettingsSource, client: Client, networks: Networks) -> None:
        self._server = server
        self._networks = networks
        self._log = log
        self._source = source
        self._client = client
        self._toggled: bool | None = None  # by the user's last word, whatever the settings say
        self._registered: set[str] = set()
        self._registering = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._reload: asyncio.TimerHandle | None = None
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._progress = Progress(server, client.progress)
        self.refresher = Refresher(_refreshes(server, client))
        settings = source.of(None)
        model, model_error = _model(settings)
        self.languages = lsp_languages(model)
        if model is None:
            log.warn(f"no predictions: {model_error}")
        self.oracle = Oracle(
            model,
            cache_folder(),
            on_values=lambda uris: self.state.values_arrived(uris),
            log=log.info,
            unload_after_s=settings.unload_after_s,
            model_error=model_error,
        )
        self.state = State(
            client,
            cast(Encoding, client.encoding),
            self.oracle,
            self._settings_of,
            changed=self._changed,
            log=log.warn,
            model=model,
            model_error=model_error,
        )
        self._head = HeadComparison(self.oracle, self.state.cut, deliver=self.state.set_bases, log=log.info)

    # Its life

    def start(self) -> None:
        """Initialized: the client can be spoken to."""
        self._log.open()
        self._spawn(self._configure())

    async def close(self) -> None:
        """End the children and all work."""
        self.refresher.close()
        if self._reload is not None:
            self._reload.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self._head.close(), self.state.aclose(), self.oracle.close())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work`` beside everything else; that it failed is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._log(types.MessageType.Error, f"failed: {describe(error)}")

    # Documents

    def open(self, params: types.DidOpenTextDocumentParams) -> None:
        """textDocument/didOpen."""
        if not self._watches_files:
            self._source.forget_files()
        self.state.open(params.text_document)
        self._opened(params.text_document.uri)
        self._look_at_head(params.text_document.uri)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """textDocument/didChange."""
        self.state.change(params.text_document.uri, params.text_document.version, params.content_changes)

    def save(self, params: types.DidSaveTextDocumentParams) -> None:
        """textDocument/didSave."""
        self.state.save(params.text_document.uri, params.text)
        self._look_at_head(params.text_document.uri)
        if not self._watches_files and is_settings_file(path_of(params.text_document.uri)):
            self._reload_soon()

    def close_document(self, params: types.DidCloseTextDocumentParams) -> None:
        """textDocument/didClose."""
        self.state.close(params.text_document.uri)
        self._closed(params.text_document.uri)

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """notebookDocument/didOpen."""
        self.state.open_notebook(params.notebook_document, params.cell_text_documents)
        for cell in params.cell_text_documents:
            self._opened(cell.uri)

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        """notebookDocument/didChange."""
        before = set(self.state.documents)
        self.state.change_notebook(params.notebook_document.uri, params.change)
        for uri in before - set(self.state.documents):
            self._closed(uri)

    def close_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        """notebookDocument/didClose."""
        before = set(self.state.documents)
        self.state.close_notebook(params.notebook_document.uri)
        for uri in before - set(self.state.documents):
            self._closed(uri)

    def looked_at(self, params: types.InlayHintParams) -> None:
        """The client asks for hints there, so a person sees it."""
        view = self.state.view(params.text_document.uri)
        if view is not None:
            self.state.see(view.uri, *reads.span(view, params.range))

    def _changed(self, uri: str) -> None:
        """The document looks different for a reason that the client does not know of."""
        view = self.state.view(uri)
        if view is None:
            return
        self.refresher.changed(view)
        if view.settled:
            self._head.update(uri, view.functions)
        if not self._client.diagnostic_pull:
            self._publish(view)

    def _publish(self, view: DocumentView) -> None:
        """textDocument/publishDiagnostics, for clients that do not ask."""
        before = self._published.get(view.uri, [])
        found = diagnostic.diagnostics(self.snapshot(), view, before)
        if found != before:
            self._published[view.uri] = found
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(view.uri, found, view.version))

    def _opened(self, uri: str) -> None:
        """The model loads while the text is cut."""
        view = self.state.view(uri)
        if view is not None and view.settings.enabled:
            self.oracle.wake()

    def _closed(self, uri: str) -> None:
        self.refresher.closed(uri)
        self._head.forget(uri)
        if self._published.pop(uri, None):
            self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def _look_at_head(self, uri: str) -> None:
        """Compare a file on disk with its HEAD version, where that is wanted and safe."""
        view = self.state.view(uri)
        if view is None or view.path is None:
            return
        if self._client.trusted and view.settings.enabled and view.settings.compare_with_head:
            self._head.look(uri, view.path, view.language)
        else:
            self._head.forget(uri)
            self.state.set_bases(uri, {})

    # Settings

    @property
    def _watches_files(self) -> bool:
        return types.WORKSPACE_DID_CHANGE_WATCHED_FILES in self._client.dynamic

    def change_configuration(self, params: types.DidChangeConfigurationParams) -> None:
        """workspace/didChangeConfiguration: a reason to ask, or, from clients that cannot be asked, the settings themselves."""
        if self._client.configuration:
            self._spawn(self._configure())
        else:
            self._source.set_editor({None: params.settings})
            self._reload_soon()

    def change_files(self, params: types.DidChangeWatchedFilesParams) -> None:
        """workspace/didChangeWatchedFiles."""
        if any(is_settings_file(path_of(change.uri)) for change in params.changes):
            self._reload_soon()

    def change_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """workspace/didChangeWorkspaceFolders."""
        added, removed = (paths_of(folder.uri for folder in folders) for folders in (params.event.added, params.event.removed))
        self._source.change_folders(added, removed)
        self._spawn(self._configure())

    async def _configure(self) -> None:
        """workspace/configuration, once for each folder."""
        if self._client.configuration:
            folders = self._source.folders
            items = [types.ConfigurationItem(scope_uri=self._source.uri_of(folder), section=SECTION) for folder in folders]
            question = types.ConfigurationParams([types.ConfigurationItem(section=SECTION), *items])
            try:
                answers = await asyncio.wait_for(self._server.workspace_configuration_async(question), CONFIGURATION_S)
            except RequestError as error:
                self._log.warn(f"the editor's settings could not be read: {error.text}")
            except asyncio.TimeoutError:
                self._log.warn("the editor does not say what its settings are")
            else:
                self._source.set_editor(dict(zip((None, *folders), answers, strict=False)))
        self._reload_now()

    def _reload_soon(self) -> None:
        if self._reload is None:
            self._reload = asyncio.get_running_loop().call_later(BURST_S, self._reload_now)

    def _reload_now(self) -> None:
        """Settings may have changed: take them anew, and bring everything that hangs on them in line."""
        if self._reload is not None:
            self._reload.cancel()
            self._reload = None
        self._source.forget_files()
        self.state.settings_changed()
        for uri in self.state.documents:
            self._look_at_head(uri)
        self.refresher.all_changed()
        self._spawn(self._register())

    async def _register(self) -> None:
        """Register what is switched on somewhere, and unregister what is not."""
        async with self._registering:
            wanted = registrations(self._client, self.languages, self._surfaces())
            gone = [types.Unregistration(id_, METHODS[cast(Surface, id_.rpartition(".")[2])]) for id_ in self._registered - wanted.keys()]
            new = [registration for id_, registration in wanted.items() if id_ not in self._registered]
            self._registered = set(wanted)
            try:
                if gone:
                    await self._server.client_unregister_capability_async(types.UnregistrationParams(gone))
                if new:
                    await self._server.client_register_capability_async(types.RegistrationParams(new))
                    for surface in METHODS:
                        if any(registration.method == METHODS[surface] for registration in new):
                            self.refresher.offered(surface, self.state.documents)
            except RequestError as error:
                self._log.warn(f"the client did not register what it said it could: {error.text}")

    def _surfaces(self) -> list[Surface]:
        """Those that are switched on anywhere."""
        everywhere = [self._with_toggle(settings) for settings in self._source.everywhere()]
        return [surface for surface in METHODS if any(settings.enabled and getattr(settings, surface) for settings in everywhere)]

    def _settings_of(self, path: str | None) -> Settings:
        return self._with_toggle(self._source.of(path))

    def _with_toggle(self, settings: Settings) -> Settings:
        return settings if self._toggled is None else replace(settings, enabled=self._toggled)

    # What commands use

    def snapshot(self) -> Snapshot:
        """What is known now."""
        return self.state.snapshot()

    def view(self, uri: str) -> DocumentView | None:
        """An open document, None for any other."""
        return self.state.view(uri)

    async def compared(self, uri: str) -> DocumentView | None:
        """The document once its functions' counterparts in HEAD are known, or it is clear that they will not be."""
        self._look_at_head(uri)
        await self._head.settled(uri)
        return self.state.view(uri)

    def status(self) -> dict[str, Any]:
        """How the server is."""
        return status.collect(self.snapshot(), self.oracle.state(), self._networks.model_pid, tuple(self._networks.notices)).as_dict()

    def folders(self) -> Sequence[str]:
        """The paths of the workspace folders."""
        return self._source.folders

    def settings_of(self, path: str) -> Settings:
        """The settings for a file."""
        return self._settings_of(path)

    @property
    def enabled(self) -> bool:
        """The master switch."""
        return self._settings_of(None).enabled

    def set_enabled(self, enabled: bool) -> None:
        """Turn the master switch for this session, whatever the settings say."""
        self._toggled = enabled
        self._reload_now()

    def log_lines(self) -> Sequence[str]:
        """The last lines of the log."""
        return self._log.lines

    def show(self, text: str) -> None:
        """window/showMessage, of what the user asked for."""
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))

    def show_log(self, text: str) -> None:
        """window/logMessage, without keeping the text as a line of the log."""
        self._server.window_log_message(types.LogMessageParams(types.MessageType.Info, text))

    def progress(self, title: str) -> AbstractAsyncContextManager[Work]:
        """Work-done progress that the user can cancel."""
        return self._progress.show(title)

    def cancel_progress(self, params: types.WorkDoneProgressCancelParams) -> None:
        """window/workDoneProgress/cancel."""
        self._progress.cancel(params)


def _model(settings: Settings) -> tuple[ModelIdentity | None, str]:
    try:
        return identify(model_folder(settings.model)), ""
    except ModelFilesError as error:
        return None, str(error)


def _refreshes(server: LanguageServer, client: Client) -> Mapping[Surface, Callable[[], None]]:
    """The refresh requests that the client supports. It answers them with nothing, and may as well not."""
    supported: dict[Surface, tuple[bool, Callable[[None], object]]] = {
        "inlay_hints": (client.hint_refresh, server.workspace_inlay_hint_refresh),
        "code_lens": (client.lens_refresh, server.workspace_code_lens_refresh),
        "diagnostics": (client.diagnostic_pull and client.diagnostic_refresh, server.workspace_diagnostic_refresh),
    }

    def sender(request: Callable[[None], object]) -> Callable[[], None]:
        def send() -> None:
            request(None)

        return send

    return {surface: sender(request) for surface, (yes, request) in supported.items() if yes}
