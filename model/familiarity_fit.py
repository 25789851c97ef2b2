"""Fits :mod:`rlm_lsp.model.familiarity` on training rows; only the limits are read off the validation split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.familiarity import CLASSES, MOST_TOKENS, VIEWS, Familiarity, Floats, Integers, Surprise, Usual
from rlm_lsp.model.prompt import PromptSpec
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.predict.types import ModelInput

FALSE_ALARMS = 0.015  # of the validation split's functions
_FOLDS = 4
_THINNED = 8  # one in so many of the functions without measured costs: they are many, and only say what code is like
_KNOTS = np.arange(3.5, 10.0, 1.0)  # log2 of a number of tokens
_REACH = 0.75  # of a knot
_LEAST_ROWS = 50  # at a knot
_SHRINK = 0.02  # on the diagonal of the covariance of standardised figures
_PSEUDO = 5.0  # as many neighbours as a kind's prior counts for


@dataclass(frozen=True)
class Code:
    """The token ids of functions, and the package or source that each is of."""

    ids: list[list[int]]
    origins: list[str]

    def where(self, kept: Iterable[bool]) -> Code:
        """Return some of them."""
        places = [i for i, keep in enumerate(kept) if keep]
        return Code([self.ids[i] for i in places], [self.origins[i] for i in places])


def fit_corpus(corpus: Path, tokenizer: TextTokenizer, prompt: PromptSpec) -> Familiarity | None:
    """Fit on the functions of ``typical.jsonl`` and ``unlabelled.jsonl``, read as ``prompt`` says; ``None`` without enough of them."""
    rows = list(examples.read(corpus / "typical.jsonl"))
    measured, validation = (encoded([e for e in rows if e.split == split], tokenizer, prompt) for split in ("train", "validation"))
    others = [e for i, e in enumerate(examples.read(corpus / "unlabelled.jsonl")) if i % _THINNED == 0 and e.split == "train"]
    return fit(measured, encoded(others, tokenizer, prompt), validation, tokenizer)


def encoded(rows: Sequence[Example], tokenizer: TextTokenizer, prompt: PromptSpec) -> Code:
    """Return the code of examples, equal texts once, without the lines that stand before it in the encoder's input."""
    texts = [prompt.as_read(ModelInput(e.language, e.kind, e.text)).text for e in rows]
    unique = {text: (e.group if e.problem is None else e.source) for text, e in zip(texts, rows, strict=True)}
    ids = [found[:MOST_TOKENS] for found in tokenizer.encode_many(list(unique))]
    return Code(ids, list(unique.values())).where(len(found) > 1 for found in ids)


def fit(measured: Code, others: Code, validation: Code, tokenizer: TextTokenizer) -> Familiarity | None:
    """Fit on ``measured`` and, for what follows what, ``others``; the limits leave ``FALSE_ALARMS`` of ``validation`` outside.

    What is usual must hold for packages that were not counted, so figures are taken of one fold of packages with surprises of the rest.
    """
    origins = sorted({*measured.origins, *others.origins})
    fold = {origin: place % _FOLDS for place, origin in enumerate(origins)}
    described = []
    for held in range(_FOLDS):
        rest = [code.where(fold[origin] != held for origin in code.origins) for code in (measured, others)]
        looked_at = measured.where(fold[origin] == held for origin in measured.origins)
        if looked_at.ids and any(code.ids for code in rest):
            described.append(_described(_surprise([*rest[0].ids, *rest[1].ids], tokenizer), looked_at))
    usual = _usual(*(np.concatenate(parts) for parts in zip(*described, strict=True))) if described else None
    if usual is None or len(validation.ids) < _LEAST_ROWS:
        return None
    deviations = np.concatenate([usual.deviations(*part) for part in described])
    precision = np.stack([_precision(deviations[:, list(view)]) for view in VIEWS])
    fitted = Familiarity(_surprise([*measured.ids, *others.ids], tokenizer), usual, precision, np.ones(len(VIEWS)))
    return with_limits(fitted, validation.ids)


def with_limits(fitted: Familiarity, validation: Sequence[Sequence[int]]) -> Familiarity:
    """Return it with limits above which lie ``FALSE_ALARMS`` of the functions, each view's limit at the same share."""
    raw = np.array([fitted.scores(ids) for ids in validation]) * fitted.limits  # (N, views)
    limits = np.maximum(np.quantile(raw, 1 - FALSE_ALARMS / len(VIEWS), axis=0), 1e-6)
    together = float(np.quantile((raw / limits).max(1), 1 - FALSE_ALARMS))  # one function may be outside of both
    return replace(fitted, limits=limits * together)


def widened(fitted: Familiarity, codes: Sequence[Sequence[int]]) -> Familiarity:
    """Return it with limits that leave at most ``FALSE_ALARMS`` of ``codes`` outside: of a user's own functions, after tuning on them."""
    scores = np.array([fitted.scores(code) for code in codes])  # (N, views)
    factors = np.maximum(np.quantile(scores, 1 - FALSE_ALARMS / len(VIEWS), axis=0), 1.0)
    return replace(fitted, limits=fitted.limits * factors)


def _described(surprise: Surprise, code: Code) -> tuple[Floats, Floats]:
    found = [surprise.describe(ids) for ids in code.ids]
    return np.array([length for length, _ in found]), np.array([figures for _, figures in found])


def _usual(length: Floats, figures: Floats) -> Usual | None:
    knots, means, spreads = [], [], []
    for knot in _KNOTS:
        rows = np.abs(length - knot) <= _REACH
        if rows.sum() >= _LEAST_ROWS:
            knots.append(knot)
            means.append(figures[rows].mean(0))
            spreads.append(np.maximum(figures[rows].std(0), 1e-3))
    return Usual(np.array(knots), np.array(means), np.array(spreads)) if knots else None


def _precision(deviations: Floats) -> Floats:
    return np.asarray(np.linalg.inv(np.cov(deviations.T) + _SHRINK * np.eye(deviations.shape[1])))


def _surprise(codes: Sequence[Sequence[int]], tokenizer: TextTokenizer) -> Surprise:
    size = tokenizer.vocab_size
    ids = np.concatenate([np.asarray(code, dtype=np.int64) for code in codes])
    counts = np.bincount(ids, minlength=size).astype(np.float64)
    texts = [tokenizer.decode([token]) for token in range(size)]
    kinds = _kinds(counts, texts)
    inside = np.ones(len(ids), dtype=bool)
    inside[np.cumsum([len(code) for code in codes]) - 1] = False  # the last token of a function has no neighbour in it
    found = kinds[ids]
    neighbours = (found[:-1] * CLASSES + found[1:])[inside[:-1]]
    pairs = np.bincount(neighbours, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    prior = (np.bincount(found, minlength=CLASSES) + 0.01) / (len(found) + 0.01 * CLASSES)
    chances = (pairs + _PSEUDO * prior) / (pairs.sum(1, keepdims=True) + _PSEUDO)
    tokens = -np.log2((counts + 0.5) / (counts.sum() + 0.5 * size))
    breaks = np.array([token for token, text in enumerate(texts) if text.startswith("\n")], dtype=np.int64)
    return Surprise(tokens, -np.log2(chances), kinds, breaks)


def _kinds(counts: Floats, texts: Sequence[str]) -> Integers:
    """Return each token's kind: its form, or a number of its own where it is frequent."""
    kinds = np.array([_form(text) for text in texts], dtype=np.int64)
    frequent = np.argsort(-counts, kind="stable")[: CLASSES - _FORMS]
    kinds[frequent] = _FORMS + np.arange(len(frequent))
    return kinds


_FORMS = 9


def _form(text: str) -> int:
    """Line break, words (small or not, a space before or not), names with underscores, other ASCII, the rest."""
    body = text.removeprefix(" ")
    if text.startswith("\n"):
        return 0
    if body.isascii() and body.isalpha():
        return 1 + 2 * (not body.islower()) + (body != text)
    if "_" in body:
        return 5 + (body != text)
    return 7 if body.isascii() else 8
