"""Docstrings: what drops them, and what stands for a block that held nothing else."""

from __future__ import annotations

from tree_sitter import Node

from rlm_lsp.chunk.edits import Edit
from rlm_lsp.languages import Language
from rlm_lsp.text import LineIndex


def is_docstring(node: Node, data: bytes, language: Language) -> bool:
    """Return whether a node that was captured as a docstring begins as the language's docstrings do."""
    if language.docstring_start is None:
        return True
    parts = node.named_children if node.type == "concatenated_string" else [node]
    return all(part.type == "comment" or language.docstring_start.match(data, part.start_byte) for part in parts)


def docstring_edits(
    data: bytes,
    lines: LineIndex,
    docstrings: list[tuple[int, int]],
    indents: list[tuple[int, int]],
    statements: list[int],
    language: Language,
) -> list[Edit]:
    """Return what drops the docstrings (extents in order); the first of a block with nothing else becomes the language's empty body."""
    if not docstrings:
        return []
    owner = _innermost(indents, statements)
    starts = {start for start, _ in docstrings}
    others = {block for statement, block in owner.items() if statement not in starts}
    edits = []
    for start, end in docstrings:
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
