"""From examples on disk to the tensors of one training step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rlm_lsp.model.data import examples
from rlm_lsp.model.data.batches import TokenisedSet, collate, tokenise
from rlm_lsp.model.numbers import PAD, NumberCodec
from rlm_lsp.model.prompt import IGNORE, PromptSpec
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.predict.types import ModelInput


@dataclass(frozen=True)
class TrainingSet:
    """A tokenised set and its values as digit tokens and grammar states, each (N, objectives, tokens of a value)."""

    data: TokenisedSet
    tokens: npt.NDArray[np.int64]
    states: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Step:
    """Tensors of one step: ``ids``, ``mask`` (B, S); ``decoder_ids``, ``targets``, ``states`` (B, T), or several rows a text.

    ``values`` (B, O), NaN where one is not known, is what a loss on the values themselves is told.
    """

    ids: Tensor
    mask: Tensor
    decoder_ids: Tensor
    targets: Tensor
    states: Tensor
    values: Tensor | None = None


def load(
    path: Path, split: str, tokenizer: TextTokenizer, prompt: PromptSpec, codec: NumberCodec, objectives: Sequence[str], most_tokens: int
) -> TrainingSet:
    """Return one split of an examples file, tokenised, its values encoded."""
    chosen = [example for example in examples.read(path) if example.split == split]
    return encoded(chosen, tokenizer, prompt, codec, objectives, most_tokens)


def encoded(
    chosen: Sequence[examples.Example],
    tokenizer: TextTokenizer,
    prompt: PromptSpec,
    codec: NumberCodec,
    objectives: Sequence[str],
    most_tokens: int,
) -> TrainingSet:
    """Return examples tokenised, inputs cut to ``most_tokens`` before what they call stands behind them, their values encoded."""

    def encode(example: examples.Example) -> list[int]:
        item = ModelInput(example.language, example.kind, example.text, example.args, callees=tuple(example.callees))
        return prompt.encoder_ids(item, tokenizer)[:most_tokens] + prompt.callee_ids(item, tokenizer)

    data = tokenise(chosen, encode, objectives, most_tokens + prompt.callee_tokens)
    flat = np.nan_to_num(data.targets, nan=0.0).reshape(-1)
    tokens = codec.encode_many(flat)
    shape = (len(data), len(objectives), codec.tokens_per_value)
    return TrainingSet(data, tokens.reshape(shape), codec.states(tokens).reshape(shape))


def make_step(
    training: TrainingSet,
    rows: npt.NDArray[np.int64],
    codec: NumberCodec,
    most_objectives: int,
    rng: np.random.Generator,
    jitter: npt.NDArray[np.float64] | None = None,
    first: npt.NDArray[np.bool_] | None = None,
    *,
    marginals: bool = False,
) -> Step:
    """Return a step on ``rows``: each row's known objectives in random order, at most ``most_objectives`` of them.

    The decoder reads ``<pad> objective value objective value ...``; a later value is conditioned on the earlier ones, the first is
    a marginal, and as the order is random every objective is taught as a marginal. With ``jitter`` (O,) the values of an
    objective are multiplied by log-normal noise of that standard deviation: a time's last digits are chance, and would be learned by heart.
    The objectives of ``first`` (O,) are drawn before all others.
    With ``marginals`` each objective is a decoder row of its own, those of a text one after the other (B * slots rows): where objectives
    tell as much about each other as accuracies on two data sets do, all but the first would be read off the first.
    """
    batch = collate(training.data, rows)
    known = ~np.isnan(batch.targets)  # (B, O)
    slots = min(most_objectives, int(known.sum(1).max(initial=1)))
    # known objectives before unknown ones, those of `first` before others, each kind in random order
    chance = rng.random(known.shape) - (0.0 if first is None else first)  # (B, O)
    order = np.argsort(np.where(known, chance, 2.0), axis=1)[:, :slots]  # (B, slots)
    filled = np.take_along_axis(known, order, axis=1)  # (B, slots)
    if jitter is not None:
        noise = np.exp(jitter[order] * rng.standard_normal(order.shape))  # (B, slots)
        drawn = np.nan_to_num(np.take_along_axis(batch.targets, order, axis=1)) * noise
        flat = codec.encode_many(drawn.reshape(-1))  # (B * slots, T_v)
        values, states = (part.reshape(*order.shape, -1) for part in (flat, codec.states(flat)))  # (B, slots, T_v)
    else:
        values = training.tokens[rows[:, None], order]  # (B, slots, T_v)
        states = training.states[rows[:, None], order]  # (B, slots, T_v)
    objective_tokens = codec.vocab_size + order[..., None]  # (B, slots, 1)
    sequence = np.concatenate([objective_tokens, values], axis=2)  # (B, slots, 1 + T_v)
    targets = np.concatenate([np.full_like(objective_tokens, IGNORE), np.where(filled[..., None], values, IGNORE)], axis=2)
    states = np.concatenate([np.zeros_like(objective_tokens), states], axis=2)
    size = len(rows) * slots if marginals else len(rows)
    sequence, targets, states = (part.reshape(size, -1) for part in (sequence, targets, states))  # (B, T)
    decoder_ids = np.concatenate([np.full((size, 1), PAD), sequence[:, :-1]], axis=1)  # (B, T), shifted right
    return Step(*(torch.from_numpy(part) for part in (batch.ids, batch.mask, decoder_ids, targets, states, batch.targets)))
