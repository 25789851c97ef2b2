"""The whole server with the shipped model, as VS Code, Neovim and Emacs see it.

VS Code's capabilities are those that 1.100.3 (vscode-languageclient 9.0.1) sends, as far as they concern us; those of the others come
with pytest-lsp.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from lsprotocol.converters import get_converter
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

from tests.conftest import RunCli
from tests.lsp.session import PATIENCE_S

pytestmark = pytest.mark.asyncio

EXAMPLE = Path(__file__).parents[2] / "examples" / "arithmetic.py"
VS_CODE = json.loads((Path(__file__).parent / "clients" / "visual_studio_code_1.100.3.json").read_text())


def capabilities(name: str) -> types.ClientCapabilities:
    if name == "visual_studio_code":
        return get_converter().structure(VS_CODE["capabilities"], types.ClientCapabilities)
    return client_capabilities(name)


async def eventually(happened: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not await happened():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@dataclass
class Editor:
    """A client, and what the server asked of it."""

    client: LanguageClient
    name: str
    uri: str
    result: types.InitializeResult
    registered: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    def can(self, method: str, static: object) -> bool:
        """Whether the server offered it, in one of the two ways and not in both."""
        assert not (static and method in self.registered)
        return bool(static) or method in self.registered

    async def hints(self) -> list[types.InlayHint]:
        """All hints, once all are there and fresh."""
        whole = types.Range(types.Position(0, 0), types.Position(1000, 0))
        found: list[types.InlayHint] = []

        async def fresh() -> bool:
            found[:] = await self.client.text_document_inlay_hint_async(types.InlayHintParams(self.document, whole)) or ()
            return len(found) == 7 and not any("≈" in str(hint.label) for hint in found)

        await eventually(fresh)
        return found


@pytest_asyncio.fixture(params=["visual_studio_code", "neovim", "emacs"])
async def editor(request: pytest.FixtureRequest, cli: RunCli, cli_environment: Mapping[str, str], tmp_path: Path) -> AsyncIterator[Editor]:
    project = tmp_path / "project"  # where ``cli`` runs
    path = project / "arithmetic.py"
    path.write_bytes(EXAMPLE.read_bytes())
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "-m", "c"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    client = make_test_lsp_client()
    registered: dict[str, Any] = {}
    asked: list[str] = []

    def register(params: types.RegistrationParams) -> None:
        registered.update({item.method: item.register_options for item in params.registrations})

    client.feature(types.CLIENT_REGISTER_CAPABILITY)(register)
    for method in (types.WORKSPACE_INLAY_HINT_REFRESH, types.WORKSPACE_CODE_LENS_REFRESH):
        client.feature(method)(lambda params, method=method: asked.append(method))
    command = [sys.executable, "-m", "rlm_lsp", "--stdio"]
    await client.start_io(*command, env=dict(cli_environment))
    client.set_configuration({"rlm-lsp": {"budgets": [{"name": "^sieve$", "latency": "1 ns"}]}})
    folder = types.WorkspaceFolder(project.as_uri(), "project")
    parameters = types.InitializeParams(capabilities=capabilities(request.param), workspace_folders=[folder])
    result = await client.initialize_session(parameters)
    item = types.TextDocumentItem(path.as_uri(), "python", 1, path.read_text())
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    yield Editor(client, request.param, path.as_uri(), result, registered, asked)
    await client.shutdown_session()
    await client.stop()  # type: ignore[no-untyped-call]  # pytest-lsp's


async def test_a_session(editor: Editor, cli: RunCli) -> None:
    client, said = editor.client, editor.result.capabilities
    hints = await editor.hints()
    assert all(len(str(hint.label)) <= 25 and hint.kind is None and hint.padding_left for hint in hints)
    assert said.position_encoding == ("utf-16" if editor.name == "visual_studio_code" else "utf-8")
    assert editor.can(types.TEXT_DOCUMENT_INLAY_HINT, said.inlay_hint_provider)
    assert editor.can(types.TEXT_DOCUMENT_HOVER, said.hover_provider)
    assert editor.can(types.TEXT_DOCUMENT_CODE_ACTION, said.code_action_provider)
    assert editor.can(types.TEXT_DOCUMENT_CODE_LENS, said.code_lens_provider) is (editor.name != "emacs")

    if editor.name == "emacs":
        assert hints[0].tooltip
    else:
        assert hints[0].tooltip is None
        assert "p10" in str((await client.inlay_hint_resolve_async(hints[0])).tooltip)

    lenses = await client.text_document_code_lens_async(types.CodeLensParams(editor.document))
    assert lenses is not None
    assert len(lenses) == 7
    for lens in lenses:
        resolved = await client.code_lens_resolve_async(lens)
        assert resolved.command is not None
        assert resolved.command.title.startswith("predicted ")

    hover = await client.text_document_hover_async(types.HoverParams(editor.document, types.Position(14, 6)))
    assert hover is not None
    assert isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.kind == types.MarkupKind.Markdown
    assert "**`sieve`**" in hover.contents.value

    context = types.CodeActionContext([])
    at_sieve = types.Range(types.Position(14, 6), types.Position(14, 6))
    actions = await client.text_document_code_action_async(types.CodeActionParams(editor.document, at_sieve, context))
    assert {"Ignore all", "Explain this prediction"} <= {action.title for action in actions or ()}

    (broken,) = await diagnostics(editor)
    assert broken.range.start == types.Position(14, 4)
    assert client.messages == []

    for command, arguments in COMMANDS.items():
        target = {"uri": editor.uri, "key": "sieve", "show": False} if arguments is None else arguments
        answer = await client.workspace_execute_command_async(types.ExecuteCommandParams(f"rlm-lsp.{command}", [target]))
        assert isinstance(answer, dict), command
        if command == "copyAsJson":
            checked = json.loads(cli("check", "--format", "json", "arithmetic.py").stdout)
            (expected,) = [function for function in checked["functions"] if function["name"] == "sieve"]
            assert answer["predictions"] == expected["predictions"]
    assert client.messages == []
    assert "failed" not in "".join(line.message for line in client.log_messages)


COMMANDS: dict[str, Any] = {
    "status": {"show": False},
    "copyAsJson": None,
    "explain": None,
    "scaling": None,
    "compareWithHead": None,
    "checkWorkspace": {"show": False},
    "showLog": {"show": False},
    "restartWorker": {},
    "clearCache": {},
}


async def diagnostics(editor: Editor) -> list[types.Diagnostic]:
    """Pulled, or pushed to who cannot pull."""
    if editor.can(types.TEXT_DOCUMENT_DIAGNOSTIC, editor.result.capabilities.diagnostic_provider):
        report = await editor.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(editor.document))
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    async def pushed() -> bool:
        return bool(editor.client.diagnostics.get(editor.uri))

    await eventually(pushed)
    return list(editor.client.diagnostics[editor.uri])


async def test_an_edit(editor: Editor) -> None:
    """One function changes: the others keep their numbers, it gets a new one and, in its lens, the change against HEAD."""
    client = editor.client
    before = await editor.hints()
    refreshes = len(editor.asked)
    text = "    for _ in range(1000):\n        for _ in range(1000):\n            print(n)\n"
    place = types.Position(9, 0)  # in is_prime
    change = types.TextDocumentContentChangePartial(range=types.Range(place, place), text=text)
    identifier = types.VersionedTextDocumentIdentifier(2, editor.uri)
    client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
    whole = types.Range(types.Position(0, 0), types.Position(1000, 0))
    at_once = await client.text_document_inlay_hint_async(types.InlayHintParams(editor.document, whole))
    assert at_once is not None
    assert [hint.position.line for hint in at_once] == [hint.position.line + 3 * (number > 0) for number, hint in enumerate(before)]
    assert str(at_once[0].label).startswith("≈")
    if editor.name != "emacs":

        async def refreshed() -> bool:
            return len(editor.asked) > refreshes

        await eventually(refreshed)
    after = await editor.hints()
    assert [hint.label for hint in after][1:] == [hint.label for hint in before][1:]
    assert after[0].label != before[0].label
    if editor.name != "emacs":
        assert set(editor.asked) <= {types.WORKSPACE_INLAY_HINT_REFRESH} | (
            {types.WORKSPACE_CODE_LENS_REFRESH} if editor.name == "visual_studio_code" else set()
        )
    answer = await client.workspace_execute_command_async(
        types.ExecuteCommandParams("rlm-lsp.compareWithHead", [{"uri": editor.uri, "show": False}])
    )
    assert isinstance(answer, dict)
    assert answer["compared"] >= 7
