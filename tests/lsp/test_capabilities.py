"""What clients say of themselves, and what they are offered."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from rlm_lsp.lsp.capabilities import METHODS, lsp_languages, read_client, registrations, server_capabilities
from rlm_lsp.lsp.snapshot import Client
from rlm_lsp.lsp.wire import encode, strict_converter

RECORDED = {path.stem: path for path in sorted(Path(__file__).parent.joinpath("clients").glob("*.json"))}
RECORDED |= {Path(path.name).stem: path for path in files("pytest_lsp.clients").iterdir() if path.name.endswith(".json")}  # type: ignore[misc]  # Traversable
CONVERTER = strict_converter()


def client_of(params: Any, *, trusted: bool = True) -> Client:
    return read_client(CONVERTER.structure(params, types.InitializeParams), trusted)


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_client_is_understood(name: str) -> None:
    params = {"processId": None, "rootUri": None, **json.loads(RECORDED[name].read_text())}
    parsed = CONVERTER.structure(params, types.InitializeParams)
    client = client_of(params)
    offered = server_capabilities(client, parsed.capabilities, ["python"], ["a.b"])
    assert json.loads(encode(offered))["executeCommandProvider"] == {"commands": ["a.b"]}
    registered = {item.method for item in registrations(client, ["python"], METHODS).values()}
    static = {
        types.TEXT_DOCUMENT_INLAY_HINT: offered.inlay_hint_provider,
        types.TEXT_DOCUMENT_CODE_LENS: offered.code_lens_provider,
        types.TEXT_DOCUMENT_HOVER: offered.hover_provider,
        types.TEXT_DOCUMENT_CODE_ACTION: offered.code_action_provider,
        types.TEXT_DOCUMENT_DIAGNOSTIC: offered.diagnostic_provider,
    }
    text = parsed.capabilities.text_document
    assert text is not None
    said = [text.inlay_hint, text.code_lens, text.hover, text.code_action, text.diagnostic if client.diagnostic_pull else None]
    for (method, option), capability in zip(static.items(), said, strict=True):
        assert (bool(option) + (method in registered)) == (capability is not None), method


@pytest.mark.parametrize(
    ("diagnostics", "refresh", "pulled"),
    [
        ({"diagnostic": {}, "publishDiagnostics": {}}, True, True),
        ({"diagnostic": {}, "publishDiagnostics": {}}, False, False),  # Neovim 0.11: what a prediction brings later must be pushed
        ({"diagnostic": {}}, False, True),
        ({"publishDiagnostics": {}}, True, False),
    ],
)
@pytest.mark.parametrize("dynamic", [True, False])
def test_diagnostics_are_pulled_or_pushed(diagnostics: dict[str, Any], refresh: bool, pulled: bool, dynamic: bool) -> None:
    if "diagnostic" in diagnostics:
        diagnostics = {**diagnostics, "diagnostic": {"dynamicRegistration": dynamic}}
    params = {"capabilities": {"textDocument": diagnostics, "workspace": {"diagnostics": {"refreshSupport": refresh}}}}
    client = client_of(params)
    said = CONVERTER.structure(params["capabilities"], types.ClientCapabilities)
    static = server_capabilities(client, said, ["python"], []).diagnostic_provider
    registered = registrations(client, ["python"], METHODS)
    assert client.diagnostic_pull is pulled
    assert client.surfaces == {"diagnostics"}
    assert (static is not None, "rlm-lsp.diagnostics" in registered) == (pulled and not dynamic, pulled and dynamic)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-16", "utf-8"], "utf-8"),
        (["utf-32", "utf-16", "utf-8"], "utf-8"),
        (["utf-16", "utf-32"], "utf-32"),
        (["utf-7"], "utf-16"),
    ],
)
def test_encoding(offered: list[str] | None, chosen: str) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    assert client_of({"capabilities": general}).encoding == chosen


def test_a_client_that_says_nothing_is_offered_nothing_to_show() -> None:
    client = client_of({"capabilities": {}})
    offered = json.loads(encode(server_capabilities(client, types.ClientCapabilities(), ["python"], [])))
    assert offered.keys() == {"positionEncoding", "textDocumentSync", "executeCommandProvider", "workspace"}
    assert client.surfaces == frozenset()
    assert registrations(client, ["python"], METHODS) == {}


def test_settings_files_are_not_watched_in_an_untrusted_workspace() -> None:
    params = {"capabilities": {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}}
    assert registrations(client_of(params), ["python"], []).keys() == {"rlm-lsp.files"}
    assert registrations(client_of(params, trusted=False), ["python"], []) == {}


def test_null_is_as_good_as_nothing() -> None:
    params = {"capabilities": {"textDocument": None, "workspace": {"codeLens": None}, "window": None, "general": None}, "clientInfo": None}
    assert client_of({**params, "workspaceFolders": None, "rootUri": None, "rootPath": None, "trace": None}) == client_of(
        {"capabilities": {}}
    )


def test_whole_numbers_may_be_written_as_fractions() -> None:
    assert CONVERTER.structure({"line": 1.0, "character": 2}, types.Position) == types.Position(1, 2)


def test_without_a_model_every_language_is_told_so() -> None:
    assert "python" in lsp_languages(None)
