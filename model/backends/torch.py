"""The torch back end, for GPUs: bfloat16 arithmetic on cuda, float32 elsewhere; several texts at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rlm_lsp.model.backends import Ids, decoding_rows
from rlm_lsp.model.checkpoint import Checkpoint
from rlm_lsp.model.decode import Step, quantile_walk
from rlm_lsp.model.network import RLM, KeyValue
from rlm_lsp.model.numbers import PAD

WINDOW = 512
"""Inputs among which equal lengths are looked for before the first answer leaves."""
BATCH_TOKENS = 16_384
"""Encoder tokens of one batch, padding included."""


def best_device() -> torch.device:
    """cuda, mps or cpu, in this order, whichever is there."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def precision(device: torch.device) -> str:
    """Such as ``torch/cuda/bf16``."""
    return f"torch/{device.type}/{'bf16' if device.type == 'cuda' else 'fp32'}"


class TorchBackend:
    """Runs padded batches of texts of about the same length. Numbers may differ in the last digit with the batch, as matrix products do."""

    def __init__(self, checkpoint: Checkpoint, threads: int) -> None:
        self._config = checkpoint.config
        self._device = best_device()
        self.precision = precision(self._device)
        if self._device.type == "cpu":
            torch.set_num_threads(threads)
        with torch.device("meta"):  # no time is spent on initial values
            network = RLM(checkpoint.config.architecture)
        # a tied head has no tensor of its own: strict loading is made sure of by the checkpoint's own check of names and shapes
        state = {name: torch.from_numpy(array.astype(np.float32)) for name, array in checkpoint.weights().items()}
        network.load_state_dict(state, strict=False, assign=True)
        if checkpoint.config.architecture.tied_head:
            network.head.weight = network.decoder.embed_tokens.weight
        self._network = network.to(self._device).eval()
        if self._device.type == "cuda":
            self._network.bfloat16()
        self._prefixes, self._levels = decoding_rows(checkpoint.config)

    def start(self, ids: Ids, rows: int) -> Step:
        """Encode ``ids``; the returned step takes tokens (rows, T)."""
        return self._start([ids], rows)

    def quantiles(self, inputs: Sequence[Ids]) -> Iterator[NDArray[np.float64]]:
        """See ``Backend``."""
        for begin in range(0, len(inputs), WINDOW):
            window = inputs[begin : begin + WINDOW]
            results: dict[int, NDArray[np.float64]] = {}
            for batch in _batches([len(ids) for ids in window]):
                results.update(zip(batch, self._quantiles([window[index] for index in batch]), strict=True))
            yield from (results[index] for index in range(len(window)))

    def _quantiles(self, batch: Sequence[Ids]) -> NDArray[np.float64]:
        """(texts, objectives, 3)."""
        rows, texts = len(self._prefixes), len(batch)
        values = quantile_walk(
            self._config.codec,
            np.tile(self._prefixes, (texts, 1)),  # (rows, L) -> (texts * rows, L)
            np.tile(self._levels, texts),  # (rows,) -> (texts * rows,)
            self._start(batch, rows),
            np.repeat(np.arange(texts), rows),
        )
        return values.reshape(texts, -1, 3)  # (texts * objectives * 3,) -> (texts, objectives, 3)

    @torch.inference_mode()
    def _start(self, batch: Sequence[Ids], rows: int) -> Step:
        """Encode a batch; the step takes tokens (texts * rows, T), all rows of a text together."""
        longest = max(len(ids) for ids in batch)
        padded = [[*ids, *[PAD] * (longest - len(ids))] for ids in batch]
        input_ids = torch.tensor(padded, device=self._device)  # (texts, S)
        lengths = torch.tensor([len(ids) for ids in batch], device=self._device)
        mask = torch.arange(longest, device=self._device)[None, :] < lengths[:, None]  # (texts, S)
        cross = [KeyValue(*(_repeat(part, rows) for part in kv)) for kv in self._network.encode(input_ids, mask)]
        cross_mask = _repeat(mask, rows)
        past: list[KeyValue] | None = None

        @torch.inference_mode()
        def step(tokens: NDArray[np.int64]) -> NDArray[np.floating]:
            nonlocal past
            new = torch.from_numpy(np.ascontiguousarray(tokens)).to(self._device)
            logits, past = self._network.decode_step(new, cross, cross_mask, past)
            last: NDArray[np.floating] = logits[:, -1].float().cpu().numpy()  # (texts * rows, T, V) -> (texts * rows, V)
            return last

        return step


def _repeat(x: Tensor, rows: int) -> Tensor:
    return x.repeat_interleave(rows, dim=0)  # (texts, ...) -> (texts * rows, ...)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts of about the same length, at most BATCH_TOKENS together when padded."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):  # ascending: the newest is the longest
        if batch and (len(batch) + 1) * lengths[index] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
