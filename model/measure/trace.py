"""Functions in the wild: trace an installed package's own functions while the tests that it ships run, one test file at a time.

Raw results of each test file go to `trace/<package>.jsonl` (numbers only; what makes a run resumable); `rows/<package>.jsonl`, one row
a function, is put together from them after every batch.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rlm_lsp.model.measure import batches, campaign, lock, machine, rows, source_text, timing
from rlm_lsp.model.measure.confine import Limits
from rlm_lsp.model.measure.sandbox import Outcome, Sandbox

FILE_S = 20.0
LIMITS = Limits(wall_s=75, cpu_s=75, address_bytes=8 << 30, open_files=512, processes=True)
MAX_CALLS = 40
MAX_DESCRIPTORS = 12
DISTURBED_FUNCTIONS = 5
KNOWN_FILES = 4
KNOWN_CALLS = 2 * MAX_CALLS
BATCH_S = 60.0
DISTURBANCE = 1.0  # a test file takes seconds, so the moment after it says little of it; medians over calls do the rest


@dataclass(frozen=True)
class Package:
    """An installed package: import name, version, folder, and its test files in the order they are to run (relative to site-packages)."""

    name: str
    version: str
    root: Path
    test_files: tuple[str, ...]

    @property
    def preload(self) -> list[str]:
        """What every test file imports anyway: the package, and its conftest, which may import a lot."""
        return [self.name, *([f"{self.name}.conftest"] if (self.root / "conftest.py").exists() else [])]


@dataclass(frozen=True)
class FileResult:
    """Both passes over one test file."""

    latency: Outcome
    heap: Outcome


def find_package(name: str) -> Package:
    """The package as installed. Raises OSError if it is not there or ships no tests."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"package {name} is not installed")
    root = Path(spec.submodule_search_locations[0]).resolve()
    distribution = importlib.metadata.packages_distributions().get(name, [name])[0]
    files = order_files(file for file in root.rglob("test_*.py") if {"tests", "test"} & set(file.relative_to(root).parts))
    if not files:
        raise FileNotFoundError(f"package {name} ships no tests")
    return Package(name, importlib.metadata.version(distribution), root, tuple(str(file.relative_to(root.parent)) for file in files))


def order_files(files: Iterable[Path]) -> list[Path]:
    """Round robin over folders, small files first: every part of a package is reached early."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for file in files:
        folders[file.parent].append(file)
    queues = [sorted(folder, key=lambda file: (file.stat().st_size, file)) for _, folder in sorted(folders.items())]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[i] for i in range(longest) for queue in queues if i < len(queue)]


def measure_package(name: str, out: Path, minutes: float, *, lock_path: Path = lock.LOCK_PATH) -> Counter[str]:
    """Trace a package's test files until all are done or the measuring time is spent; returns how many files ended how."""
    package = find_package(name)
    raw_path, log = out / "trace" / f"{name}.jsonl", campaign.log_path(out, name)
    rows.mend(raw_path)
    rows.mend(log)
    done = {record["file"] for record in rows.read(raw_path)}
    seen = Seen()
    seen.add(rows.read(raw_path))
    waiting = [file for file in package.test_files if file not in done]
    ends: Counter[str] = Counter({"already there": len(done)} if done else {})
    with (
        Sandbox(["rlm_lsp.model.measure.trace_worker", *package.preload]) as sandbox,
        tqdm(total=len(package.test_files), initial=len(done), desc=name, unit="file", file=sys.stderr) as bar,
    ):

        def measure(file: str) -> FileResult:
            known = seen.known()
            payload = {"root": str(package.root), "file": str(package.root.parent / file), "file_s": FILE_S, "known": known}
            latency = sandbox.call("rlm_lsp.model.measure.trace_worker:latency", payload, LIMITS)
            if latency.error or not latency.value["functions"]:
                return FileResult(latency, Outcome(None, "not run"))
            if latency.value["disturbed"] >= DISTURBED_FUNCTIONS:
                # once more, with the functions that came out well left alone: the windows around them are clean now
                good = [(function["path"], function["line"]) for function in latency.value["functions"]]
                again = sandbox.call("rlm_lsp.model.measure.trace_worker:latency", {**payload, "known": known + good}, LIMITS)
                if not again.error:
                    latency.value["functions"] += again.value["functions"]
                    latency = Outcome(latency.value, "", max(latency.probe, again.probe))
            return FileResult(latency, sandbox.call("rlm_lsp.model.measure.trace_worker:heap", payload, LIMITS))

        def keep(batch: batches.Batch, results: list[tuple[str, FileResult]]) -> None:
            stamp = {"version": package.version, "confined": sandbox.confined, "calibration": batch.calibration, "batch": batch.id}
            records = [raw_record(file, result, stamp) for file, result in results]
            rows.append(raw_path, records)
            seen.add(records)
            ends.update(campaign.reason(result.latency.error) or "traced" for _, result in results)
            ends.update("heap: " + campaign.reason(result.heap.error) for _, result in results if result.heap.error not in ("", "not run"))
            bar.update(len(results))

        def drop(batch: batches.Batch, lost: list[str]) -> None:
            rows.append(log, [campaign.batch_entry(batch, len(lost)), *({"key": file, "failed": "drifted"} for file in lost)])
            ends["dropped batches"] += batch.dropped
            ends["disturbed files"] += batch.disturbed
            bar.update(len(lost))
            rows.replace(campaign.row_path(out, name), merge(package, rows.read(raw_path)))

        plan = batches.Plan(
            measure,
            sandbox.calibrate,
            lambda result: result.latency.probe,
            keep,
            drop,
            lock_path,
            batch_s=BATCH_S,
            disturbance=DISTURBANCE,
            budget_s=minutes * 60,
        )
        batches.run(waiting, plan)
    ends["functions"] = sum(1 for _ in rows.read(campaign.row_path(out, name)))
    return ends


def raw_record(file: str, result: FileResult, stamp: Mapping[str, Any]) -> rows.Row:
    """What is kept of one test file: numbers, and names of functions."""
    return {
        "file": file,
        **stamp,
        "error": result.latency.error,
        "heap_error": result.heap.error,
        "latency": result.latency.value,
        "heap": result.heap.value,
    }


class Seen:
    """How much is known of each function so far, so that the next test files can leave the well-known ones alone."""

    def __init__(self) -> None:
        self._files: Counter[tuple[str, int]] = Counter()
        self._calls: Counter[tuple[str, int]] = Counter()

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Count the calls of more test files. Only files in which both passes saw a function count for it."""
        for record in records:
            weighed = {(function["path"], function["line"]) for function in (record["heap"] or {}).get("functions", [])}
            for function in (record["latency"] or {}).get("functions", []):
                key = (function["path"], function["line"])
                if key in weighed:
                    self._files[key] += 1
                    self._calls[key] += len(function["calls"])

    def known(self) -> list[tuple[str, int]]:
        """Functions (path, first line) with calls enough, from test files enough."""
        return [key for key, files in self._files.items() if files >= KNOWN_FILES and self._calls[key] >= KNOWN_CALLS]


Key = tuple[str, str, int]


def merge(package: Package, records: Iterable[Mapping[str, Any]]) -> list[rows.Row]:
    """One row a function (path, qualname, line) from all test files, at most 40 calls and 12 descriptors, files taken in turn."""
    latencies: dict[Key, list[list[list[Any]]]] = defaultdict(list)
    heaps: dict[Key, list[list[list[Any]]]] = defaultdict(list)
    calibrations: dict[Key, list[float]] = defaultdict(list)
    stamps: dict[Key, Mapping[str, Any]] = {}
    for record in records:
        for found, target in ((record["latency"], latencies), (record["heap"], heaps)):
            for function in (found or {}).get("functions", []):
                key = (function["path"], function["qualname"], function["line"])
                target[key].append(function["calls"])
                if target is latencies:
                    calibrations[key].append(record["calibration"])
                    stamps[key] = record
    facts = machine.describe_machine()
    texts = _Texts(package.root.parent)
    merged = []
    for key, by_file in sorted(latencies.items()):
        segment = texts.segment(key)
        if segment is None:
            continue  # made by a decorator or an exec: no `def` of that name starts there
        calls = in_turn(by_file, MAX_CALLS)
        path, qualname, line = key
        merged.append(
            {
                "schema": rows.SCHEMA,
                "source": "trace",
                "key": f"{path}::{qualname}:{line}",
                "group": package.name,
                "problem": f"{path}::{qualname}",
                "pointer": {"package": package.name, "version": package.version, "path": path, "qualname": qualname, "line": line},
                "sha256": segment.sha256,
                "file_sha256": texts.file_hash(path),
                **facts,
                "confined": stamps[key]["confined"],
                "calibration": statistics.median(calibrations[key]),
                "batch": stamps[key]["batch"],
                "measured": time.strftime("%Y-%m-%d", time.gmtime()),
                **rows.labels([call[1] for call in calls], [call[1] for call in in_turn(heaps.get(key, []), MAX_CALLS)]),
                "tracer_share": round(statistics.median(call[2] for call in calls), 3),
                "calls": group_calls(calls, in_turn(heaps.get(key, []), 10 * MAX_CALLS)),
            }
        )
    return merged


def in_turn(by_file: Sequence[Sequence[list[Any]]], number: int) -> list[list[Any]]:
    """At most `number` calls, one from each file in turn."""
    longest = max((len(calls) for calls in by_file), default=0)
    return [calls[i] for i in range(longest) for calls in by_file if i < len(calls)][:number]


def group_calls(calls: Sequence[Sequence[Any]], heaps: Sequence[Sequence[Any]]) -> list[rows.Row]:
    """The calls by descriptor, the 12 most frequent: seconds over the group's calls, bytes as their median."""
    groups: dict[str, list[float]] = defaultdict(list)
    for args, seconds, _ in calls:
        groups[args].append(seconds)
    sizes: dict[str, list[float]] = defaultdict(list)
    for args, size, _ in heaps:
        sizes[args].append(size)
    frequent = sorted(groups.items(), key=lambda item: -len(item[1]))[:MAX_DESCRIPTORS]
    return [
        {
            "args": args,
            "n": len(values),
            "latency_min": min(values),
            "latency_median": statistics.median(values),
            "latency_spread": round(timing.spread(values), 3),
            "peak_heap": statistics.median(sizes[args]) if args in sizes else None,
        }
        for args, values in frequent
    ]


class _Texts:
    """Source files of a package, read and parsed once."""

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._files: dict[str, tuple[str, dict[tuple[str, int], source_text.Segment]]] = {}

    def segment(self, key: Key) -> source_text.Segment | None:
        """The function's lines, or None."""
        path, qualname, line = key
        return self._file(path)[1].get((qualname, line))

    def file_hash(self, path: str) -> str:
        """Hash of the file's text."""
        return source_text.sha256(self._file(path)[0])

    def _file(self, path: str) -> tuple[str, dict[tuple[str, int], source_text.Segment]]:
        if path not in self._files:
            try:
                text = (self._parent / path).read_bytes().decode("utf-8")
                found = source_text.segments(text)
            except (OSError, UnicodeDecodeError, SyntaxError):
                text, found = "", []
            self._files[path] = text, {(segment.qualname, segment.line): segment for segment in found}
        return self._files[path]
