"""Settings: one frozen value, parsed the same way from a TOML table, an editor's options and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Metric = Literal["latency", "peak-heap"]
METRICS: tuple[Metric, ...] = ("latency", "peak-heap")
OBJECTIVES: dict[Metric, str] = {"latency": "latency@cpu", "peak-heap": "peak_heap@cpu"}
"""The model's objective that stands behind a metric."""


@dataclass(frozen=True, slots=True)
class BudgetRule:
    """A limit in seconds or bytes for functions whose file matches one of ``paths`` (all: none given) and whose qualified name ``name``."""

    metric: Metric
    limit: float
    paths: tuple[str, ...] = ()  # gitignore-style patterns, relative to the settings file's folder
    name: str | None = None  # regular expression, searched in the qualified name


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can choose. Keys are kebab-case in TOML and camelCase in editors."""

    enabled: bool = True
    inlay_hints: bool = True
    code_lens: bool = True
    hover: bool = True
    diagnostics: bool = True
    code_actions: bool = True
    metrics: tuple[Metric, ...] = METRICS  # shown, in this order
    disabled_languages: tuple[str, ...] = ()
    budgets: tuple[BudgetRule, ...] = ()
    exclude: tuple[str, ...] = ()
    compare_with_head: bool = True
    max_ratio: float = 1.5  # a change is one beyond this ratio and the minimum and the model's error band
    min_latency_change: float = 1e-3  # seconds
    min_heap_change: float = float(1 << 20)  # bytes
    debounce_s: float = 0.2
    unload_after_s: float = 300.0
    root: Path | None = None  # folder of the settings file, which paths are relative to
    # Never taken from a workspace: only from flags and initialization options.
    model: Path | None = None
    device: Literal["cpu"] = "cpu"
