"""What a model of ours predicts for a network and its blocks: for each of its objectives an interval, or why there is none.

The model that is asked is the one in use where it reads the compact text of networks, else the shipped one that is for networks alone. It
runs in a process of its own, which is started by the first network that the cache does not know; models of functions are not touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

from rlm_lsp.onnx.text import compact
from rlm_lsp.onnx.told import beyond, told
from rlm_lsp.paths import cache_folder
from rlm_lsp.predict.errors import EngineError, ModelFilesError, RlmLspError
from rlm_lsp.predict.identity import ModelIdentity, identify_alone
from rlm_lsp.predict.installed import model_folder, networks_model
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput, Unknown, untrained

if TYPE_CHECKING:
    from rlm_lsp.onnx.blocks import Block, Blocks
    from rlm_lsp.onnx.network import Network
    from rlm_lsp.predict.cache import Warn
    from rlm_lsp.predict.engine import Engine

LANGUAGE, KIND = "onnx", "graph"
"""How a model's config names the compact text of a network among what it was trained on."""
WHOLE_ONLY = frozenset({"%"})
"""Units of what only a whole network has: an accuracy."""
OWN_MEASUREMENTS = "cpu"
"""What objectives are named after whose labels are ours, of networks of many kinds. Others were published for one search space, so they are
asked only where the model says how such a network is told (``pattern``)."""

Row: TypeAlias = dict[str, Any]
"""A prediction in the document: ``document.schema.json`` has its keys."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Rows for the whole, and for each block that was asked about; ``by_group`` has for each group its block's place, -1: none.

    ``pending``: the model has not been asked yet, and the rows say so. ``distinct`` blocks there are in all.
    """

    model: tuple[Row, ...]
    blocks: tuple[tuple[Row, ...], ...] = ()
    by_group: tuple[int, ...] = ()
    distinct: int = 0
    pending: bool = False

    def of_group(self, group: int) -> tuple[Row, ...]:
        """The rows of a group's block; none where it was not asked about."""
        place = self.by_group[group] if group < len(self.by_group) else -1
        return self.blocks[place] if place >= 0 else ()

    def as_dict(self) -> dict[str, Any]:
        """The document's field."""
        return {
            "model": list(self.model),
            "blocks": [list(rows) for rows in self.blocks],
            "distinct": self.distinct,
            "pending": self.pending,
        }


class Forecaster:
    """Asks the model of networks. Its process ends after ``idle_s`` seconds without a question (None: when this is closed).

    ``folder``: the model's, None: see above. May be used from several threads.
    """

    def __init__(self, warn: Warn, *, folder: Path | None = None, jobs: int | None = None, idle_s: float | None = None) -> None:
        self._warn = warn
        self._folder = folder
        self._jobs = jobs
        self._idle_s = idle_s
        self._engine: Engine | None = None
        self._closed = False
        self._lock = Lock()

    def __enter__(self) -> Forecaster:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The model's process, while there is one."""
        engine = self._engine
        return engine.model_pid if engine is not None else None

    def begin(self) -> Forecast:
        """What can be said of any network at once: why there will be no number, or that the model is still to be asked."""
        model = self._model()
        if isinstance(model, Forecast):
            return model
        waiting = Unknown("worker-unavailable", "not asked yet")
        return Forecast(_unknown_rows(model, waiting), pending=True)

    def forecast(self, network: Network, *, blocks: bool = True) -> Forecast:
        """All that the model says, of ``blocks`` too; waits for it. Never fails: what cannot be answered is unknown."""
        model = self._model()
        if isinstance(model, Forecast):
            return model
        from rlm_lsp.onnx.blocks import MOST, find_blocks

        found = find_blocks(network, MOST if blocks else 0)
        whole_told = told(network, range(len(network.nodes)))
        reasons = [_far(network) or _untold(model, whole_told), *(_far_block(model, block) for block in found.chosen)]
        asked = [
            ModelInput(LANGUAGE, KIND, block.text, block.told)
            for block, reason in zip(found.chosen, reasons[1:], strict=True)
            if reason is None
        ]
        if reasons[0] is None:  # else a large network would be written out for nothing
            asked.insert(0, ModelInput(LANGUAGE, KIND, compact(network.nodes, network.values, network.folded), whole_told))
        answers = iter(self._ask(model, asked))
        rows = [
            _unknown_rows(model, reason, whole=not place) if reason is not None else _rows(model, next(answers), whole=not place)
            for place, reason in enumerate(reasons)
        ]
        return Forecast(rows[0], tuple(rows[1:]), _by_group(found, len(network.tree.groups)), found.distinct)

    def close(self) -> None:
        """End the model's process; questions that are out become unknown."""
        with self._lock:
            self._closed = True
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def _model(self) -> ModelIdentity | Forecast:
        """Which model is asked, or what is said in its stead."""
        try:
            model = choose(self._folder)
        except RlmLspError as error:
            row = {"objective": "latency@cpu", "unit": "s", "device": "cpu", "model": ""}
            return Forecast(({**row, **_why(Unknown("worker-unavailable", str(error)))},))
        why = untrained(LANGUAGE, KIND, model.trained) or _other_text(model)
        return model if why is None else Forecast(_unknown_rows(model, why))

    def _ask(self, model: ModelIdentity, inputs: Sequence[ModelInput]) -> list[Values]:
        if not inputs:
            return []
        try:
            values = self._started(model).predict(inputs)
        except EngineError as error:
            return self._unavailable(str(error), len(inputs))
        except (CancelledError, RuntimeError):  # of an engine that was closed meanwhile
            return self._unavailable("the model was unloaded", len(inputs))
        if any(one.unknown is not None and one.unknown[0] == "worker-unavailable" for one in values):
            self._forget()  # a process that died over these may have been killed by chance: the next question is a new attempt
        return values

    def _unavailable(self, reason: str, count: int) -> list[Values]:
        self._forget()
        return [Values(None, ("worker-unavailable", reason))] * count

    def _started(self, model: ModelIdentity) -> Engine:
        from rlm_lsp.predict.engine import Engine

        with self._lock:
            if self._closed:
                raise EngineError("the model was unloaded")
            if self._engine is not None and self._engine.model.digest != model.digest:
                self._engine.close()
                self._engine = None
            if self._engine is None:
                self._engine = Engine(model, cache_folder(), self._warn, self._jobs, self._idle_s)
            return self._engine

    def _forget(self) -> None:
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


def forecast(network: Network, warn: Warn, folder: Path | None = None) -> Forecast:
    """What is predicted for a network, by a process for this one question."""
    with Forecaster(warn, folder=folder) as forecaster:
        return forecaster.forecast(network)


def choose(folder: Path | None = None) -> ModelIdentity:
    """The model that answers for networks: the one in ``folder``; None: the one in use if it reads networks, else the shipped one for them.

    Where there is none of these it is the one in use, which says why.

    Raises:
        ModelFilesError: its files are not as they should be.
    """
    if folder is not None:
        return identify_alone(folder)
    shipped = networks_model()
    try:
        chosen = identify_alone(model_folder())
    except ModelFilesError:
        if shipped is None:
            raise
        return identify_alone(shipped)
    reads_them = untrained(LANGUAGE, KIND, chosen.trained) is None and _other_text(chosen) is None
    return chosen if reads_them or shipped is None else identify_alone(shipped)


def _other_text(model: ModelIdentity) -> Unknown | None:
    """Why a model that was trained on networks is not asked."""
    if model.config.get("layout", "rlm") == "rlm":
        return None
    return Unknown("unknown-objective", f"{model.id} reads another text of networks (--printable), which is not asked about here")


_OPEN = Unknown("out-of-range", "sizes of what flows in are not known; bind the open dimensions")
_UNCOUNTED = Unknown("out-of-range", "what some of its operations cost is not known, so its size cannot be told")


def _far(network: Network) -> Unknown | None:
    """Why no model can say something of this network, whatever it was trained on."""
    if any(network.values.types[value].elements is None for value in network.values.given):
        return _OPEN
    if not network.values.results:
        return Unknown("out-of-range", "the network has no results")
    return None


def _far_block(model: ModelIdentity, block: Block) -> Unknown | None:
    """Why this model can say nothing of a block."""
    return _OPEN if block.is_open else _untold(model, block.told)


def _untold(model: ModelIdentity, line: str | None) -> Unknown | None:
    """Why this model can say nothing of what is of such a size."""
    if line is None:
        return _UNCOUNTED
    far = beyond(line, (model.config.get("arguments") or {}).get("sizes", {}))
    return None if far is None else Unknown("out-of-range", far)


def _by_group(blocks: Blocks, count: int) -> tuple[int, ...]:
    found = [-1] * count
    for place, block in enumerate(blocks.chosen):
        for group in block.groups:
            found[group] = place
    return tuple(found)


def _rows(model: ModelIdentity, values: Values, *, whole: bool) -> tuple[Row, ...]:
    """What was answered, objective by objective; where it was not, why. That a block is no published network goes without saying."""
    if values.quantiles is None:
        code, reason = values.unknown or ("worker-unavailable", "no answer")
        return _unknown_rows(model, Unknown(code, reason), whole=whole)
    found = []
    for config, row in _asked(model, whole=whole):
        place = next(at for at, one in enumerate(model.objectives) if one.name == config["name"])
        quantiles = values.quantiles[place] if place < len(values.quantiles) else ()
        why = _undescribed(config) or (None if quantiles else Unknown("out-of-range", _lacking(config)))
        if why is not None:
            found += [{**row, **_why(why)}] if whole or _on(config["name"]) == OWN_MEASUREMENTS else []
            continue
        p10, p50, p90 = quantiles
        found.append({**row, "p10": p10, "p50": p50, "p90": p90, **({"partial": True} if values.partial else {})})
    return tuple(found)


def _unknown_rows(model: ModelIdentity, why: Unknown, *, whole: bool = True) -> tuple[Row, ...]:
    return tuple(
        {**row, **_why(_undescribed(config) or why)}
        for config, row in _asked(model, whole=whole)
        if whole or _on(config["name"]) == OWN_MEASUREMENTS
    )


def _asked(model: ModelIdentity, *, whole: bool) -> Iterator[tuple[dict[str, Any], Row]]:
    """The objectives that may be answered for a network, as the config has them, each with the beginning of its row.

    A model that was not trained on networks has all of its own: it says of each why there is no number.
    """
    knows = untrained(LANGUAGE, KIND, model.trained) is None
    for config in model.config["objectives"]:
        trained = config.get("trained")
        if knows and trained is not None and {"language": LANGUAGE, "kind": KIND} not in trained:
            continue
        if whole or config["unit"] not in WHOLE_ONLY:
            device = _on(config["name"])
            described = model.device if device == OWN_MEASUREMENTS else device
            yield config, {"objective": config["name"], "unit": config["unit"], "device": described, "model": model.id}


def _undescribed(config: dict[str, Any]) -> Unknown | None:
    """Why an objective is not shown for any network: its labels are of one search space, and the model does not say how to tell that."""
    if _on(config["name"]) == OWN_MEASUREMENTS or config.get("pattern"):
        return None
    return Unknown("out-of-range", "the model does not say for which networks this was published")


def _lacking(config: dict[str, Any]) -> str:
    return config.get("lacking") or "not predicted by this model for such a network"


def _on(objective: str) -> str:
    """The device or data set that an objective is named after."""
    return objective.partition("@")[2]


def _why(unknown: Unknown) -> Row:
    return {"unknown": {"code": unknown.code, "reason": unknown.reason}}
