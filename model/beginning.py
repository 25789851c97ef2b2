"""Which weights a run begins with: random ones, another run's, or those of a checkpoint with another vocabulary and other objectives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from rlm_lsp.model import checkpoint
from rlm_lsp.model.network import RLM
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.tokenizer import TextTokenizer


def begin_with(network: RLM, weights: Path) -> int:
    """Load another run's weights and return how many encoder tokens it knew; those behind them stay as they are.

    Raises:
        OSError: the file is not there.
        RuntimeError: it is another architecture's.
    """
    state = torch.load(weights, map_location="cpu", weights_only=True)["network"]
    known = state["encoder.embed_tokens.weight"]  # (V_old, d)
    table = network.encoder.embed_tokens.weight.detach().clone()  # (V, d)
    table[: len(known)] = known
    network.load_state_dict({**state, "encoder.embed_tokens.weight": table})
    return len(known)


def begin_with_checkpoint(
    network: RLM, folder: Path, tokenizer: TextTokenizer, objectives: Sequence[str], codec: NumberCodec, magnitude_steps: int = 2
) -> int:
    """Load a checkpoint's layers, and its rows of those tokens, magnitudes and objectives that both know; return how many tokens those are.

    Tokens are the same where they are spelled the same, whatever their ids. Rows of what only the new network knows stay random. Magnitudes
    that are finer than the checkpoint's are made of their two neighbours in it; those beyond its last lie on a curve (order_magnitudes).

    Raises:
        checkpoint.CheckpointError: the folder is no checkpoint.
        RuntimeError: its layers are of another shape.
    """
    old = checkpoint.load(folder)
    state = {name: torch.from_numpy(array.astype("float32")) for name, array in old.weights().items()}
    own = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    theirs, ours = old.tokenizer.vocabulary(), tokenizer.vocabulary()
    shared = [(ours[token], place) for token, place in theirs.items() if token in ours]
    values = [(token, token) for token in range(codec.vocab_size)]
    known = {name: codec.vocab_size + place for place, name in enumerate(old.config.objective_names)}
    named = [(codec.vocab_size + place, known[name]) for place, name in enumerate(objectives) if name in known]
    rows = {
        "encoder.embed_tokens.weight": shared,
        "decoder.embed_tokens.weight": values + named,
        "head.weight": values + named,
    }
    for name, pairs in rows.items():
        to, at = (torch.tensor(side) for side in zip(*pairs, strict=True))
        own[name][to] = state[name][at]  # (rows, d)
    table = own["encoder.embed_tokens.weight"]
    levels = state["encoder.embed_tokens.weight"][old.tokenizer.vocab_size :][: old.config.prompt.magnitudes]  # (K, d)
    if (count := len(table) - tokenizer.vocab_size) > 0:
        order_magnitudes(table, tokenizer.vocab_size, count)
        _refine(table[tokenizer.vocab_size :], levels, old.config.prompt.magnitude_steps / magnitude_steps)
    network.load_state_dict({**state, **{name: own[name] for name in rows}})
    return len(shared)


def _refine(rows: torch.Tensor, known: torch.Tensor, step: float) -> None:
    """Fill ``rows`` (L, d) with the rows of ``known`` (K, d) ``step`` apart, between two of them with a mixture, as far as they reach."""
    if not len(known):
        return
    count = min(len(rows), int((len(known) - 1) / step) + 1)
    place = torch.arange(count) * step  # (count,)
    below = place.floor().long().clamp_max(len(known) - 1)
    above = (below + 1).clamp_max(len(known) - 1)
    rows[:count] = torch.lerp(known[below], known[above], (place - below)[:, None])


@torch.no_grad()
def order_magnitudes(embeddings: torch.Tensor, first: int, count: int) -> None:
    """Initialise the magnitudes' rows of ``embeddings`` (V, d) as points on a smooth curve, so that neighbours begin alike.

    Random rows would leave the order of sizes to be learned pair by pair. A row is the sum of waves over its level, of 1 to 8 periods.
    """
    level = torch.linspace(0.0, 1.0, count)[:, None]  # (count, 1)
    periods = torch.arange(1, 9)[None, :] * torch.pi  # (1, 8)
    waves = torch.cat((torch.ones_like(level), level, torch.sin(level * periods), torch.cos(level * periods)), dim=1)  # (count, 18)
    curve = waves @ torch.randn(waves.shape[1], embeddings.shape[1])  # (count, d)
    embeddings[first : first + count] = curve / curve.std() * embeddings[:first].std()
