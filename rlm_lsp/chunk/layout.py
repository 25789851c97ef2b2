"""Normalised text: a file as rows of (level, content), from which every chunk's text is a slice.

Comments, docstrings and blank lines go; indentation becomes one space a level; the inside of strings stays byte for byte. One
pass over the file's lines; a chunk then costs what its text is long.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tree_sitter import Node

from rlm_lsp.languages import Language
from rlm_lsp.text import LineIndex

VERBATIM = -1  # the level of a row that begins inside a string
MAX_TEXT = 1 << 16  # bytes; far above what a model reads, and it bounds the text of functions nested in each other


class Row(NamedTuple):
    """What is left of a line: its level of nesting (or VERBATIM) and its content without indentation."""

    level: int
    content: bytes


class Edit(NamedTuple):
    """Bytes of the file that are dropped, or stand replaced, in every normalised text."""

    start: int
    end: int
    replacement: bytes = b""


@dataclass(frozen=True, slots=True)
class Layout:
    """A file's rows, one per line (None where nothing is left of it), and the extent of its code."""

    data: bytes
    lines: LineIndex
    rows: list[Row | None]
    firsts: list[int]  # where a line's code or docstring begins; -1 on a line that is blank or holds nothing but comments
    lasts: list[int]  # and where it ends
    solid: list[int]  # the last line up to this one that has code, or -1
    edits: dict[int, list[Edit]]  # by line, cut at the line's ends
    open_before: frozenset[int]  # lines that begin inside a string
    pragmas: list[tuple[int, int]]  # comments that stay, because they change what runs

    def text(self, start: int, end: int) -> str:
        """Return the normalised text of bytes ``start:end``, its first row at level 0, cut to MAX_TEXT."""
        return join_rows(self.slice(start, end))

    def slice(self, start: int, end: int) -> list[Row]:
        """Return the rows of bytes ``start:end``; the first and the last line are cut where a chunk begins or ends inside."""
        first, last = self.lines.line(start), self.lines.line(end)
        rows = self.rows[first : last + 1]
        rows[-1] = self._within(last, start, end)
        rows[0] = self._within(first, start, end)
        kept = [row for row in rows if row is not None]
        return kept if end - start <= MAX_TEXT else _beginning(kept)

    def is_silent(self, start: int, end: int) -> bool:
        """Return whether nothing but comments and white space lies in bytes ``start:end``."""
        first, last = self.lines.line(start), self.lines.line(end)
        if last > first and self.solid[last - 1] > first:
            return False
        return self._within(first, start, end) is None and self._within(last, start, end) is None

    def code_end(self, end: int) -> int:
        """Return where code ends at or before byte ``end``: trailing comments and blank lines left out."""
        line = self.lines.line(end)
        if self.firsts[line] < 0 or self.firsts[line] >= end:
            line = self.solid[line - 1] if line else -1
            if line < 0:
                return end
        end = min(end, self.lasts[line])
        tail = self.data[self.lines.starts[line] : end]
        return self.lines.starts[line] + len(tail.rstrip())

    def _within(self, line: int, start: int, end: int) -> Row | None:
        """Return what is left of a line in bytes ``start:end``."""
        row = self.rows[line]
        if row is None or (start <= self.firsts[line] and end >= self.lasts[line]):
            return row
        return self._cut(line, row, max(start, self.lines.starts[line]), min(end, self.lines.ends[line]))

    def _cut(self, line: int, row: Row, start: int, end: int) -> Row | None:
        verbatim = row.level == VERBATIM and start == self.lines.starts[line]
        content = _apply(self.data, self.edits.get(line, []), start, end)
        content = content if verbatim else content.lstrip()
        content = content if end == self.lines.ends[line] else content.rstrip()
        if row.level == VERBATIM and not verbatim:
            return Row(0, content) if content else None
        return Row(row.level, content) if content else None


def _beginning(rows: list[Row]) -> list[Row]:
    """Return the rows from which MAX_TEXT bytes of text are made."""
    size = 0
    for index, row in enumerate(rows):
        size += len(row.content) + max(row.level, 0)
        if size > MAX_TEXT:
            return rows[: index + 1]
    return rows


def join_rows(rows: list[Row]) -> str:
    """Return rows as text, the first one at level 0, cut to MAX_TEXT bytes."""
    base = rows[0].level if rows else 0
    lines = [row.content if row.level == VERBATIM else b" " * (row.level - base) + row.content for row in rows]
    return b"\n".join(lines)[:MAX_TEXT].decode("utf-8", "ignore")


def lay_out(data: bytes, lines: LineIndex, found: dict[str, list[Node]], language: Language) -> Layout:
    """Return the layout of a file from what the query captured (@comment, @verbatim, @docstring, @indent, @outdent, @line)."""
    comments, pragmas = _comments(found.get("comment", []), data, language)
    docstrings = [node for node in found.get("docstring", []) if _is_docstring(node, data, language)]
    indents = sorted({(node.start_byte, node.end_byte) for node in found.get("indent", [])}, key=lambda span: (span[0], -span[1]))
    line_starts = {node.start_byte for node in found.get("line", [])}.union(start for start, _ in pragmas)
    removed = _docstring_edits(data, lines, docstrings, indents, sorted(line_starts - {comment.start for comment in comments}), language)
    opened = _lines_inside_strings(lines, found.get("verbatim", []), removed)
    opened.update(line for node in found.get("heredoc", []) for line in range(lines.line(node.start_byte), lines.line(node.end_byte) + 1))
    edits = _by_line(lines, sorted([*(_with_space_before(data, lines, comment, opened) for comment in comments), *removed]))
    documented = {line for edit in removed for line in range(lines.line(edit.start), lines.line(edit.end) + 1)}
    layout = Layout(data, lines, [], [], [], [], edits, frozenset(opened), pragmas)
    _fill_rows(layout, indents, line_starts, {node.start_byte for node in found.get("outdent", [])}, documented)
    _close_continuations(layout)
    return layout


def _comments(nodes: list[Node], data: bytes, language: Language) -> tuple[list[Edit], list[tuple[int, int]]]:
    """Return what drops the comments, and where those lie that are no comments to drop."""
    spans = sorted({(node.start_byte, node.end_byte) for node in nodes})
    pragma = language.pragma
    if pragma is None:
        return [Edit(start, end) for start, end in spans], []
    pragmas = [span for span in spans if pragma.match(data, *span)]
    kept = set(pragmas)
    return [Edit(start, end) for start, end in spans if (start, end) not in kept], pragmas


def _is_docstring(node: Node, data: bytes, language: Language) -> bool:
    if language.docstring_start is None:
        return True
    parts = node.named_children if node.type == "concatenated_string" else [node]
    return all(part.type == "comment" or language.docstring_start.match(data, part.start_byte) for part in parts)


def _docstring_edits(
    data: bytes,
    lines: LineIndex,
    docstrings: list[Node],
    indents: list[tuple[int, int]],
    statements: list[int],
    language: Language,
) -> list[Edit]:
    """Return what drops the docstrings; the first of a block that holds nothing else becomes the language's empty body."""
    spans = sorted({(node.start_byte, node.end_byte) for node in docstrings})
    if not spans:
        return []
    owner = _innermost(indents, statements)
    starts = {start for start, _ in spans}
    others = {block for statement, block in owner.items() if statement not in starts}
    edits = []
    for start, end in spans:
        block = owner.get(start, -1)
        if block >= 0 and block not in others:
            edits.append(Edit(start, end, language.empty_body.encode()))
            others.add(block)
        else:
            edits.append(_with_separator(data, lines, start, end, language.statement_separator))
    return edits


def _innermost(indents: list[tuple[int, int]], statements: list[int]) -> dict[int, int]:
    """Return the index of the innermost block around each statement, -1 outside of all."""
    owner = {}
    stack: list[int] = []
    upcoming = 0
    for statement in statements:
        while upcoming < len(indents) and indents[upcoming][0] <= statement:
            stack.append(upcoming)
            upcoming += 1
        while stack and indents[stack[-1]][1] <= statement:
            stack.pop()
        owner[statement] = stack[-1] if stack else -1
    return owner


def _with_separator(data: bytes, lines: LineIndex, start: int, end: int, separator: bytes) -> Edit:
    """Return the removal of a statement together with one separator beside it on its line."""
    after = data[end : lines.ends[lines.line(end)]]
    if separator and after.lstrip().startswith(separator):
        rest = after.lstrip()[len(separator) :].lstrip()
        return Edit(start, lines.ends[lines.line(end)] - len(rest))
    first = lines.starts[lines.line(start)]
    before = data[first:start].rstrip()
    if separator and before.endswith(separator):
        return Edit(first + len(before) - len(separator), end)
    return Edit(start, end)


def _with_space_before(data: bytes, lines: LineIndex, comment: Edit, opened: set[int]) -> Edit:
    """Return the removal of a comment; inside an f-string, where white space at a line's end stays, it takes that before it along."""
    line = lines.line(comment.start)
    if line not in opened and line + 1 not in opened:
        return comment
    start = lines.starts[line]
    return Edit(start + len(data[start : comment.start].rstrip()), comment.end)


def _by_line(lines: LineIndex, edits: list[Edit]) -> dict[int, list[Edit]]:
    """Return edits cut at line ends; the replacement stands on an edit's first line."""
    by_line: dict[int, list[Edit]] = {}
    for edit in edits:
        first, last = lines.line(edit.start), lines.line(edit.end)
        for line in range(first, last + 1):
            piece = Edit(max(edit.start, lines.starts[line]), min(edit.end, lines.ends[line]), edit.replacement if line == first else b"")
            by_line.setdefault(line, []).append(piece)
    return by_line


def _lines_inside_strings(lines: LineIndex, strings: Iterable[Node], removed: list[Edit]) -> set[int]:
    """Return the lines that begin inside a string that stays."""
    gone = {edit.start for edit in removed} | {edit.end for edit in removed}
    opened: set[int] = set()
    reached = -1
    for start, end in sorted({(node.start_byte, node.end_byte) for node in strings}):
        if end <= reached or start in gone or end in gone:
            continue
        reached = end
        opened.update(range(lines.line(start) + 1, lines.line(end) + 1))
    return opened


def _fill_rows(layout: Layout, indents: list[tuple[int, int]], line_starts: set[int], outdents: set[int], documented: set[int]) -> None:
    data, opened = layout.data, layout.open_before
    stack: list[int] = []
    upcoming = 0
    solid = -1
    for line, (start, end) in enumerate(zip(layout.lines.starts, layout.lines.ends, strict=True)):
        if line in layout.edits or line in opened or line + 1 in opened:
            content, kept, first, last = _measure(layout, line, start, end, line in documented)
        else:
            content = data[start:end].lstrip()
            kept = first = end - len(content)
            content = content.rstrip()
            last = first + len(content)
            if not content:
                first = last = -1
        while upcoming < len(indents) and indents[upcoming][0] <= kept:
            while stack and stack[-1] <= indents[upcoming][0]:  # a block that ended on this line or the one above
                stack.pop()
            stack.append(indents[upcoming][1])
            upcoming += 1
        while stack and stack[-1] <= kept:
            stack.pop()
        if line in opened:
            row: Row | None = Row(VERBATIM, content)
        elif not content:
            row = None
        elif kept in outdents:  # before line starts: the brace of a block that is itself a statement is both
            row = Row(len(stack) - 1, content)
        else:
            row = Row(len(stack) if kept in line_starts else len(stack) + 1, content)
        solid = line if first >= 0 else solid
        layout.rows.append(row)
        layout.firsts.append(first)
        layout.lasts.append(last)
        layout.solid.append(solid)


def _measure(layout: Layout, line: int, start: int, end: int, documented: bool) -> tuple[bytes, int, int, int]:
    """Return a line's content, where what is kept of it begins, and the extent of its code (-1, -1 where it has none).

    Comments at the line's end are not part of that extent, docstrings are. Inside a string, white space is content.
    """
    data, edits = layout.data, layout.edits.get(line, [])
    opened, opens = line in layout.open_before, line + 1 in layout.open_before
    content = _apply(data, edits, start, end)
    content = content if opened else content.lstrip()
    content = content if opens else content.rstrip()
    kept = start if opened else _first_kept(data, edits, start, end)
    if documented:
        raw = data[start:end]
        return content, kept, end - len(raw.lstrip()), start + len(raw.rstrip())
    if not content and not opened:
        return content, kept, -1, -1
    return content, kept, kept, end if opens else _last_kept(data, edits, start, end)


def _close_continuations(layout: Layout) -> None:
    """Drop a backslash at a line's end whose next line is gone, or it would swallow the statement that then follows."""
    rows = layout.rows
    for line in range(len(rows) - 1, -1, -1):
        row = rows[line]
        if row is None or not row.content.endswith(b"\\") or line + 1 in layout.open_before:
            continue
        if line + 1 == len(rows) or rows[line + 1] is None:
            content = row.content[:-1].rstrip()
            rows[line] = Row(row.level, content) if content else None


def _apply(data: bytes, edits: list[Edit], start: int, end: int) -> bytes:
    """Return ``data[start:end]`` with those edits of its line applied that touch it."""
    pieces = []
    for edit in edits:
        if edit.end < start or edit.start > end:
            continue
        pieces.append(data[start : max(start, edit.start)])
        pieces.append(edit.replacement if edit.start >= start else b"")
        start = max(start, edit.end)
    pieces.append(data[start:end])
    return b"".join(pieces)


def _first_kept(data: bytes, edits: list[Edit], start: int, end: int) -> int:
    """Return where the first byte lies that is neither white nor dropped; ``end`` where there is none."""
    for edit in edits:
        before = data[start : edit.start]
        if edit.replacement or before.strip():
            return start + len(before) - len(before.lstrip())
        start = max(start, edit.end)
    rest = data[start:end]
    return start + len(rest) - len(rest.lstrip())


def _last_kept(data: bytes, edits: list[Edit], start: int, end: int) -> int:
    """Return where the last byte ends that is neither white nor dropped; ``start`` where there is none."""
    for edit in reversed(edits):
        after = data[edit.end : end]
        if after.strip():
            break
        end = edit.start
    return start + len(data[start:end].rstrip())
