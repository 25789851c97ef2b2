"""Operations, weights and elements of a network, counted from its compact text: what the simplest baseline of networks sees."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_REPEATED = re.compile(r"\s*x(\d+) \{")
_RESULT = re.compile(r"> (\S+)")
_WEIGHT = re.compile(r"\bw(\d+(?:x\d+)*)")
_NODE = re.compile(r"\s*\d+ (\w+)")
_NUMBER = re.compile(r"\d+")
_LINEAR = ("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN")


@dataclass(frozen=True)
class Counts:
    """Multiply-accumulates, weights, nodes, and elements of all nodes' results."""

    macs: float
    params: float
    nodes: float
    elements: float


def counts_of(text: str) -> Counts:
    """Count what compact text (``rlm_lsp.onnx.text``, version 1) says. Repeated blocks count as often as they stand there.

    A matrix product of two results counts its result's elements times the last dimension before it: near enough for a straight line.
    """
    macs = params = nodes = elements = 0.0
    shape: list[int] = []
    times = [1.0]
    for line in text.splitlines():
        if repeated := _REPEATED.match(line):
            times.append(times[-1] * int(repeated[1]))
        elif line.strip() == "}" and len(times) > 1:
            times.pop()
        elif found := _RESULT.search(line):
            before, shape = shape, _dimensions(found[1])
        else:
            before = shape
        node = _NODE.match(line)
        if node is None:
            if line.startswith("i0 "):
                shape = _dimensions(line[3:])
            continue
        weights = [_dimensions(weight) for weight in _WEIGHT.findall(line)]
        size = math.prod(shape)
        nodes += times[-1]
        elements += times[-1] * size
        params += times[-1] * sum(math.prod(weight) for weight in weights)
        if node[1] in _LINEAR:
            largest = max(weights, key=math.prod, default=[])
            each = math.prod(largest[1:]) if node[1].startswith("Conv") else (largest[0] if largest else (before[-1] if before else 1))
            macs += times[-1] * size * each
    return Counts(macs, params, nodes, elements)


def _dimensions(shape: str) -> list[int]:
    return [int(part) for part in _NUMBER.findall(shape.partition(" ")[0])]
