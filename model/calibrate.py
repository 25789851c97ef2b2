"""Recalibration of intervals: the levels of the model's distribution that a tenth of the truths lie below and above.

Where the model is over-confident, its raw p10..p90 holds fewer than 80 % of the truths. We look where the truths of the
validation split fall in the predicted distributions (the probability integral transform, Dawid 1984) and read p10 and p90 off at
the levels that hold the right share there. The map is monotone, so quantiles never cross; p50 stays the model's own median.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from rlm_lsp.model.config import QuantileLevels
from rlm_lsp.model.data.batches import collate, epoch_order
from rlm_lsp.model.intervals import weighted_quantile
from rlm_lsp.model.network import RLM
from rlm_lsp.model.numbers import PAD, NumberCodec
from rlm_lsp.model.training_set import TrainingSet

Floats = npt.NDArray[np.float64]
_LEAST, _MOST = 0.001, 0.25  # p10 is read off between these levels, p90 between their mirror images


class Truths(NamedTuple):
    """Logits (B, T, V) along the true tokens of one objective's values (B, T), the grammar's states before them, and the rows' places."""

    rows: npt.NDArray[np.int64]
    logits: torch.Tensor
    tokens: torch.Tensor
    states: torch.Tensor


@torch.no_grad()
def along_truths(network: RLM, data: TrainingSet, objective: int, codec: NumberCodec, batch_tokens: int = 8192) -> Iterator[Truths]:
    """Yield all rows, in batches of similar length; a row whose value is not known is among them."""
    network.eval()
    for _, rows in epoch_order([data.data], [1.0], batch_tokens, seed=0):
        batch = collate(data.data, rows)
        tokens = torch.from_numpy(data.tokens[rows, objective])  # (B, T)
        prefix = torch.tensor([[PAD, codec.vocab_size + objective]]).expand(len(rows), -1)  # (B, 2)
        decoder_ids = torch.cat((prefix, tokens[:, :-1]), dim=1)  # (B, 1 + T)
        logits = network(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask), decoder_ids)[:, 1:, : codec.vocab_size]  # (B, T, V)
        yield Truths(rows, logits.double(), tokens, torch.from_numpy(data.states[rows, objective]))


def truth_levels(network: RLM, data: TrainingSet, objective: int, codec: NumberCodec, batch_tokens: int = 8192) -> Floats:
    """Return F(y | x) of each row (N,): the predicted probability of less than the truth, plus half of the true leaf; NaN if unknown."""
    rank = np.argsort(codec.value_order, axis=1)  # (states, vocab): the place of each token in value order
    tables = [torch.from_numpy(table.copy()) for table in (codec.legal, rank)]
    levels = np.full(len(data.data), np.nan)
    for found in along_truths(network, data, objective, codec, batch_tokens):
        levels[found.rows] = _levels(found.logits, found.tokens, found.states, *tables)
    levels[np.isnan(data.data.targets[:, objective])] = np.nan
    return levels


def truth_losses(network: RLM, data: TrainingSet, objective: int, codec: NumberCodec, batch_tokens: int = 8192) -> Floats:
    """Return -log p(y | x) of each row's value as a marginal (N,), in nats; NaN if unknown."""
    legal = torch.from_numpy(codec.legal.copy())
    losses = np.full(len(data.data), np.nan)
    for found in along_truths(network, data, objective, codec, batch_tokens):
        chances = found.logits.masked_fill(~legal[found.states], -torch.inf).log_softmax(-1)  # (B, T, V)
        losses[found.rows] = -chances.gather(-1, found.tokens[..., None]).squeeze(-1).sum(1).numpy()  # (B, T, 1) -> (B, T) -> (B,)
    losses[np.isnan(data.data.targets[:, objective])] = np.nan
    return losses


def _levels(logits: torch.Tensor, tokens: torch.Tensor, states: torch.Tensor, legal: torch.Tensor, rank: torch.Tensor) -> Floats:
    """Logits (B, T, V) along the true tokens (B, T) -> F(y | x) (B,)."""
    probability = logits.masked_fill(~legal[states], -torch.inf).softmax(-1)  # (B, T, V)
    order = rank[states]  # (B, T, V)
    true_rank = order.gather(-1, tokens[..., None])  # (B, T, 1)
    below = (probability * (order < true_rank)).sum(-1)  # (B, T, V) -> (B, T)
    true = probability.gather(-1, tokens[..., None]).squeeze(-1)  # (B, T, 1) -> (B, T)
    reached = torch.cumprod(torch.cat((torch.ones_like(true[:, :1]), true), dim=1), dim=1)  # (B, T + 1)
    result: Floats = ((reached[:, :-1] * below).sum(1) + 0.5 * reached[:, -1]).numpy()
    return result


def recalibrated(levels_by_task: list[Floats]) -> QuantileLevels:
    """Return the levels to read p10 and p90 at, so that they hold a tenth of the truths on either side; every task weighs the same."""
    known = [levels[~np.isnan(levels)] for levels in levels_by_task]
    known = [levels for levels in known if len(levels) >= 20]
    if not known:
        return QuantileLevels()
    values = np.concatenate(known)
    weights = np.concatenate([np.full(len(levels), 1.0 / len(levels)) for levels in known])
    low, high = (weighted_quantile(values, weights, share) for share in (0.1, 0.9))
    return QuantileLevels(p10=float(np.clip(low, _LEAST, _MOST)), p50=0.5, p90=float(np.clip(high, 1 - _MOST, 1 - _LEAST)))
