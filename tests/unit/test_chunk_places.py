"""The walk that stands in for a query's plain patterns finds what the query finds, wherever a line begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from tree_sitter_language_pack import get_language

from rlm_lsp.chunk.layout import lay_out
from rlm_lsp.chunk.parse import all_tools_for, captures, clock, parse, search
from rlm_lsp.chunk.places import Rules
from rlm_lsp.chunk.rewrite import for_parser
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.text import LineIndex

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_walk_lays_out_as_the_query_does(language: str) -> None:
    deadline = clock() + 60
    for source in sorted((GOLDEN / language).iterdir()):
        data = source.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").encode()
        if source.suffix != ".json" and b"\0" not in data:
            lines = LineIndex(data)
            for tools in all_tools_for(language):
                root = parse(for_parser(data, LANGUAGES[language]), tools.grammar, deadline).root_node
                walked = lay_out(data, lines, search(root, tools, deadline)[1], LANGUAGES[language], (root, tools.rules))
                asked = lay_out(data, lines, captures(root, tools.layout, deadline), LANGUAGES[language])
                assert (walked.levels, walked.contents, walked.edits) == (asked.levels, asked.contents, asked.edits), source.name


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("(block) @indent", True),
        ('(block ["{" "}"] @outdent) ; braces', True),
        ("(block (_) @line)", True),
        ("(match_block _ @line @indent)", True),
        ('["else" (match_block)]\n@line\n', True),
        ("(_) @line", False),  # any node at all
        ("(_ (block) @line)", False),
        ("(block (_expression) @line)", False),  # stands for several kinds
        ("(if_expression consequence: (_) @line)", True),
        ("(if_expression consequence: (_) @line . (_))", False),
        ("(block . (_) @line)", False),
        ('(block "{" (_) @line)', False),
        ("[(string_literal) (raw_string_literal)] @verbatim", True),
        ("((string_literal) @verbatim)", False),  # of every node, if it is to find those that no line begins in
        ("(block) @comment", False),
        ("(block (_) @line) @indent", False),
    ],
)
def test_plain_patterns_are_taken(pattern: str, taken: bool) -> None:
    assert Rules(get_language("rust")).take(pattern) is taken
