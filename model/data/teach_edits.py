"""Pseudo-labelled edits: mutants of functions that nobody measured after the change, each with the cost of what it was made from.

Measured mutants are of our own kernels alone, a few thousand texts. What a change does to a cost carries over to other code better than
anything else that we know, as the teacher is told which change it was: no model that reads two texts is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from random import Random

import numpy as np

from rlm_lsp.model.baselines import Floats, boost, hand_features
from rlm_lsp.model.data.corpus import text_hash
from rlm_lsp.model.data.edits import Edit
from rlm_lsp.model.data.examples import FLOORS, Example
from rlm_lsp.model.measure import mutate

_MOST_EDITS = 2  # of one function
_MOST_SIZES = 2  # that a function's mutants are shown at
_MUTATIONS = tuple(mutate.MUTATIONS)


class ChangeTeacher:
    """Boosted trees that say by what factor a change moves a cost: from its name, sizes, counts before and after, and that cost."""

    def __init__(self, objective: str) -> None:
        self._objective, self._floor = objective, FLOORS[objective]

    def fit(self, edits: Sequence[Edit]) -> None:
        """Learn from the edits whose costs are known on both sides."""
        known = [edit for edit in edits if self._objective in edit.before.targets and self._objective in edit.after.targets]
        self._model = boost(self._features(known), self.truth(known))

    def truth(self, edits: Sequence[Edit]) -> Floats:
        """Return log10 of the measured cost after to the one before (N,)."""
        return np.array([self._log(edit.after) - self._log(edit.before) for edit in edits])

    def predict(self, edits: Sequence[Edit]) -> Floats:
        """Return log10 of the cost after to the one before (N,)."""
        return np.asarray(self._model.predict(self._features(edits)), dtype=np.float64)

    def _log(self, example: Example) -> float:
        return float(np.log10(example.targets[self._objective] + self._floor))

    def _features(self, edits: Sequence[Edit]) -> Floats:
        """Return (N, mutations + twice the hand features + 1)."""
        which = np.array([[edit.mutation == name for name in _MUTATIONS] for edit in edits], dtype=np.float64)
        before, after = (np.nan_to_num(hand_features(side)) for side in ([e.before for e in edits], [e.after for e in edits]))
        costs = np.array([[self._log(edit.before)] for edit in edits])
        return np.hstack([which, before, after - before, costs])


def unmeasured_edits(functions: Iterable[Example], seed: int) -> Iterator[Edit]:
    """Yield up to two changes of each function, drawn anew for each of its first two sizes; those that do not apply are passed over."""
    shown: dict[str, int] = defaultdict(int)
    for function in functions:
        shown[function.text] += 1
        if shown[function.text] > _MOST_SIZES or not FLOORS.keys() <= function.targets.keys():
            continue
        order = Random(f"{seed}/{function.id}").sample(_MUTATIONS, len(_MUTATIONS))
        for mutation, text in islice(mutate.mutants(function.text, order), _MOST_EDITS):
            after = replace(function, id=text_hash(f"{text}\0{function.args}"), text=text, targets={}, split_halves={})
            yield Edit(mutation, function, after)


def taught_edits(measured: Sequence[Edit], functions: Iterable[Example], seed: int = 1) -> list[Example]:
    """Return mutants of training functions, with sizes or without as the functions are: their cost, moved by what the teacher says.

    The teacher learns from the training families only. Where there are no sizes it says what a change does on the average over the
    sizes that it was measured at.
    """
    edits = list(unmeasured_edits((function for function in functions if function.split == "train"), seed))
    learned = [edit for edit in measured if edit.before.split == "train"]
    learned += [replace(edit, before=replace(edit.before, args=None), after=replace(edit.after, args=None)) for edit in learned]
    targets: list[dict[str, float]] = [{} for _ in edits]
    for objective, floor in FLOORS.items():
        teacher = ChangeTeacher(objective)
        teacher.fit(learned)
        for edit, target, moved in zip(edits, targets, teacher.predict(edits), strict=True):
            target[objective] = float(max((edit.before.targets[objective] + floor) * 10**moved - floor, 0.0))
    return [replace(edit.after, targets=target) for edit, target in zip(edits, targets, strict=True)]
