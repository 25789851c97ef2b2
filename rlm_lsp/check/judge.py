"""Holds the budgets against the predictions of all files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from rlm_lsp.budget import Breach, evaluate, limits_for, rules_for
from rlm_lsp.check.gate import Broken, Place, Remark
from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import OBJECTIVES, BudgetRule, Settings
from rlm_lsp.paths import printable
from rlm_lsp.predict.results import FileResult, FunctionRow, Objective

Key = tuple[str, int]
"""A function: its file's path as it was found, and its place among the file's functions."""


@dataclass
class Judgement:
    """What the budgets say, in no certain order. ``unused`` directives suppress no broken budget, though perhaps a change."""

    broken: list[Broken] = field(default_factory=list)
    suppressed: int = 0
    remarks: list[Remark] = field(default_factory=list)
    unused: list[tuple[Key, Directive]] = field(default_factory=list)


def judge(results: Iterable[FileResult], objectives: Sequence[Objective], settings: Settings, only: Collection[Key] | None) -> Judgement:
    """Broken budgets of all functions, or of those in ``only``."""
    judged = Judgement()
    for result in results:
        rules = rules_for(settings, result.path)
        if rules or result.directives:
            _judge_file(judged, result, objectives, rules, only)
    return judged


def unused_remarks(unused: Iterable[tuple[Key, Directive]]) -> list[Remark]:
    """What is said about comments that ignore what is not there."""
    return [Remark(printable(path), directive.line, f"{_written(directive)} suppresses nothing") for (path, _), directive in unused]


def place_of(path: str, row: FunctionRow) -> Place:
    """Where a function of a file is, for people."""
    return Place(printable(path), row.line, row.column, printable(row.name))


def _judge_file(
    judged: Judgement, result: FileResult, objectives: Sequence[Objective], rules: Sequence[BudgetRule], only: Collection[Key] | None
) -> None:
    directives: defaultdict[int, list[Directive]] = defaultdict(list)
    for index, directive in result.directives:
        directives[index].append(directive)
        if directive.problem is not None:
            judged.remarks.append(Remark(printable(result.path), directive.line, f"rlm: {directive.problem}"))
        elif index < 0:
            judged.remarks.append(Remark(printable(result.path), directive.line, f"{_written(directive)} belongs to no function"))
    seen: Counter[str] = Counter()
    for index, row in enumerate(result.functions):
        seen[row.name] += 1
        key = (result.path, index)
        if only is not None and key not in only:
            continue
        own = tuple(directives.get(index, ()))
        verdict = evaluate(row.values, objectives, limits_for(rules, row.name, own), own)
        judged.suppressed += len(verdict.suppressed)
        judged.unused += [(key, directive) for directive in verdict.unused]
        for breach in verdict.breaches:
            name = row.name if seen[row.name] == 1 else f"{row.name}#{seen[row.name]}"
            judged.broken.append(Broken(place_of(result.path, row), breach, _median(row, objectives, breach), printable(name)))


def _median(row: FunctionRow, objectives: Sequence[Objective], breach: Breach) -> float:
    quantiles = row.values.quantiles or ()
    medians = {objective.name: middle for objective, (_, middle, _) in zip(objectives, quantiles, strict=True)}
    return medians[OBJECTIVES[breach.metric]]


def _written(directive: Directive) -> str:
    metrics = f"[{', '.join(directive.metrics)}]" if directive.metrics else ""
    return f"rlm: {directive.kind}{metrics}"
