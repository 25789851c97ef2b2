"""The columns of the viewer's overlays: a figure for each node and each group, and who says so.

Predictions are of the whole and of blocks. What a block is predicted to take is shared out among its nodes by their roofline time, in a
column of its own: no model said anything of a node. What does not add up, as memory, is not shared out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rlm_lsp.onnx.costs import LARGEST
from rlm_lsp.onnx.costs_totals import ancestors, group_sums
from rlm_lsp.onnx.values import NONE

if TYPE_CHECKING:
    from rlm_lsp.onnx.network import Network
    from rlm_lsp.onnx.predictions import Forecast


def figure(
    name: str,
    title: str,
    unit: str,
    nodes: Sequence[float | None],
    groups: Sequence[float | None],
    *,
    provenance: str = "static",
    at_least: bool = False,
) -> dict[str, Any]:
    """A column of the overlays. ``provenance`` is static, measured, predicted or apportioned."""
    return {
        "id": name,
        "title": title,
        "provenance": provenance,
        "unit": unit,
        "nodes": list(map(number, nodes)),
        "groups": list(map(number, groups)),
        "total": number(groups[0]) if groups else 0,
        "at_least": at_least,
    }


def number(value: float | None) -> float | None:
    """A number as JSON may hold it."""
    return value if value is not None and 0 <= value < LARGEST else None


def predicted_figures(network: Network, predicted: Forecast) -> list[dict[str, Any]]:
    """For each objective that the whole or some block has an interval of: its figure, and what is shared out of it."""
    found = []
    for row in predicted.model:
        name, unit = str(row["objective"]), str(row["unit"])
        medians = _medians(network, predicted, name)
        if unit not in ("s", "B") or not any(value is not None for value in medians):
            continue
        title = name.replace("@", " on ").replace("_", " ")
        nobody: list[float | None] = [None] * len(network.nodes)
        found.append(figure(f"predicted:{name}", title, unit, nobody, medians, provenance="predicted"))
        if unit == "s":
            shares = _shared_out(network, medians)
            found.append(figure(f"apportioned:{name}", title, unit, shares, _sums(network, shares), provenance="apportioned"))
    return found


def _medians(network: Network, predicted: Forecast, objective: str) -> list[float | None]:
    """Of the root, which is the whole, and of each group."""
    rows = [predicted.model, *map(predicted.of_group, range(1, len(network.tree.groups)))]
    return [next((row.get("p50") for row in each if row["objective"] == objective), None) for each in rows]


def _shared_out(network: Network, medians: Sequence[float | None]) -> list[float | None]:
    """For each node its share, by roofline time, of the innermost group around it that has a prediction; None where nothing has one."""
    run = network.costs.run
    static = group_sums(network.tree, network.values, [cost.seconds for cost in run], network.node_groups)
    within: list[int] = []  # for each group the innermost one with a prediction, itself among them
    for place, group in enumerate(network.tree.groups):
        outer = within[group.parent] if group.parent >= 0 else NONE
        within.append(place if medians[place] is not None and static[place] > 0 else outer)
    shares: list[float | None] = []
    for place, cost in enumerate(run):
        source = within[network.node_groups[place]]
        median = medians[source] if source != NONE else None
        covered = network.values.owners[place] != NONE  # what a body costs is its owner's
        shares.append(None if median is None or cost.seconds is None or covered else median * cost.seconds / static[source])
    return shares


def _sums(network: Network, shares: Sequence[float | None]) -> list[float | None]:
    """For each group the sum of its nodes' shares; None where none has one."""
    known = {group for place, group in enumerate(network.node_groups) if shares[place] is not None}
    inside = ancestors(network.tree)
    reached = {above for group in known for above in inside[group]}
    sums = group_sums(network.tree, network.values, shares, network.node_groups)
    return [total if place in reached else None for place, total in enumerate(sums)]
