"""``rlm-lsp measure`` on a small project of its own, under a CPython 3.12+, which may not be the one that runs the tests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.check import measure
from rlm_lsp.chunk import chunk_source, normalise_function
from rlm_lsp.model.measure import lock
from rlm_lsp.model.measure.own_rows import rows_of
from rlm_lsp.model.measure.own_suite import is_own
from rlm_lsp.predict.errors import InputError
from tests.measure.test_tracer import interpreter

SHOP = '''\
import functools


def total(prices):
    """The sum."""
    result = 0.0
    for price in prices:  # one by one
        result += price
    return result


class Basket:
    def __init__(self):
        self.items = []

    @functools.cache
    def rules(self):
        return """
left: nothing
"""

    def add(self, item):
        def twice(x):
            return 2 * x

        self.items.append(twice(item))
        return list(range(1000))
'''
TESTS = """\
import pathlib

import helper
from shop.prices import Basket, total


def own_helper(x):
    return x


def test_total():
    for size in (1, 10, 100):
        assert total([1.0] * size) == size


def test_basket():
    basket = Basket()
    for _ in range(3):
        basket.add(own_helper(2))
        helper.installed()
    assert basket.rules()


def test_count_passes():
    with pathlib.Path("passes").open("a") as file:
        file.write("x")
"""
FUNCTIONS = {"total", "Basket.__init__", "Basket.rules", "Basket.add", "Basket.add.<locals>.twice"}


@pytest.fixture(scope="session")
def python() -> str:
    """A CPython 3.12+ that has this project and pytest installed, as a user's has."""
    found = interpreter()
    wanted = "import rlm_lsp.model.measure.own_rows, pytest, tree_sitter"
    if found is None or subprocess.run([found, "-P", "-c", wanted], capture_output=True, check=False).returncode != 0:
        reason = "needs a CPython 3.12+ with this project and pytest: the running one or RLM_LSP_NEWER_PYTHON, which scripts/test makes"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package with tests, and a package installed inside of its folder."""
    installed = tmp_path / "project" / ".env" / "lib" / "site-packages"
    for path, text in {
        "shop/__init__.py": "",
        "shop/prices.py": SHOP,
        "tests/test_shop.py": TESTS,
        "tests/conftest.py": f"import sys\n\nsys.path.insert(0, {str(installed)!r})\n",
        ".env/lib/site-packages/helper.py": "def installed():\n    return 1\n",
    }.items():
        (tmp_path / "project" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / path).write_text(text, encoding="utf-8")
    return tmp_path / "project"


def start(project: Path, python: str, *arguments: str) -> "subprocess.Popen[str]":
    """``rlm-lsp measure`` in the project's folder."""
    environment: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "TMPDIR": str(project.parent),
    }
    command = [python, "-P", "-m", "rlm_lsp", "measure", *arguments]
    return subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(project: Path, python: str, *arguments: str) -> tuple[int, str, str]:
    with start(project, python, *arguments) as process:
        stdout, stderr = process.communicate(timeout=240)
    return process.returncode, stdout, stderr


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def names(path: Path) -> set[str]:
    return {row["id"].split("::")[1].split(":")[0] for row in rows(path)}


def test_rows_of_a_suite_hold_what_the_users_own_functions_cost(project: Path, python: str) -> None:
    before = {path.name for path in project.iterdir()}
    code, stdout, stderr = run(project, python, "--output", "mine.jsonl", "--", "pytest", "-q")
    assert (code, "3 passed" in stdout) == (0, True), stderr
    assert "it holds your code" in stderr
    assert names(project / "mine.jsonl") == FUNCTIONS
    assert (project / "passes").read_text() == "xx"  # one for time, one for memory
    assert {path.name for path in project.iterdir()} - before <= {"mine.jsonl", "passes", ".pytest_cache"}

    found = rows(project / "mine.jsonl")
    in_file = {chunk.qualified_name: chunk.text for chunk in chunk_source(SHOP.encode(), "python").chunks}
    for row in found:
        assert normalise_function(row["text"]) == in_file[row["id"].split("::")[1].rpartition(":")[0]]
        assert 0 < row["latency"] < 1
        assert row["peak_heap"] >= 0
        assert (row["language"], row["kind"]) == ("python", "function")
    sizes = {row.get("args") for row in found if "::total:" in row["id"]}
    assert sizes == {None, "prices=list[10]", "prices=list[100]"}  # the first call pays for imports and caches
    (add,) = [row for row in found if "::Basket.add:" in row["id"] and "args" not in row]
    assert 8000 < add["peak_heap"] < 80_000  # a list of a thousand numbers


def test_failing_tests_are_measured_and_told_by_the_exit_code(project: Path, python: str) -> None:
    (project / "tests" / "test_bad.py").write_text("def test_bad():\n    assert False\n")
    code, stdout, _ = run(project, python, "--", "python", "-m", "pytest", "-q")
    assert (code, "1 failed" in stdout) == (1, True)
    assert names(project / "rows.jsonl") == FUNCTIONS


def test_options_of_pytest_are_pytests(project: Path, python: str) -> None:
    """Though they look like ours."""
    more = 'def pytest_addoption(parser):\n    parser.addoption("--output")\n    parser.addoption("--check", action="store_true")\n'
    with (project / "tests" / "conftest.py").open("a") as file:
        file.write(more)
    code, stdout, stderr = run(project, python, "--", "pytest", "tests", "--output", "theirs", "--check", "-q", "-k", "total or nothing")
    assert (code, "1 passed, 2 deselected" in stdout) == (0, True), stderr
    assert names(project / "rows.jsonl") == {"total"}
    assert not (project / "theirs").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["pytest", "--no-such-option"], 4, "pytest ended with 4"),
        (["pytest", "-q", "missing.py"], 4, "pytest ended with 4"),
        (["pytest", "-q", "-k", "none_of_them"], 5, "pytest ended with 5"),
        (["pytest", "--collect-only", "-q"], 2, "no call of a function of your own was seen"),
        (["pytest", "--version"], 2, "no call of a function of your own was seen"),
        (["nosetests"], 2, "measure runs pytest"),
        ([], 2, "measure runs pytest"),
    ],
)
def test_without_measured_calls_nothing_is_written(project: Path, python: str, arguments: list[str], code: int, said: str) -> None:
    found, _, stderr = run(project, python, "--", *arguments)
    assert (found, said in stderr) == (code, True), stderr
    assert not [path.name for path in project.iterdir() if "rows.jsonl" in path.name]


def test_a_test_that_ends_the_process_is_no_success(project: Path, python: str) -> None:
    (project / "tests" / "test_a.py").write_text("import os\n\n\ndef test_exit():\n    os._exit(0)\n")
    code, _, stderr = run(project, python, "--", "pytest", "-q")
    assert (code, "its process too early; nothing was written" in stderr) == (2, True), stderr
    assert not (project / "rows.jsonl").exists()


def test_a_run_that_something_else_watches_is_refused(project: Path, python: str) -> None:
    with (project / "tests" / "conftest.py").open("a") as file:
        file.write("\nsys.settrace(lambda *event: None)\n")
    code, _, stderr = run(project, python, "--", "pytest", "-q")
    assert (code, "its times would be wrong" in stderr) == (4, True)
    assert not (project / "rows.jsonl").exists()


def test_a_folder_that_is_not_there_is_told_before_the_tests_run(project: Path, python: str) -> None:
    code, _, stderr = run(project, python, "--output", "no/rows.jsonl", "--", "pytest")
    assert (code, "No such file or directory" in stderr) == (2, True)
    assert not (project / "passes").exists()


ENDS = """
import sys, tracemalloc
sys.path.insert(0, ".")
from rlm_lsp.model.measure import own_suite
for which in ("latency", "heap"):
    try:
        print(own_suite.run(which, sys.argv[1], ["-q", "-p", "no:cacheprovider", "ends.py"])[0])
    except BaseException as error:
        print(type(error).__name__)
    assert [sys.monitoring.get_tool(number) for number in range(6)] == [None] * 6
    assert not tracemalloc.is_tracing()
"""


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "raise SystemExit(3)", "pytest.exit('enough')", "assert total([1]) == 2"])
def test_no_monitoring_tool_is_left_registered(project: Path, python: str, end: str) -> None:
    (project / "ends.py").write_text(f"import pytest\nfrom shop.prices import total\n\n\ndef test_end():\n    total([1])\n    {end}\n")
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [python, "-c", ENDS, str(project)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_an_interrupted_measurement_leaves_nothing(project: Path, python: str) -> None:
    slow = "import pathlib, time\n\n\ndef test_slow():\n    pathlib.Path('started').touch()\n    time.sleep(200)\n"
    (project / "tests" / "test_a.py").write_text(slow)
    with start(project, python, "--", "pytest", "-q") as process:
        deadline = time.monotonic() + 200
        while not (project / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        for pid in (process.pid, *map(int, children)):  # as a terminal does
            os.kill(pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=200)
    assert (process.returncode, "interrupted" in stderr) == (130, True), stderr
    assert not [path.name for path in project.iterdir() if "rows.jsonl" in path.name]
    assert not list(project.parent.glob("rlm-lsp-measure-*"))


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["pytest"], []),
        (["pytest", "-x", "--", "a"], ["-x", "--", "a"]),
        (["/usr/bin/pytest", "-q"], ["-q"]),
        (["python3.12", "-m", "pytest", "pytest"], ["pytest"]),
        (["python", "-m", "unittest"], None),
        (["pytest-watch"], None),
        ([], None),
    ],
)
def test_which_commands_are_pytest(words: list[str], arguments: list[str] | None) -> None:
    if arguments is None:
        with pytest.raises(InputError, match="measure runs pytest"):
            measure.pytest_arguments(words)
    else:
        assert measure.pytest_arguments(words) == arguments


def test_an_interpreter_that_cannot_measure_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(sys, "monitoring", raising=False)
    with pytest.raises(InputError, match=r"needs CPython 3\.12 or newer"):
        measure.measure(["pytest"], tmp_path / "rows.jsonl")
    monkeypatch.setattr(sys, "monitoring", object(), raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pytest is not installed"):
        measure.measure(["pytest"], tmp_path / "rows.jsonl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/p/shop/prices.py", True),
        ("/p/main.py", True),
        ("/p/.venv/lib/python3.12/site-packages/x.py", False),
        ("/p/env/lib/python3.12/site-packages/x.py", False),
        ("/p/.tox/py/x.py", False),
        ("/project/x.py", False),
        ("<string>", False),
    ],
)
def test_whose_file_it_is(path: str, own: bool) -> None:
    assert is_own(path.replace("/", os.sep), f"{os.sep}p{os.sep}") == own


def test_the_harness_lock_is_taken_only_where_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.exclusive_if_free(path) as held:
        assert not held
    assert not path.exists()  # never made
    path.touch()
    with lock.exclusive_if_free(path) as held:
        assert held
    with lock.shared(path), lock.exclusive_if_free(path) as held:
        assert not held


def test_a_row_holds_what_its_function_calls_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('def f(x):\n    """Both."""\n    return g(x) + g(x)\n\n\ndef g(x):  # one\n    return x\n')
    seen = [{"path": "a.py", "qualname": name, "line": line, "calls": [["", 1e-6]]} for name, line in (("f", 1), ("g", 6))]
    f, g = rows_of(tmp_path, seen, [])
    assert f["callees"] == ["def g(x):\n return x"]
    assert "callees" not in g
