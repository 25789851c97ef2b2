"""What runs the network: onnxruntime on the CPU by default, torch as an extra."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rlm_lsp.model.config import ModelConfig
from rlm_lsp.model.decode import Step

Ids = Sequence[int]
"""One encoder input: token ids, unpadded, at least one."""


ONNX_PRECISION = "onnx/fp32"


class BackendError(Exception):
    """A back end that cannot start, or cannot go on; the message is one line that says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class Backend(Protocol):
    """A loaded network."""

    @property
    def precision(self) -> str:
        """What its numbers depend on beside the weights, such as ``onnx/fp32``; part of every cache key."""

    @property
    def batch(self) -> int:
        """How many inputs are best given at once."""

    def start(self, ids: Ids, rows: int) -> Step:
        """Encode one input; the result decodes ``rows`` rows over it."""

    def quantiles(self, inputs: Sequence[Ids]) -> Iterator[NDArray[np.float64]]:
        """For each input, in order, p10, p50, p90 of every objective: (objectives, 3), in the codec's numbers."""


@runtime_checkable
class DrawingBackend(Backend, Protocol):
    """One that draws samples as well, for codecs without a value order."""

    def draws(self, inputs: Sequence[Ids]) -> Iterator[NDArray[np.float64]]:
        """For each input, in order, the draws that the config asks for, (draws,), in the codec's numbers; all NaN: the device has no room.

        Their randomness is that of ``sampling.uniforms``.
        """


def decoding_rows(config: ModelConfig) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The rows that answer one input: decoder prefixes (objectives * 3, L) and quantile levels (objectives * 3,).

    They are the same for every input, whatever is asked for, so that no number depends on the company in which it is computed.
    """
    prefixes, levels = [], []
    for index, name in enumerate(config.objective_names):
        quantiles = config.levels(name)
        prefixes += [config.prompt.decoder_prefix(config.codec, index)] * 3
        levels += [quantiles.p10, quantiles.p50, quantiles.p90]
    return np.array(prefixes, dtype=np.int64), np.array(levels, dtype=np.float64)
