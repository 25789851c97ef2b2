"""Keeps the functions around a syntax error, for languages whose blocks are indented.

The parser's own recovery can lose everything behind an open bracket. So where a file has an error, each declaration with its
indented block is parsed alone; blocks that fail are blanked out, and what remains of the file is parsed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rlm_lsp.chunk.parse import BudgetSpentError, Tools, clock, error_lines, parse
from rlm_lsp.chunk.rewrite import for_parser
from rlm_lsp.languages import Language, Recovery
from rlm_lsp.text import LineIndex

_TAB = 8


@dataclass(frozen=True, slots=True)
class Recovered:
    """Text of the same length without the broken parts, and 0-based lines."""

    data: bytes
    error_lines: list[int]  # one for each broken block
    incomplete: frozenset[int]  # declarations that lack something in ``data``, in their own lines or in a function inside
    stripped: frozenset[int]  # those among them whose own statements were blanked
    lost: bool  # code outside of these blocks was blanked too


@dataclass(slots=True)
class _Unit:
    """A declaration's lines without those of the declarations in it; the first unit is the file's top level."""

    indent: int
    parent: int
    header: int = -1  # the declaration's line; -1 while only a prefix such as a decorator was seen
    lines: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)

    def awaits(self, indent: int) -> bool:
        """Return whether only a prefix of a declaration at this indentation was seen so far."""
        return self.indent == indent and self.header < 0


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    lines: LineIndex
    skipped: set[int]  # lines that declare nothing: comments, and those that begin inside a sound string
    tools: Tools
    language: Language
    deadline: float

    def line(self, number: int) -> bytes:
        return self.data[self.lines.starts[number] : self.lines.ends[number]]

    def first_error(self, numbers: list[int]) -> int | None:
        """Return the line of the first error in these lines parsed alone, None if there is none. Raises BudgetSpentError."""
        if clock() > self.deadline:  # the parser looks at the clock too rarely to stop many short texts
            raise BudgetSpentError
        text = b"".join(self.line(number) + b"\n" for number in numbers)
        tree = parse(for_parser(text, self.language), self.tools.grammar, self.deadline)
        if not tree.root_node.has_error:
            return None
        rows = error_lines(tree, 1)
        return numbers[min(rows[0] if rows else 0, len(numbers) - 1)]


def recover(
    data: bytes, lines: LineIndex, skipped: set[int], tools: Tools, language: Language, recovery: Recovery, deadline: float
) -> Recovered:
    """Return the file with its broken blocks blanked.

    ``skipped`` lines (comments, insides of strings) declare nothing. Raises BudgetSpentError.
    """
    file = _File(data, lines, skipped, tools, language, deadline)
    units = _units(file, recovery)
    blanked: dict[int, bytes] = {}
    errors: list[int] = []
    incomplete: set[int] = set()
    stripped: set[int] = set()
    lost = False
    for index in range(len(units) - 1, -1, -1):
        error = file.first_error(units[index].lines)
        if error is None:
            continue
        if index == 0:
            lost = True
            for statement in _statements(file, units[0].lines, recovery):
                if file.first_error(statement) is not None:
                    blanked.update(dict.fromkeys(statement, b""))
        else:
            _mark_incomplete(units, index, incomplete)
            stand_ins = _keep_header(file, units[index], language.elided_body)
            if stand_ins is None:
                lost = True
                blanked.update(dict.fromkeys(_all_lines(units, index), b""))
            else:
                error = max(error, next(iter(stand_ins), error))
                blanked.update(stand_ins)
                stripped.add(units[index].header)
        errors.append(error)
    return Recovered(_blank(file, blanked), sorted(errors), frozenset(incomplete), frozenset(stripped), lost)


def _keep_header(file: _File, unit: _Unit, elided_body: str) -> dict[int, bytes] | None:
    """Return what blanks a broken declaration's body, by line, and keeps its name; None if its first line is broken itself."""
    header = [line for line in unit.lines if line <= unit.header]
    if not header or file.first_error(header) is not None:
        return None
    body = [line for line in unit.lines if line > unit.header and file.line(line).strip()]
    stand_ins = dict.fromkeys(body, b"")
    if body:
        first = file.line(body[0])
        stand_ins[body[0]] = first[: len(first) - len(first.lstrip())] + elided_body.encode()
    return stand_ins


def _units(file: _File, recovery: Recovery) -> list[_Unit]:
    """Return the declarations in source order by their indentation; index 0 is the top level."""
    units = [_Unit(-1, -1)]
    stack = [0]
    for number in range(len(file.lines.starts)):
        line = file.line(number)
        content = line.strip()
        if not content or number in file.skipped:
            units[stack[-1]].lines.append(number)
            continue
        indent = len(line[: len(line) - len(line.lstrip())].expandtabs(_TAB))
        declares = recovery.declaration.match(content) is not None
        opens = declares or (recovery.prefix is not None and recovery.prefix.match(content) is not None)
        # A declaration belongs to the decorators above it.
        while units[stack[-1]].indent >= indent and not recovery.closing.match(content) and not (opens and units[stack[-1]].awaits(indent)):
            stack.pop()
        if opens and not units[stack[-1]].awaits(indent):
            units.append(_Unit(indent, stack[-1]))
            units[stack[-1]].children.append(len(units) - 1)
            stack.append(len(units) - 1)
        unit = units[stack[-1]]
        if declares and unit.header < 0:
            unit.header = number
        unit.lines.append(number)
    return units


def _statements(file: _File, numbers: list[int], recovery: Recovery) -> Iterator[list[int]]:
    """Yield the top level's lines in runs that begin in the first column."""
    run: list[int] = []
    for number in numbers:
        line = file.line(number)
        if run and line[:1].strip() and number not in file.skipped and not recovery.closing.match(line):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _mark_incomplete(units: list[_Unit], index: int, incomplete: set[int]) -> None:
    """Mark a unit and all units around it."""
    while index > 0 and units[index].header not in incomplete:
        incomplete.add(units[index].header)
        index = units[index].parent


def _all_lines(units: list[_Unit], index: int) -> list[int]:
    found, waiting = [], [index]
    while waiting:
        unit = units[waiting.pop()]
        found += unit.lines
        waiting += unit.children
    return found


def _blank(file: _File, blanked: dict[int, bytes]) -> bytes:
    """Return the file with these lines replaced by their stand-ins, padded to the same length."""
    pieces = []
    position = 0
    for line in sorted(blanked):
        start, end = file.lines.starts[line], file.lines.ends[line]
        stand_in = blanked[line] if len(blanked[line]) <= end - start else b""
        pieces += [file.data[position:start], stand_in.ljust(end - start)]
        position = end
    pieces.append(file.data[position:])
    return b"".join(pieces)
