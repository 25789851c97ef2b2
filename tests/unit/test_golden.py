"""Golden files: what the chunker makes of each file of ``tests/golden/<language>`` stands beside it as JSON.

After a change that is meant, write them anew with ``RLM_LSP_WRITE_GOLDEN=1 pytest tests/unit/test_golden.py`` and read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.chunk import ChunkResult, Span, chunk_source
from rlm_lsp.languages import LANGUAGES

GOLDEN = Path(__file__).parents[1] / "golden"
SOURCES = sorted(path for name in LANGUAGES for path in (GOLDEN / name).glob("*") if path.suffix != ".json")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_golden(source: Path) -> None:
    described = _describe(chunk_source(source.read_bytes(), source.parent.name))
    expected = source.with_name(source.name + ".json")
    if os.environ.get("RLM_LSP_WRITE_GOLDEN"):
        expected.write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert described == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_corpus(language: str) -> None:
    assert len([source for source in SOURCES if source.parent.name == language]) >= 12


def _describe(result: ChunkResult) -> dict[str, Any]:
    chunks = [
        {
            "name": chunk.qualified_name,
            "kind": chunk.kind,
            "range": _range(chunk.span),
            "name_range": _range(chunk.name_span),
            "text": chunk.text.split("\n"),
        }
        for chunk in result.chunks
    ]
    return {"chunks": chunks, "problems": [[problem.code, problem.line] for problem in result.problems]}


def _range(span: Span) -> str:
    return f"{span.start_line}:{span.start_column}-{span.end_line}:{span.end_column}"
