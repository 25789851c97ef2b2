"""Many small pieces of news, told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

TOLD_EVERY_S = 0.1  # at most


class News:
    """Collects names and passes them to ``tell`` on the event loop: at once after a quiet time, else when ``TOLD_EVERY_S`` have passed."""

    def __init__(self, tell: Callable[[frozenset[str]], None]) -> None:
        self._tell = tell
        self._names: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._told = 0.0
        self._closed = False

    def add(self, names: Iterable[str]) -> None:
        """Have ``names`` told."""
        self._names.update(names)
        if self._names and self._timer is None and not self._closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._told + TOLD_EVERY_S, loop.time()), self._now)

    def discard(self, name: str) -> None:
        """Nobody listens for ``name`` any more."""
        self._names.discard(name)

    def close(self) -> None:
        """Tell nothing more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _now(self) -> None:
        self._timer = None
        self._told = asyncio.get_running_loop().time()
        names, self._names = frozenset(self._names), set()
        if names:
            self._tell(names)
