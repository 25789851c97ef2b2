"""Outcomes of checks to be reported, and what each format is held against."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import xmlschema

from rlm_lsp.check.findings import Findings, collect
from rlm_lsp.check.gate import Comparison, Edited, Gate, Place
from rlm_lsp.check.judge import judge, unused_remarks
from rlm_lsp.check.report import github, gitlab, junit, sarif
from rlm_lsp.check.report import json as json_report
from rlm_lsp.check.report import text as text_report
from rlm_lsp.chunk.types import Directive, Problem
from rlm_lsp.compare import Change
from rlm_lsp.config import BudgetRule, Settings
from rlm_lsp.predict.results import FileResult, FunctionRow, Objective, Values

SCHEMAS = Path(__file__).parents[1] / "schemas"
OBJECTIVES = [Objective("latency@cpu", "s"), Objective("peak_heap@cpu", "B")]
SETTINGS = Settings(budgets=(BudgetRule("latency", 1e-3), BudgetRule("peak-heap", 25.0)))
SOURCE = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"
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
