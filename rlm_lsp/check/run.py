"""``rlm-lsp check``: find files, predict, report."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal

from rlm_lsp.check.findings import Findings, collect, problem_line
from rlm_lsp.check.terminal import say, wants_colour, with_progress, write_lines
from rlm_lsp.check.walk import find_files
from rlm_lsp.paths import cache_folder
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import FileResult

Format = Literal["text", "json"]

OK, COULD_NOT_RUN, INTERRUPTED = 0, 2, 130


def check(paths: Sequence[str], model_folder: Path, output: Format, top: int | Literal["all"] | None, jobs: int | None) -> int:
    """Check files and folders, print the report on stdout, and return the exit code.

    0: done, even if some files could not be analysed (each has a line on stderr, or an entry under ``problems`` in JSON); 2: a path
    is missing, though the others have been checked; 130: interrupted, with all that was known by then in the cache.

    Raises:
        RlmLspError: the model's files are wrong, or a worker process cannot be started.
    """
    begun = time.monotonic()
    found = find_files(paths)
    model = identify(model_folder)
    results: list[FileResult] = []
    with Engine(model, cache_folder(), say, jobs) as engine:
        try:
            with closing(engine.check_files(found.files)) as checked:
                results.extend(with_progress(checked, len(found.files), "file"))
        except KeyboardInterrupt:
            say(f"interrupted with {len(results):,} of {len(found.files):,} files done; what is known is kept for the next run")
            return INTERRUPTED
    findings = collect(results, found.problems, model.id, model.device, model.objectives)
    _report(findings, output, top)
    for missing in found.missing:
        say(missing)
    if output == "text":
        say(f"checked in {time.monotonic() - begun:.1f} s")
    return COULD_NOT_RUN if found.missing else OK


def _report(findings: Findings, output: Format, top: int | Literal["all"] | None) -> None:
    limit = None if top == "all" else top
    if output == "json":
        from rlm_lsp.check.report import json as report  # the other one is not needed

        write_lines(report.lines(findings, limit), sys.stdout)
        return
    from rlm_lsp.check.report import text

    for path, problem in findings.problems:
        say(f"{path}: {problem_line(problem)}")
    if top is None and sys.stdout.isatty():
        limit = text.TERMINAL_ROWS
    write_lines(text.lines(findings, limit, colour=wants_colour(sys.stdout)), sys.stdout)
