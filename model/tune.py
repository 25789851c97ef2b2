"""Tune a checkpoint on a user's own measured rows, and write the result only where it is better on functions that nobody has looked at.

The rows are split by function into three parts: one to train on, one to choose on (when to stop, how far to go from the base, where to read
the intervals off), and one that decides, once.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from rlm_lsp.model import checkpoint, tune_check
from rlm_lsp.model.calibrate import recalibrated, truth_levels, truth_losses
from rlm_lsp.model.checkpoint import Checkpoint
from rlm_lsp.model.config import ModelConfig, QuantileLevels
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.familiarity import Familiarity
from rlm_lsp.model.familiarity_fit import widened
from rlm_lsp.model.network import RLM
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.training_set import TrainingSet, encoded
from rlm_lsp.model.tune_check import Answers, Measured, Verdict
from rlm_lsp.model.tune_fit import Fitted, Settings, fit, standard_library
from rlm_lsp.model.tune_rows import Rows, RowsError, read_rows
from rlm_lsp.predict.types import ModelInput, Unknown

Floats = npt.NDArray[np.float64]

_MOST_JUDGED = 2000  # rows of the selection and of the check part
_REHEARSED = 300  # functions of the standard library that answers are kept for
_WATCHED = 100  # more of them, on which it is told how far answers moved
_TRAINING_SHARE = 0.8  # of the time; the rest is for judging
_PRIOR_ROWS = 100  # as many rows as the base's interval levels count for
_FLOORS = {"s": 1e-9, "B": 16.0}  # by unit: values below cannot be told apart


@dataclass(frozen=True)
class Outcome:
    """What came of it: the rows that were read, the verdict, and the new model's id; ``None`` where nothing was written."""

    rows: Rows
    verdict: Verdict
    base_id: str
    tuned_id: str | None
    moved: float | None  # by which factor the median answer to code of the standard library moved


def tune(
    lines: Iterable[bytes], base_folder: Path, out: Path, minutes: float, say: Callable[[str], None], settings: Settings | None = None
) -> Outcome:
    """Tune the checkpoint in ``base_folder`` on JSON ``lines`` (see :mod:`tune_rows`) and write it to ``out`` if it is better.

    Raises:
        RowsError: the rows do not do.
        CheckpointError: the base cannot be used.
        OSError: ``out`` cannot be written.
    """
    started = time.monotonic()
    settings = settings or Settings()
    base = checkpoint.load(base_folder)
    _check_codec(base.config)
    rows = read_rows(lines, base.config, base.tokenizer)
    splits = {split: rows.of(split) for split in ("train", "selection", "check")}
    judged = {split: _thinned(splits[split]) for split in ("selection", "check")}
    say(", ".join(f"{split} {len(part):,} rows of {_functions(part):,} functions" for split, part in splits.items()))

    network = load_network(base)
    sets = {name: _encoded(part, base) for name, part in {"train": splits["train"], **judged}.items()}
    library = standard_library(_REHEARSED + _WATCHED) if ("python", "function") in _trained(base.config) else []
    rehearsed = _encoded(library[:_REHEARSED], base) if library else None
    objectives = [i for i, name in enumerate(base.config.objective_names) if any(name in e.targets for e in rows.examples)]
    deadline = started + minutes * 60 * _TRAINING_SHARE
    fitted = fit(network, sets["train"], sets["selection"], rehearsed, base.config.codec, objectives, settings, deadline, say)

    tuned_id = f"{base.config.id}-tuned-{_digest(fitted.network)[:8]}"
    config = _tuned_config(base.config, tuned_id, fitted.network, sets["selection"])
    card = base_card(base) + _card_section(base.config.id, rows, fitted)
    with tempfile.TemporaryDirectory(prefix="rlm-lsp-tune-") as scratch:
        candidate = Path(scratch) / "model"
        checkpoint.save(candidate, fitted.network, config, base.tokenizer, card, like=base)
        if config.adds_callees and not _callees_help(candidate, config, judged["selection"]):
            config = replace(config, adds_callees=False)
            checkpoint.save(candidate, fitted.network, config, base.tokenizer, card, like=base)
        predictors = Predictor.load(base_folder, answer_unfamiliar=True), Predictor.load(candidate, answer_unfamiliar=True)
        pair = network, fitted.network
        verdict = tune_check.judge(
            [_measured(judged["check"], sets["check"], index, base.config, pair, predictors) for index in objectives]
        )
        moved = _moved(library[_REHEARSED:], base.config, predictors)
        config = replace(config, pair_band=_pair_band(base.config, judged["selection"], predictors))
    if fitted.share and verdict.is_better:
        known = _familiar(base, judged["selection"])
        checkpoint.save(out, fitted.network, config, base.tokenizer, card, like=base, familiarity=known)
        return Outcome(rows, verdict, base.config.id, tuned_id, moved)
    return Outcome(rows, verdict, base.config.id, None, moved)


def load_network(base: Checkpoint) -> RLM:
    """Return the checkpoint's network on the CPU, in float32."""
    network = RLM(base.config.architecture)
    state = {name: torch.from_numpy(array.astype(np.float32)) for name, array in base.weights().items()}
    network.load_state_dict(state, strict=not base.config.architecture.tied_head)
    return network.eval()


def base_card(base: Checkpoint) -> str:
    """Return the base's model card, without what an earlier tuning wrote into it."""
    return (base.folder / checkpoint.CARD).read_text("utf-8").split("\n## Tuned", 1)[0].rstrip() + "\n"


def _check_codec(config: ModelConfig) -> None:
    if not config.codec.normalised or not config.prompt.objective_tokens:
        raise RowsError(f"{config.id} cannot be tuned: it was not made by this project's training")


def _trained(config: ModelConfig) -> set[tuple[str, str]]:
    return {(trained.language, trained.kind) for trained in config.trained}


def _functions(rows: Sequence[Example]) -> int:
    return len({(row.language, row.text) for row in rows})


def _thinned(rows: Sequence[Example]) -> list[Example]:
    """At most as many rows as are judged, spread evenly over the file."""
    step = max(1, -(-len(rows) // _MOST_JUDGED))
    return list(rows[::step])


def _encoded(rows: Sequence[Example], base: Checkpoint) -> TrainingSet:
    config = base.config
    return encoded(rows, base.tokenizer, config.prompt, config.codec, config.objective_names, config.limits.whole)


def _digest(network: RLM) -> str:
    state = network.state_dict()
    content = b"".join(state[name].half().numpy().tobytes() for name in sorted(state))
    return hashlib.sha256(content).hexdigest()


def _tuned_config(base: ModelConfig, tuned_id: str, network: RLM, selection: TrainingSet) -> ModelConfig:
    """The base's config with the tuned model's name, machine and intervals."""
    levels = {}
    for index, name in enumerate(base.objective_names):
        found = truth_levels(network, selection, index, base.codec)
        levels[name] = _blended(base.levels(name), recalibrated([found]), int((~np.isnan(found)).sum()))
    device = "the machine that the rows of the tuning were measured on"
    return replace(base, id=tuned_id, device=device, quantile_levels=levels, intervals={}, pair_band={})


def _familiar(base: Checkpoint, selection: Sequence[Example]) -> Familiarity | None:
    """The base's idea of familiar code, wide enough for code like that which was tuned on."""
    known = base.familiarity()
    if known is None:
        return None
    read = [base.config.prompt.as_read(ModelInput(row.language, row.kind, row.text)).text for row in selection]
    return widened(known, [base.tokenizer.encode(text) for text in read])


def _blended(before: QuantileLevels, fitted: QuantileLevels, rows: int) -> QuantileLevels:
    """Few rows say little about a tenth: the base's levels count like a hundred rows more."""
    weight = rows / (rows + _PRIOR_ROWS) if rows >= 20 else 0.0
    p10, p90 = ((1 - weight) * getattr(before, name) + weight * getattr(fitted, name) for name in ("p10", "p90"))
    return QuantileLevels(p10, before.p50, p90)


def _quantiles(predictor: Predictor, rows: Sequence[Example], names: Sequence[str]) -> Floats:
    """p10, p50, p90 in the metric's unit, (rows, objectives, 3), by the product's own arithmetic; NaN where there is no answer."""
    found = np.full((len(rows), len(names), 3), np.nan)
    inputs = [ModelInput(row.language, row.kind, row.text, row.args, callees=tuple(row.callees)) for row in rows]
    for place, answer in enumerate(predictor.predict_many(inputs, names)):
        if not isinstance(answer, Unknown):
            found[place] = [(item.p10, item.p50, item.p90) for item in answer]
    return found


def _callees_help(folder: Path, config: ModelConfig, rows: Sequence[Example]) -> bool:
    """Whether answers are still nearer with what the rows' functions call added: a tuned model may have learned that from its rows."""
    predictor = Predictor.load(folder, answer_unfamiliar=True)
    calling = [row for row in rows if row.callees]
    with_callees, alone = (_log_error(predictor, config, asked) for asked in (calling, [replace(row, callees=[]) for row in calling]))
    return with_callees <= alone


def _log_error(predictor: Predictor, config: ModelConfig, rows: Sequence[Example]) -> float:
    """The mean over objectives of the median distance between the logarithms of p50 and truth; 0 where nothing is known."""
    found = _quantiles(predictor, rows, config.objective_names)[..., 1]  # (rows, objectives)
    errors = []
    for place, objective in enumerate(config.objectives):
        floor = _FLOORS.get(objective.unit, 1e-9)
        truth = np.array([row.targets.get(objective.name, np.nan) for row in rows]) * objective.scale
        distances = np.abs(np.log((found[:, place] + floor) / (truth + floor)))
        if not np.isnan(distances).all():
            errors.append(float(np.nanmedian(distances)))
    return sum(errors) / len(errors) if errors else 0.0


def _measured(
    rows: Sequence[Example],
    data: TrainingSet,
    objective: int,
    config: ModelConfig,
    networks: tuple[RLM, RLM],
    predictors: tuple[Predictor, Predictor],
) -> Measured:
    described = config.objectives[objective]
    known = ~np.isnan(data.data.targets[:, objective])
    numbers = {key: number for number, key in enumerate(dict.fromkeys((row.language, row.text) for row in rows))}
    base, tuned = (
        Answers(truth_losses(network, data, objective, config.codec)[known], _quantiles(predictor, rows, [described.name])[known, 0])
        for network, predictor in zip(networks, predictors, strict=True)
    )
    functions = np.array([numbers[row.language, row.text] for row in rows])[known]
    truth = data.data.targets[known, objective] * described.scale
    return Measured(described.name, truth, functions, base, tuned, _FLOORS.get(described.unit, 0.0))


def _log_ratio(rows: Sequence[Example], names: Sequence[str], config: ModelConfig, predictors: tuple[Predictor, Predictor]) -> Floats:
    """log10 of the tuned median over the base's, (rows, objectives)."""
    floors = np.array([_FLOORS.get(o.unit, 0.0) for o in config.objectives if o.name in names])
    base, tuned = (np.log10(_quantiles(predictor, rows, names)[:, :, 1] + floors) for predictor in predictors)
    ratio: Floats = tuned - base
    return ratio


def _moved(rows: Sequence[Example], config: ModelConfig, predictors: tuple[Predictor, Predictor]) -> float | None:
    """By which factor the median answer to code that was neither tuned on nor rehearsed moved."""
    if not rows:
        return None
    return float(10 ** np.nanmedian(np.abs(_log_ratio(rows, config.objective_names, config, predictors))))


def _pair_band(base: ModelConfig, rows: Sequence[Example], predictors: tuple[Predictor, Predictor]) -> dict[str, float]:
    """The base's band for pairs, wider by how far apart tuning moved four fifths of the pairs of functions; never narrower."""
    names = [name for name in base.objective_names if name in base.pair_band]
    if not names:
        return {}
    moves = _log_ratio(rows, names, base, predictors)
    apart = np.abs(moves - np.roll(moves, 1, axis=0))
    return {name: round(base.pair_band[name] * float(10 ** np.nanquantile(apart[:, i], 0.8)), 3) for i, name in enumerate(names)}


def _card_section(base_id: str, rows: Rows, fitted: Fitted) -> str:
    parts = ", ".join(
        f"{len(rows.of(split)):,} to {purpose}" for split, purpose in (("train", "train"), ("selection", "choose"), ("check", "check"))
    )
    return (
        f"\n## Tuned\n\nFrom {base_id} on {len(rows.examples):,} measured rows of {_functions(rows.examples):,} functions ({parts}), "
        f"{fitted.epochs} epochs, {fitted.share:.0%} of the way from the base's weights to the tuned ones. Absolute numbers hold for the "
        "machine that the rows were measured on; what stands above about figures and the reference machine holds for the base.\n"
    )
