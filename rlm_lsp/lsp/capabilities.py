"""initialize: what the client can do, and what we therefore offer; client/registerCapability: what a user can switch off.

A surface is registered dynamically where the client allows it, so that it costs no message while it is switched off. Elsewhere it is
offered once and for all, and a switched-off one answers null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lsprotocol import types

from rlm_lsp.config import SETTINGS_FILES
from rlm_lsp.languages import lsp_ids
from rlm_lsp.lsp import code_action
from rlm_lsp.lsp.position import Encoding
from rlm_lsp.lsp.snapshot import Client, Surface
from rlm_lsp.predict.identity import ModelIdentity

SCHEMES = ("file", "untitled", "vscode-notebook-cell")
"""Of documents with hints: no diff views, no read-only virtual documents."""

METHODS: dict[Surface, str] = {
    "inlay_hints": types.TEXT_DOCUMENT_INLAY_HINT,
    "code_lens": types.TEXT_DOCUMENT_CODE_LENS,
    "hover": types.TEXT_DOCUMENT_HOVER,
    "diagnostics": types.TEXT_DOCUMENT_DIAGNOSTIC,
    "code_actions": types.TEXT_DOCUMENT_CODE_ACTION,
}
ACTION_KINDS = (types.CodeActionKind.QuickFix, code_action.KIND)

_Selector = Sequence[types.TextDocumentFilterLanguage]
_ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-32", "utf-16")  # in our order of preference


def read_client(params: types.InitializeParams, trusted: bool) -> Client:
    """What the client said of itself, as far as it decides what we send."""
    text = params.capabilities.text_document or types.TextDocumentClientCapabilities()
    workspace = params.capabilities.workspace or types.WorkspaceClientCapabilities()
    window = params.capabilities.window
    edit = workspace.workspace_edit
    action = text.code_action
    hint_resolve = text.inlay_hint.resolve_support if text.inlay_hint else None
    return Client(
        name=params.client_info.name if params.client_info else "",
        encoding=choose_encoding(params.capabilities.general),
        trusted=trusted,
        hint_tooltip_resolve=bool(hint_resolve and "tooltip" in hint_resolve.properties),
        hint_refresh=bool(workspace.inlay_hint and workspace.inlay_hint.refresh_support),
        lens_refresh=bool(workspace.code_lens and workspace.code_lens.refresh_support),
        diagnostic_pull=_pulls(text, workspace),
        diagnostic_refresh=_refreshes_diagnostics(workspace),
        markdown=types.MarkupKind.Markdown in ((text.hover and text.hover.content_format) or ()),
        progress=bool(window and window.work_done_progress),
        configuration=bool(workspace.configuration),
        code_action_literals=bool(action and action.code_action_literal_support),
        action_resolve_edit=bool(action and action.resolve_support and "edit" in action.resolve_support.properties),
        dynamic=frozenset(_dynamic(text, workspace)),
        versioned_edits=bool(edit and edit.document_changes),
        surfaces=frozenset(_shown(text)),
    )


def choose_encoding(general: types.GeneralClientCapabilities | None) -> Encoding:
    """The first of utf-8, utf-32 and utf-16 that the client offers; utf-16 where it offers nothing."""
    offered = (general and general.position_encodings) or ()
    return next((encoding for encoding in _ENCODINGS if encoding in offered), "utf-16")


def _shown(text: types.TextDocumentClientCapabilities) -> Iterable[Surface]:
    said: dict[Surface, object] = {
        "inlay_hints": text.inlay_hint,
        "code_lens": text.code_lens,
        "hover": text.hover,
        "diagnostics": text.diagnostic or text.publish_diagnostics,
        "code_actions": text.code_action,
    }
    return (surface for surface, capability in said.items() if capability is not None)


def _refreshes_diagnostics(workspace: types.WorkspaceClientCapabilities) -> bool:
    return bool(workspace.diagnostics and workspace.diagnostics.refresh_support)


def _pulls(text: types.TextDocumentClientCapabilities, workspace: types.WorkspaceClientCapabilities) -> bool:
    """Whether diagnostics are left to the client to ask for.

    One that cannot be told to ask again (Neovim 0.11) would not see what a prediction brings, so it gets them pushed if it takes them.
    """
    return text.diagnostic is not None and (_refreshes_diagnostics(workspace) or text.publish_diagnostics is None)


def _dynamic(text: types.TextDocumentClientCapabilities, workspace: types.WorkspaceClientCapabilities) -> Iterable[str]:
    said: dict[str, Any] = {
        types.TEXT_DOCUMENT_INLAY_HINT: text.inlay_hint,
        types.TEXT_DOCUMENT_CODE_LENS: text.code_lens,
        types.TEXT_DOCUMENT_HOVER: text.hover,
        types.TEXT_DOCUMENT_DIAGNOSTIC: text.diagnostic,
        types.TEXT_DOCUMENT_CODE_ACTION: text.code_action,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: workspace.did_change_watched_files,
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: workspace.did_change_configuration,
    }
    return (method for method, capability in said.items() if capability is not None and capability.dynamic_registration)


def lsp_languages(model: ModelIdentity | None) -> list[str]:
    """What editors call the languages that the model answers for; without a model, all that can be cut, to say so there."""
    trained = None if model is None else {language for language, _ in model.trained}
    return sorted(lsp_id for lsp_id, language in lsp_ids().items() if trained is None or language in trained)


def server_capabilities(
    client: Client, said: types.ClientCapabilities, languages: Sequence[str], commands: Sequence[str]
) -> types.ServerCapabilities:
    """What initialize answers: only what the client can use, and no surface that is going to be registered."""
    text = said.text_document or types.TextDocumentClientCapabilities()

    def offered(surface: Surface, capability: object) -> bool:
        return capability is not None and METHODS[surface] not in client.dynamic

    cells = [types.NotebookCellLanguage(name) for name in languages]
    return types.ServerCapabilities(
        position_encoding=client.encoding,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=types.SaveOptions(include_text=False)
        ),
        notebook_document_sync=types.NotebookDocumentSyncOptions([types.NotebookDocumentFilterWithNotebook("*", cells)])
        if said.notebook_document
        else None,
        inlay_hint_provider=_hint_options(client) if offered("inlay_hints", text.inlay_hint) else None,
        code_lens_provider=types.CodeLensOptions(resolve_provider=True) if offered("code_lens", text.code_lens) else None,
        hover_provider=True if offered("hover", text.hover) else None,
        diagnostic_provider=_diagnostic_options() if client.diagnostic_pull and offered("diagnostics", text.diagnostic) else None,
        code_action_provider=types.CodeActionOptions(code_action_kinds=ACTION_KINDS) if offered("code_actions", text.code_action) else None,
        execute_command_provider=types.ExecuteCommandOptions(list(commands)),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True)
        ),
    )


def registrations(client: Client, languages: Sequence[str], surfaces: Iterable[Surface]) -> dict[str, types.Registration]:
    """What should be registered, by id, when ``surfaces`` are switched on somewhere."""
    wanted = {}
    selector = [types.TextDocumentFilterLanguage(language=name, scheme=scheme) for name in languages for scheme in SCHEMES]
    for surface in surfaces:
        if METHODS[surface] in client.dynamic and (surface != "diagnostics" or client.diagnostic_pull):
            wanted[f"rlm-lsp.{surface}"] = types.Registration(f"rlm-lsp.{surface}", METHODS[surface], _OPTIONS[surface](client, selector))
    if types.WORKSPACE_DID_CHANGE_WATCHED_FILES in client.dynamic and client.trusted:
        watchers = [types.FileSystemWatcher(f"**/{name}") for name in SETTINGS_FILES]
        wanted["rlm-lsp.files"] = types.Registration(
            "rlm-lsp.files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, types.DidChangeWatchedFilesRegistrationOptions(watchers)
        )
    if types.WORKSPACE_DID_CHANGE_CONFIGURATION in client.dynamic:
        wanted["rlm-lsp.configuration"] = types.Registration(
            "rlm-lsp.configuration",
            types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            types.DidChangeConfigurationRegistrationOptions(section="rlm-lsp"),
        )
    return wanted


def _hint_options(client: Client) -> types.InlayHintOptions:
    return types.InlayHintOptions(resolve_provider=client.hint_tooltip_resolve)


def _diagnostic_options() -> types.DiagnosticOptions:
    return types.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier="rlm-lsp")


_OPTIONS: dict[Surface, Callable[[Client, _Selector], Any]] = {
    "inlay_hints": lambda client, selector: types.InlayHintRegistrationOptions(
        document_selector=selector, resolve_provider=client.hint_tooltip_resolve
    ),
    "code_lens": lambda client, selector: types.CodeLensRegistrationOptions(document_selector=selector, resolve_provider=True),
    "hover": lambda client, selector: types.HoverRegistrationOptions(document_selector=selector),
    "diagnostics": lambda client, selector: types.DiagnosticRegistrationOptions(
        inter_file_dependencies=False, workspace_diagnostics=False, document_selector=selector, identifier="rlm-lsp"
    ),
    "code_actions": lambda client, selector: types.CodeActionRegistrationOptions(
        document_selector=selector, code_action_kinds=ACTION_KINDS
    ),
}
