"""textDocument/codeAction: what can be done about a function's prediction.

Directives are written into the code as comments; everything else is a command. Nothing is ever preferred: no editor may do it unasked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import METRICS, OBJECTIVES, TITLES, Metric
from rlm_lsp.languages import LANGUAGES, Language
from rlm_lsp.lsp.diagnostic import SOURCE
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Snapshot
from rlm_lsp.lsp.wording import text_range
from rlm_lsp.units import METRIC_UNITS, parse_value

KIND = "rlm"
"""A kind of our own. What is under ``source`` may be run by an editor for the whole file whenever that is saved, which would write comments
unasked, and VS Code leaves it out of the menu at the cursor; a refactoring it is not."""

_STEPS = {"s": ((1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s")), "B": ((1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB"))}
_MOST = 990.0  # of a unit; above, two digits of the next one
_AMOUNT = rb"\s*=\s*[\d.]+(?:e[+-]?\d+)?\s*[A-Za-z\xc2-\xcf\x80-\xbf]*"
_ONLY_WORDS = re.compile(rb"[\w\s]*")


@dataclass(frozen=True, slots=True)
class _Offer:
    """An action before it has a kind: it replaces ``start:end`` by ``new``, or runs ``command``. ``metrics`` are those it silences."""

    title: str
    metrics: tuple[Metric, ...] = ()
    start: int = 0
    end: int = 0
    new: str = ""
    command: types.Command | None = None


def actions(
    snapshot: Snapshot, view: DocumentView, start: int, end: int, context: types.CodeActionContext
) -> list[types.CodeAction | types.Command]:
    """What is offered for bytes ``start`` to ``end``: about the function whose signature they touch, or that holds all of them.

    A client without code action literals is offered the commands alone, since it could not apply an edit.
    """
    if not view.shows("code_actions"):
        return []
    function = _function_at(view, start, end)
    if function is None:
        return []
    commands = list(_commands(snapshot, view, function))
    if not snapshot.client.code_action_literals:
        return [offer.command for offer in commands if offer.command is not None]
    ours = _diagnostics(view, function, context)
    found: list[types.CodeAction | types.Command] = []
    for offer in [*_directives(snapshot, view, function), *commands]:
        solved = [diagnostic for diagnostic, metric in ours if metric in offer.metrics]
        if solved and _wanted(types.CodeActionKind.QuickFix, context):
            found.append(_action(snapshot, view, offer, types.CodeActionKind.QuickFix, solved))
        elif _wanted(KIND, context):
            found.append(_action(snapshot, view, offer, KIND, None))
    return found


def budget_above(value: float, unit: str) -> str | None:
    """The least budget of two digits that ``value`` seconds or bytes keep to, as a directive holds it: ``1.3ms``. None for none at all."""
    if value <= 0:
        return None
    steps = _STEPS[unit]
    step, name = next((step for step in steps if value <= _MOST * step[0]), steps[-1])
    places = 0 if name == "B" and value < 10 else 1 - math.floor(math.log10(max(value / step, _MOST / 1000)))
    count = math.ceil(value / step * 10**places)
    for candidate in (count - 1, count):  # a binary fraction may have made it one too many
        written = f"{candidate / 10**places:.12g}{name}"
        if candidate > 0 and parse_value(written)[0] >= value:
            return written
    return f"{(count + 1) / 10**places:.12g}{name}"


def _function_at(view: DocumentView, start: int, end: int) -> FunctionView | None:
    first, last = view.text.line_start(start), view.text.line_end(end)
    functions = [function for function in view.functions if function.kind != "program"]
    touched = [function for function in functions if function.place.start <= last and first <= function.place.name_end]
    if touched:
        on_name = [function for function in touched if function.place.name_start <= start <= function.place.name_end]
        return (on_name or touched)[0]
    holding = [function for function in functions if function.place.start <= start < end <= function.place.end]
    return max(holding, key=lambda function: function.place.start, default=None)


def _directives(snapshot: Snapshot, view: DocumentView, function: FunctionView) -> Iterator[_Offer]:
    """The comments that can be written."""
    if not _can_be_commented(view, function):
        return
    ignored = _ignored(function)
    for metric in view.settings.metrics:
        if metric not in ignored:
            yield _ignore(view, function, f"Ignore {TITLES[metric]} here", (metric,))
    if len(ignored) < len(METRICS):
        yield _ignore(view, function, "Ignore all", METRICS)
    for metric in view.settings.metrics:
        limit = _limit(snapshot, function, metric)
        if limit is not None:
            yield _budget(view, function, metric, limit)


def _commands(snapshot: Snapshot, view: DocumentView, function: FunctionView) -> Iterator[_Offer]:
    """What is answered rather than written."""
    argument = {"uri": view.uri, "key": function.key}
    predicted = function.shown.values is not None and function.shown.values.quantiles is not None
    if snapshot.client.trusted and view.settings.compare_with_head and view.path is not None:
        yield _Offer("Compare with HEAD", command=types.Command("Compare with HEAD", "rlm-lsp.compareWithHead", arguments=[argument]))
    if predicted and snapshot.model is not None:
        for title, command in (
            ("Explain this prediction", "rlm-lsp.explain"),
            ("How does it scale?", "rlm-lsp.scaling"),
            ("Copy prediction as JSON", "rlm-lsp.copyAsJson"),
        ):
            yield _Offer(title, command=types.Command(title, command, arguments=[argument]))


def _ignore(view: DocumentView, function: FunctionView, title: str, metrics: tuple[Metric, ...]) -> _Offer:
    """A directive that ignores ``metrics``, and what an earlier one ignored."""
    earlier = _earlier(view, function, "ignore")
    if earlier is None:
        return _above(view, function, title, metrics, _ignore_words(metrics))
    kept = [metric for metric in METRICS if metric in earlier.metrics or metric in metrics]
    return _Offer(title, metrics, earlier.start_byte, earlier.end_byte, _ignore_words(kept))


def _ignore_words(metrics: Sequence[Metric]) -> str:
    return "rlm: ignore" if len(metrics) == len(METRICS) else f"rlm: ignore[{', '.join(metrics)}]"


def _budget(view: DocumentView, function: FunctionView, metric: Metric, limit: str) -> _Offer:
    """A directive that sets a budget, in an earlier one's place or beside what it says of another metric."""
    title, word = f"Set budget {metric}={limit}", f"{metric}={limit}"
    earlier = _earlier(view, function, "budget")
    if earlier is None:
        return _above(view, function, title, (metric,), f"rlm: budget {word}")
    old = re.compile(metric.encode() + _AMOUNT).search(view.text.data, earlier.start_byte, earlier.end_byte)
    if old is None:
        return _Offer(title, (metric,), earlier.end_byte, earlier.end_byte, f" {word}")
    return _Offer(title, (metric,), old.start(), old.end(), word)


def _earlier(view: DocumentView, function: FunctionView, kind: str) -> Directive | None:
    """A sound directive of this kind that the function has already."""
    for directive in function.directives:
        if directive.kind == kind and directive.problem is None and view.text.data.startswith(b"rlm:", directive.start_byte):
            return directive
    return None


def _limit(snapshot: Snapshot, function: FunctionView, metric: Metric) -> str | None:
    """The budget that the function keeps to as far as is known now; None where nothing is known of its present text."""
    values = function.shown.values
    if snapshot.model is None or values is None or values.quantiles is None or function.shown.stale:
        return None
    for objective, quantiles in zip(snapshot.model.objectives, values.quantiles, strict=True):
        if objective.name == OBJECTIVES[metric] and quantiles:
            return budget_above(quantiles[2], METRIC_UNITS[metric])
    return None


def _above(view: DocumentView, function: FunctionView, title: str, metrics: tuple[Metric, ...], words: str) -> _Offer:
    """A comment on a line of its own, above the function and its decorators and as far in as they are."""
    data = view.text.data
    at = view.text.line_start(function.place.start)
    line = data[at : function.place.start]
    indentation = line[: len(line) - len(line.lstrip())].decode("utf-8")
    return _Offer(title, metrics, at, at, f"{indentation}{_comment(LANGUAGES[view.language], words)}{_line_end(view, at)}")


def _comment(language: Language, words: str) -> str:
    """``words`` as a comment; "" for a language that has none."""
    if language.line_comment:
        return f"{language.line_comment} {words}"
    return f"{language.block_comment[0]} {words} {language.block_comment[1]}" if language.block_comment else ""


def _line_end(view: DocumentView, at: int) -> str:
    """How the line at byte ``at`` ends, or the document's first one where it is the last."""
    data = view.text.data
    for end in (view.text.line_end(at), view.text.line_end(0)):
        if data.startswith(b"\r\n", end):
            return "\r\n"
        if end < len(data):
            return chr(data[end])
    return "\n"


def _can_be_commented(view: DocumentView, function: FunctionView) -> bool:
    """Whether a line above the function would be a comment that belongs to it and nothing else.

    The text must be the one that was cut, or a comment that is there already might not be known; the function must be the first on its
    line, and that line none that an earlier one goes on in.
    """
    if not view.settled:
        return False
    data, place = view.text.data, function.place
    language = LANGUAGES.get(view.language)
    if language is None or not _comment(language, ""):
        return False
    at = view.text.line_start(place.start)
    before = data[view.text.line_start(at - 1) : view.text.line_end(at - 1)] if at else b""
    first = all(not at <= other.place.start < place.start for other in view.functions if other.kind != "program")
    return first and _ONLY_WORDS.fullmatch(data, at, place.start) is not None and not before.endswith(b"\\")


def _diagnostics(view: DocumentView, function: FunctionView, context: types.CodeActionContext) -> list[tuple[types.Diagnostic, Metric]]:
    """Those of our diagnostics in ``context`` that stand at the function's name, with the metric that each is about."""
    line = view.text.line(function.place.name_start)
    found = []
    for diagnostic in context.diagnostics:
        if diagnostic.source == SOURCE and diagnostic.range.start.line == line:
            found += [(diagnostic, metric) for metric in METRICS if diagnostic.code == f"{metric}-budget"]
    return found


def _wanted(kind: str, context: types.CodeActionContext) -> bool:
    """Whether the client asked for actions of ``kind``, which it does by naming a kind above it."""
    return context.only is None or any(not only or kind == only or kind.startswith(f"{only}.") for only in context.only)


def _action(
    snapshot: Snapshot, view: DocumentView, offer: _Offer, kind: str, diagnostics: list[types.Diagnostic] | None
) -> types.CodeAction:
    if offer.command is not None:
        return types.CodeAction(offer.title, kind, command=offer.command)
    edit = types.TextEdit(text_range(view.text, offer.start, offer.end), offer.new)
    if not snapshot.client.versioned_edits:
        return types.CodeAction(offer.title, kind, diagnostics, edit=types.WorkspaceEdit(changes={view.uri: [edit]}))
    document = types.OptionalVersionedTextDocumentIdentifier(view.uri, view.version)
    changes = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, [edit])])
    return types.CodeAction(offer.title, kind, diagnostics, edit=changes)


def _ignored(function: FunctionView) -> set[str]:
    """The metrics that a directive switches off here."""
    ignored: set[str] = set()
    for directive in function.directives:
        if directive.kind == "ignore" and directive.problem is None:
            ignored.update(directive.metrics or METRICS)
    return ignored
