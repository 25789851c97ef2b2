"""``rlm-lsp.explain``: which lines a prediction hangs on, by leaving statements out one at a time and predicting again.

The model reads a function's normalised text, so that is what statements are left out of; the lines of the document that they came from are
found by cutting the document's text once more.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rlm_lsp.check.report.json import answer
from rlm_lsp.chunk.calls import Named, still_called
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.lsp.scaling import Predicts
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Objective, Values
from rlm_lsp.predict.types import ModelInput

if TYPE_CHECKING:
    from tree_sitter import Node

NOTE = "what the prediction changes by when these lines are left out; not a measurement and not a cause"
MOST_REGIONS = 40

_PARSE_S = 1.0  # a backstop: the chunker has parsed this text before
_RESOLUTION = {"s": 1e-9, "B": 1.0}
_LONE_CR = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Region:
    """Rows ``first`` to ``last`` of a normalised text, and the text without them."""

    first: int
    last: int
    without: str


@dataclass(frozen=True, slots=True)
class Share:
    """``change`` is by objective the log10 of p50 without the region over p50 with it, or None where there is no prediction without it.

    ``lines`` are the first and last 0-based line of the document, None where they could not be found.
    """

    lines: tuple[int, int] | None
    change: dict[str, float] | None
    values: Values


@dataclass(frozen=True, slots=True)
class Explanation:
    """The prediction of the whole text, and what leaving its regions out does, the largest change first."""

    values: Values
    shares: tuple[Share, ...]

    def as_dict(self, view: DocumentView, objectives: Sequence[Objective]) -> dict[str, Any]:
        """The prediction as the JSON report of ``rlm-lsp check`` has it, and the regions with their ranges in the document."""
        regions = []
        for share in self.shares:
            changed: dict[str, Any] = {"log10": share.change}
            if share.change is None:
                changed = {"unknown": answer(share.values, objectives)["unknown"]}
            regions.append({"range": _range(view, share.lines), **changed})
        return {**answer(self.values, objectives), "regions": regions, "note": NOTE}

    def as_text(self, most: int) -> str:
        """A line for each of the ``most`` largest changes; lines are counted from 1 and hold no code."""
        if self.values.quantiles is None:
            return f"nothing to explain: {(self.values.unknown or ('', 'there is no prediction'))[1]}"
        lines = [NOTE]
        for share in self.shares[:most]:
            place = f"lines {share.lines[0] + 1}–{share.lines[1] + 1}" if share.lines else "lines of an earlier text"
            changes = (f"{name} becomes {10**change:.2g} times as much" for name, change in (share.change or {}).items())
            lines.append(f"{place}: {'  '.join(changes) or 'no prediction without them'}")
        return "\n".join(lines)


async def explain(oracle: Predicts, model: ModelIdentity, view: DocumentView, function: FunctionView) -> Explanation:
    """What ``function``'s prediction hangs on. Without a prediction nothing is left out."""
    (whole,) = await oracle.predict([function.input])
    if whole.quantiles is None:
        return Explanation(whole, ())
    found = await regions(function.input.text, function.input.language)
    answers = await oracle.predict(_left_out(view, function, found)) if found else []
    lines = source_lines(view, function)
    shares = [
        Share(_extent(lines[region.first : region.last + 1]), _change(model, whole, values), values)
        for region, values in zip(found, answers, strict=True)
    ]
    return Explanation(whole, tuple(sorted(shares, key=_size, reverse=True)))


def _left_out(view: DocumentView, function: FunctionView, found: Sequence[Region]) -> list[ModelInput]:
    """The function without each region, and without what only that region calls."""
    item = function.input
    called = [Named(other.qualified_name, other.input.text) for other in view.called_by(function)]
    own = function.qualified_name
    return [replace(item, text=region.without, callees=still_called(Named(own, region.without), called, item.language)) for region in found]


async def regions(text: str, language: str) -> list[Region]:
    """The statements of a function whose text is whole without them: nested ones too, or else those of its body alone, joined to runs.

    Each candidate is parsed, so this gives way to others in between.
    """
    candidates = _candidates(text, language)
    if len(candidates) > MOST_REGIONS:
        candidates = _joined([candidate for candidate in candidates if candidate.depth == 0])
    rows = text.split("\n")
    found = []
    for candidate in candidates:
        filler = [candidate.filler] if candidate.filler is not None else []
        without = "\n".join([*rows[: candidate.first], *filler, *rows[candidate.last + 1 :]])
        if _parses(without, language):
            found.append(Region(candidate.first, candidate.last, without))
        await asyncio.sleep(0)
    return found


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A statement's rows, how many statements lie around it, and what stands in for it where its block would be empty."""

    first: int
    last: int
    depth: int
    filler: str | None


def _candidates(text: str, language: str) -> list[_Candidate]:
    """The statements that have their rows to themselves, in source order."""
    # tree-sitter is loaded late everywhere
    from rlm_lsp.chunk.parse import BudgetSpentError, captures, clock, matches, parse, tools_for

    data = text.encode("utf-8", "replace")
    tools = tools_for(language)
    deadline = clock() + _PARSE_S
    try:
        root = parse(data, tools.grammar, deadline).root_node
        functions = [match.nodes for match in matches(root, tools.structure, deadline) if "function" in match.nodes]
        layout = captures(root, tools.layout, deadline)
    except BudgetSpentError:
        return []
    if not functions:
        return []
    body = min(functions, key=lambda nodes: (nodes["function"].start_byte, -nodes["function"].end_byte)).get("body")
    if body is None:
        return []
    inside = [node for node in _statements(layout) if body.start_byte <= node.start_byte and node.end_byte <= body.end_byte]
    blocks = {_extent_of(node) for node in layout.get("indent", [])}
    rows = data.split(b"\n")
    found: dict[tuple[int, int], _Candidate] = {}
    open_until: list[int] = []
    for node in sorted(inside, key=lambda node: (node.start_byte, -node.end_byte)):
        while open_until and open_until[-1] <= node.start_byte:
            open_until.pop()
        first, last = _extent_of(node)
        indentation = rows[first][: node.start_point.column]
        if not indentation.strip():
            empty = LANGUAGES[language].empty_body if (first, last) in blocks else None
            filler = indentation.decode("ascii", "replace") + empty if empty else None
            found.setdefault((first, last), _Candidate(first, last, len(open_until), filler))
        open_until.append(node.end_byte)
    return list(found.values())


def _statements(layout: dict[str, list[Node]]) -> list[Node]:
    """What stands in blocks and begins lines. Not "except" and its like, which nobody can leave out alone, though grammars let it pass."""
    lines = {(node.start_byte, node.end_byte) for node in layout.get("line", [])}
    found = []
    for block in layout.get("indent", []):
        children = block.named_children
        if len(children) == 1 and (children[0].start_byte, children[0].end_byte) not in lines:
            children = children[0].named_children  # a list of statements
        found += [child for child in children if (child.start_byte, child.end_byte) in lines]
    return found


def _extent_of(node: Node) -> tuple[int, int]:
    """The first and last row that a node has text on."""
    end = node.end_point
    return node.start_point.row, end.row - (end.column == 0 and end.row > node.start_point.row)


def _joined(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Runs of neighbours, no more than MOST_REGIONS."""
    step = math.ceil(len(candidates) / MOST_REGIONS)
    runs = [candidates[start : start + step] for start in range(0, len(candidates), step or 1)]
    return [_Candidate(run[0].first, run[-1].last, 0, run[0].filler) for run in runs]


def _parses(text: str, language: str) -> bool:
    from rlm_lsp.chunk.parse import BudgetSpentError, clock, parse, tools_for

    try:
        tree = parse(text.encode("utf-8", "replace"), tools_for(language).grammar, clock() + _PARSE_S)
    except BudgetSpentError:
        return False
    return not tree.root_node.has_error


def source_lines(view: DocumentView, function: FunctionView) -> list[int | None]:
    """The 0-based line of the document that each row of the normalised text came from; all None where its text has changed since."""
    from rlm_lsp.chunk.layout import lay_out
    from rlm_lsp.chunk.parse import BudgetSpentError, captures, clock, parse, tools_for
    from rlm_lsp.chunk.writing import join_rows
    from rlm_lsp.text import LineIndex

    language = LANGUAGES[function.input.language]
    place = function.place
    first_line = view.text.line(place.start)
    begin = view.text.line_start(place.start)  # so that the function's own indentation stays
    data = _LONE_CR.sub(b"\n", view.text.data[begin : place.end])
    tools = tools_for(language.name)
    deadline = clock() + _PARSE_S
    try:
        found = captures(parse(data, tools.grammar, deadline).root_node, tools.layout, deadline)
    except BudgetSpentError:
        found = {}
    index = LineIndex(data)
    layout = lay_out(data, index, found, language)
    rows, lines = [], []
    for line, (start, end) in enumerate(zip(index.starts, index.ends, strict=True)):
        for row in layout.slice(max(start, place.start - begin), end):
            rows.append(row)
            lines.append(first_line + line)
    unchanged = join_rows(rows) == function.input.text
    return [*lines] if unchanged else [None] * (function.input.text.count("\n") + 1)


def _range(view: DocumentView, lines: tuple[int, int] | None) -> dict[str, Any] | None:
    """An LSP range of whole lines, without the end of the last one."""
    if lines is None:
        return None
    end = view.text.line_end(view.text.offset(lines[1], 0))
    line, character = view.text.position(end)
    return {"start": {"line": lines[0], "character": 0}, "end": {"line": line, "character": character}}


def _extent(lines: Iterable[int | None]) -> tuple[int, int] | None:
    known = [line for line in lines if line is not None]
    return (known[0], known[-1]) if known else None


def _change(model: ModelIdentity, whole: Values, without: Values) -> dict[str, float] | None:
    if whole.quantiles is None or without.quantiles is None:
        return None
    change = {}
    for objective, before, after in zip(model.objectives, whole.quantiles, without.quantiles, strict=True):
        if before and after:
            floor = _RESOLUTION[objective.unit]
            change[objective.name] = math.log10(max(after[1], floor) / max(before[1], floor))
    return change


def _size(share: Share) -> float:
    return max((abs(value) for value in share.change.values()), default=0.0) if share.change else -1.0
