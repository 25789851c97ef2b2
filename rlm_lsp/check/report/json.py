"""The report for machines, schema 1.

Lines and columns are 1-based and columns count code points. A function has ``predictions`` or ``unknown``; the latter, and a problem's
``reason``, begin with a code from a fixed list (``too-long: ...``). ``partial`` stands only where the model has read the
beginning of a function alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rlm_lsp.check.findings import Finding, Findings, problem_line
from rlm_lsp.predict.results import Objective, Values

SCHEMA = 1


def lines(findings: Findings, top: int | None) -> Iterator[str]:
    """The report as one JSON document, one function a line; ``top`` limits it to the dearest functions."""
    yield f'{{"schema": {SCHEMA}, "model": {json.dumps(findings.model)}, "functions": ['
    yield from _items([function(finding, findings.objectives) for finding in findings.functions[:top]])
    yield '], "problems": ['
    yield from _items([{"path": path, "reason": problem_line(problem)} for path, problem in findings.problems])
    yield "]}"


def answer(values: Values, objectives: Sequence[Objective]) -> dict[str, Any]:
    """``{"predictions": {objective: {"p10", "p50", "p90", "unit"}}}`` or ``{"unknown": reason}``."""
    if values.quantiles is None:
        code, reason = values.unknown or ("worker-unavailable", "no answer")
        return {"unknown": f"{code}: {reason}"}
    predictions = {
        objective.name: {"p10": p10, "p50": p50, "p90": p90, "unit": objective.unit}
        for objective, (p10, p50, p90) in zip(objectives, values.quantiles, strict=True)
    }
    return {"predictions": predictions, **({"partial": True} if values.partial else {})}


def function(finding: Finding, objectives: Sequence[Objective]) -> dict[str, Any]:
    """One of the report's ``functions``."""
    path, language, row = finding
    place = {"path": path, "name": row.name, "language": language, "line": row.line, "column": row.column}
    return {**place, **answer(row.values, objectives)}


def _items(items: Sequence[dict[str, Any]]) -> Iterator[str]:
    last = len(items) - 1
    for index, item in enumerate(items):
        yield json.dumps(item) + ("," if index < last else "")
