"""``rlm-lsp.checkWorkspace``: what ``rlm-lsp check`` says about the files of the workspace, without holding up the editor.

Files are read as they are on disk, in threads; they are cut by the chunker's process and predicted by the model's, behind everything
that is open in the editor. Whoever cancels loses the report; what was predicted by then is in the cache.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from rlm_lsp.budget import Breach, evaluate, excluded, limits_for, rules_for
from rlm_lsp.check.findings import Finding, Findings, collect
from rlm_lsp.check.report import json as report
from rlm_lsp.check.walk import Found, find_files
from rlm_lsp.chunk.types import Chunk, ChunkResult, Problem
from rlm_lsp.chunk.whole import program_text
from rlm_lsp.chunk.worker import ask, unpack
from rlm_lsp.config import Settings
from rlm_lsp.directives import attach
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.paths import printable
from rlm_lsp.predict.child import Child
from rlm_lsp.predict.engine import SourceFile
from rlm_lsp.predict.errors import RlmLspError
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.pipeline import inputs_of
from rlm_lsp.predict.results import FileResult, FunctionRow, Values
from rlm_lsp.predict.source import read_source
from rlm_lsp.predict.types import ModelInput
from rlm_lsp.units import METRIC_UNITS, format_value

FILES_AT_ONCE = 4
INPUTS_AT_ONCE = 256  # of one file, so that no file fills the queue


class Tools(Protocol):
    """What a check needs of the server."""

    async def predict(self, items: Sequence[ModelInput], priority: Priority) -> list[Values]:
        """``Oracle.predict``."""

    def settings_of(self, path: str) -> Settings:
        """The settings for a file."""

    def report(self, message: str, share: float) -> None:
        """``Work.report``."""


@dataclass(frozen=True, slots=True)
class BrokenBudget:
    """A budget that a function's prediction breaks."""

    finding: Finding
    breach: Breach


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of a check: all functions, dearest first, and the budgets that are broken, by place."""

    findings: Findings
    broken: tuple[BrokenBudget, ...]

    def as_dict(self, top: int) -> dict[str, Any]:
        """Counts, broken budgets and the ``top`` dearest functions, each as the JSON report of ``rlm-lsp check`` has it."""
        found = self.findings
        return {
            "model": found.model,
            "device": found.device,
            "files": found.files,
            "functions": len(found.functions),
            "unknown": dict(sorted(found.unknown.items())),
            "problems": len(found.problems),
            "breaches": [{**report.function(item.finding, found.objectives), **_breach(item.breach)} for item in self.broken],
            "top": [report.function(finding, found.objectives) for finding in found.functions[:top]],
        }

    def as_text(self) -> str:
        """One line on the whole and one for each broken budget; it names functions and files but holds no code."""
        found = self.findings
        unknown = sum(found.unknown.values())
        counted = f"{len(found.functions):,} functions in {found.files:,} files, {unknown:,} without a prediction"
        lines = [f"{counted}; {len(self.broken):,} broken budgets ({found.model}, predicted, not measured)"]
        for item in self.broken:
            path, row = item.finding.path, item.finding.function
            breach = item.breach
            unit = METRIC_UNITS[breach.metric]
            values = f"{breach.quantile} {format_value(breach.value, unit)} > {format_value(breach.limit, unit)}"
            lines.append(f"{path}:{row.line} {row.name}: {breach.severity}: {breach.metric} {values}")
        return "\n".join(lines)


async def check(tools: Tools, model: ModelIdentity, folders: Sequence[str], root: str | None) -> Summary:
    """Check all source files under ``folders``. Paths that lie in ``root`` are reported relative to it."""
    tools.report("looking for files", 0.0)
    found = await asyncio.to_thread(find_files, list(folders))
    files = [file for file in found.files if _included(tools.settings_of(file.path), file)]
    results: list[FileResult] = []
    broken: list[BrokenBudget] = []
    chunker = Child("chunker of the workspace", "rlm_lsp.chunk.worker", window=FILES_AT_ONCE)  # open documents have one of their own
    try:
        async with aclosing(_all(_Check(tools, model, chunker, root), files)) as checked:
            async for result, breaches in checked:
                results.append(result)
                broken += breaches
                tools.report(f"{len(results):,} of {len(files):,} files", len(results) / len(files))
    finally:
        await asyncio.to_thread(chunker.close)
    findings = await asyncio.to_thread(_collect, results, found, model, root)
    broken.sort(key=lambda item: (item.finding.path, item.finding.function.line, item.breach.metric))
    return Summary(findings, tuple(broken))


@dataclass(frozen=True, slots=True)
class _Check:
    """One run over files."""

    tools: Tools
    model: ModelIdentity
    chunker: Child
    root: str | None

    async def of(self, file: SourceFile) -> tuple[FileResult, list[BrokenBudget]]:
        """What is known of a file, and which budgets are broken in it."""
        path = relative(file.path, self.root)
        source = await asyncio.to_thread(read_source, file.path)
        if isinstance(source, Problem):
            return FileResult(path, file.language, (), (source,)), []
        cut = await self._cut(source, file)
        whole = program_text(source, file.language) if self.model.reads_whole(file.language) else None
        items = inputs_of(cut.chunks, whole)
        values: list[Values] = []
        for start in range(0, len(items), INPUTS_AT_ONCE):
            values += await self.tools.predict(items[start : start + INPUTS_AT_ONCE], Priority.WORKSPACE)
        rows = [_row(chunk, known) for chunk, known in zip(cut.chunks, values, strict=True)]
        return FileResult(path, file.language, rows, cut.problems), self._broken(file, path, cut, rows)

    async def _cut(self, source: bytes, file: SourceFile) -> ChunkResult:
        try:
            reply = await asyncio.wrap_future(self.chunker.submit(ask(source, file.language, file.path)))
        except RlmLspError as error:
            return ChunkResult((), (Problem("crashed", str(error)),))
        return await asyncio.to_thread(unpack, reply)

    def _broken(self, file: SourceFile, path: str, cut: ChunkResult, rows: Sequence[FunctionRow]) -> list[BrokenBudget]:
        rules = rules_for(self.tools.settings_of(file.path), file.path)
        directives, _ = attach([chunk.name_span.start_byte for chunk in cut.chunks], cut.directives)
        found = []
        for row, own in zip(rows, directives, strict=True):
            limits = limits_for(rules, row.name, own)
            for breach in evaluate(row.values, self.model.objectives, limits, own).breaches if limits else ():
                found.append(BrokenBudget(Finding(printable(path), file.language, row), breach))
        return found


async def _all(run: _Check, files: Sequence[SourceFile]) -> AsyncGenerator[tuple[FileResult, list[BrokenBudget]], None]:
    """The files' results as they come, some files at a time."""
    waiting = iter(files)
    under_way: set[asyncio.Task[tuple[FileResult, list[BrokenBudget]]]] = set()
    try:
        while True:
            under_way |= {asyncio.ensure_future(run.of(file)) for file in islice(waiting, FILES_AT_ONCE - len(under_way))}
            if not under_way:
                return
            done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _row(chunk: Chunk, values: Values) -> FunctionRow:
    name = chunk.name_span
    return FunctionRow(chunk.qualified_name, chunk.kind, name.start_line, name.start_column, chunk.span.end_line, values)


def _included(settings: Settings, file: SourceFile) -> bool:
    return file.language not in settings.disabled_languages and not excluded(settings, file.path)


def _collect(results: Sequence[FileResult], found: Found, model: ModelIdentity, root: str | None) -> Findings:
    problems = [(relative(path, root), problem) for path, problem in found.problems]
    return collect(results, problems, model.id, model.device, model.objectives)


def relative(path: str, root: str | None) -> str:
    """``path`` as ``rlm-lsp check`` run in ``root`` names it, if it lies in there."""
    if root is not None and path.startswith(root.rstrip(os.sep) + os.sep):
        return path[len(root.rstrip(os.sep)) + 1 :]
    return path


def _breach(breach: Breach) -> dict[str, Any]:
    return {"metric": breach.metric, "limit": breach.limit, "severity": breach.severity, "quantile": breach.quantile, "value": breach.value}
