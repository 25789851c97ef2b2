"""Where settings come from, and what a change of them does at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.lsp.settings_source import SettingsSource
from tests.lsp.conftest import Start
from tests.lsp.session import StdioSession
from tests.lsp.test_session import ALL_SURFACES, TOTAL, hints, logged

VS_CODE = json.loads((Path(__file__).parent / "clients" / "visual_studio_code_1.100.3.json").read_text())
HINTS = "textDocument/inlayHint"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "a.py").write_text(TOTAL)
    return folder


def area(project: Path) -> dict[str, Any]:
    document = {"textDocument": {"uri": (project / "a.py").as_uri()}}
    return {**document, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}}


def begin(server: StdioSession, project: Path, capabilities: Any = None, **params: Any) -> dict[str, Any]:
    """A session in the project, with a file open and its hint shown."""
    folders = [{"uri": project.as_uri(), "name": "project"}]
    result: dict[str, Any] = server.initialize(capabilities or ALL_SURFACES, workspaceFolders=folders, **params)
    server.open((project / "a.py").as_uri(), TOTAL)
    return result


def is_off(server: StdioSession, project: Path) -> None:
    """Wait until there is no answer to a request for hints."""
    while server.request(HINTS, area(project)) is not None:
        pass


def test_layers(tmp_path: Path) -> None:
    reported: list[str] = []
    folder, file = str(tmp_path), str(tmp_path / "deep" / "a.py")
    (tmp_path / "deep").mkdir()
    (tmp_path / "rlm-lsp.toml").write_text('debounce = "1 s"\nmax-ratio = 2\nhover = false\ncode-lens = false')
    source = SettingsSource({"code-lens": True}, reported.append)
    source.initialize({"maxRatio": 3.0, "hover": True}, [folder])
    source.set_editor({None: {"maxRatio": 5.0}, folder: {"rlm-lsp": {"maxRatio": 4.0}}})
    inside, outside = source.of(file), source.of("/elsewhere/a.py")
    assert (inside.debounce_s, inside.max_ratio, inside.hover, inside.code_lens) == (1.0, 4.0, True, True)
    assert (outside.debounce_s, outside.max_ratio, outside.hover) == (0.2, 5.0, True)
    assert source.of(None).max_ratio == 5.0
    assert source.of(file) is inside
    (tmp_path / "rlm-lsp.toml").write_text('debounce = "2 s"')
    assert source.of(file) is inside
    source.forget_files()
    assert source.of(file).debounce_s == 2.0
    assert reported == []


def test_mistakes_are_reported_once_and_by_name(tmp_path: Path) -> None:
    reported: list[str] = []
    source = SettingsSource({}, reported.append)
    source.initialize({"inlayHint": False, "hover": 3}, [str(tmp_path)])
    (tmp_path / "rlm-lsp.toml").write_text('model = "/evil"\ndevice = "cpu"\n')
    for _ in range(3):
        settings = source.of(str(tmp_path / "a.py"))
        source.forget_files()
    assert settings.model is None
    assert len(reported) == 4
    assert any("did you mean inlay-hints?" in line for line in reported)
    assert sum("refused" in line for line in reported) == 2


def test_an_editor_chooses_no_model() -> None:
    reported: list[str] = []
    source = SettingsSource({}, reported.append)
    source.initialize(None, [])
    source.set_editor({None: {"model": "/evil"}})
    assert source.of(None).model is None
    assert "refused" in reported[0]


@pytest.mark.parametrize("options", [None, 5, [], "x", {"rlm-lsp": 7}, {"rlm-lsp": {"hover": None}}])
def test_odd_options_do_no_harm(options: Any) -> None:
    source = SettingsSource({}, lambda line: None)
    source.initialize(options, [])
    source.set_editor({None: options})
    assert source.of(None).hover
    assert source.trusted


def test_files_do_not_count_in_an_untrusted_workspace(tmp_path: Path) -> None:
    (tmp_path / "rlm-lsp.toml").write_text("hover = false")
    source = SettingsSource({}, lambda line: None)
    source.initialize({"trusted": False}, [str(tmp_path)])
    assert source.of(str(tmp_path / "a.py")).hover


def test_a_client_that_registers_is_rid_of_what_is_switched_off(server: StdioSession, project: Path) -> None:
    configuration: dict[str, Any] = {}
    server.answers["workspace/configuration"] = lambda params: [configuration for _ in params["items"]]
    result = begin(server, project, VS_CODE["capabilities"])
    assert not {"inlayHintProvider", "codeLensProvider", "hoverProvider", "diagnosticProvider"} & result["capabilities"].keys()
    registered = server.wait_for(lambda message: message.get("method") == "client/registerCapability")["params"]["registrations"]
    methods = {registration["method"] for registration in registered}
    assert {HINTS, "textDocument/codeLens", "textDocument/hover", "workspace/didChangeWatchedFiles"} <= methods
    selector = next(registration["registerOptions"]["documentSelector"] for registration in registered if registration["method"] == HINTS)
    assert {entry["scheme"] for entry in selector} == {"file", "untitled", "vscode-notebook-cell"}
    assert {entry["language"] for entry in selector} == {"python"}
    hints(server, **area(project))

    configuration["inlayHints"] = {"enabled": False}
    server.notify("workspace/didChangeConfiguration", {"settings": None})
    gone = server.wait_for(lambda message: message.get("method") == "client/unregisterCapability")["params"]["unregisterations"]
    assert [entry["method"] for entry in gone] == [HINTS]
    assert server.request(HINTS, area(project)) is None

    seen = len(server.received)
    configuration["inlayHints"] = {"enabled": True}
    server.notify("workspace/didChangeConfiguration", {"settings": None})
    back = server.wait_for(lambda message: message.get("method") == "client/registerCapability", seen)["params"]["registrations"]
    assert [entry["method"] for entry in back] == [HINTS]
    hints(server, **area(project))


def test_a_client_that_does_not_register_gets_null(server: StdioSession, project: Path) -> None:
    result = begin(server, project)
    assert result["capabilities"]["inlayHintProvider"]
    hints(server, **area(project))
    seen = len(server.received)
    server.notify("workspace/didChangeConfiguration", {"settings": {"rlm-lsp": {"inlay-hints": False}}})
    server.wait_for(lambda message: message.get("method") == "workspace/inlayHint/refresh", seen)
    assert server.request(HINTS, area(project)) is None
    server.notify("workspace/didChangeConfiguration", {"settings": {"rlm-lsp": {"inlay-hints": True}}})
    hints(server, **area(project))
    assert server.said("client/registerCapability") == []


@pytest.mark.parametrize("name", ["rlm-lsp.toml", "pyproject.toml"])
def test_a_watched_settings_file_counts_at_once(server: StdioSession, project: Path, name: str) -> None:
    begin(server, project)
    hints(server, **area(project))
    table = "[tool.rlm-lsp]\n" if name == "pyproject.toml" else ""
    (project / name).write_text(f"{table}inlay-hints = false\ninlay-hint = true\n")
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": (project / name).as_uri(), "type": 1}]})
    is_off(server, project)
    assert "did you mean inlay-hints?" in logged(server)
    (project / name).write_text("not toml [")
    server.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": (project / name).as_uri(), "type": 2}]})
    if name == "rlm-lsp.toml":
        hints(server, **area(project))
        assert "not TOML" in logged(server)


def test_a_settings_file_that_is_saved_counts_without_a_watcher(server: StdioSession, project: Path) -> None:
    begin(server, project)
    hints(server, **area(project))
    (project / "rlm-lsp.toml").write_text("enabled = false")
    server.notify("textDocument/didSave", {"textDocument": {"uri": (project / "rlm-lsp.toml").as_uri()}})
    is_off(server, project)


def test_a_workspace_cannot_choose_the_model(server: StdioSession, project: Path) -> None:
    (project / "rlm-lsp.toml").write_text('model = "/evil"')
    begin(server, project)
    hints(server, **area(project))
    assert "refused: only the command line" in logged(server)


def test_toggle_overrides_everything(server: StdioSession, project: Path) -> None:
    begin(server, project)
    hints(server, **area(project))
    toggle = {"command": "rlm-lsp.toggle"}
    assert server.request("workspace/executeCommand", toggle) == {"enabled": False}
    assert server.request(HINTS, area(project)) is None
    assert server.request("workspace/executeCommand", toggle) == {"enabled": True}
    hints(server, **area(project))


def test_folders_come_and_go(start: Start, project: Path) -> None:
    server = start()
    (project / "rlm-lsp.toml").write_text("inlay-hints = false")
    server.initialize(ALL_SURFACES, workspaceFolders=[{"uri": (project.parent / "other").as_uri(), "name": "other"}])
    server.open((project / "a.py").as_uri(), TOTAL)
    hints(server, **area(project))  # outside of all folders, the file's settings do not count
    event = {"added": [{"uri": project.as_uri(), "name": "project"}], "removed": []}
    server.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    is_off(server, project)
    server.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": event["added"]}})
    hints(server, **area(project))


def test_an_editor_that_keeps_its_settings_to_itself_is_served_all_the_same(server: StdioSession, project: Path) -> None:
    server.unanswered.add("workspace/configuration")
    begin(server, project, VS_CODE["capabilities"])
    hints(server, **area(project))
    server.wait_for(lambda message: message.get("method") == "client/registerCapability")
    assert "does not say what its settings are" in logged(server)
