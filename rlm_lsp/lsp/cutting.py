"""Cutting the text of open documents: small ones here, under a budget that keeps the event loop free, large ones in a child process."""

from __future__ import annotations

import asyncio
import codecs

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.guards import too_large
from rlm_lsp.chunk.types import ChunkResult, Problem
from rlm_lsp.chunk.worker import ask, unpack
from rlm_lsp.predict.child import Child
from rlm_lsp.predict.errors import RlmLspError

HERE_BYTES = 50_000
"""Texts up to here are cut in this process, which takes some 15 ms at most for ordinary code."""

HERE_BUDGET_S = 0.03
SPLICE_BYTES = 20_000
SPLICE_BUDGET_S = 0.01
IDLE_S = 300.0


def get_ready(language: str) -> None:
    """Load the grammar of ``language``, so that its first cut takes no longer than the others."""
    chunk_source(b"", language)


def cut_here(code: bytes, language: str, budget_s: float) -> ChunkResult | None:
    """What ``code`` holds, None if that takes longer than ``budget_s`` seconds. Offsets are those of ``code``."""
    result = chunk_source(_source(code), language, budget_s=budget_s)
    return None if any(problem.code == "parse-timeout" for problem in result.problems) else result


class Chunker:
    """The chunker's process, started when the first large document needs it."""

    def __init__(self) -> None:
        self._child = Child("chunker", "rlm_lsp.chunk.worker", window=1, idle_s=IDLE_S)

    async def cut(self, code: bytes, language: str) -> ChunkResult:
        """What ``code`` holds, or Problem "crashed". Never raises but for cancellation."""
        problem = too_large(code)
        if problem is not None:
            return ChunkResult((), (problem,))
        try:
            reply = await asyncio.wrap_future(self._child.submit(ask(_source(code), language, None)))
        except (RlmLspError, RuntimeError) as error:
            return ChunkResult((), (Problem("crashed", str(error) or "the chunker was closed"),))
        # Ten thousand functions are many objects: made in a thread, they do not hold up the loop.
        return await asyncio.to_thread(unpack, reply)

    async def close(self) -> None:
        """End the process."""
        await asyncio.to_thread(self._child.close)


def _source(code: bytes) -> bytes:
    """A file with this text. The byte order mark overrules an encoding that the text declares for the file on disk, and moves no offset."""
    return codecs.BOM_UTF8 + code
