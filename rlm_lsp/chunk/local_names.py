"""Local names made canonical: two functions that differ in them alone are one text to the model.

What a local is called decides nothing about its cost, and a network that learns from renamed copies ranks functions as well by such names
as by their own (EXPERIMENTS.md, 14). Only what a model reads is renamed; what a person sees never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from string import ascii_lowercase

from tree_sitter import Node, Query

from rlm_lsp.chunk.parse import BudgetSpentError, captures, clock, parse, tools_for
from rlm_lsp.languages import locals_query

ARGUMENT = re.compile(r"(?:^|(?<=, ))(\w+)(?==)")
"""The names of an ``args:`` line: ``xs=list[10], k=int``."""

_BUDGET_S = 1.0
_BY_CONVENTION = frozenset({b"self", b"cls"})


def canonical_names(text: str, args: str | None, language: str) -> tuple[str, str | None]:
    """Return a function's text and ``args:`` line with its parameters and locals called ``a``, ``b`` ... in order of appearance.

    A name counts as one variable in all of the text, nested functions included. Functions, classes, imports, globals, attributes and
    keywords keep their names, as do ``self``, ``cls`` and ``_``. Text in a language whose grammar has no ``locals.scm`` stays as it is, and
    so does one that takes over a second to parse.
    """
    query = _query(language)
    if query is None:
        return text, args
    data = text.encode("utf-8", "surrogatepass")
    deadline = clock() + _BUDGET_S
    try:
        found = captures(parse(data, tools_for(language).grammar, deadline).root_node, query, deadline)
    except BudgetSpentError:
        return text, args
    members = {node.start_byte for node in found.get("member", [])}
    variables = sorted((node.start_byte, node.end_byte) for node in found.get("name", []) if node.start_byte not in members)
    names = [data[start:stop] for start, stop in variables]
    known = _texts(found.get("known", []), data) | _BY_CONVENTION
    own = {name for name in _texts(found.get("local", []), data) if name not in known and name.strip(b"_")}
    new = dict(zip(dict.fromkeys(name for name in names if name in own), _letters(set(names) - own), strict=False))
    pieces, end = [], 0
    for (start, stop), name in zip(variables, names, strict=True):
        if name in own:
            pieces += [data[end:start], new[name]]
            end = stop
    renamed = b"".join([*pieces, data[end:]]).decode("utf-8", "surrogatepass")
    return renamed, args and ARGUMENT.sub(lambda match: new.get(match[1].encode(), match[1].encode()).decode(), args)


def _texts(nodes: list[Node], data: bytes) -> set[bytes]:
    return {data[node.start_byte : node.end_byte] for node in nodes}


def _letters(taken: set[bytes]) -> Iterator[bytes]:
    """Yield ``a`` to ``z``, ``a1`` to ``z1`` and so on, without those that another variable is called."""
    for number in count():
        for letter in ascii_lowercase:
            name = f"{letter}{number or ''}".encode()
            if name not in taken:
                yield name


@cache
def _query(language: str) -> Query | None:
    source = locals_query(language)
    return None if source is None else Query(tools_for(language).grammar, source)
