"""The report's formats: held against their published schemas, on names that try to break out of them, and from end to end."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fastjsonschema
import pytest
import xmlschema

from rlm_lsp.check.findings import Findings, collect
from rlm_lsp.check.gate import Comparison, Edited, Gate, Place, shown
from rlm_lsp.check.judge import judge, unused_remarks
from rlm_lsp.check.report import github, gitlab, junit, sarif
from rlm_lsp.check.report import json as json_report
from rlm_lsp.check.report import text as text_report
from rlm_lsp.check.report.issues import RULES, issues
from rlm_lsp.check.report.regions import Regions
from rlm_lsp.chunk.types import Directive, Problem
from rlm_lsp.compare import Change
from rlm_lsp.config import BudgetRule, Settings
from rlm_lsp.predict.results import FileResult, FunctionRow, Objective, Values
from tests.conftest import RunCli

SCHEMAS = Path(__file__).parents[1] / "schemas"
OBJECTIVES = [Objective("latency@cpu", "s"), Objective("peak_heap@cpu", "B")]
SETTINGS = Settings(budgets=(BudgetRule("latency", 1e-3), BudgetRule("peak-heap", 25.0)))
MACHINE_FORMATS = ("json", "sarif", "github", "gitlab", "junit")
HOSTILE = (
    "quotes\"'<b>&amp;",
    "]]><failure/>",
    "a::error file=b,line=1::c%0A%2C",
    "::stop-commands::x",
    "new\nline\r\n::error::owned",
    "lone \ud800 surrogate",
    "undecodable \udce9\udcff",
    "\x1b[31mred\x1b]0;title\x07",
    "nul\0 and \x0b\x0c\x7f\x85\u2028\u202e\ufffe\uffff",
    "C:\\folder,with:colons%20",
    "scheme:name",
    "😀 \u0301",
    "x" * 5_000,
)


def function(name: str, line: int, latency: tuple[float, float, float] = (1e-4, 2e-4, 4e-4), heap: float = 10.0) -> FunctionRow:
    return FunctionRow(name, "function", line, 5, line + 2, Values([latency, (heap, heap * 2, heap * 4)]))


DEAR = (2e-3, 3e-3, 9e-3)
LIKELY_DEAR = (5e-4, 2e-3, 9e-3)


def results() -> list[FileResult]:
    unused = Directive("ignore", ("latency",), (), 30, 0, 0, None, 5)
    malformed = Directive("ignore", (), (), 41, 0, 0, "unknown metric 'speed'", None)
    lost = FunctionRow("lost", "function", 50, 5, 52, Values(None, ("too-long", "5,000 tokens")))
    return [
        FileResult("src/b.py", "python", [function("Dear.run", 3, DEAR), function("quick", 31)], [], [(1, unused), (-1, malformed)]),
        FileResult("src/a.py", "python", [function("likely", 7, LIKELY_DEAR), function("fat", 9, heap=26.0), lost], []),
        FileResult("nb.ipynb", "python", [function("dear", 2, DEAR)], [], (), 3),
        FileResult("nb.ipynb", "python", [function("dear", 1, DEAR)], [Problem("syntax", "line 4: syntax error", 4)], (), 10),
        FileResult("broken.py", "python", [], [Problem("binary", "holds NUL bytes", 2)]),
    ]


def outcome(of: list[FileResult], comparison: Comparison | None = None, notes: tuple[str, ...] = ()) -> tuple[Findings, Gate]:
    findings = collect(of, [("pipe", Problem("unreadable", "Not a regular file"))], "tiny", "a test bench", OBJECTIVES)
    judged = judge(of, OBJECTIVES, SETTINGS, None, list_held=True)
    broken = sorted(judged.broken, key=lambda item: (item.place, item.breach.metric))
    remarks = sorted([*judged.remarks, *unused_remarks(judged.unused)])
    return findings, Gate(broken, judged.suppressed, remarks, comparison, notes, judged.held or ())


def compared() -> Comparison:
    dearer = Change("latency", "s", 1e-4, 4.2e-4, 4.2, "dearer", 1.3)
    edited = [
        Edited(Place("src/b.py", 0, 31, 5, "quick"), [dearer]),
        Edited(Place("src/c.py", 0, 1, 5, "quiet"), [dearer], ignored=frozenset({"latency"})),
    ]
    return Comparison("main (0123456789)", edited, [], [], [], {"latency@cpu": 1.3})


def reports(findings: Findings, gate: Gate) -> dict[str, str]:
    rendered = {
        "json": json_report.lines(findings, None, gate),
        "sarif": sarif.lines(findings, gate, lambda *_: None),
        "github": github.lines(findings, gate),
        "gitlab": gitlab.lines(findings, gate),
        "junit": junit.lines(findings, gate),
        "text": text_report.lines(findings, None, gate),
    }
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in rendered.items()}


@cache
def sarif_schema() -> Any:
    return fastjsonschema.compile(json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text("utf-8")))


@cache
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


def check_gitlab(text: str) -> list[dict[str, Any]]:
    """The fields that GitLab's documentation asks for."""
    entries: list[dict[str, Any]] = json.loads(text)
    for entry in entries:
        assert entry.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert re.fullmatch("[0-9a-f]{32}", entry["fingerprint"])
        assert not entry["location"]["path"].startswith("./")
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    return entries


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def check_github(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands, read as the runner reads them."""
    commands = []
    for line in text.split("\n")[:-1]:
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(item.split("=", 1) for item in match.group(2).split(","))
        assert properties.keys() <= {"file", "line", "col", "title"}
        commands.append((match.group(1), {key: unescaped(value) for key, value in properties.items()}, unescaped(match.group(3))))
    return commands


def unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def validate(rendered: dict[str, str]) -> None:
    sarif_schema()(json.loads(rendered["sarif"]))
    junit_schema().validate(rendered["junit"])
    check_gitlab(rendered["gitlab"])
    check_github(rendered["github"])
    json.loads(rendered["json"])
    for text in rendered.values():
        text.encode("utf-8")  # there are no lone surrogates
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028]", text)


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


SOURCE = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "rlm-lsp.toml").write_text("budgets = [{name = 'total', latency = '1e-9 ns'}]\n")
    (folder / "src").mkdir()
    (folder / "src" / "é.py").write_text(f"# 😀\n{SOURCE}", encoding="utf-8")
    (folder / "broken.py").write_text("def broken(:\n    pass\n")
    return folder


def test_each_format_from_end_to_end(cli: RunCli, project: Path, tiny_model: Path) -> None:
    rendered = {}
    for name in MACHINE_FORMATS:
        result = cli("check", ".", "--model", tiny_model, "--format", name)
        assert result.returncode == 1
        assert result.stderr == ""
        rendered[name] = result.stdout
    validate(rendered)
    (result,) = json.loads(rendered["sarif"])["runs"][0]["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "src/%C3%A9.py"},
        "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 10},
    }
    by_absolute_path = cli("check", str(project), "--model", tiny_model, "--format", "gitlab")
    assert by_absolute_path.stdout == rendered["gitlab"]
    assert [entry["location"]["path"] for entry in check_gitlab(by_absolute_path.stdout)] == ["src/é.py", "broken.py"]


def test_the_environment_chooses_a_format_and_the_command_line_another(cli: RunCli, project: Path, tiny_model: Path) -> None:
    assert cli("check", ".", "--model", tiny_model, RLM_LSP_OUTPUT_FORMAT="github").stdout.startswith("::error ")
    result = cli("check", ".", "--model", tiny_model, "--format", "gitlab", RLM_LSP_OUTPUT_FORMAT="github")
    check_gitlab(result.stdout)
    wrong = cli("check", ".", "--model", tiny_model, RLM_LSP_OUTPUT_FORMAT="yaml")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "RLM_LSP_OUTPUT_FORMAT is 'yaml'; there are text, json, sarif, github, gitlab, junit" in wrong.stderr


def test_an_output_file_is_replaced_as_a_whole(cli: RunCli, project: Path, tiny_model: Path) -> None:
    expected = cli("check", ".", "--model", tiny_model, "--format", "sarif").stdout
    (project / "old.sarif").write_text("old")
    (project / "link.sarif").symlink_to("old.sarif")
    (project / "old.sarif").chmod(0o640)
    result = cli("check", ".", "--model", tiny_model, "--format", "sarif", "--output-file", "link.sarif")
    assert (result.returncode, result.stdout) == (1, "")
    assert (project / "old.sarif").read_text("utf-8") == expected
    assert (project / "link.sarif").is_symlink()
    assert (project / "old.sarif").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in project.iterdir()) == sorted(["src", "broken.py", "rlm-lsp.toml", "old.sarif", "link.sarif"])
    text = cli("check", ".", "--model", tiny_model, "--output-file", "report.txt", FORCE_COLOR="1")
    assert text.stdout == ""
    assert "\x1b" not in (project / "report.txt").read_text("utf-8")
    if os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        full = cli("check", ".", "--model", tiny_model, "--output-file", "/dev/full")
        assert full.returncode == 2
        assert "rlm-lsp: error: /dev/full: No space left on device" in full.stderr


@pytest.mark.parametrize(("target", "said"), [("src", "it is a folder"), ("nowhere/report", "its folder does not exist")])
def test_an_output_file_that_cannot_be_is_said_before_the_work(cli: RunCli, project: Path, target: str, said: str) -> None:
    result = cli("check", ".", "--model", "/nothing", "--output-file", target)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"rlm-lsp: error: {target}: {said}\n"


def test_colour_can_be_forced_and_refused(cli: RunCli, project: Path, tiny_model: Path) -> None:
    plain = cli("check", ".", "--model", tiny_model, NO_COLOR="", FORCE_COLOR="").stdout
    forced = cli("check", ".", "--model", tiny_model, NO_COLOR="", FORCE_COLOR="1").stdout
    assert "\x1b" not in plain
    assert re.sub("\x1b\\[[0-9]*m", "", forced) == plain != forced
    assert cli("check", ".", "--model", tiny_model, NO_COLOR="1", FORCE_COLOR="1").stdout == plain


@pytest.mark.parametrize("name", MACHINE_FORMATS)
def test_statistics_files_and_settings_in_every_format(cli: RunCli, project: Path, tiny_model: Path, name: str) -> None:
    result = cli("check", "src", "--model", tiny_model, "--format", name, "--statistics", "--exit-zero")
    assert result.returncode == 0
    if name == "json":
        assert json.loads(result.stdout)["statistics"]["functions"] == {"python": 2}
    elif name == "sarif":
        assert json.loads(result.stdout)["runs"][0]["properties"]["statistics"]["functions"] == {"python": 2}
    else:
        assert "rlm-lsp: functions  2 python\n" in result.stderr
    files = cli("check", ".", "--format", name, "--show-files").stdout
    settings = cli("check", "--format", name, "--show-settings").stdout
    if name == "json":
        assert json.loads(files)["files"] == ["broken.py", "src/é.py"]
        assert json.loads(settings)["budgets"] == [{"metric": "latency", "limit": 1e-18, "unit": "s", "paths": [], "name": "total"}]
    else:
        assert files.splitlines() == ["broken.py", "src/é.py"]
        assert settings.startswith("settings file")


def test_a_path_is_no_workflow_command(cli: RunCli, project: Path) -> None:
    (project / "::error::x.py").write_text(SOURCE)
    assert cli("check", ".", "--show-files").stdout.splitlines()[0] == "./::error::x.py"


def test_a_missing_path_is_in_the_sarif_log(cli: RunCli, project: Path, tiny_model: Path) -> None:
    result = cli("check", "src", "gone.py", "--model", tiny_model, "--format", "sarif")
    assert result.returncode == 2
    (invocation,) = json.loads(result.stdout)["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"
