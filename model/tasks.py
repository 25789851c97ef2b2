"""Figures of the tasks beyond functions: networks, GPU kernels, judged programs: ``python -m rlm_lsp.model.tasks --checkpoint FOLDER``.

Writes ``results-tasks.json`` beside this file; RESULTS.md has a section of it. As in :mod:`rlm_lsp.model.evaluate`, nothing is chosen by
what it prints.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rlm_lsp.model import results_page
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import Example, floor_of
from rlm_lsp.model.evaluate import RIVAL, Floats, gain, predict_baselines, predict_costs, score_model, values_of, with_target
from rlm_lsp.model.metrics import rank_within, score
from rlm_lsp.model.predictor import Predictor

FILES = ("graphs", "own-graphs", "gpu", "judged")
LEAST_ROWS = 30  # held out; below that a figure says nothing, and KernelBench has no more on each GPU
_LEAST_OF_A_PROBLEM = 4  # rows of one problem that differ in size alone, to rank them
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


def by_source(corpus: Path, files: Iterable[str] = FILES) -> dict[str, list[Example]]:
    """Return the rows of these files by where they come from, in the order of the files and of the sources' names."""
    found: dict[str, list[Example]] = {}
    for path in (corpus / f"{name}.jsonl" for name in files):
        of_file: dict[str, list[Example]] = defaultdict(list)
        for example in examples.read(path) if path.exists() else ():
            of_file[example.source].append(example)
        found |= dict(sorted(of_file.items()))
    return found


def thinned(rows: Sequence[Example], most: int) -> list[Example]:
    """Return at most so many rows, chosen by their id, in their order."""
    kept = {i for _, i in sorted((e.id, i) for i, e in enumerate(rows))[:most]}
    return [e for i, e in enumerate(rows) if i in kept]


def evaluate(predictor: Predictor, corpus: Path, split: str = "test") -> dict[str, Any]:
    """Return ``{"model", "split", "tasks": source -> objective -> figures}``, those of :func:`score_rows`."""
    known = {objective["name"] for objective in predictor.info()["objectives"]}
    report: dict[str, Any] = {}
    for source, every in by_source(corpus).items():
        held_out = thinned([e for e in every if e.split == split], _MOST_ROWS)
        train = thinned([e for e in every if e.split == "train"], _MOST_TRAINING)
        counts = Counter(name for e in held_out for name in e.targets)
        named = _REPORTED.get(source) or sorted(counts)
        asked = [name for name in named if counts[name] >= LEAST_ROWS and name in known]
        tables = predict_costs(predictor, held_out, asked) if asked else {}
        for objective in asked:
            places = [i for i, e in enumerate(held_out) if objective in e.targets]
            rows = [held_out[i] for i in places]
            found = score_rows(objective, with_target(train, objective, "train"), rows, tables[objective][places])
            report.setdefault(source, {})[objective] = found
            print(source, objective, json.dumps(found["scores"]), flush=True)
    return {"model": predictor.info()["id"], "split": split, "tasks": report}


def score_rows(objective: str, train: list[Example], rows: list[Example], table: Floats) -> dict[str, Any]:
    """Return the figures of the model's p10, p50, p90 (N, 3) for ``rows``, and of baselines that are fitted on ``train``.

    ``{"n", "train", "groups", "unknown", "scores", "gain", "within"}``; ``within``: Spearman among the rows of one problem, its sizes.
    """
    from rlm_lsp.model.baselines import BASELINES, GRAPH_BASELINES

    kinds = {name: BASELINES[name] for name in ("median", "code length", RIVAL)}
    if rows[0].kind == "graph":
        kinds |= GRAPH_BASELINES
    baselines = predict_baselines(train, rows, objective, kinds)
    ours, unknown = score_model(table, rows, objective)
    truth, problems = values_of(rows, objective), [e.problem for e in rows]
    theirs = {name: score(truth, values, floor=floor_of(objective), problems=problems) for name, values in baselines.items()}
    answered = ~np.isnan(table[:, 1])
    of = [e.problem for e, good in zip(rows, answered, strict=True) if good]
    within = {
        name: rank_within(truth[answered], values[answered], of, _LEAST_OF_A_PROBLEM)
        for name, values in (("RLM", table[:, 1]), (RIVAL, baselines[RIVAL]))
    }
    return {
        "n": len(rows),
        "train": len(train),
        "groups": len({e.group for e in rows}),
        "unknown": unknown,
        "scores": {"RLM": ours.rounded(), **{name: found.rounded() for name, found in theirs.items()}},
        "gain": gain(truth, table[:, 1], baselines[RIVAL], [e.group for e in rows]),
        "within": {name: {"spearman": _rounded(rho), "problems": count} for name, (rho, count) in within.items()},
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


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
