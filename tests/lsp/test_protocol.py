"""The protocol layer by itself: one message in, what goes out. No process, no streams."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from rlm_lsp.lsp import message
from rlm_lsp.lsp.protocol import Protocol, RequestError
from rlm_lsp.lsp.transport import Unreadable
from rlm_lsp.lsp.wire import strict_converter

pytestmark = pytest.mark.asyncio

POSITION = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 0}}


class Wire:
    """Stands in for a connection and keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def write(self, data: bytes) -> None:
        header, body = data.split(b"\r\n\r\n", 1)
        assert header == b"Content-Length: %d" % len(body)
        self.sent.append(json.loads(body))

    def close(self) -> None:
        raise AssertionError("the protocol does not close connections")


class Peer:
    """A protocol with a few handlers, and what it sent and logged."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.calls: list[Any] = []
        self.blocked = asyncio.Event()
        self.cancelled = 0
        self.wire = Wire()
        server = LanguageServer("test", "1", protocol_cls=Protocol, converter_factory=strict_converter)
        assert isinstance(server.protocol, Protocol)
        self.protocol = server.protocol
        self.protocol.set_writer(self.wire)
        self.protocol.log = lambda kind, text: self.log.append(text)
        self.protocol.requests = {
            "initialize": lambda params: {"capabilities": {}},
            "shutdown": lambda params: None,
            "textDocument/hover": self.hover,
            "textDocument/codeLens": self.wait,
            "textDocument/documentSymbol": self.fail,
            "textDocument/definition": self.refuse,
            "textDocument/inlayHint": lambda params: [object()],
        }
        self.protocol.notifications = {
            "textDocument/didOpen": self.calls.append,
            "textDocument/didClose": self.fail,
            "exit": self.calls.append,
        }

    async def hover(self, params: types.HoverParams) -> types.Hover:
        return types.Hover("π")

    async def wait(self, params: Any) -> list[Any]:
        try:
            await self.blocked.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            await asyncio.sleep(0)
            return ["too late"]
        return []

    def fail(self, params: Any) -> None:
        raise ValueError("secret text of a document")

    def refuse(self, params: Any) -> None:
        raise RequestError(message.REQUEST_FAILED, "not today")

    def say(self, data: Any) -> None:
        self.protocol.receive(data if isinstance(data, bytes | Unreadable) else json.dumps(data).encode())

    def ask(self, id_: Any, method: str, params: Any = None) -> None:
        self.say({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})

    def started(self) -> Peer:
        self.ask("start", "initialize", {"capabilities": {}})
        assert self.wire.sent.pop() == {"jsonrpc": "2.0", "id": "start", "result": {"capabilities": {}}}
        return self

    async def quiet(self) -> list[Any]:
        for _ in range(10):
            await asyncio.sleep(0)
        return self.wire.sent


NESTED = b'{"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":' + b'{"a":' * 100 + b"1" + b"}" * 101
BAD = {
    # name: (body, id, code)
    "no JSON": (b"{", None, -32700),
    "not UTF-8": (b'"\xff"', None, -32700),
    "nothing": (b"", None, -32700),
    "NaN": (b'{"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{"a":NaN}}', None, -32700),
    "a huge number": (b"1" * 5000, None, -32700),
    "a batch": (b'[{"jsonrpc":"2.0","id":1,"method":"textDocument/hover"}]', None, -32600),
    "a number": (b"5", None, -32600),
    "null": (b"null", None, -32600),
    "nested": (NESTED, 7, -32600),
    "nested without end": (b"[" * 100_000, None, -32600),
    "no version": (b'{"id":1,"method":"textDocument/hover"}', 1, -32600),
    "version 1": (b'{"jsonrpc":"1.0","id":"a","method":"textDocument/hover"}', "a", -32600),
    "neither": (b'{"jsonrpc":"2.0"}', None, -32600),
    "a method that is none": (b'{"jsonrpc":"2.0","id":1,"method":5}', 1, -32600),
    "id null": (b'{"jsonrpc":"2.0","id":null,"method":"textDocument/hover"}', None, -32600),
    "id true": (b'{"jsonrpc":"2.0","id":true,"method":"textDocument/hover"}', None, -32600),
    "id 1.5": (b'{"jsonrpc":"2.0","id":1.5,"method":"textDocument/hover"}', None, -32600),
    "id an object": (b'{"jsonrpc":"2.0","id":{},"method":"textDocument/hover"}', None, -32600),
    "params a string": (b'{"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":"x"}', 1, -32602),
    "an unknown method": (b'{"jsonrpc":"2.0","id":1,"method":"textDocument/nonsense","params":{}}', 1, -32601),
    "an unknown $ method": (b'{"jsonrpc":"2.0","id":1,"method":"$/nonsense"}', 1, -32601),
    "no params": (b'{"jsonrpc":"2.0","id":1,"method":"textDocument/hover"}', 1, -32602),
    "params a list": (b'{"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":[]}', 1, -32602),
}
BAD_PARAMS: dict[str, Any] = {
    "a line too far": {**POSITION, "position": {"line": 2**31, "character": 0}},
    "a negative line": {**POSITION, "position": {"line": -1, "character": 0}},
    "a line in words": {**POSITION, "position": {"line": "1", "character": 0}},
    "half a line": {**POSITION, "position": {"line": 0.5, "character": 0}},
    "a true line": {**POSITION, "position": {"line": True, "character": 0}},
    "no position": {"textDocument": {"uri": "file:///a.py"}},
    "no document": {**POSITION, "textDocument": None},
    "a URI that is none": {**POSITION, "textDocument": {"uri": 5}},
}


@pytest.mark.parametrize(("body", "id_", "code"), BAD.values(), ids=BAD.keys())
async def test_what_is_no_request_is_answered_with_an_error(body: bytes, id_: Any, code: int) -> None:
    peer = Peer().started()
    peer.say(body)
    [reply] = await peer.quiet()
    assert (reply["id"], reply["error"]["code"]) == (id_, code)
    peer.ask(2, "textDocument/hover", POSITION)
    assert (await peer.quiet())[1] == {"jsonrpc": "2.0", "id": 2, "result": {"contents": "π"}}


@pytest.mark.parametrize("params", BAD_PARAMS.values(), ids=BAD_PARAMS.keys())
async def test_bad_params_are_answered_under_their_id(params: Any) -> None:
    peer = Peer().started()
    peer.ask("x", "textDocument/hover", params)
    [reply] = await peer.quiet()
    assert (reply["id"], reply["error"]["code"]) == ("x", -32602)
    assert "textDocument/hover" in reply["error"]["message"]


async def test_an_unreadable_message_is_answered() -> None:
    peer = Peer()
    peer.say(Unreadable("rubbish"))
    assert peer.wire.sent == [{"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "rubbish"}}]


async def test_a_nested_key_called_jsonrpc_is_only_a_key() -> None:
    peer = Peer().started()
    peer.ask(1, "textDocument/hover", {**POSITION, "workDoneToken": "t", "data": {"jsonrpc": "9", "id": 3, "method": "x"}})
    assert (await peer.quiet())[0]["result"] == {"contents": "π"}


async def test_the_first_request_must_be_initialize() -> None:
    peer = Peer()
    peer.ask(1, "textDocument/hover", POSITION)
    peer.ask(2, "shutdown")
    peer.say({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}})
    assert [(reply["id"], reply["error"]["code"]) for reply in await peer.quiet()] == [(1, -32002), (2, -32002)]
    assert peer.calls == []


async def test_initialize_comes_once() -> None:
    peer = Peer().started()
    peer.ask(1, "initialize", {"capabilities": {}})
    assert (await peer.quiet())[0]["error"]["code"] == -32600


async def test_an_initialize_that_is_refused_may_be_repeated() -> None:
    peer = Peer()
    peer.ask(1, "initialize", {"capabilities": 5})
    assert peer.wire.sent.pop()["error"]["code"] == -32602
    peer.started()


async def test_after_shutdown_only_exit_counts() -> None:
    peer = Peer().started()
    peer.ask(1, "shutdown")
    peer.ask(2, "textDocument/hover", POSITION)
    peer.ask(3, "shutdown")
    peer.say({"jsonrpc": "2.0", "method": "textDocument/didClose", "params": {}})
    peer.say({"jsonrpc": "2.0", "method": "exit"})
    first, *refused = await peer.quiet()
    assert first == {"jsonrpc": "2.0", "id": 1, "result": None}
    assert [(reply["id"], reply["error"]["code"]) for reply in refused] == [(2, -32600), (3, -32600)]
    assert peer.calls == [None]


async def test_shutdown_answers_what_still_runs() -> None:
    peer = Peer().started()
    peer.ask(1, "textDocument/codeLens", {"textDocument": {"uri": "file:///a.py"}})
    peer.ask(2, "shutdown")
    assert sorted((reply["id"], "error" in reply) for reply in await peer.quiet()) == [(1, True), (2, False)]


@pytest.mark.parametrize("id_", [1, "1", "", 2**40, -1])
async def test_a_cancelled_request_is_answered_at_once_and_once(id_: Any) -> None:
    peer = Peer().started()
    peer.ask(id_, "textDocument/codeLens", {"textDocument": {"uri": "file:///a.py"}})
    assert await peer.quiet() == []
    peer.say({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": id_}})
    [reply] = peer.wire.sent  # without another turn of the loop
    assert (reply["id"], reply["error"]["code"]) == (id_, -32800)
    peer.blocked.set()
    assert await peer.quiet() == [reply]  # the late result is dropped
    assert peer.cancelled == 1


async def test_a_request_cancelled_in_the_same_breath_never_runs() -> None:
    peer = Peer().started()
    peer.ask(1, "textDocument/codeLens", {"textDocument": {"uri": "file:///a.py"}})
    peer.say({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}})
    assert [reply["error"]["code"] for reply in await peer.quiet()] == [-32800]
    assert peer.cancelled == 0


async def test_cancelling_what_does_not_run_is_nothing() -> None:
    peer = Peer().started()
    odd: list[Any] = [{"id": 5}, {"id": None}, {"id": {}}, {}, None, [1]]
    for params in odd:
        peer.say({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": params})
    assert await peer.quiet() == []


async def test_an_id_may_not_run_twice() -> None:
    peer = Peer().started()
    peer.ask(1, "textDocument/codeLens", {"textDocument": {"uri": "file:///a.py"}})
    peer.ask(1, "textDocument/codeLens", {"textDocument": {"uri": "file:///a.py"}})
    assert [reply["error"]["code"] for reply in await peer.quiet()] == [-32600]
    peer.blocked.set()
    assert (await peer.quiet())[1:] == [{"jsonrpc": "2.0", "id": 1, "result": []}]


@pytest.mark.parametrize("method", ["textDocument/documentSymbol", "textDocument/inlayHint"])
async def test_a_failure_is_answered_and_logged_without_what_was_in_the_document(method: str) -> None:
    peer = Peer().started()
    area = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}}
    peer.ask(1, method, {"textDocument": {"uri": "file:///a.py"}, **area})
    [reply] = await peer.quiet()
    assert reply["error"]["code"] == -32603
    assert "data" not in reply["error"]
    assert "secret" not in json.dumps(reply)
    assert len(peer.log) == 1
    assert "secret" not in peer.log[0]
    assert ".py:" in peer.log[0]  # where it happened


async def test_a_refusal_says_what_the_handler_says() -> None:
    peer = Peer().started()
    peer.ask(1, "textDocument/definition", POSITION)
    assert (await peer.quiet())[0]["error"] == {"code": -32803, "message": "not today"}


async def test_a_notification_is_never_answered() -> None:
    peer = Peer().started()
    for params in ({}, None, {"textDocument": 5}, {"textDocument": {"uri": "file:///secret.py"}}):
        peer.say({"jsonrpc": "2.0", "method": "textDocument/didClose", "params": params})
    peer.say({"jsonrpc": "2.0", "method": "$/whatever", "params": {"a": 1}})
    peer.say({"jsonrpc": "2.0", "method": "nonsense"})
    assert await peer.quiet() == []
    assert "secret" not in "".join(peer.log)
    assert len(peer.log) == 5  # unknown $/ notifications are to be ignored


async def test_half_a_surrogate_pair_is_replaced_at_the_door() -> None:
    peer = Peer().started()
    item = r'{"uri":"file:///a.py","languageId":"python","version":1,"text":"a\ud800b\udc00 \ud83d\ude00 é"}'
    peer.say(b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":%s}}' % item.encode())
    [params] = peer.calls
    assert params.text_document.text == "a\ufffdb\ufffd \U0001f600 é"


async def test_a_text_that_is_null_is_no_text() -> None:
    peer = Peer().started()
    item = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": None}
    peer.say({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}})
    assert peer.calls == []


async def test_the_clients_answers_reach_who_asked() -> None:
    peer = Peer().started()
    server = peer.protocol._server
    asked = asyncio.ensure_future(server.workspace_configuration_async(types.ConfigurationParams([types.ConfigurationItem()])))
    await asyncio.sleep(0)
    [request] = peer.wire.sent
    assert request["method"] == "workspace/configuration"
    peer.say({"jsonrpc": "2.0", "id": request["id"], "result": [{"jsonrpc": "2.0", "a": 1}]})
    assert list(await asked) == [{"jsonrpc": "2.0", "a": 1}]


@pytest.mark.parametrize("answer", [{"error": {"code": -32601, "message": "no"}}, {"error": {}}, {"result": 5}])
async def test_a_client_that_refuses_is_told_apart(answer: Any) -> None:
    peer = Peer().started()
    asked = asyncio.ensure_future(peer.protocol._server.workspace_configuration_async(types.ConfigurationParams([])))
    await asyncio.sleep(0)
    peer.say({"jsonrpc": "2.0", "id": peer.wire.sent[0]["id"], **answer})
    with pytest.raises(RequestError):
        await asked


@pytest.mark.parametrize("reply", [{"id": 99, "result": 1}, {"id": None, "error": {}}, {"id": "x", "error": 5}])
async def test_answers_that_nobody_waits_for_do_no_harm(reply: Any) -> None:
    peer = Peer().started()
    peer.say({"jsonrpc": "2.0", **reply})
    assert all(sent["id"] is None for sent in await peer.quiet())
    peer.ask(1, "textDocument/hover", POSITION)
    assert (await peer.quiet())[-1]["result"] == {"contents": "π"}


async def test_a_late_answer_to_a_cancelled_question_is_dropped() -> None:
    peer = Peer().started()
    asked = asyncio.ensure_future(peer.protocol._server.workspace_configuration_async(types.ConfigurationParams([])))
    await asyncio.sleep(0)
    asked.cancel()
    await peer.quiet()
    peer.say({"jsonrpc": "2.0", "id": peer.wire.sent[0]["id"], "result": []})
    assert peer.log == []


async def test_a_flood_is_refused_not_piled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_lsp.lsp.protocol.MOST_RUNNING", 10)
    peer = Peer().started()
    for id_ in range(15):
        peer.ask(id_, "textDocument/codeLens", {"textDocument": {"uri": "file:///a.py"}})
    assert [reply["error"]["code"] for reply in await peer.quiet()] == [-32803] * 5
    peer.blocked.set()
    assert len(await peer.quiet()) == 15


async def test_a_slow_turn_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_lsp.lsp.protocol.SLOW_TURN_S", -1.0)
    peer = Peer().started()
    peer.log.clear()
    peer.ask(1, "textDocument/hover", POSITION)
    await peer.quiet()
    assert [line.rpartition(" took ")[0] for line in peer.log] == ["slow turn: textDocument/hover"] * 2  # received, and run
