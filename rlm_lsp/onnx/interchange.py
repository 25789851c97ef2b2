"""Our figures in the forms that other viewers read: node data of Model Explorer, and an attachment of Netron.

Model Explorer (``--node_data_paths``, or "Add per-node data") takes a value for each node, told by its name or by that of its first output,
and a gradient of colours. Netron takes a list of metrics by kind and name, so nodes without a name of their own are left out there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.network import Network

_GRADIENT = [{"stop": 0, "bgColor": "#ffffff"}, {"stop": 0.5, "bgColor": "#fdae6b"}, {"stop": 1, "bgColor": "#d94801"}]
_ID = "main"  # of the graph, as Model Explorer's adapter for ONNX calls what has no name


def node_data(network: Network) -> dict[str, Any]:
    """Roofline seconds by output tensor; nodes whose cost is not known have no value."""
    results: dict[str, dict[str, float]] = {}
    for number, node in enumerate(network.nodes):
        seconds = network.costs.run[number].seconds
        name = next(filter(None, node.outputs), "")
        if not node.scope and name and seconds is not None and number not in network.folded:
            results[name] = {"value": seconds}
    return {network.model.graph.name or _ID: {"results": results, "gradient": _GRADIENT}}


def attachment(network: Network) -> dict[str, Any]:
    """What Netron reads as ``netron:attachment`` when it is dropped onto an open model: metrics by kind and target, all of them static.

    Netron cuts a name at its first line, knows the model by an empty target, and of two entries of one name takes the last.
    """
    found = network.totals
    least = " (at least)" if found.unknown_nodes else ""
    whole = [
        (f"MACs{least}", found.macs),
        ("parameters", found.params),
        (f"peak activation bytes{' (at least)' if network.peak.unknown else ''}", network.peak.nbytes),
        (f"roofline seconds (static){least}", found.seconds),
    ]
    metrics = [_metric("model", "", name, value) for name, value in whole]
    counts = Counter(node.name for node in network.nodes)
    for number, node in enumerate(network.nodes):
        if not node.name or "\n" in node.name or counts[node.name] > 1 or number in network.folded:
            continue
        cost = network.costs.run[number]
        figures = [
            ("MACs", cost.macs),
            ("parameters", cost.params),
            ("bytes written", cost.written),
            ("roofline seconds (static)", cost.seconds),
        ]
        metrics += [_metric("node", node.name, name, value) for name, value in figures if value is not None]
        if cost.unknown:
            metrics.append(_metric("node", node.name, "unknown", shown(cost.unknown)))
    return {"signature": "netron:attachment", "metadata": [], "metrics": metrics}


def _metric(kind: str, target: str, name: str, value: float | str) -> dict[str, Any]:
    return {"kind": kind, "target": target, "name": name, "value": value}
