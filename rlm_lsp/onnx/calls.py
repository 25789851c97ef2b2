"""Calls of model-local functions, expanded: each call gets a copy of the function's body, with the call's attributes put in."""

from __future__ import annotations

from dataclasses import replace

from rlm_lsp.onnx.source import MAX_DEPTH, Source
from rlm_lsp.onnx.types import Attribute, Function, Graph, Model, Node

Key = tuple[str, str, str]
"""Domain, name and overload of a function."""


def expanded(source: Source, model: Model) -> Model:
    """The model with a body at each call. Calls of functions that call themselves stay without one, and are problems."""
    functions = {(function.domain, function.name, function.overload): function for function in model.functions}
    if not functions:
        return model
    return replace(model, graph=_Expander(source, functions).graph(model.graph, model.graph.path, {}, ()))


class _Expander:
    def __init__(self, source: Source, functions: dict[Key, Function]) -> None:
        self.source = source
        self.functions = functions
        self.recursive: set[Key] = set()

    def graph(self, graph: Graph, path: str, given: dict[str, Attribute], calls: tuple[Key, ...]) -> Graph:
        """A copy of a graph at ``path`` inside of ``calls``, whose attributes are ``given``."""
        return replace(graph, path=path, nodes=tuple(self.node(node, path, given, calls) for node in graph.nodes))

    def node(self, node: Node, scope: str, given: dict[str, Attribute], calls: tuple[Key, ...]) -> Node:
        """A copy of a node in the graph at ``scope``."""
        key = (node.domain, node.op, node.overload)
        if not calls and key not in self.functions and not node.subgraphs:
            return node  # it stands where it was read
        attributes = tuple(_resolved(attribute, given) for attribute in node.attributes) if calls else node.attributes
        path = f"{scope}/{node.index}" if scope else str(node.index)
        bodies = [self.graph(body, path + body.path[len(node.path) :], given, calls) for body in node.subgraphs]
        if key in self.functions:
            bodies += self._body(key, path, attributes, calls)
        return replace(node, scope=scope, attributes=attributes, subgraphs=tuple(bodies))

    def _body(self, key: Key, path: str, attributes: tuple[Attribute, ...], calls: tuple[Key, ...]) -> list[Graph]:
        function = self.functions[key]
        if key in calls:
            if key not in self.recursive:
                self.recursive.add(key)
                self.source.problem("recursion", f"the function {function.name} calls itself, directly or through others", path)
            return []
        if len(calls) >= MAX_DEPTH:
            self.source.problem("limit", f"calls more than {MAX_DEPTH} deep in each other are left out", path)
            return []
        self.source.spend_nodes(len(function.graph.nodes))
        if self.source.stopped:
            return []
        given = {attribute.name: attribute for attribute in (*function.defaults, *attributes)}
        return [self.graph(function.graph, f"{path}/call", given, (*calls, key))]


def _resolved(attribute: Attribute, given: dict[str, Attribute]) -> Attribute:
    """A reference replaced by what the call gives; kept where it gives nothing."""
    if attribute.kind == "reference" and isinstance(attribute.value, str) and attribute.value in given:
        return replace(given[attribute.value], name=attribute.name)
    return attribute
