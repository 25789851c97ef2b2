"""Two ways to train that the product does not use, for comparison: values by a mean squared error, and masked tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # the name everyone knows it by
from torch import Tensor, nn

from rlm_lsp.model.data.batches import collate
from rlm_lsp.model.data.examples import FLOORS, Example
from rlm_lsp.model.network import RLM
from rlm_lsp.model.recipe import Stage
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.model.train import CODEC, Run, objectives, prompt
from rlm_lsp.model.training_set import Step, TrainingSet, encoded

_MASKED = 0.15  # of the tokens, as in BERT (arXiv 1810.04805)
_AT_ONCE = 32


@dataclass(frozen=True)
class ValueStep(Step):
    """A step that holds the values themselves, (B, O), NaN where they are not known."""

    values: Tensor


class _Silent(Run):
    """A run whose loss says nothing on digits: it keeps its last average."""

    def _validate(self, stage: Stage) -> None:
        self._keep(stage, 0.0)


class ValueRun(_Silent):
    """The mean of the encoder's states, and a linear head for each objective, taught by squared error.

    Of logarithms brought to mean 0 and deviation 1; with no ``digit_weights`` in the recipe, of plain values divided by their deviation.
    """

    def _begin(self, network: RLM, tokenizer: TextTokenizer) -> None:
        super()._begin(network, tokenizer)
        self.tokenizer = tokenizer
        network.regression = nn.Linear(network.config.encoder.hidden_size, len(objectives(self.recipe)))
        values = np.concatenate([found.data.targets for found in self.training.values()])  # (N, O)
        known = self._scaled(torch.from_numpy(values))
        self.mean = torch.tensor(np.nanmean(known, 0) if self.recipe.digit_weights else np.zeros(values.shape[1]))  # (O,)
        self.deviation = torch.tensor(np.nanstd(known, 0))  # (O,)

    def _scaled(self, values: Tensor) -> Tensor:
        floors = torch.tensor([FLOORS[name] for name in objectives(self.recipe)], dtype=values.dtype)
        return torch.log10(values + floors) if self.recipe.digit_weights else values

    def _draw(self, training: TrainingSet, rows: npt.NDArray[np.int64], rng: np.random.Generator) -> Step:
        step = super()._draw(training, rows, rng)
        return ValueStep(**vars(step), values=torch.from_numpy(training.data.targets[rows]))

    def _weights(self, step: Step) -> Tensor:
        return torch.ones(())

    def _loss(self, step: Step, network: nn.Module, weights: Tensor | None = None) -> Tensor:
        assert isinstance(step, ValueStep)
        truth = (self._scaled(step.values) - self.mean) / self.deviation  # (B, O)
        known = ~torch.isnan(truth)
        guess = self._guess(network, step.ids, step.mask)  # (B, O)
        return F.mse_loss(guess[known], truth[known].float())

    def _guess(self, network: nn.Module, ids: Tensor, mask: Tensor) -> Tensor:
        assert isinstance(network, RLM)
        states = network.encoder(ids, mask) * mask[..., None]  # (B, S, d)
        pooled = states.sum(1) / mask.sum(1, keepdim=True)  # (B, S, d) -> (B, d)
        guess: Tensor = network.regression(pooled)  # type: ignore[operator]  # a module that _begin adds; (B, d) -> (B, O)
        return guess

    @torch.no_grad()
    def predict(self, rows: Sequence[Example]) -> dict[str, npt.NDArray[np.float64]]:
        """Return by objective what is guessed, (N,): ranks count, so nothing is scaled back."""
        recipe = self.recipe
        data = encoded(rows, self.tokenizer, prompt(recipe), CODEC, objectives(recipe), recipe.most_tokens).data
        found = np.zeros((len(rows), len(objectives(recipe))))
        order = np.argsort(data.lengths, kind="stable")
        for start in range(0, len(order), _AT_ONCE):
            chosen = order[start : start + _AT_ONCE]
            batch = collate(data, chosen)
            found[chosen] = self._guess(self.average, torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)).double().numpy()
        return {name: found[:, i] for i, name in enumerate(objectives(recipe))}


class MaskedRun(_Silent):
    """The encoder guesses tokens that are hidden behind one that stands for nothing."""

    def _loss(self, step: Step, network: nn.Module, weights: Tensor | None = None) -> Tensor:
        assert isinstance(network, RLM)
        hidden = (torch.rand(step.ids.shape) < _MASKED) & step.mask  # (B, S)
        ids = torch.where(hidden, network.config.encoder.vocab_size - 1, step.ids)  # the largest magnitude stands for what is hidden
        states = network.encoder(ids, step.mask)[hidden]  # (B, S, d) -> (M, d)
        logits = states @ network.encoder.embed_tokens.weight.T  # (M, d) -> (M, V)
        return F.cross_entropy(logits, step.ids[hidden])
