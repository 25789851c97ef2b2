"""What a network has learnt: which numbers of the file reach the nodes of a run, directly or through what the load computes from them.

A weight that is stored once and transposed for eight users is one weight, and one that is stored in 8 bits and multiplied out at load has
as many parameters as it has elements. What the load makes out of no weight (ConstantOfShape, in files that were stripped) is one itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from rlm_lsp.onnx.costs_rules import MICROSOFT, operator
from rlm_lsp.onnx.types import Node, Tree
from rlm_lsp.onnx.values import Values

_NO_PARAMETERS = frozenset({"int64", "bool", "string", ""})
_QUANTISED = frozenset({"DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger", f"{MICROSOFT}QGemm"})
_PACKED = frozenset({f"{MICROSOFT}MatMulNBits", f"{MICROSOFT}MatMulBnb4"})
_MOST_ORIGINS = 64  # of one value; what is made of more counts as a weight itself


@dataclass(frozen=True, slots=True)
class Weights:
    """``params`` and ``nbytes`` are of the constants that each node reads; a folded node has none.

    ``origins`` are the learnt values with the nodes of a run that they reach, ``read`` the constants that those read. ``attributes`` are
    numbers that classical models hold in a node.
    """

    params: Sequence[int]
    nbytes: Sequence[int]
    origins: dict[int, list[int]]
    read: dict[int, list[int]]
    attributes: dict[int, int]
    counts: dict[int, int] = field(default_factory=dict)  # by origin


def find_weights(nodes: Sequence[Node], values: Values, folded: frozenset[int], order: Sequence[int]) -> Weights:
    """All weights of a model; ``order`` is topological."""
    origins_of = _origins(nodes, values, folded, order)
    counts = {origin: _count(origin, nodes, values) for origins in origins_of.values() for origin in origins}
    origins: defaultdict[int, list[int]] = defaultdict(list)
    read: defaultdict[int, list[int]] = defaultdict(list)
    params, sizes = [0] * len(nodes), [0] * len(nodes)
    attributes = {number: count for number, node in enumerate(nodes) if (count := _held(node)) and number not in folded}
    for number in range(len(nodes)):
        if number in folded:
            continue
        constants = {value for value in values.inputs[number] if value >= 0 and values.constant[value]}
        own = {origin for value in constants for origin in origins_of.get(value, ())}
        for origin in own:
            origins[origin].append(number)
        for value in constants:
            read[value].append(number)
        held = attributes.get(number, 0)
        params[number] = sum(counts[origin] for origin in own) + held
        sizes[number] = sum(values.types[value].nbytes or 0 for value in constants) + 4 * held
    return Weights(params, sizes, dict(origins), dict(read), attributes, counts)


def by_group(
    weights: Weights, values: Values, tree: Tree, inside: Sequence[frozenset[int]], node_groups: Sequence[int]
) -> tuple[list[int], list[int]]:
    """For each group its parameters and bytes of weights, those counted once that several of its nodes read.

    ``inside`` has for each group itself and all around it.
    """
    params, sizes = [0] * len(tree.groups), [0] * len(tree.groups)
    for origin, users in weights.origins.items():
        for group in {above for user in users for above in inside[node_groups[user]]}:
            params[group] += weights.counts[origin]
    for value, users in weights.read.items():
        for group in {above for user in users for above in inside[node_groups[user]]}:
            sizes[group] += values.types[value].nbytes or 0
    for number, count in weights.attributes.items():
        for group in inside[node_groups[number]]:
            params[group] += count
            sizes[group] += 4 * count
    return params, sizes


def _origins(nodes: Sequence[Node], values: Values, folded: frozenset[int], order: Sequence[int]) -> dict[int, frozenset[int]]:
    """For each constant the learnt values that it comes from; itself, if it comes from none and is no shape."""
    found: dict[int, frozenset[int]] = {}
    for value in values.stored:
        found[value] = frozenset((value,)) if _count(value, nodes, values) else frozenset()
    for number in order:
        if number not in folded:
            continue
        made = frozenset().union(*(found.get(value, frozenset()) for value in values.inputs[number]))
        for value in values.outputs[number]:
            if value >= 0 and value not in found:
                own = not made or len(made) > _MOST_ORIGINS
                found[value] = made if not own else frozenset((value,)) if _count(value, nodes, values) else frozenset()
    return found


def _count(value: int, nodes: Sequence[Node], values: Values) -> int:
    """Learnt numbers in a constant: none in shapes and masks. Biases of quantised operators are int32, and 4-bit weights packed."""
    kind = values.types[value]
    if kind.dtype in _NO_PARAMETERS:
        return 0
    users = [(number, operator(nodes[number])) for number in values.users[value][:8]]
    if kind.dtype == "int32" and not any(name in _QUANTISED for _, name in users):
        return 0
    for number, name in users:
        if name in _PACKED and values.inputs[number][1:2] == (value,):
            sizes = [nodes[number].attribute(name) for name in ("K", "N")]
            return max(sizes[0] if isinstance(sizes[0], int) else 0, 0) * max(sizes[1] if isinstance(sizes[1], int) else 0, 0)
    return kind.elements or 0


def _held(node: Node) -> int:
    """Learnt numbers in attributes, where classical models have them."""
    return sum(item.count for item in node.attributes if item.kind == "floats") if node.domain == "ai.onnx.ml" else 0
