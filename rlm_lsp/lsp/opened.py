"""An open document with what is known of it, composed into the view that the surfaces see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import Settings
from rlm_lsp.lsp.documents import Document
from rlm_lsp.lsp.outline import Entry, Outline
from rlm_lsp.lsp.position import Edit, TextIndex
from rlm_lsp.lsp.snapshot import Base, DocumentView, FunctionView, Place, Shown
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput

Known = Callable[[ModelInput], "Values | None"]

_NOT_YET = Shown(None)


@dataclass
class Opened:
    """The mutable record of one open document, from didOpen to didClose. Only the event loop touches it."""

    document: Document
    settings: Settings
    served: bool  # whether its functions are wanted at all, by language and settings
    outline: Outline = field(default_factory=Outline)
    settled: bool = False  # the outline is that of a full cut of this very version
    bases: Mapping[str, Base] = field(default_factory=dict)
    visible: tuple[int, int] = (0, 0)  # bytes
    pause: asyncio.TimerHandle | None = None  # typing goes on until it fires
    splice: asyncio.Handle | None = None
    cutting: asyncio.Task[None] | None = None  # in the child process
    since: list[Edit] = field(default_factory=list)  # edits since that began
    cut_again: bool = False
    slow: bool = False  # the text took too long to be cut here
    unknown: list[Entry] = field(default_factory=list)  # functions whose present text has no values, as of the last view
    _view: DocumentView | None = None
    _shown_last: DocumentView | None = None
    _fresh: dict[str, tuple[ModelInput, Values]] = field(default_factory=dict)  # by key, of the text that was cut last
    _good: dict[str, Values] = field(default_factory=dict)  # by key, the last numbers there were
    _made: dict[str, tuple[Entry, FunctionView]] = field(default_factory=dict)

    def view(self, known: Known) -> DocumentView:
        """The view of this moment; the same object until something changes."""
        if self._view is None:
            document = self.document
            self._view = DocumentView(
                uri=document.uri,
                version=document.version,
                language=document.language or "",
                path=document.path,
                text=document.text,
                settings=self.settings,
                functions=self._functions(known),
                problems=self.outline.problems,
                unused=tuple(_on_line(directive, document.text) for directive in self.outline.unused),
                settled=self.settled,
            )
        return self._view

    def show(self, known: Known) -> DocumentView:
        """The view, for somebody outside to see."""
        self._shown_last = self.view(known)
        return self._shown_last

    def forget_view(self) -> None:
        """Have the view composed anew."""
        self._view = None

    @property
    def is_shown(self) -> bool:
        """Whether somebody has seen the present version."""
        return self._shown_last is not None and self._shown_last.version == self.document.version

    def looks_new(self, known: Known) -> bool:
        """Whether the view differs from the last one shown. What merely moved with the client's edits is the same to the client."""
        last, view = self._shown_last, self.view(known)
        if last is None:
            return True
        if last.version == view.version:
            return (last.functions, last.problems, last.unused, last.settings) != (
                view.functions,
                view.problems,
                view.unused,
                view.settings,
            )
        if len(last.functions) != len(view.functions) or not all(map(_looks_alike, last.functions, view.functions)):
            return True
        codes, earlier = [problem.code for problem in view.problems], [problem.code for problem in last.problems]
        return codes != earlier or _meaning(view.unused) != _meaning(last.unused) or view.settings != last.settings

    def take(self, outline: Outline, *, settled: bool) -> None:
        """Replace the outline by one that was cut. A function that was renamed in place keeps its last numbers."""
        self._inherit(outline)
        self.outline = outline
        self.settled = settled
        if settled:
            keys = {entry.key for entry in outline.entries}
            for kept in (self._fresh, self._good, self._made):
                for key in kept.keys() - keys:
                    del kept[key]

    def stop(self) -> None:
        """Let nothing happen to it any more."""
        for waiting in (self.pause, self.splice, self.cutting):
            if waiting is not None:
                waiting.cancel()
        self.pause = self.splice = self.cutting = None

    def _inherit(self, outline: Outline) -> None:
        new = [entry for entry in outline.entries if entry.key not in self._good]
        if not new or not self._good:
            return
        earlier = {entry.name_start: entry.key for entry in self.outline.entries if entry.kind != "program"}
        for entry in new:
            values = self._good.get(earlier.get(entry.name_start, ""))
            if values is not None and entry.kind != "program":
                self._good[entry.key] = values

    def _functions(self, known: Known) -> tuple[FunctionView, ...]:
        self.unknown = []
        functions = []
        for entry in self.outline.entries:
            made = self._made.get(entry.key)
            fresh = self._fresh.get(entry.key)
            shown = made[1].shown if made is not None else _NOT_YET
            if fresh is None or fresh[0] is not entry.input or shown.values is not fresh[1] or shown.stale is not entry.touched:
                shown = self._shown(entry, known)  # most have not changed, and are thousands
            base = self.bases.get(entry.key)
            if made is not None and made[0] is entry and made[1].shown == shown and made[1].base is base:
                functions.append(made[1])
                continue
            directives = tuple(_on_line(directive, self.document.text) for directive in entry.directives)
            place = Place(entry.start, entry.end, entry.name_start, entry.name_end)
            function = FunctionView(entry.key, entry.qualified_name, entry.kind, place, entry.input, shown, directives, base)
            self._made[entry.key] = (entry, function)
            functions.append(function)
        return tuple(functions)

    def _shown(self, entry: Entry, known: Known) -> Shown:
        """Values of the present text, else the last good ones marked as stale. Nothing is lost because something new is on its way."""
        fresh = self._fresh.get(entry.key)
        values = fresh[1] if fresh is not None and (fresh[0] is entry.input or fresh[0] == entry.input) else known(entry.input)
        good = self._good.get(entry.key)
        unavailable = values is not None and values.unknown is not None and values.unknown[0] == "worker-unavailable"
        if values is not None and not unavailable:
            self._fresh[entry.key] = (entry.input, values)
            if values.quantiles is not None:
                self._good[entry.key] = values
            return Shown(values, entry.touched)
        if not entry.touched:
            self.unknown.append(entry)
        if good is not None:
            return Shown(good, True)
        return _NOT_YET if values is None else Shown(values, entry.touched)


def _looks_alike(one: FunctionView, other: FunctionView) -> bool:
    """Whether all but the places is the same."""
    if one is other:
        return True
    if (one.key, one.shown, one.base) != (other.key, other.shown, other.base):
        return False
    return one.directives is other.directives or _meaning(one.directives) == _meaning(other.directives)


def _meaning(directives: tuple[Directive, ...]) -> list[object]:
    return [(directive.kind, directive.metrics, directive.limits, directive.problem) for directive in directives]


def _on_line(directive: Directive, text: TextIndex) -> Directive:
    line = text.line(directive.start_byte) + 1
    return directive if directive.line == line else replace(directive, line=line)
