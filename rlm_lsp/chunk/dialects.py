"""Tells by the text which of a language's grammars will read it, where one of them knows what the others cannot.

A grammar that meets what it does not know searches long for a way on; with the right one first it need not be asked.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tree_sitter import Tree


class Mark(NamedTuple):
    """What only one grammar knows: how it looks, and how the names of its nodes begin."""

    pattern: re.Pattern[bytes]
    nodes: str


MARKS = {"tsx": Mark(re.compile(rb"\n[ \t]*(?=</[\w.]*>|/>)"), "jsx_")}  # a tag that is closed at the beginning of a line
_LOOKS = 8  # so many marks are looked at: some may stand in strings and comments


def mark_of(grammar: str, data: bytes) -> Mark | None:
    """Return what is known to only this grammar if the text looks as if it held it."""
    mark = MARKS.get(grammar)
    return mark if mark is not None and mark.pattern.search(data) else None


def bears(tree: Tree, data: bytes, mark: Mark) -> bool:
    """Return whether a tree without errors holds what only its own grammar knows, so that every other one finds an error."""
    if tree.root_node.has_error:
        return False
    for _, match in zip(range(_LOOKS), mark.pattern.finditer(data), strict=False):
        node = tree.root_node.descendant_for_byte_range(match.end(), match.end() + 1)
        if node is not None and node.parent is not None and node.parent.type.startswith(mark.nodes):
            return True
    return False
