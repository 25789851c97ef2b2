"""The report for people: a table with the dearest function first, and what it rests on below."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence

from rlm_lsp.check.findings import UNTRAINED, Finding, Findings
from rlm_lsp.check.gate import Gate, module_name
from rlm_lsp.check.report import outcome
from rlm_lsp.check.report.outcome import OBJECTIVE_TITLES, WIDTH
from rlm_lsp.check.terminal import Style
from rlm_lsp.paths import printable
from rlm_lsp.predict.results import Objective, to_answer
from rlm_lsp.predict.types import Prediction, Unknown
from rlm_lsp.units import format_band, format_interval, is_range

PAGE = 110
"""Columns of the table where there is no terminal to ask."""
TERMINAL_ROWS = 50
"""Rows on a terminal where ``--top`` says nothing."""


def lines(
    findings: Findings, top: int | None, gate: Gate | None = None, *, colour: bool = False, with_statistics: bool = False
) -> Iterator[str]:
    """The report's lines; ``top`` None: all functions. What fails stands below the table, next to the prompt."""
    style, gate = Style(colour), gate or Gate()
    listed = [finding for finding in findings.functions if _belongs_in_table(finding)]
    shown = listed[:top]
    if shown:
        yield from _table(shown, findings, style)
        if len(shown) < len(listed):
            yield f"{len(listed) - len(shown):,} more functions are not shown; --top all shows them"
        yield ""
    yield from outcome.lines(gate, style)
    if with_statistics:
        yield from outcome.statistics(findings, gate)
    yield _counts(findings)
    if any(finding.function.values.quantiles for finding in findings.functions):
        for sentence in _sources(findings):
            yield from textwrap.wrap(sentence, _page())


def _sources(findings: Findings) -> Iterator[str]:
    """Which model predicted what, for which machine."""
    sources: dict[tuple[str, str], list[str]] = {}
    for objective in _answered(findings.functions, findings):
        sources.setdefault((objective.model or findings.model, objective.device or findings.device), []).append(objective.name)
    for (model, device), names in sources.items():
        whose = f"{', '.join(names)}: " if len(sources) > 1 else ""
        yield f"{whose}predicted by {model} for {device}; not measured"


def _answered(functions: Sequence[Finding], findings: Findings) -> Sequence[Objective]:
    """The objectives for which some function has a number. A model that stands alone answers for all of its own."""
    if not any(objective.model for objective in findings.objectives):
        return findings.objectives
    known = {place for finding in functions for place, quantiles in enumerate(finding.function.values.quantiles or ()) if quantiles}
    return [objective for place, objective in enumerate(findings.objectives) if place in known]


def _page() -> int:
    return max(WIDTH, shutil.get_terminal_size((PAGE, 24)).columns)


def _belongs_in_table(finding: Finding) -> bool:
    unknown = finding.function.values.unknown
    return unknown is None or unknown[0] not in UNTRAINED


def _table(shown: Sequence[Finding], findings: Findings, style: Style) -> Iterator[str]:
    objectives = _answered(shown, findings) or findings.objectives[:1]
    rows = [_cells(finding, findings, objectives) for finding in shown]
    titles = []
    for objective in objectives:
        titles += [OBJECTIVE_TITLES.get(objective.name, objective.name), "p10–p90"]
    rows.insert(0, [*titles, "function", "where"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = _page() - sum(widths[:-2]) - 2 * (len(widths) - 1)  # for function and place
    fitting = [len(name) for *_, name, where in rows if len(name) + len(where) <= room]
    widths[-2:] = [max(fitting, default=0), 0]  # nothing stands to the right of a place
    middles = range(0, 2 * len(objectives), 2)
    for index, row in enumerate(rows):
        fits = max(widths[-2], len(row[-2])) + len(row[-1]) <= room
        padded = enumerate(zip(row, widths if fits else [*widths[:-2], 0, 0], strict=True))  # a long row is no longer than it must be
        cells = [cell.rjust(width) if column in middles else cell.ljust(width) for column, (cell, width) in padded]
        if style.colour:
            cells = [_styled(cell, column, index == 0, column in middles, len(cells), style) for column, cell in enumerate(cells)]
        yield "  ".join(cells).rstrip()


def _styled(cell: str, column: int, heading: bool, middle: bool, columns: int, style: Style) -> str:
    """Middles stand out, bands and places step back."""
    if middle and not heading:
        return style.strong(cell)
    return style.dim(cell) if heading or column != columns - 2 else cell


def _cells(finding: Finding, findings: Findings, objectives: Sequence[Objective]) -> list[str]:
    path, _, row, cell = finding
    answer = to_answer(row.values, findings.objectives, findings.model, findings.device)
    place = f"{module_name(path, cell)}:{row.line}"
    name = printable(row.name) + (" (its beginning)" if row.values.partial else "")
    if isinstance(answer, Unknown):
        return ["?", answer.code, *["", ""] * (len(objectives) - 1), name, place]
    predictions = {prediction.objective: prediction for prediction in answer}
    cells: list[str] = []
    for objective in objectives:
        prediction = predictions.get(objective.name)
        cells += ("", "") if prediction is None else _metric(prediction)
    return [*cells, name, place]


def _metric(prediction: Prediction) -> tuple[str, str]:
    """The middle and its band; a prediction too wide for a middle is its band."""
    return format_interval(prediction), "" if is_range(prediction) else format_band(prediction)


def _counts(findings: Findings) -> str:
    """``12 functions in 3 files, 2 without a prediction (1 too-long, 1 untrained-kind)``."""
    counted = f"{_plural(len(findings.functions), 'function')} in {_plural(findings.files, 'file')}"
    total = sum(findings.unknown.values())
    if not total:
        return counted
    reasons = ", ".join(f"{count:,} {code}" for code, count in sorted(findings.unknown.items()))
    return f"{counted}, {total:,} without a prediction ({reasons})"


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
