"""workspace/inlayHint/refresh and its like: tells the client to ask again, at most once in 500 ms for each surface."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from rlm_lsp.lsp.snapshot import Surface

INTERVAL_S = 0.5


class Refresher:
    """Calls ``send[surface]`` for surfaces that have changed: at once after a pause, else when the interval is over."""

    def __init__(self, send: Mapping[Surface, Callable[[], None]], interval_s: float = INTERVAL_S) -> None:
        self._send = send
        self._interval_s = interval_s
        self._resting: dict[Surface, asyncio.TimerHandle] = {}  # sent a moment ago
        self._due: set[Surface] = set()  # changed since
        self._closed = False

    def changed(self, *surfaces: Surface) -> None:
        """Something visible has changed there. Surfaces that the client cannot refresh are ignored."""
        for surface in surfaces:
            if surface in self._resting:
                self._due.add(surface)
            elif surface in self._send and not self._closed:
                self._refresh(surface)

    def close(self) -> None:
        """Send nothing more."""
        self._closed = True
        for timer in self._resting.values():
            timer.cancel()

    def _refresh(self, surface: Surface) -> None:
        self._resting[surface] = asyncio.get_running_loop().call_later(self._interval_s, self._rested, surface)
        self._send[surface]()

    def _rested(self, surface: Surface) -> None:
        del self._resting[surface]
        if surface in self._due:
            self._due.discard(surface)
            self._refresh(surface)
