r"""The Python API: the numbers of the command line, as objects.

    from rlm_lsp.api import predict_source
    for function in predict_source("def f(n):\n    return sum(range(n))\n"):
        print(function.name, function.answer)

``predict_source``, ``predict_files`` and ``predict_inputs`` share one session with the model in use, which lives until the process ends. A
``Session`` of one's own chooses the model and the number of jobs, and ends its worker processes when it is closed.
Everything may be called from any thread. All exceptions are ``RlmLspError``.
"""

from __future__ import annotations

import atexit
import threading
import warnings
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from rlm_lsp.check.walk import find_files
from rlm_lsp.chunk.types import Problem
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.paths import cache_folder
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.errors import EngineError, InputError, ModelFilesError, RlmLspError
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.installed import model_folder
from rlm_lsp.predict.results import FileResult, Values, to_answer
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown

__all__ = [
    "Answer",
    "EngineError",
    "FilePrediction",
    "FunctionPrediction",
    "InputError",
    "ModelFilesError",
    "ModelInput",
    "Prediction",
    "Problem",
    "RlmLspError",
    "Session",
    "Unknown",
    "predict_files",
    "predict_inputs",
    "predict_source",
]


@dataclass(frozen=True)
class FunctionPrediction:
    """A function and what it will cost. Line and column (1-based, code points) are those of its name."""

    name: str
    kind: str
    language: str
    line: int
    column: int
    end_line: int
    answer: Answer


@dataclass(frozen=True)
class FilePrediction:
    """A file's functions in source order, and what could not be analysed in it."""

    path: str
    language: str
    functions: tuple[FunctionPrediction, ...]
    problems: tuple[Problem, ...]


class Session:
    """A model with its worker processes and the cache.

    Raises:
        ModelFilesError: a file of the model is missing or not the one its manifest names.
    """

    def __init__(self, model: str | PathLike[str] | None = None, *, jobs: int | None = None) -> None:
        identity = identify(model_folder(Path(model) if model is not None else None))
        self._engine = Engine(identity, cache_folder(), lambda line: warnings.warn(line, RuntimeWarning, stacklevel=2), jobs)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes."""
        self._engine.close()

    def predict_source(self, text: str, language: str = "python") -> list[FunctionPrediction]:
        """Predictions for the functions of a source text, in source order.

        Raises:
            InputError: the language is not one we cut into functions.
            EngineError: a worker process cannot be started.
        """
        if language not in LANGUAGES:
            raise InputError(f"no grammar for {language!r}; there are {', '.join(LANGUAGES)}")
        return list(self._public(self._engine.check_text(text.encode("utf-8", "replace"), language)).functions)

    def predict_files(self, paths: Iterable[str | PathLike[str]]) -> list[FilePrediction]:
        """Predictions for the source files at and under ``paths``, sorted by path. Files that cannot be read have a problem.

        Raises:
            InputError: a path is missing.
            EngineError: a worker process cannot be started.
        """
        found = find_files([fspath(path) for path in paths])
        if found.missing:
            raise InputError(found.missing[0])
        with closing(self._engine.check_files(found.files)) as results:
            files = [self._public(result) for result in results]
        files += [FilePrediction(path, "", (), (problem,)) for path, problem in found.problems]
        return sorted(files, key=lambda file: file.path)

    def predict_inputs(self, inputs: Sequence[ModelInput]) -> list[Answer]:
        """Answers to inputs that are given to the model as they are: their text is one function, *normalised* as a ``Chunk``'s is.

        Raises:
            EngineError: the model's process cannot be started.
        """
        return [self._answer(values) for values in self._engine.predict(inputs)]

    def _answer(self, values: Values) -> Answer:
        model = self._engine.model
        return to_answer(values, model.objectives, model.id, model.device)

    def _public(self, result: FileResult) -> FilePrediction:
        functions = tuple(
            FunctionPrediction(row.name, row.kind, result.language, row.line, row.column, row.end_line, self._answer(row.values))
            for row in result.functions
        )
        return FilePrediction(result.path, result.language, functions, tuple(result.problems))


_shared_lock = threading.Lock()
_shared: list[Session] = []


def _session() -> Session:
    """The process-wide session, begun at the first call."""
    with _shared_lock:
        if not _shared:
            _shared.append(Session())
            atexit.register(_shared[0].close)
        return _shared[0]


def predict_source(text: str, language: str = "python") -> list[FunctionPrediction]:
    """``Session.predict_source`` with the model in use."""
    return _session().predict_source(text, language)


def predict_files(paths: Iterable[str | PathLike[str]]) -> list[FilePrediction]:
    """``Session.predict_files`` with the model in use."""
    return _session().predict_files(paths)


def predict_inputs(inputs: Sequence[ModelInput]) -> list[Answer]:
    """``Session.predict_inputs`` with the model in use."""
    return _session().predict_inputs(inputs)
