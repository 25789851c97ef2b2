"""A user's own test suite under the tracer: one pass of ``rlm-lsp measure``, in a process of its own.

``python -P -m rlm_lsp.model.measure.own_suite latency|heap RESULT ROOT [pytest's arguments]`` runs pytest, writes the calls of functions
under the folder ROOT to the file RESULT as JSON, and ends with pytest's exit code. Needs pytest and CPython 3.12+.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import sysconfig
import tracemalloc
from collections.abc import Generator, Sequence
from pathlib import Path, PurePath
from types import CodeType
from typing import Any

import pytest

from rlm_lsp.model.measure.tracer import MONITORING, HeapTracer, LatencyTracer, Tracer

LATENCY_CALLS = 40
HEAP_CALLS = 10
_FOREIGN_FOLDERS = frozenset({"site-packages", "dist-packages", "node_modules", "__pypackages__"})
_FOREIGN_PREFIXES = (
    *{sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    str(Path(__file__).parent) + os.sep,  # the plugin itself, should this project measure itself
)


def is_own(filename: str, root: str) -> bool:
    """Return whether a file under ``root`` (which ends with a separator) is the user's: not installed there, not in a hidden folder."""
    if not filename.startswith(root) or filename.startswith(_FOREIGN_PREFIXES):
        return False
    folders = PurePath(filename[len(root) :]).parts[:-1]
    return not any(folder in _FOREIGN_FOLDERS or folder.startswith(".") for folder in folders)


class OwnLatency(LatencyTracer):
    """Nanoseconds of the user's own functions."""

    def takes(self, code: CodeType) -> bool:
        """Whether the code is the user's own, and no test."""
        return is_own(code.co_filename, self.root) and super().takes(code)


class OwnHeap(HeapTracer):
    """Bytes of the user's own functions."""

    def takes(self, code: CodeType) -> bool:
        """Whether the code is the user's own, and no test."""
        return is_own(code.co_filename, self.root) and super().takes(code)


class Recording:
    """The pytest plugin: events are on from before the first test to after the last, whatever happens; garbage waits between tests."""

    def __init__(self, tracer: Tracer, heap: bool) -> None:
        self._tracer, self._heap = tracer, heap

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """All tests."""
        _refuse_what_spoils_it(session.config)
        if self._heap:
            tracemalloc.start(1)
        try:
            self._tracer.start()
            try:
                return (yield)
            finally:
                self._tracer.stop()
        finally:
            if self._heap:
                tracemalloc.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """One test."""
        gc.disable()
        try:
            return (yield)
        finally:
            gc.enable()


def _refuse_what_spoils_it(config: pytest.Config) -> None:
    if config.pluginmanager.hasplugin("dsession"):
        raise pytest.UsageError("rlm-lsp measure: tests that run in other processes cannot be measured; add -n 0")
    tools = [MONITORING.get_tool(number) for number in range(6)]
    if sys.gettrace() is not None or sys.getprofile() is not None or any(tools):
        raise pytest.UsageError(
            "rlm-lsp measure: coverage, a profiler or a debugger watches this run, so its times would be wrong; leave it out (--no-cov)"
        )


def run(which: str, root: str, arguments: Sequence[str]) -> tuple[int, list[dict[str, Any]]]:
    """Run pytest under the tracer; return its exit code and the functions seen: path below ``root``, qualname, line, calls in s or B."""
    if which == "latency":
        latency = OwnLatency(root, LATENCY_CALLS)
        latency.calibrate()
        tracer: Tracer = latency
    else:
        tracer = OwnHeap(root, HEAP_CALLS)
    status = int(pytest.main(list(arguments), plugins=[Recording(tracer, which == "heap")]))
    return status, functions_of(tracer, 1e-9 if which == "latency" else 1.0)


def functions_of(tracer: Tracer, scale: float) -> list[dict[str, Any]]:
    """Return what the tracer saw, functions without a good call left out."""
    return [
        {
            "path": code.co_filename[len(tracer.root) :].replace(os.sep, "/"),
            "qualname": getattr(code, "co_qualname", code.co_name),  # there since Python 3.11
            "line": code.co_firstlineno,
            "calls": [[call.args, call.value * scale] for call in calls],
        }
        for code, profile in tracer.profiles.items()
        if (calls := tracer.calls(profile))
    ]


def main() -> int:
    """Run one pass."""
    which, result, root, *arguments = sys.argv[1:]
    sys.argv = ["pytest", *arguments]
    sys.path.insert(0, os.getcwd())  # noqa: PTH109  # as `python -m pytest` does
    status, functions = run(which, root, arguments)
    Path(result).write_text(json.dumps(functions), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
