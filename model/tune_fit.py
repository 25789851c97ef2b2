"""Fine-tuning that cannot run away: small steps, stopped early, held near the base, and mixed with it at the end.

A thousand rows are learned by heart within a few epochs: the loss on them falls while that on functions not seen rises, and the ranks
that the base had learned go with it. Against that stand a low rate; rehearsal, which keeps the answers to functions of the standard
library what they were (distillation, Hinton et al. 2015; learning without forgetting, Li and Hoiem 2016); early stopping on the
selection part; and weights between base and tuned (WiSE-FT, Wortsman et al. 2022), how far being decided on the selection part, too.
"""

from __future__ import annotations

import copy
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rlm_lsp.chunk import chunk_source
from rlm_lsp.model.calibrate import truth_losses
from rlm_lsp.model.data.batches import collate, epoch_order
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.network import RLM, value_loss
from rlm_lsp.model.numbers import PAD, NumberCodec
from rlm_lsp.model.training_set import TrainingSet, make_step

Rows = npt.NDArray[np.int64]

_LARGEST_FILE = 40_000  # bytes; cutting the largest files takes as long as cutting all others
_MOST_OF_A_FILE = 8
_LENGTHS = (60, 1500)  # characters of a function


@dataclass(frozen=True)
class Settings:
    """How to tune; the values are those of EXPERIMENTS.md, "Tuning on a user's own rows"."""

    rate: float = 3e-4
    most_epochs: int = 12
    patience: int = 2  # epochs without a lower loss on the selection part
    batch_tokens: int = 2048
    rehearsal: float = 1.0  # weight of the divergence from the base's answers; 0: none
    mixtures: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0)  # shares of the tuned weights that are tried at the end
    seed: int = 0


@dataclass(frozen=True)
class Fitted:
    """The network that was chosen, and how: epochs until the best one, and the share of the tuned weights (0: the base itself)."""

    network: RLM
    epochs: int
    share: float
    base_loss: float  # on the selection part, nats a value
    loss: float


@dataclass(frozen=True)
class Rehearsal:
    """Texts, one value for each objective and text drawn from the base's distribution, and the base's log-probabilities along it.

    ``tokens``, ``states``: (N, objectives, T); ``chances``: (N, objectives, T, V), 0 where the grammar forbids a token.
    """

    data: TrainingSet
    tokens: Tensor
    states: Tensor
    chances: Tensor


def standard_library(most: int) -> list[Example]:
    """Return functions of the running interpreter's standard library, at most eight a file: code that everybody has."""
    found: list[Example] = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        try:
            source = path.read_bytes()
        except OSError:
            continue
        if len(source) > _LARGEST_FILE:
            continue
        texts = [chunk.text for chunk in chunk_source(source, "python").chunks if chunk.kind == "function"]
        fitting = [text for text in texts if _LENGTHS[0] <= len(text) <= _LENGTHS[1]]
        found += [Example(path.name, "stdlib", "", "rehearsal", text, {}) for text in fitting[:_MOST_OF_A_FILE]]
        if len(found) >= most:
            break
    return found[:most]


@torch.no_grad()
def rehearse(network: RLM, data: TrainingSet, objectives: int, codec: NumberCodec, batch_tokens: int, seed: int) -> Rehearsal:
    """Return what ``network`` says about ``data`` now."""
    network.eval()
    generator = torch.Generator().manual_seed(seed)
    legal, following = torch.from_numpy(codec.legal.copy()), torch.from_numpy(codec.next_state.copy())
    shape = (len(data.data), objectives, codec.tokens_per_value)
    tokens, states = torch.zeros(shape, dtype=torch.int64), torch.zeros(shape, dtype=torch.int64)
    chances = torch.zeros((*shape, codec.vocab_size))
    for _, rows in epoch_order([data.data], [1.0], batch_tokens, seed):
        batch = collate(data.data, rows)
        mask = torch.from_numpy(batch.mask)
        cross = network.encode(torch.from_numpy(batch.ids), mask)
        for objective in range(objectives):
            ids = torch.tensor([[PAD, codec.vocab_size + objective]]).repeat(len(rows), 1)  # (B, 2), grows to (B, 1 + T)
            state = torch.zeros(len(rows), dtype=torch.int64)
            for place in range(codec.tokens_per_value):
                logits = network.decode_step(ids, cross, mask)[0][:, -1, : codec.vocab_size]  # (B, V)
                probability = logits.masked_fill(~legal[state], -torch.inf).log_softmax(-1)
                token = torch.multinomial(probability.exp(), 1, generator=generator)  # (B, 1)
                states[rows, objective, place], tokens[rows, objective, place] = state, token[:, 0]
                chances[rows, objective, place] = probability.masked_fill(~legal[state], 0.0)
                state = following[state, token[:, 0]]
                ids = torch.cat((ids, token), dim=1)
    return Rehearsal(data, tokens, states, chances)


def divergence(network: RLM, rehearsal: Rehearsal, rows: Rows, objective: int, codec: NumberCodec, legal: Tensor) -> Tensor:
    """Return the mean Kullback-Leibler divergence from the base's answers to the network's, in nats a decision."""
    batch = collate(rehearsal.data.data, rows)
    tokens, states = rehearsal.tokens[rows, objective], rehearsal.states[rows, objective]  # (B, T)
    prefix = torch.tensor([[PAD, codec.vocab_size + objective]]).expand(len(rows), -1)
    decoder_ids = torch.cat((prefix, tokens[:, :-1]), dim=1)  # (B, 1 + T)
    logits = network(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask), decoder_ids)[:, 1:, : codec.vocab_size]  # (B, T, V)
    allowed = legal[states]  # (B, T, V)
    ours = logits.masked_fill(~allowed, -torch.inf).log_softmax(-1).masked_fill(~allowed, 0.0)
    theirs = rehearsal.chances[rows, objective]
    each = ((theirs.exp() * (theirs - ours)) * allowed).sum(-1)  # (B, T, V) -> (B, T)
    mean: Tensor = each.sum() / (allowed.sum(-1) > 1).sum()
    return mean


def mean_loss(network: RLM, data: TrainingSet, objectives: Sequence[int], codec: NumberCodec) -> float:
    """Return -log p of the known values, each as a marginal, in nats a value."""
    losses = np.concatenate([truth_losses(network, data, objective, codec) for objective in objectives])
    return float(np.nanmean(losses))


def fit(
    base: RLM,
    training: TrainingSet,
    selection: TrainingSet,
    rehearsed: TrainingSet | None,
    codec: NumberCodec,
    objectives: Sequence[int],
    settings: Settings,
    deadline: float,
    say: Callable[[str], None],
) -> Fitted:
    """Return the network with the lowest loss on ``selection``, maybe ``base``. ``deadline``: when to stop, by ``time.monotonic``."""
    torch.manual_seed(settings.seed)
    base_loss = best = mean_loss(base, selection, objectives, codec)
    say(f"selection part, base: loss {base_loss:.3f}")
    network, kept, kept_epoch = copy.deepcopy(base), base, 0
    trainer = _Trainer(network, training, rehearsed, base, codec, settings)
    for epoch in range(1, settings.most_epochs + 1):
        finished = trainer.epoch(epoch, deadline)
        loss = mean_loss(network, selection, objectives, codec)
        say(f"selection part, epoch {epoch}: loss {loss:.3f}")
        if loss < best:
            best, kept, kept_epoch = loss, copy.deepcopy(network), epoch
        if not finished or epoch - kept_epoch >= settings.patience:
            break
    # where no epoch was better, a part of the way to the first one may still be
    tuned = kept if kept is not base else network
    mixed = [
        (mean_loss(candidate, selection, objectives, codec), share, candidate) for share, candidate in _mixtures(base, tuned, settings)
    ]
    loss, share, chosen = min(mixed, key=lambda found: found[0])
    if loss >= base_loss:
        return Fitted(base, 0, 0.0, base_loss, base_loss)
    say(f"selection part, {share:.0%} of the way from base to tuned: loss {loss:.3f}")
    return Fitted(chosen, kept_epoch or epoch, share, base_loss, loss)


def _mixtures(base: RLM, tuned: RLM, settings: Settings) -> Iterator[tuple[float, RLM]]:
    """Networks whose weights lie between the two, as they will be stored."""
    start, end = base.state_dict(), tuned.state_dict()
    for share in settings.mixtures:
        mixed = copy.deepcopy(base)
        mixed.load_state_dict({name: torch.lerp(start[name], end[name], share).half().float() for name in start})
        yield share, mixed.eval()


class _Trainer:
    """The optimiser and what it is fed."""

    def __init__(
        self, network: RLM, training: TrainingSet, rehearsed: TrainingSet | None, base: RLM, codec: NumberCodec, settings: Settings
    ) -> None:
        self._network, self._training, self._codec, self._settings = network, training, codec, settings
        self._legal = torch.from_numpy(codec.legal.copy())
        self._optimizer = torch.optim.AdamW(network.parameters(), lr=settings.rate, betas=(0.9, 0.98), weight_decay=0.0)
        self._objectives = training.data.targets.shape[1]
        self._rng = np.random.default_rng(settings.seed)
        self._rehearsal, self._step = None, 0
        if rehearsed is not None and len(rehearsed.data) and settings.rehearsal:
            self._rehearsal = rehearse(base, rehearsed, self._objectives, codec, settings.batch_tokens, settings.seed)
            self._queue = self._rehearsal_batches()

    def epoch(self, number: int, deadline: float) -> bool:
        """Take a step on each batch; return whether there was time for all of them."""
        self._network.train()
        for _, rows in epoch_order([self._training.data], [1.0], self._settings.batch_tokens, self._settings.seed + number):
            if time.monotonic() > deadline:
                return False
            self._take(rows)
        return True

    def _take(self, rows: Rows) -> None:
        step = make_step(self._training, rows, self._codec, self._objectives, self._rng)
        loss = value_loss(self._network(step.ids, step.mask, step.decoder_ids), step.targets, step.states, self._legal)
        if self._rehearsal is not None:
            objective = int(self._rng.integers(self._objectives))
            away = divergence(self._network, self._rehearsal, next(self._queue), objective, self._codec, self._legal)
            loss = loss + self._settings.rehearsal * away
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's Tensor.backward has no annotations
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._step += 1
        for group in self._optimizer.param_groups:  # the first moments are estimated from few gradients: begin small
            group["lr"] = self._settings.rate * min(1.0, self._step / 20)
        self._optimizer.step()

    def _rehearsal_batches(self) -> Iterator[Rows]:
        assert self._rehearsal is not None
        seed = 0
        while True:
            yield from (rows for _, rows in epoch_order([self._rehearsal.data.data], [1.0], self._settings.batch_tokens // 2, seed))
            seed += 1
