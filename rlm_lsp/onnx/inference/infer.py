"""Shape inference on a model's skeleton, for the worker process alone: everything here runs C++ on a file that anybody may have made.

Tier 1 is ``onnx.shape_inference`` after the recipe that resolves most: input dimensions bound, stated shapes cleared, then inferred with
data propagation. Tier 2 (``propagation``) is asked where that leaves something open.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import onnx
import onnx.shape_inference

from rlm_lsp.onnx.clean import first_line
from rlm_lsp.onnx.graph import all_nodes, graphs
from rlm_lsp.onnx.inference.propagation import Propagation
from rlm_lsp.onnx.inference.protos import bodies, from_proto, loaded, negative_dims_cleared
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.shapes import Types, count_known, merged, stated_types
from rlm_lsp.onnx.source import kept_text
from rlm_lsp.onnx.types import Graph, Model, Problem

TIER_2_S = 15.0
"""Seconds after which tier 2 hands over what it has."""


def infer(path: Path, bindings: Mapping[str, int], tier: int) -> tuple[Types, int, list[Problem]]:
    """Types of all values, the tier that was used, and what went wrong. What one tier cannot do leaves what the one before found."""
    model = read(path)
    types = stated_types(model.graph, bindings)
    try:
        proto = loaded(path)
    except Exception as error:  # whatever protobuf throws over a hostile file
        return types, 0, [Problem("not-analysed", f"shapes could not be inferred: {first_line(error)}")]
    _bind(proto, bindings)
    problems = []
    used = 0
    try:
        inferred = onnx.shape_inference.infer_shapes(proto, check_type=False, strict_mode=False, data_prop=True)
        _collect(model.graph, inferred.graph, types, _symbols(model))
        used = 1
    except Exception as error:  # a model that is not valid; nodes may be, one by one
        problems.append(Problem("not-analysed", f"onnx.shape_inference gave up: {first_line(error)}"))
    known, total = count_known(all_nodes(model), types)
    if tier < 2 or known == total:
        return types, used, problems
    propagation = Propagation(model, proto, types, time.monotonic() + TIER_2_S)
    try:
        propagation.run()
        used = 2
    except Exception as error:
        problems.append(Problem("not-analysed", f"propagation of shapes gave up: {first_line(error)}"))
    return types, used, [*problems, *propagation.problems()]


def _bind(proto: onnx.ModelProto, bindings: Mapping[str, int]) -> None:
    """Put sizes in, and with them forget the shapes that the file states for others."""
    for value in proto.graph.input:
        negative_dims_cleared(value.type)
        for axis, dim in enumerate(value.type.tensor_type.shape.dim):
            size = bindings.get(f"{value.name}[{axis}]", bindings.get(dim.dim_param) if dim.dim_param else None)
            if size is not None and not dim.HasField("dim_value"):
                dim.dim_value = size
    for value in proto.graph.output:
        negative_dims_cleared(value.type)
    if bindings:
        _forget(proto.graph)
        for value in proto.graph.output:
            value.type.tensor_type.ClearField("shape")


def _forget(graph: onnx.GraphProto) -> None:
    del graph.value_info[:]
    for node in graph.node:
        for body in bodies(node):
            _forget(body)


def _collect(graph: Graph, proto: onnx.GraphProto, types: Types, symbols: frozenset[str]) -> None:
    """Add what was inferred, for a graph and all bodies in it; calls' bodies are not inferred one by one."""
    found = types[graph.path]
    for value in (*proto.value_info, *proto.output):
        name = kept_text(value.name)
        found[name] = merged(from_proto(value.type, symbols), found.get(name, from_proto(onnx.TypeProto(), symbols)))
    for node, node_proto in zip(graph.nodes, proto.node, strict=True):
        for body, body_proto in zip((each for each in node.subgraphs if not each.is_call), bodies(node_proto), strict=True):
            _collect(body, body_proto, types, symbols)


def _symbols(model: Model) -> frozenset[str]:
    """Names of dimensions that the file uses; inference makes up others."""
    values: Iterable[Any] = (value for graph in graphs(model.graph) for value in (*graph.inputs, *graph.outputs, *graph.values))
    return frozenset(dim for value in values for dim in value.type.dims or () if isinstance(dim, str))
