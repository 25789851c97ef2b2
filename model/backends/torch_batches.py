"""Inputs of many lengths to batches that a device's memory holds, and smaller ones where it does not after all.

Nothing here computes; what is a batch's work, and which exception means that memory ran out, is the caller's business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rlm_lsp.model.config import Architecture, StackConfig

R = TypeVar("R")


@dataclass(frozen=True)
class Footprint:
    """Estimated bytes that one text of a batch takes while it is computed, by the batch's length. Too much is better than too little.

    ``size`` bytes a number; ``rows`` decodings of ``slots`` tokens for each text.
    """

    architecture: Architecture
    size: int
    rows: int
    slots: int

    def of(self, length: int) -> int:
        """Bytes of one text padded to ``length`` tokens."""
        encoder, decoder = self.architecture.encoder, self.architecture.decoder
        encoding = length * self._of_a_token(encoder) + self._of_scores(encoder, length * length)
        cross = 2 * decoder.layers * decoder.kv_heads * decoder.head_dim * length * self.size
        past = 2 * decoder.layers * decoder.kv_heads * decoder.head_dim * self.slots * self.rows * self.size
        decoding = self.rows * (self._of_a_token(decoder) + self._of_scores(decoder, length))
        return cross + past + max(encoding, decoding)  # the encoder's memory is free again when the decoder begins

    def _of_a_token(self, config: StackConfig) -> int:
        """Residual, its norm (in float32), queries, keys, values, what is attended to, or else the three of the feed-forward part."""
        attention = (2 * config.heads + 2 * config.kv_heads) * config.head_dim
        return self.size * (2 * config.hidden_size + max(attention, 3 * config.ffn_size)) + 8 * config.hidden_size

    def _of_scores(self, config: StackConfig, pairs: int) -> int:
        """Scores, their soft cap and their softmax in float32. Without soft caps the fused attention keeps none of them."""
        return 0 if config.attention_softcap is None else config.heads * pairs * (3 * self.size + 4)


class Batches:
    """Groups texts of about the same length under a ceiling of bytes, and lowers the ceiling whenever memory ran out below it."""

    def __init__(self, footprint: Footprint, ceiling: int, most_tokens: int) -> None:
        self._footprint = footprint
        self.ceiling = ceiling
        self._most_tokens = most_tokens

    def groups(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Places in ``lengths``, the shortest first. A text that is above the ceiling alone is a group of its own."""
        yield from self._groups(sorted(range(len(lengths)), key=lambda place: (lengths[place], place)), lengths)

    def _groups(self, ascending: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
        group: list[int] = []
        for place in ascending:  # the newest is the longest, to which all are padded
            longest, texts = lengths[place], len(group) + 1
            if group and (texts * longest > self._most_tokens or texts * self._footprint.of(longest) > self.ceiling):
                yield group
                group = []
            group.append(place)
        if group:
            yield group

    def run(
        self,
        lengths: Sequence[int],
        compute: Callable[[Sequence[int]], Sequence[R]],
        ran_out: Callable[[Exception], bool],
        release: Callable[[], None],
    ) -> Iterator[tuple[int, R | None]]:
        """(place, result) of every text, in groups; None for a text that does not fit even alone.

        Args:
            lengths: of the texts, in tokens.
            compute: results of the texts at some places.
            ran_out: whether an exception says that there was not enough memory; any other exception is passed on.
            release: called before a smaller group is tried.
        """
        waiting = deque(self.groups(lengths))
        while waiting:
            group = waiting.popleft()
            results = _attempt(compute, group, ran_out)
            if results is not None:
                yield from zip(group, results, strict=True)
                continue
            release()
            if len(group) == 1:
                yield group[0], None
                continue
            self.ceiling = min(self.ceiling, len(group) * self._footprint.of(lengths[group[-1]])) // 2
            rest = [*group, *(place for later in waiting for place in later)]  # still the shortest first
            waiting = deque(self._groups(rest, lengths))  # the first is smaller now: the whole group is above the new ceiling


def _attempt(
    compute: Callable[[Sequence[int]], Sequence[R]], group: Sequence[int], ran_out: Callable[[Exception], bool]
) -> Sequence[R] | None:
    """The group's results, or None if memory ran out. The exception ends here, and with it what its traceback keeps alive."""
    try:
        return compute(group)
    except Exception as error:
        if not ran_out(error):
            raise
        return None
