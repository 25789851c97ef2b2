"""The default back end: onnxruntime on the CPU in float32."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from rlm_lsp.model.backends import ONNX_PRECISION, Ids, decoding_rows
from rlm_lsp.model.checkpoint import DECODER, ENCODER, Checkpoint, CheckpointError
from rlm_lsp.model.decode import Step, quantile_walk

INPUTS_PER_THREAD = 8
"""Inputs that are given at once, for each thread: enough to keep all threads busy until the next are there."""


class OnnxBackend:
    """Runs one input at a time on one core, and ``threads`` inputs at once.

    Shapes and arithmetic of an input's run depend on that input alone, so its numbers are the same to the last bit alone, in any
    batch and with any number of threads. The two sessions are shared: onnxruntime's ``run`` is thread-safe.
    """

    precision = ONNX_PRECISION

    def __init__(self, checkpoint: Checkpoint, threads: int) -> None:
        self._config = checkpoint.config
        self._threads = threads
        self.batch = threads * INPUTS_PER_THREAD
        self._encoder = _session(checkpoint.folder / ENCODER)
        self._decoder = _session(checkpoint.folder / DECODER)
        self._cross_names = [output.name for output in self._encoder.get_outputs()]
        self._past_names = [node.name for node in self._decoder.get_inputs() if node.name.startswith("past_")]
        self._step_outputs = ["logits", *(name.removeprefix("past_") for name in self._past_names)]
        self._prefixes, self._levels = decoding_rows(checkpoint.config)

    def start(self, ids: Ids, rows: int) -> Step:
        """Encode ``ids``; the returned step takes tokens (rows, T)."""
        cross = self._encoder.run(self._cross_names, {"input_ids": np.array([ids], dtype=np.int64)})
        stack = self._config.architecture.decoder
        nothing = np.zeros((rows, stack.kv_heads, 0, stack.head_dim), dtype=np.float32)
        feeds = {**dict(zip(self._cross_names, cross, strict=True)), **dict.fromkeys(self._past_names, nothing)}

        def step(tokens: NDArray[np.int64]) -> NDArray[np.floating]:
            logits: NDArray[np.floating]
            logits, *past = self._decoder.run(self._step_outputs, {**feeds, "tokens": np.ascontiguousarray(tokens)})
            feeds.update(zip(self._past_names, past, strict=True))
            return logits

        return step

    def quantiles(self, inputs: Sequence[Ids]) -> Iterator[NDArray[np.float64]]:
        """See ``Backend``; results come as soon as they and all before them are there."""
        if self._threads == 1 or len(inputs) == 1:
            yield from map(self._quantiles, inputs)
            return
        waiting: deque[Future[NDArray[np.float64]]] = deque()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="rlm") as pool:
            try:
                for ids in inputs:
                    waiting.append(pool.submit(self._quantiles, ids))
                    if len(waiting) > 2 * self._threads:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:  # the caller stopped listening, or an input failed
                for future in waiting:
                    future.cancel()

    def _quantiles(self, ids: Ids) -> NDArray[np.float64]:
        step = self.start(ids, len(self._prefixes))
        return quantile_walk(self._config.codec, self._prefixes, self._levels, step).reshape(-1, 3)  # (objectives * 3,) -> (objectives, 3)


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors are raised; nothing else belongs on the terminal
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions share no base class
        raise CheckpointError(path, f"onnxruntime cannot load it ({error})", "install a matching version of onnxruntime") from error
