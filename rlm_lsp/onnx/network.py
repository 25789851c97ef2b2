"""A model file with everything that is known of it without running it: what all commands, the document and the server start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlm_lsp.onnx import costs_totals, graph, roofline, scopes
from rlm_lsp.onnx.analysis import analyse
from rlm_lsp.onnx.costs import Costs, count
from rlm_lsp.onnx.costs_totals import Totals
from rlm_lsp.onnx.graph import Links
from rlm_lsp.onnx.liveness import Peak, peak_activations
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.roofline import Roofline
from rlm_lsp.onnx.shapes import parse_bindings, symbols
from rlm_lsp.onnx.types import Model, Node, Problem, Shapes, Tree
from rlm_lsp.onnx.values import Values, number_values
from rlm_lsp.onnx.weights import Weights, find_weights
from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import InputError

UNREADABLE = frozenset({"unreadable", "empty"})
"""Problems after which there is nothing to be looked at."""


@dataclass(frozen=True, slots=True)
class Network:
    """``nodes`` are those at any depth, by number; ``node_groups`` says which group of the tree each is directly in."""

    model: Model
    nodes: Sequence[Node]
    links: Links
    folded: frozenset[int]
    shapes: Shapes
    values: Values
    weights: Weights
    tree: Tree
    node_groups: Sequence[int]
    costs: Costs
    totals: Totals
    peak: Peak
    roofline: Roofline

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the file, and what could not be found out about it."""
        return list(dict.fromkeys((*self.model.problems, *self.links.problems, *self.shapes.problems)))


def examine(path: Path, bindings: Sequence[str] = ()) -> Network:
    """Read a file, infer its shapes in a child process, and count its costs. Bindings are texts such as "batch=1".

    Raises:
        InputError: there is no such file, or no model in it, or a binding names no open dimension of it.
    """
    model = readable(path)
    return with_shapes(model, analyse(path, model, parse_bindings(bindings, symbols(model))))


def readable(path: Path) -> Model:
    """What a file describes.

    Raises:
        InputError: nothing, because it cannot be read or is no ONNX file.
    """
    model = read(path)
    fatal = next((problem for problem in model.problems if problem.code in UNREADABLE), None)
    if fatal is None and not model.graph.nodes and not model.graph.inputs and not model.graph.outputs and not model.graph.initializers:
        fatal = next(iter(model.problems), Problem("malformed", "there is no graph in it: this is no ONNX file"))
    if fatal is not None:
        raise InputError(f"{printable(str(path))}: {fatal.reason}")
    return model


def with_shapes(model: Model, shapes: Shapes, machine: Roofline = roofline.DEFAULT) -> Network:
    """Everything else that is known, once the shapes are."""
    nodes = graph.all_nodes(model)
    links = graph.link(model, nodes)
    folded = graph.folded(nodes, links)
    values = number_values(model, nodes, links, folded, shapes)
    tree = scopes.group(nodes, links, folded)
    weights = find_weights(nodes, values, folded, links.order)
    costs = count(nodes, values, weights, folded, machine)
    return Network(
        model,
        nodes,
        links,
        folded,
        shapes,
        values,
        weights,
        tree,
        costs_totals.groups_of_nodes(tree, len(nodes)),
        costs,
        costs_totals.totals(nodes, values, weights, folded, costs),
        peak_activations(nodes, values, folded, links.order),
        machine,
    )
