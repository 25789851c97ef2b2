"""Cuts a source file into functions with normalised text, by the queries of ``grammars/``."""

from __future__ import annotations

from rlm_lsp.chunk.types import Chunk, ChunkKind, ChunkResult, Problem, Span

__all__ = ["DEFAULT_BUDGET_S", "Chunk", "ChunkKind", "ChunkResult", "Problem", "Span", "chunk_source", "normalise_function"]

DEFAULT_BUDGET_S = 5.0


def chunk_source(source: bytes, language: str, *, path: str | None = None, budget_s: float = DEFAULT_BUDGET_S) -> ChunkResult:
    """Return all functions of a file and its module body as chunks in source order, and what could not be cut.

    Never raises on content. ``path`` only stands in the log of unexpected failures. ``budget_s`` bounds parsing and
    querying in seconds of computing; a file that needs more gets Problem "parse-timeout" and no chunks. Byte offsets of the
    spans count in the UTF-8 form of the decoded text without its BOM, which for nearly every file is the file itself.
    """
    from rlm_lsp.chunk import pipeline  # loads tree-sitter, which a run that finds everything in the cache never needs

    return pipeline.chunk_source(source, language, path, budget_s)


def normalise_function(source: str, language: str = "python") -> str:
    """Return the normalised text of the first outermost function in a snippet. Raises ValueError where there is none."""
    result = chunk_source(source.encode("utf-8", "replace"), language)
    for chunk in result.chunks:
        if chunk.kind != "program":
            return chunk.text
    raise ValueError("; ".join(problem.reason for problem in result.problems) or "no function in this text")
