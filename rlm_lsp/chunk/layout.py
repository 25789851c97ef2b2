"""Normalised text: a file as rows of (level, content), from which every chunk's text is a slice.

Comments, docstrings and blank lines go; indentation becomes one space a level; the inside of strings stays byte for byte. One
pass over the file's lines; a chunk then costs what its text is long.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from operator import sub
from typing import NamedTuple

from tree_sitter import Node

from rlm_lsp.languages import Language
from rlm_lsp.text import LineIndex

VERBATIM = -1  # the level of a row that begins inside a string
ABSENT = -2  # and of a line of which nothing is left
_NEVER = 1 << 62  # a place behind every file
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
    """A file's rows, one per line, as a list of levels and one of contents, and the extent of its code."""

    data: bytes
    lines: LineIndex
    levels: list[int]
    contents: list[bytes]
    firsts: list[int]  # where a line's code or docstring begins; -1 on a line that is blank or holds nothing but comments
    lasts: list[int]  # and where it ends
    solid: list[int]  # the last line up to this one that has code, or -1
    edits: dict[int, list[Edit]]  # by line, cut at the line's ends; lines in the midst of an edit are left out
    open_before: frozenset[int]  # lines that begin inside a string
    pragmas: list[tuple[int, int]]  # comments that stay, because they change what runs

    def text(self, start: int, end: int) -> str:
        """Return the normalised text of bytes ``start:end``, its first row at level 0, cut to MAX_TEXT."""
        return _joined(*self._rows(start, end))

    def slice(self, start: int, end: int) -> list[Row]:
        """Return the rows of bytes ``start:end``; the first and the last line are cut where a chunk begins or ends inside."""
        return [Row(level, content) for level, content in zip(*self._rows(start, end), strict=True) if level != ABSENT]

    def _rows(self, start: int, end: int) -> tuple[list[int], list[bytes]]:
        """Return levels and contents of bytes ``start:end``, no more than MAX_TEXT needs."""
        first, last = self.lines.line(start), self.lines.line(end)
        levels, contents = self.levels[first : last + 1], self.contents[first : last + 1]
        if last > first:
            levels[-1], contents[-1] = self.within(last, start, end) or _NOTHING
        levels[0], contents[0] = self.within(first, start, end) or _NOTHING
        if end - start > MAX_TEXT:
            count = _enough(levels, contents)
            return levels[:count], contents[:count]
        return levels, contents

    def is_silent(self, start: int, end: int) -> bool:
        """Return whether nothing but comments and white space lies in bytes ``start:end``."""
        first, last = self.lines.line(start), self.lines.line(end)
        if last > first and self.solid[last - 1] > first:
            return False
        return self.within(first, start, end) is None and self.within(last, start, end) is None

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

    def within(self, line: int, start: int, end: int) -> Row | None:
        """Return what is left of a line in bytes ``start:end``."""
        level = self.levels[line]
        if level == ABSENT:
            return None
        if start <= self.firsts[line] and end >= self.lasts[line]:
            return Row(level, self.contents[line])
        return self._cut(line, level, max(start, self.lines.starts[line]), min(end, self.lines.ends[line]))

    def _cut(self, line: int, level: int, start: int, end: int) -> Row | None:
        verbatim = level == VERBATIM and start == self.lines.starts[line]
        content = _apply(self.data, self.edits.get(line, []), start, end)
        content = content if verbatim else content.lstrip()
        content = content if end == self.lines.ends[line] else content.rstrip()
        if level == VERBATIM and not verbatim:
            return Row(0, content) if content else None
        return Row(level, content) if content else None


_NOTHING = Row(ABSENT, b"")


def _enough(levels: list[int], contents: list[bytes]) -> int:
    """Return the number of rows from which MAX_TEXT bytes of text are made, or that of all."""
    size = 0
    for index, (level, content) in enumerate(zip(levels, contents, strict=True)):
        size += len(content) + max(level, 0)
        if size > MAX_TEXT:
            return index + 1
    return len(levels)


def join_rows(rows: list[Row]) -> str:
    """Return rows as text, the first one at level 0, cut to MAX_TEXT bytes."""
    return _joined([row.level for row in rows], [row.content for row in rows])


def _joined(levels: list[int], contents: list[bytes]) -> str:
    base = next((level for level in levels if level != ABSENT), 0)
    lines = [
        content if level == VERBATIM else b" " * (level - base) + content
        for level, content in zip(levels, contents, strict=True)
        if level != ABSENT
    ]
    return b"\n".join(lines)[:MAX_TEXT].decode("utf-8", "ignore")


def lay_out(data: bytes, lines: LineIndex, found: dict[str, list[Node]], language: Language) -> Layout:
    """Return the layout of a file from what the query captured (@comment, @verbatim, @docstring, @indent, @outdent, @line)."""
    comments, pragmas = _comments(found.get("comment", []), data, language)
    docstrings = [node for node in found.get("docstring", []) if _is_docstring(node, data, language)]
    indents = sorted({(node.start_byte, node.end_byte) for node in found.get("indent", [])}, key=lambda span: (span[0], -span[1]))
    line_starts = {node.start_byte for node in found.get("line", [])}.union(start for start, _ in pragmas)
    statements = line_starts - {comment.start for comment in comments} if docstrings else set()
    removed = _docstring_edits(data, lines, docstrings, indents, sorted(statements), language)
    opened = _lines_inside_strings(lines, found.get("verbatim", []), removed)
    opened.update(line for node in found.get("heredoc", []) for line in range(lines.line(node.start_byte), lines.line(node.end_byte) + 1))
    if opened:
        comments = [_with_space_before(data, lines, comment, opened) for comment in comments]
    documented = {line for edit in removed for line in range(lines.line(edit.start), lines.line(edit.end) + 1)}
    edits, hidden = _by_line(lines, sorted([*comments, *removed]), opened | documented)
    contents, begins, firsts, lasts = _contents(data, lines, edits, hidden, opened, documented)
    levels = _levels(contents, begins, indents, line_starts, {node.start_byte for node in found.get("outdent", [])}, opened)
    if b"\\" in data:
        _close_continuations(levels, contents, opened)
    solid = list(accumulate((line if first >= 0 else -1 for line, first in enumerate(firsts)), max))
    return Layout(data, lines, levels, contents, firsts, lasts, solid, edits, frozenset(opened), pragmas)


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


def _by_line(lines: LineIndex, edits: list[Edit], special: set[int]) -> tuple[dict[int, list[Edit]], set[int]]:
    """Return edits cut at line ends, the replacement on an edit's first line, and the lines in the midst of one, but for special ones."""
    by_line: dict[int, list[Edit]] = {}
    hidden: set[int] = set()
    for edit in edits:
        first = lines.line(edit.start)
        if edit.end <= lines.ends[first]:
            by_line.setdefault(first, []).append(edit)
            continue
        last = lines.line(edit.end)
        inner = set(range(first + 1, last))
        hidden |= inner - special
        for line in sorted({first, last} | (inner & special)):
            piece = Edit(max(edit.start, lines.starts[line]), min(edit.end, lines.ends[line]), edit.replacement if line == first else b"")
            by_line.setdefault(line, []).append(piece)
    return by_line, hidden


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


def _contents(
    data: bytes, lines: LineIndex, edits: dict[int, list[Edit]], hidden: set[int], opened: set[int], documented: set[int]
) -> tuple[list[bytes], list[int], list[int], list[int]]:
    """Return each line's content, where what is kept of it begins, and the extent of its code (-1, -1 where it has none).

    Most lines are what they are without white space around; only those with edits or strings that go on need a closer look.
    """
    raw = data.splitlines()
    raw += [b""] * (len(lines.starts) - len(raw))
    indented = [line.lstrip() for line in raw]
    contents = [line.rstrip() for line in indented]
    begins = list(map(sub, lines.ends, map(len, indented)))
    firsts = [begin if content else -1 for begin, content in zip(begins, contents, strict=True)]
    lasts = [begin + len(content) if content else -1 for begin, content in zip(begins, contents, strict=True)]
    around = opened.union(line - 1 for line in opened if line)
    for line in around.union(edits):
        start, end = lines.starts[line], lines.ends[line]
        pieces = edits.get(line, [])
        if line not in around and line not in documented and len(pieces) == 1 and not data[pieces[0].end : end].strip():
            left = data[start : pieces[0].start].lstrip()
            contents[line] = left.rstrip()
            begins[line] = firsts[line] = pieces[0].start - len(left)
            lasts[line] = begins[line] + len(contents[line])
            if not contents[line]:
                firsts[line] = lasts[line] = -1
        else:
            contents[line], begins[line], firsts[line], lasts[line] = _measure(
                data, pieces, start, end, line in opened, line + 1 in opened, line in documented
            )
    for line in hidden:
        contents[line], firsts[line], lasts[line] = b"", -1, -1
    return contents, begins, firsts, lasts


def _levels(
    contents: list[bytes], begins: list[int], indents: list[tuple[int, int]], line_starts: set[int], outdents: set[int], opened: set[int]
) -> list[int]:
    """Return each line's level: how many blocks are open where what is kept of it begins, and one more if it continues another line."""
    levels: list[int] = []
    stack: list[int] = []  # the ends of the blocks that are open
    upcoming = 0
    change = indents[0][0] if indents else _NEVER  # where the stack changes next
    for line, (content, begin) in enumerate(zip(contents, begins, strict=True)):
        if line in opened:
            levels.append(VERBATIM)
            continue
        if not content:
            levels.append(ABSENT)
            continue
        if begin >= change:
            while upcoming < len(indents) and indents[upcoming][0] <= begin:
                while stack and stack[-1] <= indents[upcoming][0]:  # a block that ended on this line or the one above
                    stack.pop()
                stack.append(indents[upcoming][1])
                upcoming += 1
            while stack and stack[-1] <= begin:
                stack.pop()
            change = min(indents[upcoming][0] if upcoming < len(indents) else _NEVER, stack[-1] if stack else _NEVER)
        if begin in outdents:  # before line starts: the brace of a block that is itself a statement is both
            levels.append(len(stack) - 1)
        else:
            levels.append(len(stack) if begin in line_starts else len(stack) + 1)
    return levels


def _measure(
    data: bytes, edits: list[Edit], start: int, end: int, opened: bool, opens: bool, documented: bool
) -> tuple[bytes, int, int, int]:
    """Return what ``_contents`` says of a line that begins (``opened``) or ends (``opens``) inside a string or holds edits.

    Comments at the line's end are not part of that extent, docstrings are. Inside a string, white space is content.
    """
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


def _close_continuations(levels: list[int], contents: list[bytes], opened: set[int]) -> None:
    """Drop a backslash at a line's end whose next line is gone, or it would swallow the statement that then follows."""
    for line in reversed([line for line, content in enumerate(contents) if content.endswith(b"\\")]):
        if line + 1 not in opened and (line + 1 == len(levels) or levels[line + 1] == ABSENT):
            contents[line] = contents[line][:-1].rstrip()
            if not contents[line]:
                levels[line] = ABSENT


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
