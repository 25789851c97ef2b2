"""Plain data of the prediction engine, shared by the CLI, the API and the server."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

UnknownCode = Literal[
    "too-long",
    "unparsable",
    "unsupported-language",
    "untrained-language",
    "untrained-kind",
    "out-of-range",
    "unknown-objective",
    "worker-unavailable",
]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One metric's predicted quantiles in ``unit`` ("s" or "B"), by one model, for one reference device."""

    objective: str
    p10: float
    p50: float
    p90: float
    unit: str
    model: str
    device: str
    partial: bool = False  # the text was cut to the model's input limit


@dataclass(frozen=True, slots=True)
class Unknown:
    """What stands in for a prediction; ``reason`` is one line for a person."""

    code: UnknownCode
    reason: str


@dataclass(frozen=True, slots=True)
class ModelInput:
    """What is asked of the model for one chunk. The encoder input is built from it by the checkpoint's PromptSpec."""

    language: str
    kind: str
    text: str
    args: str | None = None
    header: str | None = None  # replaces the PromptSpec's header line
    whole: str | None = None  # a program's file as it was written, where a model reads that instead of the module body in ``text``
    callees: tuple[str, ...] = ()  # normalised texts of the functions of its file that it calls, for a model that reads or adds them


Answer = tuple[Prediction, ...] | Unknown


def untrained(language: str, kind: str, trained: Collection[tuple[str, str]]) -> Unknown | None:
    """Why a model that was trained on these (language, chunk kind) says nothing about a chunk; None: it may say something."""
    if (language, kind) in trained:
        return None
    if all(language != known for known, _ in trained):
        return Unknown("untrained-language", f"the model was not trained on {language}")
    return Unknown("untrained-kind", f"the model was not trained on {language} {kind} chunks")
