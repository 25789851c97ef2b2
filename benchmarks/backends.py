"""Functions a second of both back ends, model only: tokenise, encode, walk three quantiles of two objectives."""

from __future__ import annotations

import statistics
import time

from benchmarks.workload import standard_library
from rlm_lsp.chunk import chunk_source
from rlm_lsp.model.checkpoint import default_checkpoint
from rlm_lsp.model.predictor import BackendName, Predictor
from rlm_lsp.predict.types import ModelInput

_FUNCTIONS = 300


def typical_inputs(wanted: int) -> list[ModelInput]:
    """Return functions of 60 to 160 tokens' worth of text (about 250 to 600 characters) from the standard library."""
    found: list[ModelInput] = []
    for path in standard_library():
        for chunk in chunk_source(path.read_bytes(), "python").chunks:
            if chunk.kind == "function" and 250 <= len(chunk.text) <= 600:
                found.append(ModelInput("python", "function", chunk.text))
        if len(found) >= wanted:
            break
    return found[:wanted]


def backend_speeds() -> list[str]:
    """Return the section on the back ends."""
    inputs = typical_inputs(_FUNCTIONS)
    characters = statistics.median(len(item.text) for item in inputs)
    lines = ["## Back ends", "", f"{len(inputs)} functions of {characters:.0f} characters (median), model only, median of 3.", ""]
    lines += ["| back end | threads | functions/s | ms a function |", "|---|---|---|---|"]
    kinds: list[tuple[BackendName, int]] = [("onnx", 1), ("onnx", 2), ("torch", 1), ("torch", 2)]
    for backend, threads in kinds:
        predictor = Predictor.load(default_checkpoint(), backend=backend, threads=threads)
        list(predictor.predict_many(inputs[:20]))
        taken = []
        for _ in range(3):
            started = time.perf_counter()
            list(predictor.predict_many(inputs))
            taken.append(time.perf_counter() - started)
        rate = len(inputs) / statistics.median(taken)
        lines.append(f"| {backend} | {threads} | {rate:.0f} | {1000 / rate:.1f} |")
        print(lines[-1], flush=True)
    return lines
