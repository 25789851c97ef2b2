"""``rlm-lsp onnx measure``: how long a model takes here, on one thread of ONNX Runtime, and how its nodes share that time.

Inputs are random. Open dimensions that nobody binds are guessed, by a ladder of sizes until the model takes one: batches are 1, images
224, 640 or 320 wide, everything else 64, 128 or 256 long. Nodes are profiled without graph optimisation, because hardly one keeps its name
through it, and their times are then scaled so that they add up to that of an optimised run; which is said wherever they are shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_lsp.check.terminal import Style
from rlm_lsp.onnx import document as documents
from rlm_lsp.onnx import figures, runner
from rlm_lsp.onnx.analysis import analyse
from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.costs_totals import group_sums
from rlm_lsp.onnx.graph import main_inputs
from rlm_lsp.onnx.network import Network, readable, with_shapes
from rlm_lsp.onnx.predictions import Forecast
from rlm_lsp.onnx.shapes import bound, parse_bindings, symbols
from rlm_lsp.onnx.table import node_name, seconds_text
from rlm_lsp.onnx.types import Model, Node, ValueType
from rlm_lsp.paths import printable
from rlm_lsp.predict.child import Child
from rlm_lsp.predict.errors import InputError

SILENCE_S = 600.0
NOTE = "nodes were timed without graph optimisation and scaled to the time of an optimised run"

_IMAGES, _LENGTHS = (224, 640, 320), (64, 128, 256)
_ROWS = 15


@dataclass(frozen=True, slots=True)
class Measured:
    """A model's times here. ``total_s`` is the least of ``runs`` optimised runs.

    ``seconds`` has for each node of the network its scaled time, None for one that could not be told in the profile; ``profiled`` the same
    before scaling.
    """

    network: Network
    total_s: float
    runs: int
    seconds: Sequence[float | None]
    profiled: Sequence[float | None]
    version: str

    @property
    def profiled_s(self) -> float:
        """What the nodes took without optimisation, those left out that the load computes."""
        return sum(second for second in self.profiled if second is not None)


def measure(path: Path, bindings: Sequence[str]) -> Measured:
    """Run a model. This executes the file.

    Raises:
        InputError: it cannot be read or run; the message says why.
        EngineError, QuarantinedError: the process that runs it cannot be started, or dies over it.
    """
    model = readable(path)
    tries = attempts(model, parse_bindings(bindings, symbols(model)))
    child = Child("run of the model", "rlm_lsp.onnx.runner", window=1, silence_s=SILENCE_S)
    try:
        reply = child.submit(runner.ask(path, [_inputs(model, sizes) for sizes in tries])).result()
    finally:
        child.close()
    if "error" in reply:
        raise InputError(
            f"{printable(str(path))}: onnxruntime cannot run it: {shown(reply['error'], 300)}; bind its dimensions with --bind NAME=SIZE"
        )
    sizes = tries[reply["attempt"]]
    network = with_shapes(model, analyse(path, model, sizes))
    profiled = by_node(network.nodes, network.folded, [(name, op, index, seconds) for name, op, index, seconds in reply["profile"]])
    whole = sum(second for number, second in enumerate(profiled) if second is not None and network.values.owners[number] < 0)
    scale = reply["total_s"] / whole if whole > 0 else 0.0
    seconds = [None if second is None else second * scale for second in profiled]
    return Measured(network, reply["total_s"], reply["runs"], seconds, profiled, str(reply["version"]))


def attempts(model: Model, given: Mapping[str, int]) -> list[dict[str, int]]:
    """Sizes for all open dimensions, the likeliest first. Those that are ``given`` stay."""
    kinds = {value.name: value.type for value in model.graph.inputs}
    found: list[dict[str, int]] = []
    for step in range(max(len(_IMAGES), len(_LENGTHS))):
        sizes = dict(given)
        for symbol in symbols(model):
            if symbol.name in given or all(place in given for place in symbol.places):
                continue
            sizes[symbol.name] = _guess(symbol.places[0], kinds, step)
        if sizes not in found:
            found.append(sizes)
    return found


def by_node(nodes: Sequence[Node], folded: frozenset[int], profile: Sequence[tuple[str, str, int, float]]) -> list[float | None]:
    """Seconds of the nodes of the main graph: told by a name that no other has, else as the n-th of its operator.

    ONNX Runtime numbers nodes in the order of the file, but not without gaps, and names those that have none.
    """
    outermost = [number for number, node in enumerate(nodes) if not node.scope and node.op != "Constant"]
    names = Counter(nodes[number].name for number in outermost)
    unique = {
        (nodes[number].name, nodes[number].op): number for number in outermost if names[nodes[number].name] == 1 and nodes[number].name
    }
    seconds: list[float | None] = [None] * len(nodes)
    rest: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for name, op, index, spent in profile:
        number = unique.get((name, op))
        if number is None:
            rest[op].append((index, spent))
        else:
            seconds[number] = spent
    unknown: defaultdict[str, list[int]] = defaultdict(list)
    for number in outermost:
        if seconds[number] is None:
            unknown[nodes[number].op].append(number)
    for op, numbers in unknown.items():
        if len(numbers) == len(rest[op]):
            for number, (_, spent) in zip(numbers, sorted(rest[op]), strict=True):
                seconds[number] = spent
    return [None if number in folded else second for number, second in enumerate(seconds)]


def document(measured: Measured, predicted: Forecast) -> dict[str, Any]:
    """The viewer's document with what was measured beside what is static and what is predicted."""
    network = measured.network
    whole = documents.document(network, predicted, details=True)
    sums = group_sums(network.tree, network.values, measured.seconds, network.node_groups)
    figure = figures.figure("measured_seconds", "measured time", "s", measured.seconds, sums, provenance="measured")
    whole["figures"].append({**figure, "total": measured.total_s, "note": f"{NOTE}; {conditions(measured)}"})
    whole["totals"].append(
        {
            "id": "measured_seconds",
            "title": "measured time",
            "provenance": "measured",
            "unit": "s",
            "value": measured.total_s,
            "at_least": False,
        }
    )
    return whole


def conditions(measured: Measured) -> str:
    """How it was measured, in one line."""
    sizes = ", ".join(f"{shown(name, 60)}={size}" for name, size in measured.network.shapes.bindings)
    return f"onnxruntime {measured.version}, 1 thread, least of {measured.runs:,} runs, random inputs{f' with {sizes}' if sizes else ''}"


def lines(measured: Measured, style: Style) -> Iterator[str]:
    """The table."""
    network = measured.network
    yield style.strong(shown(network.model.file_name))
    least = "at least " if network.totals.unknown_nodes else ""
    yield f"measured time  {seconds_text(measured.total_s)}  {style.dim('measured')}"
    yield f"roofline time  {least}{seconds_text(network.totals.seconds)}  {style.dim('static')}"
    yield style.dim(conditions(measured))
    yield ""
    known = [(second, number) for number, second in enumerate(measured.seconds) if second is not None]
    if not known:
        yield "no node could be told in the runtime's profile"
        return
    known.sort(key=lambda item: (-item[0], item[1]))
    yield style.dim("measured  static   node (dearest first; shares of the whole)")
    static = network.totals.seconds or 1.0
    for second, number in known[:_ROWS]:
        own = network.costs.run[number].seconds
        share = "unknown" if own is None else f"{own / static:.1%}"
        yield f"{second / measured.total_s:>7.1%}   {share:<7}  {shown(operator(network.nodes[number]), 60)}  {node_name(network, number)}"
    yield ""
    untold = sum(second is None for number, second in enumerate(measured.seconds) if number not in network.folded)
    yield f"{NOTE} ({seconds_text(measured.profiled_s)} before)"
    if untold:
        yield f"{untold:,} nodes could not be told in the profile, or lie in the body of another"


def _guess(place: str, kinds: Mapping[str, ValueType], step: int) -> int:
    name, _, axis = place.rpartition("[")
    rank = len(kinds[name].dims or ())
    if axis == "0]":
        return 1
    ladder = _IMAGES if rank == 4 else _LENGTHS
    return ladder[min(step, len(ladder) - 1)]


def _inputs(model: Model, sizes: Mapping[str, int]) -> list[tuple[str, str, list[int]]]:
    """Name, dtype and shape of what must be given; where a rank is not known, one dimension."""
    found = []
    for value in main_inputs(model.graph):
        kind = bound(value.type, value.name, sizes)
        dims = [dim if isinstance(dim, int) else 1 for dim in kind.dims] if kind.dims is not None else [1]
        found.append((value.name, kind.dtype, dims))
    return found
