"""What is said of a function, in the words that hint, lens, hover and diagnostics share. Numbers are those of ``rlm-lsp --check``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b

from lsprotocol import types

from rlm_lsp.config import OBJECTIVES, TITLES, Metric
from rlm_lsp.lsp.position import TextIndex
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Shown, Snapshot, Surface
from rlm_lsp.lsp.wire import camel
from rlm_lsp.paths import printable
from rlm_lsp.predict.results import Objective, Values, to_answer
from rlm_lsp.predict.types import Prediction, UnknownCode
from rlm_lsp.units import format_band, format_interval, is_range

HINT_LENGTH = 25
"""Characters in a hint's label. Longer ones make code unreadable; the rest stands in the tooltip."""

BAR_CELLS_PER_DECADE = 8
BAR_CELLS = 40

METRIC_OF: dict[str, Metric] = {objective: metric for metric, objective in OBJECTIVES.items()}
_ALSO: dict[Metric, tuple[str, ...]] = {"latency": ("latency@",), "peak-heap": ("peak_heap@", "memory@")}
"""How objectives begin that are shown with a metric, under their own names: what a model says of whole programs and kernels."""

_FEW_WORDS: dict[UnknownCode, str] = {
    "too-long": "too long for the model",
    "unparsable": "cannot be parsed",
    "unsupported-language": "language not supported",
    "untrained-language": "language not trained",
    "untrained-kind": "kind of code not trained",
    "out-of-range": "outside the trained range",
    "unknown-objective": "not predicted by this model",
    "worker-unavailable": "the model does not answer",
}
_ADVICE: dict[UnknownCode, str] = {
    "too-long": "Split it into smaller functions, and each of them gets a prediction.",
    "unparsable": "It gets a prediction when its syntax error is gone.",
    "unsupported-language": "Switch this language off with the setting rlm-lsp.disabledLanguages.",
    "untrained-language": "Another model may know this language: name its folder with --model.",
    "untrained-kind": "Functions get predictions; this kind of code does not.",
    "out-of-range": "A number would be a guess, so none is given.",
    "unknown-objective": "Choose what this model predicts with the setting rlm-lsp.metrics.",
    "worker-unavailable": "Run the command rlm-lsp.restartWorker; rlm-lsp.showLog says what happened.",
}


@dataclass(frozen=True, eq=False)
class Said:
    """The predictions of the metrics that the user chose, in the user's order, and their words.

    There is one object for equal values, so that words are found once and not at each request: what is shown changes rarely.
    """

    predictions: tuple[Prediction, ...]
    stale: bool

    @property
    def partial(self) -> bool:
        """Whether the model read only the function's beginning."""
        return any(prediction.partial for prediction in self.predictions)

    @cached_property
    def label(self) -> str:
        """See ``hint_label``."""
        return hint_label(self.predictions, self.stale)

    @cached_property
    def summary(self) -> str:
        """``predicted ~1.2 ms (0.40–3.1 ms) · 3.4 MB (1.0–9.0 MB)``, for where there is room for intervals."""
        parts = [_bare(prediction) + ("" if is_range(prediction) else f" ({format_band(prediction)})") for prediction in self.predictions]
        return f"predicted {mark(self.stale)}{' · '.join(parts)}{', by its beginning' if self.partial else ''}"

    @cached_property
    def fingerprint(self) -> str:
        """What all words are made of, in few characters."""
        return blake2b(repr((self.predictions, self.stale)).encode("utf-8", "replace"), digest_size=8).hexdigest()


class Voice:
    """Says what is known of functions, in the name of the model and for the metrics chosen for a document."""

    def __init__(self, snapshot: Snapshot, view: DocumentView) -> None:
        model = snapshot.model
        self._objectives = model.objectives if model else ()
        self._model = (model.id, model.device) if model else ("", "")
        self._metrics = view.settings.metrics

    def say(self, shown: Shown) -> Said | None:
        """None where there is nothing to say: not known yet, unknown for a reason, or no metric chosen that the model predicts."""
        values = shown.values
        if values is None or values.quantiles is None or not self._objectives:
            return None
        quantiles = tuple(map(tuple, values.quantiles))
        return _said(self._model, self._objectives, self._metrics, quantiles, values.partial, shown.stale)


@lru_cache(maxsize=1 << 15)
def _said(
    model: tuple[str, str],
    objectives: tuple[Objective, ...],
    metrics: tuple[Metric, ...],
    quantiles: tuple[tuple[float, ...], ...],
    partial: bool,
    stale: bool,
) -> Said | None:
    answer = to_answer(Values(quantiles, None, partial), objectives, *model)
    by_objective = {prediction.objective: prediction for prediction in answer} if isinstance(answer, tuple) else {}
    chosen: list[str] = []
    for metric in metrics:
        chosen += [name for name in by_objective if name == OBJECTIVES[metric]]
        chosen += [name for name in by_objective if name not in METRIC_OF and name.startswith(_ALSO[metric])]
    return Said(tuple(by_objective[name] for name in chosen), stale) if chosen else None


def title(prediction: Prediction) -> str:
    """What the metric is called: ``peak heap``; an objective that is none of the metrics has its own name, ``memory@codenet``."""
    metric = METRIC_OF.get(prediction.objective)
    return prediction.objective if metric is None else TITLES[metric]


def hint_label(shown: tuple[Prediction, ...], stale: bool) -> str:
    """``~1.2 ms · 3.4 MB``, never longer than HINT_LENGTH: first the spaces go, then the last metrics, for which ``…`` stands.

    Digits are never added or taken away: what is printed is what ``format_interval`` allows.
    """
    parts = [_bare(prediction) for prediction in shown]
    label = mark(stale) + " · ".join(parts)
    if len(label) <= HINT_LENGTH:
        return label
    tight = [part.replace(" ", "") for part in parts]
    for count in range(len(tight), 0, -1):
        label = mark(stale).strip() + " · ".join([*tight[:count], *["…"] * (count < len(tight))])
        if len(label) <= HINT_LENGTH:
            return label
    return "…"


def mark(stale: bool) -> str:
    """What stands before a value: ``~`` for a prediction, ``≈`` for one of an earlier text."""
    return "≈ " if stale else "~"


def _bare(prediction: Prediction) -> str:
    return format_interval(prediction).removeprefix("~")


def bar(prediction: Prediction) -> str:
    """The interval as ``├───█──┤``: p10, p50 and p90 on a logarithmic scale, the longer the less is known.

    Three quantiles are all that the model says, so no shape is drawn between them.
    """
    floor = 1e-9 if prediction.unit == "s" else 1.0
    low, middle, high = (math.log10(max(value, floor)) for value in (prediction.p10, prediction.p50, prediction.p90))
    cells = min(round((high - low) * BAR_CELLS_PER_DECADE), BAR_CELLS)
    if cells <= 0:
        return "█"
    at = round((middle - low) / (high - low) * cells)
    return "├" + "─" * at + "█" + "─" * (cells - at) + "┤"


def unknown_in_few_words(values: Values) -> str:
    """``too long for the model``: why ``values``, which hold no quantiles, hold none."""
    return _FEW_WORDS[values.unknown[0]] if values.unknown else "no answer"


def unknown_sentence(values: Values) -> str:
    """Why there is no prediction, in full, and what to do about it."""
    if values.unknown is None:
        return "No prediction: the model gave no answer."
    code, reason = values.unknown
    return f"No prediction: {_FEW_WORDS[code]} ({printable(reason)}). {_ADVICE[code]}"


def partial_note(snapshot: Snapshot, said: Said) -> str:
    """What was cut from a function that is longer than the model's input."""
    limits = snapshot.model.config.get("limits", {}) if snapshot.model else {}
    other = snapshot.model is not None and said.predictions[0].model != snapshot.model.id
    whole = None if other else limits.get("whole")
    read = f"the first {whole:,} tokens" if isinstance(whole, int) else "as much as the model reads"
    return f"Cut: predicted from its beginning ({read}); what follows was not read."


STALE_NOTE = "Stale: predicted from the text before the last edits; a new prediction is on its way."


def source_note(snapshot: Snapshot, said: Said | None = None) -> str:
    """Who predicted, and for which device: the numbers in ``said``, or any."""
    if snapshot.model is None:
        return f"No model: {printable(snapshot.model_error) or 'none was found'}."
    if said is None:
        return _predicted_by(tuple((model, device, "") for model, device in snapshot.model.sources))
    return _predicted_by(tuple((prediction.model, prediction.device, title(prediction)) for prediction in said.predictions))


@lru_cache(maxsize=256)
def _predicted_by(sources: tuple[tuple[str, str, str], ...]) -> str:
    """A sentence for each model, which says what it has predicted where several did."""
    titles: dict[tuple[str, str], list[str]] = {}
    for model, device, metric in sources:
        titles.setdefault((model, device), []).append(metric)
    sentences = []
    for (model, device), metrics in titles.items():
        whose = f"{', '.join(metrics)}: " if len(titles) > 1 and any(metrics) else ""
        sentences.append(f"{whose}predicted by {printable(model)} for {printable(device)}; not measured")
    return "\n".join(sentences)


def setting(surface: Surface) -> str:
    """The name under which editors know the switch of a surface: ``rlm-lsp.inlayHints``."""
    return f"rlm-lsp.{camel(surface)}"


def name_range(text: TextIndex, function: FunctionView) -> types.Range:
    """The function's name, which all surfaces but the hint stand at, up to the end of its line: a lens must not span lines."""
    start, end = name_positions(text, function)
    return types.Range(types.Position(*start), types.Position(*end))


def name_positions(text: TextIndex, function: FunctionView) -> tuple[tuple[int, int], tuple[int, int]]:
    """The same as (line, character) pairs."""
    start, end = function.place.name_start, function.place.name_end
    name = text.data[start:end]
    if name.isascii() and b"\n" not in name and b"\r" not in name:  # as long in every encoding, and one look-up is enough
        line, character = text.position(start)
        return (line, character), (line, character + len(name))
    return text.position(start), text.position(min(end, text.line_end(start)))


def text_range(text: TextIndex, start: int, end: int) -> types.Range:
    """Bytes ``start`` to ``end`` in the client's lines and characters."""
    return types.Range(types.Position(*text.position(start)), types.Position(*text.position(end)))
