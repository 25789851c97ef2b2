"""``config.json`` of a checkpoint: everything about a model that is not a weight, as frozen data with a strict parser."""

from __future__ import annotations

import json
import math
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, get_args

from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.prompt import PromptSpec

T = TypeVar("T")


class ConfigError(ValueError):
    """A config that cannot be used; the message names the key."""


@dataclass(frozen=True)
class StackConfig:
    """One transformer stack (encoder or decoder) in T5Gemma's terms."""

    vocab_size: int
    layers: int
    hidden_size: int
    ffn_size: int
    heads: int
    kv_heads: int  # fewer than heads: grouped-query attention
    head_dim: int
    query_scale: float  # query_pre_attn_scalar: scores are multiplied by query_scale ** -0.5
    norm_eps: float = 1e-6
    rope_theta: float = 10_000.0
    attention_softcap: float | None = None
    sliding_window: int | None = None
    sliding_layers: tuple[int, ...] = ()  # the layers whose self-attention sees only the window

    def __post_init__(self) -> None:
        sizes = (self.vocab_size, self.layers, self.hidden_size, self.ffn_size, self.heads, self.kv_heads, self.head_dim)
        if min(sizes) < 1 or self.heads % self.kv_heads or self.head_dim % 2:
            raise ConfigError("sizes must be positive, heads a multiple of kv_heads, head_dim even")
        if self.sliding_layers and (self.sliding_window is None or max(self.sliding_layers) >= self.layers):
            raise ConfigError("sliding_layers needs a sliding_window and names existing layers")


@dataclass(frozen=True)
class Architecture:
    """Encoder, decoder and head."""

    encoder: StackConfig
    decoder: StackConfig
    logit_softcap: float | None = None
    tied_head: bool = False  # the head's weights are the decoder's embeddings


@dataclass(frozen=True)
class Trained:
    """A language and chunk kind with enough held-out rows to be answered for."""

    language: str
    kind: str


@dataclass(frozen=True)
class ObjectiveConfig:
    """A metric the model was trained on: value in ``unit`` = decoded number * ``scale``.

    A model may answer only some inputs for an objective: those of ``trained`` (None: all that the model answers), whose text holds a match
    of ``pattern`` (for ``lacking``, of which it is said that it has none), cut from the right to ``max_tokens`` (None: the model's limits).
    """

    name: str
    unit: str
    scale: float = 1.0
    trained: tuple[Trained, ...] | None = None
    pattern: str | None = None
    lacking: str = ""
    max_tokens: int | None = None

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern or "")
        except (re.error, RecursionError, OverflowError) as error:
            raise ConfigError(f"the pattern of {self.name} is no regular expression: {error}") from error
        if (self.pattern is None) != (self.lacking == ""):
            raise ConfigError(f"{self.name} needs a pattern and what is lacking where it is not found, or neither")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ConfigError(f"max_tokens of {self.name} must be positive")


@dataclass(frozen=True)
class Sampling:
    """How numbers are drawn where the codec has no value order: ``draws`` for each input, at a temperature, from the nucleus ``top_p``."""

    draws: int = 64
    temperature: float = 1.0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not (1 <= self.draws <= 4096 and 0 < self.temperature < math.inf and 0 < self.top_p <= 1):
            raise ConfigError("sampling needs 1 to 4,096 draws, a temperature above 0 and a top_p up to 1")


@dataclass(frozen=True)
class Limits:
    """Input lengths in tokens: up to ``whole`` is read whole, up to ``cut`` is cut to ``whole`` (a partial answer), above is refused.

    Inputs of the kinds ``uncut`` are not cut but refused.
    """

    whole: int = 1024
    cut: int = 4096
    uncut: tuple[str, ...] = ()

    def most(self, kind: str) -> int:
        """Return the length above which an input of this kind is refused."""
        return self.whole if kind in self.uncut else self.cut


@dataclass(frozen=True)
class TrainingRange:
    """Input lengths in tokens that were seen in training; a model says nothing outside of them."""

    min_tokens: int = 1
    max_tokens: int = 4096


@dataclass(frozen=True)
class Arguments:
    """What was taught of ``args:`` lines: smallest and largest size by type name, and what to say of answers that depend on them."""

    sizes: Mapping[str, tuple[float, ...]]
    caveat: str = ""

    def __post_init__(self) -> None:
        for name, span in self.sizes.items():
            if len(span) != 2 or not 0 <= span[0] <= span[1]:
                raise ConfigError(f"sizes of {name} must be smallest and largest")


@dataclass(frozen=True)
class QuantileLevels:
    """Where to read p10, p50 and p90 off the model's distribution, after recalibration on the validation split."""

    p10: float = 0.1
    p50: float = 0.5
    p90: float = 0.9

    def __post_init__(self) -> None:
        if not 0 < self.p10 <= self.p50 <= self.p90 < 1:
            raise ConfigError(f"levels must be ascending inside 0..1, not {self.p10}, {self.p50}, {self.p90}")


@dataclass(frozen=True)
class Intervals:
    """By how much raw intervals have to be stretched so that p10..p90 holds four fifths of the truths, by how wide they are.

    A width is log10 of (p90 + floor) / (p10 + floor), in the objective's stored unit; ``lower`` and ``upper`` are the factors of the
    parts below and above the median at ``widths``, linear in between.
    """

    floor: float
    widths: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.widths or not len(self.widths) == len(self.lower) == len(self.upper) or list(self.widths) != sorted(set(self.widths)):
            raise ConfigError("intervals need ascending widths, and a lower and an upper factor for each")
        if not self.floor > 0 or not all(0 <= factor < math.inf for factor in (*self.lower, *self.upper)):
            raise ConfigError("intervals need a floor above 0 and factors from 0 up")


Layout = Literal["rlm", "regresslm"]
"""Under which names the weights' file holds its tensors: ours, or those of the paper's released checkpoint."""


@dataclass(frozen=True)
class ModelConfig:
    """Everything about a checkpoint that is not a weight.

    ``alone``: False for a model that does not answer for functions, beside which the shipped model is asked as well. ``adds_callees``:
    what a function calls in its file is asked about, too, and added (``callees.py``). ``inferred`` are parts of the layout that nobody has
    confirmed on the real file, each in a few words.
    """

    id: str
    device: str  # the reference device whose costs are predicted, in words
    architecture: Architecture
    codec: NumberCodec
    objectives: tuple[ObjectiveConfig, ...]
    trained: tuple[Trained, ...]
    prompt: PromptSpec = field(default_factory=PromptSpec)
    limits: Limits = field(default_factory=Limits)
    training_range: TrainingRange = field(default_factory=TrainingRange)
    quantile_levels: Mapping[str, QuantileLevels] = field(default_factory=dict)  # an objective that is not named has the plain ones
    intervals: Mapping[str, Intervals] = field(default_factory=dict)  # an objective that is not named is shown as the levels give it
    # For two versions of a function, the factor by which the ratio of their predictions may be off; not measured where it is not named.
    arguments: Arguments | None = None  # None: sizes were not taught
    pair_band: Mapping[str, float] = field(default_factory=dict)
    sampling: Sampling | None = None  # None: exact quantiles
    layout: Layout = "rlm"
    alone: bool = True
    adds_callees: bool = False
    inferred: tuple[str, ...] = ()
    schema: int = 1

    def __post_init__(self) -> None:
        if self.schema != 1:
            raise ConfigError(f"schema {self.schema} is not one this version reads")
        if self.layout not in get_args(Layout):
            raise ConfigError(f"layout must be one of {', '.join(get_args(Layout))}, not {self.layout!r}")
        if self.codec.normalised == (self.sampling is not None):
            raise ConfigError("a normalised codec has exact quantiles and no sampling, any other needs sampling")
        names = [objective.name for objective in self.objectives]
        if not names or len(set(names)) < len(names):
            raise ConfigError("objectives must be named, each once")
        for key, named in (("quantile_levels", self.quantile_levels), ("intervals", self.intervals)):
            if unknown := sorted(set(named) - set(names)):
                raise ConfigError(f"{key} names the unknown objective {unknown[0]}")
        if wrong := sorted(name for name, factor in self.pair_band.items() if name not in names or not 1 <= factor < math.inf):
            raise ConfigError(f"pair_band must give a factor from 1 up for an objective, not {wrong[0]}: {self.pair_band[wrong[0]]}")
        expected = self.codec.vocab_size + (len(names) if self.prompt.objective_tokens else 0)
        if self.architecture.decoder.vocab_size != expected:
            raise ConfigError(f"codec and objectives need {expected} decoder tokens, not {self.architecture.decoder.vocab_size}")

    def asked(self, language: str, kind: str) -> list[ObjectiveConfig]:
        """The objectives that may be answered for a chunk of this language and kind."""
        if Trained(language, kind) not in self.trained:
            return []
        return [one for one in self.objectives if one.trained is None or Trained(language, kind) in one.trained]

    @property
    def objective_names(self) -> tuple[str, ...]:
        """Names in the order of their tokens."""
        return tuple(objective.name for objective in self.objectives)

    def levels(self, objective: str) -> QuantileLevels:
        """The (recalibrated) quantile levels of an objective."""
        return self.quantile_levels.get(objective, QuantileLevels())

    def to_json(self) -> str:
        """Text that ``parse_config`` reads back."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def parse_config(text: str) -> ModelConfig:
    """Read ``config.json``.

    Raises:
        ConfigError: not JSON, an unknown, missing or repeated key, a value of the wrong type, or values that contradict each other.
    """
    try:
        data = json.loads(text, object_pairs_hook=unique)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigError(f"not valid JSON: {error}") from error
    return _read(ModelConfig, data, "config")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, whose keys may stand there once; raises ConfigError."""
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ConfigError("a key stands twice in one object")
    return result


def _read(kind: type[T], data: Any, where: str) -> T:
    """An instance of the dataclass ``kind`` from parsed JSON."""
    if not isinstance(data, dict):
        raise ConfigError(f"{where} must be an object")
    hints = typing.get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]  # only called with dataclasses
    if unknown := sorted(set(data) - set(known)):
        raise ConfigError(f"unknown key {where}.{unknown[0]}")
    for name, f in known.items():
        if name not in data and f.default is MISSING and f.default_factory is MISSING:
            raise ConfigError(f"missing key {where}.{name}")
    values = {name: _value(hints[name], value, f"{where}.{name}") for name, value in data.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error


def _value(hint: Any, value: Any, where: str) -> Any:
    """Parsed JSON checked against, and converted to, a type hint used in this module."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(next(a for a in arguments if a is not type(None)), value, where)
    if origin is Literal:  # its members are checked where it is used
        origin, hint = None, str
    if origin is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{where} must be a list")
        return tuple(_value(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is not None:  # Mapping[str, X]
        if not isinstance(value, dict):
            raise ConfigError(f"{where} must be an object")
        return {key: _value(arguments[1], item, f"{where}.{key}") for key, item in value.items()}
    if is_dataclass(hint) and isinstance(hint, type):
        return _read(hint, value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(f"{where} must be of type {hint.__name__}")
    return value
