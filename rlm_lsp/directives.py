"""Which directives belong to which function. What they are and how they are written: ``rlm_lsp.chunk.directives``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rlm_lsp.chunk.types import Directive


def attach(names: Sequence[int], directives: Iterable[Directive]) -> tuple[list[tuple[Directive, ...]], tuple[Directive, ...]]:
    """The directives of each function, and those that belong to no function at all.

    ``names`` are the offsets where the functions' names begin, as the chunker gave them (``chunk.name_span.start_byte``,
    ``place.name_start``), in source order. A module body has no directives; where it begins with a function's name it stands before it.
    A directive of a function that is not among them, such as one with a syntax error inside, is in neither result: it is not lost, its
    function is.
    """
    places = {name: place for place, name in enumerate(names)}
    attached: list[list[Directive]] = [[] for _ in names]
    unattached = []
    for directive in directives:
        if directive.target is None:
            unattached.append(directive)
        elif directive.target in places:
            attached[places[directive.target]].append(directive)
    return [tuple(items) for items in attached], tuple(unattached)
