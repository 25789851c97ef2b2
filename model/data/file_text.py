"""The normalised text of a whole file: what the chunker makes of a function, made of everything.

Kernels and judged programs are costed as whole files, helpers and constants included; chunks would tear them apart.
"""

from __future__ import annotations

import re

from rlm_lsp.chunk.layout import lay_out
from rlm_lsp.chunk.parse import all_tools_for, clock, parse, search
from rlm_lsp.chunk.writing import Writer
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.text import LineIndex, decode

_BUDGET_S = 10.0

LEXICAL = {"dart": r"//|/?\*", "elixir": "#", "erlang": "%", "racket": ";"}
"""Languages without a grammar here, and how a line begins that is nothing but a comment."""


def file_text(source: bytes, language: str) -> str:
    """Return a file without comments, docstrings and blank lines, one space a level.

    Of the :data:`LEXICAL` languages only lines that are comments as a whole are dropped: a comment behind code stays.

    Raises:
        KeyError: a language that is neither in the registry nor lexical.
        UnicodeDecodeError: bytes that are no text.
    """
    if language in LEXICAL:
        return _by_lines(source.decode("utf-8"), re.compile(LEXICAL[language]))
    known = LANGUAGES[language]
    text, _ = decode(source, known)
    if text is None:
        raise UnicodeDecodeError("utf-8", source[:20], 0, 1, "no text")
    data = text.replace("\r\n", "\n").encode("utf-8", "replace")
    deadline = clock() + _BUDGET_S
    tools = all_tools_for(language)[0]
    tree = parse(data, tools.grammar, deadline)
    _, captured = search(tree.root_node, tools, deadline)
    layout = lay_out(data, LineIndex(data), captured, known, (tree.root_node, tools.rules))
    return Writer(layout).text(0, len(data))


def _by_lines(text: str, comment: re.Pattern[str]) -> str:
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for line in lines if line and not comment.match(line.lstrip())]
    return "\n".join(" " * ((len(line) - len(line.lstrip())) // 2) + line.lstrip() for line in kept)
