import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.model.measure import rows, trace
from rlm_lsp.model.measure.tracer import MONITORING

REPOSITORY = Path(__file__).parents[2]

Seen = dict[str, Any]  # what tracer_scenario.py prints
RunScenario = Callable[[str], Seen]

WORK = """\
import time

TABLE = [n for n in range(10)]


class Shape:
    sides = sum(n for n in range(4))

    def area(self, scale):
        time.sleep(0.003)
        return scale


def tiny(x):
    return x


def many(n):
    total = 0
    for i in range(n):
        total += tiny(i) * i % 7
        total += i * i % 11 + i // 3 + (i ^ total) % 13
    return total


def inner(size):
    return len(bytearray(size))


def outer(size):
    kept = bytearray(size)
    inner(3 * size)
    return len(kept)


def thrice(size):
    for _ in range(3):
        inner(size)
    return size


def nothing():
    pass


def calls_nothing(n):
    for _ in range(n):
        nothing()
        TABLE.sort()
    for _ in range(10):
        fresh_name_each_time(n)
    return len(bytearray(20_000))


def fresh_name_each_time(n):
    return n


def fails(xs):
    raise ValueError("on purpose")


def catches(xs):
    try:
        fails(xs)
    except ValueError:
        return True


def fall(n):
    return n if n == 0 else fall(n - 1)


def generates(n):
    yield from range(n)


async def waits():
    return 1


double = lambda x: 2 * x
"""

TESTS = """\
from sample import work


def helper():
    return 1


def run():
    helper()
    for _ in range(6):
        work.Shape().area(2)
    for _ in range(4):
        work.many(2000)
    for _ in range(3):
        work.outer(100_000)
        work.thrice(50_000)
        work.catches([1, 2, 3])
        work.fall(100)
        work.calls_nothing(500)
        list(work.generates(3))
        work.double(1)
    try:
        work.waits().send(None)
    except StopIteration:
        pass
"""


def interpreter() -> str | None:
    """A CPython 3.12+: the running one, RLM_LSP_NEWER_PYTHON (``scripts/test`` makes it), or one on PATH that starts."""
    if MONITORING is not None:
        return sys.executable
    for name in (os.environ.get("RLM_LSP_NEWER_PYTHON"), "python3.12", "python3.13", "python3.14"):
        found = name and shutil.which(name)
        if found and subprocess.run([found, "-c", "import sys; sys.monitoring"], capture_output=True, check=False).returncode == 0:
            return found
    return None


@pytest.fixture(scope="module")
def run_scenario(tmp_path_factory: pytest.TempPathFactory) -> RunScenario:
    python = interpreter()
    if python is None:
        pytest.skip("sys.monitoring needs CPython 3.12+; neither the running interpreter nor python3.12+ on PATH has it")
    folder = tmp_path_factory.mktemp("scenario")
    package = folder / "sample"
    (package / "tests").mkdir(parents=True)
    for name, text in {"__init__.py": "", "work.py": WORK, "tests/__init__.py": "", "tests/test_work.py": TESTS}.items():
        (package / name).write_text(text, encoding="utf-8")
    # the other interpreter may not have this project installed: the same layout by links
    site = folder / "site" / "rlm_lsp"
    site.mkdir(parents=True)
    (site / "__init__.py").touch()
    (site / "model").symlink_to(REPOSITORY / "model", target_is_directory=True)

    def run(which: str) -> Seen:
        done = subprocess.run(
            [python, str(Path(__file__).with_name("tracer_scenario.py")), str(package), which],
            env={"PYTHONPATH": str(site.parent), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        seen: Seen = json.loads(done.stdout)
        return seen

    return run


@pytest.fixture(scope="module")
def latency(run_scenario: RunScenario) -> Seen:
    return run_scenario("latency")


@pytest.fixture(scope="module")
def heap(run_scenario: RunScenario) -> Seen:
    return run_scenario("heap")


FUNCTIONS = {
    "Shape.area",
    "tiny",
    "many",
    "inner",
    "outer",
    "thrice",
    "nothing",
    "calls_nothing",
    "fresh_name_each_time",
    "fails",
    "catches",
    "fall",
}


def values(result: Seen, name: str) -> list[float]:
    return [value for _, value, _ in result["functions"][name]["calls"]]


def test_only_plain_named_functions_of_the_package_are_traced(latency: Seen, heap: Seen) -> None:
    assert set(latency["functions"]) == set(heap["functions"]) == FUNCTIONS


def test_all_windows_are_closed(latency: Seen, heap: Seen) -> None:
    for result in (latency, heap):
        assert result["stack"] == 0
        assert {function["open"] for function in result["functions"].values()} == {0}


def test_known_wait_is_found_and_the_first_call_is_left_out(latency: Seen) -> None:
    calls = latency["functions"]["Shape.area"]["calls"]
    assert [args for args, _, _ in calls] == ["scale=int"] * 5
    assert all(0.003 <= value < 0.2 for value in values(latency, "Shape.area"))


def test_events_inside_a_window_are_taken_out_of_it(latency: Seen, run_scenario: RunScenario) -> None:
    # `many` calls `tiny` 2,000 times: after 41 of them tiny's events are off, but all are in the first window
    def are_out(seen: Seen) -> bool:
        plain = seen["plain_many"]
        return all(plain / 3 < value < plain * 3 for value in values(seen, "many"))

    # a busy machine lengthens some call or other; what the tracer left in would be in every run
    assert are_out(latency) or any(are_out(run_scenario("latency")) for _ in range(4))


def test_window_that_is_mostly_the_tracers_own_is_dropped(latency: Seen) -> None:
    for function in latency["functions"].values():
        assert all(share <= 0.5 for _, _, share in function["calls"])


def test_exceptions_and_recursion_close_their_windows(latency: Seen, heap: Seen) -> None:
    assert latency["functions"]["fails"]["entered"] == 3
    assert [args for args, _, _ in latency["functions"]["fails"]["calls"]] == ["xs=list[3]"] * 2
    # 101 calls each time; the outermost of the first is the first call and left out, the next ten are kept, then its events are off
    assert heap["functions"]["fall"]["entered"] == 101
    assert len(heap["functions"]["fall"]["calls"]) == 10


def test_only_so_many_calls_are_recorded(latency: Seen, heap: Seen) -> None:
    assert len(latency["functions"]["tiny"]["calls"]) == 40
    assert len(heap["functions"]["tiny"]["calls"]) == 10


def near(size: float, value: float) -> bool:
    return abs(value - size) <= 400  # objects' headers, and what the tracer cannot tell apart


def test_peak_of_an_inner_call_counts_for_the_outer_one(heap: Seen) -> None:
    assert near(50_000, min(values(heap, "inner")))
    assert near(300_000, max(values(heap, "inner")))
    # 100,000 bytes are held while inner's 300,000 come and go
    assert all(near(400_000, value) for value in values(heap, "outer"))
    # freed before the next one is made: the peak is one, not three
    assert all(near(50_000, value) for value in values(heap, "thrice"))


def test_the_tracers_own_memory_is_not_the_functions(heap: Seen) -> None:
    assert all(value <= 100 for value in values(heap, "nothing"))
    # 500 inner calls, ten of which are recorded, then 20,000 bytes
    assert all(near(20_000, value) for value in values(heap, "calls_nothing"))


Calls = Sequence[list[Any]]  # descriptor, seconds or bytes, tracer's share


def file_result(function_calls: Calls, heap_calls: Calls = (), calibration: float = 0.02) -> dict[str, Any]:
    def one(calls: Calls) -> dict[str, Any]:
        return {"functions": [{"path": "pkg/a.py", "qualname": "f", "line": 1, "entered": 99, "calls": list(calls)}]}

    return {"calibration": calibration, "batch": "b", "confined": "", "latency": one(function_calls), "heap": one(heap_calls)}


def test_test_files_are_merged_into_one_row_a_function(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("def f(n):\n    return n\n", encoding="utf-8")
    package = trace.Package("pkg", "1.0", tmp_path / "pkg", ())
    many = [[f"n=str[{i}]", 1e-6, 0.0] for i in range(20) for _ in range(5)]
    records = [file_result(many, [["n=str[0]", 64.0, 0.0]]), file_result([["n=int", 3e-6, 0.1]] * 30, [["n=int", 32.0, 0.0]], 0.03)]
    (row,) = trace.merge(package, records)
    assert sum(call["n"] for call in row["calls"]) <= trace.MAX_CALLS
    assert len(row["calls"]) <= trace.MAX_DESCRIPTORS
    assert row["calls"][0] == {
        "args": "n=int", "n": 20, "latency_min": 3e-6, "latency_median": 3e-6, "latency_spread": 1.0, "peak_heap": 32.0
    }  # fmt: skip
    assert row["peak_heap"] == 48.0
    assert row["calibration"] == 0.025
    assert row["pointer"] == {"package": "pkg", "version": "1.0", "path": "pkg/a.py", "qualname": "f", "line": 1}
    assert len(row["sha256"]) == len(row["file_sha256"]) == 64
    assert row["source"] == "trace"
    assert row["schema"] == rows.SCHEMA


def test_functions_without_a_def_in_the_file_have_no_row(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("x = 1\n", encoding="utf-8")
    assert trace.merge(trace.Package("pkg", "1.0", tmp_path / "pkg", ()), [file_result([["", 1e-6, 0.0]])]) == []


def test_files_take_turns_between_folders_small_ones_first(tmp_path: Path) -> None:
    files = []
    for name, size in {"a/1.py": 30, "a/2.py": 10, "b/1.py": 20, "c/1.py": 5, "c/2.py": 50, "c/3.py": 7}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x" * size, encoding="utf-8")
        files.append(tmp_path / name)
    ordered = [str(file.relative_to(tmp_path)) for file in trace.order_files(files)]
    assert ordered == ["a/2.py", "b/1.py", "c/1.py", "a/1.py", "c/3.py", "c/2.py"]


def test_missing_package_is_one_clear_error() -> None:
    with pytest.raises(OSError, match="no_such_package is not installed"):
        trace.find_package("no_such_package")


def test_functions_with_calls_enough_are_left_alone() -> None:
    seen = trace.Seen()
    calls = [["n=int", 1e-6, 0.0]] * 20
    seen.add([file_result(calls, calls)] * (trace.KNOWN_FILES - 1))
    assert seen.known() == []
    seen.add([{**file_result(calls), "heap": None}] * 5)  # files whose second pass failed do not count
    assert seen.known() == []
    seen.add([file_result(calls, calls)])
    assert seen.known() == [("pkg/a.py", 1)]
