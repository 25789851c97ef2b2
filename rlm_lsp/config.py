"""Settings: one frozen value, parsed the same way from a TOML table, an editor's options and the command line.

Keys are kebab-case in TOML and camelCase in editors, and either is read everywhere. Tables may group keys that begin alike: ``[compare]
with-head = false``, ``{"inlayHints": {"enabled": false}}`` and ``inlay-hints = false`` are all read. Nothing here raises on what a user
wrote: each thing that is wrong becomes one line, and the rest is kept; the command line stops at such lines, the server logs them.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from rlm_lsp.paths import printable
from rlm_lsp.units import METRIC_UNITS, parse_value

Metric = Literal["latency", "peak-heap"]
METRICS: tuple[Metric, ...] = ("latency", "peak-heap")
OBJECTIVES: dict[Metric, str] = {"latency": "latency@cpu", "peak-heap": "peak_heap@cpu"}
"""The model's objective that stands behind a metric."""
TITLES: dict[Metric, str] = {"latency": "latency", "peak-heap": "peak heap"}
"""What people call a metric."""

SETTINGS_FILES = ("rlm-lsp.toml", ".rlm-lsp.toml", "pyproject.toml")
"""Names of settings files, the first of a folder counts; a ``pyproject.toml`` only if it has a table ``[tool.rlm-lsp]``."""

Origin = Literal["flags", "initialization", "editor", "file"]
_RANK: dict[Origin, int] = {"file": 0, "initialization": 1, "editor": 2, "flags": 3}
_NOT_FROM_A_WORKSPACE: frozenset[Origin] = frozenset({"flags", "initialization"})


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
    onnx_macs: float | None = None  # of a network: multiply-accumulates, learnt numbers, bytes of weights and of activations at once
    onnx_params: float | None = None
    onnx_weights: float | None = None
    onnx_peak_activations: float | None = None
    onnx_latency: float | None = None  # seconds that a model may predict for a network (latency@cpu)
    onnx_bind: tuple[str, ...] = ()  # sizes of networks' open dimensions, such as "batch=1"
    root: Path | None = None  # folder of the settings file, which paths are relative to
    # Never taken from a workspace: only from flags and initialization options.
    model: Path | None = None
    device: Literal["cpu"] = "cpu"

    @property
    def network_limits(self) -> dict[str, float]:
        """What is asked of networks, as far as anything is."""
        limits = {
            "macs": self.onnx_macs,
            "params": self.onnx_params,
            "weights": self.onnx_weights,
            "peak-activations": self.onnx_peak_activations,
            "latency": self.onnx_latency,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place, as they were written there. ``source`` names the place in problems; ``root`` is a file's folder."""

    origin: Origin
    values: Mapping[str, object] = field(default_factory=dict)
    source: str = ""
    root: Path | None = None


class _WrongError(Exception):
    """A value that a key cannot have; the message follows the key's name. ``kept`` is what of it can be used all the same."""

    def __init__(self, message: str, kept: object = None) -> None:
        super().__init__(message)
        self.kept = kept


def resolve(layers: Iterable[Layer], root: Path | None = None) -> tuple[Settings, list[str]]:
    """The settings that hold, and one line for each thing that is wrong with what was written.

    Flags come before editor settings, these before initialization options, and these before files; of two layers of one origin the later
    one counts. ``root`` is what paths are relative to where no layer is a file.
    """
    chosen: dict[str, Any] = {}
    problems: list[str] = []
    for layer in sorted(layers, key=lambda layer: _RANK[layer.origin]):
        root = layer.root or root
        for written, value in _flat(layer.values, ""):
            try:
                name = _known(written, layer.origin)
                if value is not None:  # an editor's null: not set
                    chosen[name] = _READERS[name](value)
            except _WrongError as error:
                problems.append(f"{layer.source or _PLACES[layer.origin]}: {printable(written)}: {error}")
                if error.kept is not None:
                    chosen[name] = error.kept
    overall = [rule for metric in METRICS for rule in chosen.pop(metric, ())]
    budgets = (*overall, *chosen.pop("budgets", ()))
    fields = {_FIELDS.get(name, name.replace("-", "_")): value for name, value in chosen.items()}
    return replace(Settings(), **fields, budgets=budgets, root=root), problems


def find_settings(folder: Path) -> Path | None:
    """The settings file that holds in ``folder``: the nearest one from there up to the root of the repository that it lies in."""
    for above in (folder, *folder.parents):
        for name in SETTINGS_FILES:
            path = above / name
            if path.is_file() and (name != "pyproject.toml" or _has_table(path)):
                return path
        if (above / ".git").exists():
            return None
    return None


def read_settings(path: Path) -> tuple[Layer, list[str]]:
    """A settings file as a layer, and a line for what makes it unreadable (the layer is then empty)."""
    source = printable(str(path))
    try:
        table = _toml(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        return Layer("file", {}, source, path.parent), [f"{source}: {error.strerror or error}"]
    except (ValueError, RecursionError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        reason = "nested too deeply" if isinstance(error, RecursionError) else printable(str(error))
        return Layer("file", {}, source, path.parent), [f"{source}: not TOML: {reason}"]
    if path.name == "pyproject.toml":
        tools = table.get("tool", {})
        table = tools.get("rlm-lsp", {}) if isinstance(tools, dict) else {}
        source += ": [tool.rlm-lsp]"
        if not isinstance(table, dict):
            return Layer("file", {}, source, path.parent), [f"{source} is not a table"]
    return Layer("file", table, source, path.parent), []


def _has_table(path: Path) -> bool:
    """Whether a ``pyproject.toml`` speaks to us. One that cannot be parsed does if our name stands in it, so that its error is seen."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    if b"rlm-lsp" not in data:
        return False  # most of them, and reading TOML takes a while
    try:
        return "rlm-lsp" in _toml(data.decode("utf-8-sig")).get("tool", {})
    except (ValueError, RecursionError):
        return b"[tool.rlm-lsp" in data
    except TypeError:  # "tool" is no table
        return False


def _toml(text: str) -> dict[str, Any]:
    module = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")  # tomllib came with 3.11
    table: dict[str, Any] = module.loads(text)
    return table


_PLACES: dict[Origin, str] = {
    "flags": "command line",
    "initialization": "initialization options",
    "editor": "editor settings",
    "file": "settings file",
}


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    """Keys as they were written, those of nested tables after their table's and a dot, with their values."""
    for key, value in table.items():
        written = f"{prefix}{key}"
        if isinstance(value, Mapping) and written.count(".") < 4:
            yield from _flat(value, f"{written}.")
        else:
            yield written, value


def _known(written: str, origin: Origin) -> str:
    """The name of a key in kebab-case. Raises _WrongError for one that is not known or may not stand here."""
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", written).lower().replace(".", "-").replace("_", "-")
    name = name.removesuffix("-enabled") if name.removesuffix("-enabled") in _SWITCHES else name
    if name not in _READERS:
        from difflib import get_close_matches  # only a mistake needs it

        near = get_close_matches(name, _READERS, 1)
        raise _WrongError("unknown key" + (f"; did you mean {near[0]}?" if near else ""))
    if name in ("model", "device") and origin not in _NOT_FROM_A_WORKSPACE:
        raise _WrongError("refused: only the command line and initialization options choose it, a workspace never does")
    return name


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongError(f"expected true or false, found {_shown(value)}")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise _WrongError(f"expected a list of strings, found {_shown(value)}")
    return tuple(value)


def _patterns(value: object) -> tuple[str, ...]:
    texts = _texts([value] if isinstance(value, str) else value)
    from pathspec import GitIgnoreSpec  # 40 ms, and many settings have no patterns

    for text in texts:
        try:
            GitIgnoreSpec.from_lines([text])
        except ValueError:
            raise _WrongError(f"{_shown(text)} is not a gitignore-style pattern") from None
    return texts


def _metrics(value: object) -> tuple[Metric, ...]:
    names = [re.sub("Heap$", "-heap", name) for name in _texts(value)]
    if unknown := [name for name in names if name not in METRICS]:
        raise _WrongError(f"unknown metric {_shown(unknown[0])}; there are {', '.join(METRICS)}")
    return tuple(cast(Metric, name) for name in dict.fromkeys(names))


def _amount(value: object, unit: str) -> float:
    """A time in seconds, or a size in bytes."""
    example = "50 ms" if unit == "s" else "64 MiB"
    if not isinstance(value, str):
        raise _WrongError(f'expected a string with a unit, such as "{example}", found {_shown(value)}')
    try:
        amount, found = parse_value(value)
    except ValueError as error:
        raise _WrongError(str(error)) from None
    if found != unit:
        raise _WrongError(f'{_shown(value)} is not a {"time" if unit == "s" else "size"}, such as "{example}"')
    return amount


def _time(value: object) -> float:
    return _amount(value, "s")


def _size(value: object) -> float:
    return _amount(value, "B")


def _limit(value: object, metric: Metric) -> float:
    return _above_nothing(_amount(value, METRIC_UNITS[metric]))


def _above_nothing(limit: float) -> float:
    if limit <= 0:
        raise _WrongError("a budget of nothing cannot be kept")
    return limit


def _positive_size(value: object) -> float:
    return _above_nothing(_size(value))


def _positive_time(value: object) -> float:
    return _above_nothing(_time(value))


def _positive_count(value: object) -> float:
    """A number of things, such as 4.2e9 or "4.2 G"."""
    count = value
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kMGT]?)\s*", value)
        count = float(match[1]) * _COUNTS[match[2]] if match else None
    if isinstance(count, bool) or not isinstance(count, int | float) or not 0 < count < float("inf"):
        raise _WrongError(f'expected a number above 0, such as 4.2e9 or "4.2 G", found {_shown(value)}')
    return float(count)


def _bindings(value: object) -> tuple[str, ...]:
    texts = _texts([value] if isinstance(value, str) else value)
    for text in texts:
        if not re.fullmatch(r".+=[1-9][0-9]{0,12}", text, re.DOTALL):
            raise _WrongError(f'expected NAME=SIZE, such as "batch=1", found {_shown(text)}')
    return texts


def _ratio(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value < float("inf"):
        raise _WrongError(f"expected a number from 1 up, found {_shown(value)}")
    return float(value)


def _overall(metric: Metric) -> Callable[[object], tuple[BudgetRule, ...]]:
    return lambda value: (BudgetRule(metric, _limit(value, metric)),)


def _budgets(value: object) -> tuple[BudgetRule, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(item, Mapping) for item in value):
        raise _WrongError(f"expected a list of tables, found {_shown(value)}")
    rules: list[BudgetRule] = []
    wrong: list[str] = []
    for number, table in enumerate(value, 1):
        try:
            rules += _rules(table)
        except _WrongError as error:
            wrong.append(f"entry {number}: {error}")
    if wrong:
        raise _WrongError("; ".join(wrong), tuple(rules))
    return tuple(rules)


def _rules(table: Mapping[str, object]) -> list[BudgetRule]:
    """The rules in one entry of ``budgets``: one for each metric that it limits."""
    given = {re.sub("Heap$", "-heap", str(key)): value for key, value in table.items()}
    if unknown := [key for key in given if key not in ("paths", "name", *METRICS)]:
        raise _WrongError(f"unknown key {_shown(unknown[0])}; there are paths, name, {', '.join(METRICS)}")
    paths, name = _patterns(given.get("paths", ())), given.get("name")
    if name is not None:
        if not isinstance(name, str):
            raise _WrongError(f"name: expected a regular expression, found {_shown(name)}")
        try:
            re.compile(name)
        except (re.error, RecursionError, OverflowError) as error:
            raise _WrongError(f"name: {_shown(name)} is not a regular expression: {error}") from None
    rules = []
    for metric in METRICS:
        if metric in given:
            try:
                rules.append(BudgetRule(metric, _limit(given[metric], metric), paths, name))
            except _WrongError as error:
                raise _WrongError(f"{metric}: {error}") from None
    if not rules:
        raise _WrongError(f"no limit; give one of {', '.join(METRICS)}")
    return rules


def _model(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise _WrongError(f"expected a model's folder, found {_shown(value)}")
    return Path(value)


def _device(value: object) -> str:
    if value != "cpu":
        raise _WrongError(f'expected "cpu", found {_shown(value)}')
    return "cpu"


def _shown(value: object) -> str:
    text = printable(repr(value))
    return text if len(text) <= 60 else f"{text[:60]}…"


_COUNTS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_SWITCHES = ("inlay-hints", "code-lens", "hover", "diagnostics", "code-actions", "compare-with-head")
_READERS: dict[str, Callable[[object], Any]] = {
    "enabled": _switch,
    **dict.fromkeys(_SWITCHES, _switch),
    "metrics": _metrics,
    "disabled-languages": _texts,
    "latency": _overall("latency"),
    "peak-heap": _overall("peak-heap"),
    "budgets": _budgets,
    "exclude": _patterns,
    "max-ratio": _ratio,
    "min-latency-change": _time,
    "min-heap-change": _size,
    "debounce": _time,
    "unload-after": _time,
    "onnx-macs": _positive_count,
    "onnx-params": _positive_count,
    "onnx-weights": _positive_size,
    "onnx-peak-activations": _positive_size,
    "onnx-latency": _positive_time,
    "onnx-bind": _bindings,
    "model": _model,
    "device": _device,
}
_FIELDS = {"debounce": "debounce_s", "unload-after": "unload_after_s"}
