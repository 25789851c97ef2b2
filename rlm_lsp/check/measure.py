"""``rlm-lsp measure -- pytest ...``: what the user's own functions cost in their own tests, as rows for ``rlm-lsp model tune``."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from rlm_lsp.check.run import OK
from rlm_lsp.check.terminal import say
from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import InputError

NOTHING_SEEN = 2
TESTS_FAILED = 1  # pytest's
_PYTHON = re.compile(r"python[\d.]*(\.exe)?")


def measure(command: Sequence[str], output: Path) -> int:
    """Run the tests twice, for time and for memory, write the rows to ``output``, and return pytest's exit code.

    Nothing is written where the tests could not be run (any of pytest's codes above 1), or where no function was seen (2).

    Raises:
        InputError: the command is not pytest's, this interpreter cannot measure, or ``output`` cannot be written.
    """
    arguments = pytest_arguments(command)
    _check_interpreter()
    with _new_file(output) as draft, tempfile.TemporaryDirectory(prefix="rlm-lsp-measure-") as scratch, _alone():
        root = Path.cwd()
        passes: dict[str, list[dict[str, Any]]] = {}
        codes = []
        for number, (which, what) in enumerate((("latency", "time"), ("heap", "memory")), 1):
            say(f"pass {number} of 2: {what}")
            result = Path(scratch, which)
            codes.append(_run_pass(which, result, root, arguments))
            if codes[-1] not in (OK, TESTS_FAILED) or not result.exists():
                break
            passes[which] = json.loads(result.read_text("utf-8"))
        if "latency" not in passes:
            early = ", its process too early" if codes[0] in (OK, TESTS_FAILED) else ""  # a test may end it with any code
            say(f"pytest ended with {codes[0]}{early}; nothing was written")
            return codes[0] or NOTHING_SEEN
        from rlm_lsp.model.measure.own_rows import rows_of

        rows = list(rows_of(root, passes["latency"], passes.get("heap", [])))
        if not rows:
            say("no call of a function of your own was seen (functions in files below this folder that are no tests), nothing was written")
            return codes[0] or NOTHING_SEEN
        draft.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        draft.replace(output)
    functions = len({row["id"] for row in rows})
    say(f"{printable(str(output))}: {len(rows):,} rows of {functions:,} functions; it holds your code, so treat it as such")
    if "heap" not in passes or codes[0] != codes[1]:
        say(f"the two passes ended differently, with {codes[0]} and {codes[1]}: memory may be missing")
    return codes[0]


def pytest_arguments(command: Sequence[str]) -> list[str]:
    """Return what follows ``pytest`` or ``python -m pytest`` in a command line. Raises InputError for any other program."""
    words = list(command)
    if len(words) >= 3 and _PYTHON.fullmatch(Path(words[0]).name) and words[1:3] == ["-m", "pytest"]:
        return words[3:]
    if words and Path(words[0]).name in ("pytest", "py.test", "pytest.exe"):
        return words[1:]
    raise InputError("measure runs pytest: rlm-lsp measure [--output ROWS] -- pytest [pytest's arguments]")


def _check_interpreter() -> None:
    if not hasattr(sys, "monitoring"):
        version = ".".join(map(str, sys.version_info[:3]))
        raise InputError(f"measure needs CPython 3.12 or newer, rlm-lsp runs on {sys.implementation.name} {version}")
    if importlib.util.find_spec("pytest") is None:
        raise InputError(
            f"pytest is not installed beside rlm-lsp in {printable(sys.prefix)}: install both into the environment that your tests run in"
        )


@contextmanager
def _new_file(output: Path) -> Iterator[Path]:
    """A draft beside ``output``, made at once, so that a folder that is not there is told before the tests run; it goes if it is left."""
    if output.exists() and not output.is_file():
        raise InputError(f"{printable(str(output))}: not a regular file")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{output.name}-", dir=output.absolute().parent)
    except OSError as error:
        raise InputError(f"{printable(str(output))}: {error.strerror or error}") from error
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody measures beside us where there is the harness's lock; a machine without one is not kept waiting."""
    if sys.platform == "win32":
        yield
        return
    from rlm_lsp.model.measure import lock

    with lock.exclusive_if_free():
        yield


def _run_pass(which: str, result: Path, root: Path, arguments: Sequence[str]) -> int:
    """One pass in a fresh interpreter; Ctrl+C is pytest's to answer, and ours after it has ended."""
    interrupted = False

    def note(_signal: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True

    # -P: a folder with a json.py of its own must not shadow ours; the child puts the folder first in time for the tests
    command = [sys.executable, "-P", "-m", "rlm_lsp.model.measure.own_suite", which, str(result), str(root), *arguments]
    before = signal.signal(signal.SIGINT, note)
    try:
        with subprocess.Popen(command) as child:
            code = child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code
