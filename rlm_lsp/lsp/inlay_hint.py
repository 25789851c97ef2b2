"""textDocument/inlayHint and inlayHint/resolve: the prediction at the end of the line that holds the function's name."""

from __future__ import annotations

from functools import lru_cache

import attrs
from lsprotocol import types

from rlm_lsp.lsp import wording
from rlm_lsp.lsp.snapshot import DocumentView, Snapshot
from rlm_lsp.units import format_band, format_quantiles


def hints(snapshot: Snapshot, view: DocumentView, start: int, end: int) -> list[types.InlayHint]:
    """The hints that stand between bytes ``start`` and ``end``, both included; a function without a prediction has none."""
    if not view.shows("inlay_hints"):
        return []
    voice = wording.Voice(snapshot, view)
    by_resolve = snapshot.client.hint_tooltip_resolve
    found = []
    for index, function in enumerate(view.functions):
        if function.place.name_end > end:
            continue
        at = view.text.line_end(function.place.name_end)
        said = voice.say(function.shown) if start <= at <= end else None
        if said is None:
            continue
        # Its kind stays unset: it is neither a type nor a parameter.
        hint = types.InlayHint(types.Position(*view.text.position(at)), said.label, padding_left=True)
        if by_resolve:
            hint.data = {"uri": view.uri, "version": view.version, "key": function.key, "index": index, "hash": said.fingerprint}
        else:
            hint.tooltip = _tooltip(said, *_notes(snapshot, said))
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
    said = wording.Voice(snapshot, view).say(function.shown) if function else None
    if said is None or said.fingerprint != fingerprint:
        return hint
    return attrs.evolve(hint, tooltip=_tooltip(said, *_notes(snapshot, said)))


def _notes(snapshot: Snapshot, said: wording.Said) -> tuple[str, str]:
    """What the tooltip ends with: who predicted, and what was not read."""
    return wording.source_note(snapshot, said), wording.partial_note(snapshot, said) if said.partial else ""


@lru_cache(maxsize=1 << 14)
def _tooltip(said: wording.Said, model: str, cut: str) -> str:
    """Plain text, which every client can show."""
    lines = []
    for prediction in said.predictions:
        _, middle, _ = format_quantiles(prediction)
        lines.append(f"{wording.title(prediction)}: {middle} (p50), {format_band(prediction)} (p10–p90)")
    lines.append(model)
    if cut:
        lines.append(cut)
    if said.stale:
        lines.append(wording.STALE_NOTE)
    lines.append(f"Switch off: {wording.setting('inlay_hints')}")
    return "\n".join(lines)
