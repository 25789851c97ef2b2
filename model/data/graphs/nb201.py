"""NAS-Bench-201 (Dong and Yang, 2020): the ONNX graph of any of its 15,625 architectures.

An architecture is a cell of four nodes: ``|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|skip_connect~2|`` lists for
nodes 1 to 3 the operators that are applied to earlier nodes and summed. Around it stands one skeleton: a 3x3 convolution to 16 channels,
three stages of five cells at 16, 32 and 64 channels, a residual block with stride 2 before the second and the third, and a classifier.

The operator "none" is a multiplication by zero, as in the benchmark's own networks and as an exporter leaves it. It must not vanish:
the published latencies are of networks that compute what is then multiplied by zero. 27 % of the architectures have convolutions or
pooling on such paths; a linear fit of latency on counts of operators gives these the same cost as the others, on 25 of 27 devices.
"""

from __future__ import annotations

import re
from typing import Any

from rlm_lsp.model.data.graphs.builder import Builder, Value

OPERATORS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
CELLS = 5  # of a stage
CHANNELS = 16
RESOLUTION = 32
CLASSES = 10

_NODE = re.compile(r"\|(?:[a-z0-9_]+~[0-9]\|)+")
_EDGE = re.compile(r"([a-z0-9_]+)~([0-9])")

Cell = tuple[tuple[str, ...], ...]
"""By node from the first on, the operator on each earlier node."""


def parse(architecture: str) -> Cell:
    """The cell that a string names.

    Raises:
        ValueError: it is no architecture of this space.
    """
    nodes = architecture.split("+")
    cell = []
    for number, node in enumerate(nodes, 1):
        edges = _EDGE.findall(node) if _NODE.fullmatch(node) else []
        if [int(source) for _, source in edges] != list(range(number)) or any(kind not in OPERATORS for kind, _ in edges):
            raise ValueError(f"{architecture!r} is no architecture of NAS-Bench-201: node {number} is {node!r}")
        cell.append(tuple(kind for kind, _ in edges))
    if len(cell) != 3:
        raise ValueError(f"{architecture!r} is no architecture of NAS-Bench-201: {len(cell)} nodes instead of 3")
    return tuple(cell)


def canonical(cell: Cell) -> str:
    """What a cell computes, as a formula that is the same for isomorphic cells: "none" is 0, "skip_connect" nothing, sums are sorted."""
    sums: list[tuple[str, ...]] = [("x",)]
    for node in cell:
        terms: list[str] = []
        for kind, source in zip(node, sums, strict=True):
            if kind == "skip_connect":
                terms += source
            elif kind != "none" and source:
                terms.append(f"{kind}({'+'.join(source)})")
        sums.append(tuple(sorted(terms)))
    return "+".join(sums[-1]) or "0"


def build(
    architecture: str,
    *,
    batch: int = 1,
    channels: int = CHANNELS,
    resolution: int = RESOLUTION,
    cells: int = CELLS,
    classes: int = CLASSES,
    folded: bool = True,
) -> tuple[Builder, list[Value]]:
    """The graph and its outputs; the sizes are the benchmark's unless given.

    Raises:
        ValueError: the string is no architecture of this space.
    """
    cell = parse(architecture)
    net = Builder(folded=folded)
    x = net.conv_norm(net.input(batch, 3, resolution, resolution), channels, 3)
    for stage in range(3):
        if stage:
            x = _reduction(net, x, channels << stage)
        for _ in range(cells):
            x = _cell(net, x, cell)
    return net, [net.classifier(net.relu(net.norm(x)), classes)]


def model(architecture: str, seed: int | None = None) -> Any:
    """The benchmark's network as a ModelProto; without a seed its weights have no data.

    Raises:
        ValueError: the string is no architecture of this space.
    """
    net, outputs = build(architecture)
    return net.model(outputs, seed)


def _cell(net: Builder, x: Value, cell: Cell) -> Value:
    values = [x]
    for node in cell:
        terms = [_operator(net, value, kind) for kind, value in zip(node, values, strict=True)]
        total = terms[0]
        for term in terms[1:]:
            total = net.add(total, term)
        values.append(total)
    return values[-1]


def _operator(net: Builder, x: Value, kind: str) -> Value:
    if kind == "none":
        return net.scaled(x, 0.0)
    if kind == "skip_connect":
        return x
    if kind == "avg_pool_3x3":
        return net.pool(x, "Average", 3, pad=1)
    return net.conv_norm(net.relu(x), x.dims[1], 3 if kind == "nor_conv_3x3" else 1)


def _reduction(net: Builder, x: Value, channels: int) -> Value:
    """The residual block between two stages."""
    inner = net.conv_norm(net.relu(x), channels, 3, stride=2)
    inner = net.conv_norm(net.relu(inner), channels, 3)
    short = net.conv(net.pool(x, "Average", 2, stride=2), channels, 1, bias=False)
    return net.add(short, inner)
