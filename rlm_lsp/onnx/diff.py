"""What changed from one network to another: nodes are matched by name, by what they do in the same block, and by their place in it.

Only what a run executes is compared. A node is *changed* where its operator, attributes, weights' shapes or results differ, *moved* where
the same node stands in another block.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rlm_lsp.check.terminal import Style
from rlm_lsp.onnx.analysis import Analyst
from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.costs_totals import group_sums
from rlm_lsp.onnx.document import shape_text
from rlm_lsp.onnx.network import Network, readable, with_shapes
from rlm_lsp.onnx.shapes import parse_bindings, symbols
from rlm_lsp.onnx.table import bytes_text, count_text, node_name, seconds_text
from rlm_lsp.onnx.text_attributes import Writer, head
from rlm_lsp.onnx.types import ValueType

Status = Literal["same", "changed", "moved", "added", "removed"]

_ROWS = 20
_LEAST_SHARE = 1e-3  # of the dearer network's time; blocks that changed less are counted, not listed


@dataclass(frozen=True, slots=True)
class Pair:
    """A node before and after; None: it is not there. Both are numbers of ``Network.nodes``."""

    status: Status
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block by its path, with roofline seconds and multiply-accumulates before and after; None: it is not there."""

    path: str
    seconds: tuple[float | None, float | None]
    macs: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two networks, their nodes in pairs, and the blocks whose costs differ, largest difference first."""

    before: Network
    after: Network
    pairs: Sequence[Pair]
    blocks: Sequence[BlockChange]


def examine_both(before: Path, after: Path, bindings: Sequence[str]) -> tuple[Network, Network]:
    """Both networks; a binding is used for each that has such a dimension.

    Raises:
        InputError: a file is no model, or a binding names a dimension of neither.
    """
    models = [(path, readable(path)) for path in (before, after)]
    known = [symbols(model) for _, model in models]
    parse_bindings(bindings, [symbol for each in known for symbol in each])
    networks = []
    with Analyst() as analyst:
        for (path, model), own in zip(models, known, strict=True):
            names = {name for symbol in own for name in (symbol.name, *symbol.places)}
            fitting = [text for text in bindings if text.rpartition("=")[0] in names]
            networks.append(with_shapes(model, analyst.shapes(path, model, parse_bindings(fitting, own))))
    return networks[0], networks[1]


def compare(before: Network, after: Network) -> Difference:
    """What differs. Takes linear time: each way of matching takes first what comes first."""
    sides = (_Side(before), _Side(after))
    matched: dict[int, int] = {}
    ways: Sequence[Callable[[_Side, int], Hashable | None]] = (
        lambda side, number: side.name(number),
        lambda side, number: (side.block(number), side.surroundings[number]),
        lambda side, number: (side.block(number), side.signs[number]),
        lambda side, number: side.surroundings[number],
        lambda side, number: (side.block(number), side.network.nodes[number].op),
    )
    for way in ways:
        _match(sides, way, matched)
    pairs = [Pair(_status(sides, old, new), old, new) for old, new in matched.items()]
    taken = set(matched.values())
    pairs += [Pair("removed", number, None) for number in sides[0].numbers if number not in matched]
    pairs += [Pair("added", None, number) for number in sides[1].numbers if number not in taken]
    return Difference(before, after, pairs, _blocks(before, after))


def as_dict(found: Difference) -> dict[str, Any]:
    """The difference as JSON, without nodes that are the same."""
    sums = [_totals_of(network) for network in (found.before, found.after)]
    return {
        "schema": 1,
        "before": shown(found.before.model.file_name),
        "after": shown(found.after.model.file_name),
        "provenance": "static",
        "totals": [{"id": name, "before": old, "after": sums[1][name]} for name, old in sums[0].items()],
        "unknown_nodes": [found.before.totals.unknown_nodes, found.after.totals.unknown_nodes],
        "nodes": _counts(found),
        "blocks": [{"path": shown(item.path), "seconds": list(item.seconds), "macs": list(item.macs)} for item in found.blocks],
        "changes": [_change(found, pair) for pair in found.pairs if pair.status != "same"],
    }


def lines(found: Difference, style: Style) -> Iterator[str]:
    """The table."""
    yield style.strong(f"{shown(found.before.model.file_name)} → {shown(found.after.model.file_name)}")
    old, new = _totals_of(found.before), _totals_of(found.after)
    missing = max(found.before.totals.unknown_nodes, found.after.totals.unknown_nodes)
    for name, text in _TITLES.items():
        show = _SHOWN.get(name, count_text)
        yield f"{text:<17}  {show(old[name]):>10} → {show(new[name]):<10}  {_ratio(old[name], new[name]):<8}  {style.dim('static')}"
    if missing:
        unknown = f"{found.before.totals.unknown_nodes:,} and {found.after.totals.unknown_nodes:,}"
        yield style.bad(f"unknown: {unknown} nodes are left out, so these are lower bounds")
    counts = _counts(found)
    yield "nodes: " + ", ".join(f"{count:,} {status}" for status, count in counts.items() if count)
    operators = _operators(found)
    if operators:
        yield "operators: " + ", ".join(operators)
    yield ""
    if found.blocks:
        yield style.dim("time before → after           block (largest difference first)")
        for item in found.blocks[:_ROWS]:
            yield f"{_time(item.seconds[0]):>9} → {_time(item.seconds[1]):<9}  {_change_text(item):<8}  {shown(item.path, 80)}"
        if len(found.blocks) > _ROWS:
            yield style.dim(f"{len(found.blocks) - _ROWS:,} more; --json lists them")
        yield ""
    different = [pair for pair in found.pairs if pair.status in ("changed", "added", "removed")]
    different.sort(key=lambda pair: (-abs(_seconds(found, pair)), pair.before or 0, pair.after or 0))
    for pair in different[:_ROWS]:
        yield f"{pair.status:<8}  {_pair_text(found, pair)}"
    if len(different) > _ROWS:
        yield style.dim(f"{len(different) - _ROWS:,} more nodes; --json lists them")
    if not different and not found.blocks:
        yield "no difference in structure or costs"


_TITLES = {
    "macs": "MACs",
    "params": "parameters",
    "weight_bytes": "weights",
    "peak_activation_bytes": "peak activations",
    "seconds": "roofline time",
    "nodes": "nodes",
}
_SHOWN: Mapping[str, Callable[[float], str]] = {"weight_bytes": bytes_text, "peak_activation_bytes": bytes_text, "seconds": seconds_text}


class _Side:
    """One network, with what its nodes are told apart by."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.numbers = [number for number in range(len(network.nodes)) if number not in network.folded]
        writer = Writer()
        values = network.values
        self.signs: dict[int, Hashable] = {}
        for number in self.numbers:
            node, inputs = network.nodes[number], values.inputs[number]
            dims = values.types[inputs[0]].dims if inputs and inputs[0] >= 0 else None
            constants = tuple(
                writer.constant(values.types[value], values.stored.get(value)) if value >= 0 and values.constant[value] else ""
                for value in inputs
            )
            results = tuple(_result(values.types[value]) for value in values.outputs[number] if value >= 0)
            self.signs[number] = (head(node, None if dims is None else len(dims)), constants, results)
        self.surroundings: dict[int, Hashable] = {number: (self.signs[number], self._makers(number)) for number in self.numbers}
        names = Counter(network.nodes[number].name for number in self.numbers)
        self._unique = {name for name, count in names.items() if name and count == 1}

    def name(self, number: int) -> Hashable | None:
        """A name that no other node has, with the operator."""
        node = self.network.nodes[number]
        return (node.name, node.op) if node.name in self._unique and not node.name.isdecimal() else None

    def block(self, number: int) -> str:
        """The path of the block that a node is in."""
        return self.network.tree.groups[self.network.node_groups[number]].path

    def _makers(self, number: int) -> tuple[Hashable, ...]:
        """What the nodes do that make its inputs."""
        values = self.network.values
        sources = [values.sources[value] if value >= 0 else -1 for value in values.inputs[number]]
        return tuple(self.signs.get(source, "") for source in sources)


def _result(kind: ValueType) -> Hashable:
    """A type without the names of open dimensions, which exporters make up."""
    return kind.dtype, kind.kind, None if kind.dims is None else tuple(dim if isinstance(dim, int) else None for dim in kind.dims)


def _match(sides: tuple[_Side, _Side], way: Callable[[_Side, int], Hashable | None], matched: dict[int, int]) -> None:
    """Pair nodes with equal keys that are free on both sides, in their order."""
    taken = set(matched.values())
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for number in sides[1].numbers:
        key = way(sides[1], number) if number not in taken else None
        if key is not None:
            waiting[key].append(number)
    for number in sides[0].numbers:
        key = way(sides[0], number) if number not in matched else None
        if key is not None and waiting.get(key):
            matched[number] = waiting[key].popleft()


def _status(sides: tuple[_Side, _Side], old: int, new: int) -> Status:
    if sides[0].signs[old] != sides[1].signs[new]:
        return "changed"
    return "same" if sides[0].block(old) == sides[1].block(new) else "moved"


def _blocks(before: Network, after: Network) -> list[BlockChange]:
    """Blocks that are on one side only inside of one that is, too, are part of that one's difference."""
    old, new = _by_path(before), _by_path(after)
    changes = []
    for path in dict.fromkeys((*old, *new)):
        mine, theirs = old.get(path), new.get(path)
        parent = path.rpartition("/")[0]
        if (mine is None or theirs is None) and parent and (parent in old) != (parent in new):
            continue
        was, now = mine or (0.0, 0.0), theirs or (0.0, 0.0)
        if was != now:
            seconds = (mine[0] if mine else None, theirs[0] if theirs else None)
            changes.append(BlockChange(path, seconds, (mine[1] if mine else None, theirs[1] if theirs else None)))
    largest = max(before.totals.seconds, after.totals.seconds)
    listed = [item for item in changes if _delta(item) >= _LEAST_SHARE * largest]
    return sorted(listed, key=lambda item: (-_delta(item), item.path))


def _by_path(network: Network) -> dict[str, tuple[float, float]]:
    """Seconds and multiply-accumulates of each block but the whole."""
    run, groups = network.costs.run, network.tree.groups
    seconds = group_sums(network.tree, network.values, [cost.seconds for cost in run], network.node_groups)
    macs = group_sums(network.tree, network.values, [cost.macs for cost in run], network.node_groups)
    return {groups[number].path: (seconds[number], macs[number]) for number in range(1, len(groups))}


def _delta(item: BlockChange) -> float:
    return abs((item.seconds[1] or 0.0) - (item.seconds[0] or 0.0))


def _totals_of(network: Network) -> dict[str, float]:
    found = network.totals
    return {
        "macs": found.macs,
        "params": found.params,
        "weight_bytes": found.weight_bytes,
        "peak_activation_bytes": network.peak.nbytes,
        "seconds": found.seconds,
        "nodes": found.nodes - found.folded,
    }


def _counts(found: Difference) -> dict[str, int]:
    counts = Counter(pair.status for pair in found.pairs)
    return {status: counts[status] for status in ("same", "changed", "moved", "added", "removed")}


def _operators(found: Difference) -> list[str]:
    """Operators whose number changed most."""
    sides = [
        Counter(operator(side.nodes[n]) for n in range(len(side.nodes)) if n not in side.folded) for side in (found.before, found.after)
    ]
    names = [name for name in {*sides[0], *sides[1]} if sides[0][name] != sides[1][name]]
    names.sort(key=lambda name: (-abs(sides[0][name] - sides[1][name]), name))
    return [f"{shown(name, 40)} {sides[0][name]:,} → {sides[1][name]:,}" for name in names[:8]]


def _seconds(found: Difference, pair: Pair) -> float:
    """By how much a node became dearer."""
    old = found.before.costs.run[pair.before].seconds if pair.before is not None else 0.0
    new = found.after.costs.run[pair.after].seconds if pair.after is not None else 0.0
    return (new or 0.0) - (old or 0.0)


def _change(found: Difference, pair: Pair) -> dict[str, Any]:
    result: dict[str, Any] = {"status": pair.status}
    for side, network, number in (("before", found.before, pair.before), ("after", found.after, pair.after)):
        if number is not None:
            cost = network.costs.run[number]
            result[side] = {
                "op": shown(operator(network.nodes[number])),
                "name": shown(network.nodes[number].name),
                "path": shown(network.nodes[number].path),
                "block": shown(network.tree.groups[network.node_groups[number]].path),
                "macs": cost.macs,
                "seconds": cost.seconds,
            }
    return result


def _pair_text(found: Difference, pair: Pair) -> str:
    texts = []
    for network, number in ((found.before, pair.before), (found.after, pair.after)):
        if number is not None:
            outputs = network.values.outputs[number]
            shape = shape_text(network.values.types[outputs[0]]) if outputs and outputs[0] >= 0 else ""
            cost = network.costs.run[number]
            texts.append(f"{shown(operator(network.nodes[number]), 40)} {shape} {_time(cost.seconds)}")
    name = node_name(found.after, pair.after) if pair.after is not None else node_name(found.before, pair.before or 0)
    return f"{' → '.join(texts)}  {name}"


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else seconds_text(seconds)


def _change_text(item: BlockChange) -> str:
    old, new = item.seconds
    if old is None:
        return "added"
    return "removed" if new is None else _ratio(old, new)


def _ratio(old: float, new: float) -> str:
    if old == new:
        return "same"
    return f"{new / old:.3g}x" if old else "new"
