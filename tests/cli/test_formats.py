"""The report's formats: held against their published schemas, on names that try to break out of them."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import fastjsonschema
import pytest
import xmlschema

from rlm_lsp.check.gate import Comparison, Edited, Gate, Place, shown
from rlm_lsp.check.report import github, junit, sarif
from rlm_lsp.check.report.issues import RULES, issues
from rlm_lsp.check.report.regions import Regions
from rlm_lsp.chunk.types import Directive, Problem
from rlm_lsp.compare import Change
from rlm_lsp.predict.results import FileResult
from tests.cli.formats import (
    DEAR,
    HOSTILE,
    check_github,
    compared,
    function,
    junit_schema,
    outcome,
    reports,
    results,
    sarif_schema,
    validate,
)


def test_all_formats_are_what_their_schemas_ask_for() -> None:
    validate(reports(*outcome(results(), compared(), ("a note: 1, 2",))))
    validate(reports(*outcome([])))


def test_the_schemas_refuse_what_is_wrong() -> None:
    rendered = reports(*outcome(results()))
    document = json.loads(rendered["sarif"])
    document["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(fastjsonschema.JsonSchemaException):
        sarif_schema()(document)
    with pytest.raises(xmlschema.XMLSchemaException):
        junit_schema().validate(rendered["junit"].replace("<testcase name=", "<testcase label="))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_out_of_a_format(name: str) -> None:
    row, problem = function(name, 3, DEAR), Problem("syntax", name, 1)
    directive = Directive("ignore", (), (), 3, 0, 0, f"unknown metric {name!r}", None)
    of = [FileResult(f"src/{name}", "python", [row], [problem], [(-1, directive)]), FileResult(name, "python", [row], [])]
    change = Change("latency", "s", 1e-3, 2e-3, 2.0, "dearer", 1.3)
    place = Place(shown(name), 0, 3, 5, shown(name))
    findings, gate = outcome(of, Comparison(name, [Edited(place, [change])], [], [], [], None))
    rendered = reports(findings, Gate(gate.broken, 0, gate.remarks, None, (), gate.held))
    validate(rendered)
    machine = {"sarif": sarif.lines(findings, gate, lambda *_: None), "github": github.lines(findings, gate)}
    sarif_schema()(json.loads("".join(machine["sarif"])))
    commands = check_github("".join(f"{line}\n" for line in machine["github"]))
    assert {properties["file"] for _, properties, _ in commands} == {shown(f"src/{name}"), shown(name), "pipe"}
    tree = ElementTree.fromstring(rendered["junit"].partition("\n")[2])
    assert len(tree.findall("testsuite")) == 3
    assert {len(suite.findall("testcase")) for suite in tree} <= {1, 3}
    for line in rendered["text"].splitlines():
        assert not line.lstrip().startswith("::")


def test_levels_places_and_values_in_sarif() -> None:
    findings, gate = outcome(results(), compared())
    log = json.loads(reports(findings, gate)["sarif"])["runs"][0]
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    found = [
        (item["ruleId"], item["level"], item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for item in log["results"]
    ]
    assert found == [
        ("latency-budget", "error", "nb.ipynb"),
        ("latency-budget", "error", "nb.ipynb"),
        ("latency-budget", "warning", "src/a.py"),
        ("peak-heap-budget", "error", "src/a.py"),
        ("latency-budget", "error", "src/b.py"),
        ("unused-directive", "warning", "src/b.py"),
        ("latency-change", "error", "src/b.py"),
        ("malformed-directive", "warning", "src/b.py"),
    ]
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in log["results"])
    in_notebook, dear, change = log["results"][1], log["results"][4], log["results"][6]
    assert in_notebook["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert in_notebook["properties"] | {"cell": 10, "line": 1} == in_notebook["properties"]
    assert "(cell 10, line 1)" in in_notebook["message"]["text"]
    assert dear["properties"] == {
        "metric": "latency",
        "unit": "s",
        "p10": 2e-3,
        "p50": 3e-3,
        "p90": 9e-3,
        "limit": 1e-3,
        "model": "tiny",
    }
    assert (change["properties"]["old"], change["properties"]["new"], change["properties"]["ratio"]) == (1e-4, 4.2e-4, 4.2)
    notices = [(item["descriptor"]["id"], item["level"]) for item in log["invocations"][0]["toolExecutionNotifications"]]
    assert notices == [("binary", "warning"), ("syntax", "warning"), ("unreadable", "warning")]


def test_what_a_baseline_accepts_is_suppressed_or_left_out() -> None:
    findings, gate = outcome(results()[:1])
    (broken,) = gate.broken
    rendered = reports(findings, replace(gate, broken=[replace(broken, accepted=True)]))
    (result,) = (item for item in json.loads(rendered["sarif"])["runs"][0]["results"] if item["ruleId"] == "latency-budget")
    assert (result["level"], result["suppressions"][0]["kind"]) == ("note", "external")
    assert "Dear.run" not in rendered["github"]
    assert "Dear.run" not in rendered["gitlab"]
    case = ElementTree.fromstring(rendered["junit"].partition("\n")[2]).find(".//testcase[@name='Dear.run']")
    assert case is not None
    assert (case.find("failure"), case.findtext("system-out", "").partition(":")[0]) == (None, "note")


def test_fingerprints_last_while_lines_move() -> None:
    def prints(of: list[FileResult]) -> dict[tuple[str, str, str], str]:
        return {(issue.rule, issue.place.path, issue.key): issue.fingerprint for issue in issues(*outcome(of))}

    before = prints(results())
    moved = [
        FileResult(
            item.path,
            item.language,
            [function("new", 1, DEAR), *(row._replace(line=row.line + 40, column=9) for row in item.functions)],
            item.problems,
            [(place + 1 if place >= 0 else -1, directive) for place, directive in item.directives],
            item.cell + 1 if item.cell else 0,
        )
        for item in results()
    ]
    after = prints(moved)
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(after) > len(before)


def test_junit_has_a_case_for_each_function_with_a_budget() -> None:
    findings, gate = outcome(results(), compared())
    tree = ElementTree.fromstring("".join(junit.lines(findings, gate)).partition("?>")[2])
    cases = {(case.get("classname"), case.get("name")): [child.tag for child in case] for case in tree.iter("testcase")}
    assert cases == {
        ("broken.py", "binary"): ["skipped"],
        ("nb.ipynb", "dear (cell 3)"): ["failure"],
        ("nb.ipynb", "dear#2 (cell 10)"): ["failure"],
        ("nb.ipynb", "syntax (cell 10)"): ["skipped"],
        ("pipe", "unreadable"): ["skipped"],
        ("src/a.py", "likely"): ["system-out"],
        ("src/a.py", "fat"): ["failure"],
        ("src/a.py", "lost"): ["skipped"],
        ("src/b.py", "Dear.run"): ["failure"],
        ("src/b.py", "quick"): ["failure"],
        ("src/b.py", "unused-directive, line 30"): ["skipped"],
        ("src/b.py", "malformed-directive, line 41"): ["skipped"],
    }
    assert (tree.get("tests"), tree.get("failures"), tree.get("errors")) == ("12", "5", "0")
    strict = ElementTree.fromstring("".join(junit.lines(findings, gate, strict=True)).partition("?>")[2])
    assert (strict.get("failures"), strict.get("errors")) == ("8", "3")


def test_github_says_where_and_escapes() -> None:
    findings, gate = outcome([FileResult("a,b:c%.py", "python", [function("f", 3, DEAR)], [])], notes=("50 %\nof it",))
    commands = check_github(reports(findings, gate)["github"])
    assert commands[0][:2] == ("error", {"file": "a,b:c%.py", "line": "3", "col": "5", "title": "rlm-lsp latency-budget"})
    assert commands[-1] == ("notice", {"title": "rlm-lsp"}, "50 %\nof it")
    assert "file=a%2Cb%3Ac%25.py," in reports(findings, gate)["github"]


@pytest.mark.parametrize(
    ("line", "name", "column", "expected"),
    [
        ("def total(xs):", "total", 5, (5, 10)),
        ("/* 😀é */ function total() {}", "total", 19, (20, 25)),
        ("def \U0001d41f(x):", "\U0001d41f", 5, (5, 7)),
        ("void Stack::push(int x) {", "Stack::push", 6, (6, 17)),
        ("    def push(self):", "Stack.push", 9, (9, 13)),
        ("x = 1", "<module>", 1, (1, None)),
        ("short", "total", 99, (99, None)),
    ],
)
def test_columns_are_utf_16(line: str, name: str, column: int, expected: tuple[int, int | None]) -> None:
    text = f"\ufeffone\r\ntwo\rthree \u2028 still three\n{line}\n".encode()
    regions = Regions(lambda path, cell: text if (path, cell) == ("a", 0) else None)
    assert regions.columns(Place("a", 0, 4, column, name)) == expected
    assert regions.columns(Place("gone", 0, 4, column, name)) == (column, None)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_is_that_of_places(order: int) -> None:
    rendered = reports(*outcome(results()[::order], compared()))
    assert rendered == reports(*outcome(results(), compared()))
    places = [(issue.place.path, issue.place.cell, issue.place.line) for issue in issues(*outcome(results(), compared()))]
    assert places == sorted(places)
