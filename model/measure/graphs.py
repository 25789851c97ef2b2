"""Networks of our own (`model/data/graphs/families.py`): latency and memory with ONNX Runtime on one thread.

`measure` runs in the sandboxed child, a fork for each network. Memory comes first: the network is written to a file, everything that built
it is given back, and then the high-water mark of loading and running it once counts, less what the process had before.
"""

from __future__ import annotations

import ctypes
import gc
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnxruntime

from rlm_lsp.model.data.graphs import families
from rlm_lsp.model.data.graphs.builder import Builder
from rlm_lsp.model.measure.campaign import FunctionTask
from rlm_lsp.model.measure.confine import Limits

SOURCE = "graphs"
LIMITS = Limits(wall_s=40, cpu_s=40, address_bytes=8 << 30, file_bytes=512 << 20)
BUDGET_S = 0.05  # of timed runs
LEAST_RUNS, MOST_RUNS = 5, 200


def load_tasks() -> list[FunctionTask]:
    """Every network of every family, families in turn."""
    return [
        FunctionTask(
            key=f"{family}/{number}",
            worker="rlm_lsp.model.measure.graphs:measure",
            payload={"family": family, "number": number},
            row={
                "group": family,
                "problem": family,
                "pointer": {"family": family, "number": number},
                "onnxruntime": onnxruntime.__version__,
            },
        )
        for family, number in families.every()
    ]


def measure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds of a run (minimum and median) and bytes that loading and running take. Raises what ONNX Runtime raises."""
    path = Path("network.onnx")
    network, outputs = families.build(payload["family"], payload["number"])
    path.write_bytes(network.model(outputs, seed=payload["number"]).SerializeToString())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    _session(_smallest(), options).run(None, {"input0": np.zeros(1, np.float32)})  # what the runtime itself takes is nobody's cost
    del network, outputs
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    before = _reset_high_water()
    session = _session(path, options)
    feeds = {each.name: _random(each.type, each.shape, payload["number"]) for each in session.get_inputs()}
    session.run(None, feeds)
    memory = _status("VmHWM") - before
    path.unlink()
    seconds = timed(session, feeds)
    latency = min(seconds)
    call = {"n": len(seconds), "latency_min": latency, "latency_median": statistics.median(seconds), "peak_rss": memory}
    halves = [min(seconds[0::2]), min(seconds[1::2])]
    return {"calls": [call], "latencies": [latency], "latency_split": halves, "heaps": []}


def _session(model: Path | bytes, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _smallest() -> bytes:
    net = Builder()
    return bytes(net.model([net.relu(net.input(1))]).SerializeToString())


def timed(session: onnxruntime.InferenceSession, feeds: Mapping[str, Any]) -> list[float]:
    """Seconds of runs, until the budget is spent."""
    seconds: list[float] = []
    deadline = time.perf_counter() + BUDGET_S
    while len(seconds) < LEAST_RUNS or (len(seconds) < MOST_RUNS and time.perf_counter() < deadline):
        started = time.perf_counter()
        session.run(None, feeds)
        seconds.append(time.perf_counter() - started)
    return seconds


def _random(kind: str, shape: list[int], number: int) -> Any:
    random = np.random.default_rng(Random(number).getrandbits(32))
    return random.integers(0, 100, shape) if kind == "tensor(int64)" else random.standard_normal(shape, np.float32)


def _reset_high_water() -> int:
    """Make the high-water mark of this process what it holds now; return that, bytes. See proc(5), clear_refs."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def _status(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
