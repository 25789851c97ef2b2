"""Which functions of a file a function calls, told from their normalised texts and names.

A function's cost includes that of what it calls, and what lies in the same file can be read (EXPERIMENTS.md, 16). Calls are told by what
is written, not by types: a bare name, a member of ``self``, a property of it, a class that is made. What cannot be told is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rlm_lsp.chunk.types import Chunk
from rlm_lsp.languages import LANGUAGES, Calls, Language

MOST_CALLEES = 16  # of one function, the first of the file: it bounds what is asked of the model
_MOST_READ = 1 << 14  # characters of a caller; more than a model reads of it

_WORD = re.compile(r"(?:\b(?:def|class) +)?[\w.]+\(?")  # a dotted name, with what stands before it in a declaration and behind it in a call

_BOUND = (
    r"^ *(?:\w+, *){{0,9}}{name}(?:, *\w+){{0,9}} *=[^=]|\b(?:for|as) [^\n:=]{{0,99}}\b{name}\b"
    r"|^(?:async )?def \w+\([^)]{{0,999}}\b{name}\b *[,:=)]"
)
"""Where a name is a local variable of the caller, and no function of the file. Bounded, so that no text is read again and again."""


class Named(NamedTuple):
    """A function's qualified name and normalised text."""

    name: str
    text: str


def callees_of(chunks: Sequence[Chunk]) -> list[tuple[str, ...]]:
    """Return for each chunk of a file the texts of the functions there that it calls, in the file's order; itself never among them."""
    functions = [Named(chunk.qualified_name, chunk.text) if chunk.kind == "function" else None for chunk in chunks]
    return callees(functions, chunks[0].language if chunks else None)


def callees(functions: Sequence[Named | None], language: str | None, callers: range | None = None) -> list[tuple[str, ...]]:
    """Return the same for functions of a file given by qualified name and text, or for a run of them; None is none and calls none."""
    callers = range(len(functions)) if callers is None else callers
    known = LANGUAGES[language] if language is not None else None
    if known is None or known.calls is None:
        return [()] * len(callers)
    named = {place: function for place, function in enumerate(functions) if function is not None}
    places = {function.name: place for place, function in reversed(named.items())}  # the first of a name: a property before its setter
    found = []
    for place in callers:
        called = set(_called(named[place], named, places, known, known.calls)) - {place} if place in named else set()
        found.append(tuple(named[other].text for other in sorted(called)[:MOST_CALLEES]))
    return found


def still_called(caller: Named, called: Sequence[Named], language: str) -> tuple[str, ...]:
    """Return the texts of those of ``called`` that a function calls whose text is another one now."""
    return callees([caller, *called], language, range(1))[0]


def _called(caller: Named, functions: Mapping[int, Named], places: Mapping[str, int], language: Language, calls: Calls) -> Iterator[int]:
    """Yield where the functions stand that ``caller`` refers to, some twice; not those inside of it, whose text is part of its own."""
    inside = f"{caller.name}{language.separator}"
    text = caller.text[:_MOST_READ]
    for word in set(_WORD.findall(text)):
        is_call, path = word.endswith("("), word.rstrip("(").split(".")
        if len(path) == 1 and is_call:
            candidates = [*_in_scope(path[0], caller.name, language), path[0], f"{path[0]}{language.separator}{calls.constructor}"]
        elif len(path) > 1 and path[0] in calls.receivers:
            candidates = list(_members(path[1], caller.name, language))
            is_call = is_call and len(path) == 2
        else:
            continue
        name = next((candidate for candidate in candidates if candidate in places), inside)
        if len(path) == 1 and name != inside and re.search(_BOUND.format(name=path[0]), text, re.MULTILINE):
            continue
        if not name.startswith(inside) and (is_call or calls.property.match(functions[places[name]].text)):
            yield places[name]


def _in_scope(name: str, caller: str, language: Language) -> Iterator[str]:
    """Yield what a bare name may mean inside its caller and the functions around, the innermost first."""
    outer = f"{language.separator}{language.inside_function}"
    scope = f"{caller}{outer}"
    while outer in scope:
        scope = scope[: scope.rindex(outer)]
        yield f"{scope}{outer}{language.separator}{name}"


def _members(name: str, caller: str, language: Language) -> Iterator[str]:
    """Yield what a member of the object that the caller is a method of may be."""
    scope = caller
    while language.separator in scope:
        scope, _, last = scope.rpartition(language.separator)
        if last != language.inside_function:
            yield f"{scope}{language.separator}{name}"
