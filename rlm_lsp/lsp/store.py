"""The cache of results on disk, which one thread of its own reads and writes: the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rlm_lsp.predict.cache import FLUSH_S, Cache
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput


class Store:
    """What the cache knows of ``model``'s answers. A cache that cannot be used is said to ``log`` once, on the event loop."""

    def __init__(self, model: ModelIdentity, folder: Path | None, log: Callable[[str], None]) -> None:
        self._model = model
        self._folder = folder
        self._log = log
        self._thread = ThreadPoolExecutor(1, "rlm-lsp cache")
        self._cache: Cache | None = None  # opened by its thread
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flush_at: asyncio.TimerHandle | None = None
        self.trouble = ""  # why results are not kept, or were lost

    @property
    def path(self) -> Path | None:
        """The file; None where results live in memory, or nobody has asked yet."""
        return self._cache.path if self._cache else None

    async def get(self, items: Sequence[ModelInput]) -> dict[ModelInput, Values]:
        """Those of ``items`` that are known."""
        self._loop = asyncio.get_running_loop()
        return await self._loop.run_in_executor(self._thread, self._get, items)

    def put(self, item: ModelInput, values: Values) -> None:
        """Keep ``values``; they are on disk a little later. Called on the event loop, after ``get``."""
        self._thread.submit(self._put, item, values)
        if self._loop is not None and self._flush_at is None:
            self._flush_at = self._loop.call_later(FLUSH_S, self._flush)

    async def clear(self) -> None:
        """Forget everything, the results of other programs' files too."""
        self._loop = asyncio.get_running_loop()
        await self._loop.run_in_executor(self._thread, lambda: self._open().clear())

    async def close(self) -> None:
        """Write what waits and let go of the file."""
        self._loop = asyncio.get_running_loop()
        if self._flush_at is not None:
            self._flush_at.cancel()
        await self._loop.run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _flush(self) -> None:
        self._flush_at = None
        self._thread.submit(lambda: self._open().flush())

    def _open(self) -> Cache:
        if self._cache is None:
            self._cache = Cache(self._folder, self._warn)
        return self._cache

    def _get(self, items: Sequence[ModelInput]) -> dict[ModelInput, Values]:
        keys = {self._model.key(item): item for item in items}
        found = {}
        for key, text in self._open().get("inputs", keys).items():
            try:
                found[keys[key]] = Values.decode(text)
            except ValueError:  # not what we have written: it is asked again, and written over
                continue
        return found

    def _put(self, item: ModelInput, values: Values) -> None:
        self._open().put("inputs", {self._model.key(item): values.encode()})

    def _close(self) -> None:
        if self._cache is not None:
            self._cache.close()

    def _warn(self, line: str) -> None:
        """Called by the thread."""
        self.trouble = line
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._log, line)
