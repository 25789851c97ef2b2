"""The report in the format that was asked for, and what is said on stderr beside it. Each format is imported when it is needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from rlm_lsp.check.findings import Findings, problem_line, untrained_lines
from rlm_lsp.check.gate import Gate, module_name
from rlm_lsp.check.options import CheckOptions
from rlm_lsp.check.report.regions import ReadModule
from rlm_lsp.check.terminal import say, wants_colour


def lines(options: CheckOptions, findings: Findings, gate: Gate, read: ReadModule, missing: list[str]) -> Iterator[str]:
    """The report's lines. ``read`` and ``missing``: see ``sarif.lines``."""
    limit = None if options.top == "all" else options.top
    if options.format == "json":
        from rlm_lsp.check.report import json as json_report

        return json_report.lines(findings, limit, gate, with_statistics=options.statistics)
    if options.format == "sarif":
        from rlm_lsp.check.report import sarif

        return sarif.lines(findings, gate, read, missing, with_statistics=options.statistics)
    if options.format == "text":
        return _text(options, findings, gate, limit)
    if options.statistics:  # these formats have no place for them
        _say_statistics(findings, gate)
    if options.format == "github":
        from rlm_lsp.check.report import github

        return github.lines(findings, gate)
    if options.format == "gitlab":
        from rlm_lsp.check.report import gitlab

        return gitlab.lines(findings, gate)
    from rlm_lsp.check.report import junit

    return junit.lines(findings, gate, strict=options.strict)


def file_list(options: CheckOptions, paths: list[str]) -> Iterator[str]:
    """What ``--show-files`` prints: JSON if that is the format, else a line for each file."""
    if options.format == "json":
        yield json.dumps({"schema": 1, "files": paths})
        return
    for path in paths:
        yield f"./{path}" if path.startswith("::") else path  # which a runner of GitHub Actions would take for a command


def _text(options: CheckOptions, findings: Findings, gate: Gate, limit: int | None) -> Iterator[str]:
    """The report for people, after what a person must know of the run has been said."""
    from rlm_lsp.check.report import text

    for path, cell, problem in findings.problems:
        say(f"{module_name(path, cell)}: {problem_line(problem)}")
    for line in untrained_lines(findings):
        say(line)
    for remark in gate.remarks:
        say(f"{remark.where}: {remark.text}")
    for note in gate.notes:
        say(note)
    if options.top is None and options.output_file is None and sys.stdout.isatty():
        limit = text.TERMINAL_ROWS
    colour = options.output_file is None and wants_colour(sys.stdout)
    return text.lines(findings, limit, gate, colour=colour, with_statistics=options.statistics)


def _say_statistics(findings: Findings, gate: Gate) -> None:
    from rlm_lsp.check.report import outcome

    for line in outcome.statistics(findings, gate):
        say(line)
