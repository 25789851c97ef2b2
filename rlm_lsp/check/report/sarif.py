"""SARIF 2.1.0, as code hosts and editors read it.

Paths are relative to the folder that the check ran in. A notebook's results stand at its first line, as those of its cells are no lines
of the file: message and properties say cell and line. What is wrong with a file is a notification of the invocation, no result.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rlm_lsp import __version__
from rlm_lsp.check.findings import FileProblem, Findings, problem_line, statistics
from rlm_lsp.check.gate import Gate
from rlm_lsp.check.report.issues import RULES, Issue, issues
from rlm_lsp.check.report.regions import ReadModule, Regions

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_UNESCAPED = frozenset(b"/-._~!$&'()*+,;=@0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_RULE_NUMBERS = {rule: number for number, rule in enumerate(RULES)}


def lines(findings: Findings, gate: Gate, read: ReadModule, missing: Sequence[str] = (), *, with_statistics: bool = False) -> Iterator[str]:
    """The log as one JSON document, one result a line. ``missing`` says which paths were named and are not there."""
    regions = Regions(read)
    yield f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{{'
    yield f'"tool": {json.dumps({"driver": _driver()})},'
    yield '"columnKind": "utf16CodeUnits", "results": ['
    yield from _items([_result(issue, regions) for issue in issues(findings, gate)])
    yield f'], "invocations": [{{"executionSuccessful": {json.dumps(not missing)}, "toolExecutionNotifications": ['
    notes = [{"level": level, "message": {"text": text}} for level, texts in (("error", missing), ("note", gate.notes)) for text in texts]
    yield from _items([*map(_problem, findings.problems), *notes])
    properties: dict[str, Any] = {
        "model": findings.model,
        "device": findings.device,
        "files": findings.files,
        "functions": len(findings.functions),
        "ignored": gate.suppressed,
    }
    if gate.comparison is not None:
        properties["base"] = gate.comparison.base
    if with_statistics:
        properties["statistics"] = statistics(findings)
    yield f']}}], "properties": {json.dumps(properties)}}}]}}'


def _driver() -> dict[str, Any]:
    rules = [
        {
            "id": name,
            "name": "".join(map(str.capitalize, name.split("-"))),
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.summary},
            "help": {"text": rule.advice, "markdown": rule.advice},
            "defaultConfiguration": {"level": rule.level},
            "properties": {"tags": ["performance"], "problem.severity": rule.level},
        }
        for name, rule in RULES.items()
    ]
    return {"name": "rlm-lsp", "version": __version__, "semanticVersion": __version__, "rules": rules}


def _result(issue: Issue, regions: Regions) -> dict[str, Any]:
    place = issue.place
    columns = regions.columns(place) if place.name and not place.cell else None
    region: dict[str, Any] = {"startLine": issue.position[0]}
    if columns:
        region |= {"startColumn": columns.start} | ({"endLine": place.line, "endColumn": columns.end} if columns.end else {})
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(place.path)}, "region": region}}
    if place.name:
        location["logicalLocations"] = [{"name": place.name, "fullyQualifiedName": f"{place.path}::{issue.key}", "kind": "function"}]
    in_notebook = {"cell": place.cell, "line": place.line, "column": place.column} if place.cell else {}
    return {
        "ruleId": issue.rule,
        "ruleIndex": _RULE_NUMBERS[issue.rule],
        "level": issue.level,
        "message": {"text": issue.whole_message},
        "locations": [location],
        "partialFingerprints": {"rlmLspFunction/v1": issue.fingerprint},
        **({"suppressions": [{"kind": "external", "justification": "in the baseline file"}]} if issue.accepted else {}),
        "properties": {**issue.values, **in_notebook},
    }


def _problem(problem: FileProblem) -> dict[str, Any]:
    reason, line = problem_line(problem.problem), problem.problem.line
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.path)}}
    if line and not problem.cell:
        physical["region"] = {"startLine": line}
    return {
        "descriptor": {"id": problem.problem.code},
        "level": "warning",
        "message": {"text": f"cell {problem.cell}: {reason}" if problem.cell else reason},
        "locations": [{"physicalLocation": physical}],
    }


def _uri(path: str) -> str:
    """A path as a URI reference (RFC 3986); one whose first part holds a colon would be read as having a scheme."""
    text = "".join(chr(byte) if byte in _UNESCAPED else f"%{byte:02X}" for byte in path.encode("utf-8", "backslashreplace"))
    return f"file://{text}" if text.startswith("/") else text


def _items(items: list[dict[str, Any]]) -> Iterator[str]:
    last = len(items) - 1
    for index, item in enumerate(items):
        yield json.dumps(item) + ("," if index < last else "")
