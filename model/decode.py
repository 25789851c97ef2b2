"""From next-token logits to numbers: exact quantiles by walking down the digit tree, or samples and their aggregation.

Pure functions over a ``Step``; which network computes the logits, and how, is the back end's business.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rlm_lsp.model.numbers import NumberCodec

Step = Callable[[NDArray[np.int64]], NDArray[np.floating]]
"""Feeds the next tokens (rows, T) to the decoder and returns the logits (rows, V) after the last of them. Remembers what it was fed."""


def quantile_walk(
    codec: NumberCodec, prefixes: NDArray[np.int64], levels: ArrayLike, step: Step, texts: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """The exact quantiles of the distribution over numbers that the network writes after each prefix.

    With the grammar's mask the strings are a tree whose leaves ascend by value if branches are visited in value order. The
    ``level``-quantile is the first leaf at which the cumulative probability reaches ``level``, and it is found by taking, at every
    node, the branch in which that happens, and going on with the level's position inside the branch. Where the grammar leaves no
    choice in any row, tokens are fed together with the next ones, and the last digit is never fed.

    Args:
        codec: a normalised codec; its ``NumberError`` is raised otherwise.
        prefixes: (rows, L) decoder tokens before the number.
        levels: (rows,), each in 0..1. For rows of one text with one prefix, higher levels never give lower numbers.
        step: the network.
        texts: (rows,), which text a row is about, where the step serves several.

    Returns:
        (rows,) leaves of the codec.
    """
    order, legal = codec.value_order, codec.legal
    level = np.array(levels, dtype=np.float64)
    rows = np.arange(len(prefixes))
    state = np.zeros(len(prefixes), dtype=np.int64)
    # Rows that have the same tokens so far read the logits of the first of them: equal up to rounding that depends on the place in
    # a batch, and rounding must not let p10 overtake p50.
    leader = np.zeros(len(rows), dtype=np.int64) if texts is None else _first_equal(texts, texts)
    for column in prefixes.T:
        leader = _first_equal(leader, column)
    tokens = np.zeros((len(prefixes), codec.tokens_per_value), dtype=np.int64)
    fed = 0
    for position in range(codec.tokens_per_value):
        if (legal[state].sum(1) == 1).all():
            choice = np.zeros(len(rows), dtype=np.int64)
        else:
            logits = step(np.concatenate((prefixes, tokens[:, :position]), axis=1)[:, fed:])[leader]  # (rows, V)
            fed = prefixes.shape[1] + position
            probability = _probabilities(logits[:, : codec.vocab_size], legal[state])
            ordered = np.take_along_axis(probability, order[state], axis=1)  # (rows, codec vocabulary), ascending by value
            choice, level = _descend(ordered, level)
        tokens[:, position] = order[state, choice]
        state = codec.next_state[state, tokens[:, position]]
        leader = _first_equal(leader, tokens[:, position])
    return codec.decode_many(tokens)


def _first_equal(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row the first row with the same ``a`` and ``b``, (rows,)."""
    if len(a) > 64:  # of a GPU's batch: sorting does with less than comparing each with each
        pair = a * (b.max() + 1) + b  # one number for each pair: neither is negative
        _, place, group = np.unique(pair, return_index=True, return_inverse=True)
        earliest: NDArray[np.int64] = place[group.reshape(-1)]
        return earliest
    same: NDArray[np.bool_] = (a[:, None] == a[None, :]) & (b[:, None] == b[None, :])  # (rows, rows)
    first: NDArray[np.int64] = same.argmax(1)
    return first


def _probabilities(logits: NDArray[np.floating], legal: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Softmax over the legal tokens, (rows, codec vocabulary), in float64."""
    masked = np.where(legal, logits.astype(np.float64), -np.inf)
    weights = np.exp(masked - masked.max(1, keepdims=True))
    normalised: NDArray[np.float64] = weights / weights.sum(1, keepdims=True)
    return normalised


def _descend(ordered: NDArray[np.float64], level: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the cumulative sum of ``ordered`` (rows, branches) reaches ``level`` (rows,), and the level's position inside that branch."""
    rows = np.arange(len(ordered))
    cumulative = ordered.cumsum(1)
    reached = (cumulative >= level[:, None]) & (ordered > 0)
    last = ordered.shape[1] - 1 - (ordered[:, ::-1] > 0).argmax(1)  # takes the rest where rounding lets the sum end below the level
    choice = np.where(reached.any(1), reached.argmax(1), last)
    probability = ordered[rows, choice]
    inside = (level - (cumulative[rows, choice] - probability)) / np.where(probability > 0, probability, 1.0)
    return choice, np.clip(inside, 0.0, 1.0)


def sample(
    codec: NumberCodec,
    prefixes: NDArray[np.int64],
    step: Step,
    uniforms: NDArray[np.float64],
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
) -> NDArray[np.float64]:
    """One random number for each prefix (rows, L) -> (rows,); any codec.

    ``uniforms`` (rows, tokens of a value), each in (0, 1], are all the chance there is: at every token the cumulative probability, in the
    order of the ids, that reaches a row's uniform decides. ``top_p`` keeps, at every token, the most probable tokens whose probabilities
    sum to it (nucleus sampling, arXiv 1904.09751).
    """
    legal = codec.legal
    state = np.zeros(len(prefixes), dtype=np.int64)
    tokens = np.zeros((len(prefixes), codec.tokens_per_value), dtype=np.int64)
    fed = 0
    for position in range(codec.tokens_per_value):
        if (legal[state].sum(1) == 1).all():
            tokens[:, position] = legal[state].argmax(1)
        else:
            logits = step(np.concatenate((prefixes, tokens[:, :position]), axis=1)[:, fed:])  # (rows, V)
            fed = prefixes.shape[1] + position
            probability = _nucleus(_probabilities(logits[:, : codec.vocab_size] / temperature, legal[state]), top_p)
            tokens[:, position], _ = _descend(probability, uniforms[:, position])
        state = codec.next_state[state, tokens[:, position]]
    return codec.decode_many(tokens)


def _nucleus(probability: NDArray[np.float64], top_p: float) -> NDArray[np.float64]:
    """The smallest set of most probable tokens that reaches ``top_p``, renormalised; (rows, tokens) -> (rows, tokens)."""
    if top_p >= 1.0:
        return probability
    descending = np.argsort(-probability, axis=1, kind="stable")
    ranked = np.take_along_axis(probability, descending, axis=1)
    before = ranked.cumsum(1) - ranked  # the most probable token has nothing before it, so it always stays
    kept = np.where(before < top_p, ranked, 0.0)
    result = np.zeros_like(probability)
    np.put_along_axis(result, descending, kept / kept.sum(1, keepdims=True), axis=1)
    return result


def log_mean(draws: ArrayLike) -> float:
    """exp(mean(log(1 + x))) - 1 of non-negative draws: the best point estimate from few draws of the released checkpoint."""
    return float(np.expm1(np.log1p(np.maximum(np.asarray(draws, dtype=np.float64), 0.0)).mean()))


def median(draws: ArrayLike) -> float:
    """The paper's point estimate."""
    return float(np.median(np.asarray(draws, dtype=np.float64)))
