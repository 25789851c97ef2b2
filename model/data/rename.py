"""Copies of training examples with other names for parameters and local variables.

A name says little of a cost, and what it says does not carry over to another author: the copies teach that, and keep a rename from
moving a prediction. Names of functions, attributes and globals stay.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from rlm_lsp.chunk.local_names import ARGUMENT
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.data.static import parsed

_KEPT = frozenset({"self", "cls", "_", "__class__"})
_POOL = """
a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc n1 n2 x0 x1 y0 y1 acc alpha arr aux base beta box buf candidate cell
chunk code col cols cost count cur current cursor data deg delta depth dest diff dim dist dst elem element end entry factor field
first flag found freq frame gap group grid head height hi idx inner input_ inst item items key keys kind last left length level
limit line lines lo local low lst mapping mask matrix maximum mid minimum mode name names new node nodes nums obj offset old opts
order other out outer output pair params part parts path pivot point points pos prefix prev queue rank ratio record ref rem res
rest result ret right root row rows scale seq shape side size source spec src stack start state step stop sub suffix table tail
target temp term text thing tmp token total tree tup unit val value values vec visited weight width word words work
""".split()  # noqa: SIM905 - a list literal would put each name on a line


def renamed(text: str, args: str | None, rng: Random) -> tuple[str, str | None] | None:
    """Return the text and its ``args`` with fresh names, or ``None`` where there is nothing to rename or the text does not parse."""
    tree = parsed(text)
    if tree is None:
        return None
    places, taken = _local_names(tree)
    if not places:
        return None
    free = [name for name in _POOL if name not in taken]
    if len(free) < len(places):
        return None
    fresh = dict(zip(sorted(places), rng.sample(free, len(places)), strict=True))
    lines = [line.encode() for line in text.split("\n")]
    spots = sorted(((line, column, old) for old, found in places.items() for line, column in found), reverse=True)
    for line, column, old in spots:
        row = lines[line - 1]
        end = column + len(old.encode())
        if row[column:end] != old.encode():
            return None  # the parser folded an identifier (NFKC); rare, and not worth more
        lines[line - 1] = row[:column] + fresh[old].encode() + row[end:]
    new_args = None if args is None else ARGUMENT.sub(lambda match: fresh.get(match[1], match[1]), args)
    return b"\n".join(lines).decode(), new_args


def _local_names(tree: ast.AST) -> tuple[dict[str, set[tuple[int, int]]], set[str]]:
    """Return where each local name stands, (line, byte column), and every identifier of the text."""
    places: dict[str, set[tuple[int, int]]] = {}
    bound: set[str] = set()
    kept = set(_KEPT)
    taken: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            places.setdefault(node.id, set()).add((node.lineno, node.col_offset))
            if isinstance(node.ctx, ast.Store):
                bound.add(node.id)
        elif isinstance(node, ast.arg):
            places.setdefault(node.arg, set()).add((node.lineno, node.col_offset))
            bound.add(node.arg)
        elif isinstance(node, ast.JoinedStr):
            kept.update(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))  # positions in there depend on the interpreter
        elif isinstance(node, ast.Global | ast.Nonlocal):
            kept.update(node.names)
        for value in (getattr(node, "name", None), getattr(node, "attr", None), getattr(node, "rest", None)):
            if isinstance(value, str):  # functions, classes, aliases, handlers, patterns, attributes
                taken.add(value)
                if not isinstance(node, ast.Attribute):
                    kept.add(value)
        if isinstance(node, ast.alias):
            kept.update({(node.asname or node.name).split(".")[0]})
    taken |= set(places) | bound
    return {name: found for name, found in places.items() if name in bound and name not in kept}, taken


def renamed_copies(examples: Iterable[Example], seed: int) -> Iterator[Example]:
    """Yield one renamed copy of each training example that can be renamed."""
    for example in examples:
        found = renamed(example.text, example.args, Random(f"{seed}/{example.id}")) if example.split == "train" else None
        if found is not None:
            yield replace(example, id=f"{example.id}/renamed", text=found[0], args=found[1])
