"""tree-sitter under a budget of time: parsing, and queries cut into slices.

Traps of the binding that shape this module: a progress callback works only when the source is a read callable, must never
raise, and crashes the process when handed to a QueryCursor; ``node.text`` calls the read callable back; ``node.parent`` walks
down from the root, so using it on many nodes is quadratic.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor, Tree
from tree_sitter_language_pack import get_language

from rlm_lsp.languages import LANGUAGES, Language

clock = time.thread_time  # seconds of computing: what is cut must not depend on what else the machine does
_READ_BYTES = 1 << 10  # little: a grammar that looks far ahead reads the same place again and again
_SLICE_BYTES = 1 << 18
_ERRORS = "(ERROR) @error (MISSING) @error"
_STRUCTURE_CAPTURES = ("@function", "@scope", "@section", "@prefix")


class BudgetSpentError(Exception):
    """Parsing or querying took longer than it was given."""


class Match(NamedTuple):
    """One match of the structure query: which pattern, what it sets (None: the usual), and its nodes."""

    pattern: int
    separator: str | None  # joins its name to the names around it
    format: str | None  # of its name
    keyword: str | None  # pattern of the text of its @keyword
    absolute: bool  # its name is whole without those around it
    nodes: dict[str, Node]


@dataclass(frozen=True, slots=True)
class Tools:
    """A language's grammar and its query in two halves: ``structure`` finds functions, scopes and prefixes, ``layout`` everything else."""

    grammar: Grammar
    structure: Query
    layout: Query
    errors: Query


def tools_for(language: str) -> Tools:
    """Return the compiled grammar and queries of a language of the registry; of several grammars, the first."""
    return all_tools_for(language)[0]


@cache
def all_tools_for(language: str) -> tuple[Tools, ...]:
    """Return the compiled queries of a language of the registry with each of its grammars."""
    return compile_tools(LANGUAGES[language])


def compile_tools(language: Language) -> tuple[Tools, ...]:
    """Return the compiled grammars and queries. Raises tree_sitter.QueryError for a query that does not fit a grammar."""
    return tuple(_compile(name, language.query) for name in language.grammars)


def _compile(name: str, query: str) -> Tools:
    grammar = get_language(name)  # type: ignore[arg-type]  # typed as a Literal of all names; ours comes from a file
    whole = Query(grammar, query)
    source = query.encode()
    patterns = [source[whole.start_byte_for_pattern(i) : whole.end_byte_for_pattern(i)].decode() for i in range(whole.pattern_count)]
    structure = [pattern for pattern in patterns if any(capture in pattern for capture in _STRUCTURE_CAPTURES)]
    layout = [pattern for pattern in patterns if pattern not in structure]
    return Tools(grammar, Query(grammar, "\n".join(structure)), Query(grammar, "\n".join(layout)), Query(grammar, _ERRORS))


def parse(data: bytes, grammar: Grammar, deadline: float) -> Tree:
    """Return the syntax tree of UTF-8 text. Raises BudgetSpentError once ``clock()`` passes ``deadline``."""
    parser = Parser(grammar)
    try:
        return parser.parse(
            lambda offset, _: data[offset : offset + _READ_BYTES],
            progress_callback=lambda _offset, _has_error: clock() > deadline,
        )
    except ValueError:
        parser.reset()
        raise BudgetSpentError from None


def errors(tree: Tree, tools: Tools) -> list[int]:
    """Return the byte offsets of the errors in a tree."""
    nodes = QueryCursor(tools.errors).captures(tree.root_node).get("error", [])
    return sorted({node.start_byte for node in nodes})


def error_lines(tree: Tree, tools: Tools, limit: int) -> list[int]:
    """Return the 0-based lines of the first errors in a tree."""
    nodes = QueryCursor(tools.errors).captures(tree.root_node).get("error", [])
    return sorted({node.start_point.row for node in nodes})[:limit]


def captures(root: Node, query: Query, deadline: float) -> dict[str, list[Node]]:
    """Return all nodes by the name they were captured under, in no particular order. Raises BudgetSpentError."""
    found: dict[str, list[Node]] = {}
    for cursor in _slices(root, query, deadline):
        for name, nodes in cursor.captures(root).items():
            found.setdefault(name, []).extend(nodes)
    return found


def matches(root: Node, query: Query, deadline: float) -> list[Match]:
    """Return all matches, with the first node under each capture name. Raises BudgetSpentError."""
    settings = [query.pattern_settings(pattern) for pattern in range(query.pattern_count)]
    said = [(setting.get("separator"), setting.get("format"), setting.get("keyword"), "absolute" in setting) for setting in settings]
    return [
        Match(pattern, *said[pattern], {name: nodes[0] for name, nodes in match.items()})
        for cursor in _slices(root, query, deadline)
        for pattern, match in cursor.matches(root)
    ]


def _slices(root: Node, query: Query, deadline: float) -> Iterator[QueryCursor]:
    """Yield the cursor set to one run of top-level nodes after the other, looking at the clock in between.

    A cursor steps over all top-level nodes before its range, so the slices must be few for the whole to stay linear.
    """
    cursor = QueryCursor(query)
    start = None
    for child in root.children:
        start = child.start_byte if start is None else start
        if child.end_byte - start >= _SLICE_BYTES:
            cursor.set_byte_range(start, child.end_byte)
            yield cursor
            if clock() > deadline:
                raise BudgetSpentError
            start = None
    if start is not None:
        cursor.set_byte_range(start, root.end_byte)
        yield cursor
    if clock() > deadline:
        raise BudgetSpentError
