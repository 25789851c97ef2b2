"""One file from bytes to chunks: decode, guard, parse, name, normalise."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node, Tree

from rlm_lsp.chunk import guards
from rlm_lsp.chunk.collector import put_off
from rlm_lsp.chunk.dialects import bears, mark_of
from rlm_lsp.chunk.directives import MARK, Header, find_directives
from rlm_lsp.chunk.layout import Layout, lay_out
from rlm_lsp.chunk.outline import Function, complete, find_functions
from rlm_lsp.chunk.parse import BudgetSpentError, Tools, all_tools_for, captures, clock, error_lines, errors, parse, search
from rlm_lsp.chunk.recover import recover
from rlm_lsp.chunk.rewrite import for_parser
from rlm_lsp.chunk.types import Chunk, ChunkResult, Directive, Problem, Span
from rlm_lsp.chunk.writing import Writer
from rlm_lsp.languages import LANGUAGES, Language
from rlm_lsp.text import LineIndex, decode

MAX_FILE_TEXT = 1 << 25  # code points in all chunks of a file; only functions nested hundreds deep come near
MAX_SYNTAX_PROBLEMS = 20

_LINE_FEED = ord("\n")
_LONE_CR = re.compile(rb"\r(?!\n)")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A file's tree after recovery; ``data`` has the original's length, with broken blocks blanked."""

    data: bytes
    tree: Tree
    incomplete: frozenset[int]  # 0-based lines of declarations that lack something
    stripped: frozenset[int]  # those among them whose own statements are blanked
    program_errors: list[int]  # bytes; those outside of functions break the module body
    problems: list[Problem]
    blanked_comments: frozenset[tuple[int, int]] = frozenset()  # and others, where blocks are blanked: those of the text as it came


def chunk_source(source: bytes, language: str, path: str | None, budget_s: float) -> ChunkResult:
    """See ``rlm_lsp.chunk.chunk_source``."""
    known = LANGUAGES.get(language)
    if known is None:
        return ChunkResult((), (Problem("unsupported-language", f"no grammar for {language[:40]!r}"),))
    try:
        candidates = all_tools_for(known.name)  # compiled once in a process, which is no part of any file's budget
        with put_off():
            return _chunk(source, known, candidates, clock() + budget_s)
    except BudgetSpentError:
        return ChunkResult((), (Problem("parse-timeout", f"not parsed within {budget_s:g} s"),))
    except Exception as error:  # the promise to callers: whatever a file holds, they get an answer
        _log.exception("chunking %s failed", path)
        return ChunkResult((), (Problem("crashed", f"internal error: {type(error).__name__}"),))


def _chunk(source: bytes, language: Language, candidates: Sequence[Tools], deadline: float) -> ChunkResult:
    problem = guards.too_large(source)
    if problem is not None:
        return ChunkResult((), (problem,))
    text, encoding_problem = decode(source, language)
    problems = [encoding_problem] if encoding_problem else []
    if text is None:
        return ChunkResult((), tuple(problems))
    # Same length, so offsets hold; the grammars know no line that ends in a lone carriage return.
    data = _LONE_CR.sub(b"\n", text.encode("utf-8", "replace"))
    lines = LineIndex(data)
    problem = guards.unreasonable(data, lines)
    if problem is not None:
        return ChunkResult((), (*problems, problem))
    tree, tools = _best(for_parser(data, language), candidates, deadline)
    parsed = _recovered(data, lines, tree, tools, language, deadline)
    root = parsed.tree.root_node
    found, captured = search(root, tools, deadline)
    functions = find_functions(found, parsed.data, language)
    layout = lay_out(parsed.data, lines, captured, language, (root, tools.rules))
    functions = complete(functions, found, layout, language)
    whole = [function for function in functions if not (function.broken or lines.line(function.name_start) in parsed.incomplete)]
    if language.preprocessor and parsed.problems:
        parsed.problems[:] = _unread(parsed.program_errors, functions, lines)
    chunks = _within_limit(_chunks(whole, functions, layout, parsed, language))
    if len(chunks) < len(whole):
        parsed.problems.append(Problem("too-large", f"functions nested too deep to write out: {len(chunks)} of {len(whole)} kept"))
    directives = _directives(data, lines, parsed.blanked_comments.union(_comments(captured)), functions) if MARK in data else ()
    return ChunkResult(chunks, (*problems, *parsed.problems), directives, _blocks(root, parsed.data))


def _directives(data: bytes, lines: LineIndex, comments: Iterable[tuple[int, int]], functions: list[Function]) -> tuple[Directive, ...]:
    headers = [
        Header(function.start, function.elided[0] if function.elided else function.name_end, function.name_start) for function in functions
    ]
    return find_directives(data, lines, comments, headers)


def _blocks(root: Node, data: bytes) -> tuple[int, ...]:
    """Return where the top level may be cut in two: what begins in the first column, comments and errors left out."""
    named = [node.start_byte for node in root.children if node.is_named and not (node.is_extra or node.is_error)]
    return tuple(start for start in named if start == 0 or data[start - 1] == _LINE_FEED)


def _best(data: bytes, candidates: Sequence[Tools], deadline: float) -> tuple[Tree, Tools]:
    """Return the tree of the first grammar that finds no error, else of the one that finds the fewest."""
    trees: dict[str, Tree] = {}
    for tools in candidates[1:]:
        mark = mark_of(tools.name, data)
        if mark is not None:
            tree = trees[tools.name] = parse(data, tools.grammar, deadline)
            if bears(tree, data, mark):
                return tree, tools
    for tools in candidates:
        tree = trees[tools.name] = trees.get(tools.name) or parse(data, tools.grammar, deadline)
        if not tree.root_node.has_error:
            return tree, tools
    found = [(trees[tools.name], tools) for tools in candidates]
    return found[0] if len(found) == 1 else min(found, key=lambda pair: len(errors(pair[0])))


def _recovered(data: bytes, lines: LineIndex, tree: Tree, tools: Tools, language: Language, deadline: float) -> _Parsed:
    if not tree.root_node.has_error:
        return _Parsed(data, tree, frozenset(), frozenset(), [], [])
    if language.recovery is None:
        offsets = errors(tree)
        problems = _syntax_problems(sorted({lines.line(offset) for offset in offsets}))
        return _Parsed(data, tree, frozenset(), frozenset(), offsets, problems)
    captured = captures(tree.root_node, tools.layout, deadline)
    recovered = recover(data, lines, _silent_lines(captured, data, lines), tools, language, language.recovery, deadline)
    found = recovered.error_lines
    if found:
        tree = parse(for_parser(recovered.data, language), tools.grammar, deadline)
    if tree.root_node.has_error:
        found = sorted({*found, *error_lines(tree, MAX_SYNTAX_PROBLEMS + 1)})
    program_errors = [0] if recovered.lost or tree.root_node.has_error else []
    problems = _syntax_problems(found)
    return _Parsed(recovered.data, tree, recovered.incomplete, recovered.stripped, program_errors, problems, frozenset(_comments(captured)))


def _comments(captured: dict[str, list[Node]]) -> Iterator[tuple[int, int]]:
    return ((node.start_byte, node.end_byte) for node in captured.get("comment", []))


def _silent_lines(found: dict[str, list[Node]], data: bytes, lines: LineIndex) -> set[int]:
    """Return the lines that hold a comment alone or begin inside a sound string: a declaration there is none."""
    silent: set[int] = set()
    for node in found.get("verbatim", []):
        if not node.has_error:
            silent.update(range(lines.line(node.start_byte) + 1, lines.line(node.end_byte) + 1))
    for node in found.get("comment", []):
        line = lines.line(node.start_byte)
        if not data[lines.starts[line] : node.start_byte].strip():
            silent.add(line)
    return silent


def _syntax_problems(errors: list[int]) -> list[Problem]:
    problems = [Problem("syntax", f"line {line + 1}: syntax error", line + 1) for line in errors[:MAX_SYNTAX_PROBLEMS]]
    if len(errors) > MAX_SYNTAX_PROBLEMS:
        problems.append(Problem("syntax", "and more syntax errors below", errors[MAX_SYNTAX_PROBLEMS] + 1))
    return problems


def _unread(errors: list[int], functions: list[Function], lines: LineIndex) -> list[Problem]:
    """Return what macros cost: one problem for each function that is left out, and one for everything outside of functions."""
    problems = _syntax_problems([lines.line(function.name_start) for function in functions if function.broken])
    places = sorted({lines.line(offset) + 1 for offset in _outside(errors, [(function.start - 1, function.end) for function in functions])})
    if places:
        more = f" and {len(places) - 1:,} more outside of functions" if len(places) > 1 else ""
        problems.append(Problem("syntax", f"line {places[0]}{more}: syntax error, or a macro", places[0]))
    return problems


def _chunks(whole: list[Function], functions: list[Function], layout: Layout, parsed: _Parsed, language: Language) -> Iterator[Chunk]:
    # A class whose own statements are blanked is part of the module body; a function's body is not.
    inside = {layout.lines.line(function.name_start) for function in functions}
    bodies = [function.elided for function in functions if function.outermost and function.elided is not None]
    writer = Writer(layout)
    if parsed.stripped <= inside and not _outside(parsed.program_errors, bodies):
        yield from _program(bodies, layout, writer, language)
    for function in whole:
        start, end = function.start, layout.code_end(function.end)
        yield Chunk(
            language=language.name,
            kind=function.kind,
            qualified_name=function.qualified_name,
            span=_span(layout.lines, start, end),
            name_span=_span(layout.lines, function.name_start, function.name_end),
            text=writer.text(start, end),
        )


def _outside(errors: list[int], spans: list[tuple[int, int]]) -> list[int]:
    """Return the errors (in order) that lie between spans (in order)."""
    outside = []
    reached, upcoming = -1, 0
    for offset in errors:
        while upcoming < len(spans) and spans[upcoming][0] < offset:
            reached = max(reached, spans[upcoming][1])
            upcoming += 1
        if offset >= reached:
            outside.append(offset)
    return outside


def _program(bodies: list[tuple[int, int]], layout: Layout, writer: Writer, language: Language) -> Iterator[Chunk]:
    """Yield the module body, with the bodies of functions elided so that an edit inside one leaves it as it is."""
    coded = [line for line, first in enumerate(layout.firsts) if first >= 0]
    text = writer.text_without(0, len(layout.data), bodies, b" " + language.elided_body.encode())
    if text:
        start, end = layout.firsts[coded[0]], layout.lasts[coded[-1]]
        yield Chunk(
            language=language.name,
            kind="program",
            qualified_name=language.program,
            span=_span(layout.lines, start, end),
            name_span=_span(layout.lines, start, start),
            text=text,
        )


def _within_limit(chunks: Iterable[Chunk]) -> tuple[Chunk, ...]:
    kept: list[Chunk] = []
    size = 0
    for chunk in chunks:
        size += len(chunk.text)
        if size > MAX_FILE_TEXT:
            break
        kept.append(chunk)
    return tuple(kept)


def _span(lines: LineIndex, start: int, end: int) -> Span:
    return Span(start, end, *lines.position(start), *lines.position(end))
