"""Whole sessions over stdio: how they begin and end, and what no client can do to the server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import Start
from tests.lsp.session import PATIENCE_S, StdioSession, session

URI = "file:///nowhere/a.py"
DOCUMENT = {"textDocument": {"uri": URI}}
EVERYTHING = {**DOCUMENT, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 2**31 - 1, "character": 0}}}
PARSED_IN_THE_LOOP_MS = 1000  # far over what a turn takes, far below what parsing a hostile text does; a busy machine makes turns longer
TOTAL = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"
ALL_SURFACES = {
    "textDocument": {"hover": {}, "inlayHint": {}, "codeLens": {}, "codeAction": {}, "diagnostic": {}},
    "workspace": {"inlayHint": {"refreshSupport": True}, "codeLens": {"refreshSupport": True}, "diagnostics": {"refreshSupport": True}},
}


def hints(server: StdioSession, count: int = 1, **params: Any) -> list[dict[str, Any]]:
    """The hints of the document, once there are ``count``."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = server.request("textDocument/inlayHint", {**EVERYTHING, **params}) or []
        if len(found) >= count:
            return list(found)
        assert time.monotonic() < deadline
        time.sleep(0.05)


def status(server: StdioSession) -> dict[str, Any]:
    found: dict[str, Any] = server.request("workspace/executeCommand", {"command": "rlm-lsp.status", "arguments": [{"show": False}]})
    return found


def logged(server: StdioSession) -> str:
    return "\n".join(params["message"] for params in server.said("window/logMessage"))


def test_initialize_is_answered_without_the_model(server: StdioSession) -> None:
    result = server.initialize(ALL_SURFACES)
    assert result["serverInfo"]["name"] == "rlm-lsp"
    assert result["capabilities"]["inlayHintProvider"] == {"resolveProvider": False}
    assert status(server)["worker"] | {"state": "idle", "pid": None} == status(server)["worker"]


def test_shutdown_and_exit_end_with_0(server: StdioSession) -> None:
    server.initialize()
    assert server.request("shutdown") is None
    server.notify("exit")
    assert server.exit_code() == 0
    assert server.stderr() == ""


def test_exit_alone_ends_with_1(server: StdioSession) -> None:
    server.initialize()
    server.notify("exit")
    assert server.exit_code() == 1
    assert server.stderr() == ""


@pytest.mark.parametrize(("orderly", "code"), [(True, 0), (False, 1)])
def test_the_end_of_stdin_ends_the_server(server: StdioSession, orderly: bool, code: int) -> None:
    server.initialize()
    server.open(URI, TOTAL)
    hints(server)
    if orderly:
        server.request("shutdown")
    server.end_input()
    assert server.exit_code() == code
    assert server.stderr() == ""


def test_a_length_beyond_all_bounds_ends_the_session_with_one_line(server: StdioSession) -> None:
    server.initialize()
    server.settle()
    server.send_bytes(b"Content-Length: 99999999999999\r\n\r\n{}")
    assert server.exit_code() == 1
    [line] = server.stderr().splitlines()
    assert line.startswith("rlm-lsp: the client announced")


def test_rubbish_on_stdin_is_refused_and_survived(server: StdioSession) -> None:
    server.initialize(ALL_SURFACES)
    bodies = [b"{", b"[]", b"null", b'{"jsonrpc":"2.0","id":"x","method":"textDocument/hover","params":5}', b"\xff\xfe", b"[" * 10_000]
    for body in bodies:
        server.send_body(body)
    server.send_bytes(b"\x00\x01 nonsense \xff\r\n\r\nmore nonsense\n")
    server.send_bytes(b"content-LENGTH: 17\n\n" + b'{"jsonrpc":"2.0"}')
    server.open(URI, TOTAL)
    assert len(hints(server)) == 1
    refused = [message for message in server.received if message.get("error")]
    assert [(reply["id"], reply["error"]["code"]) for reply in refused] == [
        (None, -32700),
        (None, -32600),
        (None, -32600),
        ("x", -32602),
        (None, -32700),
        (None, -32600),
        (None, -32700),
        (None, -32700),
        (None, -32600),
    ]
    assert all("data" not in reply["error"] for reply in refused)


@pytest.mark.parametrize("way", ["processId", "--clientProcessId"])
def test_the_server_ends_when_the_editor_is_killed(start: Start, way: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as editor:
        try:
            server = start(*([f"--clientProcessId={editor.pid}"] if way == "--clientProcessId" else []))
            server.initialize(processId=editor.pid if way == "processId" else None)
            server.open(URI, TOTAL)
            hints(server)
            worker = status(server)["worker"]["pid"]
        finally:
            editor.kill()
        assert server.exit_code() == 1  # the editor, which nobody has waited for yet, is a zombie
    deadline = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{worker}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_arguments_a_pipe_on_stdin_means_the_server(cli_environment: Mapping[str, str], tmp_path: Path) -> None:
    with session(cli_environment, tmp_path) as server:
        server.initialize()
        server.end_input()
        assert server.exit_code() == 1


def test_without_arguments_nothing_on_stdin_means_a_mistake(cli_environment: Mapping[str, str], tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "rlm_lsp"], stdin=subprocess.DEVNULL, capture_output=True, env=cli_environment, cwd=tmp_path
    )
    assert run.returncode == 2
    assert b"required: COMMAND" in run.stderr


def test_tcp_is_for_this_machine_alone(cli_environment: Mapping[str, str], tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rlm_lsp", "--tcp", "0"], stderr=subprocess.PIPE, env=cli_environment, cwd=tmp_path
    ) as process:
        assert process.stderr is not None
        host, _, port = process.stderr.readline().decode().rpartition(" ")[2].strip().rpartition(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), PATIENCE_S) as client:
            requests: dict[str, Any] = {"initialize": {"capabilities": {}}, "shutdown": None}
            for number, (method, params) in enumerate(requests.items()):
                body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
                client.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            body = b'{"jsonrpc":"2.0","method":"exit"}'
            client.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            answers = b"".join(iter(lambda: client.recv(65536), b""))
        assert b'"result":null' in answers
        assert process.wait(PATIENCE_S) == 0


def test_nothing_but_messages_reaches_stdout(tmp_path: Path) -> None:
    code = "import os, sys\nfrom rlm_lsp.lsp.transport import stdio\nconnection = stdio()\n"
    code += (
        "print('printed', flush=True)\nos.system('echo from below')\nconnection._outgoing.write(b'message')\nconnection._outgoing.flush()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, stdin=subprocess.DEVNULL, cwd=tmp_path, check=True)
    assert run.stdout == b"message"
    assert run.stderr.split() == [b"printed", b"from", b"below"]


def test_requests_for_documents_that_are_not_open_are_answered_with_nothing(server: StdioSession) -> None:
    server.initialize(ALL_SURFACES)
    position = {"position": {"line": 0, "character": 0}}
    assert server.request("textDocument/hover", {**DOCUMENT, **position}) is None
    assert server.request("textDocument/inlayHint", EVERYTHING) is None
    assert server.request("textDocument/codeLens", DOCUMENT) is None
    assert server.request("textDocument/codeAction", {**EVERYTHING, "context": {"diagnostics": []}}) is None
    assert server.request("textDocument/diagnostic", DOCUMENT) == {"kind": "full", "items": []}
    server.change(URI, 2, {"text": "secret = 1"})
    server.notify("textDocument/didClose", DOCUMENT)
    server.settle()
    assert "is not open" in logged(server)
    assert "secret" not in logged(server)


def test_changes_are_applied_in_order(server: StdioSession) -> None:
    server.initialize()
    server.open(URI, "")
    for version in range(2, 302):
        server.change(
            URI, version, {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": f"{version} "}
        )
    text = "".join(f"{version} " for version in range(301, 1, -1))
    server.notify("textDocument/didSave", {**DOCUMENT, "text": text})
    server.settle()
    assert "not the text" not in logged(server)
    server.notify("textDocument/didSave", {**DOCUMENT, "text": text + "x"})
    server.settle()
    assert "not the text" in logged(server)  # so the check above can fail


def test_every_request_of_a_cancel_flood_gets_one_reply(server: StdioSession) -> None:
    server.initialize(ALL_SURFACES)
    server.open(URI, "\n".join(TOTAL.replace("total", f"total_{number}") for number in range(50)))
    ids = []
    for number in range(300):
        method, params = [("textDocument/codeLens", DOCUMENT), ("textDocument/inlayHint", EVERYTHING)][number % 2]
        ids.append(server.start_request(method, params))
        if number % 3:
            server.notify("$/cancelRequest", {"id": ids[-1]})
    for id_ in ids:
        reply = server.reply(id_)
        assert "result" in reply or reply["error"]["code"] == -32800
    server.settle()
    assert [len(server.replies(id_)) for id_ in ids] == [1] * len(ids)


def test_a_long_command_can_be_cancelled(server: StdioSession, tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.py").write_text(TOTAL.replace("total", f"total_{number}"))
    server.initialize(rootUri=tmp_path.as_uri())
    id_ = server.start_request("workspace/executeCommand", {"command": "rlm-lsp.checkWorkspace", "arguments": [{"show": False}]})
    server.settle()
    server.notify("$/cancelRequest", {"id": id_})
    assert server.reply(id_)["error"]["code"] == -32800
    server.settle()
    assert len(server.replies(id_)) == 1


@pytest.mark.parametrize("text", ["a(b " * 25_000, "(" * 100_000, "def f():\n " * 2_000, "x" * 1_000_000, "\0" * 1000, "if 1:\n" * 5000])
def test_hostile_text_holds_up_nobody(server: StdioSession, text: str) -> None:
    server.initialize(ALL_SURFACES)
    server.open(URI, text)
    server.change(URI, 2, {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"})
    assert server.request("textDocument/inlayHint", EVERYTHING) is not None
    other = "file:///nowhere/b.py"
    server.open(other, TOTAL)
    assert len(hints(server, textDocument={"uri": other})) == 1
    # A turn that parsed such a text on the event loop would be busy for seconds; `benchmarks.lsp` has the real times.
    slow = [line for line in logged(server).splitlines() if line.startswith("slow turn") and "initialize" not in line]
    assert [line for line in slow if float(line.split()[-2]) >= PARSED_IN_THE_LOOP_MS] == []


def test_a_file_that_is_typed_in_keeps_its_lenses_and_asks_little(server: StdioSession) -> None:
    server.initialize(ALL_SURFACES, initializationOptions={"debounce": "2 s"})
    server.open(URI, TOTAL + "\n\ndef other(a):\n    return a\n")
    hints(server, 2)
    before = status(server)["answers"]["fromModel"]
    for number in range(200):
        place = {"line": 1, "character": 9 + number}
        server.change(URI, number + 2, {"range": {"start": place, "end": place}, "text": "+ 11"[number % 4]})
        if number % 20 == 0:
            assert len(server.request("textDocument/codeLens", DOCUMENT)) == 2
            assert len(server.request("textDocument/inlayHint", EVERYTHING)) == 2
    seen = len(server.received)
    server.wait_for(lambda message: message.get("method") == "workspace/inlayHint/refresh", seen)
    deadline = time.monotonic() + PATIENCE_S
    while "≈" in "".join(hint["label"] for hint in hints(server, 2)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert 1 <= status(server)["answers"]["fromModel"] - before <= 2


def test_a_killed_model_takes_nothing_away_and_comes_back(server: StdioSession) -> None:
    server.initialize(ALL_SURFACES)
    server.open(URI, TOTAL)
    shown = hints(server)
    os.kill(status(server)["worker"]["pid"], 9)
    assert hints(server) == shown
    server.change(URI, 2, {"text": TOTAL.replace("s = 0", "s = 1")})
    deadline = time.monotonic() + PATIENCE_S
    while "≈" in hints(server)[0]["label"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert status(server)["worker"]["deaths"] == 1


def test_without_a_model_everything_else_works(start: Start, tmp_path: Path) -> None:
    server = start(model=tmp_path / "missing")
    server.initialize(ALL_SURFACES)
    server.open(URI, TOTAL)
    assert server.request("textDocument/inlayHint", EVERYTHING) == []
    assert status(server)["model"] is None
    server.settle()
    assert "no predictions" in logged(server)


def test_no_text_of_a_document_is_logged(server: StdioSession) -> None:
    server.initialize(ALL_SURFACES)
    server.notify("$/setTrace", {"value": "verbose"})
    server.open(URI, TOTAL.replace("total", "s3cret"))
    hints(server)
    server.change(URI, 2, {"text": "def s3cret(:\n"})
    server.change(URI, 3, {"text": 5, "s3cret": "s3cret"})
    server.start_request("s3cret", {"s3cret": "s3cret"})
    server.notify("s3cret", {"s3cret": "s3cret"})
    server.start_request("textDocument/hover", {"textDocument": "s3cret"})
    server.settle()
    assert "s3cret" not in logged(server) + json.dumps(server.said("$/logTrace"))
    assert server.said("$/logTrace") != []
    server.request("shutdown")
    server.notify("exit")
    assert server.exit_code() == 0
    assert "s3cret" not in server.stderr()


WIDTHS = {"utf-8": 6, "utf-16": 3, "utf-32": 2}  # of é𝒳


@pytest.mark.parametrize("offered", [["utf-16", "utf-8"], ["utf-16", "utf-32"], ["utf-16"], [], ["utf-7"], None])
def test_positions_are_in_the_encoding_that_we_prefer(server: StdioSession, offered: list[str] | None) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    result = server.initialize({**ALL_SURFACES, **general})
    chosen = next((name for name in ("utf-8", "utf-32") if name in (offered or ())), "utf-16")
    assert result["capabilities"]["positionEncoding"] == chosen
    server.open(URI, "# \u2028 \x0b \x85 \U0001f600\r" + TOTAL.replace("total", "é𝒳"))
    [hint] = hints(server)
    assert hint["position"] == {"line": 1, "character": len("def (xs):") + WIDTHS[chosen]}
    [lens] = server.request("textDocument/codeLens", DOCUMENT)
    assert lens["range"] == {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4 + WIDTHS[chosen]}}


def test_a_stranger_cannot_reach_the_methods_of_others(server: StdioSession) -> None:
    server.initialize()
    for method in ("window/showMessage", "workspace/configuration", "$/progress", "initialize/../shutdown", "", "__init__"):
        assert server.reply(server.start_request(method, {}))["error"]["code"] == -32601


def test_a_notebook(server: StdioSession) -> None:
    notebook = {"notebookDocument": {"synchronization": {"dynamicRegistration": True}}}
    result = server.initialize({**ALL_SURFACES, **notebook})
    assert result["capabilities"]["notebookDocumentSync"]["notebookSelector"] == [{"notebook": "*", "cells": [{"language": "python"}]}]
    cells = [{"kind": 2, "document": f"vscode-notebook-cell:/a.ipynb#{number}"} for number in range(3)]
    texts = ["%matplotlib inline\n" + TOTAL, "!ls\n" + TOTAL.replace("total", "other"), "x = 1"]
    items = [
        {"uri": cell["document"], "languageId": "python", "version": 1, "text": text}
        for cell, text in zip(cells[:2], texts[:2], strict=True)
    ]
    identifier = {"uri": "file:///nowhere/a.ipynb"}
    document = {**identifier, "notebookType": "jupyter-notebook", "version": 1, "cells": cells[:2]}
    server.notify("notebookDocument/didOpen", {"notebookDocument": document, "cellTextDocuments": items})
    for cell in cells[:2]:
        [hint] = hints(server, textDocument={"uri": cell["document"]})
        assert hint["position"]["line"] == 1  # in the cell's own lines

    place = {"line": 0, "character": 0}
    text = {
        "document": {"uri": cells[1]["document"], "version": 2},
        "changes": [{"range": {"start": place, "end": place}, "text": "\n"}],
    }
    opened = {"uri": cells[2]["document"], "languageId": "python", "version": 1, "text": TOTAL}
    structure = {
        "array": {"start": 0, "deleteCount": 1, "cells": [cells[2]]},
        "didOpen": [opened],
        "didClose": [{"uri": cells[0]["document"]}],
    }
    change = {"cells": {"structure": structure, "textContent": [text], "data": [cells[1]]}}
    server.notify("notebookDocument/didChange", {"notebookDocument": {**identifier, "version": 2}, "change": change})
    assert server.request("textDocument/inlayHint", {**EVERYTHING, "textDocument": {"uri": cells[0]["document"]}}) is None
    assert hints(server, textDocument={"uri": cells[1]["document"]})[0]["position"]["line"] == 2
    hints(server, textDocument={"uri": cells[2]["document"]})
    server.notify("notebookDocument/didSave", {"notebookDocument": identifier})
    closed = {"notebookDocument": identifier, "cellTextDocuments": [{"uri": cell["document"]} for cell in cells[1:]]}
    server.notify("notebookDocument/didClose", closed)
    assert server.request("textDocument/inlayHint", {**EVERYTHING, "textDocument": {"uri": cells[2]["document"]}}) is None
    assert "ignored" not in logged(server)
