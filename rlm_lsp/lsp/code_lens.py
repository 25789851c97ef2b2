"""textDocument/codeLens and codeLens/resolve: the prediction above the function, and its change against the file's HEAD version."""

from __future__ import annotations

import json
from collections.abc import Iterator

import attrs
from lsprotocol import types

from rlm_lsp.lsp import change, wording
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Snapshot
from rlm_lsp.lsp.wire import Encoded

AT_ONCE = 200
"""Up to this many lenses carry their titles; in a larger file a client resolves those that it shows, and the answer stays quick."""
COMPARE = "rlm-lsp.compareWithHead"
NOTHING = ""
"""The command of a lens that only says something."""


def lenses(snapshot: Snapshot, view: DocumentView) -> list[types.CodeLens]:
    """A lens for each function that the model could answer for, whether or not it has: lines that come and go make code jump.

    Lenses whose value is known carry their title, unless they are very many. The others are left to ``resolve``, by when the value may have
    come.
    """
    teller = _Teller(snapshot, view)
    eager = len(view.functions) <= AT_ONCE
    return [
        types.CodeLens(
            wording.name_range(view.text, function),
            command=teller.command(function) if eager and function.shown.values is not None else None,
            data={"uri": view.uri, "key": function.key, "index": index},
        )
        for index, function in _with_lens(snapshot, view)
    ]


def encoded(snapshot: Snapshot, view: DocumentView) -> Encoded:
    """What ``encode(lenses(...))`` is for a document with more than ``AT_ONCE`` functions, in a quarter of the time."""
    uri = json.dumps(view.uri)
    parts = []
    for index, function in _with_lens(snapshot, view):
        start, end = wording.name_positions(view.text, function)
        parts.append(
            f'{{"range":{{"start":{{"line":{start[0]},"character":{start[1]}}},"end":{{"line":{end[0]},"character":{end[1]}}}}},'
            f'"data":{{"uri":{uri},"key":{json.dumps(function.key)},"index":{index}}}}}'
        )
    return Encoded(f"[{','.join(parts)}]")


def _with_lens(snapshot: Snapshot, view: DocumentView) -> Iterator[tuple[int, FunctionView]]:
    """The functions that have a lens, and their places: where the model never answers each would say the same, so only the hover does."""
    if not view.shows("code_lens") or not view.settings.metrics:
        return
    trained = frozenset(snapshot.model.trained) if snapshot.model else None
    for index, function in enumerate(view.functions):
        if trained is None or ((function.input.language, function.input.kind) in trained and not _is_of_another_kind(function)):
            yield index, function


def _is_of_another_kind(function: FunctionView) -> bool:
    """Whether the model, which knows such chunks, has seen that this one is none: a module of a library that is no program."""
    values = function.shown.values
    return values is not None and values.unknown is not None and values.unknown[0] == "untrained-kind"


def resolve(snapshot: Snapshot, lens: types.CodeLens) -> types.CodeLens:
    """``lens`` with what is known now of its function, also if the text has changed since: an empty lens would be a gap in the code."""
    match lens.data:
        case {"uri": str(uri), "key": str(key), "index": int(index)}:
            view = snapshot.documents.get(uri)
        case _:
            view = None
    function = view.function(key, index) if view else None
    if view is None or function is None:
        return attrs.evolve(lens, command=types.Command("no longer here", NOTHING))
    return attrs.evolve(lens, command=_Teller(snapshot, view).command(function))


class _Teller:
    """Makes the commands of a document's lenses."""

    def __init__(self, snapshot: Snapshot, view: DocumentView) -> None:
        self._snapshot = snapshot
        self._view = view
        self._voice = wording.Voice(snapshot, view)

    def command(self, function: FunctionView) -> types.Command:
        """What the lens of ``function`` says, and what a click on it does."""
        title = self._title(function)
        tooltip = f"{wording.source_note(self._snapshot, self._voice.say(function.shown))}\nSwitch off: {wording.setting('code_lens')}"
        if function.base is None or function.base.added or not self._view.settings.compare_with_head:
            return types.Command(title, NOTHING, tooltip)
        return types.Command(title, COMPARE, tooltip, [{"uri": self._view.uri, "key": function.key}])

    def _title(self, function: FunctionView) -> str:
        values = function.shown.values
        if self._snapshot.model is None:
            return "no prediction: no model"
        if values is None:
            return "predicting…"
        if values.quantiles is None:
            return f"no prediction: {wording.unknown_in_few_words(values)}"
        said = self._voice.say(function.shown)
        if said is None:
            return "no prediction: not predicted by this model"
        return " · ".join([said.summary, *change.claims(self._snapshot, self._view, function)])
