"""Figures of a checkpoint on the held-out groups: ``python -m rlm_lsp.model.figures``, into ``docs/model``.

Like ``evaluate`` it chooses nothing: what is drawn is the test split, and a run's own log.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt

from rlm_lsp.model import evaluate, probes
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import FLOORS, HEAP, LATENCY, Example
from rlm_lsp.model.metrics import rank_correlation
from rlm_lsp.model.predictor import Predictor

mpl.use("Agg")
import matplotlib.pyplot as plt

Floats = npt.NDArray[np.float64]

_UNITS = {LATENCY: "s", HEAP: "B"}
_NAMES = {LATENCY: "latency", HEAP: "peak heap"}
_CURVE_SHARES = (0.1, 0.25, 0.5, 1.0)


def predicted_against_true(tables: dict[str, tuple[list[Example], dict[str, Floats]]]) -> Any:
    """Draw each kind of row once per objective: density of the medians, and the diagonal with a factor of two on either side."""
    figure, axes = plt.subplots(len(FLOORS), len(tables), figsize=(4 * len(tables), 7.4), squeeze=False, layout="constrained")
    for line, objective in zip(axes, FLOORS, strict=True):
        for axis, (title, (rows, found)) in zip(line, tables.items(), strict=True):
            _, truth, table = _answered(rows, found, objective)
            truth, values = truth + FLOORS[objective], table[:, 1] + FLOORS[objective]
            low, high = min(truth.min(), values.min()), max(truth.max(), values.max())
            axis.hexbin(truth, values, xscale="log", yscale="log", gridsize=40, mincnt=1, bins="log", cmap="viridis")
            for factor, style in ((1.0, "-"), (2.0, ":"), (0.5, ":")):
                axis.plot([low, high], [low * factor, high * factor], style, color="black", linewidth=0.8)
            axis.set(title=f"{title}, n = {len(truth)}", xlabel=f"measured {_NAMES[objective]}, {_UNITS[objective]}", ylabel="predicted")
    return figure


def coverage_by_task(tables: dict[str, tuple[list[Example], dict[str, Floats]]]) -> Any:
    """Draw the share of truths inside p10..p90 by task, against the 80 % that is promised and the 3 points around it."""
    figure, axis = plt.subplots(figsize=(8, 3.6), layout="constrained")
    for offset, objective in ((-0.2, LATENCY), (0.2, HEAP)):
        shares = []
        for rows, found in tables.values():
            _, truth, table = _answered(rows, found, objective)
            shares.append(float(np.mean((table[:, 0] <= truth) & (truth <= table[:, 2]))))
        bars = axis.bar(np.arange(len(tables)) + offset, shares, 0.38, label=_NAMES[objective])
        axis.bar_label(bars, [f"{share:.0%}" for share in shares], fontsize=8)
    axis.axhspan(0.77, 0.83, color="black", alpha=0.15, label="80 ± 3 %")
    axis.set(ylim=(0, 1.05), ylabel="inside p10..p90")
    axis.set_xticks(np.arange(len(tables)), list(tables), fontsize=8)
    axis.legend(loc="lower right", fontsize=8)
    return figure


def error_by_size(typical: tuple[list[Example], dict[str, Floats]], sized: tuple[list[Example], dict[str, Floats]]) -> Any:
    """Draw the median error over the length of the text, and over the largest size among the arguments."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    panels: tuple[tuple[Any, tuple[list[Example], dict[str, Floats]], Callable[[Example], float], str], ...] = (
        (axes[0], typical, lambda row: float(len(row.text)), "characters of the function"),
        (axes[1], sized, lambda row: probes.largest_size(row.args or "") + 1.0, "largest size in the args: line, + 1"),
    )
    for axis, (rows, found), size, label in panels:
        for objective in FLOORS:
            answered, truth, table = _answered(rows, found, objective)
            errors = np.abs(np.log10(truth + FLOORS[objective]) - np.log10(table[:, 1] + FLOORS[objective]))
            sizes = np.array([size(row) for row in answered])
            edges = np.unique(np.quantile(sizes, np.linspace(0, 1, 9)))
            places = np.clip(np.searchsorted(edges, sizes, side="right") - 1, 0, len(edges) - 2)
            bins = [b for b in range(len(edges) - 1) if (places == b).sum() >= 20]
            axis.plot(
                [np.median(sizes[places == b]) for b in bins], [np.median(errors[places == b]) for b in bins], "o-", label=_NAMES[objective]
            )
        axis.set(xscale="log", xlabel=label, ylim=(0, None))
    axes[0].set_ylabel("median error, log10")
    axes[0].legend(fontsize=8)
    return figure


def losses(log: Path) -> Any:
    """Draw the losses of a training run's ``log.csv``: training (smoothed) and validation by set."""
    curves: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    with log.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            curves[line["kind"], line["set"]].append((int(line["step"]), float(line["loss"])))
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for (kind, name), points in sorted(curves.items()):
        steps, values = np.array(points).T
        if kind == "train":
            width = max(1, min(9, len(values) // 4))
            kernel = np.ones(width) / width
            steps, values = np.convolve(steps, kernel, "valid"), np.convolve(values, kernel, "valid")
        axes[int(kind == "validation")].plot(steps, values, label=name)
    for axis, title in zip(axes, ("training, as weighted", "validation"), strict=True):
        axis.set(title=title, xlabel="step", ylabel="nats a decision")
        axis.legend(fontsize=7)
    return figure


def learning_curve(typical: Sequence[Example], ours: dict[str, Floats], test: Sequence[Example]) -> Any:
    """Draw the rival's rank correlation on wild test functions over the share of measured functions it learned from, and ours with all."""
    from rlm_lsp.model.baselines import BoostedTfidf

    figure, axis = plt.subplots(figsize=(5.4, 3.8), layout="constrained")
    for objective, colour in ((LATENCY, "C0"), (HEAP, "C1")):
        train = sorted(evaluate.with_target(typical, objective, "train"), key=lambda e: e.id)  # ids are hashes: a random order
        wild = [i for i, e in enumerate(test) if objective in e.targets and evaluate.is_wild(e)]
        rows = [test[i] for i in wild]
        truth = evaluate.values_of(rows, objective)
        counts: list[int] = []
        ranks: list[float] = []
        for share in _CURVE_SHARES:
            seen = train[: round(share * len(train))]
            teacher = BoostedTfidf()
            teacher.fit(seen, np.log10(evaluate.values_of(seen, objective) + FLOORS[objective]))
            counts.append(len(seen))
            ranks.append(rank_correlation(truth, teacher.predict(rows)) or 0.0)
        _, answered, table = _answered(rows, {objective: ours[objective][wild]}, objective)
        axis.plot(counts, ranks, "o-", color=colour, label=f"boosting, {_NAMES[objective]}")
        axis.plot(
            [len(train)],
            [rank_correlation(answered, table[:, 1]) or 0.0],
            "*",
            markersize=12,
            color=colour,
            label=f"RLM, {_NAMES[objective]}",
        )
    axis.set(xscale="log", xlabel="measured training functions", ylabel="Spearman, unseen packages")
    axis.legend(fontsize=8)
    return figure


def _answered(rows: Sequence[Example], found: dict[str, Floats], objective: str) -> tuple[list[Example], Floats, Floats]:
    """Return the rows whose value is known and predicted, their values (N,), and p10, p50, p90 (N, 3)."""
    known = [i for i, row in enumerate(rows) if objective in row.targets and not np.isnan(found[objective][i, 1])]
    answered = [rows[i] for i in known]
    return answered, evaluate.values_of(answered, objective), found[objective][known]


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw everything."""
    from rlm_lsp.model.checkpoint import default_checkpoint

    parser = argparse.ArgumentParser(description="Draw a checkpoint's figures on the held-out groups.")
    parser.add_argument("--checkpoint", type=Path, default=None, help="checkpoint folder (default: the shipped one)")
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"), help="folder with typical.jsonl and sized.jsonl")
    parser.add_argument("--run", type=Path, default=None, help="training run whose losses are drawn")
    parser.add_argument("--out", type=Path, default=Path("docs/model"))
    options = parser.parse_args(arguments)
    predictor = Predictor.load(options.checkpoint or default_checkpoint(), threads=2)
    typical, sized = (list(examples.read(options.corpus / f"{name}.jsonl")) for name in ("typical", "sized"))
    test = [e for e in typical if e.split == "test"]
    at_sizes = evaluate.thinned([e for e in sized if e.split == "test"])
    found, found_sized = evaluate.predict_costs(predictor, test), evaluate.predict_costs(predictor, at_sizes)

    def part(rows: list[Example], tables: dict[str, Floats], is_chosen: list[bool]) -> tuple[list[Example], dict[str, Floats]]:
        places = np.flatnonzero(is_chosen)
        return [rows[i] for i in places], {name: table[places] for name, table in tables.items()}

    wild = part(test, found, [evaluate.is_wild(e) for e in test])
    exercises = part(test, found, [not evaluate.is_wild(e) for e in test])
    wild_sized = part(at_sizes, found_sized, [evaluate.is_wild(e) for e in at_sizes])
    ladders = part(at_sizes, found_sized, [not evaluate.is_wild(e) for e in at_sizes])
    tables = {"packages": wild, "exercises": exercises, "packages, sizes given": wild_sized, "problems, growing sizes": ladders}
    figures: dict[str, Callable[[], Any]] = {
        "predicted": lambda: predicted_against_true({"unseen packages": wild, "unseen problems": exercises, "growing sizes": ladders}),
        "coverage": lambda: coverage_by_task(tables),
        "error-by-size": lambda: error_by_size((test, found), (at_sizes, found_sized)),
        "learning-curve": lambda: learning_curve(typical, found, test),
    }
    if options.run is not None:
        figures["losses"] = lambda: losses(options.run / "log.csv")
    options.out.mkdir(parents=True, exist_ok=True)
    for name, draw in figures.items():
        draw().savefig(options.out / f"{name}.png", dpi=110)
        print(options.out / f"{name}.png")


if __name__ == "__main__":
    main()
