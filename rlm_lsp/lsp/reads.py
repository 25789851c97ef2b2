"""What clients ask of documents. Each function is a pure one of the snapshot that was current when the request was read.

What is not open, or switched off, has no answer: null, or a report of nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from rlm_lsp.lsp import code_action, code_lens, diagnostic, hover, inlay_hint
from rlm_lsp.lsp.snapshot import DocumentView, Snapshot, Surface
from rlm_lsp.lsp.wire import Encoded


def inlay_hints(snapshot: Snapshot, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """textDocument/inlayHint."""
    view = _view(snapshot, params.text_document, "inlay_hints")
    return inlay_hint.hints(snapshot, view, *span(view, params.range)) if view else None


def inlay_hint_resolve(snapshot: Snapshot, hint: types.InlayHint) -> types.InlayHint:
    """inlayHint/resolve."""
    return inlay_hint.resolve(snapshot, hint)


def code_lenses(snapshot: Snapshot, params: types.CodeLensParams) -> list[types.CodeLens] | Encoded | None:
    """textDocument/codeLens."""
    view = _view(snapshot, params.text_document, "code_lens")
    if view is None:
        return None
    return code_lens.lenses(snapshot, view) if len(view.functions) <= code_lens.AT_ONCE else code_lens.encoded(snapshot, view)


def code_lens_resolve(snapshot: Snapshot, lens: types.CodeLens) -> types.CodeLens:
    """codeLens/resolve."""
    return code_lens.resolve(snapshot, lens)


def hovers(snapshot: Snapshot, params: types.HoverParams) -> types.Hover | None:
    """textDocument/hover."""
    view = _view(snapshot, params.text_document, "hover")
    return hover.hover(snapshot, view, view.text.offset(params.position.line, params.position.character)) if view else None


def diagnostics(snapshot: Snapshot, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """textDocument/diagnostic."""
    view = _view(snapshot, params.text_document, "diagnostics")
    if view is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    result_id = diagnostic.result_id(snapshot, view)
    if result_id == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result_id)
    return types.RelatedFullDocumentDiagnosticReport(items=diagnostic.diagnostics(snapshot, view), result_id=result_id)


def code_actions(snapshot: Snapshot, params: types.CodeActionParams) -> Sequence[types.CodeAction | types.Command] | None:
    """textDocument/codeAction."""
    view = _view(snapshot, params.text_document, "code_actions")
    return code_action.actions(snapshot, view, *span(view, params.range), params.context) if view else None


def span(view: DocumentView, area: types.Range) -> tuple[int, int]:
    """The bytes of ``area``, in order."""
    start = view.text.offset(area.start.line, area.start.character)
    end = view.text.offset(area.end.line, area.end.character)
    return min(start, end), max(start, end)


def _view(snapshot: Snapshot, document: types.TextDocumentIdentifier, surface: Surface) -> DocumentView | None:
    view = snapshot.documents.get(document.uri)
    return view if view is not None and view.shows(surface) else None
