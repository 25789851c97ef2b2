"""Code actions and commands as a client meets them: one server process, real files, a real repository."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Start
from tests.lsp.session import PATIENCE_S, StdioSession

BEFORE = "def f(xs):\r\n    return xs\r\n\r\n\r\nclass A:\r\n    def g(self, k):\r\n        return k\r\n"
AFTER = BEFORE.replace("return xs", "return sorted(xs)  # 😀")
CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}}}},
}


@pytest.fixture
def repository(tmp_path: Path, cli_environment: Mapping[str, str]) -> Path:
    """A repository whose HEAD holds ``BEFORE`` and whose working tree holds ``AFTER``."""
    root = tmp_path / "project"
    root.mkdir()
    file = root / "module.py"
    file.write_bytes(BEFORE.encode())
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "core.autocrlf=false"]
    for arguments in (["init", "-q"], ["add", "module.py"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *arguments], cwd=root, env=cli_environment, check=True)
    file.write_bytes(AFTER.encode())
    return root


def command(server: StdioSession, name: str, **argument: Any) -> Any:
    return server.request("workspace/executeCommand", {"command": f"rlm-lsp.{name}", "arguments": [{"show": False, **argument}]})


def actions(server: StdioSession, uri: str, line: int, character: int) -> dict[str, Any]:
    place = {"line": line, "character": character}
    params = {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    return {action["title"]: action for action in server.request("textDocument/codeAction", params) or ()}


def actions_when(server: StdioSession, uri: str, line: int, character: int, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The actions once they are as wanted: the document is cut and the function's prediction has arrived."""
    deadline = time.monotonic() + PATIENCE_S
    while not wanted(found := actions(server, uri, line, character)):
        assert time.monotonic() < deadline, (found, command(server, "status")["text"])
        time.sleep(0.02)
    return found


def are_all_there(found: dict[str, Any]) -> bool:
    return {"Ignore all", "Explain this prediction"} <= found.keys()


def test_a_day_of_actions_and_commands(start: Start, repository: Path, cli_environment: Mapping[str, str], function_model: Path) -> None:
    server = start()
    server.initialize(CAPABILITIES, workspaceFolders=[{"uri": repository.as_uri(), "name": "project"}])
    uri = (repository / "module.py").as_uri()
    server.open(uri, AFTER)
    found = actions_when(server, uri, 5, 9, are_all_there)
    assert found["Explain this prediction"]["kind"] == "rlm"
    (edit,) = found["Ignore latency here"]["edit"]["documentChanges"][0]["edits"]
    assert edit == {
        "range": {"start": {"line": 5, "character": 0}, "end": {"line": 5, "character": 0}},
        "newText": "    # rlm: ignore[latency]\r\n",
    }

    check = [sys.executable, "-m", "rlm_lsp", "check", ".", "--format", "json", "--model", str(function_model)]
    report = json.loads(subprocess.run(check, cwd=repository, env=cli_environment, check=True, capture_output=True).stdout)
    printed = {item["name"]: item for item in report["functions"]}
    for key in ("f", "A.g"):
        assert command(server, "copyAsJson", uri=uri, key=key) == printed[key]

    explained = command(server, "explain", uri=uri, key="f")
    assert [region["range"]["start"]["line"] for region in explained["regions"]] == [1]
    assert explained["predictions"] == printed["f"]["predictions"]
    scaled = command(server, "scaling", uri=uri, key="f", sizes=[10, 100])
    assert [point["args"] for point in scaled["points"]] == ["xs=list[10]", "xs=list[100]"]

    (changed,) = command(server, "compareWithHead", uri=uri)["functions"]
    assert changed["name"] == "f"
    assert [change["after"] for change in changed["changes"]] == [metric["p50"] for metric in printed["f"]["predictions"].values()]

    checked = command(server, "checkWorkspace", top=9)
    assert checked["top"] == report["functions"]
    assert checked["files"] == 1

    server.change(uri, 2, {"range": edit["range"], "text": edit["newText"]})
    found = actions_when(server, uri, 6, 9, are_all_there)
    assert "Ignore latency here" not in found  # there is a comment now
    (edit,) = found["Ignore peak heap here"]["edit"]["documentChanges"][0]["edits"]
    assert found["Ignore peak heap here"]["edit"]["documentChanges"][0]["textDocument"]["version"] == 2
    assert edit["range"]["start"]["line"] == 5
    assert edit["newText"] == "rlm: ignore"


def test_the_log_is_shown_in_the_clients_log_and_holds_no_code(start: Start) -> None:
    server = start()
    server.initialize(CAPABILITIES)
    server.open("untitled:a", "def f(x):\n    return x\n")
    reply = server.reply(server.start_request("workspace/executeCommand", {"command": "rlm-lsp.showLog", "arguments": []}))
    assert reply["result"]["lines"] is not None
    logged = [params["message"] for params in server.said("window/logMessage")]
    assert logged[-1].startswith("the last lines of rlm-lsp's log:")
    assert not any("return x" in line for line in logged)


def test_an_untrusted_workspace_is_not_compared(start: Start, repository: Path) -> None:
    server = start()
    folders = [{"uri": repository.as_uri(), "name": "project"}]
    server.initialize(CAPABILITIES, workspaceFolders=folders, initializationOptions={"trusted": False})
    uri = (repository / "module.py").as_uri()
    server.open(uri, AFTER)
    assert "Compare with HEAD" not in actions_when(server, uri, 0, 5, are_all_there)
    request = {"command": "rlm-lsp.compareWithHead", "arguments": [{"uri": uri}]}
    assert server.reply(server.start_request("workspace/executeCommand", request))["error"]["code"] == -32803
