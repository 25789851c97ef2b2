import itertools
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from rlm_lsp.model.measure import batches, lock


class Bench:
    """Measures by appending; speeds are played back: one list of (before, after) for the batches, one of probes."""

    def __init__(self, tmp_path: Path, calibrations: Iterable[float], probes: Iterable[float] = ()) -> None:
        self.measured: list[str] = []
        self.kept: list[str] = []
        self.lost: list[str] = []
        self.log: list[bool] = []
        speeds = itertools.chain(calibrations, itertools.repeat(1.0))
        after_task = itertools.chain(probes, itertools.repeat(1.0))
        self.plan: batches.Plan[str, str] = batches.Plan(
            measure=self._measure,
            calibrate=lambda: next(speeds),
            probe=lambda _result: next(after_task),
            keep=lambda batch, results: self.kept.extend(task for task, _ in results),
            drop=self._drop,
            lock_path=tmp_path / "lock",
        )

    def _measure(self, task: str) -> str:
        self.measured.append(task)
        return task

    def _drop(self, batch: batches.Batch, lost: Sequence[str]) -> None:
        self.log.append(batch.dropped)
        self.lost.extend(lost)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "GAP_S", 0.0)
    monkeypatch.setattr(batches, "RECALIBRATIONS", 0)


def test_steady_batch_is_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [1.0, 1.04])
    batches.run("abc", bench.plan)
    assert (bench.kept, bench.lost, bench.log) == (["a", "b", "c"], [], [False])


@pytest.mark.parametrize("after", [1.06, 0.94])
def test_drifted_batch_is_measured_again(tmp_path: Path, after: float) -> None:
    bench = Bench(tmp_path, [1.0, after])
    batches.run("ab", bench.plan)
    assert bench.measured == ["a", "b", "a", "b"]
    assert (bench.kept, bench.lost, bench.log) == (["a", "b"], [], [True, False])


def test_three_drifts_in_a_row_lose_the_batch(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [1.0, 2.0] * 3)
    batches.run("ab", bench.plan)
    assert bench.measured == ["a", "b"] * 3
    assert (bench.kept, bench.lost) == ([], ["a", "b"])


def test_batch_that_is_slow_from_end_to_end_is_measured_again(tmp_path: Path) -> None:
    slow = Bench(tmp_path, [1.0, 1.02, 1.5, 1.5], probes=[1.0, 9.0])
    batches.run("abc", slow.plan)
    # b and c stood beside a slow probe and came again; their second batch was slow as a whole, the third was not
    assert slow.kept == ["a", "b", "c"]
    assert slow.log == [False, True, False]


def test_task_beside_a_slow_moment_is_measured_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [1.0, 1.0], probes=[1.0, 1.0, 1.3, 1.0, 1.0])
    batches.run("abcde", bench.plan)
    assert bench.measured == [*"abcde", "c", "d"]
    assert bench.kept == ["a", "b", "e", "c", "d"]


def test_spent_budget_starts_no_further_batch(tmp_path: Path) -> None:
    bench = Bench(tmp_path, [])
    bench.plan.budget_s = 0.0
    batches.run("abc", bench.plan)
    assert bench.measured == []


def test_short_burst_is_not_taken_for_a_drift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "RECALIBRATIONS", 2)
    monkeypatch.setattr(batches, "RECALIBRATION_PAUSE_S", 0.0)
    bench = Bench(tmp_path, [1.0, 1.5, 1.4, 1.02])
    batches.run("ab", bench.plan)
    assert bench.measured == ["a", "b"]
    lasting = Bench(tmp_path, [1.0, 1.5, 1.4, 1.3])
    batches.run("ab", lasting.plan)
    assert lasting.measured == ["a", "b", "a", "b"]


def test_second_run_over_the_same_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log" / "leetcode.lock"
    with lock.only_one(path), pytest.raises(BlockingIOError, match="leetcode is being measured"), lock.only_one(path):
        raise AssertionError
    with lock.only_one(path):
        assert path.exists()


HOLD = """
import sys, time
from pathlib import Path
from rlm_lsp.model.measure import lock
with getattr(lock, sys.argv[1])(Path(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize(
    ("first", "second", "waits"), [("exclusive", "shared", True), ("shared", "exclusive", True), ("shared", "shared", False)]
)
def test_lock_lets_one_measurer_or_many_others_in(tmp_path: Path, first: str, second: str, waits: bool) -> None:
    with getattr(lock, first)(tmp_path / "lock"):
        other = subprocess.Popen(
            [sys.executable, "-c", HOLD, second, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout is not None  # PIPE
        if waits:
            with pytest.raises(subprocess.TimeoutExpired):
                other.wait(0.5)
        else:
            assert other.stdout.readline() == "held\n"
    if waits:
        assert other.stdout.readline() == "held\n"
    other.communicate("\n", timeout=10)
    assert other.returncode == 0
