"""Every grammar under files that are hostile, torn or huge: a named reason or functions, and never an exception."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlm_lsp.chunk import ChunkResult, chunk_source
from rlm_lsp.languages import LANGUAGES

GOLDEN = Path(__file__).parents[1] / "golden"
FINE = {"syntax", "encoding", "too-deep", "minified"}

HOSTILE = {
    "open calls": (b"a(b " * 25_000, {"minified"}),
    "open calls in lines": (b"a(b \n" * 25_000, {"too-deep"}),
    "braces": (b"x {\n" * 900, FINE),
    "closing braces": (b"}\n" * 5_000, FINE),
    "quotes": (b"'\n\"\n`\n" * 1_000, FINE),
    "comments that open": (b"/* (* {- #| <!-- =begin\n" * 1_000, FINE),
    "directives": (b"#if A\n#else\n" * 2_000, FINE),
    "elses": (b"else if (x) {\n}\n" * 2_000, FINE),
    "minuses": (b"x = " + b"-" * 9_000 + b"1\n", FINE),
    "less-thans": (b"a<b" * 500 + b"\n", FINE),
    "one line of 5 MB": (b"x = 1; " * 700_000, {"minified"}),
    "no text": (b"\n" * 1_000 + b"\xff\xfe\x80" * 100, FINE),
}


def checked(source: bytes, language: str) -> ChunkResult:
    result = chunk_source(source, language)
    assert not {problem.code for problem in result.problems} & {"crashed", "parse-timeout"}
    for chunk in result.chunks:
        assert chunk.text
        assert chunk.qualified_name
        assert chunk.span.start_byte <= chunk.name_span.start_byte <= chunk.name_span.end_byte <= chunk.span.end_byte
    return result


def sources(language: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((GOLDEN / language).glob("*")) if path.suffix != ".json"]


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile(language: str, case: str) -> None:
    source, codes = HOSTILE[case]
    assert {problem.code for problem in checked(source, language).problems} <= codes


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_torn_anywhere(language: str) -> None:
    for source in sources(language):
        for part in range(1, 8):
            cut = len(source) * part // 8
            checked(source[:cut], language)
            checked(source[cut:], language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_large_file_is_cut_whole(language: str) -> None:
    sound = [source for source in sources(language) if source.isascii() and not chunk_source(source, language).problems]
    one = next(source for source in sound if any(chunk.kind != "program" for chunk in chunk_source(source, language).chunks))
    functions = sum(chunk.kind != "program" for chunk in chunk_source(one, language).chunks)
    copies = 50_000 // len(one)
    found = checked((one.rstrip(b"\n") + b"\n\n") * copies, language)
    # Where a copy ends and the next one begins, two functions may become one: clauses, or a block that goes on.
    assert sum(chunk.kind != "program" for chunk in found.chunks) >= (functions - 1) * copies
