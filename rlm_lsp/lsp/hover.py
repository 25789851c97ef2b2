"""textDocument/hover: all that is known of a function, on its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol import types

from rlm_lsp.lsp import change, verdict, wording
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Snapshot
from rlm_lsp.paths import printable
from rlm_lsp.predict.types import Prediction
from rlm_lsp.units import format_quantiles

_COLUMNS = ("", "p10", "p50", "p90", "log scale")
_MARKUP = re.compile(r"([\\`*_\[\]<>&~])")  # what may begin markup inside a line; more backslashes than that are ugly where they are shown


def hover(snapshot: Snapshot, view: DocumentView, offset: int) -> types.Hover | None:
    """What is known of the function whose name byte ``offset`` touches, in the markup that the client reads; else None."""
    if not view.shows("hover"):
        return None
    function = next((function for function in view.functions if function.place.name_start <= offset <= function.place.name_end), None)
    if function is None:
        return None
    name = printable(function.qualified_name)
    said = wording.Voice(snapshot, view).say(function.shown)
    rows = [_row(prediction) for prediction in said.predictions] if said else []
    notes = list(_notes(snapshot, view, function, said))
    if snapshot.client.markdown:
        contents = types.MarkupContent(types.MarkupKind.Markdown, _markdown(name, rows, notes))
    else:
        contents = types.MarkupContent(types.MarkupKind.PlainText, _plain(name, rows, notes))
    return types.Hover(contents, wording.name_range(view.text, function))


def _row(prediction: Prediction) -> tuple[str, ...]:
    return (wording.title(prediction), *format_quantiles(prediction), wording.bar(prediction))


def _notes(snapshot: Snapshot, view: DocumentView, function: FunctionView, said: wording.Said | None) -> Iterator[str]:
    """Sentences, the most important first."""
    values = function.shown.values
    if values is None:
        yield "predicting…" if snapshot.model else "No prediction."
    elif values.quantiles is None:
        yield wording.unknown_sentence(values)
    elif said is None and snapshot.model:
        yield "None of the metrics in the setting rlm-lsp.metrics is predicted by this model."
    if function.shown.stale:
        yield wording.STALE_NOTE
    yield from verdict.notes(snapshot, view, function)
    yield from change.notes(snapshot, view, function)
    if said:
        yield wording.partial_note(snapshot, said) if said.partial else "The whole function was read."
    if said and snapshot.model and snapshot.model.uses_callees and (called := view.called_by(function)):
        names = dict.fromkeys(printable(other.qualified_name) for other in called)
        done = "added" if snapshot.model.adds_callees else "read, too"
        yield f"What it calls in this file was {done}: {', '.join(names)}."
    yield from wording.source_note(snapshot, said).split("\n")
    yield f"Switch off: {wording.setting('hover')}"


def _markdown(name: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    blocks = [f"**{_code(name)}**"]
    if rows:
        header, *body = _aligned([_COLUMNS, *rows])
        first, *middle, last = ("-" * len(cell) for cell in header)
        rule = [first, *(f"{dashes[1:]}:" for dashes in middle), f":{last[1:]}"]
        coded = ([*cells, bar.replace(bar.rstrip(), _code(bar.rstrip()))] for *cells, bar in body)
        blocks.append("\n".join(f"| {' | '.join(row)} |" for row in (header, rule, *coded)))
    return "\n\n".join([*blocks, *(_MARKUP.sub(r"\\\1", note) for note in notes)])


def _plain(name: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    table = _aligned([_COLUMNS, *rows]) if rows else []
    return "\n".join([name, *("  ".join(row).rstrip() for row in table), *notes])


def _aligned(table: Sequence[Sequence[str]]) -> list[list[str]]:
    """Cells as wide as their column, numbers to the right: Neovim shows a table as its source, without the backticks of code spans."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [[row[0].ljust(widths[0]), *map(str.rjust, row[1:-1], widths[1:-1]), row[-1].ljust(widths[-1])] for row in table]


def _code(text: str) -> str:
    """``text`` as a Markdown code span, whatever backticks it holds."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
