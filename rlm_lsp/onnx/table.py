"""What ``rlm-lsp onnx FILE`` prints for people: the whole, the dearest nodes and blocks, and what is not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from shlex import quote

from rlm_lsp.check.terminal import Style
from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.costs import NodeCost
from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.costs_totals import group_sums, unknown_by_group
from rlm_lsp.onnx.document import shape_text
from rlm_lsp.onnx.network import Network
from rlm_lsp.onnx.predictions import Forecast, Row
from rlm_lsp.onnx.shapes import symbols
from rlm_lsp.onnx.values import NONE
from rlm_lsp.units import format_value

NODES, BLOCKS = 15, 10
OURS = "latency@cpu"
_PROBLEMS = 10
_NAMES = 2  # of objectives that have the same reason for having no prediction
_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def lines(network: Network, predicted: Forecast, style: Style) -> Iterator[str]:
    """The table; every figure in it is static unless it says otherwise."""
    yield from _head(network, style)
    yield from _totals(network, predicted.model, style)
    yield from _blocks(network, predicted, style)
    yield from _nodes(network, style)
    yield from _unknown(network, style)
    yield from _symbols(network, style)
    yield from _problems(network, style)


def count_text(count: float, digits: int = 3) -> str:
    """A number of things: 4.09 G, 25.6 M, 812."""
    for step, name in _STEPS:
        if count >= step:
            return f"{count / step:.{digits}g} {name}" if count < 1000 * step else f"{count / step:,.0f} {name}"
    return f"{count:,.0f}"


def bytes_text(count: float) -> str:
    """A number of bytes: 97.5 MB."""
    return format_value(count, "B", 3)


def value_text(value: float, unit: str) -> str:
    """A prediction's value: 4.1 ms, 93 %."""
    return f"{value:.3g} %" if unit == "%" else format_value(value, unit)


def seconds_text(seconds: float) -> str:
    """A time: 210 ms."""
    return format_value(seconds, "s", 2)


def node_name(network: Network, number: int) -> str:
    """A node for people: its name where it has one, else its path."""
    node = network.nodes[number]
    return shown(node.name, 60) or f"#{node.path}"


def _head(network: Network, style: Style) -> Iterator[str]:
    model, found = network.model, network.totals
    opsets = ", ".join(f"{shown(domain, 40) or 'ai.onnx'} {version}" for domain, version in model.opsets[:4]) or "none"
    made = shown(f"{model.producer} {model.producer_version}".strip(), 60) or "unknown producer"
    yield style.strong(shown(model.file_name))
    folded = f", {found.folded:,} of them computed at load" if found.folded else ""
    yield f"{bytes_text(model.file_bytes)}, {found.nodes:,} nodes{folded}; opset {opsets}; {made}"
    yield ""


def _totals(network: Network, predicted: Sequence[dict[str, object]], style: Style) -> Iterator[str]:
    found, peak = network.totals, network.peak
    least = "at least " if found.unknown_nodes else ""
    rows = [
        ("MACs", f"{least}{count_text(found.macs)}", "static"),
        ("parameters", count_text(found.params), "static"),
        ("weights", f"{bytes_text(found.weight_bytes)} in memory, {bytes_text(found.stored_bytes)} as stored", "static"),
        ("peak activations", f"{'at least ' if peak.unknown else ''}{bytes_text(peak.nbytes)}{_where(network)}", "static"),
        ("roofline time", f"{least}{seconds_text(found.seconds)}", "static"),
    ]
    if found.load_macs or found.load_bytes:
        rows.append(("once, at load", f"{count_text(found.load_macs)} MACs, {bytes_text(found.load_bytes)} made", "static"))
    rows += [(str(item["objective"]), _prediction(item), "predicted") for item in predicted if "unknown" not in item]
    rows += [(names, f"unknown: {reason}", "predicted") for names, reason in _unpredicted(predicted)]
    width = max(len(name) for name, _, _ in rows)
    for name, text, provenance in rows:
        yield f"{name:<{width}}  {text}  {style.dim(provenance)}"
    yield style.dim(network.roofline.note)
    models = dict.fromkeys(f"{item['model']} for {item['device']}" for item in predicted if "unknown" not in item)
    if models:
        yield style.dim(f"predicted by {', '.join(models)}; p50 (p10 to p90), not measured")
    yield ""


def _where(network: Network) -> str:
    return f" at {node_name(network, network.peak.node)}" if network.peak.node != NONE else ""


def _prediction(item: Row) -> str:
    unit = str(item["unit"])
    p10, p50, p90 = (value_text(float(item[name]), unit) for name in ("p10", "p50", "p90"))
    partly = ", of its beginning only" if item.get("partial") else ""
    return f"{p50} ({p10} to {p90}{partly})"


def _unpredicted(predicted: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Objectives without a prediction, one line for each reason; of many the first and how many more."""
    by_reason: dict[str, list[str]] = {}
    for item in predicted:
        if "unknown" in item:
            by_reason.setdefault(str(item["unknown"]["reason"]), []).append(str(item["objective"]))
    for reason, names in by_reason.items():
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        yield f"{', '.join(names[:_NAMES])}{more}", reason


def _blocks(network: Network, predicted: Forecast, style: Style) -> Iterator[str]:
    """The dearest groups, of those that are alike one; with what is predicted for the first objective that is a time."""
    tree = network.tree
    seconds = _sums(network, lambda cost: cost.seconds)
    macs = _sums(network, lambda cost: cost.macs)
    unknown = unknown_by_group(tree, network.costs, network.node_groups)
    numbers = [number for number in range(1, len(tree.groups)) if seconds[number] > 0 and tree.groups[number].size > 1]
    numbers.sort(key=lambda number: (-seconds[number], number))
    chosen: list[int] = []
    alike = Counter(group.digest for group in tree.groups)
    seen: set[str] = set()
    for number in numbers:
        digest = tree.groups[number].digest
        if len(chosen) < BLOCKS and digest not in seen:
            chosen.append(number)
            seen.add(digest)  # of equal ones the dearest stands for all
    if not chosen:
        return
    timed = _timed(predicted)
    rows = []
    for number in chosen:
        group = tree.groups[number]
        times = f" x{alike[group.digest]}" if alike[group.digest] > 1 else ""
        rows.append(
            (
                _share(seconds[number], network),
                count_text(macs[number]),
                f"{group.size:,}",
                f"{shown(group.path, 80)}{times}",
                unknown[number],
                _of_block(predicted.of_group(number), timed),
            )
        )
    title = f"{timed:<28}  " if timed else ""
    yield style.dim(f"share   MACs     nodes  {title}block (dearest first, by roofline time; x12: as many alike, the share is one's)")
    for share, block_macs, size, label, missing, forecast in rows:
        column = f"{forecast:<28}  " if timed else ""
        yield f"{share:<6}  {block_macs:<7}  {size:>5}  {column}{label}{f'  ({missing:,} unknown)' if missing else ''}"
    yield ""


def _timed(predicted: Forecast) -> str:
    """The objective that the blocks' column shows: a time that some block has, ours first; empty: there is none."""
    named = [str(row["objective"]) for rows in predicted.blocks for row in rows if row["unit"] == "s" and "unknown" not in row]
    return OURS if OURS in named else min(named, default="")


def _of_block(rows: Sequence[Row], objective: str) -> str:
    return next(
        (_prediction(row) for row in rows if row["objective"] == objective and "unknown" not in row), "unknown" if objective else ""
    )


def _nodes(network: Network, style: Style) -> Iterator[str]:
    run = network.costs.run
    numbers = [
        number for number, node in enumerate(network.nodes) if run[number].seconds and not node.subgraphs and network.costs.taken[number]
    ]
    numbers.sort(key=lambda number: (-(run[number].seconds or 0), number))
    if not numbers:
        return
    yield style.dim("share   MACs     params   output               node (dearest first)")
    for number in numbers[:NODES]:
        outputs = network.values.outputs[number]
        shape = shape_text(network.values.types[outputs[0]]) if outputs and outputs[0] >= 0 else ""
        cost = run[number]
        figures = f"{_share(cost.seconds or 0, network):<6}  {count_text(cost.macs or 0):<7}  {count_text(cost.params):<7}  {shape:<19}"
        yield f"{figures}  {shown(operator(network.nodes[number]), 60)}  {node_name(network, number)}"
    if len(numbers) > NODES:
        yield style.dim(f"{len(numbers) - NODES:,} more")
    yield ""


def _unknown(network: Network, style: Style) -> Iterator[str]:
    found = network.totals
    if not found.unknown:
        return
    yield style.bad(f"unknown: {found.unknown_nodes:,} of {found.nodes - found.folded:,} nodes are left out of the totals")
    for item in found.unknown[:_PROBLEMS]:
        yield f"{item.nodes:>7,}  {shown(item.operator, 60)}: {item.reason}"
    if len(found.unknown) > _PROBLEMS:
        yield style.dim(f"{len(found.unknown) - _PROBLEMS:,} more kinds; --json lists them all")
    yield ""


def _symbols(network: Network, style: Style) -> Iterator[str]:
    bound = dict(network.shapes.bindings)
    found = symbols(network.model)
    still_open = [symbol for symbol in found if symbol.name not in bound and not all(place in bound for place in symbol.places)]
    if bound:
        yield "bound: " + ", ".join(f"{shown(name, 60)}={size}" for name, size in bound.items())
    if still_open:
        example = " ".join(f"--bind {quote(f'{shown(symbol.name, 60)}=1')}" for symbol in still_open[:4])
        places = ", ".join(f"{shown(symbol.name, 40)} ({shown(', '.join(symbol.places[:3]), 80)})" for symbol in still_open[:8])
        yield f"open dimensions: {places}; bind them with {example}"
    if bound or still_open:
        yield ""


def _problems(network: Network, style: Style) -> Iterator[str]:
    problems = network.problems
    for problem in problems[:_PROBLEMS]:
        where = f" (node {shown(problem.where, 60)})" if problem.where else ""
        yield style.bad(f"{problem.code}: {shown(problem.reason, 300)}{where}")
    if len(problems) > _PROBLEMS:
        yield style.dim(f"{len(problems) - _PROBLEMS:,} more problems; --json lists them")


def _sums(network: Network, figure: Callable[[NodeCost], float | None]) -> list[float]:
    return group_sums(network.tree, network.values, [figure(cost) for cost in network.costs.run], network.node_groups)


def _share(seconds: float, network: Network) -> str:
    whole = network.totals.seconds
    return f"{seconds / whole:.1%}" if whole > 0 else "-"
