"""tree-sitter under a budget of time: parsing, and queries cut into slices.

Traps of the binding that shape this module: a progress callback works only when the source is a read callable, must never
raise, and crashes the process when handed to a QueryCursor; ``node.text`` calls the read callable back; ``node.parent`` walks
down from the root, so using it on many nodes is quadratic; ``first_child_for_byte`` crashes the process on a node without children;
``node_kind_is_supertype`` is true of every kind.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor, Tree
from tree_sitter_language_pack import get_language

from rlm_lsp.chunk.places import Rules
from rlm_lsp.languages import LANGUAGES, Language

clock = time.thread_time  # seconds of computing: what is cut must not depend on what else the machine does
_READ_BYTES = 1 << 9  # little: a grammar that asks for columns or looks far ahead reads the same places again and again
_SLICE_BYTES = 1 << 18
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


class _Settings(NamedTuple):
    """What a pattern sets; see ``Match``."""

    separator: str | None
    format: str | None
    keyword: str | None
    absolute: bool


@dataclass(frozen=True)
class Tools:
    """A language's grammar and its query: what finds functions, scopes and prefixes (``structure``), and the rest (``layout``).

    To cut files, the rest's plain patterns are ``rules``, and all others one query, ``searched``. The halves are for those who ask for one.
    """

    name: str  # of the grammar
    grammar: Grammar
    patterns: tuple[str, ...]
    searched: Query
    settings: dict[int, _Settings]  # by those patterns of ``searched`` that are structure
    rules: Rules

    @cached_property
    def structure(self) -> Query:
        """The patterns that find functions, scopes and prefixes."""
        return Query(self.grammar, "\n".join(pattern for pattern in self.patterns if _is_structure(pattern)))

    @cached_property
    def layout(self) -> Query:
        """All others."""
        return Query(self.grammar, "\n".join(pattern for pattern in self.patterns if not _is_structure(pattern)))


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
    whole, source = Query(grammar, query), query.encode()
    patterns = [source[whole.start_byte_for_pattern(i) : whole.end_byte_for_pattern(i)].decode() for i in range(whole.pattern_count)]
    rules = Rules(grammar)
    kept = [pattern for pattern in patterns if _is_structure(pattern) or not rules.take(pattern)]
    searched = Query(grammar, "\n".join(kept))
    settings = {number: _settings(searched, number) for number, pattern in enumerate(kept) if _is_structure(pattern)}
    return Tools(name, grammar, tuple(patterns), searched, settings, rules)


def _is_structure(pattern: str) -> bool:
    return any(capture in pattern for capture in _STRUCTURE_CAPTURES)


def parse(data: bytes, grammar: Grammar, deadline: float) -> Tree:
    """Return the syntax tree of UTF-8 text. Raises BudgetSpentError once ``clock()`` passes ``deadline``."""
    parser = Parser(grammar)
    try:
        return parser.parse(_reader(data), progress_callback=_watch(deadline))
    except ValueError:
        parser.reset()
        raise BudgetSpentError from None


def _reader(data: bytes) -> Callable[[int, object], bytes]:
    """Return what hands ``data`` to the parser piece by piece; a piece that is asked for again at once, as for each column, is kept."""
    latest, piece = -1, b""

    def read(offset: int, _: object) -> bytes:
        nonlocal latest, piece
        if offset != latest:
            latest, piece = offset, data[offset : offset + _READ_BYTES]
        return piece

    return read


def _watch(deadline: float) -> Callable[[int, bool], bool]:
    """Return what tells the parser to stop. Computing is never ahead of the time of day, whose clock costs far less to ask."""
    wake = time.perf_counter() + (deadline - clock())

    def spent(_offset: int, _has_error: bool) -> bool:
        nonlocal wake
        now = time.perf_counter()
        if now < wake:
            return False
        left = deadline - clock()
        wake = now + left
        return left < 0

    return spent


def errors(tree: Tree) -> list[int]:
    """Return the byte offsets of the errors in a tree."""
    return sorted({node.start_byte for node in _broken(tree)})


def error_lines(tree: Tree, limit: int) -> list[int]:
    """Return the 0-based lines of the first errors in a tree."""
    return sorted({node.start_point.row for node in _broken(tree)})[:limit]


def _broken(tree: Tree) -> Iterator[Node]:
    """Yield the nodes that are errors or missing, but for one that is missing before the file's first byte.

    What holds none is not entered, so that few errors cost little.
    """
    waiting = [tree.root_node]
    while waiting:
        node = waiting.pop()
        if (node.is_error or node.is_missing) and node.end_byte:
            yield node
        if node.has_error:
            waiting += [child for child in node.children if child.has_error or child.is_error]


def captures(root: Node, query: Query, deadline: float) -> dict[str, list[Node]]:
    """Return all nodes by the name they were captured under, in no particular order. Raises BudgetSpentError."""
    found: dict[str, list[Node]] = {}
    for cursor, _, _ in _slices(root, query, deadline):
        for name, nodes in cursor.captures(root).items():
            found.setdefault(name, []).extend(nodes)
    return found


def matches(root: Node, query: Query, deadline: float) -> list[Match]:
    """Return all matches, with the first node under each capture name. Raises BudgetSpentError."""
    said = [_settings(query, pattern) for pattern in range(query.pattern_count)]
    return [
        Match(pattern, *said[pattern], {name: nodes[0] for name, nodes in match.items()})
        for cursor, _, _ in _slices(root, query, deadline)
        for pattern, match in cursor.matches(root)
    ]


def search(root: Node, tools: Tools, deadline: float) -> tuple[list[Match], dict[str, list[Node]]]:
    """Return the ``matches`` of the structure, and what else was captured, out of one walk over the tree. Raises BudgetSpentError."""
    said = tools.settings
    found: list[Match] = []
    captured: dict[str, list[Node]] = defaultdict(list)
    for cursor, start, end in _slices(root, tools.searched, deadline):
        within: dict[str, list[Node]] = defaultdict(list)
        for pattern, match in cursor.matches(root):
            if pattern in said:
                found.append(Match(pattern, *said[pattern], {name: nodes[0] for name, nodes in match.items()}))
            else:
                for name, nodes in match.items():
                    within[name] += nodes
        for name, nodes in within.items():  # a match may name nodes of no width at the range's ends, which are no captures
            captured[name] += [node for node in nodes if node.end_byte > start and node.start_byte < end]
    return found, captured


def _settings(query: Query, pattern: int) -> _Settings:
    said = query.pattern_settings(pattern)
    return _Settings(said.get("separator"), said.get("format"), said.get("keyword"), "absolute" in said)


def _slices(root: Node, query: Query, deadline: float) -> Iterator[tuple[QueryCursor, int, int]]:
    """Yield the cursor set to one run of top-level nodes after the other, with the run's bytes, looking at the clock in between.

    A cursor steps over all top-level nodes before its range, so the slices must be few for the whole to stay linear.
    """
    cursor = QueryCursor(query)
    start = None
    for child in root.children:
        start = child.start_byte if start is None else start
        if child.end_byte - start >= _SLICE_BYTES:
            cursor.set_byte_range(start, child.end_byte)
            yield cursor, start, child.end_byte
            if clock() > deadline:
                raise BudgetSpentError
            start = None
    if start is not None:
        cursor.set_byte_range(start, root.end_byte)
        yield cursor, start, root.end_byte
    if clock() > deadline:
        raise BudgetSpentError
