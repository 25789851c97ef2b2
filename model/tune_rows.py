"""A user's measured rows, read and judged one by one: JSON Lines of text, language, kind, sizes and costs.

A line is ``{"id"?, "text", "language", "kind", "args"?, "callees"?, "latency"? (seconds), "peak_heap"? (bytes)}``; a cost may also stand
under its objective's own name (``latency@cpu``). Text is source code as written, whose first function (kind ``function``) or whole module
(``program``) is meant; callees are normalised texts of the functions of its file that it calls.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.calls import MOST_CALLEES
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.model.config import ModelConfig
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.predict.types import ModelInput, untrained

LONGEST_LINE = 16_000_000
LEAST_FUNCTIONS = 100  # below, the part that decides is too small to tell better from worse
LEAST_VALUES = 10  # different ones of an objective

_REQUIRED = ("text", "language", "kind")
_SHORT = {"latency": "latency@cpu", "peak_heap": "peak_heap@cpu"}
_PLAUSIBLE = {"s": (1e-9, 1e6), "B": (0.0, 1e15)}  # by unit, smallest and largest value that anybody has measured
_SHARES = (("train", 0.6), ("selection", 0.8), ("check", 1.0))  # cumulative


class RowsError(ValueError):
    """Rows that cannot be tuned on; the message says what is needed."""


@dataclass(frozen=True)
class Refused:
    """A line that is left out, by its number from 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class Rows:
    """What a file holds: examples of split train, selection or check (values in the codec's units), and the lines left out."""

    examples: tuple[Example, ...]
    refused: tuple[Refused, ...]
    dropped: tuple[str, ...] = ()  # objectives that cannot be taught, and why

    def of(self, split: str) -> list[Example]:
        """Return the examples of a split."""
        return [example for example in self.examples if example.split == split]


def split_of(text: str, language: str) -> str:
    """Return the split of a function by a hash of its normalised text: the same in every file and every run."""
    share = int(hashlib.sha256(f"tune:{language}:{text}".encode("utf-8", "surrogatepass")).hexdigest()[:16], 16) / 16**16
    return next(name for name, end in _SHARES if share < end)


def read_rows(lines: Iterable[bytes], config: ModelConfig, tokenizer: TextTokenizer) -> Rows:
    """Return the rows in ``lines`` that a model can be tuned on.

    Raises:
        RowsError: there are too few, of too few functions, or with values that teach nothing.
    """
    reader = _Reader(config, tokenizer)
    found: list[Example] = []
    refused: list[Refused] = []
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            found.append(reader.example(line))
        except RowsError as error:
            refused.append(Refused(number, str(error)))
    if _functions(found) < LEAST_FUNCTIONS:
        raise RowsError(_too_few(_functions(found), len(found), refused, ()))
    taught, dropped = _teachable(found, config.objective_names)
    if _functions(taught) < LEAST_FUNCTIONS:
        raise RowsError(_too_few(_functions(taught), len(taught), refused, dropped))
    return Rows(tuple(taught), tuple(refused), tuple(dropped))


def _functions(examples: Sequence[Example]) -> int:
    return len({(example.language, example.text) for example in examples})


def _too_few(functions: int, rows: int, refused: Sequence[Refused], dropped: Sequence[str]) -> str:
    parts = [f"tuning needs rows of at least {LEAST_FUNCTIONS} different functions with a measured cost, here are {functions}"]
    parts += [f"in {rows} rows"] if functions else []
    parts += [f"{len(refused)} lines were refused (first, line {refused[0].line}: {refused[0].reason})"] if refused else []
    return "; ".join([*parts, *dropped])


def _teachable(examples: Sequence[Example], objectives: Sequence[str]) -> tuple[list[Example], list[str]]:
    """Examples without the objectives whose values are all but constant, and a sentence for each of those."""
    dropped, kept = [], set()
    for name in objectives:
        values = {example.targets[name] for example in examples if name in example.targets}
        if len(values) >= LEAST_VALUES:
            kept.add(name)
        elif values:
            dropped.append(f"{name} is left out: {len(values)} different values, at least {LEAST_VALUES} are needed")
    taught = []
    for example in examples:
        targets = {name: value for name, value in example.targets.items() if name in kept}
        if targets:
            taught.append(replace(example, targets=targets))
    return taught, dropped


class _Reader:
    """Turns lines into examples; a text that comes again with other sizes is cut once."""

    def __init__(self, config: ModelConfig, tokenizer: TextTokenizer) -> None:
        self._config, self._tokenizer = config, tokenizer
        self._trained = [(trained.language, trained.kind) for trained in config.trained]
        short = {key: name for key, name in _SHORT.items() if name in config.objective_names}
        self._keys = {**short, **{name: name for name in config.objective_names}}
        self._last: tuple[tuple[str, str, str], str] | None = None

    def example(self, line: bytes) -> Example:
        """Return the line's example; raises RowsError."""
        data = _object(line)
        if unknown := sorted(set(data) - {"id", "args", "callees", *_REQUIRED, *self._keys}):
            raise RowsError(f"unknown field {unknown[0]!r}")
        for name in _REQUIRED:
            if not isinstance(data.get(name), str):
                raise RowsError(f"field {name!r} is {'not a string' if name in data else 'missing'}")
        args = data.get("args")
        if args is not None and not isinstance(args, str):
            raise RowsError("field 'args' is not a string")
        callees = data.get("callees") or []
        if not isinstance(callees, list) or not all(isinstance(text, str) for text in callees):
            raise RowsError("field 'callees' is not a list of strings")
        targets = self._targets(data)
        language, kind = data["language"], data["kind"]
        unknown_kind = untrained(language, kind, self._trained)
        if unknown_kind is not None:
            raise RowsError(f"{unknown_kind.reason}, only on {', '.join(' '.join(known) for known in self._trained) or 'nothing'}")
        text = self._text(data["text"], language, kind)
        self._check_length(ModelInput(language, kind, text, args or None))
        split = split_of(text, language)
        return Example(
            str(data.get("id", "")), "tune", "", split, text, targets, args or None, None, language, kind, callees=callees[:MOST_CALLEES]
        )

    def _targets(self, data: dict[str, Any]) -> dict[str, float]:
        """Known values by objective, in the codec's units."""
        targets: dict[str, float] = {}
        for key, name in self._keys.items():
            value = data.get(key)
            if value is None:
                continue
            if name in targets:
                raise RowsError(f"{name} stands there twice")
            targets[name] = self._value(key, value, name)
        if not targets:
            raise RowsError(f"no measured cost: {' or '.join(self._keys)}")
        return targets

    def _value(self, key: str, value: Any, name: str) -> float:
        objective = next(objective for objective in self._config.objectives if objective.name == name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RowsError(f"field {key!r} is not a number")
        least, most = _PLAUSIBLE.get(objective.unit, (-np.inf, np.inf))
        if not least <= value <= most:  # NaN is neither
            raise RowsError(f"{key} of {_shown(value)} {objective.unit} cannot be: {least:g} to {most:g} {objective.unit}")
        return float(value) / objective.scale

    def _text(self, source: str, language: str, kind: str) -> str:
        key = (source, language, kind)
        if self._last is None or self._last[0] != key:
            self._last = key, _normalised(source, language, kind)
        return self._last[1]

    def _check_length(self, item: ModelInput) -> None:
        limit = self._config.limits.cut
        length = len(self._config.prompt.encoder_text(item))
        tokens = (
            len(self._config.prompt.encoder_ids(item, self._tokenizer)) if length <= limit * self._tokenizer.longest_token else limit + 1
        )
        span = self._config.training_range
        if tokens > limit or not span.min_tokens <= tokens <= span.max_tokens:
            raise RowsError(f"longer or shorter than the model reads: {span.min_tokens} to {min(limit, span.max_tokens)} tokens")


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise RowsError(f"longer than {LONGEST_LINE:,} bytes")
    try:
        data = json.loads(line)
    except RecursionError:
        raise RowsError("not JSON that can be read: nested too deeply") from None
    except ValueError as error:
        raise RowsError(f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise RowsError("not a JSON object")
    return data


def _normalised(source: str, language: str, kind: str) -> str:
    if language not in LANGUAGES:
        raise RowsError(f"no grammar for {language!r}")
    result = chunk_source(source.encode("utf-8", "replace"), language)
    for chunk in result.chunks:
        if chunk.kind == kind:
            return chunk.text
    raise RowsError(result.problems[0].reason if result.problems else f"no {kind} in this text")


def _shown(value: float) -> str:
    return "a number of many digits" if isinstance(value, int) and abs(value) > 10**18 else f"{value:g}"
