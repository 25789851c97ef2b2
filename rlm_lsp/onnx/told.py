"""What a model of networks is told beside the compact text, as its ``args:`` line: figures that no reader could add up. Version 1.

``nodes=[12], macs=[589824], weights=[2320], moved=[37136], made=[16384], widest=[8192], time=[61000]``: nodes; multiply-accumulates; bytes
of weights, of all that is read and written, of all results, of the largest one; nanoseconds by the roofline (``roofline.DEFAULT``). They
are those of one pass over the part that the text is of. A change of the rules behind them changes what trained models read: ``VERSION``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rlm_lsp.onnx.values import NONE

if TYPE_CHECKING:
    from rlm_lsp.onnx.network import Network

VERSION = 1

_FIGURE = re.compile(r"(\w+)=\[(\d+)\]")
_NAMES = {
    "nodes": "nodes",
    "macs": "multiply-accumulates",
    "weights": "bytes of weights",
    "moved": "bytes read and written",
    "made": "bytes of results",
    "widest": "bytes of its largest result",
    "time": "ns of roofline time",
}


def told(network: Network, numbers: Sequence[int]) -> str | None:
    """The line for the part of a network that these nodes are; None where what one of them costs is not known."""
    inside = frozenset(numbers) - network.folded
    owners, costs = network.values.owners, network.costs
    outermost = [
        number for number in inside if owners[number] == NONE or owners[number] not in inside
    ]  # who own the others, and count them
    nodes = macs = weights = moved = made = widest = 0
    seconds = 0.0
    for number in outermost:
        cost, passes = costs.run[number], costs.times[number]
        if cost.unknown or cost.macs is None or cost.seconds is None or passes < 1:
            return None
        written = cost.written or 0  # of what costs nothing, as a Dropout's mask, the size may be unknown
        nodes += 1
        macs += cost.macs // passes
        weights += cost.weight_bytes
        moved += (cost.weight_bytes + (cost.read or 0) + written) // passes
        made += written // passes
        widest = max(widest, written // passes)
        seconds += cost.seconds / passes
    figures = {
        "nodes": nodes,
        "macs": macs,
        "weights": weights,
        "moved": moved,
        "made": made,
        "widest": widest,
        "time": round(seconds * 1e9),
    }
    return ", ".join(f"{name}=[{figure}]" for name, figure in figures.items())


def figures_of(line: str) -> dict[str, int]:
    """The figures of a line, by name."""
    return {name: int(figure) for name, figure in _FIGURE.findall(line)}


def beyond(line: str, taught: Mapping[str, Sequence[float]]) -> str | None:
    """Which figure lies outside of the span that a model was taught, in a few words; None: none does."""
    for name, figure in figures_of(line).items():
        if name in taught and not taught[name][0] <= figure <= taught[name][1]:
            least, most = (f"{bound:,.3g}" for bound in taught[name])
            what = "node" if (name, figure) == ("nodes", 1) else _NAMES.get(name, name)
            return f"{figure:,.3g} {what}, where the model was taught {least} to {most}"
    return None
