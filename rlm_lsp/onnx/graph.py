"""Who feeds whom in a model: nodes numbered, inputs traced to what made them through subgraphs and calls, and what is constant.

All functions take time linear in the number of nodes, inputs and bodies (times the depth of subgraphs).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rlm_lsp.onnx.types import Graph, Model, Node, Problem, TensorInfo, ValueInfo

NOT_A_NODE = -1
"""Stands for the producer of an input that is a graph's input or a stored tensor, or is not given."""

_RANDOM = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"})
_FOLDED_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.ms.internal.nhwc"})  # others do what we cannot know
_MAX_PROBLEMS = 20  # of a kind
_FEW = 64  # elements of a stored tensor that is no weight but a shape, an axis or a factor

_ONE_VALUE = {"value_float": "float32", "value_int": "int64", "value_floats": "float32", "value_ints": "int64"}


@dataclass(frozen=True)
class Links:
    """Edges between the nodes of ``all_nodes(model)``, by their numbers.

    ``inputs[n]`` has a producer for each input of node n. ``captures[n]`` are producers in n's own graph that its bodies read.
    ``users[n]`` are the nodes that read an output of n, at any depth. ``owners`` says whose body a graph is.
    ``order`` is ``range(len(nodes))`` where the file is in topological order, and else such an order; a cycle stays in file order.
    """

    inputs: Sequence[tuple[int, ...]]
    captures: Mapping[int, tuple[int, ...]]
    users: Sequence[Sequence[int]]
    owners: Mapping[str, int]  # path of a graph to the number of its node
    stored: Mapping[tuple[int, int], TensorInfo]  # (node, place of the input) to the initializer that it is
    constants: Mapping[int, TensorInfo]  # what Constant nodes hold
    order: Sequence[int]
    problems: tuple[Problem, ...]

    def tensor(self, node: int, place: int) -> TensorInfo | None:
        """The stored tensor, from an initializer or a Constant, that an input is."""
        if place >= len(self.inputs[node]):
            return None
        return self.stored.get((node, place)) or self.constants.get(self.inputs[node][place])


def all_nodes(model: Model) -> list[Node]:
    """Every node at any depth, an owner before its bodies. The place in this list is the node's number."""
    return list(_walk(model.graph))


def graphs(graph: Graph) -> Iterator[Graph]:
    """A graph and all bodies in it, outer ones first."""
    yield graph
    for node in graph.nodes:
        for body in node.subgraphs:
            yield from graphs(body)


def count_nodes(graph: Graph) -> int:
    """Nodes at any depth."""
    return sum(len(each.nodes) for each in graphs(graph))


def _walk(graph: Graph) -> Iterator[Node]:
    for node in graph.nodes:
        yield node
        for body in node.subgraphs:
            yield from _walk(body)


def link(model: Model, nodes: Sequence[Node] | None = None) -> Links:
    """The edges of a model, and what is wrong with them."""
    return _Linker(all_nodes(model) if nodes is None else nodes, model.graph).links()


class _Linker:
    def __init__(self, nodes: Sequence[Node], main: Graph) -> None:
        self.nodes = nodes
        self.bodies = list(graphs(main))
        self.owners = {body.path: number for number, node in enumerate(nodes) for body in node.subgraphs}
        self.made: dict[str, dict[str, int | TensorInfo]] = {}  # by graph: what its names stand for
        self.aliases: dict[str, dict[str, str]] = {}  # by body of a call: parameter to the name that the caller gives
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = {}

    def links(self) -> Links:
        for graph in self.bodies:
            self._declare(graph)
        for number, node in enumerate(self.nodes):
            self._define(number, node)
        inputs: list[tuple[int, ...]] = []
        stored: dict[tuple[int, int], TensorInfo] = {}
        captures: dict[int, dict[int, None]] = {}  # the inner dict as an ordered set
        users: list[list[int]] = [[] for _ in self.nodes]
        for number, node in enumerate(self.nodes):
            producers = []
            for place, name in enumerate(node.inputs):
                found = self._resolve(node.scope, name, node.path) if name else NOT_A_NODE
                if isinstance(found, TensorInfo):
                    stored[number, place] = found
                    found = NOT_A_NODE
                elif found >= 0:
                    users[found].append(number)
                    self._capture(node.scope, found, captures)
                producers.append(found)
            inputs.append(tuple(producers))
        for graph in self.bodies:
            if graph.path and not graph.is_call:
                for output in graph.outputs:
                    found = self._resolve(graph.path, output.name, graph.path)
                    if not isinstance(found, TensorInfo) and found >= 0:
                        self._capture(graph.path, found, captures)
        frozen = {owner: tuple(producers) for owner, producers in captures.items()}
        order = self._order(inputs, frozen)
        constants = {number: held for number, node in enumerate(self.nodes) if (held := constant_tensor(node)) is not None}
        return Links(inputs, frozen, users, self.owners, stored, constants, order, tuple(self.problems))

    def _problem(self, code: str, reason: str, where: str) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= _MAX_PROBLEMS:
            self.problems.append(Problem(code, reason, where))  # type: ignore[arg-type]  # the literals are below

    def _declare(self, graph: Graph) -> None:
        """Names that a graph has before any node runs. An initializer wins over an input of its name, whose default it is."""
        made = self.made.setdefault(graph.path, {})
        made.update((value.name, NOT_A_NODE) for value in graph.inputs)
        made.update((tensor.name, tensor) for tensor in graph.initializers)
        if graph.is_call:
            call = self.nodes[self.owners[graph.path]]
            self.aliases[graph.path] = {value.name: given for value, given in zip(graph.inputs, call.inputs, strict=False)}

    def _define(self, number: int, node: Node) -> None:
        made = self.made[node.scope]
        for name in node.outputs:
            if name and made.setdefault(name, number) != number:
                self._problem("duplicate-name", "two values of the same name; the first is used", node.path)

    def _resolve(self, scope: str, name: str, where: str) -> int | TensorInfo:
        """What a name stands for as seen from a graph."""
        while True:
            given = self.aliases.get(scope, {}).get(name)
            if given is None:
                found = self.made[scope].get(name)
                if found is not None:
                    return found
                if not scope or scope in self.aliases:
                    self._problem("undefined-input", "a value that nothing makes", where)
                    return NOT_A_NODE
            elif not given:  # an optional parameter that this call leaves out
                return NOT_A_NODE
            else:
                name = given
            scope = self.nodes[self.owners[scope]].scope

    def _capture(self, scope: str, producer: int, captures: dict[int, dict[int, None]]) -> None:
        """Note that the node around ``scope`` which stands beside the producer depends on it."""
        home = self.nodes[producer].scope
        owner = NOT_A_NODE
        while scope != home:
            owner = self.owners[scope]
            scope = self.nodes[owner].scope
        if owner >= 0:
            captures.setdefault(owner, {})[producer] = None

    def _order(self, inputs: Sequence[tuple[int, ...]], captures: Mapping[int, tuple[int, ...]]) -> Sequence[int]:
        if all(producer < number for number, producers in enumerate(inputs) for producer in producers) and all(
            producer < owner for owner, producers in captures.items() for producer in producers
        ):
            return range(len(self.nodes))
        members: dict[str, list[int]] = {}
        for number, node in enumerate(self.nodes):
            members.setdefault(node.scope, []).append(number)
        needs = {
            number: {producer for producer in (*inputs[number], *captures.get(number, ())) if self._beside(producer, number)}
            for number in range(len(self.nodes))
        }
        sorted_members = {scope: self._sorted(numbers, needs) for scope, numbers in members.items()}
        return list(self._flattened("", sorted_members))

    def _beside(self, producer: int, number: int) -> bool:
        return producer >= 0 and self.nodes[producer].scope == self.nodes[number].scope

    def _sorted(self, numbers: Sequence[int], needs: Mapping[int, set[int]]) -> list[int]:
        """The nodes of one graph, producers first; what is on or behind a cycle comes last, in file order."""
        waiting = {number: len(needs[number]) for number in numbers}
        users: dict[int, list[int]] = {}
        for number in numbers:
            for producer in needs[number]:
                users.setdefault(producer, []).append(number)
        ready = deque(number for number in numbers if not waiting[number])
        order = []
        while ready:
            number = ready.popleft()
            order.append(number)
            for user in users.get(number, ()):
                waiting[user] -= 1
                if not waiting[user]:
                    ready.append(user)
        if len(order) < len(numbers):
            done = set(order)
            rest = [number for number in numbers if number not in done]
            self._problem("cycle", f"{len(rest):,} nodes need each other's outputs, or those of such nodes", self.nodes[rest[0]].path)
            order += rest
        return order

    def _flattened(self, scope: str, members: Mapping[str, list[int]]) -> Iterator[int]:
        for number in members.get(scope, ()):
            yield number
            for body in self.nodes[number].subgraphs:
                yield from self._flattened(body.path, members)


def folded(nodes: Sequence[Node], links: Links) -> frozenset[int]:
    """Nodes whose outputs are known when the model is loaded: they depend on stored tensors alone, and on no chance.

    Run times compute them once (ONNX Runtime's constant folding), so their cost is not one of a run.
    """
    impure = _with_chance(nodes, links)
    found: set[int] = set()
    for number in links.order:
        node = nodes[number]
        owner = links.owners.get(node.scope)
        is_pure = number not in impure and (node.domain in _FOLDED_DOMAINS or bool(node.subgraphs))
        if owner in found or (is_pure and _all_constant(number, node, links, found)):
            found.add(number)
    return frozenset(found)


def constant_input(node: int, place: int, links: Links, folded: frozenset[int]) -> bool:
    """Whether an input is known when the model is loaded: a weight, or computed from weights alone."""
    return (node, place) in links.stored or links.inputs[node][place] in folded


def _all_constant(number: int, node: Node, links: Links, found: set[int]) -> bool:
    for place, producer in enumerate(links.inputs[number]):
        if producer not in found and (number, place) not in links.stored and node.inputs[place]:
            return False
    return all(producer in found for producer in links.captures.get(number, ()))


def _with_chance(nodes: Sequence[Node], links: Links) -> set[int]:
    """Random nodes, and those whose bodies have one."""
    found: set[int] = set()
    for number, node in enumerate(nodes):
        if node.op in _RANDOM:
            at: int | None = number
            while at is not None and at not in found:
                found.add(at)
                at = links.owners.get(nodes[at].scope)
    return found


def constant_tensor(node: Node) -> TensorInfo | None:
    """What a Constant node holds."""
    if node.op != "Constant" or node.domain or not node.outputs:
        return None
    for attribute in node.attributes:
        if isinstance(attribute.value, TensorInfo):
            return attribute.value
        if attribute.name in _ONE_VALUE:
            dtype = _ONE_VALUE[attribute.name]
            values = attribute.value if isinstance(attribute.value, tuple) else (attribute.value,)
            numbers = tuple(value for value in values if isinstance(value, int | float))
            dims = (attribute.count,) if isinstance(attribute.value, tuple) else ()
            return TensorInfo(node.outputs[0], dtype, dims, values=numbers if len(numbers) == attribute.count else None)
        if attribute.name in ("value_string", "value_strings"):
            return TensorInfo(node.outputs[0], "string", (attribute.count,) if attribute.name == "value_strings" else ())
    return None


def trunk(nodes: Sequence[Node], links: Links, folded: frozenset[int]) -> list[bool]:
    """By node: whether it depends on weights, other than through the shape of something; of folded nodes, whether they are weights.

    What is left out are chains that compute masks, positions and target shapes: they run beside the network, and tie its far ends.
    """
    found = [False] * len(nodes)
    for number in links.order:
        node = nodes[number]
        if node.op in ("Shape", "Size"):
            continue
        producers = (*links.inputs[number], *links.captures.get(number, ()))
        held = [links.stored.get((number, place)) for place in range(len(links.inputs[number]))]
        found[number] = (
            any(tensor is not None and (tensor.elements or 0) > _FEW for tensor in [*held, links.constants.get(number)])
            or (node.op == "ConstantOfShape" and number in folded and _filled(links, number) > _FEW)
            or any(producer >= 0 and found[producer] for producer in producers)
        )
    return found


def _filled(links: Links, number: int) -> int:
    """Elements that a folded ConstantOfShape makes; weights, in files that were stripped of them."""
    shape = links.tensor(number, 0)
    return math.prod(max(int(size), 0) for size in (shape.values or ())) if shape is not None and shape.dtype == "int64" else 0


def main_inputs(graph: Graph) -> tuple[ValueInfo, ...]:
    """The inputs that a caller must give: those without a stored default."""
    stored = {tensor.name for tensor in graph.initializers}
    return tuple(value for value in graph.inputs if value.name not in stored)
