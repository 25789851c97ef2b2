"""A second loss beside the digits: the logarithm of each value, guessed from the mean of the encoder's states (EXPERIMENTS.md, 18, 19).

Digits say the distribution, and begin to read sizes late; a squared error says at once in which direction a state has to move. The line
that guesses is left behind when training ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # the name everyone knows it by
from torch import Tensor, nn

from rlm_lsp.model.data.examples import floor_of
from rlm_lsp.model.network import RLM


class Scale(nn.Module):
    """What values are brought to before they are compared: logarithms of mean 0 and deviation 1, or plain values of deviation 1."""

    def __init__(self, objectives: Sequence[str], values: npt.NDArray[np.float64], *, logarithms: bool = True) -> None:
        """Fit to ``values`` (N, O), NaN where one is not known."""
        super().__init__()
        self.floors = torch.tensor([floor_of(name) for name in objectives], dtype=torch.float64) if logarithms else None  # (O,)
        known = self._raw(torch.from_numpy(values)).numpy()  # (N, O)
        self.mean = torch.from_numpy(np.nanmean(known, 0)) if logarithms else torch.zeros(len(objectives))  # (O,)
        self.deviation = torch.from_numpy(np.nanstd(known, 0))  # (O,)

    def _raw(self, values: Tensor) -> Tensor:
        return values if self.floors is None else torch.log10(values + self.floors)

    def forward(self, values: Tensor) -> Tensor:
        """(B, O) -> (B, O), NaN where it was."""
        return ((self._raw(values) - self.mean) / self.deviation).float()


class Regression(nn.Module):
    """A network and a straight line from the mean of its encoder's states to each objective's scaled value."""

    def __init__(self, network: RLM, line: nn.Linear) -> None:
        super().__init__()
        self.network, self.line = network, line

    def forward(self, ids: Tensor, mask: Tensor, decoder_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Ids and mask (B, S), decoder ids (B, T) -> logits (B, T, V) and guesses (B, O)."""
        states = self.network.encoder(ids, mask)  # (B, S, d)
        logits, _ = self.network.decode_step(decoder_ids, self.network.decoder.cross_keys_values(states), mask)
        return logits, self.line(pooled(states, mask))

    def guess(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Ids and mask (B, S) -> guesses (B, O)."""
        guess: Tensor = self.line(pooled(self.network.encoder(ids, mask), mask))
        return guess


def pooled(states: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of the states of real tokens: (B, S, d), (B, S) -> (B, d)."""
    return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def squared_error(guess: Tensor, truth: Tensor) -> Tensor:
    """Return the mean over the values that are known, of (B, O) each."""
    known = ~torch.isnan(truth)
    return F.mse_loss(guess.float()[known], truth[known])
