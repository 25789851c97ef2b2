"""workspace/inlayHint/refresh and its like: tells the client to ask again if its last answer would be another one now.

At most once in 500 ms for each surface, and only for what is seen there: one that is sent for nothing would hold up the next, that counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Shown, Surface

INTERVAL_S = 0.5


class Refresher:
    """Remembers what was answered last. ``send`` has the refresh requests that the client supports."""

    def __init__(self, send: Mapping[Surface, Callable[[], None]], interval_s: float = INTERVAL_S) -> None:
        self._send = send
        self._interval_s = interval_s
        self._answered: dict[Surface, dict[str, DocumentView]] = {surface: {} for surface in send}
        self._outdated: dict[Surface, set[str]] = {surface: set() for surface in send}  # URIs with another answer now
        self._resting: dict[Surface, asyncio.TimerHandle] = {}  # sent a moment ago

    def answered(self, surface: Surface, view: DocumentView) -> None:
        """The client asked for ``surface`` and was told what follows from ``view``."""
        if surface in self._send:
            self._answered[surface][view.uri] = view
            self._outdated[surface].discard(view.uri)

    def offered(self, surface: Surface, uris: Iterable[str]) -> None:
        """The client can ask for ``surface`` from now on; these documents were open before, for which Neovim 0.11 does not by itself.

        It tells of no change, so it does not hold up one.
        """
        if surface in self._send:
            unasked = {uri for uri in uris if uri not in self._answered[surface]}
            if surface in self._resting:
                self._outdated[surface] |= unasked
            elif unasked:
                self._send[surface]()

    def changed(self, view: DocumentView) -> None:
        """The document looks like this now."""
        for surface, answers in self._answered.items():
            answer = answers.get(view.uri)
            if answer is not None and differs(surface, answer, view):
                self._outdated[surface].add(view.uri)
                self._refresh(surface)

    def all_changed(self) -> None:
        """Settings have: every answer may be another one now."""
        for surface, answers in self._answered.items():
            self._outdated[surface].update(answers)
            self._refresh(surface)

    def closed(self, uri: str) -> None:
        """The document was closed."""
        for surface in self._send:
            self._answered[surface].pop(uri, None)
            self._outdated[surface].discard(uri)

    def close(self) -> None:
        """Send nothing more."""
        for timer in self._resting.values():
            timer.cancel()
        self._answered.clear()

    def _refresh(self, surface: Surface) -> None:
        if self._outdated[surface] and surface not in self._resting:
            self._outdated[surface].clear()
            self._resting[surface] = asyncio.get_running_loop().call_later(self._interval_s, self._rested, surface)
            self._send[surface]()

    def _rested(self, surface: Surface) -> None:
        del self._resting[surface]
        self._refresh(surface)


def differs(surface: Surface, old: DocumentView, new: DocumentView) -> bool:
    """Whether the answer about ``new`` differs visibly from that about ``old``.

    Places count only in the same version: after an edit the client asks by itself.
    """
    if old is new:
        return False
    if old.settings != new.settings or old.unused != new.unused:
        return True
    before, after = _seen(surface, old), _seen(surface, new)
    if len(before) != len(after):
        return True
    same_text = old.version == new.version
    return any(
        a is not b and (a.key != b.key or _looks(a.shown) != _looks(b.shown) or a.base != b.base or (same_text and a.place != b.place))
        for a, b in zip(before, after, strict=True)
    )


def _seen(surface: Surface, view: DocumentView) -> Sequence[FunctionView]:
    """The functions that something is said of: a lens stands above each, a hint behind one with a number."""
    if surface == "code_lens":
        return view.functions
    comments = surface == "diagnostics"
    return [one for one in view.functions if _has_number(one.shown) or (comments and one.directives)]


def _has_number(shown: Shown) -> bool:
    return shown.values is not None and shown.values.quantiles is not None


def _looks(shown: Shown) -> object:
    """What is seen of it. Where there is no number nobody sees that it is stale."""
    return shown if _has_number(shown) else shown.values
