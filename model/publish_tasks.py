"""From a run on networks, kernels and judged programs to a checkpoint: ``python -m rlm_lsp.model.publish_tasks --run DIR --out DIR``.

Keeps the objectives that have enough held-out rows of one language and kind, says for each which those are, and calibrates the intervals
on the validation split.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rlm_lsp.model import checkpoint, tasks
from rlm_lsp.model.config import Arguments, Limits, ModelConfig, ObjectiveConfig, Trained, TrainingRange
from rlm_lsp.model.data.examples import Example, floor_of
from rlm_lsp.model.evaluate import Floats, predict_costs, values_of
from rlm_lsp.model.intervals import LEAST_ROWS, fit_intervals
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.publish import kept_network, parse
from rlm_lsp.model.recipe import Recipe, read_recipe
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.model.train import CODEC, objectives, prompt

_MOST_ROWS = 1_500  # of a source that intervals are fitted on
_DEVICE = "the device that each objective names; cpu: one core of an Intel Xeon (family 6, model 207) server"
# Latencies and accuracies of NAS-Bench-201 hold for its skeleton: such an input, such a stem, 64 channels before the classifier.
_PUBLISHED = r"(?s)i0 1x3x32x32\n0 Conv p1 i0 w16x3x3x3\b.*> 1x64x1x1\n"
_LACKING = "it was published for networks of NAS-Bench-201, which this is not"
_WHOLE = 1_024  # tokens; of longer programs and kernels the rest is left out, as in training; of a network it would be layers
_OURS = "cpu"  # what objectives are named after that we measured ourselves, of networks of many kinds
_FIGURE = re.compile(r"(\w+)=\[(\d+)\]")  # of what is told of a network, rlm_lsp.onnx.told
_GRAPH = Trained("onnx", "graph")
_UNITS = {"latency": "s", "peak_rss": "B", "memory": "B", "accuracy": "%"}


def answered(rows: Sequence[Example], names: Sequence[str]) -> dict[str, tuple[Trained, ...]]:
    """Return, for each objective in the order of ``names``, the languages and kinds with enough held-out rows of it."""
    counts: dict[str, Counter[Trained]] = defaultdict(Counter)
    for row in rows:
        for name in row.targets:
            counts[name][Trained(row.language, row.kind)] += 1
    found = {}
    for name in names:
        enough = sorted((one for one, n in counts[name].items() if n >= tasks.LEAST_ROWS), key=lambda one: (one.language, one.kind))
        if enough:
            found[name] = tuple(enough)
    return found


def described(name: str, where: tuple[Trained, ...]) -> ObjectiveConfig:
    """Return an objective with its unit and what it may be asked of."""
    metric, _, device = name.partition("@")
    if _GRAPH in where and device != _OURS:
        return ObjectiveConfig(name, _UNITS[metric], trained=where, pattern=_PUBLISHED, lacking=_LACKING)
    return ObjectiveConfig(name, _UNITS[metric], trained=where)


class _Sample(NamedTuple):
    """Predictions (N, 3) that have a truth (N,), and what each counts (N,)."""

    quantiles: Floats
    truths: Floats
    weights: Floats


def with_intervals(config: ModelConfig, folder: Path, rows: Sequence[Example], stretch: Mapping[str, float]) -> ModelConfig:
    """Return the config with intervals stretched until they hold four fifths of the truths; each source of rows weighs the same.

    ``stretch``: errors of an objective count as so much larger, for what the rows' few families do not show (family_errors.py).
    An objective with too few rows of its own is fitted together with those of the same code on other devices.
    """
    predictor = Predictor.load(folder, threads=2)
    tables = predict_costs(predictor, rows, config.objective_names)
    samples = {name: _sample(name, table, rows, stretch.get(name, 1.0)) for name, table in tables.items()}
    alike = {one.name: (one.trained, one.unit) for one in config.objectives}
    fitted = {}
    for name, sample in samples.items():
        if len(sample.truths) < LEAST_ROWS:
            sample = _Sample(*map(np.concatenate, zip(*(samples[one] for one in samples if alike[one] == alike[name]), strict=True)))
        found = fit_intervals(*sample, floor_of(name))
        if found is not None:
            fitted[name] = found
    return replace(config, intervals=fitted)


def _sample(name: str, table: Floats, rows: Sequence[Example], stretch: float) -> _Sample:
    known = [i for i, row in enumerate(rows) if name in row.targets and not np.isnan(table[i, 1])]
    truths = values_of([rows[i] for i in known], name)  # (N,)
    truths = table[known, 1] * (truths / table[known, 1]) ** stretch
    return _Sample(table[known], truths, _even(np.array([rows[i].source for i in known])))


def _even(sources: np.ndarray[tuple[int], np.dtype[np.str_]]) -> Floats:
    """Return weights (N,) with which each source counts as much as another."""
    _, place, counts = np.unique(sources, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[place], dtype=np.float64)


def taught_figures(rows: Sequence[Example]) -> Arguments:
    """Return for each figure that is told of networks from the 1st to the 99th percentile of a source, the widest of the sources.

    Beyond that there are too few to learn from: with spans up to the largest network, a ResNet-50 of 56 ms was told as 9 to 42 ms.
    """
    figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.kind == _GRAPH.kind:
            for name, figure in _FIGURE.findall(row.args or ""):
                figures[name][row.source].append(float(figure))
    spans = {name: [np.quantile(found, (0.01, 0.99)) for found in by_source.values()] for name, by_source in sorted(figures.items())}
    widest = {name: (min(low for low, _ in each), max(high for _, high in each)) for name, each in spans.items()}
    return Arguments({name: (float(low), float(high)) for name, (low, high) in widest.items()})


def rows_of(corpus: Path, recipe: Recipe, split: str, most: int) -> list[Example]:
    """Return a split's rows of what the recipe's stages teach, at most so many of a source."""
    taught = sorted({name for stage in recipe.stages for name in stage.sets})
    return [row for rows in tasks.by_source(corpus, taught).values() for row in tasks.thinned([e for e in rows if e.split == split], most)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the checkpoint."""
    described_as = "Turn a run on networks, kernels and judged programs into a checkpoint folder."
    options = parse(arguments, described_as, "model/recipes/rlm-n-2.toml", "rlm-n-2")
    recipe = read_recipe(options.recipe)
    tokenizer = TextTokenizer.load(options.corpus / recipe.tokenizer)
    shipped = [name for name in objectives(recipe) if name not in recipe.unshipped]
    known = answered(rows_of(options.corpus, recipe, "test", 10**9), shipped)
    network = kept_network(recipe, options.run / "best.pt", list(known))
    config = ModelConfig(
        id=options.id,
        device=_DEVICE,
        architecture=network.config,
        codec=CODEC,
        objectives=tuple(described(name, where) for name, where in known.items()),
        trained=tuple(sorted({one for where in known.values() for one in where}, key=lambda one: (one.language, one.kind))),
        prompt=prompt(recipe),
        limits=Limits(whole=_WHOLE, uncut=(_GRAPH.kind,)),
        training_range=TrainingRange(),
        alone=False,
        arguments=taught_figures(rows_of(options.corpus, recipe, "train", 10**9)),
    )
    card = (Path(__file__).parent / "CARD-NETWORKS.md").read_text("utf-8")
    checkpoint.save(options.out, network, config, tokenizer, card)
    config = with_intervals(config, options.out, rows_of(options.corpus, recipe, "validation", _MOST_ROWS), recipe.family_stretch)
    checkpoint.save(options.out, network, config, tokenizer, card)
    print(f"{options.out}: {config.id}, {len(config.objectives)} objectives, intervals of {len(config.intervals)}")


if __name__ == "__main__":
    main()
