"""``rlm-lsp check``: find files, predict, hold budgets and a base against the predictions, report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_lsp.budget import excluded
from rlm_lsp.check import judge, networks, settings
from rlm_lsp.check.findings import Findings, collect
from rlm_lsp.check.gate import Comparison, Gate, shown
from rlm_lsp.check.options import DEFAULT_BASELINE, CheckOptions
from rlm_lsp.check.output import deliver, ensure_writable
from rlm_lsp.check.report import formats
from rlm_lsp.check.sources import Sources, find_sources, module_reader, modules
from rlm_lsp.check.terminal import say, with_progress
from rlm_lsp.check.walk import Found
from rlm_lsp.chunk.types import Directive, Problem
from rlm_lsp.config import Settings
from rlm_lsp.paths import cache_folder, printable
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import ModelIdentity, identify
from rlm_lsp.predict.installed import model_folder
from rlm_lsp.predict.results import FileResult

if TYPE_CHECKING:
    from rlm_lsp.check.baseline import Baseline

OK, BROKEN, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class _Outcome:
    """What one run found out. ``only`` are the functions that are looked at (None: all), ``used`` directives that suppress a change."""

    judged: judge.Judgement
    read: Callable[[str], bytes | Problem]
    comparison: Comparison | None = None
    only: Collection[judge.Key] | None = None
    used: Collection[tuple[judge.Key, Directive]] = ()
    notes: tuple[str, ...] = ()
    whole_files: Collection[str] = ()  # paths, printable, of files all of whose functions were looked at


def check(options: CheckOptions) -> int:
    """Check files and folders, or a text on stdin; deliver the report, and return the exit code.

    0: done, and nothing is broken, even if some files could not be analysed (each has a line on stderr, or an entry under ``problems`` in
    JSON); 1: a budget is broken, or a function clearly dearer than in the base; 2: a path is missing, though the others have been checked;
    130: interrupted, with all that was known by then in the cache. ``--strict`` and ``--exit-zero`` move these lines.

    Raises:
        RlmLspError: the settings, the model's files or the baseline are wrong, git does not know the base, or a worker process cannot be
            started.
    """
    begun = time.monotonic()
    loaded = settings.load(options, Path.cwd())
    chosen = loaded.settings
    if options.output_file is not None:
        ensure_writable(options.output_file)
    if options.show_settings:
        deliver(settings.lines(loaded, options.format), options.output_file)
        return OK
    sources = find_sources(options)
    found = _within(sources.found, chosen)
    if options.show_files:
        deliver(formats.file_list(options, [shown(file.path) for file in found.files]), options.output_file)
        return _say_missing(found)
    model = identify(model_folder(chosen.model))
    known = _known(options)
    results: list[FileResult] = []
    with Engine(model, cache_folder(), say, options.jobs) as engine:
        try:
            outcome = _examine(engine, options, replace(sources, found=found), chosen, results)
        except KeyboardInterrupt:
            say(f"interrupted with {len(results):,} of {len(found.files):,} files done; what is known is kept for the next run")
            return INTERRUPTED
    judged = networks.judge(found.networks, chosen)
    findings = collect(results, [*found.problems, *judged.problems], model.id, model.device, model.objectives, outcome.only)
    gate = replace(_gate(outcome, known, model, chosen), networks=judged.budgets)
    if options.write_baseline:
        _write_baseline(options.baseline or DEFAULT_BASELINE, gate, model)
        return _say_missing(found)
    deliver(formats.lines(options, findings, gate, module_reader(found.files, outcome.read), found.missing), options.output_file)
    if options.format == "text":
        say(f"checked in {time.monotonic() - begun:.1f} s")
    return _say_missing(found) or _exit_code(options, findings, gate)


def _within(found: Found, chosen: Settings) -> Found:
    """What the settings leave of the files. What they exclude is excluded even where it is named: pre-commit names every file."""
    if not chosen.exclude and not chosen.disabled_languages:
        return found
    kept = [path for path in found.networks if not excluded(chosen, path)]
    files = [file for file in found.files if file.language not in chosen.disabled_languages and not excluded(chosen, file.path)]
    return replace(found, files=files, networks=kept)


def _say_missing(found: Found) -> int:
    for missing in found.missing:
        say(missing)
    return COULD_NOT_RUN if found.missing else OK


def _examine(engine: Engine, options: CheckOptions, sources: Sources, chosen: Settings, results: list[FileResult]) -> _Outcome:
    """Predict everything, and compare it if that is asked for. ``results`` fills as it goes."""
    objectives, found = engine.model.objectives, sources.found
    list_held = options.format == "junit"
    base = None
    if options.base is not None or options.staged or "PRE_COMMIT_FROM_REF" in os.environ:
        from rlm_lsp.check.base import difference, find_base  # only a comparison needs git

        base = find_base(options, Path.cwd(), os.environ, say, sources.read)
    files = found.files if base is None else [file for file in found.files if base.has(file.path)]
    read = base.read if base else sources.read
    with closing(engine.check_sources(modules(files, read))) as checked:
        results.extend(with_progress(checked, len(files), "file"))
    if base is None:
        notes = ("nothing is compared, so --diff-only looks at everything",) if options.diff_only else ()
        judged = judge.judge(results, objectives, chosen, None, list_held=list_held)
        return _Outcome(judged, read, notes=notes, whole_files=_paths(results))
    from rlm_lsp.check.changes import find_changes

    differing = difference(base, files, lambda path: not excluded(chosen, path))
    changes = find_changes(engine, differing, base.label, chosen, lambda path: _is_under(path, options.paths))
    only = changes.touched if options.diff_only else None
    notes = (f"files outside of this repository, which are not compared: {differing.elsewhere:,}",) if differing.elsewhere else ()
    whole_files = _paths(results) if only is None else ()
    judged = judge.judge(results, objectives, chosen, only, list_held=list_held)
    return _Outcome(judged, read, changes.comparison, only, changes.used, notes, whole_files)


def _paths(results: Sequence[FileResult]) -> Collection[str]:
    return [shown(result.path) for result in results]


def _is_under(path: str, named: Sequence[str]) -> bool:
    absolute = os.path.abspath(path)  # noqa: PTH100 - names are not always decodable, so paths are str throughout
    roots = (os.path.abspath(name) for name in named)  # noqa: PTH100
    return any(absolute == root or absolute.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _known(options: CheckOptions) -> Baseline | None:
    """The baseline that decides what is accepted."""
    if options.baseline is None or options.write_baseline:
        return None
    from rlm_lsp.check.baseline import read  # few runs have one

    return read(options.baseline)


def _write_baseline(path: Path, gate: Gate, model: ModelIdentity) -> None:
    from rlm_lsp.check.baseline import write

    write(path, gate.broken, model)
    say(f"wrote {len(gate.broken):,} broken budgets to {printable(str(path))}")


def _gate(outcome: _Outcome, known: Baseline | None, model: ModelIdentity, chosen: Settings) -> Gate:
    judged = outcome.judged
    broken = sorted(judged.broken, key=lambda item: (item.place, item.breach.metric))
    notes = list(outcome.notes)
    if known is not None:
        from rlm_lsp.check.baseline import apply

        broken, about = apply(known, broken, model, chosen, outcome.whole_files)
        notes += about
    unused = [item for item in judged.unused if item not in outcome.used]
    remarks = sorted([*judged.remarks, *judge.unused_remarks(unused)])
    return Gate(broken, judged.suppressed, remarks, outcome.comparison, notes, judged.held or ())


def _exit_code(options: CheckOptions, findings: Findings, gate: Gate) -> int:
    if options.strict and (findings.problems or findings.unknown["worker-unavailable"]):
        return COULD_NOT_RUN
    if options.exit_zero:
        return OK
    return BROKEN if gate.errors or (options.strict and gate.warnings) else OK
