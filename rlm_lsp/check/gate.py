"""What a check makes of predictions: budgets that are broken, changes that count, comments that say nothing; and so the exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rlm_lsp.budget import Breach
from rlm_lsp.config import Metric

if TYPE_CHECKING:
    from rlm_lsp.compare import Change  # and what it imports costs time that only a comparison needs


class Place(NamedTuple):
    """A function and where it is. Line and column (1-based, code points) are those of its name; the path is printable."""

    path: str
    line: int
    column: int
    name: str


@dataclass(frozen=True)
class Broken:
    """A broken budget. ``key`` names the function in its file across edits (``f``, ``f#2``).

    ``accepted``: the baseline file knows it, and it has not become clearly worse since.
    """

    place: Place
    breach: Breach
    median: float
    key: str
    accepted: bool = False


@dataclass(frozen=True)
class Edited:
    """A function whose code is not what it was. ``was``: where it stood, if it was moved or renamed; ``ignored``: suppressed metrics."""

    place: Place
    changes: Sequence[Change]
    was: Place | None = None
    ignored: frozenset[Metric] = frozenset()

    @property
    def dearer(self) -> list[Change]:
        """The changes that fail a check."""
        return [change for change in self.changes if change.standing == "dearer" and change.metric not in self.ignored]


@dataclass(frozen=True)
class Comparison:
    """What changed since ``base`` (words for a person). ``moved`` also holds what was only renamed; all are in the order of places.

    ``band`` is the model's error for pairs: for each objective a factor; None: not measured, so no change can fail.
    """

    base: str
    edited: Sequence[Edited]
    added: Sequence[Place]
    removed: Sequence[Place]
    moved: Sequence[tuple[Place, Place]]
    band: Mapping[str, float] | None


class Remark(NamedTuple):
    """Something to be told about a directive in a file."""

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Gate:
    """The outcome of a check beside its predictions; everything is in a stable order. ``notes`` are lines about the run as a whole."""

    broken: Sequence[Broken] = ()
    suppressed: int = 0
    remarks: Sequence[Remark] = ()
    comparison: Comparison | None = None
    notes: Sequence[str] = ()

    @property
    def errors(self) -> int:
        """What fails a check."""
        dearer = sum(bool(edited.dearer) for edited in self.comparison.edited) if self.comparison else 0
        return dearer + sum(broken.breach.severity == "error" and not broken.accepted for broken in self.broken)

    @property
    def warnings(self) -> int:
        """What fails a strict check, beside errors."""
        return len(self.remarks) + sum(broken.breach.severity == "warning" and not broken.accepted for broken in self.broken)
