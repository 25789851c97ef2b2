"""The budgets that hold for a function of an open document, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rlm_lsp.budget import Verdict, evaluate, ignoring, limits_for, rules_for
from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import TITLES, BudgetRule, Metric
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Snapshot
from rlm_lsp.units import METRIC_UNITS, format_limit

MARK = b"rlm:"


def rules(view: DocumentView) -> tuple[BudgetRule, ...]:
    """Those of the settings that can hold in the document."""
    return rules_for(view.settings, view.path)


def directives(view: DocumentView, found: Sequence[Directive]) -> tuple[Directive, ...]:
    """Those that still stand where they are said to: an edit since the text was last cut may have changed one."""
    return tuple(item for item in found if view.text.data.startswith(MARK, item.start_byte))


def limits(view: DocumentView, function: FunctionView, holding: Sequence[BudgetRule]) -> dict[Metric, float]:
    """Its limits, in seconds or bytes."""
    return limits_for(holding, function.qualified_name, function.directives)


def judge(snapshot: Snapshot, function: FunctionView, limits: dict[Metric, float]) -> Verdict:
    """What ``limits`` say of what is shown of the function, and which of its ``rlm: ignore`` comments have nothing to ignore."""
    if snapshot.model is None:
        return Verdict()
    return evaluate(function.shown.values, snapshot.model.objectives, limits, function.directives)


def notes(snapshot: Snapshot, view: DocumentView, function: FunctionView) -> Iterator[str]:
    """A sentence for each budget in force."""
    in_force = limits(view, function, rules(view))
    verdict = judge(snapshot, function, in_force)
    broken = {breach.metric: breach.quantile for breach in (*verdict.breaches, *verdict.suppressed)}
    for metric in view.settings.metrics:
        if metric in in_force:
            limit = format_limit(in_force[metric], METRIC_UNITS[metric])
            state = f"broken, {broken[metric]} is above it" if metric in broken else "kept"
            known = function.shown.values is not None and function.shown.values.quantiles is not None
            ignored = " (ignored by a comment)" if metric in broken and ignoring(function.directives, metric) else ""
            yield f"Budget: {TITLES[metric]} {limit}" + (f", {state}{ignored}." if known else ".")
