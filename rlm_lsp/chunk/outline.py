"""Which functions a file holds, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from rlm_lsp.chunk.parse import Match
from rlm_lsp.languages import Language


@dataclass(frozen=True, slots=True)
class Function:
    """A function in the syntax tree; ``outermost`` if no other function holds it."""

    node: Node
    name: Node
    body: Node | None
    qualified_name: str
    outermost: bool


def find_functions(found: list[Match], data: bytes, language: Language) -> list[Function]:
    """Return the functions among the query's matches in source order, named by the functions and scopes around them.

    Where several matches name the same thing (a function and its decorated form), the outermost match counts, then the first pattern.
    """
    by_name: dict[int, Match] = {}
    for match in sorted(found, key=lambda match: (_whole(match).start_byte, -_whole(match).end_byte, match.pattern)):
        by_name.setdefault(match.nodes["name"].start_byte, match)
    functions: list[Function] = []
    around: list[tuple[int, str, bool]] = []  # where it ends, its name, whether it lies in a function or is one
    for match in by_name.values():
        whole, name = _whole(match), match.nodes["name"]
        while around and around[-1][0] <= whole.start_byte:
            around.pop()
        outer, inside = (around[-1][1], around[-1][2]) if around else ("", False)
        qualified = _join(outer, _own_name(match, data, language), match.separator or language.separator)
        is_function = "function" in match.nodes
        prefix = qualified
        if is_function:
            functions.append(Function(whole, name, match.nodes.get("body"), qualified, not inside))
            prefix = _join(qualified, language.inside_function or "", language.separator)
        around.append((whole.end_byte, prefix, inside or is_function))
    return functions


def _whole(match: Match) -> Node:
    return match.nodes["function"] if "function" in match.nodes else match.nodes["scope"]


def _join(outer: str, name: str, separator: str) -> str:
    return separator.join(part for part in (outer, name) if part)


def _own_name(match: Match, data: bytes, language: Language) -> str:
    """Return a declaration's name behind the qualifier that it states itself, such as the receiver's type of a Go method."""
    name, qualifier = match.nodes["name"], match.nodes.get("qualifier")
    text = data[name.start_byte : name.end_byte].decode("utf-8", "replace")
    if qualifier is None:
        return text
    return data[qualifier.start_byte : qualifier.end_byte].decode("utf-8", "replace") + (match.separator or language.separator) + text
