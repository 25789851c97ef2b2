"""Where blocks open, lines begin and strings go on, by a walk over what lines begin in instead of a query over every node.

What @indent, @outdent, @line and @verbatim capture matters only where a line begins. Most nodes lie inside of one line, and the walk passes
them by with all that they hold. It reads the patterns that name a node, or a node, its parent and perhaps the field that it is there, and
nothing else; a query keeps the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tree_sitter import Language as Grammar
from tree_sitter import Node

_INDENT, _OUTDENT, _LINE, _VERBATIM = 1, 2, 4, 8
_SAID = {"indent": _INDENT, "outdent": _OUTDENT, "line": _LINE, "verbatim": _VERBATIM}
_NAMED, _ANY = -1, -2  # "(_)" and "_", beside the numbers of kinds
_NOWHERE = -3  # the parent of a root, and of what a pattern names without one
_ERROR = 0xFFFF  # the kind of a syntax error, which no wildcard matches
_NEVER = 1 << 62  # a place behind every file

_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|;[^\n]*')
_KIND = r'(?:\(\s*\w+\s*\)|"[^"\\]+"|\b_\b)'
_PLAIN = re.compile(
    rf"(?P<around>\(\s*(?P<parent>\w+)\s)?\s*(?:(?P<field>\w+):\s*)?(?P<kinds>{_KIND}|\[(?:\s*{_KIND})+\s*\])"
    rf"(?P<captures>(?:\s*@(?:{'|'.join(_SAID)})\b)+)\s*(?(around)\))"
)


class Places(NamedTuple):
    """Extents of blocks and of strings, and where tokens that end a block, and lines, begin; all in bytes.

    A block is (start, -end), so that of those that begin together the outermost sorts first; a string is (start, end).
    """

    indents: set[tuple[int, int]]
    outdents: set[int]
    lines: set[int]
    verbatim: set[tuple[int, int]]

    def add(self, said: int, start: int, end: int) -> None:
        """Add what is said of the node from ``start`` to ``end``."""
        if said & _INDENT:
            self.indents.add((start, -end))
        if said & _OUTDENT:
            self.outdents.add(start)
        if said & _LINE:
            self.lines.add(start)
        if said & _VERBATIM:
            self.verbatim.add((start, end))


class _Below(dict[int, int]):
    """What is said of the children of one kind of node, by their kinds; filled as they are met.

    ``fields`` holds, by name, what is said besides of those that are a field of it.
    """

    def __init__(self, grammar: Grammar, alone: dict[int, int], inside: dict[int, int], fields: dict[str, dict[int, int]]) -> None:
        super().__init__()
        self._grammar, self._alone, self._inside = grammar, alone, inside
        self.fields = [(name, _Below(grammar, {}, said, {})) for name, said in fields.items()]

    def __missing__(self, kind: int) -> int:
        said = self._alone.get(kind, 0) | self._inside.get(kind, 0)
        if kind != _ERROR:
            said |= self._inside.get(_ANY, 0)
            said |= self._inside.get(_NAMED, 0) if self._grammar.node_kind_is_named(kind) else 0
        self[kind] = said
        return said


class Rules(dict[int, _Below]):
    """What the plain patterns of a query say, by kind of parent; filled as they are met."""

    def __init__(self, grammar: Grammar) -> None:
        super().__init__()
        self._grammar = grammar
        self._said: dict[int, dict[int, int]] = {_NOWHERE: {}}
        self._fields: dict[int, dict[str, dict[int, int]]] = {}

    def __missing__(self, parent: int) -> _Below:
        inside = self._said.get(parent, {}) if parent != _NOWHERE else {}
        below = self[parent] = _Below(self._grammar, self._said[_NOWHERE], inside, self._fields.get(parent, {}))
        return below

    def take(self, pattern: str) -> bool:
        """Add what a pattern says, and return whether it is so plain that this is all that it says."""
        match = _PLAIN.fullmatch(_STRING_OR_COMMENT.sub(lambda match: match[1] or "", pattern).strip())
        if match is None:
            return False
        parent = self._kind(f"({match['parent']})") if match["around"] else _NOWHERE
        kinds = [self._kind(kind) for kind in re.findall(_KIND, match["kinds"])]
        known = [kind for kind in kinds if kind is not None and (kind >= 0 or match["around"])]
        field = match["field"]
        if parent is None or parent in (_NAMED, _ANY) or len(known) < len(kinds) or (field and not match["around"]):
            return False
        said = self._fields.setdefault(parent, {}).setdefault(field, {}) if field else self._said.setdefault(parent, {})
        for capture in re.findall(r"\w+", match["captures"]):
            said.update((kind, said.get(kind, 0) | _SAID[capture]) for kind in known)
        return True

    def _kind(self, text: str) -> int | None:
        """Return the number of a kind as it stands in a query; None for one that stands for several kinds."""
        name = re.sub(r'[()"\s]', "", text) if text.startswith("(") else text.strip('"')
        if name == "_" and not text.startswith('"'):
            return _NAMED if text.startswith("(") else _ANY
        kind = self._grammar.id_for_node_kind(name, text.startswith("("))
        return kind if kind is not None and self._grammar.node_kind_is_visible(kind) else None


def add_places(places: Places, root: Node, rules: Rules, begins: Sequence[int], docstrings: Iterable[tuple[int, int]]) -> None:
    """Add what the rules say of the nodes that begin at one of ``begins`` (bytes in order, docstrings' among them) or hold one.

    Of docstrings' siblings it adds all, for they tell whether a block holds anything else.
    """
    indents, outdents, lines, verbatim = places
    documented = set(docstrings)
    speaking = {start for start, _ in documented}
    begins = [*begins, _NEVER, _NEVER]
    index, begin = 0, begins[0]
    children, table = [root], rules[_NOWHERE]
    levels = [(children, iter(children), table)]
    while levels:
        children, rest, table = levels[-1]
        for node in rest:
            start = node.start_byte
            while begin < start:
                index += 1
                begin = begins[index]
            end = node.end_byte
            if begin != start and begin >= end:
                continue
            kind = node.kind_id
            said = table[kind]
            if said & _INDENT:
                indents.add((start, -end))
            if said & _VERBATIM:
                verbatim.add((start, end))
            alone = False
            if begin == start:
                if said & _OUTDENT:
                    outdents.add(start)
                if said & _LINE:
                    lines.add(start)
                if documented and (start, end) in documented:
                    lines.update(sibling.start_byte for sibling in children if table[sibling.kind_id] & _LINE)
                    documented.difference_update([(sibling.start_byte, sibling.end_byte) for sibling in children])
                alone = begins[index + 1] >= end and start not in speaking
            if alone:
                _walk_down(node, rules, places)
            elif start < end:
                below = rules[kind]
                if below.fields:
                    _add_fields(node, below, places)
                children = node.children
                levels.append((children, iter(children), below))
                break
        else:
            levels.pop()


def _walk_down(node: Node, rules: Rules, places: Places) -> None:
    """Add what the rules say of the first child of a node, of the first child's, and so on: all of them begin where it begins."""
    start = node.start_byte
    while node.child_count:
        table = rules[node.kind_id]
        if table.fields:
            _add_fields(node, table, places)
        node = node.child(0)
        if said := table[node.kind_id]:
            places.add(said, start, node.end_byte)


def _add_fields(node: Node, below: _Below, places: Places) -> None:
    """Add what is said of a node's fields, wherever they begin: what lies inside of a line changes nothing."""
    for name, table in below.fields:
        for child in node.children_by_field_name(name):
            places.add(table[child.kind_id], child.start_byte, child.end_byte)
