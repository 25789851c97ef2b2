"""What waits for the model, in the order in which it is asked."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum

from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.types import ModelInput


class Priority(IntEnum):
    """Who is answered first."""

    VISIBLE = 0  # in the range that the client has last asked for
    OPEN = 1  # in an open document
    WORKSPACE = 2


@dataclass
class Job:
    """An input that is not known. ``owners`` want it; ``asked`` is there while the model has it."""

    owners: dict[str, Priority] = field(default_factory=dict)
    asked: Future[Frame] | None = None

    @property
    def priority(self) -> Priority:
        """How urgent it is to the one who wants it most; somebody does."""
        return min(self.owners.values())


class Queue:
    """Inputs, each once: the most urgent first, and of equals the one that came first.

    When it is full, the oldest input that is not visible falls out. Those that are visible are never refused.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._urgency: dict[ModelInput, Priority] = {}
        self._lines: dict[Priority, dict[ModelInput, None]] = {priority: {} for priority in Priority}

    def __len__(self) -> int:
        return len(self._urgency)

    def __contains__(self, item: ModelInput) -> bool:
        return item in self._urgency

    def put(self, item: ModelInput, priority: Priority) -> ModelInput | None:
        """Add ``item``, or change its urgency; returns what fell out for it, if anything did (it may be ``item``)."""
        if self._urgency.get(item) is priority:
            return None
        self.discard(item)
        self._urgency[item] = priority
        self._lines[priority][item] = None
        if len(self._urgency) <= self._limit:
            return None
        for line in (self._lines[Priority.WORKSPACE], self._lines[Priority.OPEN]):
            for oldest in line:
                self.discard(oldest)
                return oldest
        return None

    def discard(self, item: ModelInput) -> None:
        """Take ``item`` out, if it is there."""
        priority = self._urgency.pop(item, None)
        if priority is not None:
            del self._lines[priority][item]

    def pop(self) -> ModelInput:
        """Take out who is next.

        Raises:
            IndexError: nobody is.
        """
        for line in self._lines.values():
            for item in line:
                self.discard(item)
                return item
        raise IndexError("the queue is empty")
