"""Is a function like the code that the model was trained on? Decided from its token ids alone, before the network runs.

What the network's own states look like says less: they are close together for code that nobody has seen. So the text is described by five
figures, each held against what is usual at its length, in two views:

- *order*: how surprising its tokens are, how surprising it is that one kind of token follows another, and how many of them are line breaks.
  Other languages, prose, shuffled or hashed text are far off.
- *variety*: how many different tokens and pairs of neighbours there are. Tables, unrolled and generated code are far off.

A view's distance is Mahalanobis' (Lee et al. 2018). It depends on the ids and the checkpoint's file, not on back end, batch or arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

CLASSES = 256
"""Kinds of tokens: the frequent ones are a kind each, the others are of a kind with those of the same form."""
VIEWS: tuple[tuple[int, ...], ...] = ((0, 1, 2), (2, 3, 4))
"""Figures of each view: order, variety."""
REASONS = (
    "unlike what the model was trained on, in its words and in how they follow each other",
    "unlike what the model was trained on: as varied or as repetitive as tables and generated code",
)
FIGURES = 5
LEAST_TOKENS = 64  # of the code: a few lines are always odd in some way, names of another script for one, and say too little
MOST_TOKENS = 900  # of the code: the network reads hardly more, and what stands before the code must not matter


class FamiliarityError(ValueError):
    """A stored description that cannot be used; the message names the tensor."""


@dataclass(frozen=True)
class Usual:
    """Figures at ``knots`` (K,) of log2 of the number of tokens: means and spreads (K, figures), linear in between."""

    knots: Floats
    means: Floats
    spreads: Floats

    def deviations(self, length: Floats, figures: Floats) -> Floats:
        """Log2 of lengths (N,) and figures (N, figures) -> in spreads from what is usual, (N, figures)."""
        mean, spread = (
            np.stack([np.interp(length, self.knots, column) for column in table.T], axis=-1) for table in (self.means, self.spreads)
        )
        return np.asarray((figures - mean) / spread)


@dataclass(frozen=True)
class Surprise:
    """Bits by which tokens (V,) and neighbouring kinds (CLASSES, CLASSES) surprise; a token's kind (V,); the ids that break lines."""

    tokens: Floats
    pairs: Floats
    kinds: Integers
    line_breaks: Integers

    def describe(self, code: Sequence[int]) -> tuple[float, Floats]:
        """Return log2 of the number of tokens, and the five figures."""
        ids = np.asarray(code[:MOST_TOKENS], dtype=np.int64)
        kinds = self.kinds[ids]
        neighbours = ids[:-1] * len(self.kinds) + ids[1:]
        figures = (
            self.pairs[kinds[:-1], kinds[1:]].mean(),
            self.tokens[ids].mean(),
            np.isin(ids, self.line_breaks).mean(),
            np.log2(len(np.unique(ids))),
            len(np.unique(neighbours)) / len(neighbours),
        )
        return float(np.log2(len(ids))), np.array(figures)


@dataclass(frozen=True)
class Familiarity:
    """What usual code looks like; ``precision`` (views, 3, 3) and ``limits`` (views,) of the views' distances."""

    surprise: Surprise
    usual: Usual
    precision: Floats
    limits: Floats

    def scores(self, code: Sequence[int]) -> Floats:
        """Return each view's distance in units of its limit (views,): a function is unfamiliar where one is above 1."""
        if len(code) < LEAST_TOKENS:
            return np.zeros(len(VIEWS))
        length, figures = self.surprise.describe(code)
        deviations = self.usual.deviations(np.array([length]), figures[None])
        return np.asarray(distances(deviations, self.precision)[0] / self.limits)

    def unfamiliar(self, code: Sequence[int]) -> str | None:
        """Why nothing should be said about a function with these token ids; ``None``: it is like others."""
        scores = self.scores(code)
        worst = int(scores.argmax())
        return REASONS[worst] if scores[worst] > 1 else None

    def code_of(self, ids: Sequence[int], lines_before: int) -> Sequence[int]:
        """Return the part of an encoder's input behind its first ``lines_before`` lines."""
        breaks = set(self.surprise.line_breaks.tolist())
        places = (place for place, token in enumerate(ids) if token in breaks)
        start = -1
        for _ in range(lines_before):
            start = next(places, len(ids))
        return ids[start + 1 :]

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Return what :func:`parse` reads back."""
        return {
            "kinds": self.surprise.kinds.astype(np.float16),  # whole numbers below 2048 are exact
            "limits": self.limits.astype(np.float32),
            "line_breaks": self.surprise.line_breaks.astype(np.int64),
            "pairs": self.surprise.pairs.astype(np.float16),
            "precision": self.precision.astype(np.float32),
            "tokens": self.surprise.tokens.astype(np.float16),
            "usual": np.column_stack((self.usual.knots, self.usual.means, self.usual.spreads)).astype(np.float32),
        }


def distances(deviations: Floats, precision: Floats) -> Floats:
    """Deviations (N, figures) -> each view's Mahalanobis distance (N, views)."""
    columns = [deviations[:, list(view)] for view in VIEWS]
    return np.stack(
        [np.sqrt(np.maximum(((part @ matrix) * part).sum(1), 0.0)) for part, matrix in zip(columns, precision, strict=True)], axis=1
    )


def parse(tensors: Mapping[str, npt.NDArray[Any]], vocab_size: int) -> Familiarity:
    """Read :meth:`Familiarity.tensors`.

    Raises:
        FamiliarityError: a tensor is missing, unexpected, of another shape, or holds what it must not.
    """
    views = len(VIEWS)
    shapes: dict[str, tuple[int | None, ...]] = {
        "kinds": (vocab_size,),
        "limits": (views,),
        "line_breaks": (None,),
        "pairs": (CLASSES, CLASSES),
        "precision": (views, 3, 3),
        "tokens": (vocab_size,),
        "usual": (None, 1 + 2 * FIGURES),
    }
    for name in sorted(set(shapes) ^ set(tensors)):
        raise FamiliarityError(f"{'unexpected' if name in tensors else 'missing'} tensor {name}")
    for name, shape in shapes.items():
        found = tensors[name].shape
        if len(found) != len(shape) or any(want is not None and want != got for want, got in zip(shape, found, strict=True)):
            raise FamiliarityError(f"tensor {name} has shape {found}")
        if not np.isfinite(tensors[name]).all():
            raise FamiliarityError(f"tensor {name} holds values that are not finite")
    kinds, breaks = tensors["kinds"].astype(np.int64), tensors["line_breaks"]
    usual = tensors["usual"].astype(np.float64)
    in_range = kinds.min() >= 0 and kinds.max() < CLASSES and (not len(breaks) or (breaks.min() >= 0 and breaks.max() < vocab_size))
    if not in_range:
        raise FamiliarityError("kinds or line_breaks are out of range")
    if not len(usual) or (np.diff(usual[:, 0]) <= 0).any() or usual[:, 1 + FIGURES :].min() <= 0 or tensors["limits"].min() <= 0:
        raise FamiliarityError("usual needs ascending knots and spreads above 0, limits must be above 0")
    return Familiarity(
        Surprise(tensors["tokens"].astype(np.float64), tensors["pairs"].astype(np.float64), kinds, breaks.astype(np.int64)),
        Usual(usual[:, 0], usual[:, 1 : 1 + FIGURES], usual[:, 1 + FIGURES :]),
        tensors["precision"].astype(np.float64),
        tensors["limits"].astype(np.float64),
    )
