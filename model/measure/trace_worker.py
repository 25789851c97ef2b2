"""One test file under the tracer: runs in the sandboxed child, once for latency and once for heap."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.model.measure.tracer import HeapTracer, LatencyTracer, Tracer
from rlm_lsp.model.measure.tracer_plugin import TestLimits

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # other people's plugins would run inside the windows
with contextlib.redirect_stdout(io.StringIO()):
    pytest.main(["--version"])  # loads pytest's own plugins once, before the server forks

LATENCY_CALLS = 40
HEAP_CALLS = 10


def latency(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Calls of the package's functions in seconds; `disturbed` counts functions whose windows were all mostly the tracer's own.

    Payload: root (the package's folder), file (a test file), file_s (its limit), known (functions to leave alone: path, first line).
    """
    tracer = LatencyTracer(payload["root"], LATENCY_CALLS, _known(payload))
    tracer.calibrate()
    outcome = _run_tests(payload, tracer.start, tracer.stop)
    return {
        **outcome,
        "event_ns": round(tracer.event_ns, 1),
        "own_ns": round(tracer.own_ns, 1),
        "functions": _functions(tracer, payload["root"], 1e-9),
        "disturbed": sum(1 for profile in tracer.profiles.values() if profile.entered and not tracer.calls(profile)),
    }


def heap(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The same in bytes."""
    tracer = HeapTracer(payload["root"], HEAP_CALLS, _known(payload))

    def begin() -> None:
        tracemalloc.start(1)
        tracer.start()

    def end() -> None:
        tracer.stop()
        tracemalloc.stop()

    outcome = _run_tests(payload, begin, end)
    return {**outcome, "functions": _functions(tracer, payload["root"], 1.0)}


def _known(payload: Mapping[str, Any]) -> list[tuple[str, int]]:
    parent = Path(payload["root"]).parent
    return [(str(parent / path), line) for path, line in payload["known"]]


def _run_tests(payload: Mapping[str, Any], begin: Callable[[], None], end: Callable[[], None]) -> dict[str, Any]:
    limits = TestLimits(payload["file_s"], begin, end)
    options = ["-q", "-p", "no:cacheprovider"]
    options += ["-c", os.devnull, "--rootdir", payload["root"], "-W", "ignore", "-o", "addopts=", payload["file"]]
    sys.argv = ["pytest", *options]
    status = pytest.main(options, plugins=[limits])
    return {"status": int(status), "outcomes": limits.outcomes, "stopped": limits.stopped}


def _functions(tracer: Tracer, root: str, scale: float) -> list[dict[str, Any]]:
    """Every function with at least one good call: path relative to the package's parent, qualname, first line, and its calls."""
    parent = os.path.dirname(root.rstrip(os.sep))  # noqa: PTH120  # a string prefix of co_filename, not a place to visit
    return [
        {
            "path": os.path.relpath(code.co_filename, parent).replace(os.sep, "/"),
            "qualname": getattr(code, "co_qualname", code.co_name),  # there since Python 3.11
            "line": code.co_firstlineno,
            "entered": profile.entered,
            "calls": [[call.args, call.value * scale, round(call.share, 3)] for call in calls],
        }
        for code, profile in tracer.profiles.items()
        if (calls := tracer.calls(profile))
    ]
