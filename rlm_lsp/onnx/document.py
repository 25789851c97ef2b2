"""The document that the viewer reads: one JSON object with columns instead of an object a node; ``document.schema.json`` describes it.

Everything in it is fit for a screen but not escaped for HTML. What is not known is null. Static, measured, predicted and apportioned
figures never share a column, and each says which it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.costs import LARGEST, NodeCost
from rlm_lsp.onnx.costs_elementwise import is_free
from rlm_lsp.onnx.costs_rules import RULES, operator
from rlm_lsp.onnx.costs_totals import ancestors, group_sums, unknown_by_group
from rlm_lsp.onnx.figures import figure, number, predicted_figures
from rlm_lsp.onnx.network import Network, examine
from rlm_lsp.onnx.predictions import Forecast, forecast
from rlm_lsp.onnx.shapes import symbols
from rlm_lsp.onnx.types import AttributeValue, Dim, TensorInfo, ValueType
from rlm_lsp.onnx.values import NONE
from rlm_lsp.onnx.weights import by_group

SCHEMA = 1
RUNS, FOLDED, FREE, UNKNOWN = range(4)
"""States of a node: it costs a run something, it is computed at load, it only renames, its cost is not known."""

TIMES, MOST_DIMS = "\u00d7", 32
_MOST_PROBLEMS = 500
_SHOWN_VALUES = 8
_ATTRIBUTE_TEXT = 400

_FIGURES: Sequence[tuple[str, str, str, Callable[[NodeCost], float | None]]] = (
    ("seconds", "roofline time", "s", lambda cost: cost.seconds),
    ("macs", "multiply-accumulates", "", lambda cost: cost.macs),
    ("activation_bytes", "bytes written", "B", lambda cost: cost.written),
    ("traffic_bytes", "bytes read and written", "B", lambda cost: cost.traffic),
)


def load(path: Path, bindings: Sequence[str] = (), *, details: bool = False) -> dict[str, Any]:
    """The document of a file; raises like ``network.examine``."""
    network = examine(path, bindings)
    return document(network, forecast(network, lambda _: None), details=details)


def document(network: Network, predicted: Forecast, *, details: bool = False) -> dict[str, Any]:
    """The document of a model; with ``details`` it holds what ``node_detail`` says of each node, too."""
    strings = _Strings()
    model, values, peak = network.model, network.values, network.peak
    at_least = network.totals.unknown_nodes > 0
    whole = {
        "schema": SCHEMA,
        "file": {
            "name": shown(model.file_name),
            "bytes": model.file_bytes,
            "producer": shown(f"{model.producer} {model.producer_version}".strip()),
            "ir": _count(model.ir_version),
            "opsets": [[shown(domain or "ai.onnx"), _count(version)] for domain, version in model.opsets],
            "doc": shown(model.doc, 2000),
        },
        "symbols": _symbols(network),
        "inputs": list(values.given),
        "outputs": list(values.results),
        "tensors": _tensors(network, strings),
        "nodes": _nodes(network, strings),
        "groups": {**_groups(network, strings), **predicted_groups(network, predicted)},
        "figures": [*_figures(network), *predicted_figures(network, predicted)],
        "totals": [
            *_totals(network, at_least=at_least),
            _total("peak_activation_bytes", "peak activation memory", "B", peak.nbytes, at_least=peak.unknown > 0),
        ],
        "peak_node": peak.node,
        "predictions": predicted.as_dict(),
        "unknown": [{"op": shown(item.operator), "nodes": item.nodes, "reason": shown(item.reason)} for item in network.totals.unknown],
        "problems": [
            {"code": problem.code, "reason": shown(problem.reason, 500), "where": shown(problem.where)}
            for problem in network.problems[:_MOST_PROBLEMS]
        ],
        "roofline": {
            "macs_per_second": network.roofline.macs_per_second,
            "bytes_per_second": network.roofline.bytes_per_second,
            "overhead_s": network.roofline.overhead_s,
            "value_s": network.roofline.value_s,
            "note": network.roofline.note,
        },
        "shape_inference": {"tier": network.shapes.tier, "known": network.shapes.known, "total": network.shapes.total},
        "strings": strings.texts,
    }
    if details:
        whole["details"] = [node_detail(network, number) for number in range(len(network.nodes))]
    return whole


def predicted_groups(network: Network, predicted: Forecast) -> dict[str, Any]:
    """The column of groups that says which block of the predictions each is; -1: none."""
    return {"prediction": list(predicted.by_group) or [NONE] * len(network.tree.groups)}


def node_detail(network: Network, number: int) -> dict[str, Any]:
    """What a panel shows of one node beside the columns."""
    node = network.nodes[number]
    rule = RULES.get(operator(node))
    stored = [
        _stored(value, network.values.stored[value])
        for value in dict.fromkeys((*network.values.inputs[number], *network.values.outputs[number]))
        if value in network.values.stored
    ]
    source = node.source
    return {
        "attributes": [
            [shown(item.name), attribute_text(item.value, item.count)] for item in node.attributes if item.kind not in ("graph", "graphs")
        ],
        "formula": f"MACs = {rule.formula}" if rule is not None else "",
        "source": None if source is None else {"file": shown(source.file, 500), "line": source.line, "function": shown(source.function)},
        "metadata": [[shown(key), shown(text, 500)] for key, text in node.metadata],
        "stored": stored,
    }


def shape_text(kind: ValueType) -> str:
    """A shape for people, its dimensions joined by ``TIMES``; "scalar", "?" of unknown rank; what is no tensor is said to be so."""
    if kind.kind != "tensor" and kind.kind != "sparse":
        return kind.kind
    if kind.dims is None:
        return "?"
    if not kind.dims:
        return "scalar"
    more = f"{TIMES}…" if len(kind.dims) > MOST_DIMS else ""
    return TIMES.join(map(_dim_text, kind.dims[:MOST_DIMS])) + more


def attribute_text(value: AttributeValue, count: int = 1) -> str:
    """What an attribute holds, on one line."""
    if isinstance(value, TensorInfo):
        return _with_values(value)
    if isinstance(value, ValueType):
        return f"{value.dtype or '?'} {shape_text(value)}"
    if isinstance(value, tuple):
        more = f", … {count:,} in all" if count > len(value) else ""
        return shown(f"[{', '.join(attribute_text(item) for item in value[:64])}{more if count > 64 or more else ''}]", _ATTRIBUTE_TEXT)
    if isinstance(value, bytes):
        return shown(value[: 4 * _ATTRIBUTE_TEXT].decode("utf-8", "replace"), _ATTRIBUTE_TEXT)
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else shown(str(value), _ATTRIBUTE_TEXT)


class _Strings:
    """Texts that are fit for a screen, each once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Where a text stands."""
        cleaned = shown(text)
        number = self._places.setdefault(cleaned, len(self.texts))
        if number == len(self.texts):
            self.texts.append(cleaned)
        return number

    def places(self, texts: Iterable[str]) -> list[int]:
        """A column of them."""
        return [self.place(text) for text in texts]


def _dim_text(dim: Dim) -> str:
    return str(dim) if isinstance(dim, int) else shown(dim, 40) if dim else "?"


def _symbols(network: Network) -> list[dict[str, Any]]:
    bound = dict(network.shapes.bindings)
    return [
        {
            "name": symbol.name if symbol.name == shown(symbol.name) else symbol.places[0],
            "shown": shown(symbol.name),
            "value": bound.get(symbol.name, next((bound[place] for place in symbol.places if place in bound), None)),
            "where": shown(", ".join(symbol.places)),
        }
        for symbol in symbols(network.model)
    ]


def _tensors(network: Network, strings: _Strings) -> dict[str, Any]:
    values = network.values
    return {
        "name": strings.places(values.names),
        "dtype": strings.places(kind.dtype for kind in values.types),
        "shape": strings.places(map(shape_text, values.types)),
        "bytes": [_count(kind.nbytes) for kind in values.types],
        "from": list(values.sources),
        "constant": [int(constant) for constant in values.constant],
    }


def _nodes(network: Network, strings: _Strings) -> dict[str, Any]:
    nodes, values = network.nodes, network.values
    unknown = [network.costs.run[number].unknown for number in range(len(nodes))]
    return {
        "op": strings.places(node.op for node in nodes),
        "domain": strings.places(node.domain for node in nodes),
        "name": strings.places(node.name for node in nodes),
        "path": strings.places(node.path for node in nodes),
        "group": list(network.node_groups),
        "owner": list(values.owners),
        "inputs": [list(row) for row in values.inputs],
        "outputs": [list(row) for row in values.outputs],
        "state": [_state(network, number) for number in range(len(nodes))],
        "why": [strings.place(reason) if reason else NONE for reason in unknown],
    }


def _state(network: Network, number: int) -> int:
    if number in network.folded:
        return FOLDED
    if network.costs.run[number].unknown:
        return UNKNOWN
    node = network.nodes[number]
    return FREE if is_free(operator(node)) and not node.subgraphs else RUNS


def _groups(network: Network, strings: _Strings) -> dict[str, Any]:
    groups = network.tree.groups
    return {
        "label": strings.places(group.label for group in groups),
        "path": strings.places(group.path for group in groups),
        "kind": strings.places(group.kind for group in groups),
        "parent": [group.parent for group in groups],
        "owner": [NONE if group.owner is None else group.owner for group in groups],
        "size": [group.size for group in groups],
        "digest": strings.places(group.digest for group in groups),
        "alike": [group.alike for group in groups],
        "unknown": unknown_by_group(network.tree, network.costs, network.node_groups),
    }


def _figures(network: Network) -> list[dict[str, Any]]:
    """The overlays. Of a node that is partly unknown there is what is known, which the state says."""
    run = network.costs.run
    at_least = network.totals.unknown_nodes > 0
    found = []
    for name, title, unit, of in _FIGURES:
        column = [of(cost) for cost in run]
        sums = group_sums(network.tree, network.values, column, network.node_groups)
        found.append(figure(name, title, unit, column, sums, at_least=at_least))
    params, sizes = by_group(network.weights, network.values, network.tree, ancestors(network.tree), network.node_groups)
    found.insert(2, figure("params", "parameters", "", [cost.params for cost in run], params))
    found.insert(3, figure("weight_bytes", "bytes of weights", "B", [cost.weight_bytes for cost in run], sizes))
    return found


def _totals(network: Network, *, at_least: bool) -> list[dict[str, Any]]:
    found = network.totals
    static = partial(_total, at_least=at_least)
    return [
        static("macs", "multiply-accumulates", "", found.macs),
        _total("params", "parameters", "", found.params),
        _total("weight_bytes", "weights in memory", "B", found.weight_bytes),
        _total("stored_bytes", "weights as stored", "B", found.stored_bytes),
        static("traffic_bytes", "bytes read and written", "B", found.traffic_bytes),
        static("seconds", "roofline time", "s", found.seconds),
        static("load_macs", "multiply-accumulates at load", "", found.load_macs),
        static("load_bytes", "bytes made at load", "B", found.load_bytes),
    ]


def _total(name: str, title: str, unit: str, value: float, *, at_least: bool = False) -> dict[str, Any]:
    return {"id": name, "title": title, "provenance": "static", "unit": unit, "value": number(value), "at_least": at_least}


def _stored(value: int, tensor: TensorInfo) -> dict[str, Any]:
    external = tensor.external
    return {
        "tensor": value,
        "bytes": _count(tensor.nbytes),
        "external": None if external is None else {"location": shown(external.location, 500), "bytes": _count(external.length)},
        "values": _values_text(tensor),
    }


def _with_values(tensor: TensorInfo) -> str:
    text = f"{tensor.dtype} {shape_text(tensor.type)}"
    return f"{text} {values}" if (values := _values_text(tensor)) else text


def _values_text(tensor: TensorInfo) -> str:
    if tensor.values is None:
        return ""
    more = ", …" if len(tensor.values) > _SHOWN_VALUES else ""
    return f"[{', '.join(f'{value:.6g}' if isinstance(value, float) else str(value) for value in tensor.values[:_SHOWN_VALUES])}{more}]"


def _count(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < LARGEST else None
