"""From chunks of source text to predictions: the one door into the model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rlm_lsp.model.backends import ONNX_PRECISION, Backend
from rlm_lsp.model.checkpoint import Checkpoint, CheckpointError, load
from rlm_lsp.model.familiarity import Familiarity
from rlm_lsp.model.intervals import stretched
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown, untrained

BackendName = Literal["onnx", "torch"]


class Predictor:
    """A checkpoint and, from the first prediction on, a loaded back end.

    ``answer_unfamiliar``: guess for code that is unlike the training's, too; to measure how wrong such guesses are, never to show them.
    """

    def __init__(self, checkpoint: Checkpoint, backend: BackendName, threads: int, answer_unfamiliar: bool = False) -> None:
        self._checkpoint = checkpoint
        self._config = checkpoint.config
        self._backend_name: BackendName = backend
        self._threads = threads
        self._backend: Backend | None = None
        self._answer_unfamiliar = answer_unfamiliar
        self._familiarity: Familiarity | None = None  # read with the back end

    @classmethod
    def load(cls, folder: Path | str, backend: BackendName = "onnx", threads: int = 1, answer_unfamiliar: bool = False) -> Predictor:
        """Check the folder and make it ready; ``threads`` inputs are computed at once.

        Raises:
            CheckpointError: the folder cannot be used.
        """
        predictor = cls(load(folder), backend, threads, answer_unfamiliar)
        predictor.backend()
        return predictor

    def backend(self) -> Backend:
        """The back end, loaded at the first call; raises CheckpointError."""
        if self._backend is None:
            self._familiarity = None if self._answer_unfamiliar else self._checkpoint.familiarity()
            self._backend = _start(self._checkpoint, self._backend_name, self._threads)
        return self._backend

    @property
    def precision(self) -> str:
        """The back end and its arithmetic, known without loading a network."""
        if self._backend_name == "onnx":
            return ONNX_PRECISION
        from rlm_lsp.model.backends.torch import best_device, precision

        return precision(best_device())

    def input_key(self, item: ModelInput) -> str:
        """What a prediction depends on, as a sha-256 in hex: the encoder's text, the checkpoint's files, and the precision.

        Needs no loaded network.
        """
        text = self._config.prompt.encoder_text(item).encode("utf-8", "surrogatepass")
        identity = f"{self._config.id}\0{self._checkpoint.digest}\0{self.precision}\0{item.language}\0{item.kind}\0"
        return hashlib.sha256(identity.encode() + text).hexdigest()

    def predict_many(self, inputs: Sequence[ModelInput], objectives: Sequence[str] | None = None) -> Iterator[Answer]:
        """An answer for each input, in order, each as soon as it and all before it are there.

        Args:
            inputs: chunks; one that cannot be answered gets an Unknown and doesn't touch the others.
            objectives: which to answer, in this order; all of the checkpoint's if absent. An unknown name makes every answer Unknown.
        """
        names = self._config.objective_names if objectives is None else tuple(objectives)
        if missing := [name for name in names if name not in self._config.objective_names]:
            unknown = Unknown("unknown-objective", f"this model does not predict {missing[0]}")
            yield from (unknown for _ in inputs)
            return
        backend = self.backend()
        prepared = [self._prepare(item) for item in inputs]
        computed = backend.quantiles([ids[: self._config.limits.whole] for ids in prepared if not isinstance(ids, Unknown)])
        for ids in prepared:
            if isinstance(ids, Unknown):
                yield ids
                continue
            quantiles = next(computed)  # (objectives, 3)
            partial = len(ids) > self._config.limits.whole
            yield tuple(self._prediction(name, quantiles[self._config.objective_names.index(name)], partial) for name in names)

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

    def _prepare(self, item: ModelInput) -> list[int] | Unknown:
        """Token ids, or why there is no prediction."""
        config, limits = self._config, self._config.limits
        unknown = untrained(item.language, item.kind, [(trained.language, trained.kind) for trained in config.trained])
        if unknown is not None:
            return unknown
        text = config.prompt.encoder_text(item)
        tokenizer = self._checkpoint.tokenizer
        # Megabytes are not tokenised only to be refused: a text of n characters has at least n / longest_token tokens.
        ids = config.prompt.encoder_ids(item, tokenizer) if len(text) <= limits.cut * tokenizer.longest_token else None
        if ids is None or len(ids) > limits.cut:
            return Unknown("too-long", f"longer than {limits.cut} tokens")
        seen = config.training_range
        if not seen.min_tokens <= len(ids) <= seen.max_tokens:
            return Unknown("out-of-range", f"{len(ids)} tokens; the model was trained on {seen.min_tokens} to {seen.max_tokens}")
        reason = self._unfamiliar(item, ids)
        return ids if reason is None else Unknown("out-of-range", reason)

    def _unfamiliar(self, item: ModelInput, ids: list[int]) -> str | None:
        """Why the code is nothing that a model can speak of that was trained on other code; its arguments say nothing of that."""
        if self._familiarity is None:
            return None
        before = self._config.prompt.encoder_text(replace(item, text="")).count("\n")  # the lines above the code
        return self._familiarity.unfamiliar(self._familiarity.code_of(ids, before))

    def _prediction(self, name: str, raw: NDArray[np.float64], partial: bool) -> Prediction:
        objective = next(objective for objective in self._config.objectives if objective.name == name)
        p10, p50, p90 = (value * objective.scale for value in stretched(raw, self._config.intervals.get(name)).tolist())
        return Prediction(name, p10, p50, p90, objective.unit, self._config.id, self._config.device, partial)


def _start(checkpoint: Checkpoint, backend: BackendName, threads: int) -> Backend:
    """Load a back end; imports are here because either is heavy and torch may not be installed."""
    if not checkpoint.config.codec.normalised:
        raise CheckpointError(
            checkpoint.folder, "its number codec has no value order, so quantiles cannot be read off", "use a newer checkpoint"
        )
    if backend == "onnx":
        from rlm_lsp.model.backends.onnx import OnnxBackend

        return OnnxBackend(checkpoint, threads)
    from rlm_lsp.model.backends.torch import TorchBackend

    return TorchBackend(checkpoint, threads)
