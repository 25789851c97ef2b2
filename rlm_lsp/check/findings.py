"""The outcome of a check, ready to be printed: rows in the order of the report, and what is to be said beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rlm_lsp.check.gate import shown
from rlm_lsp.chunk.types import Problem
from rlm_lsp.paths import printable
from rlm_lsp.predict.results import FileResult, FunctionRow, Objective

UNTRAINED = ("untrained-language", "untrained-kind")
"""Reasons that are said once a file, or counted, instead of filling the report with every function."""


class Finding(NamedTuple):
    """A function and where it is."""

    path: str
    language: str
    function: FunctionRow
    cell: int = 0  # of a notebook, from 1; 0: the file is none


class FileProblem(NamedTuple):
    """What is wrong with a file, or a notebook's cell."""

    path: str
    cell: int
    problem: Problem


@dataclass(frozen=True)
class Findings:
    """``functions`` are sorted by cost: the predicted middle of the model's first latency, dearest first; then by place.

    Functions without a prediction come last. ``unknown`` counts them by reason.
    """

    model: str
    device: str
    objectives: Sequence[Objective]
    files: int
    functions: Sequence[Finding]
    problems: Sequence[FileProblem]
    unknown: Counter[str]


def collect(
    results: Iterable[FileResult],
    problems: Iterable[tuple[str, Problem]],
    model: str,
    device: str,
    objectives: Sequence[Objective],
    only: Collection[tuple[str, int, int]] | None = None,
) -> Findings:
    """Findings out of results that came in any order; ``only``: of these functions alone (path, cell, place in the result)."""
    files: set[str] = set()
    functions: list[Finding] = []
    all_problems = [FileProblem(shown(path), 0, problem) for path, problem in problems]
    for result in results:
        path = shown(result.path)
        files.add(path)
        rows = result.functions
        if only is not None:
            rows = [row for place, row in enumerate(rows) if (result.path, result.cell, place) in only]
        functions += [Finding(path, result.language, row, result.cell) for row in rows]
        all_problems += [FileProblem(path, result.cell, problem) for problem in result.problems]
    costs = next((index for index, objective in enumerate(objectives) if objective.name.startswith("latency")), 0)

    def order(finding: Finding) -> tuple[bool, float, str, int, int, int, str]:
        path, _, row, cell = finding
        quantiles = row.values.quantiles
        cost = -quantiles[costs][1] if quantiles and quantiles[costs] else 0.0
        return quantiles is None, cost, path, cell, row.line, row.column, row.name

    functions.sort(key=order)
    all_problems.sort(key=lambda item: (item.path, item.cell, item.problem.line or 0, item.problem.code, item.problem.reason))
    unknown: Counter[str] = Counter(row.values.unknown[0] for _, _, row, _ in functions if row.values.unknown)
    return Findings(model, device, objectives, len(files), functions, all_problems, unknown)


def untrained_lines(findings: Findings) -> Iterator[str]:
    """One line for each file, not for each function, about what the model was not trained on. That is no problem of the file.

    Module bodies are passed by: nobody waits for a number there.
    """
    counted: Counter[tuple[str, str, str]] = Counter()
    for path, _, row, _ in findings.functions:
        if row.values.unknown and row.values.unknown[0] in UNTRAINED and row.kind != "program":
            counted[path, row.values.unknown[0], row.values.unknown[1]] += 1
    for (path, code, reason), count in sorted(counted.items()):
        yield f"{path}: {code}: {reason} ({count:,} function{'s' if count > 1 else ''})"


def statistics(findings: Findings) -> dict[str, Any]:
    """Functions by language, and those without a prediction by reason, as machines are told."""
    languages = Counter(finding.language for finding in findings.functions)
    return {"functions": dict(sorted(languages.items())), "unknown": dict(sorted(findings.unknown.items()))}


def problem_line(problem: Problem) -> str:
    """A problem as one line, its code first; a reason that belongs to a line of the file says so itself."""
    return f"{problem.code}: {printable(problem.reason)}"
