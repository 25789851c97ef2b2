"""A training recipe: sizes of the network and the stages of training, read from TOML."""

from __future__ import annotations

import math
import sys
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


T = TypeVar("T")


class RecipeError(ValueError):
    """A recipe that cannot be used; the message names the key."""


@dataclass(frozen=True)
class Stage:
    """Epochs over a mixture: ``sets`` maps an examples file to the share of it drawn in an epoch."""

    name: str
    sets: dict[str, float]
    epochs: int
    peak_rate: float

    def rate(self, done: float) -> float:
        """Return the learning rate after a share ``done`` (0..1) of the stage: 5 % linear warm-up, then cosine to a twentieth."""
        if done < 0.05:
            return self.peak_rate * (0.02 + done / 0.05)
        return self.peak_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (done - 0.05) / 0.95)))


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a run, besides the corpus."""

    seed: int
    batch_tokens: int
    most_tokens: int
    most_objectives: int
    layers: int
    decoder_layers: int
    hidden_size: int
    heads: int
    ffn_size: int
    vocab_size: int  # of the encoder: the tokenizer's, then the magnitudes
    magnitudes: int  # tokens for sizes in the args line (prompt.py); 0: sizes are read digit by digit
    jitter: dict[str, float]  # objective -> standard deviation of the natural logarithm of the noise that its values are taught with
    digit_weights: tuple[float, ...]  # how much each token of a value counts: sign, sign and digits of the exponent, mantissa
    average: float  # decay a step of the averaged weights that are validated and shipped; 0: the last step's
    start: str  # what training begins with: best.pt of another run (relative to the working folder), a checkpoint folder, or "": chance
    stages: tuple[Stage, ...] = ()
    objectives: tuple[str, ...] = ()  # in the order of their tokens; none: functions' (train.OBJECTIVES)
    family_stretch: dict[str, float] = field(default_factory=dict)  # objective -> how much wider intervals are (family_errors.py)
    unshipped: tuple[str, ...] = ()  # objectives that are taught and left out of the checkpoint: a baseline knows better
    tokenizer: str = "tokenizer.json"  # of the corpus folder
    magnitude_steps: int = 2  # magnitudes for each power of two
    canonical_names: bool = False  # whether parameters and locals are read as a, b ... (PromptSpec)
    callee_tokens: int = 0  # of what a function calls, read behind its own text (PromptSpec)
    elements: bool = False  # whether the product of an array's dimensions is told, too
    drawn_first: tuple[str, ...] = ()  # objectives that a step teaches before others of a row that has more than most_objectives
    keeps_last: bool = False  # the averaged weights of the last step are published; else those with the lowest validation loss
    start_share: float = 0.0  # how much of the weights of the checkpoint that training began with is in what is published
    squared_error: float = 0.0  # how much that of logarithms counts beside the digits' loss (regression.py)
    marginals: bool = False  # each objective of a row is decoded alone; else a later one reads the values of earlier ones


def read_recipe(path: Path) -> Recipe:
    """Return the recipe in ``path``.

    Raises:
        RecipeError: an unknown or missing key.
        OSError, tomllib.TOMLDecodeError: the file cannot be read.
    """
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    stages = tuple(_build(Stage, stage, f"{path.name}: stages[{i}]") for i, stage in enumerate(data.pop("stages", [])))
    flat = {**data.pop("architecture", {}), **data}
    recipe = _build(Recipe, {**flat, "stages": stages}, path.name)
    return replace(
        recipe,
        digit_weights=tuple(float(weight) for weight in recipe.digit_weights),
        objectives=tuple(recipe.objectives),
        unshipped=tuple(recipe.unshipped),
        drawn_first=tuple(recipe.drawn_first),
    )


def _build(kind: type[T], values: dict[str, Any], where: str) -> T:
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]  # only called with dataclasses
    needed = {name for name, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
    if wrong_keys := (values.keys() - known) | (needed - values.keys()):
        wrong = ", ".join(sorted(wrong_keys))
        raise RecipeError(f"{where}: unknown or missing: {wrong}")
    return kind(**values)
