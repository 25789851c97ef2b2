"""The command line's settings: flags, and one settings file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_lsp.check.options import CheckOptions, Format
from rlm_lsp.check.terminal import say
from rlm_lsp.config import OBJECTIVES, Layer, Settings, find_settings, read_settings, resolve
from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import RlmLspError
from rlm_lsp.units import METRIC_UNITS, format_limit


class SettingsError(RlmLspError):
    """Something in the settings is wrong. Nothing is checked by half of what a team has agreed on."""


@dataclass(frozen=True)
class Loaded:
    """The settings that hold, and the file they come from, if any."""

    settings: Settings
    file: Path | None


def load(options: CheckOptions, folder: Path) -> Loaded:
    """The settings for a run in ``folder``.

    Raises:
        SettingsError: the file cannot be read, or something in it is wrong; each thing has been said on stderr.
    """
    file = None if options.isolated else options.config or find_settings(folder)
    layers, problems = [Layer("flags", {"model": options.model})], list[str]()
    if file is not None:
        layer, problems = read_settings(file.absolute())
        layers.append(layer)
    settings, wrong = resolve(layers, folder)
    problems += wrong
    if problems:
        for problem in problems[1:]:
            say(f"error: {problem}")
        raise SettingsError(problems[0])
    return Loaded(settings, file)


def lines(loaded: Loaded, output: Format) -> Iterator[str]:
    """What ``--show-settings`` prints: the settings that a check heeds, as JSON if that is the format, else as they would be written."""
    return iter([json.dumps(_document(loaded), indent=2)]) if output == "json" else _text(loaded)


def _document(loaded: Loaded) -> dict[str, Any]:
    """Times are in seconds, sizes in bytes."""
    settings = loaded.settings
    return {
        "schema": 1,
        "settings-file": printable(str(loaded.file)) if loaded.file else None,
        "paths-from": printable(str(settings.root)),
        "exclude": settings.exclude,
        "disabled-languages": settings.disabled_languages,
        "max-ratio": settings.max_ratio,
        "min-latency-change": settings.min_latency_change,
        "min-heap-change": settings.min_heap_change,
        "budgets": [
            {"metric": rule.metric, "limit": rule.limit, "unit": METRIC_UNITS[rule.metric], "paths": rule.paths, "name": rule.name}
            for rule in settings.budgets
        ],
        **({"onnx": onnx} if (onnx := _onnx(settings)) else {}),
    }


def _onnx(settings: Settings) -> dict[str, Any]:
    """What is asked of networks, as far as anything is."""
    bind = {"bind": list(settings.onnx_bind)} if settings.onnx_bind else {}
    return {**settings.network_limits, **bind}


def _text(loaded: Loaded) -> Iterator[str]:
    settings = loaded.settings
    shown = [
        ("settings file", printable(str(loaded.file)) if loaded.file else "none"),
        ("paths from", printable(str(settings.root))),
        ("exclude", ", ".join(settings.exclude) or "nothing"),
        ("disabled-languages", ", ".join(settings.disabled_languages) or "none"),
        ("max-ratio", f"{settings.max_ratio:g}"),
        ("min-latency-change", format_limit(settings.min_latency_change, "s")),
        ("min-heap-change", format_limit(settings.min_heap_change, "B")),
    ]
    if not settings.budgets:
        shown.append(("budgets", "none"))
    for number, rule in enumerate(settings.budgets):
        paths = f", paths {', '.join(rule.paths)}" if rule.paths else ""
        name = f", name {rule.name}" if rule.name is not None else ""
        limit = format_limit(rule.limit, METRIC_UNITS[rule.metric])
        shown.append(("budgets" if number == 0 else "", f"{OBJECTIVES[rule.metric]} {limit}{paths}{name}"))
    for number, (name, value) in enumerate(_onnx(settings).items()):
        text = f"{value:,.4g}" if isinstance(value, float) else ", ".join(value)
        unit = {"weights": " B", "peak-activations": " B", "latency": " s"}.get(name, "")
        shown.append(("onnx" if number == 0 else "", f"{name} {text}{unit}"))
    width = max(len(key) for key, _ in shown)
    for key, value in shown:
        yield f"{key:<{width}}  {value}"
