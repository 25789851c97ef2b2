"""Records what an editor and the server say to each other: ``python -m tests.lsp.replay.record FOLDER ROOT COMMAND...``.

An editor starts this in the server's place. One file comes of it in FOLDER for each session, named by the time: JSON lines of
``{"from": "client" | "server", "message": ...}`` in the order in which they were read, without this machine's paths: ROOT, the
workspace's folder, is written as ``/workspace``. Of what the server answered only the kind is kept: a replay has answers of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any, Literal

NEUTRAL_ROOT = "/workspace"

Side = Literal["client", "server"]


class Log:
    """The file. It is written by two threads."""

    def __init__(self, path: Path, root: str) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._root = root
        self._lock = threading.Lock()

    def add(self, side: Side, body: bytes) -> None:
        message = json.loads(body)
        if side == "server":
            message = kind_of(message)
        elif message.get("method") == "initialize":
            message["params"]["processId"] = None
        text = json.dumps({"from": side, "message": message}, ensure_ascii=False)
        with self._lock:
            self._file.write(text.replace(self._root, NEUTRAL_ROOT) + "\n")
            self._file.flush()


def kind_of(message: dict[str, Any]) -> dict[str, Any]:
    """What a replay must know of a server's message: a request as it is, a reply as success or its error's code, else the method."""
    if "method" in message:
        return message if "id" in message else {"method": message["method"]}
    return {"id": message["id"], "error": message["error"]["code"]} if "error" in message else {"id": message["id"], "result": "..."}


def copy(source: IO[bytes], target: IO[bytes], log: Log, side: Side) -> None:
    """Hand on all messages; each is logged first, so that what it leads to comes later in the log."""
    while True:
        head, length = b"", 0
        for line in iter(source.readline, b""):
            head += line
            if line == b"\r\n":
                break
            if line.lower().startswith(b"content-length:"):
                length = int(line[15:])
        if not head:
            target.close()
            return
        body = source.read(length)
        log.add(side, body)
        target.write(head + body)
        target.flush()


def main(folder: str, root: str, *command: str) -> int:
    """Stand between the editor on stdin and stdout and the server that ``command`` starts."""
    log = Log(Path(folder, f"{time.time():.3f}.jsonl"), root)
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    back = threading.Thread(target=copy, args=(server.stdout, sys.stdout.buffer, log, "server"), daemon=True)
    back.start()
    copy(sys.stdin.buffer, server.stdin, log, "client")
    back.join(10)
    return server.wait(10)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
