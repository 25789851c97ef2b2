"""What each node of a model costs, by the shapes of what it reads and writes: static figures, none of them measured.

What is not known is None, with a reason, and no sum hides it. A node that the load computes once (``graph.folded``) costs a run nothing.
Of an If the dearer branch counts; a Loop counts as often as its trip count says, where that is a constant, and a Scan as often as what it
scans is long. Figures of nodes inside of bodies are those of a whole run, too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rlm_lsp.onnx.costs_elementwise import column_work, element_work, is_free, reads_part
from rlm_lsp.onnx.costs_rules import RULES, Call, UnknownCostError, operator
from rlm_lsp.onnx.roofline import Roofline
from rlm_lsp.onnx.types import Node, ValueType
from rlm_lsp.onnx.values import NONE, Body, Values
from rlm_lsp.onnx.weights import Weights

LARGEST = 2**63
"""Counts from here on are not believed: no machine holds or computes so much, and a file may say anything."""


@dataclass(frozen=True, slots=True)
class NodeCost:
    """One node in a run of the model; sizes are bytes. ``unknown``: why something is None, or only a lower bound; else empty.

    ``params`` and ``weight_bytes`` are of the constants that the node reads, once for each node that reads them. ``read`` and ``written``
    are activations; ``element_ns`` is the work of ``costs_elementwise``.
    """

    params: int = 0
    weight_bytes: int = 0
    macs: int | None = 0
    read: int | None = 0
    written: int | None = 0
    element_ns: float | None = 0.0
    seconds: float | None = 0.0
    unknown: str = ""

    @property
    def traffic(self) -> int | None:
        """Bytes that it moves, weights among them."""
        return None if self.read is None or self.written is None else self.read + self.written + self.weight_bytes


FREE = NodeCost()


@dataclass(frozen=True, slots=True)
class Costs:
    """``run`` has a node's cost with what its bodies cost, in a whole run; ``load`` what a folded node costs, once.

    ``times`` says how often a node runs in one run of the model; ``taken`` whether it lies in the dearer branch of every If around it.
    """

    run: Sequence[NodeCost]
    load: Mapping[int, NodeCost]
    times: Sequence[int]
    taken: Sequence[bool]


def count(nodes: Sequence[Node], values: Values, weights: Weights, folded: frozenset[int], roofline: Roofline) -> Costs:
    """The costs of all nodes, in time linear in the model's size."""
    own = [_believable(_own(number, node, values, weights, roofline, at_load=number in folded)) for number, node in enumerate(nodes)]
    bodies_of = {body.owner: body for body in values.bodies}
    trips = [_trips(number, nodes, values, bodies_of) if node.subgraphs else 1 for number, node in enumerate(nodes)]
    members: dict[int, defaultdict[str, list[int]]] = {number: defaultdict(list) for number, node in enumerate(nodes) if node.subgraphs}
    for number, owner in enumerate(values.owners):
        if owner != NONE:
            members[owner][nodes[number].scope].append(number)
    run = [FREE if number in folded else cost for number, cost in enumerate(own)]
    dearer: dict[int, str] = {}
    for number in range(len(nodes) - 1, -1, -1):  # bodies have higher numbers than their owners
        if nodes[number].subgraphs and number not in folded:
            bodies = {scope: _sum([run[inner] for inner in inside]) for scope, inside in members[number].items()}
            if nodes[number].op == "If" and bodies:
                dearer[number] = max(bodies, key=lambda scope: (bodies[scope].seconds or 0.0, scope))
                bodies = {dearer[number]: bodies[dearer[number]]}
            run[number] = _believable(_with_bodies(run[number], list(bodies.values()), trips[number]))
    times, taken = [1] * len(nodes), [True] * len(nodes)
    for number, owner in enumerate(values.owners):
        if owner != NONE:
            times[number] = min(times[owner] * (trips[owner] or 1), LARGEST)
            taken[number] = taken[owner] and dearer.get(owner, nodes[number].scope) == nodes[number].scope
            run[number] = _believable(_times(run[number], times[number]))
    return Costs(run, {number: own[number] for number in folded}, times, taken)


def call_of(number: int, node: Node, values: Values) -> Call:
    """A node with the types that the rules need."""
    inputs = values.inputs[number]
    types = tuple(None if value == NONE else values.types[value] for value in inputs)
    results = tuple(None if value == NONE else values.types[value] for value in values.outputs[number])
    stored = {place: values.stored[value] for place, value in enumerate(inputs) if value in values.stored}
    return Call(operator(node), node, types, results, stored)


def _own(number: int, node: Node, values: Values, known: Weights, roofline: Roofline, *, at_load: bool) -> NodeCost:
    """A node's cost without its bodies'. ``at_load``: its inputs are constants, which are then what it reads."""
    call = call_of(number, node, values)
    weights = (
        {} if at_load else {place: value for place, value in enumerate(values.inputs[number]) if value >= 0 and values.constant[value]}
    )
    params, weight_bytes = known.params[number], known.nbytes[number]
    if node.subgraphs or is_free(call.operator):
        written = 0 if node.subgraphs else _bytes(call.outputs)
        if call.operator == "Constant" or node.subgraphs:
            return NodeCost(params, weight_bytes, written=written)
        return NodeCost(params, weight_bytes, written=written, seconds=roofline.called(_given(call)))
    written = _bytes(call.outputs)
    read = _read(call, weights)
    try:
        macs = RULES[call.operator].count(call) if call.operator in RULES else 0
        element_ns = element_work(call)
        if max(macs, read or 0, written or 0, weight_bytes) >= LARGEST:
            raise UnknownCostError("its shapes are too large to be true")  # nor can they be divided as floats
        if read is None or written is None:
            raise UnknownCostError(_which_bytes(call))
    except UnknownCostError as error:
        return NodeCost(params, weight_bytes, None, read, written, None, None, str(error))
    touched = min(weight_bytes, written) if reads_part(call.operator) else weight_bytes
    seconds = roofline.seconds(macs, read + written + touched, element_ns, column_work(call), _given(call))
    return NodeCost(params, weight_bytes, macs, read, written, element_ns, seconds)


def _given(call: Call) -> int:
    return sum(kind is not None for kind in call.inputs)


def _bytes(types: Sequence[ValueType | None]) -> int | None:
    sizes = [kind.nbytes for kind in types if kind is not None]
    known = [size for size in sizes if size is not None and size < LARGEST]
    return sum(known) if len(known) == len(sizes) else None


def _read(call: Call, weights: Mapping[int, int]) -> int | None:
    """Bytes of activations that are read; what an operator takes a part of, it reads no more of than it writes."""
    given = [kind for place, kind in enumerate(call.inputs) if place not in weights]
    if reads_part(call.operator) and 0 not in weights and call.inputs:
        first, rest, written = _bytes(call.inputs[:1]), _bytes(given[1:]), _bytes(call.outputs)
        return None if rest is None or written is None else min(written if first is None else first, written) + rest
    return _bytes(given)


def _which_bytes(call: Call) -> str:
    """The first input or output whose size is not known."""
    for what, types in (("output", call.outputs), ("input", call.inputs)):
        for place, kind in enumerate(types):
            if kind is not None and kind.nbytes is None:
                part = "type" if kind.elements is not None else "shape"
                return f"the {part} of {what} {place} is not known"
    return "a size is not known"


def _trips(number: int, nodes: Sequence[Node], values: Values, bodies: Mapping[int, Body]) -> int | None:
    """How often a node's bodies run each time it does; None: that hangs on the data."""
    node, inputs = nodes[number], values.inputs[number]
    if node.domain or node.op not in ("Loop", "Scan"):
        return 1
    if node.op == "Loop":
        return _loop_trips(inputs, nodes, values, bodies.get(number))
    scanned = node.attribute("num_scan_inputs")
    if not isinstance(scanned, int) or not 0 < scanned <= len(inputs) or inputs[-scanned] == NONE:
        return None
    axes = node.attribute("scan_input_axes")
    axis = axes[0] if isinstance(axes, tuple) and axes and isinstance(axes[0], int) else 0
    dims = values.types[inputs[-scanned]].dims
    size = dims[axis] if dims is not None and -len(dims) <= axis < len(dims) else None
    return min(size, LARGEST) if isinstance(size, int) else None


def _loop_trips(inputs: Sequence[int], nodes: Sequence[Node], values: Values, body: Body | None) -> int | None:
    """The constant trip count of a Loop that nothing ends earlier: its body hands the condition on, or says true."""
    limit = values.stored.get(inputs[0]) if inputs else None
    if limit is None or not limit.values or not isinstance(limit.values[0], int) or body is None or len(body.inputs) < 2:
        return None
    goes_on = body.outputs[0] if body.outputs else NONE
    for _ in range(4):  # through an Identity or a Cast
        source = values.sources[goes_on] if goes_on != NONE else NONE
        if source == NONE or nodes[source].op not in ("Identity", "Cast") or len(values.inputs[source]) != 1:
            break
        goes_on = values.inputs[source][0]
    constant = values.stored.get(goes_on)
    always = constant is not None and constant.values == (1,)
    return min(max(limit.values[0], 0), LARGEST) if always or goes_on == body.inputs[1] else None


def _with_bodies(own: NodeCost, bodies: Sequence[NodeCost], trips: int | None) -> NodeCost:
    total = _sum([own, *(_times(body, trips or 1) for body in bodies)])
    if trips is None:
        return replace(total, unknown="how often it runs hangs on the data; counted once")
    return replace(total, unknown=own.unknown)


def _sum(costs: Sequence[NodeCost]) -> NodeCost:
    """What is known of all; what is not known has been said where it stands."""
    return NodeCost(
        sum(cost.params for cost in costs),
        sum(cost.weight_bytes for cost in costs),
        sum(cost.macs or 0 for cost in costs),
        sum(cost.read or 0 for cost in costs),
        sum(cost.written or 0 for cost in costs),
        math.fsum(cost.element_ns or 0.0 for cost in costs),
        math.fsum(cost.seconds or 0.0 for cost in costs),
    )


def _times(cost: NodeCost, times: int) -> NodeCost:
    """The same, run more than once. Weights stay where they are."""
    if times == 1:
        return cost
    read, written, macs = (None if value is None else value * times for value in (cost.read, cost.written, cost.macs))
    nanoseconds, seconds = (None if value is None else value * times for value in (cost.element_ns, cost.seconds))
    return NodeCost(cost.params, cost.weight_bytes, macs, read, written, nanoseconds, seconds, cost.unknown)


def _believable(cost: NodeCost) -> NodeCost:
    """The same, unless a count is beyond everything that there is."""
    counts = (cost.params, cost.weight_bytes, cost.macs, cost.read, cost.written, cost.element_ns, cost.seconds)
    if all(count is None or count < LARGEST for count in counts):
        return cost
    return NodeCost(0, 0, None, None, None, None, None, "its shapes are too large to be true")
