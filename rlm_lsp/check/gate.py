"""What a check makes of predictions: budgets that are broken, changes that count, comments that say nothing; and so the exit code."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from rlm_lsp.budget import P50, Breach
from rlm_lsp.config import Metric
from rlm_lsp.paths import printable

if TYPE_CHECKING:
    from rlm_lsp.compare import Change  # and what it imports costs time that only a comparison needs


def shown(path: str) -> str:
    """A path as all reports have it: with slashes, on one line of valid Unicode."""
    return printable(path.replace(os.sep, "/"))


def module_name(path: str, cell: int) -> str:
    """A file, or a cell of a notebook: ``a.ipynb#cell 2``."""
    return f"{path}#cell {cell}" if cell else path


class Place(NamedTuple):
    """A function and where it is. Line and column (1-based, code points) are those of its name; ``path`` is one that can be shown.

    ``cell`` is the notebook's cell that lines are counted in, from 1; 0: the file is no notebook.
    """

    path: str
    cell: int
    line: int
    column: int
    name: str

    @property
    def where(self) -> str:
        """``a.py:3``, or ``a.ipynb#cell 2:3``."""
        return f"{module_name(self.path, self.cell)}:{self.line}"


@dataclass(frozen=True)
class Broken:
    """A broken budget. ``key`` names the function in its file across edits (``f``, ``f#2``); ``quantiles`` are p10, p50 and p90.

    ``accepted``: the baseline file knows it, and it has not become clearly worse since.
    """

    place: Place
    breach: Breach
    quantiles: Sequence[float]
    key: str
    accepted: bool = False

    @property
    def median(self) -> float:
        """p50, in seconds or bytes."""
        return self.quantiles[P50]


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
    """Something to be told about a directive in a file: it is malformed, or ignores what is not there."""

    path: str
    cell: int
    line: int
    text: str
    rule: Literal["unused-directive", "malformed-directive"]

    @property
    def where(self) -> str:
        """As that of a ``Place``."""
        return f"{module_name(self.path, self.cell)}:{self.line}"


class Held(NamedTuple):
    """A function that has a budget. ``key``: see ``Broken``; ``unknown``: why it has no prediction, if it has none."""

    place: Place
    key: str
    unknown: str | None


class NetworkBudget(NamedTuple):
    """A budget of a network that is broken, or cannot be decided because ``unknown`` parts of the figure are not known.

    ``value`` is the static figure, a lower bound where something is unknown, or the median of a prediction, whose p10 is ``low``; where
    there is no prediction it is 0, and ``why`` says why. ``name`` is the setting's, without ``onnx.``.
    """

    path: str
    name: str
    limit: float
    value: float
    unknown: int
    provenance: Literal["static", "predicted"] = "static"
    low: float | None = None
    why: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether even what is known, or the lower end of a prediction, is above the limit."""
        return (self.value if self.low is None else self.low) > self.limit


@dataclass(frozen=True)
class Gate:
    """The outcome of a check beside its predictions; everything is in a stable order. ``notes`` are lines about the run as a whole."""

    broken: Sequence[Broken] = ()
    suppressed: int = 0
    remarks: Sequence[Remark] = ()
    comparison: Comparison | None = None
    notes: Sequence[str] = ()
    held: Sequence[Held] = ()  # those with a budget, where the report lists them
    networks: Sequence[NetworkBudget] = ()

    @property
    def errors(self) -> int:
        """What fails a check."""
        dearer = sum(bool(edited.dearer) for edited in self.comparison.edited) if self.comparison else 0
        networks = sum(item.is_broken for item in self.networks)
        return dearer + networks + sum(broken.breach.severity == "error" and not broken.accepted for broken in self.broken)

    @property
    def warnings(self) -> int:
        """What fails a strict check, beside errors."""
        undecided = sum(not item.is_broken for item in self.networks)
        broken = sum(broken.breach.severity == "warning" and not broken.accepted for broken in self.broken)
        return len(self.remarks) + undecided + broken
