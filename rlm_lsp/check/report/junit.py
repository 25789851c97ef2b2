"""JUnit XML as Jenkins and its kin read it: a suite for each file, and in it a test case for each function that has a budget.

What fails the check is a failure, what warns fails a case only in a strict check, and else stands in the case's output. A function that
became clearly dearer than in the base has a case too. Functions without a prediction, comments to be corrected and files that cannot be
analysed are skipped cases; strict checks make failures and errors of the latter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rlm_lsp.check.findings import FileProblem, Findings, problem_line
from rlm_lsp.check.gate import Gate, Place
from rlm_lsp.check.report.issues import Issue, issues, problem_place

_ILLEGAL = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class _Case:
    """A test case to be: a function, or what stands for a comment or a file."""

    place: Place
    name: str
    issues: list[Issue] = field(default_factory=list)
    skipped: str | None = None
    error: str | None = None


def lines(findings: Findings, gate: Gate, *, strict: bool = False) -> Iterator[str]:
    """The document."""
    suites: defaultdict[str, list[_Case]] = defaultdict(list)
    for case in sorted(_cases(findings, gate, strict), key=lambda case: (case.place, case.name)):
        suites[case.place.path].append(case)
    root = Element("testsuites", {"name": "rlm-lsp"})
    for path, cases in suites.items():
        root.append(_suite(path, cases, findings.model, strict))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield tostring(root, encoding="unicode")


def _cases(findings: Findings, gate: Gate, strict: bool) -> list[_Case]:
    cases = {(held.place, held.key): _Case(held.place, held.key) for held in gate.held}
    for held in gate.held:
        if held.unknown is not None:
            cases[held.place, held.key].skipped = f"no prediction: {held.unknown}"
    named = {held.place: held.key for held in gate.held}
    for issue in issues(findings, gate):
        name = named.get(issue.place, issue.key) if issue.place.name else f"{issue.rule}, line {issue.place.line}"
        case = cases.setdefault((issue.place, name), _Case(issue.place, name))
        if issue.place.name or strict:
            case.issues.append(issue)
        else:
            case.skipped = issue.whole_message
    return [*cases.values(), *(_file_case(problem, strict) for problem in findings.problems)]


def _file_case(problem: FileProblem, strict: bool) -> _Case:
    reason = problem_line(problem.problem)
    case = _Case(problem_place(problem.path, problem.cell, problem.problem.line), problem.problem.code)
    if strict:
        case.error = reason
    else:
        case.skipped = reason
    return case


def _suite(path: str, cases: list[_Case], model: str, strict: bool) -> Element:
    suite = Element("testsuite", {"name": _legal(path), "tests": str(len(cases))})
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", {"name": "model", "value": _legal(model)})
    for case in cases:
        suite.append(_case(case, strict))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in suite)))
    return suite


def _case(case: _Case, strict: bool) -> Element:
    place = case.place
    name = f"{case.name} (cell {place.cell})" if place.cell else case.name
    element = Element("testcase", {"name": _legal(name), "classname": _legal(place.path)})  # Jenkins allows neither file nor line
    said = []
    for issue in case.issues:
        if issue.level == "error" or (issue.level == "warning" and strict):
            failure = SubElement(element, "failure", {"type": issue.rule, "message": _legal(issue.message)})
            failure.text = _legal(f"{place.where}: {issue.message}")
        else:
            said.append(f"{issue.level}: {issue.message}")
    if case.error is not None:
        SubElement(element, "error", {"type": case.name, "message": _legal(case.error)})
    if case.skipped is not None:
        SubElement(element, "skipped", {"message": _legal(case.skipped)})
    if said:
        SubElement(element, "system-out").text = _legal("\n".join(said))
    return element


def _legal(text: str) -> str:
    """Text without characters that XML 1.0 cannot hold, not even escaped: they become Python's escapes."""
    return _ILLEGAL.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)
