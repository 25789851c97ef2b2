"""A client that says exactly what a test wants said: bytes or messages, over the server's real stdin and stdout."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PATIENCE_S = 60.0  # a hang guard, not an expectation

Json = Any


class StdioSession:
    """A running server. Everything it says is kept in ``received``; requests of its own are answered by ``answers``, else with
    null, unless they are in ``unanswered``.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> None:
        self.process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.received: list[dict[str, Json]] = []
        self.answers: dict[str, Json] = {}
        self.unanswered: set[str] = set()
        self.rubbish = b""  # on stdout, between messages
        self._arrived = threading.Condition()
        self._ended = False
        self._ids = iter(range(1, 1_000_000))
        self._stderr: list[bytes] = []
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._read, self._listen)]
        for thread in self._threads:
            thread.start()

    # What the client says

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send_body(self, body: bytes) -> None:
        self.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send(self, message: Json) -> None:
        self.send_body(json.dumps(message).encode())

    def notify(self, method: str, params: Json = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def start_request(self, method: str, params: Json = None) -> int:
        id_ = next(self._ids)
        self.send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return id_

    def request(self, method: str, params: Json = None) -> Json:
        """The result of a request; AssertionError if it is answered with an error."""
        reply = self.reply(self.start_request(method, params))
        assert "error" not in reply, reply
        return reply["result"]

    def initialize(self, capabilities: Json = None, **params: Json) -> Json:
        result = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **params})
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, version: int = 1, language: str = "python") -> None:
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": language, "version": version, "text": text}})

    def change(self, uri: str, version: int, *changes: Json) -> None:
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)})

    def end_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    # What the server says

    def replies(self, id_: Json) -> list[dict[str, Json]]:
        """All replies to a request (there must be one)."""
        with self._arrived:
            return [message for message in self.received if "method" not in message and message["id"] == id_]

    def reply(self, id_: Json) -> dict[str, Json]:
        return self.wait_for(lambda message: "method" not in message and message["id"] == id_)

    def said(self, method: str) -> list[Json]:
        """The params of what the server sent with this method."""
        with self._arrived:
            return [message.get("params") for message in self.received if message.get("method") == method]

    def wait_for(self, wanted: Any, seen: int = 0) -> dict[str, Json]:
        """The first message, from the ``seen``-th on, that ``wanted`` is true for."""
        deadline = time.monotonic() + PATIENCE_S
        with self._arrived:
            while True:
                for message in self.received[seen:]:
                    if wanted(message):
                        return message
                seen = len(self.received)
                left = deadline - time.monotonic()
                assert left > 0, f"waited in vain; received {self.received[-5:]}"
                assert not self._ended, f"the server has ended; stderr: {self.stderr()}"
                self._arrived.wait(left)

    def settle(self) -> None:
        """Until the server has dealt with everything sent so far."""
        self.reply(self.start_request("textDocument/rename"))  # which it does not know

    def exit_code(self) -> int:
        """How it ends, when it has ended."""
        code = self.process.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        return code

    def stderr(self) -> str:
        return b"".join(self._stderr).decode()

    def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        length = 0
        for line in iter(stdout.readline, b""):
            if line.startswith(b"Content-Length: "):
                length = int(line[16:])
            elif line == b"\r\n" and length:
                message = json.loads(stdout.read(length))
                length = 0
                if "id" in message and "method" in message and message["method"] not in self.unanswered:
                    answer = self.answers.get(message["method"])
                    result = answer(message["params"]) if callable(answer) else answer
                    self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})
                with self._arrived:
                    self.received.append(message)
                    self._arrived.notify_all()
            else:
                self.rubbish += line
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._stderr.append(line)


@contextmanager
def session(environment: Mapping[str, str], cwd: Path, *arguments: str) -> Iterator[StdioSession]:
    """``rlm-lsp`` with some arguments, killed in the end if it still runs. Nothing but messages may have come on its stdout."""
    running = StdioSession([sys.executable, "-m", "rlm_lsp", *arguments], environment, cwd)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()
        for thread in running._threads:
            thread.join(PATIENCE_S)
        for pipe in (running.process.stdin, running.process.stdout, running.process.stderr):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
    assert running.rubbish == b""
    assert running.stderr() == "" or "Traceback" not in running.stderr()
