"""Budgets for networks: what the settings allow an ``.onnx`` file to cost, held against its static figures, and its latency if predicted.

A figure that is not known breaks no budget and keeps none: it is said. One that is only a lower bound breaks a budget that it is above.
Of a prediction the lower end has to be above, as with functions; where only the median is, that is said.
Figures hang on nothing but the file and the sizes that ``onnx.bind`` gives to its open dimensions, and predictions on the model besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_lsp.check.gate import NetworkBudget, shown
from rlm_lsp.check.terminal import say, with_progress
from rlm_lsp.chunk.types import Problem
from rlm_lsp.config import OBJECTIVES, Settings
from rlm_lsp.predict.errors import InputError

if TYPE_CHECKING:
    from rlm_lsp.onnx.analysis import Analyst
    from rlm_lsp.onnx.network import Network
    from rlm_lsp.onnx.predictions import Forecast


@dataclass(frozen=True)
class Judged:
    """Budgets that are broken or cannot be decided, and files that are no models."""

    budgets: Sequence[NetworkBudget] = ()
    problems: Sequence[tuple[str, Problem]] = ()


def has_budgets(settings: Settings) -> bool:
    """Whether anything is asked of networks."""
    return bool(settings.network_limits)


def judge(paths: Sequence[str], settings: Settings) -> Judged:
    """What the settings say about networks, in the order of ``paths``."""
    if not paths or not has_budgets(settings):
        return Judged()
    from rlm_lsp.onnx.analysis import Analyst  # few repositories have networks
    from rlm_lsp.onnx.predictions import Forecaster

    budgets: list[NetworkBudget] = []
    problems: list[tuple[str, Problem]] = []
    with ExitStack() as stack:
        analyst = stack.enter_context(Analyst())
        forecaster = stack.enter_context(Forecaster(say)) if settings.onnx_latency is not None else None
        for path in with_progress(paths, len(paths), "network"):
            try:
                network = _examined(path, settings, analyst)
                budgets += _judged(path, network, settings)
                if forecaster is not None and settings.onnx_latency is not None:
                    budgets += _judged_latency(path, forecaster.forecast(network, blocks=False), settings.onnx_latency)
            except InputError as error:
                problems.append((path, Problem("unreadable", str(error))))
    return Judged(budgets, problems)


def _examined(path: str, settings: Settings, analyst: Analyst) -> Network:
    from rlm_lsp.onnx.network import readable, with_shapes
    from rlm_lsp.onnx.shapes import parse_bindings, symbols

    model = readable(Path(path))
    known = symbols(model)
    names = {name for symbol in known for name in (symbol.name, *symbol.places)}
    fitting = [text for text in settings.onnx_bind if text.rpartition("=")[0] in names]  # one list for all networks of a repository
    return with_shapes(model, analyst.shapes(Path(path), model, parse_bindings(fitting, known)))


def _judged(path: str, network: Network, settings: Settings) -> Iterator[NetworkBudget]:
    totals, peak = network.totals, network.peak
    figures = {
        "macs": (totals.macs, totals.unknown_nodes),
        "params": (totals.params, 0),
        "weights": (totals.weight_bytes, 0),
        "peak-activations": (peak.nbytes, peak.unknown),
    }
    for name, limit in settings.network_limits.items():
        if name not in figures:
            continue
        value, missing = figures[name]
        if value > limit or missing:
            yield NetworkBudget(shown(path), name, limit, value, missing)


def _judged_latency(path: str, forecast: Forecast, limit: float) -> Iterator[NetworkBudget]:
    """What is predicted for one core, held against what is allowed."""
    row = next((row for row in forecast.model if row["objective"] == OBJECTIVES["latency"]), None)
    if row is None or "unknown" in row:
        why = row["unknown"]["reason"] if row is not None else "the model for networks does not predict it"
        yield NetworkBudget(shown(path), "latency", limit, 0.0, 1, "predicted", None, why)
    elif row["p50"] > limit:
        yield NetworkBudget(shown(path), "latency", limit, row["p50"], 0, "predicted", row["p10"])
