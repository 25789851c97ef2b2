"""Workflow commands of GitHub Actions: an annotation for each issue, and for each file that cannot be analysed.

Annotations are shown on the lines of files, so a notebook's stand at its first line and say their cell.
"""

from __future__ import annotations

from collections.abc import Iterator

from rlm_lsp.check.findings import Findings, problem_line
from rlm_lsp.check.gate import Gate
from rlm_lsp.check.report.issues import issues

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def lines(findings: Findings, gate: Gate) -> Iterator[str]:
    """One command a line. What the baseline accepts is passed by: annotations are few, and there is nothing to be done."""
    for issue in issues(findings, gate):
        if not issue.accepted:
            line, column = issue.position
            position = {"line": str(line), "col": str(column)} if issue.place.name else {"line": str(line)}
            place = {"file": issue.place.path, **position, "title": f"rlm-lsp {issue.rule}"}
            yield _command(_COMMANDS[issue.level], place, issue.whole_message)
    for path, cell, problem in findings.problems:
        at = {"file": path, "line": str(1 if cell else problem.line or 1), "title": "rlm-lsp"}
        yield _command("warning", at, f"cell {cell}: {problem_line(problem)}" if cell else problem_line(problem))
    for note in gate.notes:
        yield _command("notice", {"title": "rlm-lsp"}, note)


def _command(command: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {written}::{_data(message)}"


def _data(text: str) -> str:
    """A message, escaped as the runner's toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
