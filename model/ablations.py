"""Small networks from chance, one change at a time: which parts of the recipe earn their place (EXPERIMENTS.md, 18).

``python -m rlm_lsp.model.ablations [--only NAME...]`` trains each variant that has no result below ``--runs`` yet, on one
thread (several processes may share the work with ``--only``), and prints the table of all results.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rlm_lsp.model import checkpoint
from rlm_lsp.model.ablation_runs import MaskedRun, ValueRun
from rlm_lsp.model.config import Limits, ModelConfig, Trained, TrainingRange
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import FLOORS, HEAP, LATENCY, Example
from rlm_lsp.model.data.static import STATIC_OBJECTIVES
from rlm_lsp.model.evaluate import Floats, is_wild, predict_costs, values_of
from rlm_lsp.model.metrics import rank_correlation
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.publish import SHIPPED, kept_network
from rlm_lsp.model.recipe import Recipe, Stage
from rlm_lsp.model.tokenizer import TextTokenizer, train_tokenizer
from rlm_lsp.model.train import CODEC, Run, prompt

_TAUGHT, _LADDERS = 5_000, 2_500  # rows of the small corpus
_LONGEST_CALLEES = 3_000  # characters that are appended
_MOST_GROWING = 1_500  # validation rows at growing sizes
_BYTES = 260  # tokens: no merges


@dataclass(frozen=True)
class Variant:
    """A change of the base: of the recipe, of the run's kind, of the texts."""

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    run: type[Run] = Run
    corpus: str = "own"
    masked_first: bool = False  # the encoder guesses masked tokens before anything else
    sets: Mapping[str, float] = field(default_factory=lambda: {"typical": 0.6, "taught": 1.0, "ladders": 1.0})


BASE = Recipe(
    seed=1,
    batch_tokens=4096,
    most_tokens=1024,
    most_objectives=2,
    layers=3,
    decoder_layers=1,
    hidden_size=128,
    heads=4,
    ffn_size=352,
    vocab_size=8256,
    magnitudes=64,
    jitter={LATENCY: 0.3, HEAP: 0.1},
    digit_weights=(1, 1, 1, 1, 1, 0.4, 0.15),
    average=0.995,
    start="",
    objectives=(LATENCY, HEAP),
    marginals=True,
    canonical_names=True,
)

VARIANTS = (
    Variant("base"),
    Variant("base, another seed", {"seed": 2}),
    Variant("no pseudo-labels", sets={"typical": 0.88, "ladders": 1.0}),
    Variant(
        "static counts taught, too",
        {"objectives": (LATENCY, HEAP, *STATIC_OBJECTIVES), "most_objectives": 4, "drawn_first": (LATENCY, HEAP)},
    ),
    Variant("masked tokens first", masked_first=True),
    Variant("1 layer", {"layers": 1}),
    Variant("6 layers", {"layers": 6}),
    Variant("width 64", {"hidden_size": 64, "ffn_size": 176}),
    Variant("width 192", {"hidden_size": 192, "heads": 6, "ffn_size": 512}),
    Variant("MSE of normalised logarithms", run=ValueRun),
    Variant("MSE of plain values", {"digit_weights": ()}, ValueRun),
    Variant("squared error beside the digits", {"squared_error": 1.0}),
    Variant("bytes", {"tokenizer": "tokenizer-bytes.json", "vocab_size": _BYTES + 64, "most_tokens": 2048, "batch_tokens": 12_288}),
    Variant("128 tokens", {"most_tokens": 128}),
    Variant("384 tokens", {"most_tokens": 384}),
    Variant("callees' text appended", corpus="callees"),
    Variant("callees' text appended, squared error", {"squared_error": 1.0}, corpus="callees"),
    Variant("no args: line", corpus="sizeless"),
    Variant("names as written", {"canonical_names": False}),
)


def small_corpus(corpus: Path, folder: Path) -> None:
    """Write the small corpora and the byte tokenizer, unless they are there: folders ``own``, ``callees`` and ``sizeless``."""
    if (folder / "sizeless" / "typical.jsonl").exists():
        return
    typical = [e for e in examples.read(corpus / "typical.jsonl") if e.split != "test"]
    taught = _some(examples.read(corpus / "taught.jsonl"), _TAUGHT)
    ladders = [
        e
        for split in ("train", "validation")
        for e in _some((e for e in examples.read(corpus / "ladders.jsonl") if e.split == split), _LADDERS)
    ]
    forms: dict[str, Callable[[Example], Example]] = {
        "own": lambda e: e,
        "callees": lambda e: replace(e, text=f"{e.text}\n{_joined(e.callees)}") if e.callees else e,
        "sizeless": lambda e: replace(e, args=None),
    }
    for name, form in forms.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(corpus / "tokenizer.json", folder / name)
        for kind, rows in (("taught", taught), ("ladders", ladders), ("typical", typical)):
            examples.write(folder / name / f"{kind}.jsonl", map(form, rows))
    plain = train_tokenizer([], _BYTES)
    (folder / "own" / "tokenizer-bytes.json").write_text(plain.to_json(), "utf-8")


def _some(rows: Iterable[Example], most: int) -> list[Example]:
    """Return about ``most`` rows, chosen by their ids, in the order of the file."""
    every = list(rows)
    chosen = set(sorted(e.id for e in every)[:: max(1, len(every) // most)])
    return [e for e in every if e.id in chosen]


def _joined(callees: Sequence[str]) -> str:
    return "\n".join(callees)[:_LONGEST_CALLEES]


def train(variant: Variant, corpus: Path, folder: Path) -> dict[str, Any]:
    """Train a variant and return its figures on the validation split."""
    recipe = replace(BASE, **variant.changes, stages=(Stage("all", dict(variant.sets), 1, 2e-3),))
    if variant.masked_first:
        before = MaskedRun(
            replace(recipe, stages=(Stage("masked", {"taught": 1.0, "typical": 1.0}, 1, 2e-3),)), corpus, folder / "masked", "cpu"
        )
        before.train()
        recipe = replace(recipe, start=str(folder / "masked" / "best.pt"))
    run = variant.run(recipe, corpus, folder, "cpu")
    run.train()
    rows = [e for e in examples.read(corpus / "typical.jsonl") if e.split == "validation"]
    rows += [e for e in examples.read(corpus / "ladders.jsonl") if e.split == "validation"][:_MOST_GROWING]
    tables = run.predict(rows) if isinstance(run, ValueRun) else _digits(recipe, corpus, folder, rows)
    parameters = sum(p.numel() for p in run.network.parameters())
    figures = {"name": variant.name, "parameters": parameters, "steps": run.progress.step, "seconds": round(run.progress.seconds)}
    return {**figures, **{f"{task}, {objective}": value for task, objective, value in _ranks(rows, tables)}}


def _digits(recipe: Recipe, corpus: Path, folder: Path, rows: Sequence[Example]) -> dict[str, Floats]:
    """Return the medians (N,) of a network that writes numbers, by objective, as the product would read them off."""
    tokenizer = TextTokenizer.load(corpus / recipe.tokenizer)
    network = kept_network(recipe, folder / "best.pt", [LATENCY, HEAP])
    config = ModelConfig(
        id="ablation",
        device="none",
        architecture=network.config,
        codec=CODEC,
        objectives=SHIPPED,
        trained=(Trained("python", "function"),),
        prompt=prompt(recipe),
        limits=Limits(whole=recipe.most_tokens, cut=1 << 16),
        training_range=TrainingRange(),
    )
    checkpoint.save(folder / "checkpoint", network, config, tokenizer, "# ablation\n")
    tables = predict_costs(Predictor.load(folder / "checkpoint"), rows)
    return {objective: table[:, 1] for objective, table in tables.items()}


def _ranks(rows: Sequence[Example], tables: Mapping[str, Floats]) -> Iterator[tuple[str, str, float | None]]:
    """Yield Spearman's correlation of each task and objective, with three digits."""
    chosen: dict[str, Callable[[Example], bool]] = {
        "wild": lambda e: e.args is None and is_wild(e),
        "LeetCode": lambda e: e.args is None and e.source == "leetcode",
        "growing": lambda e: e.source in ("coffe", "enamel", "kernels", "mutants"),
    }
    for task, is_meant in chosen.items():
        for objective in FLOORS:
            places = [i for i, e in enumerate(rows) if is_meant(e) and objective in e.targets and np.isfinite(tables[objective][i])]
            found = rank_correlation(values_of([rows[i] for i in places], objective), tables[objective][places])
            yield task, objective, None if found is None else round(found, 3)


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the results as a Markdown table."""
    tasks = [f"{task}, {objective}" for task in ("wild", "LeetCode", "growing") for objective in FLOORS]
    titles = ["variant", "M parameters", "steps", "s", *(task.replace("@cpu", "").replace("peak_", "") for task in tasks)]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for found in results:
        cells = [found["name"], f"{found['parameters'] / 1e6:.2f}", str(found["steps"]), str(found["seconds"])]
        lines.append("| " + " | ".join([*cells, *("-" if found[task] is None else f"{found[task]:.3f}" for task in tasks)]) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"))
    parser.add_argument("--runs", type=Path, default=Path(".runs/ablations"))
    parser.add_argument("--only", nargs="*", default=[variant.name for variant in VARIANTS])
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    small_corpus(options.corpus, options.runs / "corpus")
    for variant in VARIANTS:
        folder = options.runs / variant.name.replace(" ", "-").replace("'", "").replace(":", "").replace(",", "")
        if variant.name in options.only and not (folder / "result.json").exists():
            found = train(variant, options.runs / "corpus" / variant.corpus, folder)
            (folder / "result.json").write_text(json.dumps(found) + "\n", "utf-8")
    results = {found["name"]: found for path in options.runs.glob("*/result.json") for found in [json.loads(path.read_text("utf-8"))]}
    print(table([results[variant.name] for variant in VARIANTS if variant.name in results]))


if __name__ == "__main__":
    main()
