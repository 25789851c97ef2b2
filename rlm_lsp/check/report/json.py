"""The report for machines, schema 1.

Lines and columns are 1-based and columns count code points; in a notebook they are those of the code cell ``cell``, 1-based among all
cells, a field that other files do not have. A function has ``predictions`` or ``unknown``; the latter, and a problem's
``reason``, begin with a code from a fixed list (``too-long: ...``). ``partial`` stands only where the model has read the
beginning of a function alone.

``model`` predicted everything that names no model itself.

``budgets`` are those that are broken: ``severity`` "error" (p10 breaks it, and the check fails) or "warning" (p50 does), ``accepted`` by
the baseline file. ``comments`` tell of directives that are wrong or suppress nothing. ``comparison`` is null where nothing is compared;
``standing`` in it is that of ``rlm_lsp.compare.Change``, and ``band`` the model's error for pairs, null where it is not measured.
``networks`` stands only where a network's budget is broken, or undecided because ``unknown`` parts of its figure are not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rlm_lsp.check.findings import Finding, Findings, problem_line, statistics
from rlm_lsp.check.gate import Broken, Comparison, Edited, Gate, Place, Remark
from rlm_lsp.predict.results import Objective, Values, answered
from rlm_lsp.units import METRIC_UNITS

SCHEMA = 1


def lines(findings: Findings, top: int | None, gate: Gate | None = None, *, with_statistics: bool = False) -> Iterator[str]:
    """The report as one JSON document, one function a line; ``top`` limits it to the dearest functions."""
    yield f'{{"schema": {SCHEMA}, "model": {json.dumps(findings.model)}, "functions": ['
    yield from _items([function(finding, findings.objectives) for finding in findings.functions[:top]])
    yield '], "problems": ['
    yield from _items([{"path": item.path, **_cell(item.cell), "reason": problem_line(item.problem)} for item in findings.problems])
    gate = gate or Gate()
    yield '], "budgets": ['
    yield from _items([_budget(item) for item in gate.broken])
    yield f'], "ignored": {gate.suppressed}, "comments": ['
    yield from _items([_with_cell(remark) for remark in gate.remarks])
    yield f'], "notes": {json.dumps(gate.notes)}, "comparison": '
    yield from _comparison(gate.comparison) if gate.comparison else ["null"]
    if gate.networks:
        rows = [{**item._asdict(), "severity": "error" if item.is_broken else "warning"} for item in gate.networks]
        yield f', "networks": {json.dumps(rows)}'
    if with_statistics:
        yield f', "statistics": {json.dumps(statistics(findings))}'
    yield "}"


def answer(values: Values, objectives: Sequence[Objective]) -> dict[str, Any]:
    """``{"predictions": {objective: {"p10", "p50", "p90", "unit"}}}`` or ``{"unknown": reason}``.

    Where several models stand beside each other, each prediction names its own in ``model``.
    """
    if values.quantiles is None:
        code, reason = values.unknown or ("worker-unavailable", "no answer")
        return {"unknown": f"{code}: {reason}"}
    predictions = {
        objective.name: {"p10": p10, "p50": p50, "p90": p90, "unit": objective.unit}
        | ({"model": objective.model} if objective.model else {})
        for objective, (p10, p50, p90) in answered(values, objectives)
    }
    return {"predictions": predictions, **({"partial": True} if values.partial else {})}


def function(finding: Finding, objectives: Sequence[Objective]) -> dict[str, Any]:
    """One of the report's ``functions``."""
    path, language, row, cell = finding
    place = {"path": path, **_cell(cell), "name": row.name, "language": language, "line": row.line, "column": row.column}
    return {**place, **answer(row.values, objectives)}


def _budget(item: Broken) -> dict[str, Any]:
    breach = item.breach
    found = {"metric": breach.metric, "limit": breach.limit, breach.quantile: breach.value, "unit": METRIC_UNITS[breach.metric]}
    return {**_with_cell(item.place), **found, "severity": breach.severity, "accepted": item.accepted}


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield f'{{"base": {json.dumps(comparison.base)}, "band": {json.dumps(comparison.band)}, "edited": ['
    yield from _items([_edited(item) for item in comparison.edited])
    yield '], "added": ['
    yield from _items([_with_cell(place) for place in comparison.added])
    yield '], "removed": ['
    yield from _items([_with_cell(place) for place in comparison.removed])
    yield '], "moved": ['
    yield from _items([{"from": _with_cell(before), "to": _with_cell(after)} for before, after in comparison.moved])
    yield "]}"


def _edited(edited: Edited) -> dict[str, Any]:
    was = {"was": _with_cell(edited.was)} if edited.was else {}
    changes = [
        {
            "metric": change.metric,
            "old": change.old,
            "new": change.new,
            "unit": change.unit,
            "ratio": change.ratio,
            "standing": change.standing,
        }
        | ({"ignored": True} if change.metric in edited.ignored else {})
        for change in edited.changes
    ]
    return {**_with_cell(edited.place), **was, "changes": changes}


def _with_cell(item: Place | Remark) -> dict[str, Any]:
    """The item's fields, without a cell where the file is no notebook."""
    fields = item._asdict()
    return fields if item.cell else {name: value for name, value in fields.items() if name != "cell"}


def _cell(cell: int) -> dict[str, int]:
    return {"cell": cell} if cell else {}


def _items(items: Sequence[dict[str, Any]]) -> Iterator[str]:
    last = len(items) - 1
    for index, item in enumerate(items):
        yield json.dumps(item) + ("," if index < last else "")
