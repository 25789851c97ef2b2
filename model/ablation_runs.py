"""Two ways to train that the product does not use, for comparison: values by a mean squared error, and masked tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812  # the name everyone knows it by
from torch import Tensor, nn

from rlm_lsp.model.data.batches import collate
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.network import RLM
from rlm_lsp.model.recipe import Stage
from rlm_lsp.model.regression import Regression, squared_error
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.model.train import CODEC, Run, objectives, prompt
from rlm_lsp.model.training_set import Step, encoded

_MASKED = 0.15  # of the tokens, as in BERT (arXiv 1810.04805)
_AT_ONCE = 32


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

    def _with_regression(self, network: RLM) -> nn.Module:
        return self._regression(network, logarithms=bool(self.recipe.digit_weights))

    def _weights(self, step: Step) -> Tensor:
        return torch.ones(())

    def _loss(self, step: Step, network: nn.Module, weights: Tensor | None = None) -> Tensor:
        assert isinstance(network, Regression)
        assert step.values is not None
        return squared_error(network.guess(step.ids, step.mask), self.scale(step.values))

    @torch.no_grad()
    def predict(self, rows: Sequence[Example]) -> dict[str, npt.NDArray[np.float64]]:
        """Return by objective what is guessed, (N,): ranks count, so nothing is scaled back."""
        recipe, followed = self.recipe, self.followed
        assert isinstance(followed, Regression)
        data = encoded(rows, self.tokenizer, prompt(recipe), CODEC, objectives(recipe), recipe.most_tokens).data
        found = np.zeros((len(rows), len(objectives(recipe))))
        order = np.argsort(data.lengths, kind="stable")
        for start in range(0, len(order), _AT_ONCE):
            chosen = order[start : start + _AT_ONCE]
            batch = collate(data, chosen)
            found[chosen] = followed.guess(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)).double().numpy()
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
