"""textDocument/diagnostic and what is pushed in its place: broken budgets, and comments to us that do nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from lsprotocol import types

from rlm_lsp.budget import Breach
from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import OBJECTIVES, Metric
from rlm_lsp.lsp import verdict, wording
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Snapshot
from rlm_lsp.paths import printable
from rlm_lsp.units import format_band, format_interval, format_limit, is_range

SOURCE = "rlm-lsp"
UNUSED = "unused-directive"
MALFORMED = "malformed-directive"

_SEVERITY = {"warning": types.DiagnosticSeverity.Warning, "error": types.DiagnosticSeverity.Error}


def diagnostics(snapshot: Snapshot, view: DocumentView, previous: Sequence[types.Diagnostic] | None = None) -> list[types.Diagnostic]:
    """What is to be said of the document, in source order.

    Stale values give no new diagnostic, but a shown one stays: ``previous`` are those that the client shows now (None: those of the same
    values).
    """
    if not view.shows("diagnostics"):
        return []
    shown = None if previous is None else {_identity(diagnostic) for diagnostic in previous}
    holding = verdict.rules(view)
    voice = wording.Voice(snapshot, view)
    found: list[types.Diagnostic] = []
    for function in view.functions:
        if holding or function.directives:
            of_values = list(_of_values(snapshot, view, voice, function, verdict.limits(view, function, holding)))
            if function.shown.stale and shown is not None:
                of_values = [diagnostic for diagnostic in of_values if _identity(diagnostic) in shown]
            found += of_values
            found += _malformed(view, function.directives)
    found += _malformed(view, view.unused)
    found += [_unused(view, item, "belongs to no function") for item in verdict.directives(view, view.unused) if item.problem is None]
    found.sort(key=lambda diagnostic: (diagnostic.range.start.line, diagnostic.range.start.character))
    return found


def result_id(snapshot: Snapshot, view: DocumentView) -> str:
    """Equal for equal diagnostics: a hash of content, settings, model and values."""
    digest = blake2b(view.text.data, digest_size=16)
    digest.update(repr((view.uri, view.text.encoding, view.settings, view.unused)).encode("utf-8", "replace"))
    digest.update(snapshot.model.digest if snapshot.model else b"")
    for function in view.functions:
        values = function.shown.values
        known = None if values is None else (values.quantiles, values.partial)
        digest.update(repr((function.key, function.place, known, function.shown.stale, function.directives)).encode("utf-8", "replace"))
    return digest.hexdigest()


def _identity(diagnostic: types.Diagnostic) -> tuple[object, object]:
    """Which function it is about, and what it says of it."""
    data = diagnostic.data
    return (data.get("key") if isinstance(data, dict) else None), diagnostic.code


def _of_values(
    snapshot: Snapshot, view: DocumentView, voice: wording.Voice, function: FunctionView, limits: dict[Metric, float]
) -> Iterator[types.Diagnostic]:
    judged = verdict.judge(snapshot, function, limits)
    for breach in judged.breaches:
        if breach.metric in view.settings.metrics:
            yield _broken(view, voice, function, breach)
    for item in verdict.directives(view, judged.unused):
        yield _unused(view, item, "nothing here breaks a budget that it ignores", function.key)


def _broken(view: DocumentView, voice: wording.Voice, function: FunctionView, breach: Breach) -> types.Diagnostic:
    said = voice.say(function.shown)
    assert said is not None  # what is broken is known
    prediction = next(prediction for prediction in said.predictions if prediction.objective == OBJECTIVES[breach.metric])
    value = format_interval(prediction) + ("" if is_range(prediction) else f" ({format_band(prediction)})")
    quantile = "even p10" if breach.quantile == "p10" else "p50"
    limit = format_limit(breach.limit, prediction.unit)
    return types.Diagnostic(
        wording.name_range(view.text, function),
        f"predicted {wording.title(prediction)} {value}: {quantile} is above the budget of {limit}",
        severity=_SEVERITY[breach.severity],
        code=f"{breach.metric}-budget",
        source=SOURCE,
        data={"key": function.key},
    )


def _unused(view: DocumentView, directive: Directive, why: str, key: str | None = None) -> types.Diagnostic:
    return types.Diagnostic(
        wording.text_range(view.text, directive.start_byte, directive.end_byte),
        f"unused rlm: {directive.kind}: {why}",
        severity=types.DiagnosticSeverity.Hint,
        code=UNUSED,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary],
        data=None if key is None else {"key": key},
    )


def _malformed(view: DocumentView, directives: Sequence[Directive]) -> Iterator[types.Diagnostic]:
    for item in verdict.directives(view, directives):
        if item.problem is not None:
            yield types.Diagnostic(
                wording.text_range(view.text, item.start_byte, item.end_byte),
                f"rlm: {printable(item.problem)}",
                severity=types.DiagnosticSeverity.Warning,
                code=MALFORMED,
                source=SOURCE,
            )
