"""Immutable views of what the server knows at one moment. Every surface is a pure function of them.

Offsets are bytes of the document's UTF-8 text; only ``position`` knows lines and characters in the client's encoding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rlm_lsp.chunk.types import ChunkKind, Directive, Problem
from rlm_lsp.config import Settings
from rlm_lsp.lsp.position import TextIndex
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput

Surface = Literal["inlay_hints", "code_lens", "hover", "diagnostics", "code_actions"]
"""What a user can switch off by itself, as its field in Settings is called."""


@dataclass(frozen=True, slots=True)
class Client:
    """What the client said of itself in ``initialize``, as far as it decides what we send."""

    name: str = ""
    encoding: str = "utf-16"
    surfaces: frozenset[Surface] = frozenset()  # what it can show at all
    trusted: bool = True  # an untrusted workspace gets no git and none of its own settings files
    hint_tooltip_resolve: bool = False  # inlayHint.resolveSupport lists "tooltip"
    hint_refresh: bool = False
    lens_refresh: bool = False
    diagnostic_pull: bool = False
    diagnostic_refresh: bool = False
    markdown: bool = False  # hover's contentFormat has markdown
    progress: bool = False  # window.workDoneProgress
    configuration: bool = False  # workspace.configuration
    code_action_literals: bool = False
    action_resolve_edit: bool = False
    dynamic: frozenset[str] = frozenset()  # methods with dynamicRegistration
    versioned_edits: bool = False  # workspace.workspaceEdit.documentChanges


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function lies in the view's text, in bytes: all of it, and its name."""

    start: int
    end: int
    name_start: int
    name_end: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of a function: ``values`` of its present text, or (``stale``) of an earlier one; None: not known yet."""

    values: Values | None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """A function's counterpart in the file's HEAD version. ``values`` is None while it is not known; ``added``: there is none."""

    values: Values | None
    added: bool = False
    same_text: bool = False


@dataclass(frozen=True, slots=True)
class FunctionView:
    """One function as it stands in the view's text. ``key`` is its identity across edits: qualified name, with #2 for the second of it."""

    key: str
    qualified_name: str
    kind: ChunkKind
    place: Place
    input: ModelInput  # what was, or will be, asked of the model
    shown: Shown
    directives: tuple[Directive, ...] = ()
    base: Base | None = None  # None: not compared


@dataclass(frozen=True, slots=True)
class DocumentView:
    """An open document (or notebook cell). ``settled``: the functions were cut from exactly this version, not shifted by edits."""

    uri: str
    version: int
    language: str
    path: str | None  # of a file on disk; None for untitled documents and the like
    text: TextIndex
    settings: Settings  # those of its folder
    functions: tuple[FunctionView, ...] = ()
    problems: tuple[Problem, ...] = ()
    unused: tuple[Directive, ...] = ()
    settled: bool = True

    def shows(self, surface: Surface) -> bool:
        """Whether ``surface`` is switched on here, by the master switch, its own and the language's."""
        settings = self.settings
        return settings.enabled and getattr(settings, surface) is True and self.language not in settings.disabled_languages

    def called_by(self, function: FunctionView) -> list[FunctionView]:
        """The functions here whose texts are among a function's callees, as far as they stand there still."""
        texts = set(function.input.callees)
        return [other for other in self.functions if other.input.text in texts]

    def function(self, key: str, index: int) -> FunctionView | None:
        """The function with ``key``, which probably is the ``index``-th: a client may ask for each of ten thousand."""
        if 0 <= index < len(self.functions) and self.functions[index].key == key:
            return self.functions[index]
        return next((function for function in self.functions if function.key == key), None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a handler may look at. ``model`` is None (and ``model_error`` says why) when no model could be identified."""

    client: Client
    settings: Settings  # of what lies in no folder
    model: ModelIdentity | None
    model_error: str = ""
    documents: dict[str, DocumentView] = field(default_factory=dict)  # treat as frozen
