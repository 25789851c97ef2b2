"""The part of the report for people that says what fails, what changed, and on request how costs are spread."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rlm_lsp.check.findings import Findings
from rlm_lsp.check.gate import Broken, Comparison, Edited, Gate
from rlm_lsp.check.report.issues import network_text, value_above
from rlm_lsp.check.terminal import Style
from rlm_lsp.config import OBJECTIVES, TITLES
from rlm_lsp.units import METRIC_UNITS, format_limit, format_value

if TYPE_CHECKING:
    from rlm_lsp.compare import Change

WIDTH = 80
_FIRST = 8  # width of the first column, as wide as its longest word

OBJECTIVE_TITLES = {OBJECTIVES[metric]: title for metric, title in TITLES.items()}
_MEANS = {"same": "same", "small": "small", "within-band": "unsure", "no-band": "unsure", "dearer": "dearer", "cheaper": "cheaper"}


def lines(gate: Gate, style: Style) -> Iterator[str]:
    """Budgets, then the comparison; each block ends with an empty line, and nothing is said about what is not there."""
    if gate.broken or gate.suppressed:
        yield from _budgets(gate, style)
        yield ""
    if gate.networks:
        yield from _networks(gate, style)
        yield ""
    if gate.comparison is not None:
        yield from _comparison(gate.comparison, style)
        yield ""


def statistics(findings: Findings, gate: Gate) -> Iterator[str]:
    """How many functions of which language there are, how predicted medians are spread, and how budgets fare."""
    languages = Counter(finding.language for finding in findings.functions)
    yield "functions  " + (", ".join(f"{count:,} {language}" for language, count in sorted(languages.items())) or "none")
    for index, objective in enumerate(findings.objectives):
        known = (row.values.quantiles[index] for _, _, row, _ in findings.functions if row.values.quantiles)
        medians = sorted(quantiles[1] for quantiles in known if quantiles)
        if medians:
            shown = [format_value(medians[min(int(len(medians) * share), len(medians) - 1)], objective.unit) for share in (0.5, 0.9, 1)]
            title = OBJECTIVE_TITLES.get(objective.name, objective.name)
            yield f"{title:<9}  half up to {shown[0]}, 90 % up to {shown[1]}, the dearest {shown[2]}"
    counts = Counter("accepted" if item.accepted else item.breach.severity for item in gate.broken)
    budgets = [f"{counts[kind]:,} {kind}" for kind in ("error", "warning", "accepted")]
    yield f"budgets    {', '.join(budgets)}, {gate.suppressed:,} ignored"


def _budgets(gate: Gate, style: Style) -> Iterator[str]:
    yield style.dim("over budget")
    rows = [_budget_cells(item) for item in gate.broken]
    yield from _aligned(rows, [style.bad if row[0] == "error" else style.plain for row in rows])
    if gate.suppressed:
        yield f"{gate.suppressed:,} more are ignored by comments"


def _networks(gate: Gate, style: Style) -> Iterator[str]:
    yield style.dim("networks")
    for item in gate.networks:
        line = f"{'error' if item.is_broken else 'warning':<{_FIRST}}  {network_text(item)}  {item.path}"
        yield style.bad(line) if item.is_broken else line


def _budget_cells(item: Broken) -> list[str]:
    breach = item.breach
    unit = METRIC_UNITS[breach.metric]
    severity = "accepted" if item.accepted else breach.severity
    excess = f"{value_above(breach.value, breach.limit, unit)} > {format_limit(breach.limit, unit)}"
    return [severity, TITLES[breach.metric], excess, f"({breach.quantile})", item.place.name, item.place.where]


def _comparison(comparison: Comparison, style: Style) -> Iterator[str]:
    yield style.dim(f"compared with {comparison.base}")
    rows = [(edited, change) for edited in comparison.edited for change in edited.changes if _is_listed(change)]
    cells = [_change_cells(edited, change) for edited, change in rows]
    styles = [style.bad if change in edited.dearer else style.plain for edited, change in rows]
    yield from _aligned(cells, styles)
    for word, places in (("added", comparison.added), ("removed", comparison.removed)):
        yield from _aligned([[word, place.name, place.where] for place in places], [style.plain] * len(places))
    for before, after in comparison.moved:
        yield f"{'moved':<{_FIRST}}  {before.name}  {before.where}"
        yield f"{'to':>{_FIRST}}  {after.name}  {after.where}"
    yield from textwrap.wrap(_counted(comparison, [change for _, change in rows]), WIDTH)
    standings = {change.standing for _, change in rows}
    if "no-band" in standings:
        yield "this model's error for pairs is not measured, so no change can fail"
    elif standings:
        word = "unsure: not beyond" if "within-band" in standings else "beyond"
        yield from textwrap.wrap(f"{word} this model's error for pairs ({_band(comparison.band or {})})", WIDTH)
    if "small" in standings:
        yield "small: within max-ratio, min-latency-change or min-heap-change"


def _is_listed(change: Change) -> bool:
    """Changes that the settings ask about, and those that the model is sure of although they are too small for the settings."""
    if change.standing == "small":
        return change.band is not None and max(change.ratio, 1 / change.ratio) > change.band
    return change.standing != "same"


def _change_cells(edited: Edited, change: Change) -> list[str]:
    unit = METRIC_UNITS[change.metric]
    means = "ignored" if change.metric in edited.ignored else _MEANS[change.standing]
    step = f"{format_value(change.old, unit)} → {format_value(change.new, unit)}"
    return [means, TITLES[change.metric], step, _ratio(change.ratio), edited.place.name, edited.place.where]


def _counted(comparison: Comparison, listed: Sequence[Change]) -> str:
    kinds = {"edited": comparison.edited, "added": comparison.added, "removed": comparison.removed, "moved": comparison.moved}
    counts = ", ".join(f"{len(items):,} {kind}" for kind, items in kinds.items())
    if not (comparison.edited or comparison.added or comparison.removed):
        return f"{counts}: no function's code changed, so costs changed by exactly 0 %"
    return counts if listed or not comparison.edited else f"{counts}; no cost changed by much"


def _band(band: Mapping[str, float]) -> str:
    return ", ".join(f"{OBJECTIVE_TITLES.get(name, name)} {_ratio(factor)}" for name, factor in band.items())


def _ratio(ratio: float) -> str:
    return f"{ratio:.2g}x" if ratio < 100 else f"{ratio:,.0f}x"


def _aligned(rows: Sequence[Sequence[str]], styles: Sequence[Callable[[str], str]]) -> Iterator[str]:
    """Cells in columns, the last two a function and its place. Where columns make a row too wide, these two stand closer or below."""
    if not rows:
        return
    widths = [_FIRST, *(max(map(len, column)) for column in list(zip(*rows, strict=True))[1:])]
    for row, paint in zip(rows, styles, strict=True):
        *padded, name, where = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        beside = (f"{name}  {where}".rstrip(), f"{row[-2]}  {row[-1]}")
        lines = ["  ".join([*padded, end]) for end in beside]
        fitting = next((line for line in lines if len(line) <= WIDTH), None)
        yield paint(fitting or "  ".join(padded).rstrip())
        if fitting is None:
            yield paint(f"{'of':>{_FIRST}}  {beside[1]}")  # no line begins with a name: a CI runner may take it for a command
