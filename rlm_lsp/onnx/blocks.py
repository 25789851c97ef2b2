"""The blocks of a network that a model is asked about: the dearest groups, each with its text, and those that are the same only once.

Two groups are the same where they compute the same (their digests) on inputs of the same shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rlm_lsp.onnx.costs_totals import group_sums
from rlm_lsp.onnx.network import Network
from rlm_lsp.onnx.text import compact_part
from rlm_lsp.onnx.told import told
from rlm_lsp.onnx.types import ValueType
from rlm_lsp.onnx.values import NONE, Values

MOST = 64
"""Blocks that are asked about; a network of hundreds of different ones would keep a reader waiting for numbers of hardly any share."""


@dataclass(frozen=True, slots=True)
class Block:
    """What some groups of the tree are: ``groups`` by number, ``given`` the types of what flows in, in order of the nodes that read it.

    ``told`` is what a model is told beside the text; None where what one of its nodes costs is not known.
    """

    groups: tuple[int, ...]
    given: tuple[ValueType, ...]
    text: str
    told: str | None

    @property
    def is_open(self) -> bool:
        """Whether some size of what flows in is not known."""
        return any(kind.elements is None for kind in self.given)


@dataclass(frozen=True, slots=True)
class Blocks:
    """``chosen``, dearest first, of ``distinct`` ones that there are."""

    chosen: tuple[Block, ...]
    distinct: int


def find_blocks(network: Network, most: int = MOST) -> Blocks:
    """The dearest blocks by roofline time; a group of one node, or without a known cost, is none."""
    tree = network.tree
    seconds = group_sums(tree, network.values, [cost.seconds for cost in network.costs.run], network.node_groups)
    inside = _inside(network)
    numbers = [number for number in range(1, len(tree.groups)) if seconds[number] > 0 and tree.groups[number].size > 1]
    alike: dict[tuple[str, tuple[ValueType, ...]], list[int]] = {}
    parts: dict[int, _Part] = {}
    for number in sorted(numbers, key=lambda number: (-seconds[number], number)):
        part = _Part(network, inside[number])
        if part.results:
            key = tree.groups[number].digest, tuple(network.values.types[value] for value in part.given)
            first = alike.setdefault(key, [])
            first.append(number)
            if len(first) == 1 and len(alike) <= most:
                parts[number] = part
    chosen = [
        Block(tuple(groups), given, parts[groups[0]].text(network), told(network, inside[groups[0]]))
        for (_, given), groups in alike.items()
        if groups[0] in parts
    ]
    return Blocks(tuple(chosen), len(alike))


def _inside(network: Network) -> list[list[int]]:
    """For each group the nodes in it at any depth, in topological order."""
    place = {number: at for at, number in enumerate(network.links.order)}
    found: list[list[int]] = [list(group.nodes) for group in network.tree.groups]
    for number in range(len(found) - 1, 0, -1):  # inner groups have higher numbers
        found[network.tree.groups[number].parent] += found[number]
    for numbers in found:
        numbers.sort(key=place.__getitem__)
    return found


class _Part:
    """Some nodes of a network with what flows in and out."""

    def __init__(self, network: Network, numbers: Sequence[int]) -> None:
        values = network.values
        self._inside = frozenset(numbers) - network.folded
        work = [number for number in numbers if number in self._inside]
        self._home = min((network.nodes[number].scope for number in work), key=lambda scope: scope.count("/"), default="")
        own = {value for body in values.bodies if body.owner in self._inside for value in body.inputs}
        self.given = tuple(
            dict.fromkeys(
                value
                for number in work
                for value in values.inputs[number]
                if value >= 0 and not values.constant[value] and values.sources[value] not in self._inside and value not in own
            )
        )
        leaving = set(values.results)
        for body in values.bodies:
            if body.owner not in self._inside:
                leaving.update(body.outputs)
        self.results = tuple(
            dict.fromkeys(
                value
                for number in work
                for value in values.outputs[number]
                if value >= 0 and (value in leaving or not self._inside.issuperset(values.users[value]))
            )
        )

    def text(self, network: Network) -> str:
        """As if it were a network of its own."""
        return compact_part(network.nodes, self._values(network.values), network.folded, self._home)

    def _values(self, values: Values) -> Values:
        sources = list(values.sources)
        for value in self.given:
            sources[value] = NONE
        bodies = [body for body in values.bodies if body.owner in self._inside]
        return replace(values, sources=sources, bodies=bodies, given=self.given, results=self.results)
