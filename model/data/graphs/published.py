"""Tables of other people's measurements, as they lie in the folder ``nas`` of the data: latencies and accuracies by architecture."""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from rlm_lsp.model.data.graphs.objectives import column_objective

Labels = dict[str, dict[str, float]]
"""Seconds and percent by architecture and objective."""

_KEYS = ("idx", "arch")
_MILLI = 1e-3
_ACCURACY_COLUMNS = {"cifar10-test": "cifar10", "cifar100-test": "cifar100", "imagenet-test": "imagenet16"}


class TableError(ValueError):
    """A table that is not as it was published; the message names file, line and column."""


def latencies(path: Path) -> Labels:
    """Seconds by architecture and "latency@DEVICE", of a table with the column "arch" and a column of milliseconds a device.

    Raises:
        TableError: a column names no device, or a cell holds no time.
        FileNotFoundError: there is no such file.
    """
    found: Labels = {}
    for place, row in _rows(path, ("arch",)):
        values = {}
        for column, text in row.items():
            if column not in _KEYS:
                values[_named(path, column)] = _number(path, place, column, text) * _MILLI
        found[row["arch"]] = values
    return found


def accuracies(path: Path) -> Labels:
    """Percent by architecture and "accuracy@DATASET", on test images.

    Raises:
        TableError: a column is missing, or a cell holds no percentage.
        FileNotFoundError: there is no such file.
    """
    return {
        row["cellstr"]: {f"accuracy@{name}": _number(path, place, column, row[column]) for column, name in _ACCURACY_COLUMNS.items()}
        for place, row in _rows(path, ("cellstr", *_ACCURACY_COLUMNS))
    }


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Rows by column, with the number of their line."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in needed if column not in (reader.fieldnames or ())]
        if missing:
            raise TableError(f"{path}: no column {missing[0]!r}")
        for row in reader:
            if None in row or None in row.values():
                raise TableError(f"{path}, line {reader.line_num}: {'too many' if None in row else 'too few'} cells")
            yield reader.line_num, row


def _named(path: Path, column: str) -> str:
    try:
        return column_objective(column)
    except KeyError:
        raise TableError(f"{path}: column {column!r} names no known device") from None


def _number(path: Path, line: int, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise TableError(f"{path}, line {line}, column {column!r}: {text!r} is no positive number")
    return value
