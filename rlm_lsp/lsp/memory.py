"""Answers that are held in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput

BYTES_PER_ANSWER = 1_000  # of an input and its values, its text left out


class Memory:
    """Values by input. Beyond ``budget`` bytes (roughly) the least recently used are forgotten, but none that is ``wanted``."""

    def __init__(self, budget: int, wanted: Callable[[ModelInput], bool]) -> None:
        self._budget = budget
        self._wanted = wanted
        self._size = 0
        self._values: OrderedDict[ModelInput, Values] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, item: ModelInput) -> Values | None:
        """What is held for ``item``, which counts as a use."""
        values = self._values.get(item)
        if values is not None:
            self._values.move_to_end(item)
        return values

    def put(self, item: ModelInput, values: Values) -> None:
        """Hold ``values``, and forget others if there are too many."""
        if item not in self._values:
            self._size += _bytes(item)
        self._values[item] = values
        self._values.move_to_end(item)
        for _ in range(len(self._values)):
            if self._size <= self._budget:
                break
            oldest = next(iter(self._values))
            if self._wanted(oldest):
                self._values.move_to_end(oldest)
            else:
                del self._values[oldest]
                self._size -= _bytes(oldest)

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self._size = 0


def _bytes(item: ModelInput) -> int:
    return BYTES_PER_ANSWER + len(item.text)
