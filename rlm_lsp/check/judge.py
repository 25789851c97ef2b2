"""Holds the budgets against the predictions of all files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rlm_lsp.budget import Breach, evaluate, limits_for, rules_for
from rlm_lsp.check.gate import Broken, Held, Place, Remark, shown
from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import OBJECTIVES, BudgetRule, Settings
from rlm_lsp.paths import printable
from rlm_lsp.predict.results import FileResult, FunctionRow, Objective

Key = tuple[str, int, int]
"""A function: its file's path as it was found, the notebook's cell (0: none), and its place among the functions there."""


@dataclass
class Judgement:
    """What the budgets say, in no certain order. ``unused`` directives suppress no broken budget, though perhaps a change."""

    broken: list[Broken] = field(default_factory=list)
    suppressed: int = 0
    remarks: list[Remark] = field(default_factory=list)
    unused: list[tuple[Key, Directive]] = field(default_factory=list)
    held: list[Held] | None = None  # functions with a budget; None: they are not asked for


def judge(
    results: Iterable[FileResult],
    objectives: Sequence[Objective],
    settings: Settings,
    only: Collection[Key] | None,
    *,
    list_held: bool = False,
) -> Judgement:
    """Broken budgets of all functions, or of those in ``only``. ``list_held``: whether functions that keep to theirs are listed too."""
    judged = Judgement(held=[] if list_held else None)
    in_order = sorted(results, key=lambda result: (result.path, result.cell))
    for path, modules in groupby(in_order, key=lambda result: result.path):
        rules = rules_for(settings, path)
        seen: Counter[str] = Counter()
        for result in modules:
            if rules or result.directives:
                _judge_module(judged, result, objectives, rules, only, seen)
    return judged


def unused_remarks(unused: Iterable[tuple[Key, Directive]]) -> list[Remark]:
    """What is said about comments that ignore what is not there."""
    return [
        Remark(shown(path), cell, directive.line, f"{_written(directive)} suppresses nothing", "unused-directive")
        for (path, cell, _), directive in unused
    ]


def _judge_module(
    judged: Judgement,
    result: FileResult,
    objectives: Sequence[Objective],
    rules: Sequence[BudgetRule],
    only: Collection[Key] | None,
    seen: Counter[str],
) -> None:
    """``seen`` counts the names of the file, which a notebook's cells share."""
    path, cell = shown(result.path), result.cell
    directives: defaultdict[int, list[Directive]] = defaultdict(list)
    for index, directive in result.directives:
        directives[index].append(directive)
        if directive.problem is not None:
            judged.remarks.append(Remark(path, cell, directive.line, f"rlm: {directive.problem}", "malformed-directive"))
        elif index < 0:
            text = f"{_written(directive)} belongs to no function"
            judged.remarks.append(Remark(path, cell, directive.line, text, "unused-directive"))
    for index, row in enumerate(result.functions):
        seen[row.name] += 1
        key = (result.path, cell, index)
        if only is not None and key not in only:
            continue
        own = tuple(directives.get(index, ()))
        limits = limits_for(rules, row.name, own)
        verdict = evaluate(row.values, objectives, limits, own)
        judged.suppressed += len(verdict.suppressed)
        judged.unused += [(key, directive) for directive in verdict.unused]
        if verdict.breaches or (limits and judged.held is not None):
            place = Place(path, cell, row.line, row.column, printable(row.name))
            name = printable(row.name if seen[row.name] == 1 else f"{row.name}#{seen[row.name]}")
            if judged.held is not None:
                judged.held.append(Held(place, name, row.values.unknown[0] if row.values.unknown else None))
            judged.broken += [Broken(place, breach, _quantiles(row, objectives, breach), name) for breach in verdict.breaches]


def _quantiles(row: FunctionRow, objectives: Sequence[Objective], breach: Breach) -> Sequence[float]:
    names = [objective.name for objective in objectives]
    return (row.values.quantiles or ())[names.index(OBJECTIVES[breach.metric])]


def _written(directive: Directive) -> str:
    metrics = f"[{', '.join(directive.metrics)}]" if directive.metrics else ""
    return f"rlm: {directive.kind}{metrics}"
