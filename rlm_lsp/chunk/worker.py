"""The chunker in a process of its own: ``python -m rlm_lsp.chunk.worker``.

Parsing holds the GIL, and a crash of a native grammar must not take its caller along. A request
``{"id", "source_b64", "language", "path"}`` is answered by ``{"id", "chunks", "problems", "directives"}``; see ``pack`` and ``unpack``.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from rlm_lsp.chunk import DEFAULT_BUDGET_S
from rlm_lsp.chunk.types import Chunk, ChunkResult, Directive, Problem, Span
from rlm_lsp.predict.framing import Frame, Pipes


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    pipes = Pipes()
    # After the pipes are safe from what native libraries print, and before we say that we are ready: a broken installation ends here.
    from rlm_lsp.chunk import pipeline

    pipes.send({"ready": True})
    for request in pipes.requests():
        source = base64.b64decode(request["source_b64"])
        pipes.send({"id": request["id"], **pack(pipeline.chunk_source(source, request["language"], request["path"], DEFAULT_BUDGET_S))})


def ask(source: bytes, language: str, path: str | None) -> Frame:
    """What asks for the chunks of ``source``; the caller adds the id."""
    return {"source_b64": base64.b64encode(source).decode("ascii"), "language": language, "path": path}


def pack(result: ChunkResult) -> Frame:
    """A result as JSON lists."""
    chunks = [
        [chunk.language, chunk.kind, chunk.qualified_name, _pack_span(chunk.span), _pack_span(chunk.name_span), chunk.text]
        for chunk in result.chunks
    ]
    problems = [[problem.code, problem.reason, problem.line] for problem in result.problems]
    return {
        "chunks": chunks,
        "problems": problems,
        "directives": [list(astuple(item)) for item in result.directives],
        "blocks": result.blocks,
    }


def unpack(reply: Frame) -> ChunkResult:
    """The inverse of ``pack``."""
    chunks = tuple(
        Chunk(language, kind, name, Span(*span), Span(*name_span), text) for language, kind, name, span, name_span, text in reply["chunks"]
    )
    directives = tuple(unpack_directive(item) for item in reply["directives"])
    return ChunkResult(chunks, tuple(Problem(*problem) for problem in reply["problems"]), directives, blocks=tuple(reply["blocks"]))


def unpack_directive(fields: Sequence[Any]) -> Directive:
    """A directive out of JSON lists, in the order of its fields."""
    kind, metrics, limits, *rest = fields
    return Directive(kind, tuple(metrics), tuple((metric, limit) for metric, limit in limits), *rest)


def _pack_span(span: Span) -> list[Any]:
    return [span.start_byte, span.end_byte, span.start_line, span.start_column, span.end_line, span.end_column]


if __name__ == "__main__":
    main()
