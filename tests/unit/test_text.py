from __future__ import annotations

import re

import pytest

from rlm_lsp.languages import LANGUAGES
from rlm_lsp.text import LineIndex, decode

PYTHON = LANGUAGES["python"]

DECODED = {
    "plain": (b"x = 1\n", "x = 1\n"),
    "empty": (b"", ""),
    "utf-8": ("é = '🐍'\n".encode(), "é = '🐍'\n"),
    "utf-8 bom": (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
    "latin-1 cookie": (b"# -*- coding: latin-1 -*-\n'\xe4'\n", "# -*- coding: latin-1 -*-\n'ä'\n"),
    "vim cookie": (b"#!/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'\n", "#!/bin/python\n# vim: set fileencoding=cp1252 :\n'€'\n"),
    "cookie after cr": (b"#\r# coding=latin-1\r'\xe4'", "#\r# coding=latin-1\r'ä'"),
    "utf-16 le": ("x = 'é'\n".encode("utf-16"), "x = 'é'\n"),
    "utf-16 be": (b"\xfe\xff\x00x", "x"),
    "utf-32": ("x = 1".encode("utf-32"), "x = 1"),
}

# source, code, line of the problem, what the text still holds (None: no text)
PROBLEMS = {
    "lone continuation": (b"x = 1\ny = '\xe4'\n", "encoding", 2, "y = '�'"),
    "lone surrogate": (b"\n\nx = '\xed\xa0\x80'\n", "encoding", 3, "x = '"),
    "cut off": (b"x = '\xf0\x9f", "encoding", 1, "x = '�"),
    "cookie in the third line": (b"\n\n# coding: latin-1\n'\xe4'", "encoding", 4, "'�'"),
    "cookie behind code": (b"x = 1\n# coding: latin-1\n'\xe4'", "encoding", 3, "'�'"),
    "unknown cookie": (b"# coding: klingon\nx = 1\n", "encoding", 1, "x = 1"),
    "no text encoding": (b"# coding: rot13\nx = 1\n", "encoding", 1, "x = 1"),
    "utf-16 cookie": (b"# coding: utf-16\nx = 1\n", "encoding", 1, "x = 1"),
    "slow codec": (b"\n# coding: punycode\nx = 1\n", "encoding", 2, "x = 1"),
    "ascii cookie lies": (b"# coding: ascii\n'\xe4'", "encoding", 2, "'�'"),
    "odd utf-16": (b"\xff\xfea", "encoding", None, None),
    "nul": (b"x = 1\n\0", "binary", 2, None),
    "utf-16 without bom": ("x = 1".encode("utf-16-le"), "binary", 1, None),
    "nul in utf-16": ("x\n\0".encode("utf-16"), "binary", 2, None),
}


@pytest.mark.parametrize(("source", "text"), DECODED.values(), ids=DECODED)
def test_decode(source: bytes, text: str) -> None:
    assert decode(source, PYTHON) == (text, None)


@pytest.mark.parametrize(("source", "code", "line", "part"), PROBLEMS.values(), ids=PROBLEMS)
def test_decode_names_what_is_wrong(source: bytes, code: str, line: int | None, part: str | None) -> None:
    text, problem = decode(source, PYTHON)
    assert problem is not None
    assert (problem.code, problem.line) == (code, line)
    assert "\n" not in problem.reason
    assert text is None if part is None else text is not None and part in text


def test_only_three_line_ends_count() -> None:
    text = "a\nb\r\nc\rd\u2028e\x0cf\x0bg\x85h\u2029i"
    index = LineIndex(text.encode())
    assert len(index.starts) == 4
    assert index.position(text.encode().index(b"i")) == (4, 11)


def test_columns_count_code_points() -> None:
    text = "é🐍 = x\n  ñ"
    data = text.encode()
    index = LineIndex(data)
    assert index.position(data.index(b"=")) == (1, 4)
    assert index.position(data.index("ñ".encode())) == (2, 3)
    assert index.position(len(data)) == (2, 4)
    assert LineIndex(b"").position(0) == (1, 1)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\r", b"a", b"a\r\n", b"\r\r\n\n\r", b"a\nb\r\nc\rd", b"a\n\x0b\x0c\x1c\x85\nb", b"\n\nab\r\n\r\n"]
)
def test_lines_lie_between_line_ends(data: bytes) -> None:
    ends = [match.span() for match in re.finditer(rb"\r\n?|\n", data)]
    index = LineIndex(data)
    assert index.starts == [0, *(end for _, end in ends)]
    assert index.ends == [*(start for start, _ in ends), len(data)]
