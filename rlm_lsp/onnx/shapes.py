"""Types of values: what the file states, symbols that a user can bind, and results of inference as they come from the child process."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.graph import all_nodes, graphs, main_inputs
from rlm_lsp.onnx.types import Dim, Graph, Model, Node, Problem, Shapes, ValueType
from rlm_lsp.predict.errors import InputError
from rlm_lsp.predict.framing import Frame

Types = dict[str, dict[str, ValueType]]
"""By path of a graph, then by name."""

MAX_DIM = 1 << 40  # what a dimension can be bound to

_BINDING = re.compile(r"(?P<name>.+)=(?P<size>[0-9]{1,13})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A dimension of the model's inputs that the file leaves open, and where it stands, such as "tokens[1]".

    ``name`` is what it is bound by: the file's name for it, or the place where it has none.
    """

    name: str
    places: tuple[str, ...]


def symbols(model: Model) -> tuple[Symbol, ...]:
    """The open dimensions of the inputs, in order."""
    places: dict[str, list[str]] = {}
    for value in main_inputs(model.graph):
        for axis, dim in enumerate(value.type.dims or ()):
            if not isinstance(dim, int):
                place = f"{value.name}[{axis}]"
                places.setdefault(dim or place, []).append(place)
    return tuple(Symbol(name, tuple(found)) for name, found in places.items())


def parse_bindings(texts: Sequence[str], known: Iterable[Symbol]) -> dict[str, int]:
    """Sizes by symbol or place, from texts such as "batch=1" and "tokens[1]=128".

    Raises:
        InputError: a text is of another form, or names no open dimension.
    """
    names = {name for symbol in known for name in (symbol.name, *symbol.places)}
    bindings = {}
    for text in texts:
        match = _BINDING.fullmatch(text)
        if match is None or not 1 <= int(match["size"]) <= MAX_DIM:
            raise InputError(f"{shown(text)}: a dimension is bound as NAME=SIZE, such as batch=1")
        if match["name"] not in names:
            raise InputError(f"{shown(match['name'])}: no open dimension of this model; {_offer(match['name'], names)}")
        bindings[match["name"]] = int(match["size"])
    return bindings


def bound(type_: ValueType, name: str, bindings: Mapping[str, int]) -> ValueType:
    """A type with the dimensions put in that are bound by symbol, or by place if ``name`` is that of an input."""
    if not bindings or type_.dims is None:
        return type_

    def size(axis: int, dim: Dim) -> Dim:
        if isinstance(dim, int):
            return dim
        return bindings.get(f"{name}[{axis}]", bindings.get(dim, dim) if dim else dim)

    return ValueType(type_.dtype, tuple(size(axis, dim) for axis, dim in enumerate(type_.dims)), type_.kind)


def stated(model: Model, bindings: Mapping[str, int] | None = None, problems: Iterable[Problem] = ()) -> Shapes:
    """What the file says without any inference."""
    return summed(model, stated_types(model.graph, bindings or {}), 0, bindings or {}, problems)


def stated_types(main: Graph, bindings: Mapping[str, int]) -> Types:
    """By graph, the types that a file states, and those of its stored tensors."""
    types: Types = {}
    for graph in graphs(main):
        found = types.setdefault(graph.path, {})
        for value in (*graph.values, *graph.outputs):
            found[value.name] = merged(found.get(value.name, ValueType()), bound(value.type, "", bindings))
        for value in graph.inputs:
            found[value.name] = bound(value.type, "" if graph.path else value.name, bindings)
        for tensor in graph.initializers:
            found[tensor.name] = tensor.type
    return types


def summed(model: Model, types: Types, tier: int, bindings: Mapping[str, int], problems: Iterable[Problem]) -> Shapes:
    """The types with the count of outputs whose shape is known."""
    known, total = count_known(all_nodes(model), types)
    return Shapes(types, tier, known, total, tuple(sorted(bindings.items())), tuple(problems))


def count_known(nodes: Sequence[Node], types: Types) -> tuple[int, int]:
    """Outputs of nodes whose every dimension is known, and all of them."""
    outputs = [types.get(node.scope, {}).get(name) for node in nodes for name in node.outputs if name]
    return sum(1 for type_ in outputs if type_ is not None and type_.elements is not None), len(outputs)


def merged(one: ValueType, other: ValueType) -> ValueType:
    """What two sources say of the same value, the more definite where they differ; where both are definite, the first."""
    if one.kind != other.kind:
        return one if one.dtype or one.dims is not None or one.kind != "tensor" else other
    dims: tuple[Dim, ...] | None
    if one.dims is None or other.dims is None or len(one.dims) != len(other.dims):
        dims = other.dims if one.dims is None else one.dims
    else:
        dims = tuple(map(_more_definite, one.dims, other.dims))
    return ValueType(one.dtype or other.dtype, dims, one.kind)


def joined(one: ValueType, other: ValueType) -> ValueType:
    """What holds of a value that is one or the other, such as the result of two branches."""
    if one.kind != other.kind:
        return ValueType()
    dims: tuple[Dim, ...] | None = None
    if one.dims is not None and other.dims is not None and len(one.dims) == len(other.dims):
        dims = tuple(mine if mine == theirs else None for mine, theirs in zip(one.dims, other.dims, strict=True))
    return ValueType(one.dtype if one.dtype == other.dtype else "", dims, one.kind)


def _more_definite(one: Dim, other: Dim) -> Dim:
    if isinstance(one, int) or other is None:
        return one
    return other if isinstance(other, int) or one is None else one


def _offer(name: str, names: set[str]) -> str:
    if not names:
        return "it has none"
    nearest = difflib.get_close_matches(name, names, 1) or sorted(names)[:8]
    return f"there is {', '.join(shown(each) for each in nearest)}"


def pack(types: Types) -> Frame:
    """Types as JSON."""
    return {path: {name: [type_.dtype, type_.dims, type_.kind] for name, type_ in found.items()} for path, found in types.items()}


def unpack(frame: Mapping[str, Mapping[str, Sequence[Any]]]) -> Types:
    """The inverse of ``pack``."""
    return {
        path: {name: ValueType(dtype, None if dims is None else tuple(dims), kind) for name, (dtype, dims, kind) in found.items()}
        for path, found in frame.items()
    }
