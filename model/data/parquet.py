"""The paper's two published data sets, read a little at a time: Code-Regression and GraphArch-Regression, one large parquet file each.

Only the columns that training needs are read, and of a row group never more than a few pages and rows are in memory. The files are told
apart by their columns. What is yielded is what the released checkpoint reads and writes: text with its task's header, and the number as it
stands in the file (APPS: bytes; CDSS: the judge's memory column, most likely kB; KBSS: milliseconds; graphs: percent).
"""

from __future__ import annotations

import ast
import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

CODE, GRAPHS = "Code-Regression", "GraphArch-Regression"
CODE_SPACES = ("APPS", "CDSS", "KBSS")
_COLUMNS = {CODE: ("space", "input", "target", "metadata"), GRAPHS: ("space", "input", "val_accuracy")}
ROWS_AT_ONCE = 64  # graphs are up to 100 kB each
OPEN_AT_ONCE = 8
"""Row groups that rows are taken from in turn: the files are sorted by task."""
_BUFFER = 1 << 20  # bytes read ahead in a column
_HELD_OUT = 100  # one text in so many


class DataError(ValueError):
    """A file that is not one of the two data sets; the message is one line that names it."""


class Row(NamedTuple):
    """One measured program, kernel or network: the encoder's text, its number, and its task (``APPS``, ``NASBench101`` ...)."""

    text: str
    value: float
    space: str


@dataclass(frozen=True)
class Group:
    """One row group of a file."""

    path: Path
    kind: str
    index: int


def groups(paths: Sequence[Path], spaces: Collection[str] | None = None) -> list[Group]:
    """The row groups of some files that may hold rows of ``spaces`` (all if absent), as far as their statistics tell.

    Raises:
        DataError: a file is no parquet file, or not one of the two data sets; or pyarrow is not installed.
        OSError: a file cannot be read.
    """
    found = []
    for path in paths:
        with _open(path) as file:
            kind = _kind(path, file.schema_arrow.names)
            column = file.schema_arrow.names.index("space")
            found += [Group(path, kind, index) for index in range(file.num_row_groups) if _may_hold(file, index, column, spaces)]
    return found


def rows(group: Group, spaces: Collection[str] | None = None, left_out: Counter[str] | None = None) -> Iterator[Row]:
    """The usable rows of a row group, in their order; why others are not is counted in ``left_out``.

    Raises:
        DataError, OSError: the file changed since ``groups`` read it, or is damaged.
    """
    left_out = Counter() if left_out is None else left_out
    with _open(group.path) as file:
        for batch in _batches(file, group):
            columns = [batch.column(name).to_pylist() for name in _COLUMNS[group.kind]]
            for space, text, value, *metadata in zip(*columns, strict=True):
                if spaces is not None and space not in spaces:
                    continue
                row = _row(group.kind, space, text, value, metadata[0] if metadata else None)
                if isinstance(row, Row):
                    yield row
                else:
                    left_out[row] += 1


def interleaved(
    chosen: Sequence[Group], seed: int, spaces: Collection[str] | None = None, left_out: Counter[str] | None = None
) -> Iterator[Row]:
    """All rows once, in an order that the seed decides: row groups in random order, from OPEN_AT_ONCE of them one row each in turn."""
    order = [chosen[place] for place in np.random.default_rng(seed).permutation(len(chosen))]
    waiting = iter(order)
    opened = [rows(group, spaces, left_out) for group in islice(waiting, OPEN_AT_ONCE)]
    while opened:
        for place in range(len(opened) - 1, -1, -1):
            row = next(opened[place], None)
            if row is not None:
                yield row
            elif (group := next(waiting, None)) is not None:
                opened[place] = rows(group, spaces, left_out)
            else:
                del opened[place]


def is_held_out(text: str) -> bool:
    """Whether a text is kept for validation: one in a hundred, by its hash. The files name no split, and no problem that rows share."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:4], "big") % _HELD_OUT == 0


def _row(kind: str, space: Any, text: Any, value: Any, metadata: Any) -> Row | str:
    """The row, or why it is left out."""
    if not isinstance(space, str) or not isinstance(text, str) or not text:
        return "no text"
    if not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        return "no usable number"
    if kind == GRAPHS:
        return Row(f"{space}\n\n{text}", float(value), space)
    if space == "CDSS":
        language = _language(metadata)
        return "no language" if language is None else Row(f"# CDSS\n# Language: {language}\n{text}", float(value), space)
    return Row(f"{space}\n{text}", float(value), space)


def _language(metadata: Any) -> str | None:
    """The language in a row's metadata, which is a Python dict as text."""
    try:
        parsed = ast.literal_eval(metadata) if isinstance(metadata, str) else metadata
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    language = parsed.get("language") if isinstance(parsed, dict) else None
    return language if isinstance(language, str) and language.isprintable() else None


def _kind(path: Path, names: Collection[str]) -> str:
    for kind, columns in _COLUMNS.items():
        if set(columns) <= set(names):
            return kind
    wanted = " or ".join(f"{kind} ({', '.join(columns)})" for kind, columns in _COLUMNS.items())
    raise DataError(f"{path}: has the columns {', '.join(sorted(names))[:200]}, not those of {wanted}")


def _may_hold(file: ParquetFile, index: int, column: int, spaces: Collection[str] | None) -> bool:
    statistics = file.metadata.row_group(index).column(column).statistics
    if spaces is None or statistics is None or not statistics.has_min_max:
        return True
    return any(statistics.min <= space <= statistics.max for space in spaces)


def _batches(file: ParquetFile, group: Group) -> Iterator[Any]:
    import pyarrow

    try:
        yield from file.iter_batches(ROWS_AT_ONCE, row_groups=[group.index], columns=list(_COLUMNS[group.kind]), use_threads=False)
    except (pyarrow.ArrowException, OSError) as error:  # OSError: bytes that no parquet writer makes
        raise DataError(f"{group.path}: row group {group.index} cannot be read ({_first_line(error)}); download the file again") from error


def _open(path: Path) -> ParquetFile:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise DataError(f"{path}: reading parquet needs pyarrow; pip install 'rlm-lsp[train]'") from error
    try:
        return ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER)
    except pyarrow.ArrowException as error:
        raise DataError(f"{path}: is no parquet file ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
