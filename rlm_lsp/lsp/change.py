"""What is said of a function's change against the file's HEAD version; whether it is one: ``rlm_lsp.compare``."""

from __future__ import annotations

from collections.abc import Iterator

from rlm_lsp.compare import Change, decide
from rlm_lsp.config import OBJECTIVES, TITLES, Settings
from rlm_lsp.lsp import wording
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Shown, Snapshot
from rlm_lsp.units import format_limit, format_quantiles

_MOST = 999.0  # times; above, more digits say nothing more


def against_head(snapshot: Snapshot, view: DocumentView, function: FunctionView) -> list[Change]:
    """How the chosen metrics changed, in the user's order; none where one of the sides has no prediction or is not there."""
    base, settings = function.base, view.settings
    if base is None or base.added or snapshot.model is None or not settings.compare_with_head:
        return []
    model = snapshot.model
    # Equal texts have equal predictions, which may have come for one of them only.
    old = base.values or (function.shown.values if base.same_text else None)
    found = decide(old, function.shown.values, model.objectives, settings, model.pair_band, same_text=base.same_text)
    by_metric = {change.metric: change for change in found}
    return [by_metric[metric] for metric in settings.metrics if metric in by_metric]


def claims(snapshot: Snapshot, view: DocumentView, function: FunctionView) -> list[str]:
    """``+3.1x latency vs HEAD`` for each change that is beyond the settings' ratio and minimum and the model's error for pairs."""
    if function.base is None or function.base.same_text:  # most of them, at each request
        return []
    changes = against_head(snapshot, view, function)
    return [f"{_times(change)} {TITLES[change.metric]} vs HEAD" for change in changes if change.standing in ("dearer", "cheaper")]


def notes(snapshot: Snapshot, view: DocumentView, function: FunctionView) -> Iterator[str]:
    """The same in sentences, also where there is no change that counts."""
    base = function.base
    if base is None or not view.settings.compare_with_head:
        return
    if base.added:
        yield "New function: HEAD does not have it."
    elif base.same_text:
        yield "Against HEAD: the same text, so the same prediction."
    elif base.values is None:
        yield "Against HEAD: predicting…"
    elif base.values.quantiles is None:
        yield f"Against HEAD: its version has no prediction ({wording.unknown_in_few_words(base.values)})."
    else:
        voice = wording.Voice(snapshot, view)
        sides = [voice.say(Shown(values)) for values in (base.values, function.shown.values)]
        middles = [{item.objective: format_quantiles(item)[1] for item in side.predictions} if side else {} for side in sides]
        for change in against_head(snapshot, view, function):
            old, new = (side[OBJECTIVES[change.metric]] for side in middles)
            yield f"Against HEAD: {TITLES[change.metric]} {_sentence(change, old, new, view.settings)}"


def _sentence(change: Change, old: str, new: str, settings: Settings) -> str:
    if change.standing == "same":
        return f"unchanged ({new})."
    minimum = settings.min_latency_change if change.metric == "latency" else settings.min_heap_change
    thresholds = f"{settings.max_ratio:g}x and {format_limit(minimum, change.unit)}"
    said = f"{_times(change)} ({old} → {new})"
    if change.standing == "small":
        return f"{said}, not beyond {thresholds}."
    if change.standing == "no-band":
        return f"{said}, beyond {thresholds}; this model's error for pairs is not known, so it may be no change."
    if change.standing == "within-band":
        return f"{said}, within the model's error for pairs ({_factor(change.band or 1.0)}), so it may be no change."
    return f"{said}, beyond {thresholds} and the model's error for pairs ({_factor(change.band or 1.0)})."


def _times(change: Change) -> str:
    """``+3.1x`` for what became dearer, ``-3.1x`` for what became cheaper."""
    return "+" + _factor(change.ratio) if change.ratio >= 1 else "-" + _factor(1 / change.ratio)


def _factor(ratio: float) -> str:
    if ratio > _MOST:
        return f">{_MOST:.0f}x"
    rounded = float(f"{ratio:.2g}")
    return f"{rounded:.1f}x" if rounded < 10 else f"{rounded:.0f}x"
