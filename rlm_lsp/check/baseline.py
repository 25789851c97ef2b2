"""The baseline file, a ratchet: budgets that were broken when it was written are accepted until they get clearly worse.

It is JSON, sorted, with one function a line, so that branches that are merged meet in few lines::

    {"schema": 1, "model": "rlm-s-2", "functions": {
    "src/api.py": {
    "Api.load": {"latency": 0.062},
    "Api.load#2": {"latency": 0.051, "peak-heap": 90000000.0}
    }
    }}

Paths are relative to the file's folder, the numbers are medians in seconds or bytes. Those of another model say nothing about this one's,
so such a baseline makes every broken budget a warning instead.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_lsp.check.gate import Broken
from rlm_lsp.check.output import replace_file
from rlm_lsp.compare import weigh
from rlm_lsp.config import METRICS, OBJECTIVES, Settings
from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import RlmLspError
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.units import METRIC_UNITS

SCHEMA = 1


class BaselineError(RlmLspError):
    """The baseline file cannot be read, or is none."""


@dataclass(frozen=True)
class Baseline:
    """``medians`` by path, function and metric, when the file was written."""

    path: Path
    model: str
    medians: Mapping[tuple[str, str, str], float]


def read(path: Path) -> Baseline:
    """The baseline in a file.

    Raises:
        BaselineError: there is none, or not one that this version reads.
    """
    try:
        data = json.loads(path.read_bytes())
        if data["schema"] != SCHEMA:
            raise BaselineError(f"{printable(str(path))}: schema {data['schema']} is not one this version reads")
        medians = {
            (file, function, metric): float(median)
            for file, functions in data["functions"].items()
            for function, metrics in functions.items()
            for metric, median in metrics.items()
        }
        return Baseline(path, str(data["model"]), medians)
    except OSError as error:
        raise BaselineError(f"{printable(str(path))}: {error.strerror or error}; --write-baseline writes one") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BaselineError(f"{printable(str(path))}: not a baseline file ({type(error).__name__})") from None


def apply(
    baseline: Baseline, broken: Sequence[Broken], model: ModelIdentity, settings: Settings, checked: Collection[str]
) -> tuple[list[Broken], list[str]]:
    """The broken budgets with those accepted that the baseline knows, and what is to be said about the baseline itself.

    ``checked`` are the paths of files that were looked at as a whole: entries of them that break no budget any more are told of.
    """
    name = printable(str(baseline.path))
    if baseline.model != model.id:
        warned = [replace(item, breach=replace(item.breach, severity="warning")) for item in broken]
        return warned, [f"{name} is for {baseline.model}, not {model.id}: nothing fails by it; --write-baseline renews it"]
    files = {_relative(baseline.path, path) for path in checked}
    of_files = {key for key in baseline.medians if key[0] in files}
    left = set(of_files)
    result = []
    for item in broken:
        key = _key(baseline.path, item)
        left.discard(key)
        known = baseline.medians.get(key)
        if known is not None:
            band = (model.pair_band or {}).get(OBJECTIVES[item.breach.metric])
            change = weigh(item.breach.metric, METRIC_UNITS[item.breach.metric], known, item.median, settings, band)
            item = replace(item, accepted=change.standing not in ("dearer", "no-band") or change.ratio < 1)
        result.append(item)
    return result, [f"{name}: entries that break no budget any more: {len(left):,} of {len(of_files):,}"] if left else []


def write(path: Path, broken: Sequence[Broken], model: ModelIdentity) -> None:
    """Replace the file by one that accepts what is broken now.

    Raises:
        OutputError: it cannot be written.
    """
    replace_file(path, "".join(f"{line}\n" for line in _lines(path, broken, model.id)))


def _lines(path: Path, broken: Sequence[Broken], model: str) -> Iterator[str]:
    files: defaultdict[str, defaultdict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for item in broken:
        file, function, metric = _key(path, item)
        files[file][function][metric] = item.median
    yield f'{{"schema": {SCHEMA}, "model": {json.dumps(model)}, "functions": {{'
    for file_number, file in enumerate(sorted(files)):
        yield f"{json.dumps(file)}: {{"
        for number, function in enumerate(sorted(files[file])):
            medians = {metric: files[file][function][metric] for metric in METRICS if metric in files[file][function]}
            yield f"{json.dumps(function)}: {json.dumps(medians)}" + ("," if number < len(files[file]) - 1 else "")
        yield "}" + ("," if file_number < len(files) - 1 else "")
    yield "}}"


def _key(baseline: Path, item: Broken) -> tuple[str, str, str]:
    return _relative(baseline, item.place.path), item.key, item.breach.metric


def _relative(baseline: Path, path: str) -> str:
    return os.path.relpath(path, baseline.absolute().parent).replace(os.sep, "/")
