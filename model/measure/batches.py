"""Batches: hold the lock, calibrate, measure for about a minute, calibrate again.

A batch in which the machine drifted or was slow is dropped; so is a task beside which it was slow. What is dropped is measured again.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from rlm_lsp.model.measure import lock

BATCH_S = 60.0
TOLERANCE = 0.05  # between the calibrations before and after a batch
DISTURBANCE = 0.10  # of a probe beside a task, against the batch's median
SLOWDOWN = 0.10  # of a batch, against the run's fastest calibration: evenly slow means that it shared its core with something
MAX_TRIES = 3  # of a task, whatever spoilt them
GAP_S = 0.5
RECALIBRATIONS = 4
RECALIBRATION_PAUSE_S = 2.0

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Batch:
    """One batch: its id (start time, UTC), calibration seconds before and after, how long the lock was waited for and held (s).

    `dropped`: all of it is measured again, because the machine drifted or was slow. `disturbed` counts tasks beside which it was slow
    (also in a dropped batch).
    """

    id: str
    before: float
    after: float
    dropped: bool
    disturbed: int
    waited_s: float
    held_s: float

    @property
    def calibration(self) -> float:
        """Seconds of the calibration program that this batch's rows are to be scaled by."""
        return (self.before + self.after) / 2


def drift(before: float, after: float) -> float:
    """Relative change of the calibration program's time."""
    return abs(after / before - 1.0)


@dataclass
class Plan(Generic[Task, Result]):
    """What the batch loop calls, and its limits.

    `keep` gets the steady results of a batch that was not dropped; `drop` is called after every batch, last, with the tasks that were
    spoilt for the third time (often none).
    """

    measure: Callable[[Task], Result]
    calibrate: Callable[[], float]
    probe: Callable[[Result], float]  # seconds of the calibration program right after the task
    keep: Callable[[Batch, list[tuple[Task, Result]]], None]
    drop: Callable[[Batch, list[Task]], None]
    lock_path: Path = lock.LOCK_PATH
    batch_s: float = BATCH_S
    disturbance: float = DISTURBANCE  # by how much a probe beside a task may be slower than the batch's median
    budget_s: float = float("inf")  # of measuring, lock waits excluded: no batch starts after it


def run(tasks: Iterable[Task], plan: Plan[Task, Result]) -> None:
    """Measure all tasks, each at most three times.

    A batch whose calibration drifts more than 5 % is dropped and its tasks are queued again. So is a batch that is slow from beginning to
    end: its mean calibration more than 10 % over the fastest of this run. Neighbours on the same hardware also come and go within a
    batch: a task is queued again too if the probe before or after it was more than `plan.disturbance` (10 % unless set) over the median
    of the batch's probes and calibrations.
    """
    queue = deque((task, 1) for task in tasks)
    spent = 0.0
    fastest = float("inf")
    while queue and spent < plan.budget_s:
        asked = time.monotonic()
        with lock.exclusive(plan.lock_path):
            started = time.monotonic()
            batch_id = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            before = _settled(plan.calibrate, fastest)
            results: list[tuple[Task, int, Result]] = []
            length = min(plan.batch_s, plan.budget_s - spent)
            while queue and time.monotonic() - started < length:
                task, tries = queue.popleft()
                results.append((task, tries, plan.measure(task)))
            after = _settled(plan.calibrate, before)
            held = time.monotonic() - started
        spent += held
        steady, unsteady = _sort_out(results, [before, *(plan.probe(result) for _, _, result in results), after], plan.disturbance)
        fastest = min(fastest, before, after)
        drifted = drift(before, after) > TOLERANCE or (before + after) / 2 > fastest * (1 + SLOWDOWN)
        batch = Batch(batch_id, before, after, drifted, len(unsteady), started - asked, held)
        if drifted:
            unsteady = results
        else:
            plan.keep(batch, [(task, result) for task, _, result in steady])
        plan.drop(batch, [task for task, tries, _ in unsteady if tries >= MAX_TRIES])
        queue.extend((task, tries + 1) for task, tries, _ in unsteady if tries < MAX_TRIES)
        if queue:
            time.sleep(GAP_S)  # lets holders of the shared lock in


def _settled(calibrate: Callable[[], float], reference: float) -> float:
    """Calibration seconds: the fastest of up to five tries 2 s apart, made while it is over 5 % slower than `reference` (seconds).

    A short burst is not a drift.
    """
    seconds = calibrate()
    for _ in range(RECALIBRATIONS):
        if seconds <= reference * (1 + TOLERANCE):
            break
        time.sleep(RECALIBRATION_PAUSE_S)
        seconds = min(seconds, calibrate())
    return seconds


Tried = tuple[Task, int, Result]


def _sort_out(
    results: list[Tried[Task, Result]], speeds: list[float], disturbance: float
) -> tuple[list[Tried[Task, Result]], list[Tried[Task, Result]]]:
    """Split into steady and disturbed results.

    `speeds` are the calibration program's seconds: before the first result, after each, and at the batch's end.
    """
    slowest = statistics.median(speeds) * (1 + disturbance)
    steady: list[Tried[Task, Result]] = []
    disturbed: list[Tried[Task, Result]] = []
    for result, before, after in zip(results, speeds, speeds[1:], strict=False):
        (steady if max(before, after) <= slowest else disturbed).append(result)
    return steady, disturbed
