"""From a training run to a checkpoint folder: ``python -m rlm_lsp.model.publish --run .runs/rlm-s --out model/weights/rlm-s``.

Keeps the two costs' objective tokens and drops those of the first objectives, calibrates the intervals on the validation split, lists the
languages and kinds that are answered for and what code is familiar, and writes weights, ONNX graphs, tokenizer, card and manifest.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from rlm_lsp.model import checkpoint
from rlm_lsp.model.config import Architecture, Arguments, Limits, ModelConfig, ObjectiveConfig, Trained, TrainingRange
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.edits import Edit, committed_edits
from rlm_lsp.model.data.examples import FLOORS, HEAP, LATENCY
from rlm_lsp.model.evaluate import exponent_figures, is_wild, predict_costs, values_of
from rlm_lsp.model.familiarity_fit import fit_corpus
from rlm_lsp.model.intervals import equal_weights, fit_intervals
from rlm_lsp.model.network import RLM
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.probes import band_of
from rlm_lsp.model.recipe import Recipe, read_recipe
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.model.train import CODEC, architecture, objectives, prompt

SHIPPED = (ObjectiveConfig(LATENCY, "s"), ObjectiveConfig(HEAP, "B"))
DEVICE = "one core of an AMD EPYC (Zen 3) server, Linux, CPython 3.12"
LEAST_HELD_OUT = 100  # rows of a language and kind; below that nobody has checked the model there
_LEAST_PAIRS = 50
_READS_SIZES = 0.3  # median error of the exponents
_LEAST_TAUGHT = 300  # training rows with an argument of a type
_OUTER_SIZE = re.compile(r"=(\w+)\[(\d+(?:e\d+)?)")
_CAVEAT = "on code it never saw, the exponent is off by a quarter in the median (model/RESULTS.md)"


def kept_network(recipe: Recipe, weights: Path, kept: Sequence[str]) -> RLM:
    """Return the trained network with the tokens of these objectives only, in this order."""
    full, names = architecture(recipe), objectives(recipe)
    saved = torch.load(weights, map_location="cpu", weights_only=True)
    state = saved.get("average", saved["network"])  # of a whole state the averaged ones
    rows = torch.tensor([*range(CODEC.vocab_size), *(CODEC.vocab_size + names.index(name) for name in kept)])
    for name in ("decoder.embed_tokens.weight", "head.weight"):
        state[name] = state[name][rows]  # (V, d) -> (V kept, d)
    network = RLM(Architecture(full.encoder, replace(full.decoder, vocab_size=len(rows))))
    network.load_state_dict({name: _as_stored(tensor) for name, tensor in state.items()})
    return network.eval()


def published_network(recipe: Recipe, run: Path) -> RLM:
    """Return the network that a run's recipe has published, with the shipped objectives.

    Mixed with the weights that it began with (WiSE-FT, arXiv 2109.01903) it ranks as well and is less sure of itself.
    """
    names = [objective.name for objective in SHIPPED]
    network = kept_network(recipe, run / ("state.pt" if recipe.keeps_last else "best.pt"), names)
    if recipe.start_share:
        start = checkpoint.load(Path(recipe.start)).weights()
        state = {
            name: torch.lerp(tensor, torch.from_numpy(start[name].astype("float32")), recipe.start_share)
            for name, tensor in network.state_dict().items()
        }
        network.load_state_dict({name: _as_stored(tensor) for name, tensor in state.items()})
    return network


def _as_stored(tensor: torch.Tensor) -> torch.Tensor:
    """Return the weights as the file will hold them, so that calibration sees what the product runs."""
    return tensor.half().float()


def with_probes(config: ModelConfig, folder: Path, corpus: Path) -> ModelConfig:
    """Return the config with what the checkpoint in ``folder`` shows on the validation split, by the product's own arithmetic.

    Intervals are stretched by their width until they hold four fifths of the truths; packages and problems, with and without sizes,
    weigh the same, and so do the packages among each other: the next one is a package more, not some functions more. Argument sizes
    are answered for only where costs grow with them about as they should.
    """
    predictor = Predictor.load(folder, threads=2)
    rows = [e for name in ("typical", "sized") for e in examples.read(corpus / f"{name}.jsonl") if e.split == "validation"]
    task = np.array([2 * is_wild(e) + (e.args is not None) for e in rows])  # (N,)
    packages = [e.group if is_wild(e) else "" for e in rows]
    predicted = predict_costs(predictor, rows)
    intervals, errors = {}, []
    for objective, table in predicted.items():
        known = np.array([i for i, e in enumerate(rows) if objective in e.targets and not np.isnan(table[i, 1])])
        truths = values_of([rows[i] for i in known], objective)
        weights = equal_weights([(task[i], packages[i]) for i in known])
        fitted = fit_intervals(table[known], truths, weights, FLOORS[objective])
        if fitted is not None:
            intervals[objective] = fitted
        at_sizes = known[task[known] == 1]
        errors.append(exponent_figures([rows[i] for i in at_sizes], table[at_sizes, 1], objective)["median_error"])
    band = change_bands(predictor, committed_edits("validation"))
    print(f"errors of exponents {errors}, at most {_READS_SIZES} to answer for sizes")
    reads_sizes = all(error is not None and error <= _READS_SIZES for error in errors)
    arguments = taught_arguments(corpus, _CAVEAT) if reads_sizes else None
    return replace(config, pair_band=band, intervals=intervals, arguments=arguments)


def change_bands(predictor: Predictor, edits: Sequence[Edit]) -> dict[str, float]:
    """Return by objective the factor that four fifths of the predicted ratios after one change are off by at most.

    Asked as the gate asks, without sizes, and held against what the change did at each size that was measured.
    """
    functions = list({e.text: replace(e, args=None) for edit in edits for e in (edit.before, edit.after)}.values())
    place = {function.text: i for i, function in enumerate(functions)}
    bands = {}
    for objective, table in predict_costs(predictor, functions).items():
        logs = np.log10(table[:, 1] + FLOORS[objective])  # (functions,)
        known = [edit for edit in edits if objective in edit.before.targets and objective in edit.after.targets]
        truths = [values_of([edit.before for edit in known], objective), values_of([edit.after for edit in known], objective)]
        true = np.log10(truths[1] + FLOORS[objective]) - np.log10(truths[0] + FLOORS[objective])
        ours = np.array([logs[place[edit.after.text]] - logs[place[edit.before.text]] for edit in known])
        answered = ~np.isnan(ours)
        if answered.sum() >= _LEAST_PAIRS:
            bands[objective] = round(max(1.0, band_of(true[answered], ours[answered])), 3)
    return bands


def taught_arguments(corpus: Path, caveat: str) -> Arguments:
    """Return the sizes that were taught, by type name: from the 1st to the 99th percentile of the training rows, of types seen often."""
    sizes: dict[str, list[float]] = defaultdict(list)
    for example in examples.read(corpus / "sized.jsonl"):
        if example.split == "train":
            for name, size in _OUTER_SIZE.findall(example.args or ""):
                sizes[name].append(min(float(size), 1e300))  # an int has no largest value, a float does
    often = {name: found for name, found in sorted(sizes.items()) if len(found) >= _LEAST_TAUGHT}
    return Arguments({name: tuple(np.quantile(found, (0.01, 0.99)).round().tolist()) for name, found in often.items()}, caveat)


def trained_kinds(corpus: Path) -> tuple[Trained, ...]:
    """Return the languages and kinds with at least a hundred held-out rows."""
    counts = Counter((e.language, e.kind) for e in examples.read(corpus / "typical.jsonl") if e.split == "test")
    return tuple(Trained(language, kind) for (language, kind), n in sorted(counts.items()) if n >= LEAST_HELD_OUT)


def parse(arguments: Sequence[str] | None, description: str, recipe: str, id_: str) -> argparse.Namespace:
    """Return the command line's options: ``recipe``, ``corpus``, ``run``, ``out`` and ``id``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--recipe", type=Path, default=Path(recipe))
    parser.add_argument("--corpus", type=Path, default=Path(".corpus"))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--id", default=id_)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the checkpoint."""
    options = parse(arguments, "Turn a training run into a checkpoint folder.", "model/recipes/rlm-s.toml", "rlm-s-8")
    recipe = read_recipe(options.recipe)
    tokenizer = TextTokenizer.load(options.corpus / recipe.tokenizer)
    network = published_network(recipe, options.run)
    spec = prompt(recipe)
    config = ModelConfig(
        id=options.id,
        device=DEVICE,
        architecture=network.config,
        codec=CODEC,
        objectives=SHIPPED,
        trained=trained_kinds(options.corpus),
        prompt=spec,
        limits=Limits(),
        training_range=TrainingRange(),
        adds_callees=not spec.callee_tokens,  # what is read already must not be counted twice
    )
    card = (Path(__file__).parent / "CARD.md").read_text("utf-8")
    checkpoint.save(options.out, network, config, tokenizer, card)
    config = with_probes(config, options.out, options.corpus)
    checkpoint.save(options.out, network, config, tokenizer, card, familiarity=fit_corpus(options.corpus, tokenizer, spec))
    print(f"{options.out}: {config.id}, intervals {dict(config.intervals)}, band for pairs {dict(config.pair_band)}")


if __name__ == "__main__":
    main()
