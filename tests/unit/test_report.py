from __future__ import annotations

import json
from typing import Any

import pytest

from rlm_lsp.budget import Breach
from rlm_lsp.check.findings import Findings, collect
from rlm_lsp.check.gate import Broken, Comparison, Edited, Gate, Place
from rlm_lsp.check.report import json as json_report
from rlm_lsp.check.report import text as text_report
from rlm_lsp.chunk.types import Directive, Problem
from rlm_lsp.compare import Change
from rlm_lsp.predict.results import FileResult, FunctionRow, Objective, Values

OBJECTIVES = (Objective("latency@cpu", "s"), Objective("peak_heap@cpu", "B"))
FAST = Values([[1e-6, 2e-6, 4e-6], [0.0, 0.0, 56.0]])
SLOW = Values([[0.0004, 0.0012, 0.0031], [1.2e6, 3.4e6, 8.8e6]])
WIDE = Values([[0.0001, 0.0012, 0.11], [1000.0, 5000.0, 60_000.0]], partial=True)
LONG = Values(None, ("too-long", "5,000 tokens; the model reads at most 4,096"))
PROGRAM = Values(None, ("untrained-kind", "Not trained for python program"))
RESULTS = [
    FileResult(
        "src/http.py",
        "python",
        [FunctionRow("<module>", "program", 1, 1, 50, PROGRAM), FunctionRow("Session.request", "function", 41, 9, 49, SLOW)],
        [Problem("syntax", "line 7: syntax error", 7)],
    ),
    FileResult("a.py", "python", [FunctionRow("f", "function", 1, 5, 2, FAST), FunctionRow("g", "function", 4, 5, 900, LONG)], []),
    FileResult("b.py", "python", [FunctionRow("h", "function", 3, 5, 4, WIDE), FunctionRow("again", "function", 9, 5, 9, SLOW)], []),
    FileResult("broken\n.py", "python", (), [Problem("binary", "Holds NUL bytes")]),
]


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of 80 columns, whatever terminal the tests run in."""
    monkeypatch.setenv("COLUMNS", "80")


def findings(results: list[FileResult] = RESULTS) -> Findings:
    return collect(results, [("pipe", Problem("unreadable", "Not a regular file"))], "tiny", "a test bench", OBJECTIVES)


def test_the_table() -> None:
    assert list(text_report.lines(findings(), None)) == [
        "    latency  p10–p90      peak heap  p10–p90     function           where",
        "~0.1–100 ms                    5 kB  1–60 kB     h (its beginning)  b.py:3",
        "     1.2 ms  0.40–3.1 ms     3.4 MB  1.2–8.8 MB  again              b.py:9",
        "     1.2 ms  0.40–3.1 ms     3.4 MB  1.2–8.8 MB  Session.request  src/http.py:41",
        "     2.0 µs  1.0–4.0 µs         0 B  0–60 B      f                  a.py:1",
        "          ?  too-long                            g                  a.py:4",
        "",
        "6 functions in 4 files, 2 without a prediction (1 too-long, 1 untrained-kind)",
        "predicted by tiny for a test bench; not measured",
    ]


def test_top_cuts_the_table_and_says_so() -> None:
    lines = list(text_report.lines(findings(), 1))
    assert [line.split()[-1] for line in lines[1:2]] == ["b.py:3"]
    assert lines[2] == "4 more functions are not shown; --top all shows them"


def test_colour_adds_escapes_and_nothing_else() -> None:
    plain = list(text_report.lines(findings(), None))
    coloured = list(text_report.lines(findings(), None, colour=True))
    assert coloured != plain
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m"):
        coloured = [line.replace(code, "") for line in coloured]
    assert coloured == plain


def test_no_functions_no_table() -> None:
    nothing = collect([], [], "tiny", "a test bench", OBJECTIVES)
    assert list(text_report.lines(nothing, None)) == ["0 functions in 0 files"]


def test_json_is_schema_1() -> None:
    report = json.loads("\n".join(json_report.lines(findings(), None)))
    assert report["schema"] == 1
    assert report["model"] == "tiny"
    assert [function["name"] for function in report["functions"]] == ["h", "again", "Session.request", "f", "g", "<module>"]
    assert report["functions"][3] == {
        "path": "a.py",
        "name": "f",
        "language": "python",
        "line": 1,
        "column": 5,
        "predictions": {
            "latency@cpu": {"p10": 1e-6, "p50": 2e-6, "p90": 4e-6, "unit": "s"},
            "peak_heap@cpu": {"p10": 0.0, "p50": 0.0, "p90": 56.0, "unit": "B"},
        },
    }
    assert report["functions"][0]["partial"] is True
    assert report["functions"][4]["unknown"] == "too-long: 5,000 tokens; the model reads at most 4,096"
    assert report["problems"] == [
        {"path": "broken\\n.py", "reason": "binary: Holds NUL bytes"},
        {"path": "pipe", "reason": "unreadable: Not a regular file"},
        {"path": "src/http.py", "reason": "syntax: line 7: syntax error"},
    ]


def test_json_top() -> None:
    report: dict[str, Any] = json.loads("\n".join(json_report.lines(findings(), 2)))
    assert [function["name"] for function in report["functions"]] == ["h", "again"]


def test_the_order_of_results_makes_no_difference() -> None:
    for report in (text_report, json_report):
        assert list(report.lines(findings(RESULTS[::-1]), None)) == list(report.lines(findings(), None))


def test_a_file_result_survives_the_cache() -> None:
    for result in RESULTS:
        assert FileResult.decode(result.encode(), result.path, result.language) == FileResult(
            result.path, result.language, [row._replace(values=_as_json(row.values)) for row in result.functions], list(result.problems), []
        )


def test_directives_survive_the_cache() -> None:
    ignore = Directive("ignore", ("latency",), (), 3, 4, 5, None, 6)
    budget = Directive("budget", (), (("latency", 0.005),), 1, 2, 3, "wrong", None)
    result = FileResult("a.py", "python", [], [], [(0, ignore), (-1, budget)])
    assert FileResult.decode(result.encode(), "a.py", "python") == result


def _as_json(values: Values) -> Values:
    """Tuples are lists in JSON; they are used alike."""
    return values._replace(unknown=list(values.unknown) if values.unknown else None)  # type: ignore[arg-type]  # see above


def test_a_result_that_asking_again_may_improve_is_not_complete() -> None:
    assert all(result.complete for result in RESULTS)
    lost = Values(None, ("worker-unavailable", "died"))
    assert not FileResult("a.py", "python", [FunctionRow("f", "function", 1, 5, 2, lost)], []).complete
    assert not FileResult("a.py", "python", [], [Problem("crashed", "the chunker died twice over this input")]).complete


def test_what_fails_stands_below_the_table() -> None:
    place = Place("src/a.py", 0, 3, 5, "f")
    far = Place("src/http.py", 0, 41, 9, "Session.a_request_with_a_long_name")
    gate = Gate(
        broken=[
            Broken(place, Breach("latency", 0.001, "error", "p10", 0.00104), (0.00104, 0.002, 0.004), "f"),
            Broken(far, Breach("peak-heap", float(64 << 20), "warning", "p50", 7e7), (6e7, 7e7, 8e7), far.name),
            Broken(place, Breach("peak-heap", 1.0, "error", "p10", 2.0), (2.0, 3.0, 4.0), "f", accepted=True),
        ],
        suppressed=2,
        comparison=Comparison(
            "main (parted at 0123456789)",
            [
                Edited(
                    place, [Change("latency", "s", 1e-3, 5e-3, 5.0, "dearer", 2.0), Change("peak-heap", "B", 1e6, 1e6, 1.0, "same", 2.0)]
                ),
                Edited(far, [Change("latency", "s", 1e-3, 5e-3, 5.0, "dearer", 2.0)], None, frozenset({"latency"})),
                Edited(place, [Change("peak-heap", "B", 9e6, 3e6, 1 / 3, "within-band", 4.0)], far),
            ],
            [place],
            [],
            [(far, place)],
            {"latency@cpu": 2.0, "peak_heap@cpu": 4.0},
        ),
    )
    assert (gate.errors, gate.warnings) == (2, 1)
    lines = list(text_report.lines(findings([]), None, gate))
    assert lines == [
        "over budget",
        "error     latency    1.04 ms > 1 ms  (p10)  f  src/a.py:3",
        "warning   peak heap  70 MB > 64 MiB  (p50)",
        "      of  Session.a_request_with_a_long_name  src/http.py:41",
        "accepted  peak heap  2 B > 1 B       (p10)  f  src/a.py:3",
        "2 more are ignored by comments",
        "",
        "compared with main (parted at 0123456789)",
        "dearer    latency    1.0 ms → 5.0 ms  5x     f  src/a.py:3",
        "ignored   latency    1.0 ms → 5.0 ms  5x",
        "      of  Session.a_request_with_a_long_name  src/http.py:41",
        "unsure    peak heap  9.0 MB → 3.0 MB  0.33x  f  src/a.py:3",
        "added     f  src/a.py:3",
        "moved     Session.a_request_with_a_long_name  src/http.py:41",
        "      to  f  src/a.py:3",
        "3 edited, 1 added, 0 removed, 1 moved",
        "unsure: not beyond this model's error for pairs (latency 2x, peak heap 4x)",
        "",
        "0 functions in 0 files",
    ]
    document = json.loads("\n".join(json_report.lines(findings([]), None, gate, with_statistics=True)))
    assert [item["accepted"] for item in document["budgets"]] == [False, False, True]
    assert document["comparison"]["edited"][1]["changes"][0] | {"ignored": True} == document["comparison"]["edited"][1]["changes"][0]
    assert document["statistics"] == {"functions": {}, "unknown": {}}


def test_long_names_and_paths_do_not_widen_other_rows() -> None:
    long = "a_function_with_a_name_that_is_as_long_as_a_sentence"
    rows = [FunctionRow(name, "function", 1, 5, 2, FAST) for name in (long, "f", "short_one")]
    lines = list(text_report.lines(findings([FileResult("src/a/b.py", "python", rows, [])]), None))[:4]
    ends = [line[line.index("function" if index == 0 else line.split()[-2]) :] for index, line in enumerate(lines)]
    assert ends == ["function   where", f"{long}  src/a/b.py:1", "f          src/a/b.py:1", "short_one  src/a/b.py:1"]
