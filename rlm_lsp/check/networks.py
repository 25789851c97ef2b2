"""Budgets for networks: what the settings allow an ``.onnx`` file to cost, held against its static figures.

A figure that is not known breaks no budget and keeps none: it is said. One that is only a lower bound breaks a budget that it is above.
Figures hang on nothing but the file and the sizes that ``onnx.bind`` gives to its open dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_lsp.check.gate import NetworkBudget, shown
from rlm_lsp.check.terminal import with_progress
from rlm_lsp.chunk.types import Problem
from rlm_lsp.config import Settings
from rlm_lsp.predict.errors import InputError

if TYPE_CHECKING:
    from rlm_lsp.onnx.analysis import Analyst
    from rlm_lsp.onnx.network import Network


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

    budgets: list[NetworkBudget] = []
    problems: list[tuple[str, Problem]] = []
    with Analyst() as analyst:
        for path in with_progress(paths, len(paths), "network"):
            try:
                budgets += _judged(path, _examined(path, settings, analyst), settings)
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
        value, missing = figures[name]
        if value > limit or missing:
            yield NetworkBudget(shown(path), name, limit, value, missing)
