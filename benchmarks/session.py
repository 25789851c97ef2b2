"""An LSP client that does nothing but measure: one thread, a server's real stdin and stdout, a clock."""

from __future__ import annotations

import itertools
import json
import os
import select
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from benchmarks.machine import descendants

PATIENCE_S = 120.0
S = TypeVar("S", bound="Session")

CAPABILITIES: dict[str, Any] = {
    "textDocument": {
        "synchronization": {"didSave": True},
        "inlayHint": {"resolveSupport": {"properties": ["tooltip"]}},
        "codeLens": {},
        "hover": {"contentFormat": ["markdown"]},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "publishDiagnostics": {},
        "diagnostic": {},
    },
    "workspace": {
        "inlayHint": {"refreshSupport": True},
        "codeLens": {"refreshSupport": True},
        "diagnostics": {"refreshSupport": True},
    },
}
"""What the editors that we know of have in common, as far as it decides what a server does."""


class Reply(NamedTuple):
    """What came back, and when its last byte was read (before it was parsed)."""

    message: dict[str, Any]
    arrived: float


class Session:
    """A running server. Requests of its own are answered with null at once, and remembered by their method and time."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self.heard: list[tuple[str, float]] = []
        self._folder = folder
        self._ids = itertools.count(1)
        self._buffer = bytearray()
        self._versions: dict[str, int] = {}

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.kill()
        self.process.wait()

    def initialize(self) -> float:
        """Shake hands; returns the seconds from the start of the process to the reply."""
        uri = self._folder.as_uri()
        params = {
            "processId": os.getpid(),
            "rootUri": uri,
            "workspaceFolders": [{"uri": uri, "name": "benchmark"}],
            "capabilities": CAPABILITIES,
        }
        arrived = self.reply(self.send("initialize", params)).arrived
        self.notify("initialized", {})
        return arrived - self.started

    def shut_down(self) -> None:
        """End the server as an editor does, which lets it write what it knows."""
        self.ask("shutdown", None)
        self.notify("exit", None)
        self.process.wait(PATIENCE_S)

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, method: str, params: Any) -> int:
        """Send a request; returns its id."""
        number = next(self._ids)
        self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    def reply(self, number: int) -> Reply:
        """Wait for the answer to a request."""
        return self.wait(lambda message: "method" not in message and message.get("id") == number)

    def ask(self, method: str, params: Any) -> tuple[Any, float]:
        """The result of a request (None if it is an error), and the seconds it took."""
        sent = time.perf_counter()
        found = self.reply(self.send(method, params))
        return found.message.get("result"), found.arrived - sent

    def ping(self) -> float:
        """The seconds that a request takes which the server only has to refuse. What was sent before it is dealt with by then."""
        return self.ask("benchmark/ping", {})[1]

    def open(self, uri: str, text: str) -> None:
        """textDocument/didOpen."""
        self._versions[uri] = 1
        self.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}})

    def change(self, uri: str, changes: Sequence[tuple[int, int, int, str]]) -> None:
        """textDocument/didChange: (line, first character, last character, text), each."""
        self._versions[uri] += 1
        content = [
            {"range": {"start": {"line": line, "character": first}, "end": {"line": line, "character": last}}, "text": text}
            for line, first, last, text in changes
        ]
        self.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": self._versions[uri]}, "contentChanges": content})

    def command(self, name: str, **arguments: Any) -> Any:
        """workspace/executeCommand, without showing anything to anybody."""
        return self.ask("workspace/executeCommand", {"command": name, "arguments": [{"show": False, **arguments}]})[0]

    def wait(self, wanted: Callable[[dict[str, Any]], bool], patience_s: float = PATIENCE_S) -> Reply:
        """Read until ``wanted`` says yes to a message.

        Raises:
            TimeoutError: it does not come.
        """
        deadline = time.monotonic() + patience_s
        while True:
            body, arrived = self._read(deadline)
            message = json.loads(body)
            if "method" in message:
                self.heard.append((message["method"], arrived))
                if "id" in message:
                    items = message["params"].get("items") if message["method"] == "workspace/configuration" else None
                    self._write({"jsonrpc": "2.0", "id": message["id"], "result": [None] * len(items) if items else None})
            if wanted(message):
                return Reply(message, arrived)

    def _write(self, message: Any) -> None:
        body = json.dumps(message).encode()
        data = memoryview(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert self.process.stdin is not None
        while data:
            data = data[self.process.stdin.write(data) or 0 :]

    def _read(self, deadline: float) -> tuple[bytes, float]:
        """One message's body."""
        head = self._fill(lambda: self._buffer.find(b"\r\n\r\n") + 4, deadline)[0]
        fields = dict(line.split(b": ", 1) for line in head.rstrip(b"\r\n").split(b"\r\n"))
        length = int(fields[b"Content-Length"])
        return self._fill(lambda: length if len(self._buffer) >= length else 0, deadline, at_least=1)

    def _fill(self, ready: Callable[[], int], deadline: float, at_least: int = 4) -> tuple[bytes, float]:
        """The first ``ready()`` bytes, when it says at least ``at_least``."""
        assert self.process.stdout is not None
        descriptor = self.process.stdout.fileno()
        while (size := ready()) < at_least:
            if not select.select([descriptor], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise TimeoutError("the server does not say what is waited for")
            data = os.read(descriptor, 1 << 20)
            if not data:
                raise TimeoutError("the server has ended")
            self._buffer += data
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found, time.perf_counter()


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds: p50, p95, and the worst."""
    ordered = sorted(seconds)
    return {
        name: round(1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)], 2)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
    }


def processor_s(pid: int) -> float:
    """The seconds that all threads of a process have computed so far (Linux; 0 elsewhere)."""
    total = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(path.read_text().split()[0])
        except OSError:  # the thread has ended
            continue
    return total / 1e9


def resident(pid: int) -> dict[str, float]:
    """MB held at the moment by a process and its children, by name of the Python module that they run."""
    found: dict[str, float] = {}
    for one in [pid, *descendants(pid)]:
        try:
            arguments = Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
        name = next((argument.decode() for argument in arguments if argument.startswith(b"rlm_lsp")), "server")
        name = {"rlm_lsp": "server", "rlm_lsp.predict.worker": "model worker", "rlm_lsp.chunk.worker": "chunker"}.get(name, name)
        found[name] = round(found.get(name, 0.0) + pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
    return found
