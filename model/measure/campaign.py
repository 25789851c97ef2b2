"""Measuring one source from end to end: skip what is there, batch the rest through the sandbox, append rows, log failures."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rlm_lsp.model.measure import batches, lock, machine, rows
from rlm_lsp.model.measure.confine import Limits
from rlm_lsp.model.measure.sandbox import Outcome, Sandbox


@dataclass(frozen=True)
class FunctionTask:
    """One function to measure.

    `key` is unique in its source; `row` holds the row's fixed fields (group, problem, pointer, hashes); `payload` goes to `worker`
    ("module:name"), which returns {"calls": [...], "latencies": [...], "heaps": [...]}.
    """

    key: str
    worker: str
    payload: Mapping[str, Any] = field(repr=False)
    row: Mapping[str, Any] = field(repr=False)


def log_path(out: Path, source: str) -> Path:
    """Failures, batches and drops of a source, one JSON object a line."""
    return out / "log" / f"{source}.jsonl"


def row_path(out: Path, source: str) -> Path:
    """The rows of a source."""
    return out / "rows" / f"{source}.jsonl"


def batch_entry(batch: batches.Batch, lost: int) -> dict[str, Any]:
    """What the log says about a batch."""
    return {
        "batch": batch.id,
        "calibration": [batch.before, batch.after],
        "drift": round(batches.drift(batch.before, batch.after), 4),
        "waited_s": round(batch.waited_s, 1),
        "held_s": round(batch.held_s, 1),
        "disturbed": batch.disturbed,
        "lost": lost,
        "dropped": batch.dropped,
    }


def measure_functions(
    source: str,
    tasks: Sequence[FunctionTask],
    out: Path,
    limits: Limits,
    *,
    lock_path: Path = lock.LOCK_PATH,
    calibrate: Callable[[], float] | None = None,
    preload: Sequence[str] = (),
) -> Counter[str]:
    """Measure every task that has no row yet; returns how many ended how. Ctrl+C leaves the complete batches on disk."""
    path, log = row_path(out, source), log_path(out, source)
    rows.mend(path)
    rows.mend(log)
    done = {row["key"] for row in rows.read(path)}
    waiting = [task for task in tasks if task.key not in done]
    ends: Counter[str] = Counter({"already there": len(tasks) - len(waiting)} if done else {})
    facts = machine.describe_machine()
    with (
        Sandbox(preload) as sandbox,
        tqdm(total=len(tasks), initial=len(tasks) - len(waiting), desc=source, unit="function", file=sys.stderr) as bar,
    ):

        def measure(task: FunctionTask) -> Outcome:
            return sandbox.call(task.worker, task.payload, limits)

        def keep(batch: batches.Batch, results: list[tuple[FunctionTask, Outcome]]) -> None:
            stamp = {**facts, "confined": sandbox.confined, "calibration": batch.calibration, "batch": batch.id}
            good = [make_row(source, task, outcome.value, stamp) for task, outcome in results if not outcome.error]
            bad = [{"key": task.key, "failed": outcome.error, "batch": batch.id} for task, outcome in results if outcome.error]
            rows.append(path, good)
            rows.append(log, bad)
            ends["measured"] += len(good)
            ends.update(reason(entry["failed"]) for entry in bad)
            bar.update(len(results))

        def drop(batch: batches.Batch, lost: list[FunctionTask]) -> None:
            drifted = [{"key": task.key, "failed": "drifted", "batch": batch.id} for task in lost]
            rows.append(log, [batch_entry(batch, len(lost)), *drifted])
            ends["dropped batches"] += batch.dropped
            ends["disturbed tasks"] += batch.disturbed
            ends["drifted"] += len(lost)
            bar.update(len(lost))

        batches.run(waiting, batches.Plan(measure, calibrate or sandbox.calibrate, lambda outcome: outcome.probe, keep, drop, lock_path))
    return ends


def make_row(source: str, task: FunctionTask, result: Mapping[str, Any], stamp: Mapping[str, Any]) -> rows.Row:
    """A row from what the worker returned; seconds and bytes, no program text."""
    return {
        "schema": rows.SCHEMA,
        "source": source,
        "key": task.key,
        **task.row,
        **stamp,
        "measured": time.strftime("%Y-%m-%d", time.gmtime()),
        **rows.labels(result["latencies"], result["heaps"]),
        **({"latency_split": result["latency_split"]} if "latency_split" in result else {}),
        "calls": result["calls"],
    }


def reason(error: str) -> str:
    """The kind of a failure: its text up to the first colon."""
    return error.split(":", 1)[0]
