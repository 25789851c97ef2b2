"""Running a model with ONNX Runtime, in a process of its own: ``python -m rlm_lsp.onnx.runner``.

A request ``{"id", "path", "attempts"}`` tries lists of inputs ``[name, dtype, dims]`` until the model takes one; the answer is
``{"id", "attempt", "total_s", "runs", "profile", "version"}``, or ``{"id", "error"}`` with what the last attempt failed of. ``profile`` has
for each node that ran (name, operator, index in its graph) the least seconds that it took in any run.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from rlm_lsp.onnx.clean import first_line
from rlm_lsp.predict.framing import Frame, Pipes

BUDGET_S, LEAST_RUNS, MOST_RUNS = 1.0, 5, 200
PROFILED_BUDGET_S, PROFILED_LEAST, PROFILED_MOST = 1.5, 3, 20
SEED = 0
MOST_ELEMENTS = 1 << 28  # of one input
_KERNEL = "_kernel_time"

_FLOATS = frozenset({"float16", "float32", "float64"})
_WHOLE = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    pipes = Pipes()
    try:
        import onnxruntime
    except ImportError as error:
        pipes.send({"fatal": f"models are run by the package onnxruntime, which cannot be imported: {error}"})
        return
    onnxruntime.set_default_logger_severity(4)
    pipes.send({"ready": True})
    for request in pipes.requests():
        pipes.send({"id": request["id"], **_answer(onnxruntime, request)})


def ask(path: Path, attempts: list[list[tuple[str, str, list[int]]]]) -> Frame:
    """What asks for a model's times; the caller adds the id."""
    return {"path": str(path.absolute()), "attempts": attempts}


def _answer(runtime: Any, request: Frame) -> Frame:
    error = "it has no inputs that could be tried"
    try:
        session = runtime.InferenceSession(request["path"], _options(runtime, optimised=True), providers=["CPUExecutionProvider"])
    except Exception as failure:  # the runtime's own exceptions have no common base
        return {"error": first_line(failure)}
    for number, wanted in enumerate(request["attempts"]):
        try:
            given = _random_inputs(wanted)
            session.run(None, given)
        except Exception as failure:
            error = first_line(failure)
            continue
        seconds = _timed(session, given, BUDGET_S, LEAST_RUNS, MOST_RUNS)
        del session
        profile = _profiled(runtime, request["path"], given)
        return {"attempt": number, "total_s": min(seconds), "runs": len(seconds), "profile": profile, "version": runtime.__version__}
    return {"error": error}


def _options(runtime: Any, *, optimised: bool) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    level = runtime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimised else level.ORT_DISABLE_ALL
    return options


def _random_inputs(wanted: list[tuple[str, str, list[int]]]) -> dict[str, Any]:
    """Normal numbers; of whole ones 0 and 1, which are token ids, indices and masks anywhere."""
    import numpy as np

    random = np.random.default_rng(SEED)
    given: dict[str, Any] = {}
    for name, dtype, dims in wanted:
        elements = int(np.prod(dims, dtype=np.float64))
        if elements > MOST_ELEMENTS:
            raise ValueError(f"input {name} would have {elements:,} elements")
        if dtype in _FLOATS:
            given[name] = random.standard_normal(dims).astype(dtype)
        elif dtype in _WHOLE:
            given[name] = random.integers(0, 2, dims).astype(dtype)
        elif dtype == "bool":
            given[name] = np.ones(dims, bool)
        elif dtype == "string":
            given[name] = np.full(dims, "a", object)
        else:
            raise ValueError(f"input {name} is of type {dtype or 'unknown'}, of which none are made up")
    return given


def _timed(session: Any, given: dict[str, Any], budget_s: float, least: int, most: int) -> list[float]:
    """Seconds of runs one after the other, until there are enough or their time is over."""
    seconds: list[float] = []
    while len(seconds) < least or (sum(seconds) < budget_s and len(seconds) < most):
        begun = time.perf_counter()
        session.run(None, given)
        seconds.append(time.perf_counter() - begun)
    return seconds


def _profiled(runtime: Any, path: str, given: dict[str, Any]) -> list[tuple[str, str, int, float]]:
    """The nodes' times without graph optimisation, after which hardly a node would be that of the file."""
    with tempfile.TemporaryDirectory(prefix="rlm-lsp-") as folder:
        options = _options(runtime, optimised=False)
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder, "profile"))
        session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        _timed(session, given, PROFILED_BUDGET_S, PROFILED_LEAST, PROFILED_MOST)
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    spent: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
    for event in events:
        name = event.get("name", "")
        if event.get("cat") == "Node" and name.endswith(_KERNEL):
            given_by = event.get("args", {})
            spent[name.removesuffix(_KERNEL), given_by.get("op_name", ""), int(given_by.get("node_index", -1))].append(event["dur"] * 1e-6)
    return [(*node, min(seconds)) for node, seconds in spent.items()]


if __name__ == "__main__":
    main()
