"""Files made to break a chunker get a named reason, or their functions, and never an exception."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_lsp.chunk import chunk_source

OK = b"def ok():\n    return 1\n"


def _nested(line: bytes, levels: int) -> bytes:
    return b"".join(b" " * level + line + b"\n" for level in range(levels)) + b" " * levels + b"pass\n"


# source, codes of the problems, functions found
HOSTILE = {
    "open calls": (b"a(b " * 25_000 + OK, ["minified"], []),
    "open calls in lines": (b"a(b \n" * 25_000 + OK, ["too-deep"], []),
    "brackets": (b"x = " + b"(" * 10_000 + b")" * 10_000 + b"\n" + OK, ["too-deep"], []),
    "brackets in strings": (b"x = '('\ny = \"[\"\n" * 2_000 + OK, [], ["ok"]),
    "10,000 blocks": (b"\n".join(b"\t" * level + b"if x:" for level in range(2_400)), ["too-deep"], []),
    "50 MB": (_nested(b"if x:", 10_000), ["too-large"], []),
    "defs": (OK + _nested(b"def f():", 600), ["too-deep"], []),
    "one line of 1 MB": (b"x = '" + b"a" * 1_000_000 + b"'\n" + OK, ["minified"], []),
    "long lines": (b"x = [" + b"1, " * 1_000 + b"]\n" + (b"y = [" + b"1, " * 1_000 + b"]\n") * 10, ["minified"], []),
    "too many lines": (b"\n" * 100_000 + OK, ["too-large"], []),
    "nul": (OK + b"x = '\0'\n", ["binary"], []),
    "lone surrogate": (OK + b"x = '\xed\xa0\x80'\n", ["encoding"], ["ok"]),
    "latin-1 without a cookie": (b"# \xe4\n" + OK, ["encoding"], ["ok"]),
    "utf-16": ("def ok(): return '\u00e4'\n".encode("utf-16"), [], ["ok"]),
    "carriage returns": (OK.replace(b"\n", b"\r") * 2, [], ["ok", "ok"]),
    "form feeds": (b"\x0c\n" + OK + b"\x0c\x0c" + OK, [], ["ok", "ok"]),
    "line separator in a comment": ("# \u2028def no(): pass\n".encode() + OK, [], ["ok"]),
    "line separator in code": ("\u2028def no(): pass\n".encode() + OK, ["syntax"], ["ok"]),
    "quotes": (b"'\n" * 2_000 + OK, [], ["ok"]),
    "unterminated string": (b"x = 'abc\n" + OK, ["syntax"], ["ok"]),
    "decorators of nothing": (b"@a\n" * 20_000 + b"x = (\n" + OK, ["syntax", "syntax"], ["ok"]),
    "elses": (b"else:\n" * 2_000 + OK, ["syntax"], ["ok"]),
    "elifs": (b"if x: pass\n" + b"elif x: pass\n" * 5_000 + OK, [], ["ok"]),
    "attributes": (b"x" + b".a" * 9_000 + b"\n" + OK, [], ["ok"]),
    "lambdas": (b"x = " + b"lambda: " * 2_000 + b"1\n" + OK, [], ["x", "ok"]),
    "minuses": (b"x = " + b"-" * 19_000 + b"1\n" + OK, [], ["ok"]),
    "backslash at the end": (b"x \\", ["syntax"], []),
    "a name of 10 kB": (b"def " + b"n" * 10_000 + b"(): pass", [], ["n" * 10_000]),
}


@pytest.mark.parametrize(("source", "codes", "names"), HOSTILE.values(), ids=HOSTILE)
def test_hostile(source: bytes, codes: list[str], names: list[str]) -> None:
    result = chunk_source(source, "python")
    assert [problem.code for problem in result.problems] == codes
    assert [chunk.qualified_name for chunk in result.chunks if chunk.kind == "function"] == names
    assert all("\n" not in problem.reason and len(problem.reason) < 120 for problem in result.problems)


def test_deep_nesting_below_the_limit() -> None:
    levels = 450
    assert levels < sys.getrecursionlimit()
    result = chunk_source(_nested(b"def f():", levels), "python")
    assert result.problems == ()
    assert len(result.chunks) == levels + 1
    assert result.chunks[-1].qualified_name == ".<locals>.".join(["f"] * levels)
    assert result.chunks[-1].text == "def f():\n pass"


@pytest.mark.parametrize("source", [OK * 2_000, b"x = (\n" * 900], ids=["sound", "broken"])
def test_spent_budget(source: bytes) -> None:
    result = chunk_source(source, "python", budget_s=0.0)
    assert result.chunks == ()
    assert [problem.code for problem in result.problems] == ["parse-timeout"]


PIECES = st.sampled_from(
    [
        *[
            "def f(x):",
            "class C:",
            "@d",
            "lambda: ",
            "f = ",
            "async ",
            "else:",
            "match x:",
            "pass",
            "x",
            ":",
            ";",
            "(",
            "]",
            "{",
            "f'{",
            "}",
        ],
        *["\n", "\n    ", "\n\t", "\r", "\r\n", "\f", " ", "\\", "#", '"', "'''", "\u2028é🐍", "\ufeff"],
    ]
)


@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode())))
def test_any_bytes(source: bytes) -> None:
    result = chunk_source(source, "python")
    assert "crashed" not in {problem.code for problem in result.problems}
    for chunk in result.chunks:
        assert chunk.text
        assert chunk.span.start_byte <= chunk.name_span.start_byte <= chunk.name_span.end_byte <= chunk.span.end_byte
        assert 1 <= chunk.span.start_line <= chunk.span.end_line
