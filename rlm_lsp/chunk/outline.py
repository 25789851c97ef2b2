"""Which functions a file holds, and what they are called."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tree_sitter import Node

from rlm_lsp.chunk.layout import Layout
from rlm_lsp.chunk.parse import Match
from rlm_lsp.chunk.types import ChunkKind
from rlm_lsp.languages import Language

_WHITE = re.compile(r"\s+")
_DIRECTIVE = re.compile(rb"#[ \t]*(if|else|elif|endif)")
_LITERAL = re.compile(rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"' + rb"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'")
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")


class Function(NamedTuple):
    """A function in the syntax tree, in bytes; ``outermost`` if no other function holds it, ``broken`` if a syntax error lies in it."""

    start: int
    end: int
    name_start: int
    name_end: int
    elided: tuple[int, int] | None  # what the module body leaves out
    qualified_name: str
    kind: ChunkKind
    outermost: bool
    broken: bool


class _Around(NamedTuple):
    """A function, scope or section around others: where it ends, the name it gives them, whether it lies in a function or is one."""

    end: int
    name: str
    inside: bool
    section: bool


@dataclass(frozen=True, slots=True)
class Prefix:
    """What stands before a function and belongs to it; ``name`` says to which, where it says so."""

    start: int
    end: int
    name: str | None


def find_functions(found: list[Match], data: bytes, language: Language) -> list[Function]:
    """Return the functions among the query's matches in source order, named by the functions and scopes around them.

    Where several matches name the same thing (a function and its decorated form), the outermost match counts, then the first pattern.
    """
    by_name: dict[int, tuple[Node, Match]] = {}
    declared: list[tuple[int, int, int, int, Node, Match]] = []
    for match in found:
        if "prefix" not in match.nodes and _counts(match, data, language):
            whole = _whole(match)
            declared.append((whole.start_byte, -whole.end_byte, match.pattern, len(declared), whole, match))
    for _, _, _, _, whole, match in sorted(declared):
        by_name.setdefault(match.nodes["name"].start_byte, (whole, match))
    functions: list[Function] = []
    around: list[_Around] = []
    for whole, match in by_name.values():
        section, within = match.nodes.get("section"), match.nodes.get("within")
        while around and (around[-1].end <= whole.start_byte or (section is not None and within is None and around[-1].section)):
            around.pop()
        end, outer, inside, _ = around[-1] if around else _Around(len(data), "", False, False)
        outer = "" if section is not None or match.absolute else outer
        prefix = qualified = _qualified(outer, match, data, language)
        is_function = "function" in match.nodes
        if is_function:
            functions.append(_function(match, qualified, not inside, data, language))
            prefix = _join(qualified, language.inside_function or "", language.separator)
        end = whole.end_byte if section is None else within.end_byte if within is not None else end
        around.append(_Around(end, prefix, inside or is_function, section is not None))
    return functions


def complete(functions: list[Function], found: list[Match], layout: Layout, language: Language) -> list[Function]:
    """Return the functions with what stands right before them and belongs to them, and adjacent clauses of one name as one function.

    Only comments and blank lines may lie in between, so what is found here has no code of anybody else.
    """
    prefixes = _prefixes(found, layout.data, language) + [Prefix(start, end, None) for start, end in layout.pragmas]
    functions = _with_prefixes(functions, sorted(prefixes, key=lambda prefix: prefix.end), layout)
    functions = _with_clauses(functions, layout) if language.clauses else functions
    return [_mended(function, layout) for function in functions] if language.preprocessor else functions


def _function(match: Match, qualified: str, outermost: bool, data: bytes, language: Language) -> Function:
    whole, name, body, header = match.nodes["function"], match.nodes["name"], match.nodes.get("body"), match.nodes.get("header")
    elided = None
    if body is not None:
        elided = (body.start_byte, body.end_byte)
    elif header is not None:
        elided = (header.end_byte, whole.end_byte)
    missing = body is not None and body.start_byte == body.end_byte
    start, end = whole.start_byte, whole.end_byte
    kind = _kind(data[start : elided[0] if elided else end], language) if language.kinds else "function"
    broken = missing or whole.has_error
    return Function(start, end, name.start_byte, name.end_byte, elided, qualified, kind, outermost, broken)


def _kind(header: bytes, language: Language) -> ChunkKind:
    return next((kind for kind, pattern in language.kinds if pattern.search(header)), "function")


def _whole(match: Match) -> Node:
    nodes = match.nodes
    return nodes.get("function") or nodes.get("scope") or nodes["section"]


def _counts(match: Match, data: bytes, language: Language) -> bool:
    """Return whether a match's @keyword is one of the words that it counts with, its @body no comment, and its @name no reserved word."""
    body, name = match.nodes.get("body"), match.nodes["name"]
    if body is not None and body.is_extra:
        return False
    if language.reserved is not None and language.reserved.fullmatch(data, name.start_byte, name.end_byte):
        return False
    if match.keyword is None:
        return True
    node = match.nodes["keyword"]
    return re.fullmatch(match.keyword.encode(), data[node.start_byte : node.end_byte]) is not None


def _qualified(outer: str, match: Match, data: bytes, language: Language) -> str:
    """Return a declaration's name behind the names around it and the qualifier that it states itself."""
    separator = match.separator or language.separator
    name, qualifier = _text(match.nodes["name"], data, language), _text(match.nodes.get("qualifier"), data, language)
    if match.format is None:
        return _join(outer, _join(qualifier, name, separator), separator)
    if "{outer}" not in match.format:
        return _join(outer, match.format.format(name=name, qualifier=qualifier), separator)
    return match.format.format(name=name, qualifier=qualifier, outer=outer + separator if outer else "")


def _join(outer: str, name: str, separator: str) -> str:
    return outer + separator + name if outer and name else outer or name


def _text(node: Node | None, data: bytes, language: Language) -> str:
    """Return a name on one line, without what does not count in it."""
    if node is None:
        return ""
    text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
    text = text if text.isidentifier() else _WHITE.sub(" ", text)
    return language.name_noise.sub("", text) if language.name_noise else text


def _prefixes(found: list[Match], data: bytes, language: Language) -> list[Prefix]:
    prefixes = []
    for match in found:
        node = match.nodes.get("prefix")
        if node is not None:
            name = match.nodes.get("name")
            prefixes.append(Prefix(node.start_byte, node.end_byte, _text(name, data, language) if name is not None else None))
    return prefixes


def _with_prefixes(functions: list[Function], prefixes: Sequence[Prefix], layout: Layout) -> list[Function]:
    """Return the functions begun where the first of the prefixes (in the order of their ends) begins that stand right before them."""
    if not prefixes:
        return functions
    ends = [prefix.end for prefix in prefixes]
    result = []
    for function in functions:
        start = function.start
        own_name = layout.data[function.name_start : function.name_end].decode("utf-8", "replace")
        index = bisect_left(ends, start + 1) - 1
        while index >= 0 and prefixes[index].name in (None, own_name) and layout.is_silent(prefixes[index].end, start):
            start = prefixes[index].start
            index = bisect_left(ends, start + 1, 0, index) - 1
        result.append(function._replace(start=start) if start < function.start else function)
    return result


def _with_clauses(functions: list[Function], layout: Layout) -> list[Function]:
    result: list[Function] = []
    latest: dict[str, int] = {}  # where in the result the last function of a name stands
    for function in functions:
        index = latest.get(function.qualified_name)
        earlier = result[index] if index is not None else None
        if index is None or earlier is None or earlier.end > function.start or not layout.is_silent(earlier.end, function.start):
            latest[function.qualified_name] = len(result)
            result.append(function)
            continue
        elided = (earlier.elided[0], function.end) if earlier.elided else None
        result[index] = earlier._replace(end=function.end, elided=elided, broken=earlier.broken or function.broken)
    return result


def _mended(function: Function, layout: Layout) -> Function:
    """Return a function that the grammar finds broken as a sound one if its brackets balance: macros need not look like the language.

    Of the branches of an ``#if`` the first counts, as each may open the same block.
    """
    if not function.broken or function.elided is None or function.elided[0] == function.elided[1]:
        return function
    rows: list[bytes] = []
    skipped = [False]
    for row in layout.slice(function.start, function.end):
        directive = _DIRECTIVE.match(row.content)
        if directive is None:
            rows += [] if any(skipped) else [row.content]
        elif directive.group(1).startswith(b"if"):
            skipped.append(False)
        elif directive.group(1) == b"endif":
            skipped = skipped[:-1] or [False]
        else:
            skipped[-1] = True
    return function._replace(broken=not _balanced(_LITERAL.sub(b"", b"\n".join(rows))))


def _balanced(text: bytes) -> bool:
    expected: list[int] = []
    for byte in text.translate(None, _NOT_BRACKETS):
        if byte in b"([{":
            expected.append(b")]}"[b"([{".index(byte)])
        elif not expected or expected.pop() != byte:
            return False
    return not expected
