"""Score a checkpoint and the baselines on the held-out groups: ``python -m rlm_lsp.model.evaluate``.

Writes ``RESULTS.md`` (for people) and ``results.json`` (for machines) beside this file. Nothing is chosen by what it prints: decisions are
made on the validation split, in EXPERIMENTS.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.data.splits import PACKAGE_SPLITS
from rlm_lsp.model.metrics import Score, rank_correlation, score
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.predict.types import ModelInput, Unknown

Floats = npt.NDArray[np.float64]

# Below these two values cannot be told apart: added before logarithms are taken.
FLOORS = {LATENCY: 1e-9, HEAP: 16.0}


@dataclass(frozen=True)
class Task:
    """A set of examples that is reported as one row."""

    name: str
    with_sizes: bool
    chosen: Callable[[Example], bool]


def is_wild(example: Example) -> bool:
    """Return whether the example was traced in a package's own tests."""
    return example.source == "trace"


def tasks(split: str = "test") -> list[Task]:
    """Return the tasks of a split: whole packages (pooled, then each), then problems."""
    packages = sorted(name for name, where in PACKAGE_SPLITS.items() if where == split)
    found = []
    for with_sizes, suffix in ((False, ""), (True, ", sizes given")):
        found.append(Task(f"wild functions, unseen packages{suffix}", with_sizes, is_wild))
        if len(packages) > 1:
            found += [Task(f"wild functions, {name}{suffix}", with_sizes, _of_package(name)) for name in packages]
        found.append(Task(f"LeetCode, unseen problems{suffix}", with_sizes, lambda e: e.source == "leetcode"))
    for source, name in (("enamel", "ENAMEL"), ("coffe", "Coffe"), ("kernels", "own kernels")):
        found.append(Task(f"{name}, unseen problems, growing sizes", True, _of_source(source)))
    found.append(Task("sized functions, unseen problems (LeetCode, ENAMEL, Coffe, own kernels)", True, lambda e: not is_wild(e)))
    return found


def _of_source(source: str) -> Callable[[Example], bool]:
    return lambda example: example.source == source


def _of_package(name: str) -> Callable[[Example], bool]:
    return lambda example: is_wild(example) and example.group == name


def predict(predictor: Predictor, rows: Sequence[Example], objective: str) -> Floats:
    """Return the model's p10, p50, p90 (N, 3); NaN where it answers Unknown."""
    inputs = [ModelInput(e.language, e.kind, e.text, e.args) for e in rows]
    table = np.full((len(rows), 3), np.nan)
    for index, answer in enumerate(predictor.predict_many(inputs, [objective])):
        if not isinstance(answer, Unknown):
            table[index] = (answer[0].p10, answer[0].p50, answer[0].p90)
    return table


def score_model(table: Floats, rows: Sequence[Example], objective: str) -> tuple[Score, int]:
    """Return the model's figures on the rows it answers, and the number of those it does not."""
    answered = ~np.isnan(table[:, 1])
    kept = [e for e, good in zip(rows, answered, strict=True) if good]
    table = table[answered]
    truth = np.array([e.targets[objective] for e in kept])
    figures = score(truth, table[:, 1], floor=FLOORS[objective], interval=(table[:, 0], table[:, 2]), problems=[e.problem for e in kept])
    return figures, len(rows) - len(kept)


def ceiling(rows: Sequence[Example], objective: str) -> float | None:
    """Return Spearman between the medians of two halves of each function's recorded calls, where there are both."""
    pairs = np.array([e.split_halves[objective] for e in rows if objective in e.split_halves])
    return None if len(pairs) < 3 else rank_correlation(pairs[:, 0], pairs[:, 1])


def with_target(rows: Iterable[Example], objective: str, split: str) -> list[Example]:
    """Return the rows of a split that know the objective."""
    return [e for e in rows if e.split == split and objective in e.targets]


def score_baselines(train: list[Example], held_out: dict[str, list[Example]], objective: str) -> dict[str, dict[str, Score]]:
    """Return baseline -> task -> figures, every baseline fitted once on ``train``."""
    from rlm_lsp.model.baselines import BASELINES

    floor = FLOORS[objective]
    truth = np.log10(np.array([e.targets[objective] for e in train]) + floor)
    result: dict[str, dict[str, Score]] = {}
    for name, kind in BASELINES.items():
        model = kind()
        model.fit(train, truth)
        result[name] = {}
        for task, rows in held_out.items():
            values = np.array([e.targets[objective] for e in rows])
            predicted = np.maximum(10 ** model.predict(rows) - floor, 0.0)
            result[name][task] = score(values, predicted, floor=floor, problems=[e.problem for e in rows])
    return result


def evaluate(predictor: Predictor, corpus: Path, split: str = "test") -> dict[str, Any]:
    """Return all figures as plain data: objective -> task -> {"n", "unknown", "ceiling", "scores": model -> figures}."""
    typical = list(examples.read(corpus / "typical.jsonl"))
    sized = list(examples.read(corpus / "sized.jsonl"))
    report: dict[str, Any] = {"model": predictor.info()["id"], "split": split, "objectives": {}}
    for objective in (LATENCY, HEAP):
        table: dict[str, Any] = {}
        for with_sizes, pool in ((False, typical), (True, sized)):
            chosen = [task for task in tasks(split) if task.with_sizes == with_sizes]
            rows = with_target(pool, objective, split)
            held_out = {task.name: [e for e in rows if task.chosen(e)] for task in chosen}
            held_out = {name: found for name, found in held_out.items() if len(found) >= 20}
            # sized baselines see typical rows too, as the model does
            train = with_target(typical if not with_sizes else [*typical, *sized], objective, "train")
            baselines = score_baselines(train, held_out, objective)
            for name, found in held_out.items():
                ours, unknown = score_model(predict(predictor, found, objective), found, objective)
                table[name] = {
                    "n": len(found),
                    "unknown": unknown,
                    "ceiling": None if with_sizes else ceiling(found, objective),
                    "scores": {"RLM": ours.rounded(), **{b: by_task[name].rounded() for b, by_task in baselines.items()}},
                }
        report["objectives"][objective] = table
    return report


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate the shipped checkpoint, or another one."""
    from rlm_lsp.model.checkpoint import default_checkpoint
    from rlm_lsp.model.results_page import render

    parser = argparse.ArgumentParser(description="Score a checkpoint and the baselines on held-out groups.")
    parser.add_argument("--checkpoint", type=Path, default=None, help="checkpoint folder (default: the shipped one)")
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"), help="folder with typical.jsonl and sized.jsonl")
    parser.add_argument("--split", default="test", choices=("test", "validation"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for RESULTS.md and results.json")
    options = parser.parse_args(arguments)
    predictor = Predictor.load(options.checkpoint or default_checkpoint(), threads=2)
    report = evaluate(predictor, options.corpus, options.split)
    (options.out / "results.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    (options.out / "RESULTS.md").write_text(render(report), "utf-8")
    print(render(report))


if __name__ == "__main__":
    main()
