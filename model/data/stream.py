"""Batches without end from rows that do not fit into memory: shuffled in windows, of about equal lengths, the same for the same seed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from rlm_lsp.model.data.parquet import DataError, Row

T = TypeVar("T")

WINDOW = 16_384
"""Rows among which batches are made; those of a graph window are about 250 MB."""


def batches(epoch_rows: Callable[[int], Iterator[Row]], size: int, seed: int, window: int = WINDOW) -> Iterator[list[Row]]:
    """Batches of exactly ``size`` rows, epoch after epoch; ``epoch_rows`` yields the rows of an epoch.

    Lengths are compared in characters: tokens would cost every process the tokenising of every row. A window's rest, less than a batch, is
    left out, at random.

    Raises:
        DataError: an epoch has fewer rows than a batch.
    """
    for epoch in itertools.count():
        rng = np.random.default_rng([seed, epoch])
        waiting, made = epoch_rows(epoch), 0
        while rows := list(itertools.islice(waiting, max(window, size))):
            for places in _places([len(row.text) for row in rows], size, rng):
                yield [rows[place] for place in places]
                made += 1
        if not made:
            raise DataError(f"the data has fewer rows than one batch ({size})")


def share(batch: Sequence[T], process: int, processes: int) -> Sequence[T]:
    """One process's part of a batch; the parts are of equal sizes and about equal lengths.

    Raises:
        DataError: the batch cannot be shared equally, so that the mean of the parts would not be the mean of the whole.
    """
    if len(batch) % processes:
        raise DataError(f"a batch of {len(batch)} rows cannot be shared equally by {processes} processes")
    return batch[process::processes]


def parts(lengths: Sequence[int], most_tokens: int) -> Iterator[list[int]]:
    """Places of rows in groups of at most ``most_tokens`` padded tokens, to be computed one after the other; a longer row is alone."""
    group: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: lengths[place]):  # the newest is the longest
        if group and (len(group) + 1) * lengths[place] > most_tokens:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _places(lengths: Sequence[int], size: int, rng: np.random.Generator) -> Iterator[list[int]]:
    kept = rng.permutation(len(lengths))[: len(lengths) // size * size]
    # a jitter of the length keeps batches from being the same in each epoch
    ascending = kept[np.argsort(np.array(lengths)[kept] * rng.uniform(0.9, 1.1, len(kept)), kind="stable")]
    for number in rng.permutation(len(kept) // size):
        yield ascending[number * size : (number + 1) * size].tolist()
