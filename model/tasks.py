"""Figures of the tasks beyond functions: networks, GPU kernels, judged programs: ``python -m rlm_lsp.model.tasks --checkpoint FOLDER``.

Writes ``results-tasks.json`` beside this file; RESULTS.md has a section of it. As in :mod:`rlm_lsp.model.evaluate`, nothing is chosen by
what it prints.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rlm_lsp.model import results_page
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import Example, floor_of
from rlm_lsp.model.evaluate import RIVAL, Floats, gain, predict_costs, values_of
from rlm_lsp.model.metrics import score
from rlm_lsp.model.predictor import Predictor

FILES = ("graphs", "own-graphs", "gpu", "judged")
_LEAST_ROWS = 100  # held out; below that a figure says little
_MOST_ROWS = 1_000  # of a source, chosen by their id
# Of a search space's many devices: the data sets, the paper's four kinds of device, and two more. The others are alike.
_REPORTED = {
    "nb201": [
        "accuracy@cifar10",
        "accuracy@cifar100",
        "accuracy@imagenet16",
        "latency@pixel3",
        "latency@eyeriss",
        "latency@gold_6226",
        "latency@2080ti",
        "latency@raspi4",
        "latency@fpga",
    ]
}
_MOST_TRAINING = 12_000  # rows that a baseline is fitted on


@dataclass(frozen=True)
class Cell:
    """One figure of the page: an objective on the held-out rows of a source, and the rows that baselines are fitted on."""

    source: str
    objective: str
    train: list[Example]
    rows: list[Example]


def cells(corpus: Path, split: str) -> list[Cell]:
    """Return what can be scored: every objective of every source with enough held-out rows."""
    found = []
    for path in (corpus / f"{name}.jsonl" for name in FILES):
        by_source: dict[str, list[Example]] = defaultdict(list)
        for example in examples.read(path) if path.exists() else ():
            by_source[example.source].append(example)
        for source, every in sorted(by_source.items()):
            held_out = thinned([e for e in every if e.split == split], _MOST_ROWS)
            train = thinned([e for e in every if e.split == "train"], _MOST_TRAINING)
            for objective in _REPORTED.get(source) or sorted({name for e in held_out for name in e.targets}):
                rows = [e for e in held_out if objective in e.targets]
                if len(rows) >= _LEAST_ROWS:
                    found.append(Cell(source, objective, [e for e in train if objective in e.targets], rows))
    return found


def thinned(rows: Sequence[Example], most: int) -> list[Example]:
    """Return at most so many rows, chosen by their id, in their order."""
    kept = {i for _, i in sorted((e.id, i) for i, e in enumerate(rows))[:most]}
    return [e for i, e in enumerate(rows) if i in kept]


def evaluate(predictor: Predictor, corpus: Path, split: str = "test") -> dict[str, Any]:
    """Return ``{"model", "split", "tasks": source -> objective -> {"n", "groups", "unknown", "scores", "gain"}}``."""
    report: dict[str, Any] = {"model": predictor.info()["id"], "split": split, "tasks": {}}
    answered: dict[str, dict[str, Floats]] = {}
    known = {objective["name"] for objective in predictor.info()["objectives"]}
    every = cells(corpus, split)
    for cell in every:
        if cell.objective not in known:
            continue
        if cell.source not in answered:
            answered[cell.source] = {}
            of_source = {id(e): e for other in every if other.source == cell.source for e in other.rows}
            asked = sorted({other.objective for other in every if other.source == cell.source} & known)
            tables = predict_costs(predictor, list(of_source.values()), asked)
            places = {key: place for place, key in enumerate(of_source)}
            for other in every:
                if other.source == cell.source and other.objective in known:
                    answered[cell.source][other.objective] = tables[other.objective][[places[id(e)] for e in other.rows]]
        report["tasks"].setdefault(cell.source, {})[cell.objective] = score_cell(cell, answered[cell.source][cell.objective])
        print(cell.source, cell.objective, json.dumps(report["tasks"][cell.source][cell.objective]["scores"]), flush=True)
    return report


def score_cell(cell: Cell, table: Floats) -> dict[str, Any]:
    """Return the figures of the model's p10, p50, p90 (N, 3) and of the baselines on a cell's rows."""
    floor = floor_of(cell.objective)
    good = ~np.isnan(table[:, 1])
    truth = values_of(cell.rows, cell.objective)
    problems = [e.problem for e in cell.rows]
    kept = [problem for problem, answered in zip(problems, good, strict=True) if answered]
    ours = score(truth[good], table[good, 1], floor=floor, interval=(table[good, 0], table[good, 2]), problems=kept)
    baselines = predict_baselines(cell)
    theirs = {name: score(truth, values, floor=floor, problems=problems) for name, values in baselines.items()}
    return {
        "n": len(cell.rows),
        "train": len(cell.train),
        "groups": len({e.group for e in cell.rows}),
        "unknown": int((~good).sum()),
        "scores": {"RLM": ours.rounded(), **{name: found.rounded() for name, found in theirs.items()}},
        "gain": gain(truth, table[:, 1], baselines[RIVAL], [e.group for e in cell.rows]),
    }


def predict_baselines(cell: Cell) -> dict[str, Floats]:
    """Return each baseline's values (N,) for the cell's rows, fitted on its training rows."""
    from rlm_lsp.model.baselines import BASELINES, GRAPH_BASELINES

    floor = floor_of(cell.objective)
    truth = np.log10(values_of(cell.train, cell.objective) + floor)
    kinds = {name: BASELINES[name] for name in ("median", "code length", RIVAL)}
    if cell.rows[0].kind == "graph":
        kinds |= GRAPH_BASELINES
    found = {}
    for name, kind in kinds.items():
        model = kind()
        model.fit(cell.train, truth)
        found[name] = np.maximum(10 ** model.predict(cell.rows) - floor, 0.0)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Score a checkpoint on these tasks."""
    parser = argparse.ArgumentParser(description="Score a checkpoint on networks, GPU kernels and judged programs.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"))
    parser.add_argument("--split", default="test", choices=("test", "validation"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for RESULTS.md and results-tasks.json")
    options = parser.parse_args(arguments)
    report = evaluate(Predictor.load(options.checkpoint, threads=2), options.corpus, options.split)
    (options.out / results_page.TASKS).write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    results_page.write(options.out)


if __name__ == "__main__":
    main()
