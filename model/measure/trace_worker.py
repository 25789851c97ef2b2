"""One test file under the tracer: runs in the sandboxed child, once for latency and once for heap."""

from __future__ import annotations

import os
import sys
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest

from rlm_lsp.model.measure.tracer import HeapTracer, LatencyTracer, Tracer
from rlm_lsp.model.measure.tracer_plugin import TestLimits

LATENCY_CALLS = 40
HEAP_CALLS = 10


def latency(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Calls of the package's functions in seconds. Payload: root (the package's folder), file (a test file), file_s (its limit)."""
    tracer = LatencyTracer(payload["root"], LATENCY_CALLS)
    tracer.calibrate()
    outcome = _run_tests(tracer, payload)
    return {
        **outcome,
        "event_ns": round(tracer.event_ns, 1),
        "own_ns": round(tracer.own_ns, 1),
        "functions": _functions(tracer, payload["root"], 1e-9),
    }


def heap(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The same in bytes."""
    tracer = HeapTracer(payload["root"], HEAP_CALLS)
    tracemalloc.start(1)
    try:
        outcome = _run_tests(tracer, payload)
    finally:
        tracemalloc.stop()
    return {**outcome, "functions": _functions(tracer, payload["root"], 1.0)}


def _run_tests(tracer: Tracer, payload: Mapping[str, Any]) -> dict[str, Any]:
    limits = TestLimits(payload["file_s"])
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:timeout", "-p", "no:hypothesispytest"]
    options += ["-c", os.devnull, "--rootdir", payload["root"], "-W", "ignore", "-o", "addopts=", payload["file"]]
    sys.argv = ["pytest", *options]
    tracer.start()
    try:
        status = pytest.main(options, plugins=[limits])
    finally:
        tracer.stop()
    return {"status": int(status), "outcomes": limits.outcomes, "stopped": limits.stopped}


def _functions(tracer: Tracer, root: str, scale: float) -> list[dict[str, Any]]:
    """Every function with at least one good call: path relative to the package's parent, qualname, first line, and its calls."""
    parent = os.path.dirname(root.rstrip(os.sep))  # noqa: PTH120  # a string prefix of co_filename, not a place to visit
    return [
        {
            "path": os.path.relpath(code.co_filename, parent).replace(os.sep, "/"),
            "qualname": code.co_qualname,
            "line": code.co_firstlineno,
            "entered": profile.entered,
            "calls": [[call.args, call.value * scale, round(call.share, 3)] for call in calls],
        }
        for code, profile in tracer.profiles.items()
        if (calls := tracer.calls(profile))
    ]
