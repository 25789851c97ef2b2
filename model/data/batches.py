"""Tokenised examples in flat arrays, and batches of equal cost drawn from them in a reproducible order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rlm_lsp.model.data.examples import Example


@dataclass(frozen=True)
class TokenisedSet:
    """N examples: ``tokens[offsets[i]:offsets[i + 1]]`` is the i-th input; ``targets`` (N, objectives) is NaN where unknown."""

    tokens: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Tokens of each example (N,)."""
        return np.diff(self.offsets)


@dataclass(frozen=True)
class Batch:
    """Padded inputs: ``ids`` (B, S), ``mask`` (B, S) true on real tokens, ``targets`` (B, objectives)."""

    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.bool_]
    targets: npt.NDArray[np.float64]


def tokenise(
    examples: Sequence[Example], encode: Callable[[Example], list[int]], objectives: Sequence[str], most_tokens: int
) -> TokenisedSet:
    """Return the examples as flat arrays, inputs cut to ``most_tokens``."""
    pieces = [encode(example)[:most_tokens] for example in examples]
    targets = np.array([[example.targets.get(name, np.nan) for name in objectives] for example in examples], dtype=np.float64)
    return TokenisedSet(
        tokens=np.concatenate([np.array(piece, dtype=np.int32) for piece in pieces]) if pieces else np.zeros(0, np.int32),
        offsets=np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])]).astype(np.int64),
        targets=targets.reshape(len(examples), len(objectives)),
    )


def epoch_order(sets: Sequence[TokenisedSet], share: Sequence[float], budget: int, seed: int) -> list[tuple[int, npt.NDArray[np.int64]]]:
    """Return one epoch as (set, rows) batches of about ``budget`` padded tokens, of near-equal lengths, in random order.

    ``share[k]`` of set k is drawn (2.0: every row twice); the same seed gives the same epoch, so a stopped run resumes by position.
    """
    rng = np.random.default_rng(seed)
    batches: list[tuple[int, npt.NDArray[np.int64]]] = []
    for index, (data, portion) in enumerate(zip(sets, share, strict=True)):
        whole, rest = divmod(portion, 1.0)
        rows = np.concatenate(
            [rng.permutation(len(data)) for _ in range(int(whole))] + [rng.permutation(len(data))[: round(rest * len(data))]]
        )
        # a jitter of the length keeps buckets from being the same in each epoch
        order = rows[np.argsort(data.lengths[rows] * rng.uniform(0.9, 1.1, len(rows)), kind="stable")]
        batches.extend((index, group) for group in _groups(order, data.lengths, budget))
    return [batches[i] for i in rng.permutation(len(batches))]


def _groups(order: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], budget: int) -> Iterator[npt.NDArray[np.int64]]:
    start = longest = 0
    for position, row in enumerate(order):
        length = max(longest, int(lengths[row]))
        if position > start and length * (position - start + 1) > budget:
            yield order[start:position]
            start, length = position, int(lengths[row])
        longest = length
    if start < len(order):
        yield order[start:]


def collate(data: TokenisedSet, rows: npt.NDArray[np.int64]) -> Batch:
    """Return the rows padded to their longest."""
    lengths = data.lengths[rows]
    ids = np.zeros((len(rows), int(lengths.max())), dtype=np.int64)
    for position, row in enumerate(rows):
        ids[position, : lengths[position]] = data.tokens[data.offsets[row] : data.offsets[row + 1]]
    mask = np.arange(ids.shape[1]) < lengths[:, None]
    return Batch(ids, mask, data.targets[rows])
