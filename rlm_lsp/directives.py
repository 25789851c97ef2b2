"""Which directives belong to which function. What they are and how they are written: ``rlm_lsp.chunk.directives``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rlm_lsp.chunk.types import Directive


def attach(names: Sequence[int], directives: Iterable[Directive]) -> tuple[list[tuple[Directive, ...]], tuple[Directive, ...]]:
    """The directives of each function, and those that belong to no function at all.

    ``names`` are the offsets where the functions' names begin, as the chunker gave them (``chunk.name_span.start_byte``,
    ``place.name_start``). A directive of a function that is not among them, such as one with a syntax error inside, is in neither result:
    it is not lost, its function is.
    """
    of_function: dict[int, list[Directive]] = {}
    unattached = []
    for directive in directives:
        if directive.target is None:
            unattached.append(directive)
        else:
            of_function.setdefault(directive.target, []).append(directive)
    return [tuple(of_function.get(name, ())) for name in names], tuple(unattached)
