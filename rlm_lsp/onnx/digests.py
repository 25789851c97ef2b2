"""Structural hashes: two groups with the same hash compute the same, up to the values of their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from rlm_lsp.onnx.graph import Links
from rlm_lsp.onnx.types import Attribute, Node, TensorInfo, ValueType

_FEW = 8  # whole numbers of a small tensor that count: axes and target shapes, no weights


class Digests:
    """Hashes of groups of a model's nodes.

    Folded nodes count where they are used: they are weights, and which group a shared one is drawn in is chance. Names don't count, nor do
    the shapes of what flows in: the same block at another resolution has the same hash.
    """

    def __init__(self, nodes: Sequence[Node], links: Links, folded: frozenset[int]) -> None:
        self._nodes = nodes
        self._links = links
        self._folded = folded
        self._alone: dict[int, str] = {}
        self._weights: dict[int, str] = {}  # of folded nodes
        self._visited: set[int] = set()

    def of(self, numbers: Sequence[int]) -> str:
        """The hash of nodes in topological order: what each does, and how they are wired; 16 hex digits."""
        local = {number: place for place, number in enumerate(number for number in numbers if number not in self._folded)}
        outside: dict[tuple[int, int], int] = {}
        hashed = blake2b(digest_size=8)
        for number, place in local.items():
            hashed.update(f"{place}:{self._of_node(number)}(".encode())
            for at, producer in enumerate(self._links.inputs[number]):
                hashed.update(self._source(number, at, producer, local, outside).encode())
            hashed.update(b")")
        return hashed.hexdigest()

    def _source(self, number: int, at: int, producer: int, local: Mapping[int, int], outside: dict[tuple[int, int], int]) -> str:
        """What an input is, as seen from within the group."""
        name = self._nodes[number].inputs[at]
        if producer in local:
            outputs = self._nodes[producer].outputs
            return f"n{local[producer]}.{outputs.index(name) if name in outputs else 0},"
        held = self._links.tensor(number, at)
        if held is not None:
            return f"w{_tensor(held)},"
        if producer in self._folded:
            return f"f{self._of_folded(producer)},"
        if not name:
            return "-,"
        key = (producer, hash(name))
        return f"x{outside.setdefault(key, len(outside))},"

    def _of_folded(self, number: int) -> str:
        """What a folded node computes, by everything that it is computed from; that ends in stored tensors."""
        waiting = [number]
        while waiting:
            last = waiting[-1]
            missing = [each for each in self._links.inputs[last] if each in self._folded and each not in self._weights and each != last]
            if missing and last not in self._visited:
                self._visited.add(last)
                waiting += missing
                continue
            waiting.pop()
            if last not in self._weights:
                made = [self._of_weight(last, place, producer) for place, producer in enumerate(self._links.inputs[last])]
                text = f"{self._of_node(last)}({','.join(made)})"
                self._weights[last] = blake2b(text.encode(), digest_size=8).hexdigest()
        return self._weights[number]

    def _of_weight(self, number: int, place: int, producer: int) -> str:
        held = self._links.tensor(number, place)
        return _tensor(held) if held is not None else self._weights.get(producer, "-")

    def _of_node(self, number: int) -> str:
        known = self._alone.get(number)
        if known is None:
            node = self._nodes[number]
            attributes = sorted(map(_attribute, node.attributes))
            bodies = [",".join(_plain(inner) for inner in graph.nodes) for graph in node.subgraphs]
            text = repr((node.domain, node.op, attributes, len(node.outputs), bodies))
            known = self._alone[number] = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        return known


def _plain(node: Node) -> str:
    return f"{node.domain}:{node.op}"


def _attribute(attribute: Attribute) -> tuple[str, str, int, str]:
    value = attribute.value
    if isinstance(value, TensorInfo):
        text = _tensor(value)
    elif isinstance(value, ValueType):
        text = f"{value.kind} {value.dtype} {value.dims}"
    elif isinstance(value, tuple):
        text = ",".join(_tensor(item) if isinstance(item, TensorInfo) else repr(item) for item in value)
    else:
        text = repr(value)
    return attribute.name, attribute.kind, attribute.count, text


def _tensor(tensor: TensorInfo) -> str:
    """Type and shape, and the values that say what is done rather than with what."""
    values = tensor.values if tensor.values is not None and len(tensor.values) <= _FEW and tensor.dtype.startswith("int") else None
    return f"{tensor.dtype}{tensor.dims}{values}"
