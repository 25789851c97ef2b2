"""Which functions a file holds, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from rlm_lsp.languages import Language


@dataclass(frozen=True, slots=True)
class Function:
    """A function in the syntax tree; ``outermost`` if no other function holds it."""

    node: Node
    name: Node
    body: Node | None
    qualified_name: str
    outermost: bool


def find_functions(found: list[dict[str, Node]], data: bytes, language: Language) -> list[Function]:
    """Return the functions among the query's matches in source order, named by the functions and scopes around them.

    Where several matches name the same thing (a function and its decorated form), the outermost match counts.
    """
    by_name: dict[int, dict[str, Node]] = {}
    for match in sorted(found, key=lambda match: (_whole(match).start_byte, -_whole(match).end_byte)):
        by_name.setdefault(match["name"].start_byte, match)
    functions: list[Function] = []
    around: list[tuple[int, str, bool]] = []  # where it ends, the prefix it gives, whether it lies in a function or is one
    for match in by_name.values():
        whole, name = _whole(match), match["name"]
        while around and around[-1][0] <= whole.start_byte:
            around.pop()
        prefix, inside = (around[-1][1], around[-1][2]) if around else ("", False)
        qualified = prefix + _qualifier(match, data, language) + data[name.start_byte : name.end_byte].decode("utf-8", "replace")
        is_function = "function" in match
        steps = [qualified]
        if is_function:
            functions.append(Function(whole, name, match.get("body"), qualified, not inside))
            steps += [language.inside_function] if language.inside_function else []
        around.append((whole.end_byte, language.separator.join([*steps, ""]), inside or is_function))
    return functions


def _whole(match: dict[str, Node]) -> Node:
    return match["function"] if "function" in match else match["scope"]


def _qualifier(match: dict[str, Node], data: bytes, language: Language) -> str:
    """Return the prefix that a declaration itself states, such as the receiver's type of a Go method."""
    node = match.get("qualifier")
    if node is None:
        return ""
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace") + language.separator
