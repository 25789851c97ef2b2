"""Is a tuned model better than its base? Decided once, on functions that neither training nor any choice has seen.

Paired bootstrap over functions: both models answer the same rows, and a draw takes all rows of a function or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rlm_lsp.model.metrics import rank_correlation

Floats = npt.NDArray[np.float64]

_DRAWS = 1000
_CLEARLY = 0.95  # of the draws


@dataclass(frozen=True)
class Answers:
    """One model's answers to N rows about one objective: -log p of the truth in nats (N,); p10, p50, p90 (N, 3) in the metric's unit."""

    losses: Floats
    quantiles: Floats


@dataclass(frozen=True)
class Measured:
    """The truth about N rows of one objective, what each model answers, and which function a row is of.

    ``floor``: below it two values cannot be told apart; added before logarithms are taken.
    """

    objective: str
    truth: Floats
    functions: npt.NDArray[np.int64]
    base: Answers
    tuned: Answers
    floor: float


@dataclass(frozen=True)
class Figures:
    """One model on one objective. ``error``: the median factor between predicted and true."""

    loss: float
    spearman: float | None
    error: float
    coverage: float


@dataclass(frozen=True)
class Compared:
    """Both models on one objective, and how often (0..1) the tuned one came out better in the draws."""

    objective: str
    rows: int
    base: Figures
    tuned: Figures
    spearman_better: float
    error_better: float


@dataclass(frozen=True)
class Verdict:
    """``reasons``: why the tuned model is not better; none if it is. ``loss_better``: in which share of the draws its loss is lower."""

    compared: tuple[Compared, ...]
    functions: int
    loss_better: float
    reasons: tuple[str, ...]

    @property
    def is_better(self) -> bool:
        """Return whether the tuned model may replace its base."""
        return not self.reasons


def judge(measured: Sequence[Measured], seed: int = 0) -> Verdict:
    """Return the verdict: the loss must be clearly lower, no rank or error clearly worse, and one of these better."""
    functions = int(max(part.functions.max() for part in measured)) + 1
    members = [[np.flatnonzero(part.functions == function) for function in range(functions)] for part in measured]
    gains = [part.base.losses - part.tuned.losses for part in measured]
    rng = np.random.default_rng(seed)
    loss_gains, spearman_gains, error_gains = [], [], []
    for _ in range(_DRAWS):
        drawn = rng.integers(0, functions, functions)
        rows = [np.concatenate([of_part[function] for function in drawn]) for of_part in members]
        loss_gains.append(np.concatenate([gain[chosen] for gain, chosen in zip(gains, rows, strict=True)]).mean())
        spearman_gains.append([_spearman_gain(part, chosen) for part, chosen in zip(measured, rows, strict=True)])
        error_gains.append([_error_gain(part, chosen) for part, chosen in zip(measured, rows, strict=True)])
    loss_better = _share(np.array(loss_gains))
    compared = tuple(
        Compared(
            part.objective,
            len(part.truth),
            _figures(part, part.base),
            _figures(part, part.tuned),
            _share(np.array(spearman_gains)[:, index]),
            _share(np.array(error_gains)[:, index]),
        )
        for index, part in enumerate(measured)
    )
    return Verdict(compared, functions, loss_better, tuple(_reasons(compared, loss_better)))


def _reasons(compared: Sequence[Compared], loss_better: float) -> list[str]:
    reasons = []
    if loss_better < _CLEARLY:
        reasons.append(f"its loss is lower in {loss_better:.0%} of the draws, and {_CLEARLY:.0%} are needed")
    for part in compared:
        if part.spearman_better <= 1 - _CLEARLY:
            reasons.append(f"it ranks {part.objective} worse")
        if part.error_better <= 1 - _CLEARLY:
            reasons.append(f"its error of {part.objective} is larger")
    if not any(part.tuned.error < part.base.error or (part.tuned.spearman or 0) > (part.base.spearman or 0) for part in compared):
        reasons.append("no rank correlation and no median error is better")
    return reasons


def _share(gains: Floats) -> float:
    """In which share of the draws there is a gain; no change counts half, so that equal models are neither better nor worse."""
    return float(np.mean((gains > 0) + 0.5 * (gains == 0)))


def _logs(part: Measured, answers: Answers, rows: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    return np.log10(part.truth[rows] + part.floor), np.log10(answers.quantiles[rows, 1] + part.floor)


def _spearman_gain(part: Measured, rows: npt.NDArray[np.int64]) -> float:
    base, tuned = (rank_correlation(*_logs(part, answers, rows)) for answers in (part.base, part.tuned))
    return (tuned or 0.0) - (base or 0.0)


def _error(part: Measured, answers: Answers, rows: npt.NDArray[np.int64]) -> float:
    truth, predicted = _logs(part, answers, rows)
    return float(np.median(np.abs(truth - predicted))) if len(rows) else 0.0


def _error_gain(part: Measured, rows: npt.NDArray[np.int64]) -> float:
    return _error(part, part.base, rows) - _error(part, part.tuned, rows)


def _figures(part: Measured, answers: Answers) -> Figures:
    rows = np.arange(len(part.truth))
    inside = (answers.quantiles[:, 0] <= part.truth) & (part.truth <= answers.quantiles[:, 2])
    return Figures(
        float(answers.losses.mean()),
        rank_correlation(*_logs(part, answers, rows)),
        float(10 ** _error(part, answers, rows)),
        float(inside.mean()),
    )


def table(verdict: Verdict, names: Mapping[str, str]) -> list[str]:
    """Return both models' figures as lines of text; ``names`` of ``base`` and ``tuned``."""
    lines = [
        f"{verdict.functions:,} functions kept for this check; better in: share of bootstrap draws in which the tuned model is better",
        f"{'':<34}{names['base']:>12}{names['tuned']:>12}{'better in':>12}",
        f"{'loss, all':<34}{_mean_loss(verdict, 'base'):>12.3f}{_mean_loss(verdict, 'tuned'):>12.3f}{verdict.loss_better:>12.0%}",
    ]
    for part in verdict.compared:
        base, tuned = part.base, part.tuned
        lines += [
            f"{part.objective} ({part.rows:,} rows)",
            f"{'  loss (nats a value)':<34}{base.loss:>12.3f}{tuned.loss:>12.3f}",
            f"{'  Spearman':<34}{_two(base.spearman):>12}{_two(tuned.spearman):>12}{part.spearman_better:>12.0%}",
            f"{'  median error (factor)':<34}{base.error:>12.2f}{tuned.error:>12.2f}{part.error_better:>12.0%}",
            f"{'  truths inside of p10..p90':<34}{base.coverage:>12.0%}{tuned.coverage:>12.0%}",
        ]
    return lines


def _mean_loss(verdict: Verdict, which: str) -> float:
    rows = sum(part.rows for part in verdict.compared)
    return sum(float(getattr(part, which).loss) * part.rows for part in verdict.compared) / rows


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
