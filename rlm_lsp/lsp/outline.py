"""Who is where: the functions of one text, moved along with its edits and cut anew where it was touched. Pure.

An edit moves what lies behind it and marks what it touches. A splice cuts only the top-level statements around the edits. A full cut
replaces everything and is the truth. A function that a syntax error hides stays where it was, marked, until its name is gone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rlm_lsp.chunk.calls import Named, callees
from rlm_lsp.chunk.types import Chunk, ChunkKind, ChunkResult, Directive, Problem
from rlm_lsp.directives import attach
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.lsp.position import Edit
from rlm_lsp.predict.types import ModelInput

_LONGEST_HEAD = 200  # bytes before a name on its line that tell whether it still stands there as it did
_MISSES = 20  # functions that are searched for in vain in a large replacement; each search reads all of it


class Entry(NamedTuple):
    """A function in the text, in bytes. A named tuple, because every edit makes a thousand of them."""

    key: str  # the qualified name, with #2 for the second of it
    qualified_name: str
    kind: ChunkKind
    start: int
    end: int
    name_start: int
    name_end: int
    head: bytes  # its line up to the name's end, without indentation
    input: ModelInput  # of the text that was cut last
    directives: tuple[Directive, ...]
    touched: bool  # the text may have changed since


@dataclass(frozen=True, slots=True)
class Outline:
    """The functions of one version of a text in source order. ``dirty`` is what was edited since the last cut, None: nothing."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    unused: tuple[Directive, ...] = ()
    blocks: tuple[int, ...] = ()  # where top-level statements begin
    dirty: tuple[int, int] | None = None

    def edited(self, edit: Edit) -> Outline:
        """The outline after one edit of its text."""
        start, end, new = edit
        new_end, shift = edit.new_end, len(new) - (end - start)
        entries = []
        swallowed = []
        make = tuple.__new__
        for entry in self.entries:
            key, name, kind, first, last, name_first, name_last, head, model_input, directives, touched = entry
            if last < start or (first > end and not shift):
                entries.append(entry)
            elif first > end:
                if directives:
                    directives = tuple(_moved_directive(directive, edit) for directive in directives)
                moved = (key, name, kind, first + shift, last + shift, name_first + shift, name_last + shift, head, model_input)
                entries.append(make(Entry, (*moved, directives, touched)))
            elif start <= first and name_last <= end and kind != "program" and start < end:
                swallowed.append(entry)
            else:
                places = (_moved(first, edit, grow=True), _moved(last, edit, grow=True))
                names = (max(_moved(name_first, edit), places[0]), max(_moved(name_last, edit, grow=True), places[0]))
                directives = tuple(_moved_directive(directive, edit) for directive in directives)
                entries.append(make(Entry, (key, name, kind, *places, *names, head, model_input, directives, True)))
        if swallowed:
            entries = sorted([*entries, *_found_again(swallowed, edit)], key=_order)
        before, after = bisect_left(self.blocks, start), bisect_right(self.blocks, end)
        blocks = self.blocks[:before] + tuple([block + shift for block in self.blocks[after:]])
        unused = tuple(_moved_directive(directive, edit) for directive in self.unused)
        dirty = (start, new_end)
        if self.dirty is not None:
            dirty = (min(start, _moved(self.dirty[0], edit)), max(new_end, _moved(self.dirty[1], edit, grow=True)))
        return Outline(tuple(entries), self.problems, unused, blocks, dirty)

    def torn(self, length: int) -> tuple[int, int] | None:
        """Where the top-level statements around the edits since the last cut lie, in a text of ``length`` bytes; None: there are none."""
        if self.dirty is None:
            return None
        before, after = bisect_left(self.blocks, self.dirty[0]), bisect_right(self.blocks, self.dirty[1])
        return self.blocks[before - 1] if before else 0, self.blocks[after] if after < len(self.blocks) else length

    def spliced(self, start: int, end: int, result: ChunkResult, data: bytes) -> Outline:
        """The outline after ``data[start:end]`` was cut alone. The module body and the file's problems wait for a full cut."""
        before = [entry for entry in self.entries if entry.kind == "program" or entry.name_start < start]
        inside = [entry for entry in self.entries if entry.kind != "program" and start <= entry.name_start < end]
        after = [entry for entry in self.entries if entry.kind != "program" and entry.name_start >= end]
        chunks = [chunk for chunk in result.chunks if chunk.kind != "program"]
        entries, _ = _cut(chunks, result.directives, start, data)
        new = _with_hidden(_linked(entries, before, after), inside, result, data)
        blocks = [start + block for block in _blocks(result)] if not result.problems else [start]
        return Outline(
            _numbered([*before, *new, *after]),
            self.problems,
            self.unused,
            (*self.blocks[: bisect_left(self.blocks, start)], *blocks, *self.blocks[bisect_left(self.blocks, end) :]),
        )

    def settled(self, result: ChunkResult, data: bytes, whole: str | None = None) -> Outline:
        """The outline after all of ``data`` was cut; where nobody could, what splices have found is the best that is known.

        ``whole``: all of the text, where a model reads that of a program.
        """
        if any(problem.code in ("parse-timeout", "crashed") for problem in result.problems):
            return replace(self, problems=result.problems)
        entries, unused = _cut(result.chunks, result.directives, 0, data, whole)
        numbered = _numbered(_with_hidden(_linked(entries), self.entries, result, data))
        # The same objects where nothing has changed, which is nearly everywhere: what was made of them can stay as well.
        earlier = {entry.key: entry for entry in self.entries}
        kept = tuple([same if (same := earlier.get(entry.key)) == entry else entry for entry in numbered])
        return Outline(kept, result.problems, unused, _blocks(result))


def _cut(
    chunks: Sequence[Chunk], directives: Iterable[Directive], offset: int, data: bytes, whole: str | None = None
) -> tuple[list[Entry], tuple[Directive, ...]]:
    """Entries for chunks whose text begins at ``offset``; their keys are not numbered yet."""
    attached, unused = attach([chunk.name_span.start_byte for chunk in chunks], directives)
    edit = Edit(0, 0, b" " * offset)
    entries = []
    for chunk, own in zip(chunks, attached, strict=True):
        span, name = chunk.span, chunk.name_span
        start, name_end = offset + name.start_byte, offset + name.end_byte
        entries.append(
            Entry(
                chunk.qualified_name,
                chunk.qualified_name,
                chunk.kind,
                offset + span.start_byte,
                offset + span.end_byte,
                start,
                name_end,
                _head(data, start, name_end),
                ModelInput(chunk.language, chunk.kind, chunk.text, whole=whole if chunk.kind == "program" else None),
                tuple(_moved_directive(directive, edit) for directive in own) if offset else own,
                False,
            )
        )
    return entries, unused


def _linked(entries: list[Entry], before: Sequence[Entry] = (), after: Sequence[Entry] = ()) -> list[Entry]:
    """Say of entries which functions of their file they call; what those ``before`` and ``after`` call waits for a full cut."""
    if not entries:
        return entries
    around = [Named(entry.qualified_name, entry.input.text) if entry.kind == "function" else None for entry in (*before, *entries, *after)]
    found = callees(around, entries[0].input.language, range(len(before), len(before) + len(entries)))
    return [
        entry._replace(input=replace(entry.input, callees=called)) if called else entry
        for entry, called in zip(entries, found, strict=True)
    ]


def _blocks(result: ChunkResult) -> tuple[int, ...]:
    """Where the text may be cut in two without cutting a function, which in some languages is several statements."""
    kept = []
    reached = upcoming = 0
    functions = [chunk.span for chunk in result.chunks if chunk.kind != "program"]
    for block in result.blocks:
        while upcoming < len(functions) and functions[upcoming].start_byte < block:
            reached = max(reached, functions[upcoming].end_byte)
            upcoming += 1
        if block >= reached:
            kept.append(block)
    return tuple(kept)


def _with_hidden(entries: list[Entry], earlier: Iterable[Entry], result: ChunkResult, data: bytes) -> list[Entry]:
    """Add those ``earlier`` functions that the cut did not find although their names still stand at their places."""
    found = {entry.name_start for entry in entries if entry.kind != "program"}
    program = any(entry.kind == "program" for entry in entries)
    hidden = []
    for entry in earlier:
        if entry.kind == "program":
            hides = bool(result.problems) and not program
        elif entry.name_start in found or not _stands(entry, data):
            hides = False
        else:
            hides = bool(result.problems) or _is_bodiless(entry, data)
        if hides:
            hidden.append(entry if entry.touched else entry._replace(touched=True))
    return sorted([*entries, *hidden], key=_order) if hidden else entries


def _order(entry: Entry) -> tuple[bool, int, int]:
    return entry.kind != "program", entry.start, -entry.end


def _stands(entry: Entry, data: bytes) -> bool:
    """Whether the function's name still stands where it did, behind the same words."""
    return entry.name_start < entry.name_end and _head(data, entry.name_start, entry.name_end) == entry.head


def _head(data: bytes, name_start: int, name_end: int) -> bytes:
    line = data.rfind(b"\n", max(name_start - _LONGEST_HEAD, 0), name_start) + 1 or max(name_start - _LONGEST_HEAD, 0)
    return data[line:name_end].lstrip()


def _is_bodiless(entry: Entry, data: bytes) -> bool:
    """Whether a declaration has lost its indented body, which some grammars let pass as none at all."""
    if LANGUAGES[entry.input.language].recovery is None:
        return False
    rest = data[entry.name_end : entry.name_end + (1 << 12)].splitlines()[1:]
    following = next((line for line in rest if line.strip()), b"")
    line = data[data.rfind(b"\n", 0, entry.name_start) + 1 : entry.name_start]
    return _indent(following) <= _indent(line)


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


def _numbered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give the second function of a name another key than the first."""
    seen: dict[str, int] = {}
    numbered = []
    for entry in entries:
        name = entry.qualified_name
        count = seen[name] = seen.get(name, 0) + 1
        key = name if count == 1 else f"{name}#{count}"
        numbered.append(entry if entry.key == key else entry._replace(key=key))
    return tuple(numbered)


def _moved(offset: int, edit: Edit, *, grow: bool = False) -> int:
    """Where ``offset`` is after the edit; what is inserted right there goes before it if it may ``grow``."""
    start, end, new = edit
    if offset < start or (offset == start and not (grow and start == end)):
        return offset
    if offset >= end:
        return offset + len(new) - (end - start)
    return min(offset, edit.new_end)


def _moved_directive(directive: Directive, edit: Edit) -> Directive:
    if directive.end_byte < edit.start and (directive.target or 0) < edit.start:
        return directive
    target = None if directive.target is None else _moved(directive.target, edit)
    start, end = _moved(directive.start_byte, edit, grow=True), _moved(directive.end_byte, edit)
    return replace(directive, start_byte=start, end_byte=end, target=target)


def _found_again(swallowed: list[Entry], edit: Edit) -> list[Entry]:
    """Those functions that stand, by their declarations, in a replacement of all of them, as of a whole document by a formatter."""
    found = []
    position = misses = 0
    for entry in swallowed:
        at = _find(edit.new, entry.head, position)
        if at < 0:
            misses += 1
            if misses > _MISSES:
                break
            continue
        position = at + len(entry.head)
        name_end = edit.start + position
        name_start = name_end - (entry.name_end - entry.name_start)
        start = max(name_start - (entry.name_start - entry.start), edit.start)
        end = min(name_end + entry.end - entry.name_end, edit.new_end)
        directives = tuple(_moved_directive(directive, edit) for directive in entry.directives)
        moved = entry._replace(start=start, end=end, name_start=name_start, name_end=name_end, directives=directives, touched=True)
        found.append(moved)
    return found


def _find(text: bytes, head: bytes, position: int) -> int:
    """Where ``head`` stands as whole words; -1: nowhere."""
    while True:
        at = text.find(head, position)
        after = text[at + len(head) : at + len(head) + 1]
        if at < 0 or not (after.isalnum() or after == b"_" or after >= b"\x80"):
            return at
        position = at + 1
