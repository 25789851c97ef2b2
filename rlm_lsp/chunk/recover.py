"""Keeps the functions around a syntax error, for languages whose blocks are indented.

The parser's own recovery can lose everything behind an open bracket. So where a file has an error, each declaration with its
indented block is parsed alone; blocks that fail are blanked out, and what remains of the file is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Language as Grammar
from tree_sitter import Query, QueryCursor, Tree

from rlm_lsp.chunk.parse import parse
from rlm_lsp.languages import Language, Recovery
from rlm_lsp.text import LineIndex

_TAB = 8
_CLOSING = (b")", b"]", b"}")


@dataclass(frozen=True, slots=True)
class Recovered:
    """Text of the same length without the broken parts, and 0-based lines."""

    data: bytes
    error_lines: list[int]  # one for each broken block
    broken_headers: frozenset[int]  # declarations whose own block is incomplete in ``data``
    lost: bool  # code outside of these blocks was blanked too


@dataclass(slots=True)
class _Unit:
    """A declaration's lines without those of the declarations in it; the first unit is the file's top level."""

    indent: int
    parent: int
    header: int = -1  # the declaration's line; -1 while only a prefix such as a decorator was seen
    lines: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)


def error_lines(tree: Tree, grammar: Grammar, limit: int) -> list[int]:
    """Return the 0-based lines of the first errors in a tree."""
    cursor = QueryCursor(Query(grammar, "(ERROR) @error (MISSING) @error"))
    return sorted({node.start_point.row for node in cursor.captures(tree.root_node).get("error", [])})[:limit]


def recover(
    data: bytes,
    lines: LineIndex,
    skipped: set[int],
    grammar: Grammar,
    language: Language,
    recovery: Recovery,
    deadline: float,
) -> Recovered:
    """Return the file with its broken blocks blanked. ``skipped`` lines (comments, insides of strings) declare nothing.

    Raises BudgetSpentError.
    """
    units = _units(data, lines, skipped, recovery)
    blanked: dict[int, bytes] = {}
    errors: list[int] = []
    broken: set[int] = set()
    lost = False
    for index in range(len(units) - 1, -1, -1):
        unit = units[index]
        row = _first_error(data, lines, unit.lines, grammar, deadline)
        if row is None:
            continue
        errors.append(row)
        if index == 0:
            lost = True
            for statement in _statements(data, lines, unit.lines, skipped):
                if _first_error(data, lines, statement, grammar, deadline) is not None:
                    blanked.update(dict.fromkeys(statement, b""))
            continue
        _break(units, index, broken)
        body = [line for line in unit.lines if line > unit.header]
        header = [line for line in unit.lines if line <= unit.header]
        if unit.header >= 0 and _first_error(data, lines, header, grammar, deadline) is None:
            blanked.update(dict.fromkeys(body, b""))
            if body:
                blanked[body[0]] = b" " * _leading(data, lines, body[0]) + language.elided_body.encode()
        else:
            lost = True
            blanked.update(dict.fromkeys(_all_lines(units, index), b""))
    return Recovered(_blank(data, lines, blanked), sorted(errors), frozenset(broken), lost)


def _units(data: bytes, lines: LineIndex, skipped: set[int], recovery: Recovery) -> list[_Unit]:
    units = [_Unit(-1, -1)]
    stack = [0]
    for line, (start, end) in enumerate(zip(lines.starts, lines.ends, strict=True)):
        content = data[start:end].strip()
        if not content or line in skipped:
            units[stack[-1]].lines.append(line)
            continue
        indent = _width(data[start : end - len(data[start:end].lstrip())])
        declares = recovery.declaration.match(content) is not None
        prefixes = recovery.prefix is not None and recovery.prefix.match(content) is not None
        while units[stack[-1]].indent >= indent and not content.startswith(_CLOSING):
            top = units[stack[-1]]
            if top.indent == indent and top.header < 0 and (declares or prefixes):
                break
            stack.pop()
        top = units[stack[-1]]
        if (declares or prefixes) and not (top.indent == indent and top.header < 0 and len(stack) > 1):
            units.append(_Unit(indent, stack[-1]))
            top.children.append(len(units) - 1)
            stack.append(len(units) - 1)
            top = units[-1]
        if declares and top.header < 0:
            top.header = line
        top.lines.append(line)
    return units


def _statements(data: bytes, lines: LineIndex, numbers: list[int], skipped: set[int]) -> Iterable[list[int]]:
    """Yield the top level's lines in runs that begin in the first column."""
    run: list[int] = []
    for line in numbers:
        first = data[lines.starts[line] : lines.starts[line] + 1]
        if run and first.strip() and line not in skipped and first not in _CLOSING:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _first_error(data: bytes, lines: LineIndex, numbers: list[int], grammar: Grammar, deadline: float) -> int | None:
    """Return the line of the first error in these lines parsed alone, None if there is none."""
    text = b"".join(data[lines.starts[line] : lines.ends[line]] + b"\n" for line in numbers)
    tree = parse(text, grammar, deadline)
    if not tree.root_node.has_error:
        return None
    rows = error_lines(tree, grammar, 1)
    return numbers[min(rows[0] if rows else 0, len(numbers) - 1)]


def _break(units: list[_Unit], index: int, broken: set[int]) -> None:
    """Mark a unit and all units around it as incomplete."""
    while index > 0 and units[index].header not in broken:
        broken.add(units[index].header)
        index = units[index].parent


def _all_lines(units: list[_Unit], index: int) -> list[int]:
    found, waiting = [], [index]
    while waiting:
        unit = units[waiting.pop()]
        found += unit.lines
        waiting += unit.children
    return found


def _blank(data: bytes, lines: LineIndex, blanked: dict[int, bytes]) -> bytes:
    pieces = []
    position = 0
    for line in sorted(blanked):
        start, end = lines.starts[line], lines.ends[line]
        stand_in = blanked[line] if len(blanked[line]) <= end - start else b""
        pieces += [data[position:start], stand_in.ljust(end - start)]
        position = end
    pieces.append(data[position:])
    return b"".join(pieces)


def _leading(data: bytes, lines: LineIndex, line: int) -> int:
    content = data[lines.starts[line] : lines.ends[line]]
    return len(content) - len(content.lstrip())


def _width(white: bytes) -> int:
    return len(white.expandtabs(_TAB))
