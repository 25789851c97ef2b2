"""The values of a model, numbered: what each node reads and writes, across bodies of If, Loop and Scan and into called functions.

A name means different things in different graphs, and the value that goes into a function has another name inside. Everything that
counts bytes or follows edges works with numbers instead. What a function's body calls its input is the value that the call is given,
and what the call makes is the value that the body makes, so calls are transparent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rlm_lsp.onnx.graph import Links
from rlm_lsp.onnx.types import Graph, Model, Node, Shapes, TensorInfo, ValueType

NONE = -1
"""Of an optional input or output that is not there; of a value's source: no node makes it."""


@dataclass(frozen=True, slots=True)
class Body:
    """A graph inside of a node, with the values that it is given and gives back."""

    owner: int
    graph: Graph
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """Values by number. ``inputs`` and ``outputs`` are those of each node; ``users`` the nodes that read a value, in ascending order.

    ``stored`` are weights and constants of the file. ``owners`` has for each node the one in whose body it lies, or NONE.
    """

    names: Sequence[str]
    scopes: Sequence[str]
    types: Sequence[ValueType]
    sources: Sequence[int]
    constant: Sequence[bool]
    stored: Mapping[int, TensorInfo]
    users: Sequence[Sequence[int]]
    inputs: Sequence[tuple[int, ...]]
    outputs: Sequence[tuple[int, ...]]
    owners: Sequence[int]
    bodies: Sequence[Body]
    given: tuple[int, ...]  # to the model
    results: tuple[int, ...]  # of the model


def number_values(model: Model, nodes: Sequence[Node], links: Links, folded: frozenset[int], shapes: Shapes) -> Values:
    """All values that something in the model names. ``nodes`` are ``graph.all_nodes(model)``, ``folded`` those computed at load."""
    table = _Table()
    numbers = {node.path: number for number, node in enumerate(nodes)}
    bodies = list(_graphs(model.graph, numbers))
    for owner, graph in bodies:
        table.define(graph)
        if graph.is_call:
            node = nodes[owner]
            for inside, outside in zip(graph.inputs, node.inputs, strict=False):
                if outside:
                    table.join(table.local(graph.path, inside.name), table.find(node.scope, outside))
    for owner, graph in bodies:
        if graph.is_call:
            node = nodes[owner]
            for inside, outside in zip(graph.outputs, node.outputs, strict=False):
                if outside:
                    table.join(table.local(node.scope, outside), table.find(graph.path, inside.name))
    inputs = [tuple(table.find(node.scope, name) if name else NONE for name in node.inputs) for node in nodes]
    outputs = [tuple(table.local(node.scope, name) if name else NONE for name in node.outputs) for node in nodes]
    ends = [
        (
            owner,
            graph,
            [table.local(graph.path, item.name) for item in graph.inputs],
            [table.find(graph.path, item.name) for item in graph.outputs],
        )
        for owner, graph in bodies
    ]
    owners = _owners(bodies, numbers)
    dense = table.dense()
    inputs = [tuple(dense[value] if value >= 0 else NONE for value in row) for row in inputs]
    outputs = [tuple(dense[value] if value >= 0 else NONE for value in row) for row in outputs]
    return _collect(table, dense, nodes, links, folded, shapes, inputs, outputs, owners, ends)


def _graphs(graph: Graph, numbers: Mapping[str, int]) -> Iterator[tuple[int, Graph]]:
    """Every graph with the node that owns it, the outer before the inner ones."""
    waiting = [(NONE, graph)]
    while waiting:
        owner, graph = waiting.pop()
        yield owner, graph
        waiting += [(numbers[node.path], body) for node in graph.nodes for body in node.subgraphs]


def _owners(bodies: Sequence[tuple[int, Graph]], numbers: Mapping[str, int]) -> list[int]:
    owners = [NONE] * len(numbers)
    for owner, graph in bodies:
        for node in graph.nodes:
            owners[numbers[node.path]] = owner
    return owners


class _Table:
    """Names to numbers, while it is not yet known which numbers are the same value."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.scopes: list[str] = []
        self.initializers: dict[int, TensorInfo] = {}
        self._parents: list[int] = []  # a forest: numbers joined are one value
        self._by_scope: dict[str, dict[str, int]] = {}
        self._calls: set[str] = set()

    def define(self, graph: Graph) -> None:
        """Everything that a graph names first."""
        if graph.is_call:
            self._calls.add(graph.path)
        for item in graph.inputs:
            self.local(graph.path, item.name)
        for tensor in graph.initializers:
            self.initializers[self.local(graph.path, tensor.name)] = tensor
        for node in graph.nodes:
            for name in filter(None, node.outputs):
                self.local(graph.path, name)

    def local(self, scope: str, name: str) -> int:
        """The value that ``scope`` itself calls ``name``; a new one if there is none."""
        known = self._by_scope.setdefault(scope, {})
        number = known.get(name)
        if number is None:
            number = known[name] = len(self.names)
            self.names.append(name)
            self.scopes.append(scope)
            self._parents.append(number)
        return number

    def find(self, scope: str, name: str) -> int:
        """The value that ``name`` means in ``scope``: one of its own, or of a graph around it."""
        inner = scope
        while True:
            number = self._by_scope.get(scope, {}).get(name)
            if number is not None:
                return number
            if not scope or scope in self._calls:
                return self.local(inner, name)  # nobody defines it
            scope = scope.rpartition("/")[0].rpartition("/")[0]

    def join(self, one: int, other: int) -> None:
        """Both are the same value, named after ``other``."""
        self._parents[self._root(one)] = self._root(other)

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number

    def dense(self) -> list[int]:
        """For each number the final one of its value; these have no gaps."""
        final: dict[int, int] = {}
        return [final.setdefault(self._root(number), len(final)) for number in range(len(self.names))]


def _collect(
    table: _Table,
    dense: Sequence[int],
    nodes: Sequence[Node],
    links: Links,
    folded: frozenset[int],
    shapes: Shapes,
    inputs: list[tuple[int, ...]],
    outputs: list[tuple[int, ...]],
    owners: list[int],
    ends: Sequence[tuple[int, Graph, list[int], list[int]]],
) -> Values:
    count = max(dense, default=-1) + 1
    names, scopes, types = [""] * count, [""] * count, [ValueType()] * count
    stored: dict[int, TensorInfo] = {}
    for number, value in enumerate(dense):
        name, scope = table.names[number], table.scopes[number]
        found = table.initializers.get(number)
        if found is not None:
            stored[value] = found
        stated = found.type if found is not None else shapes.of(scope, name)
        if not names[value] or (types[value].nbytes is None and stated.nbytes is not None):
            names[value], scopes[value], types[value] = name, scope, stated
    sources = [NONE] * count
    for number, row in enumerate(outputs):
        for value in row:
            if value >= 0 and (sources[value] == NONE or _is_call(nodes[sources[value]])):
                sources[value] = number  # of a call, the node in its body, which has a higher number
    constant = [value in stored or sources[value] in folded for value in range(count)]
    for number, tensor in links.constants.items():
        if outputs[number][0] >= 0:
            stored[outputs[number][0]] = tensor
    users: list[list[int]] = [[] for _ in range(count)]
    for number, row in enumerate(inputs):
        for value in dict.fromkeys(row):
            if value >= 0:
                users[value].append(number)
    found_bodies = [
        Body(owner, graph, tuple(dense[value] for value in given), tuple(dense[value] for value in results))
        for owner, graph, given, results in ends
    ]
    whole = found_bodies[0]
    weights = {dense[number] for number in table.initializers}  # up to IR 3 these stand among the inputs, too
    given = tuple(value for value in whole.inputs if value not in weights)
    return Values(
        names, scopes, types, sources, constant, stored, users, inputs, outputs, owners, found_bodies[1:], given, whole.outputs
    )  # fmt: skip


def _is_call(node: Node) -> bool:
    return any(body.is_call for body in node.subgraphs)
