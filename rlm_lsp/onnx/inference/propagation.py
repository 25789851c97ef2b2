"""The second tier of shape inference, for the worker process alone: node by node, with values of small tensors, into every body.

``onnx.shape_inference`` on a whole model knows no operator of com.microsoft, does not look into calls, and follows the values of few
operators. Here each node is asked alone: calls and control flow by ``Propagation``, foreign operators by ``contrib``, all others by the
``onnx`` package's rule for that operator. Small tensors of numbers, from which shapes are made, are computed by ``evaluation``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import onnx
import onnx.shape_inference
from onnx import numpy_helper

from rlm_lsp.onnx.graph import constant_tensor
from rlm_lsp.onnx.inference import contrib
from rlm_lsp.onnx.inference.evaluation import KEPT_ELEMENTS, Values, evaluated, is_evaluated
from rlm_lsp.onnx.inference.protos import bodies, from_proto, to_proto
from rlm_lsp.onnx.shapes import Types, joined, merged
from rlm_lsp.onnx.types import Dim, Graph, Model, Node, Problem, TensorInfo, ValueType

_NUMPY_TYPES = frozenset(
    {"float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}
)
_SCALAR_INT = ValueType("int64", ())
_SCALAR_BOOL = ValueType("bool", ())


class _OutOfTimeError(Exception):
    """The deadline has passed; what is known stands."""


@dataclass(frozen=True)
class _Scope:
    """A graph as its nodes see it."""

    graph: Graph
    outer: _Scope | None  # None where nothing around it is seen
    opsets: Mapping[str, int]
    given: Mapping[str, onnx.AttributeProto]  # what the call that this belongs to gives


class Propagation:
    """Completes ``types``, in which the first tier has left gaps.

    It may take until ``deadline``, in seconds of ``time.monotonic``.
    """

    def __init__(self, model: Model, proto: onnx.ModelProto, types: Types, deadline: float) -> None:
        self._model = model
        self._proto = proto
        self._types = types
        self._deadline = deadline
        self._late = False
        self._values: dict[str, dict[str, Values]] = {}
        self._unsupported: Counter[str] = Counter()
        self._functions = {(function.domain, function.name, function.overload): function for function in proto.functions}

    def run(self) -> None:
        """Go through the whole model, from its inputs to its outputs."""
        opsets = _opsets(self._proto.opset_import)
        try:
            self._graph(_Scope(self._model.graph, None, opsets, {}), self._proto.graph.node)
        except _OutOfTimeError:
            self._late = True

    def problems(self) -> list[Problem]:
        """Operators that have no rule, and whether time ran out."""
        found = [
            Problem("unsupported", f"no rule for the shapes of {operator} ({count:,} nodes)")
            for operator, count in self._unsupported.most_common(20)
        ]
        if self._late:
            found.append(Problem("not-analysed", "propagation of shapes took too long and was ended; shapes behind that are unknown"))
        return found

    def _graph(self, scope: _Scope, protos: Sequence[onnx.NodeProto]) -> None:
        values = self._values.setdefault(scope.graph.path, {})
        types = self._types.setdefault(scope.graph.path, {})
        for tensor in scope.graph.initializers:
            types[tensor.name] = tensor.type
            array = _array(tensor)
            if array is not None:
                values[tensor.name] = array
        for node, proto in zip(scope.graph.nodes, protos, strict=True):
            if time.monotonic() > self._deadline:
                raise _OutOfTimeError
            self._node(scope, node, _with_attributes(proto, scope.given))

    def _node(self, scope: _Scope, node: Node, proto: onnx.NodeProto) -> None:
        inputs = [self._type(scope, name) for name in node.inputs]
        values = [self._value(scope, name) if name else None for name in node.inputs]
        types = self._types[scope.graph.path]
        before = [types.get(name, ValueType()) for name in node.outputs]
        if node.subgraphs or any(type_.elements is None for name, type_ in zip(node.outputs, before, strict=True) if name):
            inferred = self._infer(scope, node, proto, inputs, values)
            for name, old, new in zip(node.outputs, before, inferred, strict=False):
                types[name] = merged(new, old) if node.subgraphs else merged(old, new)
        results = self._compute(scope, node, proto, inputs, values)
        for name, value in zip(node.outputs, results, strict=False):
            if name and value.size <= KEPT_ELEMENTS:
                self._values[scope.graph.path][name] = value
                types[name] = merged(ValueType(types.get(name, ValueType()).dtype, value.shape), types.get(name, ValueType()))

    def _type(self, scope: _Scope, name: str) -> ValueType:
        at: _Scope | None = scope
        while at is not None:
            found = self._types[at.graph.path].get(name)
            if found is not None:
                return found
            at = at.outer
        return ValueType()

    def _value(self, scope: _Scope, name: str) -> Values | None:
        at: _Scope | None = scope
        while at is not None:
            if name in self._types[at.graph.path]:
                return self._values[at.graph.path].get(name)
            at = at.outer
        return None

    def _infer(
        self, scope: _Scope, node: Node, proto: onnx.NodeProto, inputs: Sequence[ValueType], values: Sequence[Values | None]
    ) -> list[ValueType]:
        """Types of the outputs; fewer where no rule says more."""
        if node.subgraphs:
            if node.subgraphs[-1].is_call:
                return self._call(scope, node, proto, inputs, values)
            flow = _CONTROL.get(node.op) if not node.domain else None
            if flow is not None:
                return flow(self, scope, node, proto, inputs, values)
        op, domain = node.op, node.domain
        if domain == contrib.DOMAIN:
            rule = contrib.RULES.get(op)
            if rule is not None:
                return rule(node, inputs)
            if op in contrib.ALIASES:
                op, domain = contrib.ALIASES[op], ""
        schema = _schema(op, scope.opsets.get(domain, 1), domain)
        if schema is None:
            self._unsupported[f"{node.domain}:{node.op}" if node.domain else node.op] += 1
            return []
        return _by_schema(schema, proto, inputs, values, scope.opsets, self._proto.ir_version)

    def _compute(
        self, scope: _Scope, node: Node, proto: onnx.NodeProto, inputs: Sequence[ValueType], values: Sequence[Values | None]
    ) -> Sequence[Values]:
        """Values of the outputs, where they are small and follow from what is known."""
        if node.domain:
            return ()
        if node.op == "Constant":
            tensor = constant_tensor(node)
            array = _array(tensor) if tensor is not None else None
            return () if array is None else (array,)
        if node.op in ("Shape", "Size") and inputs and inputs[0].dims is not None:
            dims = inputs[0].dims
            if node.op == "Size":
                return () if inputs[0].elements is None else (np.array(inputs[0].elements, dtype=np.int64),)
            start, end = node.attribute("start"), node.attribute("end")
            part = dims[start if isinstance(start, int) else None : end if isinstance(end, int) else None]
            sizes = [dim for dim in part if isinstance(dim, int)]
            return (np.array(sizes, dtype=np.int64),) if len(sizes) == len(part) else ()
        given = [value for name, value in zip(node.inputs, values, strict=True) if name]
        if not given or any(value is None for value in given) or not is_evaluated(node.op):
            return ()
        outputs = [self._types[scope.graph.path].get(name, ValueType()) for name in node.outputs]
        return evaluated(proto, scope.opsets, values, outputs)

    def _call(
        self, scope: _Scope, node: Node, proto: onnx.NodeProto, inputs: Sequence[ValueType], values: Sequence[Values | None]
    ) -> list[ValueType]:
        function = self._functions[node.domain, node.op, node.overload]
        given = {attribute.name: attribute for attribute in (*function.attribute_proto, *proto.attribute)}
        body = node.subgraphs[-1]
        inner = _Scope(body, None, {**scope.opsets, **_opsets(function.opset_import)}, given)
        self._enter(body, inputs, values)
        self._graph(inner, function.node)
        return [self._type(inner, output.name) for output in body.outputs]

    def _body(
        self, scope: _Scope, body: Graph, proto: onnx.GraphProto, inputs: Sequence[ValueType], values: Sequence[Values | None] = ()
    ) -> list[ValueType]:
        """Types of a body's outputs, given those of its inputs."""
        self._enter(body, inputs, values or [None] * len(inputs))
        inner = _Scope(body, scope, scope.opsets, scope.given)
        self._graph(inner, proto.node)
        return [self._type(inner, output.name) for output in body.outputs]

    def _enter(self, body: Graph, inputs: Sequence[ValueType], values: Sequence[Values | None]) -> None:
        """Let a body begin anew, with these inputs."""
        for path in [path for path in self._types if path == body.path or path.startswith(f"{body.path}/")]:
            if inputs:  # what was found before may hold for other inputs
                self._types[path] = {}
            self._values[path] = {}
        types = self._types.setdefault(body.path, {})
        for declared, given, value in zip(body.inputs, inputs, values, strict=False):
            types[declared.name] = merged(given, declared.type)
            if value is not None:
                self._values.setdefault(body.path, {})[declared.name] = value

    def _if(
        self, scope: _Scope, node: Node, proto: onnx.NodeProto, inputs: Sequence[ValueType], values: Sequence[Values | None]
    ) -> list[ValueType]:
        outcomes = [self._body(scope, body, graph, ()) for body, graph in zip(node.subgraphs, bodies(proto), strict=False)]
        if len(outcomes) != 2:
            return []
        if values and values[0] is not None and values[0].size == 1:
            then = next((place for place, body in enumerate(node.subgraphs) if body.path.endswith("/then_branch")), 0)
            return outcomes[then if values[0].all() else 1 - then]
        return [joined(one, other) for one, other in zip(*outcomes, strict=False)]

    def _loop(
        self, scope: _Scope, node: Node, proto: onnx.NodeProto, inputs: Sequence[ValueType], values: Sequence[Values | None]
    ) -> list[ValueType]:
        body, graph = node.subgraphs[0], next(bodies(proto))
        carried = list(inputs[2:])
        outputs = self._body(scope, body, graph, [_SCALAR_INT, _SCALAR_BOOL, *carried])
        after = outputs[1 : 1 + len(carried)]
        if after != carried:  # it changes from round to round: only what all rounds share holds
            carried = [joined(one, other) for one, other in zip(carried, after, strict=False)]
            outputs = self._body(scope, body, graph, [_SCALAR_INT, _SCALAR_BOOL, *carried])
            carried = [joined(one, other) for one, other in zip(carried, outputs[1 : 1 + len(carried)], strict=False)]
        rounds: Dim = None
        if values and values[0] is not None and values[0].size == 1 and not (len(node.inputs) > 1 and node.inputs[1]):
            rounds = max(int(values[0].reshape(())), 0)
        return [*carried, *(_stacked(type_, rounds, 0) for type_ in outputs[1 + len(carried) :])]

    def _scan(
        self, scope: _Scope, node: Node, proto: onnx.NodeProto, inputs: Sequence[ValueType], values: Sequence[Values | None]
    ) -> list[ValueType]:
        count = node.attribute("num_scan_inputs")
        if not isinstance(count, int) or not 0 < count <= len(inputs) or scope.opsets.get("", 1) < 9:
            return []
        states, scanned = list(inputs[:-count]), list(inputs[-count:])
        axes = _ints(node.attribute("scan_input_axes")) or [0] * count
        slices, length = [], None
        for type_, axis in zip(scanned, axes, strict=False):
            dims = type_.dims
            if dims is None or not -len(dims) <= axis < len(dims):
                slices.append(ValueType(type_.dtype))
                continue
            length = dims[axis] if length is None else length
            slices.append(ValueType(type_.dtype, tuple(dim for place, dim in enumerate(dims) if place != axis % len(dims))))
        outputs = self._body(scope, node.subgraphs[0], next(bodies(proto)), [*states, *slices])
        out_axes = _ints(node.attribute("scan_output_axes")) or [0] * len(outputs)
        stacked = [_stacked(type_, length, axis) for type_, axis in zip(outputs[len(states) :], out_axes, strict=False)]
        return [*outputs[: len(states)], *stacked]


_Flow = Callable[[Propagation, _Scope, Node, onnx.NodeProto, Sequence[ValueType], Sequence[Values | None]], list[ValueType]]
_CONTROL: Mapping[str, _Flow] = {"If": Propagation._if, "Loop": Propagation._loop, "Scan": Propagation._scan}


def _by_schema(
    schema: onnx.defs.OpSchema,
    proto: onnx.NodeProto,
    inputs: Sequence[ValueType],
    values: Sequence[Values | None],
    opsets: Mapping[str, int],
    ir_version: int,
) -> list[ValueType]:
    """What the ``onnx`` package's own rule for an operator says."""
    types = {name: to_proto(type_) for name, type_ in zip(proto.input, inputs, strict=True) if name}
    data = {name: numpy_helper.from_array(value) for name, value in zip(proto.input, values, strict=True) if value is not None}
    imports = [onnx.OperatorSetIdProto(domain=domain, version=version) for domain, version in opsets.items()]
    try:
        found = onnx.shape_inference.infer_node_outputs(schema, proto, types, data, opset_imports=imports, ir_version=ir_version)
    except (onnx.shape_inference.InferenceError, RuntimeError, ValueError, KeyError, IndexError):
        return []  # the node contradicts its rule, or too little is known
    return [from_proto(found[name], frozenset()) if name in found else ValueType() for name in proto.output]


@lru_cache(maxsize=2_000)
def _schema(op: str, version: int, domain: str) -> onnx.defs.OpSchema | None:
    try:
        return onnx.defs.get_schema(op, version, domain)
    except onnx.defs.SchemaError:
        return None


def _array(tensor: TensorInfo) -> Values | None:
    if tensor.values is None or tensor.dtype not in _NUMPY_TYPES or len(tensor.values) != tensor.elements:
        return None
    return np.array(tensor.values, dtype=tensor.dtype).reshape(tensor.dims)


def _stacked(type_: ValueType, length: Dim, axis: int) -> ValueType:
    if type_.dims is None:
        return type_
    at = axis if axis >= 0 else axis + len(type_.dims) + 1
    return ValueType(type_.dtype, (*type_.dims[:at], length, *type_.dims[at:]), type_.kind)


def _ints(value: Any) -> list[int]:
    return [item for item in value if isinstance(item, int)] if isinstance(value, tuple) else []


def _opsets(imports: Any) -> dict[str, int]:
    return {"" if each.domain == "ai.onnx" else each.domain: each.version for each in imports}


def _with_attributes(proto: onnx.NodeProto, given: Mapping[str, onnx.AttributeProto]) -> onnx.NodeProto:
    """The node with references to its function's attributes replaced by what the call gives."""
    if not any(attribute.ref_attr_name for attribute in proto.attribute):
        return proto
    resolved = onnx.NodeProto()
    resolved.CopyFrom(proto)
    del resolved.attribute[:]
    for attribute in proto.attribute:
        value = given.get(attribute.ref_attr_name) if attribute.ref_attr_name else attribute
        if value is not None:
            added = resolved.attribute.add()
            added.CopyFrom(value)
            added.name = attribute.name
    return resolved
