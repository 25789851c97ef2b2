"""workspace/executeCommand: the commands that every client can run.

Each takes one object (or nothing) and answers with JSON. What a person asked for in a client that throws results away is shown as well,
unless the argument ``show`` is false; programs say so.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from rlm_lsp.check.findings import Finding
from rlm_lsp.check.report import json as report
from rlm_lsp.config import Settings
from rlm_lsp.lsp import comparison, explain, scaling, workspace_check
from rlm_lsp.lsp.arguments import Arguments
from rlm_lsp.lsp.documents import folder_of, path_of
from rlm_lsp.lsp.message import REQUEST_FAILED
from rlm_lsp.lsp.progress import Work
from rlm_lsp.lsp.protocol import RequestError, invalid_params
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Snapshot
from rlm_lsp.paths import printable
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import FunctionRow, Values
from rlm_lsp.predict.types import ModelInput

MOST_LINES = 1000
MOST_TOP = 1000
REGIONS_SHOWN = 10


class Predictions(Protocol):
    """The oracle, as far as commands use it."""

    async def predict(self, items: Sequence[ModelInput], priority: Priority = Priority.VISIBLE) -> list[Values]: ...  # noqa: D102
    def restart(self) -> None: ...  # noqa: D102
    async def clear_cache(self) -> None: ...  # noqa: D102


class Services(Protocol):
    """What commands may ask of the server."""

    @property
    def oracle(self) -> Predictions:
        """Who predicts."""

    def snapshot(self) -> Snapshot:
        """What is known now."""

    def view(self, uri: str) -> DocumentView | None:
        """An open document, None for any other."""

    async def compared(self, uri: str) -> DocumentView | None:
        """The document once its functions' counterparts in HEAD are known, or it is clear that they will not be."""

    def folders(self) -> Sequence[str]:
        """The paths of the workspace folders."""

    def settings_of(self, path: str) -> Settings:
        """The settings for a file."""

    def status(self) -> dict[str, Any]:
        """How the server is, for machines; ``text`` says it to people."""

    @property
    def enabled(self) -> bool:
        """The master switch of this session."""

    def set_enabled(self, enabled: bool) -> None:
        """Turn it, whatever the settings say, and have the client ask again."""

    def log_lines(self) -> Sequence[str]:
        """The last lines of the log, oldest first."""

    def show(self, text: str) -> None:
        """window/showMessage to the user, of what the user asked for."""

    def show_log(self, text: str) -> None:
        """window/logMessage, without remembering the text as a line of the log."""

    def progress(self, title: str) -> AbstractAsyncContextManager[Work]:
        """Work-done progress that the user can cancel."""


Handler = Callable[[Services, Sequence[Any]], Awaitable[Any]]


async def status(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.status``: model, predictions under way, cache, documents, surfaces."""
    given = Arguments("rlm-lsp.status", arguments, ["show"])
    found = services.status()
    return _shown(services, given, found, found["text"])


async def restart_worker(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.restartWorker``: a fresh process for the model; what had been left out gets another chance."""
    Arguments("rlm-lsp.restartWorker", arguments, [])
    services.oracle.restart()
    return services.status()


async def clear_cache(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.clearCache``: forget all numbers, also those on disk."""
    Arguments("rlm-lsp.clearCache", arguments, [])
    await services.oracle.clear_cache()
    return services.status()


async def toggle(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.toggle``: everything off, or on again, for this session; ``enabled`` says which."""
    given = Arguments("rlm-lsp.toggle", arguments, ["enabled"])
    services.set_enabled(given.flag("enabled", not services.enabled))
    return {"enabled": services.enabled}


async def show_log(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.showLog``: the last ``lines`` of the log (100), which go to the client's own log as well."""
    given = Arguments("rlm-lsp.showLog", arguments, ["lines", "show"])
    lines = list(services.log_lines())[-given.whole_number("lines", 100, 1, MOST_LINES) :]
    if given.flag("show", True):
        services.show_log("\n".join(["the last lines of rlm-lsp's log:", *lines]))
    return {"lines": lines}


async def compare_with_head(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.compareWithHead``: how the costs of an open file's functions changed against its HEAD version; ``key`` picks one."""
    given = Arguments("rlm-lsp.compareWithHead", arguments, ["uri", "key", "show"])
    view = _view(services, given)
    chosen = _function(view, given) if given.text("key") is not None else None
    snapshot = services.snapshot()
    model = _model(snapshot)
    if not snapshot.client.trusted or not view.settings.compare_with_head or view.path is None:
        raise RequestError(REQUEST_FAILED, "only files of trusted workspaces are compared, where the setting compareWithHead is on")
    compared = await services.compared(view.uri)
    if compared is None:
        raise RequestError(REQUEST_FAILED, "the document was closed")
    functions = [function for function in compared.functions if chosen is None or function.key == chosen.key]
    if not any(function.base for function in functions):
        raise RequestError(REQUEST_FAILED, "there is no HEAD version of this file to compare with")
    rows = await comparison.compare(services.oracle, model, compared, functions)
    changed = [row.as_dict() for row in rows if row.has_changed]
    result = {"model": model.id, "device": model.device, "compared": len(rows), "functions": changed}
    return _shown(services, given, result, comparison.text(rows, model))


async def check_workspace(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.checkWorkspace``: all files on disk in the workspace folders, or in ``folder``; the ``top`` (20) dearest functions."""
    given = Arguments("rlm-lsp.checkWorkspace", arguments, ["folder", "top", "show"])
    top = given.whole_number("top", 20, 0, MOST_TOP)
    model = _model(services.snapshot())
    folders = await asyncio.to_thread(_folders, given.text("folder"), tuple(services.folders()))
    async with services.progress("Checking the workspace") as work:
        root = services.folders()[0] if len(services.folders()) == 1 else None
        summary = await workspace_check.check(_WorkspaceTools(services, work), model, folders, root)
    return _shown(services, given, summary.as_dict(top), summary.as_text())


async def copy_as_json(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.copyAsJson``: a function's entry in the report of ``rlm-lsp check --format json``, for a client to put on its clipboard."""
    given = Arguments("rlm-lsp.copyAsJson", arguments, ["uri", "key", "show"])
    view = _view(services, given)
    function = _function(view, given)
    model = _model(services.snapshot())
    (values,) = await services.oracle.predict([function.input])
    result = report.function(_finding(view, function, values, services.folders()), model.objectives)
    return _shown(services, given, result, json.dumps(result))


async def scale(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.scaling``: a function's costs for inputs of ``sizes``; ``arguments`` shapes its parameters, as in ``{"xs": "list[n]"}``."""
    given = Arguments("rlm-lsp.scaling", arguments, ["uri", "key", "arguments", "sizes", "show"])
    view = _view(services, given)
    function = _function(view, given)
    shapes = given.texts("arguments", scaling.MOST_PARAMETERS)
    sizes = given.whole_numbers("sizes", 1, scaling.LARGEST, scaling.MOST_SIZES) or scaling.SIZES
    model = _model(services.snapshot())
    found = await scaling.scale(services.oracle, model, function.input, shapes, sizes)
    result = {"function": function.qualified_name, "model": model.id, "device": model.device, **found.as_dict(model.objectives)}
    return _shown(services, given, result, f"{function.qualified_name}\n{found.as_text(model)}")


async def explain_prediction(services: Services, arguments: Sequence[Any]) -> dict[str, Any]:
    """``rlm-lsp.explain``: which lines of a function its prediction hangs on."""
    given = Arguments("rlm-lsp.explain", arguments, ["uri", "key", "show"])
    view = _view(services, given)
    function = _function(view, given)
    model = _model(services.snapshot())
    found = await explain.explain(services.oracle, model, view, function)
    whole = {"function": function.qualified_name, "version": view.version, "model": model.id, "device": model.device}
    text = f"{function.qualified_name}: {found.as_text(REGIONS_SHOWN)}"
    return _shown(services, given, {**whole, **found.as_dict(view, model.objectives)}, text)


COMMANDS: Mapping[str, Handler] = {
    "rlm-lsp.status": status,
    "rlm-lsp.restartWorker": restart_worker,
    "rlm-lsp.clearCache": clear_cache,
    "rlm-lsp.toggle": toggle,
    "rlm-lsp.showLog": show_log,
    "rlm-lsp.compareWithHead": compare_with_head,
    "rlm-lsp.checkWorkspace": check_workspace,
    "rlm-lsp.copyAsJson": copy_as_json,
    "rlm-lsp.scaling": scale,
    "rlm-lsp.explain": explain_prediction,
}


def _shown(services: Services, given: Arguments, result: dict[str, Any], text: str) -> dict[str, Any]:
    if given.flag("show", True):
        services.show(text)
    return result


def _view(services: Services, given: Arguments) -> DocumentView:
    """The open document that ``uri`` names."""
    uri = given.text("uri")
    if uri is None:
        raise given.wrong("uri", "the URI of an open document")
    view = services.view(uri)
    if view is None:
        raise given.wrong("uri", "the URI of an open document; this one is not open")
    return view


def _function(view: DocumentView, given: Arguments) -> FunctionView:
    """The function that ``key`` names."""
    key = given.text("key")
    function = None if key is None else view.function(key, -1)
    if function is None:
        raise given.wrong("key", "the key (its qualified name) of a function in this document")
    return function


def _finding(view: DocumentView, function: FunctionView, values: Values, folders: Sequence[str]) -> Finding:
    """The function as a check run in the document's workspace folder finds it; what is no file has its URI for a path."""
    place = function.place
    before = view.text.data[view.text.line_start(place.name_start) : place.name_start]
    line, column = view.text.line(place.name_start) + 1, len(before.decode("utf-8")) + 1
    row = FunctionRow(function.qualified_name, function.kind, line, column, view.text.line(place.end) + 1, values)
    path = view.uri if view.path is None else workspace_check.relative(view.path, folder_of(view.path, folders))
    return Finding(printable(path), view.language, row)


def _model(snapshot: Snapshot) -> ModelIdentity:
    if snapshot.model is None:
        raise RequestError(REQUEST_FAILED, f"there is no model: {snapshot.model_error or 'none was found'}")
    return snapshot.model


def _folders(uri: str | None, folders: tuple[str, ...]) -> list[str]:
    """The folders to check. Reads the disk: a link must not lead out of the workspace."""
    if uri is None:
        if not folders:
            raise RequestError(REQUEST_FAILED, "no workspace folder is open")
        return list(folders)
    path = path_of(uri)
    real = os.path.realpath(path) if path is not None else None
    if path is None or real is None or folder_of(real, [os.path.realpath(folder) for folder in folders]) is None:
        raise invalid_params("rlm-lsp.checkWorkspace: 'folder' must be the URI of a folder inside of a workspace folder")
    if not os.path.isdir(real):  # noqa: PTH112 - beside the other functions of os.path
        raise invalid_params("rlm-lsp.checkWorkspace: 'folder' must be the URI of a folder that exists")
    return [os.path.normpath(path)]


@dataclass(frozen=True, slots=True)
class _WorkspaceTools:
    """``workspace_check.Tools``."""

    services: Services
    work: Work

    async def predict(self, items: Sequence[ModelInput], priority: Priority) -> list[Values]:
        return await self.services.oracle.predict(items, priority)

    def settings_of(self, path: str) -> Settings:
        return self.services.settings_of(path)

    def report(self, message: str, share: float) -> None:
        self.work.report(message, share)
