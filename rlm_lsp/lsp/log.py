"""The server's log: lines for people, in the client's log and in the memory of ``rlm-lsp.showLog``. Never text out of a document."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from lsprotocol import types

KEPT_LINES = 1000


class Log:
    """``send`` takes a window/logMessage; before ``open`` was called the client may not be sent one, and lines wait."""

    def __init__(self, send: Callable[[types.LogMessageParams], None]) -> None:
        self._send = send
        self._waiting: list[types.LogMessageParams] | None = []
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)

    def __call__(self, kind: types.MessageType, text: str) -> None:
        """Log a line."""
        self._lines.append(f"{time.strftime('%H:%M:%S')} {kind.name.lower()}: {text}")
        params = types.LogMessageParams(kind, text)
        if self._waiting is None:
            self._send(params)
        else:
            self._waiting = [*self._waiting, params][-KEPT_LINES:]

    def info(self, text: str) -> None:
        """Log that something happened."""
        self(types.MessageType.Info, text)

    def warn(self, text: str) -> None:
        """Log that something is not as it should be."""
        self(types.MessageType.Warning, text)

    def open(self) -> None:
        """The client listens from now on."""
        waiting, self._waiting = self._waiting or [], None
        for params in waiting:
            self._send(params)

    @property
    def lines(self) -> list[str]:
        """The last lines with their times, oldest first."""
        return list(self._lines)
