"""``rlm-lsp.compareWithHead``: predictions of a file's functions beside those of their counterparts in the file's HEAD version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rlm_lsp.compare import Change, Standing, decide
from rlm_lsp.lsp.scaling import Predicts
from rlm_lsp.lsp.snapshot import Base, DocumentView, FunctionView
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values
from rlm_lsp.units import format_value

_IN_WORDS: dict[Standing, str] = {
    "same": "the same",
    "small": "too little to count",
    "within-band": "within the model's error",
    "no-band": "the model's error is not known",
    "dearer": "dearer beyond the model's error",
    "cheaper": "cheaper beyond the model's error",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A function beside what it was. ``line`` is 1-based."""

    name: str
    line: int
    base: Base
    values: Values
    changes: tuple[Change, ...]

    @property
    def has_changed(self) -> bool:
        """Whether there is something to say: its text is not the old one."""
        return not self.base.same_text

    def as_dict(self) -> dict[str, Any]:
        """``before`` and ``after`` are medians in ``unit``; ``standing`` says whether the ratio means anything."""
        changes = [
            {
                "metric": change.metric,
                "unit": change.unit,
                "before": change.old,
                "after": change.new,
                "ratio": change.ratio,
                "standing": change.standing,
                "beyondBand": change.standing in ("dearer", "cheaper"),
                "band": change.band,
            }
            for change in self.changes
        ]
        return {"name": self.name, "line": self.line, "added": self.base.added, "changes": changes, **self._unknown()}

    def as_text(self) -> str:
        """One line; it holds the function's name but no code."""
        if self.base.added:
            return f"{self.line}: {self.name}: new"
        if not self.changes:
            return f"{self.line}: {self.name}: no prediction of the {'old' if self.values.quantiles else 'new'} version"
        return f"{self.line}: {self.name}: {'; '.join(map(_said, self.changes))}"

    def _unknown(self) -> dict[str, str]:
        for side, values in (("unknownBefore", self.base.values), ("unknownAfter", self.values)):
            if values is not None and values.unknown is not None:
                return {side: ": ".join(values.unknown)}
        return {}


def _said(change: Change) -> str:
    before, after = format_value(change.old, change.unit), format_value(change.new, change.unit)
    return f"{change.metric} {before} → {after}, {_IN_WORDS[change.standing]}"


async def compare(oracle: Predicts, model: ModelIdentity, view: DocumentView, functions: Sequence[FunctionView]) -> list[Compared]:
    """Those of ``functions`` that were compared with HEAD, by the predictions of their present text."""
    pairs = [(function, function.base) for function in functions if function.base is not None]
    answers = await oracle.predict([function.input for function, _ in pairs])
    return [
        Compared(
            function.qualified_name,
            view.text.line(function.place.name_start) + 1,
            base,
            values,
            tuple(decide(base.values, values, model.objectives, view.settings, model.pair_band, same_text=base.same_text)),
        )
        for (function, base), values in zip(pairs, answers, strict=True)
    ]


def text(rows: Sequence[Compared], model: ModelIdentity) -> str:
    """How many have changed, and a line for each of them."""
    changed = [row for row in rows if row.has_changed]
    first = f"{len(changed):,} of {len(rows):,} functions differ from HEAD ({model.id}, predicted, not measured)"
    return "\n".join([first, *(row.as_text() for row in changed)])
