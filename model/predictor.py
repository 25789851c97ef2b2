"""From chunks of source text to predictions: the one door into the model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlm_lsp.model.backends import ONNX_PRECISION, Backend, BackendError, DrawingBackend
from rlm_lsp.model.callees import Callees
from rlm_lsp.model.checkpoint import Checkpoint, CheckpointError, load
from rlm_lsp.model.config import ObjectiveConfig
from rlm_lsp.model.familiarity import Familiarity
from rlm_lsp.model.intervals import stretched
from rlm_lsp.model.sampling import summary
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown, untrained

BackendName = Literal["onnx", "torch"]

_NO_ROOM = Unknown("too-long", "does not fit into the memory of the device")


class _Text(NamedTuple):
    """What the encoder is given of an input, for these objectives."""

    objectives: Sequence[ObjectiveConfig]
    ids: list[int]
    partial: bool


class Predictor:
    """A checkpoint and, from the first prediction on, a loaded back end.

    ``backend`` None: onnxruntime where the checkpoint has its graphs, else torch. ``answer_unfamiliar``: guess for code that is unlike the
    training's, too; to measure how wrong such guesses are, never to show them. ``notice`` gets lines about the device, for people.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        backend: BackendName | None,
        threads: int,
        answer_unfamiliar: bool = False,
        notice: Callable[[str], None] | None = None,
    ) -> None:
        self._checkpoint = checkpoint
        self._config = checkpoint.config
        self._backend_name: BackendName = backend or ("onnx" if checkpoint.has_graphs else "torch")
        self._notice = notice
        self._threads = threads
        self._backend: Backend | None = None
        self._answer_unfamiliar = answer_unfamiliar
        self._familiarity: Familiarity | None = None  # read with the back end
        self._callees = Callees()

    @classmethod
    def load(
        cls,
        folder: Path | str,
        backend: BackendName | None = None,
        threads: int = 1,
        answer_unfamiliar: bool = False,
        notice: Callable[[str], None] | None = None,
    ) -> Predictor:
        """Check the folder and make it ready; ``threads`` inputs are computed at once.

        Raises:
            CheckpointError: the folder cannot be used.
            BackendError: its back end is missing, or cannot start.
        """
        predictor = cls(load(folder), backend, threads, answer_unfamiliar, notice)
        predictor.backend()
        return predictor

    def backend(self) -> Backend:
        """The back end, loaded at the first call; raises CheckpointError and BackendError."""
        if self._backend is None:
            self._familiarity = None if self._answer_unfamiliar else self._checkpoint.familiarity()
            self._backend = _start(self._checkpoint, self._backend_name, self._threads, self._notice)
        return self._backend

    @property
    def batch(self) -> int:
        """How many inputs are best given at once; loads the back end."""
        return self.backend().batch

    @property
    def precision(self) -> str:
        """The back end and its arithmetic, known without loading a network."""
        if self._backend_name == "onnx":
            return ONNX_PRECISION
        from rlm_lsp.model.backends.torch import best_device, precision

        return precision(best_device())

    def input_key(self, item: ModelInput) -> str:
        """What a prediction depends on, as a sha-256 in hex: encoder text, callees, the checkpoint's files, and the precision.

        Needs no loaded network.
        """
        text = "\0".join([self._config.prompt.encoder_text(item), *item.callees]).encode("utf-8", "surrogatepass")
        identity = f"{self._config.id}\0{self._checkpoint.digest}\0{self.precision}\0{item.language}\0{item.kind}\0"
        return hashlib.sha256(identity.encode() + text).hexdigest()

    def predict_many(self, inputs: Sequence[ModelInput], objectives: Sequence[str] | None = None) -> Iterator[Answer]:
        """An answer for each input, in order, each as soon as it and all before it are there.

        Args:
            inputs: chunks; one that cannot be answered gets an Unknown and doesn't touch the others.
            objectives: which to answer, in this order, as far as the model answers them for an input; all of the checkpoint's if absent. An
                unknown name makes every answer Unknown.

        Raises:
            BackendError: the device fails; answers that were given stand.
        """
        names = self._config.objective_names if objectives is None else tuple(objectives)
        if missing := [name for name in names if name not in self._config.objective_names]:
            unknown = Unknown("unknown-objective", f"this model does not predict {missing[0]}")
            yield from (unknown for _ in inputs)
            return
        if self._config.adds_callees and any(item.callees for item in inputs):
            yield from self._callees.added(inputs, names, self._alone)
        else:
            yield from self._alone(inputs, names)

    def _alone(self, inputs: Sequence[ModelInput], names: Sequence[str]) -> Iterator[Answer]:
        """An answer for each input, without what it calls."""
        backend = self.backend()
        return self._read_off(backend, inputs, names) if self._config.sampling is None else self._drawn(backend, inputs, names)

    def _read_off(self, backend: Backend, inputs: Sequence[ModelInput], names: Sequence[str]) -> Iterator[Answer]:
        """Exact quantiles: one encoder pass an input, whatever is asked of it."""
        prepared = [self._text(item, names) for item in inputs]
        computed = backend.quantiles([text.ids for text in prepared if not isinstance(text, Unknown)])
        place = {name: index for index, name in enumerate(self._config.objective_names)}
        for text in prepared:
            if isinstance(text, Unknown):
                yield text
                continue
            quantiles = next(computed)  # (objectives, 3)
            if np.isnan(quantiles).any():
                yield _NO_ROOM
                continue
            yield tuple(self._prediction(one, quantiles[place[one.name]], text.partial) for one in text.objectives)

    def _drawn(self, backend: Backend, inputs: Sequence[ModelInput], names: Sequence[str]) -> Iterator[Answer]:
        """Samples: one encoder pass for each objective of an input, as the task stands in the encoder's text."""
        if not isinstance(backend, DrawingBackend):
            raise BackendError(
                f"{self._config.id} draws samples, which {backend.precision} does not; leave the choice of the back end to us"
            )
        prepared = [self._texts(item, names) for item in inputs]
        computed = backend.draws([text.ids for texts in prepared if not isinstance(texts, Unknown) for text in texts])
        for texts in prepared:
            if isinstance(texts, Unknown):
                yield texts
                continue
            draws = [(text, next(computed)) for text in texts]  # (draws,) each
            if any(np.isnan(drawn).any() for _, drawn in draws):
                yield _NO_ROOM
                continue
            yield tuple(self._prediction(text.objectives[0], np.array(summary(drawn)), text.partial) for text, drawn in draws)

    def info(self) -> dict[str, Any]:
        """The checkpoint and its back end, as plain data."""
        config = self._config
        return {
            "id": config.id,
            "device": config.device,
            "objectives": [{"name": objective.name, "unit": objective.unit} for objective in config.objectives],
            "trained": [{"language": trained.language, "kind": trained.kind} for trained in config.trained],
            "backend": self.precision,
            "folder": str(self._checkpoint.folder),
            "sha256": self._checkpoint.digest,
        }

    def _prepare(self, item: ModelInput, objective: str | None = None) -> list[int] | Unknown:
        """Token ids of what the model answers for, or why there is no prediction. ``objective``: which one, where the encoder is told."""
        config, most = self._config, self._config.limits.most(item.kind)
        text = config.prompt.encoder_text(item, objective)
        tokenizer = self._checkpoint.tokenizer
        # Megabytes are not tokenised only to be refused: a text of n characters has at least n / longest_token tokens.
        ids = config.prompt.encoder_ids(item, tokenizer, objective) if len(text) <= most * tokenizer.longest_token else None
        if ids is None or len(ids) > most:
            return Unknown("too-long", f"longer than {most} tokens")
        seen = config.training_range
        if not seen.min_tokens <= len(ids) <= seen.max_tokens:
            return Unknown("out-of-range", f"{len(ids)} tokens; the model was trained on {seen.min_tokens} to {seen.max_tokens}")
        reason = self._unfamiliar(item, ids)
        return ids if reason is None else Unknown("out-of-range", reason)

    def _wanted(self, item: ModelInput, names: Sequence[str]) -> list[ObjectiveConfig] | Unknown:
        """The objectives ``names`` that the model answers for ``item``, or why it answers none."""
        known = [(one.language, one.kind) for one in self._config.trained]
        asked = {one.name: one for one in self._config.asked(item.language, item.kind)}
        wanted = [asked[name] for name in names if name in asked]
        if not wanted:
            return untrained(item.language, item.kind, known) or Unknown("unknown-objective", "not predicted by this model for such code")
        text = self._config.prompt.text(item)
        answered = [one for one in wanted if one.pattern is None or re.search(one.pattern, text)]
        return answered or Unknown("untrained-kind", wanted[0].lacking)

    def _text(self, item: ModelInput, names: Sequence[str]) -> _Text | Unknown:
        """What the encoder is given for those of the objectives ``names`` that the model answers for ``item``, or why it answers none."""
        answered = self._wanted(item, names)
        return answered if isinstance(answered, Unknown) else self._read(item, answered, self._config.limits.whole)

    def _texts(self, item: ModelInput, names: Sequence[str]) -> list[_Text] | Unknown:
        """The same with a text of its own for each objective."""
        answered = self._wanted(item, names)
        if isinstance(answered, Unknown):
            return answered
        texts = []
        for objective in answered:
            text = self._read(item, [objective], objective.max_tokens or self._config.limits.whole, objective.name)
            if isinstance(text, Unknown):
                return text
            texts.append(text)
        return texts

    def _read(self, item: ModelInput, objectives: Sequence[ObjectiveConfig], longest: int, told: str | None = None) -> _Text | Unknown:
        """An input's own tokens, cut to ``longest``, and those of what it calls behind them. ``told``: the objective in the text."""
        ids = self._prepare(item, told)
        if isinstance(ids, Unknown):
            return ids
        called = self._config.prompt.callee_ids(item, self._checkpoint.tokenizer)
        return _Text(objectives, ids[:longest] + called, len(ids) > longest)

    def _unfamiliar(self, item: ModelInput, ids: list[int]) -> str | None:
        """Why the code is nothing that a model can speak of that was trained on other code; its arguments say nothing of that."""
        if self._familiarity is None:
            return None
        before = self._config.prompt.encoder_text(replace(item, text="")).count("\n")  # the lines above the code
        return self._familiarity.unfamiliar(self._familiarity.code_of(ids, before))

    def _prediction(self, objective: ObjectiveConfig, raw: NDArray[np.float64], partial: bool) -> Prediction:
        p10, p50, p90 = (value * objective.scale for value in stretched(raw, self._config.intervals.get(objective.name)).tolist())
        return Prediction(objective.name, p10, p50, p90, objective.unit, self._config.id, self._config.device, partial)


def _start(checkpoint: Checkpoint, backend: BackendName, threads: int, notice: Callable[[str], None] | None) -> Backend:
    """Load a back end; imports are here because either is heavy and torch may not be installed."""
    if backend == "onnx":
        if not checkpoint.has_graphs:
            raise CheckpointError(
                checkpoint.folder, "has no ONNX graphs, so onnxruntime cannot run it", "leave the choice of the back end to us"
            )
        from rlm_lsp.model.backends.onnx import OnnxBackend

        return OnnxBackend(checkpoint, threads)
    if find_spec("torch") is None:
        raise BackendError(f'{checkpoint.config.id} needs torch: pip install "rlm-lsp[gpu]"')
    from rlm_lsp.model.backends.torch import TorchBackend

    started = TorchBackend(checkpoint, threads)
    if notice is not None:
        started.notice = notice
    return started
