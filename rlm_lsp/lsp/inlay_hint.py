"""textDocument/inlayHint and inlayHint/resolve: the prediction at the end of the line that holds the function's name."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import attrs
from lsprotocol import types

from rlm_lsp.lsp import wording
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Snapshot
from rlm_lsp.predict.types import Prediction
from rlm_lsp.units import format_band, format_quantiles


def hints(snapshot: Snapshot, view: DocumentView, start: int, end: int) -> list[types.InlayHint]:
    """The hints that stand between bytes ``start`` and ``end``, both included; a function without a prediction has none."""
    if not view.shows("inlay_hints"):
        return []
    found = []
    for index, function in enumerate(view.functions):
        if function.place.name_end > end:
            continue
        at = view.text.line_end(function.place.name_end)
        if start <= at <= end:
            hint = _hint(snapshot, view, index, at)
            if hint is not None:
                found.append(hint)
    return found


def resolve(snapshot: Snapshot, hint: types.InlayHint) -> types.InlayHint:
    """``hint`` with its tooltip; unchanged if it is not what would be shown now, because a tooltip must not contradict its label."""
    match hint.data:
        case {"uri": str(uri), "version": int(version), "key": str(key), "index": int(index), "hash": str(fingerprint)}:
            view = snapshot.documents.get(uri)
        case _:
            return hint
    if view is None or view.version != version or not view.shows("inlay_hints"):
        return hint
    function = view.function(key, index)
    if function is None:
        return hint
    shown = wording.predictions(snapshot, view, function.shown.values)
    if not shown or _fingerprint(shown, function.shown.stale) != fingerprint:
        return hint
    return attrs.evolve(hint, tooltip=_tooltip(snapshot, function, shown))


def _hint(snapshot: Snapshot, view: DocumentView, index: int, at: int) -> types.InlayHint | None:
    function = view.functions[index]
    shown = wording.predictions(snapshot, view, function.shown.values)
    if not shown:
        return None
    data: dict[str, Any] | None = None
    tooltip = None
    if snapshot.client.hint_tooltip_resolve:
        fingerprint = _fingerprint(shown, function.shown.stale)
        data = {"uri": view.uri, "version": view.version, "key": function.key, "index": index, "hash": fingerprint}
    else:
        tooltip = _tooltip(snapshot, function, shown)
    label = wording.hint_label(shown, function.shown.stale)
    # Its kind stays unset: it is neither a type nor a parameter.
    return types.InlayHint(types.Position(*view.text.position(at)), label, tooltip=tooltip, padding_left=True, data=data)


def _fingerprint(shown: tuple[Prediction, ...], stale: bool) -> str:
    """What label and tooltip are made of, in few characters."""
    return blake2b(repr((shown, stale)).encode(), digest_size=8).hexdigest()


def _tooltip(snapshot: Snapshot, function: FunctionView, shown: tuple[Prediction, ...]) -> str:
    """Plain text, which every client can show."""
    lines = []
    for prediction in shown:
        _, middle, _ = format_quantiles(prediction)
        lines.append(f"{wording.title(prediction)}: {middle} (p50), {format_band(prediction)} (p10–p90)")
    lines.append(wording.source_note(snapshot))
    if any(prediction.partial for prediction in shown):
        lines.append(wording.partial_note(snapshot))
    if function.shown.stale:
        lines.append(wording.STALE_NOTE)
    lines.append(f"Switch off: {wording.setting('inlay_hints')}")
    return "\n".join(lines)
