"""Score a checkpoint and the baselines on the held-out groups: ``python -m rlm_lsp.model.evaluate``.

Writes ``RESULTS.md`` (for people) and ``results.json`` (for machines) beside this file. Nothing is chosen by what it prints: decisions are
made on the validation split, in EXPERIMENTS.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rlm_lsp.model import probes
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.edits import Edit, committed_edits
from rlm_lsp.model.data.examples import FLOORS, HEAP, LATENCY, Example, floor_of
from rlm_lsp.model.data.rename import renamed
from rlm_lsp.model.data.splits import PACKAGE_SPLITS
from rlm_lsp.model.metrics import Score, rank_correlation, score
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.predict.types import ModelInput, Unknown

if TYPE_CHECKING:
    from rlm_lsp.model.baselines import Regressor  # needs lightgbm, which scoring a checkpoint does not

Floats = npt.NDArray[np.float64]

_MOST_WILD = 4_000  # of the rows with sizes; there are several of a function


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
    pooled = "sized functions, unseen problems (LeetCode, ENAMEL, Coffe, own kernels)"
    found.append(Task(pooled, True, lambda e: e.source in ("leetcode", "enamel", "coffe", "kernels")))
    return found


def _of_source(source: str) -> Callable[[Example], bool]:
    return lambda example: example.source == source


def _of_package(name: str) -> Callable[[Example], bool]:
    return lambda example: is_wild(example) and example.group == name


def predict(predictor: Predictor, rows: Sequence[Example], objective: str) -> Floats:
    """Return the model's p10, p50, p90 (N, 3); NaN where it answers Unknown."""
    return predict_costs(predictor, rows, [objective])[objective]


def predict_costs(predictor: Predictor, rows: Sequence[Example], objectives: Sequence[str] = (LATENCY, HEAP)) -> dict[str, Floats]:
    """Return by objective what :func:`predict` does; asking for all at once costs one pass."""
    inputs = [ModelInput(e.language, e.kind, e.text, e.args, callees=tuple(e.callees)) for e in rows]
    tables = {objective: np.full((len(rows), 3), np.nan) for objective in objectives}
    for index, answer in enumerate(predictor.predict_many(inputs, objectives)):
        if not isinstance(answer, Unknown):
            for prediction in answer:
                tables[prediction.objective][index] = (prediction.p10, prediction.p50, prediction.p90)
    return tables


def score_model(table: Floats, rows: Sequence[Example], objective: str) -> tuple[Score, int]:
    """Return the model's figures on the rows it answers, and the number of those it does not."""
    answered = ~np.isnan(table[:, 1])
    kept = [e for e, good in zip(rows, answered, strict=True) if good]
    table = table[answered]
    truth = values_of(kept, objective)
    figures = score(truth, table[:, 1], floor=floor_of(objective), interval=(table[:, 0], table[:, 2]), problems=[e.problem for e in kept])
    return figures, len(rows) - len(kept)


def values_of(rows: Sequence[Example], objective: str) -> Floats:
    """Return the measured values (N,)."""
    return np.array([e.targets[objective] for e in rows], dtype=np.float64)


def ceiling(rows: Sequence[Example], objective: str) -> float | None:
    """Return Spearman between the medians of two halves of each function's recorded calls, where there are both."""
    pairs = np.array([e.split_halves[objective] for e in rows if objective in e.split_halves])
    return None if len(pairs) < 3 else rank_correlation(pairs[:, 0], pairs[:, 1])


def with_target(rows: Iterable[Example], objective: str, split: str) -> list[Example]:
    """Return the rows of a split that know the objective."""
    return [e for e in rows if e.split == split and objective in e.targets]


def predict_baselines(
    train: list[Example], rows: list[Example], objective: str, kinds: Mapping[str, type[Regressor]] | None = None
) -> dict[str, Floats]:
    """Return each baseline's values (N,) for ``rows``, fitted on ``train``; all of those of functions, or the ones given."""
    from rlm_lsp.model.baselines import BASELINES

    floor = floor_of(objective)
    truth = np.log10(values_of(train, objective) + floor)
    predicted = {}
    for name, kind in (BASELINES if kinds is None else kinds).items():
        model = kind()
        model.fit(train, truth)
        predicted[name] = np.maximum(10 ** model.predict(rows) - floor, 0.0)
    return predicted


def evaluate(predictor: Predictor, corpus: Path, split: str = "test") -> dict[str, Any]:
    """Return all figures as plain data.

    ``objectives``: objective -> task -> {"n", "unknown", "ceiling", "scores": model -> figures, "gain", "withheld": our Spearman on
    the same rows without their sizes, where the task has them, "callees": what :func:`_score_callees` finds, where some call others};
    ``probes``: objective -> model ->
    what :func:`probe` finds, and for ours what :func:`rename_moves` does.
    """
    typical = list(examples.read(corpus / "typical.jsonl"))
    sized = list(examples.read(corpus / "sized.jsonl"))
    edits = committed_edits(split)
    report: dict[str, Any] = {"model": predictor.info()["id"], "split": split}
    report["objectives"] = {objective: {} for objective in (LATENCY, HEAP)}
    report["probes"] = {objective: {} for objective in (LATENCY, HEAP)}
    for with_sizes, pool in ((False, typical), (True, sized)):
        every = thinned([e for e in pool if e.split == split])
        predicted = predict_costs(predictor, every)
        alone = without_callees(predictor, every, predicted)
        blind = predict_costs(predictor, [replace(e, args=None) for e in every]) if with_sizes else None
        for objective in (LATENCY, HEAP):
            known = [i for i, e in enumerate(every) if objective in e.targets]
            rows, ours = [every[i] for i in known], predicted[objective][known]
            # sized baselines see typical rows too, as the model does
            train = with_target(typical if not with_sizes else [*typical, *sized], objective, "train")
            baselines = predict_baselines(train, rows, objective)
            table, found = report["objectives"][objective], report["probes"][objective]
            for task in tasks(split):
                places = [i for i, e in enumerate(rows) if task.with_sizes == with_sizes and task.chosen(e)]
                if len(places) >= 20:
                    chosen = [rows[i] for i in places]
                    table[task.name] = _score_task(task, chosen, ours[places], baselines, places, objective)
                    if any(e.callees for e in chosen):
                        by_itself = alone[objective][known][places]
                        table[task.name]["callees"] = _score_callees(chosen, ours[places], by_itself, baselines[READER][places], objective)
                    if blind is not None:
                        table[task.name]["withheld"] = _rank(rows, blind[objective][known, 1], places, objective)
            if with_sizes:
                for name, values in (("RLM", ours[:, 1]), (RIVAL, baselines[RIVAL])):
                    found.setdefault(name, {}).update(probe(rows, values, objective, edits))
            else:
                found["RLM"] = {"rename": rename_moves(predictor, rows, ours[:, 1], objective)}
    return report


def without_callees(predictor: Predictor, rows: Sequence[Example], predicted: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return what is predicted (N, 3) of the functions by themselves; only those that call something are asked about again."""
    calling = [i for i, e in enumerate(rows) if e.callees]
    alone = {objective: table.copy() for objective, table in predicted.items()}
    for objective, table in predict_costs(predictor, [replace(rows[i], callees=[]) for i in calling]).items():
        alone[objective][calling] = table
    return alone


def _score_callees(rows: list[Example], ours: Floats, alone: Floats, theirs: Floats, objective: str) -> dict[str, Any]:
    """Return what callees are worth to ours, on the rows that are answered and on those of them that call something, and to a baseline."""
    answered = ~np.isnan(ours[:, 1])
    groups = [e.problem or e.id for e in rows]
    calling = np.array([bool(e.callees) for e in rows]) & answered
    truth = values_of(rows, objective)
    return {
        "calling": int(calling.sum()),
        "alone": rank_correlation(truth[answered], alone[answered, 1]),
        "calling_with": rank_correlation(truth[calling], ours[calling, 1]),
        "calling_alone": rank_correlation(truth[calling], alone[calling, 1]),
        "calling_reader": rank_correlation(truth[calling], theirs[calling]),
        "gain": gain(truth, ours[:, 1], theirs, groups),
    }


def _rank(rows: Sequence[Example], predicted: Floats, places: Sequence[int], objective: str) -> float | None:
    """Return Spearman over the answered of some rows."""
    answered = [i for i in places if not np.isnan(predicted[i])]
    found = rank_correlation(values_of([rows[i] for i in answered], objective), predicted[answered])
    return None if found is None else round(found, 4)


def thinned(rows: list[Example]) -> list[Example]:
    """Return the rows with at most four thousand wild ones among them, chosen by their id; there are several of one function."""
    wild = sorted((e.id, i) for i, e in enumerate(rows) if is_wild(e))
    left_out = {i for _, i in wild[_MOST_WILD:]}
    return [e for i, e in enumerate(rows) if i not in left_out]


RIVAL, READER = "TF-IDF + boosting", "TF-IDF + boosting, callees read"
"""The baseline that has to be beaten, and the one that is told what is called, as ours is."""


def _score_task(
    task: Task, rows: list[Example], ours: Floats, baselines: Mapping[str, Floats], places: list[int], objective: str
) -> dict[str, Any]:
    figures, unknown = score_model(ours, rows, objective)
    truth = values_of(rows, objective)
    problems = [e.problem for e in rows]
    theirs = {name: score(truth, values[places], floor=FLOORS[objective], problems=problems) for name, values in baselines.items()}
    return {
        "n": len(rows),
        "unknown": unknown,
        "ceiling": None if task.with_sizes else ceiling(rows, objective),
        "scores": {"RLM": figures.rounded(), **{name: found.rounded() for name, found in theirs.items()}},
        "gain": gain(truth, ours[:, 1], baselines[RIVAL][places], [e.problem or e.id for e in rows]),
    }


def gain(truth: Floats, ours: Floats, theirs: Floats, groups: Sequence[str], draws: int = 300) -> list[float] | None:
    """Return the 5 %, 50 % and 95 % quantile of our Spearman minus the rival's over ``draws`` bootstrap samples of whole groups."""
    answered = ~np.isnan(ours)
    truth, ours, theirs = truth[answered], ours[answered], theirs[answered]
    _, codes = np.unique(np.array(groups)[answered], return_inverse=True)
    members = [np.flatnonzero(codes == code) for code in range(codes.max(initial=-1) + 1)]
    rng = np.random.default_rng(0)
    found = []
    for _ in range(draws):
        rows = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))]) if members else np.zeros(0, np.int64)
        pair = rank_correlation(truth[rows], ours[rows]), rank_correlation(truth[rows], theirs[rows])
        if pair[0] is not None and pair[1] is not None:
            found.append(pair[0] - pair[1])
    return [round(float(q), 4) for q in np.quantile(found, (0.05, 0.5, 0.95))] if found else None


def probe(rows: Sequence[Example], predicted: Floats, objective: str, edits: Sequence[Edit]) -> dict[str, Any]:
    """Return the figures of pairs and of scaling, on the problems that are answered.

    "changes": ``edits``, a function before and after one change; "edits": all pairs of functions that do one job at one size.
    """
    places = [i for i, e in enumerate(rows) if not is_wild(e) and not np.isnan(predicted[i])]
    chosen, values = [rows[i] for i in places], predicted[places]
    truth = values_of(chosen, objective)
    pairs = probes.edit_pairs(chosen)
    floor = FLOORS[objective]
    place = {row.id: i for i, row in enumerate(chosen)}
    changes = [probes.Pair(place[e.before.id], place[e.after.id]) for e in edits if e.before.id in place and e.after.id in place]

    def figures(pairs: Sequence[probes.Pair]) -> dict[str, float]:
        found = probes.edit_figures(probes.log_ratios(truth, pairs, floor), probes.log_ratios(values, pairs, floor))
        return {name: round(value, 4) for name, value in asdict(found).items()}

    return {"changes": figures(changes), "edits": figures(pairs), "exponents": exponent_figures(chosen, values, objective)}


def exponent_figures(rows: Sequence[Example], predicted: Floats, objective: str) -> dict[str, Any]:
    """Return how far the predicted exponents are off in the median, and of how many functions. Every row has an answer."""
    errors = probes.exponent_errors(rows, values_of(rows, objective), predicted, FLOORS[objective])
    return {"functions": len(errors), "median_error": round(float(np.median(errors)), 4) if len(errors) else None}


def rename_moves(predictor: Predictor, rows: Sequence[Example], before: Floats, objective: str, most: int = 400) -> dict[str, Any]:
    """Return how far predictions move when parameters and locals are renamed: median, and the share that moves by at most 10 %."""
    changed = []
    for i in np.flatnonzero(~np.isnan(before))[:: max(1, len(rows) // most)]:
        found = renamed(rows[i].text, None, Random(rows[i].id))
        if found is not None:
            changed.append((i, replace(rows[i], text=found[0])))
    after = predict(predictor, [e for _, e in changed], objective)[:, 1]
    moved = probes.moves(before[[i for i, _ in changed]] + FLOORS[objective], after + FLOORS[objective])
    moved = moved[~np.isnan(moved)]
    return {
        "functions": len(moved),
        "median": round(float(np.median(moved)), 4),
        "within_10_percent": round(float(np.mean(moved <= 0.1)), 4),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Evaluate the shipped checkpoint, or another one."""
    from rlm_lsp.model import results_page
    from rlm_lsp.model.checkpoint import default_checkpoint

    parser = argparse.ArgumentParser(description="Score a checkpoint and the baselines on held-out groups.")
    parser.add_argument("--checkpoint", type=Path, default=None, help="checkpoint folder (default: the shipped one)")
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"), help="folder with typical.jsonl and sized.jsonl")
    parser.add_argument("--split", default="test", choices=("test", "validation"))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for RESULTS.md and results.json")
    options = parser.parse_args(arguments)
    predictor = Predictor.load(options.checkpoint or default_checkpoint(), threads=2)
    report = evaluate(predictor, options.corpus, options.split)
    (options.out / results_page.FUNCTIONS).write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    results_page.write(options.out)
    print(results_page.render(report))


if __name__ == "__main__":
    main()
