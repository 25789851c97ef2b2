"""Normalised text: a file as rows of (level, content), from which every chunk's text is a slice.

Comments, docstrings and blank lines go; indentation becomes one space a level; the inside of strings stays byte for byte. One
pass over the file's lines; a chunk then costs what its text is long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import sub
from typing import NamedTuple

from tree_sitter import Node

from rlm_lsp.chunk.docstrings import docstring_edits, is_docstring
from rlm_lsp.chunk.edits import Edit, apply_edits, by_line, first_kept, last_kept, with_space_before
from rlm_lsp.chunk.places import Places, Rules, add_places
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

    def slice(self, start: int, end: int) -> list[Row]:
        """Return the rows of bytes ``start:end``, no more than MAX_TEXT needs; its first and last line may be cut."""
        rows: list[Row] = []
        size = 0
        for line in range(self.lines.line(start), self.lines.line(end) + 1):
            row = self.within(line, start, end)
            if row is not None:
                rows.append(row)
                size += len(row.content) + max(row.level, 0)
                if size > MAX_TEXT:
                    break
        return rows

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
        if end <= self.firsts[line] or start >= self.lasts[line]:
            return None
        return self._cut(line, level, max(start, self.lines.starts[line]), min(end, self.lines.ends[line]))

    def _cut(self, line: int, level: int, start: int, end: int) -> Row | None:
        verbatim = level == VERBATIM and start == self.lines.starts[line]
        edits = self.edits.get(line)
        content = apply_edits(self.data, edits, start, end) if edits else self.data[start:end]
        content = content if verbatim else content.lstrip()
        content = content if end == self.lines.ends[line] else content.rstrip()
        if level == VERBATIM and not verbatim:
            return Row(0, content) if content else None
        return Row(level, content) if content else None


def lay_out(
    data: bytes, lines: LineIndex, found: dict[str, list[Node]], language: Language, walk: tuple[Node, Rules] | None = None
) -> Layout:
    """Return the layout of a file from what the query captured (@comment, @verbatim, @docstring, @indent, @outdent, @line).

    ``walk``: the tree's root and what its grammar's rules say of @indent, @outdent, @line and @verbatim; the query said nothing of that.
    """
    comments, pragmas = _comments(found.get("comment", []), data, language)
    documenting = {(node.start_byte, node.end_byte): node for node in found.get("docstring", []) if is_docstring(node, data, language)}
    raw = _without_indentation(data, lines)
    begins = list(map(sub, lines.ends, map(len, raw)))
    places = _captured(found)
    if walk is not None:
        starts = [begin for begin, line in zip(begins, raw, strict=True) if line]
        dropped_up_to = [*(comment.end for comment in comments), *(end for _, end in documenting)]
        more = {*_behind(data, lines, dropped_up_to, language.statement_separator), *(start for start, _ in documenting)}
        add_places(places, *walk, sorted(more.union(starts)) if more else starts, documenting)
    indents = [(start, -minus_end) for start, minus_end in sorted(places.indents)]
    places.lines.update(start for start, _ in pragmas)
    statements = places.lines - {comment.start for comment in comments} if documenting else set()
    removed = docstring_edits(data, lines, sorted(documenting), indents, sorted(statements), language)
    opened = _lines_inside_strings(lines, places.verbatim, removed)
    opened.update(line for node in found.get("heredoc", []) for line in range(lines.line(node.start_byte), lines.line(node.end_byte) + 1))
    if opened:
        comments = [with_space_before(data, lines, comment, opened) for comment in comments]
    documented = {line for edit in removed for line in range(lines.line(edit.start), lines.line(edit.end) + 1)}
    edits, hidden = by_line(lines, sorted([*comments, *removed]), opened | documented)
    contents, begins, firsts, lasts = _contents(data, lines, raw, begins, edits, hidden, opened, documented)
    levels = _levels(contents, begins, indents, places.lines, places.outdents, opened)
    if b"\\" in data:
        _close_continuations(levels, contents, opened)
    return Layout(data, lines, levels, contents, firsts, lasts, _latest_solid(firsts), edits, frozenset(opened), pragmas)


def _without_indentation(data: bytes, lines: LineIndex) -> list[bytes]:
    """Return each line from its first byte on that is not white."""
    raw = data.splitlines()
    raw += [b""] * (len(lines.starts) - len(raw))
    return [line.lstrip() for line in raw]


def _captured(found: dict[str, list[Node]]) -> Places:
    """Return the places that a query found."""
    return Places(
        {(node.start_byte, -node.end_byte) for node in found.get("indent", [])},
        {node.start_byte for node in found.get("outdent", [])},
        {node.start_byte for node in found.get("line", [])},
        {(node.start_byte, node.end_byte) for node in found.get("verbatim", [])},
    )


def _behind(data: bytes, lines: LineIndex, dropped_up_to: list[int], separator: bytes) -> Iterator[int]:
    """Yield where a line goes on behind what is dropped of it, and behind the separator there, if one is."""
    for end in dropped_up_to:
        stop = lines.ends[lines.line(end)]
        rest = data[end:stop].lstrip()
        if rest:
            yield stop - len(rest)
        if separator and rest.startswith(separator):
            yield stop - len(rest[len(separator) :].lstrip())


def _latest_solid(firsts: list[int]) -> list[int]:
    """Return for each line the last one up to it that has code, or -1."""
    solid: list[int] = []
    latest = -1
    for line, first in enumerate(firsts):
        if first >= 0:
            latest = line
        solid.append(latest)
    return solid


def _comments(nodes: list[Node], data: bytes, language: Language) -> tuple[list[Edit], list[tuple[int, int]]]:
    """Return what drops the comments, and where those lie that are no comments to drop."""
    spans = sorted({(node.start_byte, node.end_byte) for node in nodes})
    pragma = language.pragma
    if pragma is None:
        return [Edit(start, end) for start, end in spans], []
    pragmas = [span for span in spans if pragma.match(data, *span)]
    kept = set(pragmas)
    return [Edit(start, end) for start, end in spans if (start, end) not in kept], pragmas


def _lines_inside_strings(lines: LineIndex, strings: Iterable[tuple[int, int]], removed: list[Edit]) -> set[int]:
    """Return the lines that begin inside a string that stays."""
    gone = {edit.start for edit in removed} | {edit.end for edit in removed}
    opened: set[int] = set()
    reached = -1
    for start, end in sorted(strings):
        if end <= reached or start in gone or end in gone:
            continue
        reached = end
        opened.update(range(lines.line(start) + 1, lines.line(end) + 1))
    return opened


def _contents(
    data: bytes,
    lines: LineIndex,
    raw: list[bytes],
    begins: list[int],
    edits: dict[int, list[Edit]],
    hidden: set[int],
    opened: set[int],
    documented: set[int],
) -> tuple[list[bytes], list[int], list[int], list[int]]:
    """Return each line's content, where what is kept of it begins, and the extent of its code (-1, -1 where it has none).

    Most lines are what they are without white space around (``raw``, from ``begins`` on); only those with edits or strings that go on
    need a closer look.
    """
    contents = [line.rstrip() for line in raw]
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
    deeper = dict.fromkeys(line_starts, 0)  # what begins neither a line nor ends a block goes on another line: one level more
    deeper.update(dict.fromkeys(outdents, -1))  # the brace of a block that is itself a statement is both
    more = deeper.get
    levels: list[int] = []
    stack: list[int] = []  # the ends of the blocks that are open
    upcoming = depth = 0
    change = indents[0][0] if indents else _NEVER  # where the stack changes next
    for content, begin in zip(contents, begins, strict=True):
        if begin >= change:
            while upcoming < len(indents) and indents[upcoming][0] <= begin:
                while stack and stack[-1] <= indents[upcoming][0]:  # a block that ended on this line or the one above
                    stack.pop()
                stack.append(indents[upcoming][1])
                upcoming += 1
            while stack and stack[-1] <= begin:
                stack.pop()
            change = min(indents[upcoming][0] if upcoming < len(indents) else _NEVER, stack[-1] if stack else _NEVER)
            depth = len(stack)
        levels.append(depth + more(begin, 1) if content else ABSENT)
    for line in opened:
        levels[line] = VERBATIM
    return levels


def _measure(
    data: bytes, edits: list[Edit], start: int, end: int, opened: bool, opens: bool, documented: bool
) -> tuple[bytes, int, int, int]:
    """Return what ``_contents`` says of a line that begins (``opened``) or ends (``opens``) inside a string or holds edits.

    Comments at the line's end are not part of that extent, docstrings are. Inside a string, white space is content.
    """
    content = apply_edits(data, edits, start, end)
    content = content if opened else content.lstrip()
    content = content if opens else content.rstrip()
    kept = start if opened else first_kept(data, edits, start, end)
    if documented:
        raw = data[start:end]
        return content, kept, end - len(raw.lstrip()), start + len(raw.rstrip())
    if not content and not opened:
        return content, kept, -1, -1
    return content, kept, kept, end if opens else last_kept(data, edits, start, end)


def _close_continuations(levels: list[int], contents: list[bytes], opened: set[int]) -> None:
    """Drop a backslash at a line's end whose next line is gone, or it would swallow the statement that then follows."""
    for line in reversed([line for line, content in enumerate(contents) if content.endswith(b"\\")]):
        if line + 1 not in opened and (line + 1 == len(levels) or levels[line + 1] == ABSENT):
            contents[line] = contents[line][:-1].rstrip()
            if not contents[line]:
                levels[line] = ABSENT
