"""Measured edits: one of our own kernels before and after one change of its text, at the same argument sizes.

What the gate is asked, in its purest form. They need no data but what is committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rlm_lsp.model.data.corpus import Row, Texts, committed_rows, examples_of
from rlm_lsp.model.data.examples import Example


@dataclass(frozen=True)
class Edit:
    """A function before and after a mutation (``measure/mutate.py``), at the same ``args:``. What was not measured has no targets."""

    mutation: str
    before: Example
    after: Example


def committed_edits(split: str) -> list[Edit]:
    """Return the edits among the committed rows whose family of kernels is in a split."""
    texts = Texts(Path(), None)  # kernels are our own: neither wheels nor data sets are read
    found = measured_edits(committed_rows("kernels"), committed_rows("mutants"), texts)
    return [edit for edit in found if edit.before.split == split]


def measured_edits(kernels: Iterable[Row], mutants: Iterable[Row], texts: Texts) -> Iterator[Edit]:
    """Yield each measured mutant beside its kernel, once for each size that both were measured at; rows without text are left out."""
    originals: dict[tuple[str, str], Mapping[str | None, Example]] = {}
    for row in kernels:
        originals[_place(row)] = _by_args(row, texts)
    for row in mutants:
        before = originals.get(_place(row), {})
        for args, after in _by_args(row, texts).items():
            if args in before:
                yield Edit(row["pointer"]["mutation"], before[args], after)


def _place(row: Row) -> tuple[str, str]:
    return row["pointer"]["module"], row["pointer"]["qualname"]


def _by_args(row: Row, texts: Texts) -> dict[str | None, Example]:
    found = texts.of(row)
    return {} if found is None else {example.args: example for example in examples_of(row, *found)[1]}
