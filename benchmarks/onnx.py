"""How well static costs rank the nodes of real networks: ``python -m benchmarks.onnx``.

The models are those in the ``onnx`` wheel that keep the real ones' shapes, and those that ``python -m tests.onnx.models`` fetched. Each is
run by ``rlm-lsp onnx measure``'s own means, and its nodes' times without graph optimisation are held against their roofline times, and
against multiply-accumulates alone. Writes ``ONNX.md`` and ``onnx.json`` beside this file.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.machine import processor, system
from rlm_lsp.onnx.measure import Measured, conditions, measure
from rlm_lsp.onnx.text import compact
from rlm_lsp.predict.errors import RlmLspError
from tests.onnx.models import light, package_models

HERE = Path(__file__).parent
LIGHT = ("bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19", "zfnet512")
TARGET = 0.88  # median rank correlation
LEAST_NODES = 20
TOP = 20

_PAGE = """# Static costs of networks, against ONNX Runtime

`python -m benchmarks.onnx` runs real models with random inputs on one thread and holds the time of each node, profiled without graph
optimisation, against its static roofline time. What the load computes once is left out. "rank" is Spearman's correlation over all nodes
of a model, "top" how many of its {top} dearest nodes are among the {top} that are static dearest, "misplaced" half the sum of the
differences of all nodes' shares; "MACs alone" is the same for shares of multiply-accumulates. No constant of the roofline was fitted to
these models.

{machine}

| model | nodes | GMACs | params | peak, MB | measured, ms | roofline, ms | rank | top | misplaced | MACs alone | characters |
|---|---|---|---|---|---|---|---|---|---|---|---|
{rows}

"peak" is that of activations, "characters" those of the compact text. The median rank correlation is {median:.3f} over {count} models, and
{long_median:.3f} over the {long_count} that take a millisecond or more; the target is {target:.2f}. In smaller ones most of a node's
time is that of being called, which the roofline takes for the same everywhere. How fast networks are drawn, beside Netron, stands in
ONNX_VIEWER.md.{left_out}
"""


def main(names: Sequence[str]) -> None:
    """Measure, print, and write the page."""
    models = {f"onnx/light_{name}": light(name) for name in LIGHT} | package_models()
    rows, failed = [], {}
    for name, path in models.items():
        if names and not any(part in name for part in names):
            continue
        try:
            measured = measure(path, [])
        except RlmLspError as error:
            failed[name] = str(error).split(": ", 1)[-1].split(";")[0][:160]
            print(f"{name}: {failed[name]}", flush=True)
            continue
        row = _row(name, measured)
        print(json.dumps(row), flush=True)
        if row["compared"] >= LEAST_NODES:
            rows.append(row)
        else:
            failed[name] = f"only {row['compared']} nodes can be compared"
    if not names:
        result = {
            "machine": processor(),
            "load": os.getloadavg()[1],
            "system": system(),
            "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
            "models": rows,
            "failed": failed,
        }
        (HERE / "onnx.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        (HERE / "ONNX.md").write_text(page(result), encoding="utf-8")
    print("median rank", statistics.median(row["rank"] for row in rows))


def page(result: dict[str, Any]) -> str:
    """The page for what was measured."""
    rows = result["models"]
    long = [row for row in rows if row["measured_s"] >= 1e-3]
    left_out = "".join(f"\n- {name}: {reason}" for name, reason in result["failed"].items())
    return _PAGE.format(
        top=TOP,
        machine="; ".join(
            [
                result["machine"],
                result["system"],
                f"{result['date']}, load average {result['load']:.1f}, of all that ran",
                rows[0]["conditions"].split(", least")[0],
            ]
        ),
        rows="\n".join(map(_line, rows)),
        median=statistics.median(row["rank"] for row in rows),
        count=len(rows),
        long_median=statistics.median(row["rank"] for row in long),
        long_count=len(long),
        target=TARGET,
        left_out=f" Left out:\n{left_out}" if left_out else "",
    )


def _line(row: dict[str, Any]) -> str:
    unknown = f" ({row['unknown']:,} unknown)" if row["unknown"] else ""
    return (
        f"| {row['name']} | {row['nodes']:,}{unknown} | {row['macs'] / 1e9:.3f} | {row['params'] / 1e6:.2f} M | {row['peak'] / 1e6:.2f} "
        f"| {1e3 * row['measured_s']:.2f} | {1e3 * row['static_s']:.2f} | {row['rank']:.2f} | {row['top']} | {row['misplaced']:.2f} "
        f"| {row['misplaced_macs']:.2f} | {row['characters']:,} |"
    )


def _row(name: str, measured: Measured) -> dict[str, Any]:
    network = measured.network
    pairs = [
        (second, cost.seconds, cost.macs or 0)
        for second, cost in zip(measured.profiled, network.costs.run, strict=True)
        if second is not None and cost.seconds is not None
    ]
    times, static, macs = (np.array(column, float) for column in zip(*pairs, strict=True)) if pairs else (np.zeros(0),) * 3
    return {
        "name": name,
        "nodes": network.totals.nodes - network.totals.folded,
        "unknown": network.totals.unknown_nodes,
        "compared": len(pairs),
        "macs": network.totals.macs,
        "params": network.totals.params,
        "peak": network.peak.nbytes,
        "measured_s": measured.total_s,
        "static_s": network.totals.seconds,
        "rank": _correlation(_ranks(times), _ranks(static)),
        "top": len(set(np.argsort(-times)[:TOP]) & set(np.argsort(-static)[:TOP])),
        "misplaced": _misplaced(times, static),
        "misplaced_macs": _misplaced(times, macs),
        "characters": len(compact(network.nodes, network.values, network.folded)),
        "conditions": conditions(measured),
    }


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ranks (n,) of values (n,), the mean where some are equal."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], float)


def _correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if len(one) > 1 and one.std() and other.std() else 0.0


def _misplaced(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    if not one.sum() or not other.sum():
        return 1.0
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


if __name__ == "__main__":
    main(sys.argv[1:])
