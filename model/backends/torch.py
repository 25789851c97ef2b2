"""The torch back end, for GPUs and for checkpoints without ONNX graphs.

On the CPU one text at a time, unpadded, so a number is the same alone and in company. On a GPU batches of about the same length in
bfloat16: a number's last digits may depend on the company it was computed in, as matrix products do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from rlm_lsp.model.backends import BackendError, Ids, decoding_rows
from rlm_lsp.model.backends.torch_batches import Batches, Footprint
from rlm_lsp.model.backends.torch_device import Device, DeviceName, choose, device_memory, release_memory
from rlm_lsp.model.backends.torch_runner import Runner, is_driver_error, network_on, ran_out_of_memory
from rlm_lsp.model.checkpoint import Checkpoint
from rlm_lsp.model.decode import Step, quantile_walk, sample
from rlm_lsp.model.network import RLM
from rlm_lsp.model.sampling import uniforms

WINDOW = 512
"""Inputs among which about equal lengths are looked for on a GPU before the first answer leaves."""
BATCH_TOKENS = 16_384
"""Encoder tokens of one batch, padding included."""
MEMORY_SHARE = 0.7
"""Of the memory that is free on a GPU once the weights are there; the rest is for what the estimate leaves out, and for others."""


class TorchBackend:
    """Runs a checkpoint on the device asked for, or on the CPU if that cannot be used; ``device.reason`` says why.

    A text that does not fit into the device's memory even alone gets NaN for every number. ``notice`` is called with one line for each
    thing that a person should know; whoever wants to know sets it before the first question.
    """

    def __init__(self, checkpoint: Checkpoint, threads: int, device: DeviceName = "auto", memory: int | None = None) -> None:
        """``memory``: bytes that a batch may take on a GPU, if not MEMORY_SHARE of what is free.

        Raises:
            CheckpointError: the weights cannot be read.
        """
        self.notice: Callable[[str], None] = _say_nothing
        self._noticed: set[str] = set()
        config = self._config = checkpoint.config
        self.device, network, free = _placed(checkpoint, choose(device))
        if self.device.is_cpu:
            torch.set_num_threads(threads)
        self.batch = 8 * threads if self.device.is_cpu else WINDOW
        """Inputs worth giving at once."""
        self._runner = Runner(network, self.device)
        if config.sampling is None:
            self._prefixes, self._levels = decoding_rows(config)
        else:
            self._prefixes = np.array([config.prompt.decoder_prefix(config.codec, 0)] * config.sampling.draws, dtype=np.int64)
        rows, before = self._prefixes.shape
        self._slots = before + config.codec.tokens_per_value
        footprint = Footprint(config.architecture, self.device.dtype.itemsize, rows, self._slots)
        ceiling = memory if memory is not None else int(MEMORY_SHARE * (free or 0))
        self._batches = Batches(footprint, ceiling, BATCH_TOKENS)

    @property
    def precision(self) -> str:
        """See ``Backend``."""
        return self.device.precision

    def start(self, ids: Ids, rows: int) -> Step:
        """Encode ``ids``; the returned step takes tokens (rows, T), at most those of one value of every objective."""
        config = self._config
        return self._runner.start([ids], rows, 1 + len(config.objectives) * (1 + config.codec.tokens_per_value))

    def quantiles(self, inputs: Sequence[Ids]) -> Iterator[NDArray[np.float64]]:
        """See ``Backend``. Raises BackendError if the device breaks down."""
        return self._in_order(inputs, self._quantiles, np.full((len(self._config.objectives), 3), np.nan))

    def draws(self, inputs: Sequence[Ids]) -> Iterator[NDArray[np.float64]]:
        """For each input, in order, the config's number of random numbers (draws,), which depend on its ids alone.

        Raises:
            BackendError: the device breaks down.
        """
        return self._in_order(inputs, self._draws, np.full(len(self._prefixes), np.nan))

    def _in_order(
        self, inputs: Sequence[Ids], answer: Callable[[Sequence[Ids]], NDArray[np.float64]], nothing: NDArray[np.float64]
    ) -> Iterator[NDArray[np.float64]]:
        """Each input's answer as soon as it and all before it are there; ``nothing`` for one that doesn't fit into memory."""
        if self.device.reason:
            self._tell(f"the model runs on the CPU ({self.device.reason})")
        window = 1 if self.device.is_cpu else WINDOW
        for begin in range(0, len(inputs), window):
            some = inputs[begin : begin + window]
            answers: dict[int, NDArray[np.float64]] = {}
            wanted = 0
            for place, value in self._answers(some, answer):
                if value is None:
                    self._tell(f"a text of {len(some[place])} tokens does not fit into the memory of {self.device.place.type}")
                answers[place] = nothing if value is None else value
                while wanted in answers:
                    yield answers.pop(wanted)
                    wanted += 1

    def _answers(
        self, some: Sequence[Ids], answer: Callable[[Sequence[Ids]], NDArray[np.float64]]
    ) -> Iterator[tuple[int, NDArray[np.float64] | None]]:
        def compute(places: Sequence[int]) -> Sequence[NDArray[np.float64]]:
            return list(answer([some[place] for place in places]))

        try:
            yield from self._batches.run([len(ids) for ids in some], compute, ran_out_of_memory, self._release)
        except Exception as error:
            if not is_driver_error(error, self.device):
                raise
            raise self._broken(error) from error

    def _quantiles(self, batch: Sequence[Ids]) -> NDArray[np.float64]:
        """(texts, objectives, 3)."""
        rows, texts = len(self._prefixes), len(batch)
        values = quantile_walk(
            self._config.codec,
            np.tile(self._prefixes, (texts, 1)),  # (rows, L) -> (texts * rows, L)
            np.tile(self._levels, texts),  # (rows,) -> (texts * rows,)
            self._runner.start(batch, rows, self._slots),
            np.repeat(np.arange(texts), rows),
        )
        return values.reshape(texts, -1, 3)  # (texts * objectives * 3,) -> (texts, objectives, 3)

    def _draws(self, batch: Sequence[Ids]) -> NDArray[np.float64]:
        """(texts, draws)."""
        sampling, codec = self._config.sampling, self._config.codec
        assert sampling is not None
        texts, draws = len(batch), sampling.draws
        values = sample(
            codec,
            np.tile(self._prefixes, (texts, 1)),  # (draws, L) -> (texts * draws, L)
            self._runner.start(batch, draws, self._slots),
            np.concatenate([uniforms(ids, draws, codec.tokens_per_value) for ids in batch]),  # texts x (draws, T) -> (texts * draws, T)
            temperature=sampling.temperature,
            top_p=sampling.top_p,
        )
        return values.reshape(texts, draws)  # (texts * draws,) -> (texts, draws)

    def _release(self) -> None:
        self._runner.forget()
        release_memory(self.device.place)

    def _tell(self, line: str) -> None:
        if line not in self._noticed:
            self._noticed.add(line)
            self.notice(line)

    def _broken(self, error: Exception) -> BackendError:
        name = self.device.place.type
        return BackendError(f"torch on {name} failed ({_first_line(error)}); see that its driver works, or use device cpu")


def best_device() -> Device:
    """The device that ``TorchBackend`` takes if it is not told which."""
    return choose("auto")


def precision(device: Device) -> str:
    """Such as ``torch/cuda/bf16``, known before a network is loaded."""
    return device.precision


def _placed(checkpoint: Checkpoint, device: Device) -> tuple[Device, RLM, int | None]:
    """The network on the device, and the bytes that are free there now; on the CPU where the device takes no weights."""
    weights = checkpoint.weights()
    try:
        return device, network_on(device, checkpoint.config.architecture, weights), device_memory(device.place)
    except Exception as error:
        if device.is_cpu or not (ran_out_of_memory(error) or is_driver_error(error, device)):
            raise
        reason = f"{device.place.type}: the weights cannot be put there: {_first_line(error)}"
    processor = replace(choose("cpu"), reason=reason)
    return processor, network_on(processor, checkpoint.config.architecture, weights), None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _say_nothing(line: str) -> None:
    """A notice that nobody wants to know of."""
