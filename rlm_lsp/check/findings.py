"""The outcome of a check, ready to be printed: rows in the order of the report, and what is to be said beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rlm_lsp.chunk.types import Problem
from rlm_lsp.paths import printable
from rlm_lsp.predict.results import FileResult, FunctionRow, Objective

_UNTRAINED = ("untrained-language", "untrained-kind")


class Finding(NamedTuple):
    """A function and where it is."""

    path: str
    language: str
    function: FunctionRow


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
    problems: Sequence[tuple[str, Problem]]
    unknown: Counter[str]


def collect(
    results: Iterable[FileResult],
    problems: Iterable[tuple[str, Problem]],
    model: str,
    device: str,
    objectives: Sequence[Objective],
    only: Collection[tuple[str, int]] | None = None,
) -> Findings:
    """Findings out of results that came in any order; ``only``: of these functions alone (a path, and the place in its result)."""
    files = 0
    functions: list[Finding] = []
    all_problems = [(printable(path), problem) for path, problem in problems]
    for result in results:
        files += 1
        path = printable(result.path)
        rows = result.functions if only is None else [row for place, row in enumerate(result.functions) if (result.path, place) in only]
        functions += [Finding(path, result.language, row) for row in rows]
        all_problems += [(path, problem) for problem in result.problems]
    costs = next((index for index, objective in enumerate(objectives) if objective.name.startswith("latency")), 0)

    def order(finding: Finding) -> tuple[bool, float, str, int, int, str]:
        path, _, row = finding
        quantiles = row.values.quantiles
        cost = -quantiles[costs][1] if quantiles else 0.0
        return quantiles is None, cost, path, row.line, row.column, row.name

    functions.sort(key=order)
    all_problems.sort(key=lambda item: (item[0], item[1].line or 0, item[1].code, item[1].reason))
    unknown: Counter[str] = Counter(row.values.unknown[0] for _, _, row in functions if row.values.unknown)
    return Findings(model, device, objectives, files, functions, all_problems, unknown)


def untrained_lines(findings: Findings) -> Iterator[str]:
    """One line for each file, not for each function, about what the model was not trained on. That is no problem of the file.

    Module bodies are passed by: nobody waits for a number there.
    """
    counted: Counter[tuple[str, str, str]] = Counter()
    for path, _, row in findings.functions:
        if row.values.unknown and row.values.unknown[0] in _UNTRAINED and row.kind != "program":
            counted[path, row.values.unknown[0], row.values.unknown[1]] += 1
    for (path, code, reason), count in sorted(counted.items()):
        yield f"{path}: {code}: {reason} ({count:,} function{'s' if count > 1 else ''})"


def problem_line(problem: Problem) -> str:
    """A problem as one line, its code first; a reason that belongs to a line of the file says so itself."""
    return f"{problem.code}: {printable(problem.reason)}"
