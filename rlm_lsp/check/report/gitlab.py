"""GitLab's Code Quality report: a JSON array of issues, those of files that cannot be analysed among them.

It is shown by lines of files, so a notebook's issues stand at its first line and say their cell.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from rlm_lsp.check.findings import FileProblem, Findings, problem_line
from rlm_lsp.check.gate import Gate
from rlm_lsp.check.report.issues import Level, issues

_SEVERITIES: dict[Level, str] = {"error": "major", "warning": "minor", "note": "info"}


def lines(findings: Findings, gate: Gate) -> Iterator[str]:
    """The report, one issue a line. What the baseline accepts is left out: GitLab keeps a baseline of its own."""
    found = [
        _entry(issue.rule, issue.whole_message, issue.fingerprint, issue.level, issue.place.path, issue.position[0])
        for issue in issues(findings, gate)
        if not issue.accepted
    ]
    items = [*found, *_problems(findings.problems)]
    yield "["
    for index, item in enumerate(items):
        yield json.dumps(item) + ("," if index < len(items) - 1 else "")
    yield "]"


def _problems(problems: Sequence[FileProblem]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str, str]] = Counter()
    for path, cell, problem in problems:
        message = f"cell {cell}: {problem_line(problem)}" if cell else problem_line(problem)
        seen[path, problem.code] += 1
        digest = sha256(f"{path}\0{problem.code}\0{seen[path, problem.code]}".encode("utf-8", "backslashreplace")).hexdigest()[:32]
        yield _entry(problem.code, message, digest, "note", path, 1 if cell else problem.line or 1)


def _entry(rule: str, message: str, fingerprint: str, level: Level, path: str, line: int) -> dict[str, Any]:
    return {
        "description": message,
        "check_name": rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[level],
        "location": {"path": path, "lines": {"begin": line}},
    }
