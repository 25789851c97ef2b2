"""Train an RLM by a recipe: ``python -m rlm_lsp.model.train RECIPE --corpus DIR --run DIR``.

A run may be stopped at any time: the state is saved every few minutes and at Ctrl+C, and the same command goes on from there with the
same batches. ``RUN/log.csv`` holds the losses, ``RUN/best.pt`` the weights with the lowest validation loss of the last stage.

A network of the released checkpoint's size is trained by ``--preset`` instead of a recipe: ``train_large``.

On several devices: ``torchrun --nproc_per_node N -m -- rlm_lsp.model.train RECIPE ... --device cuda``, or ``accelerate launch``. Each
process takes every N-th batch and gradients are averaged, so a step sees N times ``batch_tokens``.
"""

from __future__ import annotations

import argparse
import copy
import csv
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from accelerate import Accelerator
from tqdm import tqdm

from rlm_lsp.model.beginning import begin_with, begin_with_checkpoint, order_magnitudes
from rlm_lsp.model.config import Architecture, StackConfig
from rlm_lsp.model.data.batches import epoch_order
from rlm_lsp.model.data.examples import HEAP, LATENCY
from rlm_lsp.model.data.static import STATIC_OBJECTIVES
from rlm_lsp.model.measure import lock
from rlm_lsp.model.network import RLM, value_loss
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.prompt import PromptSpec
from rlm_lsp.model.recipe import Recipe, Stage, read_recipe
from rlm_lsp.model.regression import Regression, Scale, squared_error
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.model.training_set import Step, TrainingSet, load, make_step

T = TypeVar("T")

OBJECTIVES = (LATENCY, HEAP, *STATIC_OBJECTIVES)  # those shipped first; the others leave with the first stage's head
CODEC = NumberCodec()
_SAVE_EVERY_S = 120.0
_VALIDATE_EVERY_S = 300.0
_VALIDATION_ROWS = 1500  # of a set; always the same ones


def objectives(recipe: Recipe) -> tuple[str, ...]:
    """Return what the recipe's network answers, in the order of the tokens: those that it names, or functions' costs and counts."""
    return recipe.objectives or OBJECTIVES


def architecture(recipe: Recipe) -> Architecture:
    """Return the network's shape: the recipe's sizes, multi-head attention over the whole input, an untied head."""

    def stack(vocab_size: int, layers: int) -> StackConfig:
        head_dim = recipe.hidden_size // recipe.heads
        return StackConfig(
            vocab_size, layers, recipe.hidden_size, recipe.ffn_size, recipe.heads, recipe.heads, head_dim, query_scale=float(head_dim)
        )

    return Architecture(stack(recipe.vocab_size, recipe.layers), stack(CODEC.vocab_size + len(objectives(recipe)), recipe.decoder_layers))


def prompt(recipe: Recipe) -> PromptSpec:
    """Return how the trained checkpoint is asked."""
    return PromptSpec(
        magnitudes=recipe.magnitudes,
        magnitude_steps=recipe.magnitude_steps,
        canonical_names=recipe.canonical_names,
        callee_tokens=recipe.callee_tokens,
        elements=recipe.elements,
    )


def computes_in_bf16(device: torch.device) -> bool:
    """Return whether bfloat16 pays: on a processor only with its matrix tiles.

    Without bfloat16 instructions each one is emulated, and with those of AVX-512 alone products and attention take 1.5 to 2 times as long
    as in float32 (measured on a Xeon without tiles).
    """
    return device.type != "cpu" or bool(torch.cpu._is_amx_tile_supported())


@dataclass
class Progress:
    """Where a run stands."""

    stage: int = 0
    batch: int = 0
    step: int = 0
    seconds: float = 0.0
    best: float = math.inf


class Run:
    """One training run: network, optimiser, progress, and the folder they are saved in."""

    def __init__(self, recipe: Recipe, corpus: Path, folder: Path, device: str) -> None:
        self.recipe, self.folder = recipe, folder
        self.accelerator = Accelerator(cpu=device == "cpu")
        self.device = self.accelerator.device
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(recipe.seed)
        tokenizer = TextTokenizer.load(corpus / recipe.tokenizer)
        names = sorted({name for stage in recipe.stages for name in stage.sets})
        self.training = {name: self._set(corpus, name, "train", tokenizer) for name in names}
        self.validation = {name: self._set(corpus, name, "validation", tokenizer) for name in names if name != "taught"}
        network = RLM(architecture(recipe))
        self._begin(network, tokenizer)
        self.network = network.to(self.device)
        self.taught: torch.nn.Module = self._with_regression(self.network).to(self.device)
        self.followed = copy.deepcopy(self.taught).requires_grad_(False)
        self.jitter = np.array([recipe.jitter.get(name, 0.0) for name in objectives(recipe)])
        self.first = np.array([name in recipe.drawn_first for name in objectives(recipe)])
        self.legal = torch.from_numpy(CODEC.legal.copy()).to(self.device)
        self.optimizer = self._optimizer()
        self.progress = Progress()
        self._resume()
        # wrapped where there are several processes: averages gradients; the network itself keeps the names of its weights
        self.parallel = self.accelerator.prepare_model(self.taught)

    def _begin(self, network: RLM, tokenizer: TextTokenizer) -> None:
        """Give the network what the recipe starts with; sizes that are new to it begin on a smooth curve."""
        start = Path(self.recipe.start)
        if self.recipe.start and start.is_dir():
            begin_with_checkpoint(network, start, tokenizer, objectives(self.recipe), CODEC, self.recipe.magnitude_steps)
            return
        known = begin_with(network, start) if self.recipe.start else 0
        first = max(tokenizer.vocab_size, known)
        if (count := tokenizer.vocab_size + self.recipe.magnitudes - first) > 0:
            order_magnitudes(network.encoder.embed_tokens.weight, first, count)

    def _set(self, corpus: Path, name: str, split: str, tokenizer: TextTokenizer) -> TrainingSet:
        names = objectives(self.recipe)
        return load(corpus / f"{name}.jsonl", split, tokenizer, prompt(self.recipe), CODEC, names, self.recipe.most_tokens)

    @property
    def average(self) -> RLM:
        """The network whose weights follow the trained ones."""
        followed = self.followed.network if isinstance(self.followed, Regression) else self.followed
        assert isinstance(followed, RLM)
        return followed

    def _with_regression(self, network: RLM) -> torch.nn.Module:
        """Return what is taught: the network, with a second loss on its states where the recipe has one."""
        return self._regression(network) if self.recipe.squared_error else network

    def _regression(self, network: RLM, *, logarithms: bool = True) -> Regression:
        names = objectives(self.recipe)
        values = np.concatenate([found.data.targets for found in self.training.values()])  # (N, O)
        self.scale = Scale(names, values, logarithms=logarithms)
        return Regression(network, torch.nn.Linear(network.config.encoder.hidden_size, len(names)))

    def _optimizer(self) -> torch.optim.Optimizer:
        matrices = [p for p in self.taught.parameters() if p.ndim == 2]
        scales = [p for p in self.taught.parameters() if p.ndim < 2]
        groups = [{"params": matrices, "weight_decay": 0.05}, {"params": scales, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)

    def _resume(self) -> None:
        path = self.folder / "state.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        for which, line in self._lines().items():
            line.load_state_dict(state[which])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
        self.accelerator.print(f"resumed at stage {self.progress.stage}, batch {self.progress.batch}")

    def save(self) -> None:
        """Write the state, in the first process; a reader sees the old or the new one."""
        if not self.accelerator.is_main_process:
            return
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
            **{which: line.state_dict() for which, line in self._lines().items()},
        }
        _save(state, self.folder / "state.pt")

    def _lines(self) -> dict[str, torch.nn.Linear]:
        """Return the line of the second loss, as trained and as averaged, where there is one."""
        modules = {"line": self.taught, "average_line": self.followed}
        return {which: module.line for which, module in modules.items() if isinstance(module, Regression)}

    def train(self) -> None:
        """Run all stages from where the run stands."""
        for index in range(self.progress.stage, len(self.recipe.stages)):
            self._stage(index, self.recipe.stages[index])
            self.progress.stage, self.progress.batch, self.progress.best = index + 1, 0, math.inf
            self.save()

    def _stage(self, index: int, stage: Stage) -> None:
        sets = [self.training[name] for name in stage.sets]
        share = list(stage.sets.values())
        seeds = [self.recipe.seed * 1000 + index * 100 + epoch for epoch in range(stage.epochs)]
        order = [batch for seed in seeds for batch in epoch_order([s.data for s in sets], share, self.recipe.batch_tokens, seed)]
        order = self._own(order)
        saved = validated = time.monotonic()
        main = self.accelerator.is_main_process
        bar = tqdm(
            order[self.progress.batch :], initial=self.progress.batch, total=len(order), desc=stage.name, mininterval=5.0, disable=not main
        )
        for which, rows in bar:
            rng = np.random.default_rng([self.recipe.seed, index, self.progress.batch, self.accelerator.process_index])
            started = time.monotonic()
            with lock.shared():
                step = self._draw(sets[which], rows, rng)
                loss = self._step(step, stage.rate(self.progress.batch / len(order)))
            self.progress.batch += 1
            self.progress.step += 1
            self.progress.seconds += time.monotonic() - started
            if self.progress.step % 20 == 0:
                self._log(stage.name, "train", list(stage.sets)[which], loss)
                bar.set_postfix(loss=f"{loss:.3f}")
            if main and time.monotonic() - validated > _VALIDATE_EVERY_S:
                self._validate(stage)
                validated = time.monotonic()
            if time.monotonic() - saved > _SAVE_EVERY_S:
                self.save()
                saved = time.monotonic()
        if main:
            self._validate(stage)
        self.accelerator.wait_for_everyone()

    def _own(self, order: list[T]) -> list[T]:
        """Return this process's batches: as many as every other one's, so that no step waits for a process that has none left."""
        count = self.accelerator.num_processes
        return order[self.accelerator.process_index : len(order) - len(order) % count : count]

    def _draw(self, training: TrainingSet, rows: npt.NDArray[np.int64], rng: np.random.Generator) -> Step:
        recipe = self.recipe
        return make_step(training, rows, CODEC, recipe.most_objectives, rng, self.jitter, self.first, marginals=recipe.marginals)

    def _step(self, step: Step, rate: float) -> float:
        self.taught.train()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self._loss(step, self.parallel, self._weights(step))
        self.optimizer.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.taught.parameters(), 1.0)
        self.optimizer.step()
        self._follow()
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the averaged weights (an exponential moving average; Polyak and Juditsky 1992) a step towards the trained ones."""
        decay = min(self.recipe.average, (1 + self.progress.step) / (10 + self.progress.step))  # not held back by where it began
        averages: list[torch.Tensor] = list(self.followed.parameters())
        torch._foreach_lerp_(averages, list(self.taught.parameters()), 1.0 - decay)

    def _loss(self, step: Step, network: torch.nn.Module, weights: torch.Tensor | None = None) -> torch.Tensor:
        """Return the digits' loss, and where ``network`` guesses values beside them, the squared error, too."""
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=computes_in_bf16(self.device)):
            found = network(step.ids.to(self.device), step.mask.to(self.device), step.decoder_ids.to(self.device))
        logits, guess = found if isinstance(found, tuple) else (found, None)
        loss = value_loss(logits, step.targets.to(self.device), step.states.to(self.device), self.legal, weights)
        if guess is None:
            return loss
        assert step.values is not None
        return loss + self.recipe.squared_error * squared_error(guess, self.scale(step.values).to(self.device))

    def _weights(self, step: Step) -> torch.Tensor:
        """Return how much each position of a step counts (1, T): nothing at objective tokens, the recipe's weights at a value's."""
        of_a_value = torch.tensor([0.0, *self.recipe.digit_weights], device=self.device)  # (1 + T_v,)
        return of_a_value.repeat(step.targets.shape[1] // len(of_a_value))[None, :]

    @torch.no_grad()
    def _validate(self, stage: Stage) -> None:
        self.average.eval()
        losses = {}
        with lock.shared():
            for name, data in self.validation.items():
                if not len(data.data):
                    continue
                rng = np.random.default_rng(self.recipe.seed)
                share = min(1.0, _VALIDATION_ROWS / len(data.data))
                batches = epoch_order([data.data], [share], self.recipe.batch_tokens, self.recipe.seed)
                sums = [(float(self._loss(make_step(data, rows, CODEC, 1, rng), self.average)), len(rows)) for _, rows in batches]
                losses[name] = sum(loss * n for loss, n in sums) / sum(n for _, n in sums)
                self._log(stage.name, "validation", name, losses[name])
        mean = sum(losses.values()) / max(len(losses), 1)
        if mean < self.progress.best:
            self.progress.best = mean
            self._keep(stage, mean)

    def _keep(self, stage: Stage, loss: float) -> None:
        """Write the averaged weights of this moment as the best."""
        kept = {"network": self.average.state_dict(), "stage": stage.name, "step": self.progress.step, "loss": loss}
        _save(kept, self.folder / "best.pt")

    def _log(self, stage: str, kind: str, name: str, loss: float) -> None:
        if not self.accelerator.is_main_process:
            return
        path = self.folder / "log.csv"
        is_new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if is_new:
                writer.writerow(["step", "seconds", "stage", "kind", "set", "loss"])
            writer.writerow([self.progress.step, round(self.progress.seconds, 1), stage, kind, name, round(loss, 5)])


def _save(state: dict[str, Any], path: Path) -> None:
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, or go on training."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if any(argument.partition("=")[0] == "--preset" for argument in given):
        from rlm_lsp.model import train_large

        train_large.main(given)
        return
    large = "A network of the released checkpoint's size: --preset gemma-s --help"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None, epilog=large)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with tokenizer.json and the examples")
    parser.add_argument("--run", type=Path, required=True, help="folder for the state, the log and the best weights")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(given)
    recipe = read_recipe(options.recipe)
    run = Run(recipe, options.corpus, options.run, options.device)
    parameters = sum(p.numel() for p in run.network.parameters())
    run.accelerator.print(json.dumps({"parameters": parameters, "examples": {name: len(s.data) for name, s in run.training.items()}}))
    try:
        run.train()
    except KeyboardInterrupt:
        run.save()
        print("stopped; the same command goes on from here")


if __name__ == "__main__":
    main()
