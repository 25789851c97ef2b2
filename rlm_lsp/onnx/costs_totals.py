"""Sums of nodes' costs: of a block, of a model; and which operators they leave out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rlm_lsp.onnx.costs import Costs
from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.types import Node, Tree
from rlm_lsp.onnx.values import NONE, Values
from rlm_lsp.onnx.weights import Weights


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Nodes of one operator whose cost is not known, for one reason."""

    operator: str
    nodes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Totals:
    """A model's static figures; sizes are bytes. ``unknown`` nodes are left out of all sums but those of weights.

    ``params`` and ``weight_bytes`` count each constant that a run reads once, after the load has folded what it can; ``stored_bytes`` is
    what initializers and constants take in the file, or beside it. ``load_macs`` and ``load_bytes`` are spent once, when it is loaded.
    """

    nodes: int
    folded: int
    macs: int
    params: int
    weight_bytes: int
    stored_bytes: int
    traffic_bytes: int
    seconds: float
    load_macs: int
    load_bytes: int
    unknown: tuple[Uncounted, ...]

    @property
    def unknown_nodes(self) -> int:
        """How many nodes are not counted, or not wholly."""
        return sum(item.nodes for item in self.unknown)


def totals(nodes: Sequence[Node], values: Values, weights: Weights, folded: frozenset[int], costs: Costs) -> Totals:
    """The sums over a whole model."""
    outermost = [costs.run[number] for number, owner in enumerate(values.owners) if owner == NONE]
    held = sum(weights.attributes.values())
    unknown = Counter((operator(node), costs.run[number].unknown) for number, node in enumerate(nodes) if costs.run[number].unknown)
    load = [cost for number, cost in costs.load.items() if nodes[number].op != "Constant"]
    return Totals(
        nodes=len(nodes),
        folded=len(folded),
        macs=sum(cost.macs or 0 for cost in outermost),
        params=sum(weights.counts[origin] for origin in weights.origins) + held,
        weight_bytes=sum(values.types[value].nbytes or 0 for value in weights.read) + 4 * held,
        stored_bytes=sum(tensor.nbytes or 0 for tensor in values.stored.values()),
        traffic_bytes=sum(cost.traffic or 0 for cost in outermost),
        seconds=math.fsum(cost.seconds or 0.0 for cost in outermost),
        load_macs=sum(cost.macs or 0 for cost in load),
        load_bytes=sum(cost.written or 0 for cost in load),
        unknown=tuple(
            Uncounted(name, count, reason) for (name, reason), count in sorted(unknown.items(), key=lambda item: (-item[1], item[0]))
        ),
    )


def group_sums(tree: Tree, values: Values, figures: Sequence[float | None], node_groups: Sequence[int]) -> list[float]:
    """For each group the sum of the nodes' ``figures`` in it, at any depth; what a node's bodies cost is the node's, and not added."""
    sums = [0.0 if any(isinstance(figure, float) for figure in figures) else 0] * len(tree.groups)
    inside = ancestors(tree)
    for number, group in enumerate(node_groups):
        figure, owner = figures[number], values.owners[number]
        if figure is not None:
            covered = inside[node_groups[owner]] if owner != NONE else frozenset()
            for above in inside[group] - covered:
                sums[above] += figure
    return sums


def unknown_by_group(tree: Tree, costs: Costs, node_groups: Sequence[int]) -> list[int]:
    """For each group how many nodes in it, at any depth, are not counted."""
    counts = [0] * len(tree.groups)
    for number, group in enumerate(node_groups):
        if costs.run[number].unknown:
            counts[group] += 1
    for number in range(len(tree.groups) - 1, 0, -1):  # inner groups have higher numbers
        counts[tree.groups[number].parent] += counts[number]
    return counts


def groups_of_nodes(tree: Tree, nodes: int) -> list[int]:
    """For each node the group that it is directly in."""
    found = [0] * nodes
    for number, group in enumerate(tree.groups):
        for node in group.nodes:
            found[node] = number
    return found


def ancestors(tree: Tree) -> list[frozenset[int]]:
    """For each group itself and all around it."""
    found: list[frozenset[int]] = []
    for number, group in enumerate(tree.groups):
        found.append(frozenset((number,)) | (found[group.parent] if group.parent >= 0 else frozenset()))
    return found
