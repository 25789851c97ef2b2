"""``rlm-lsp model tune``: a model of the user's own, from their own measured rows."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rlm_lsp.check.run import OK
from rlm_lsp.check.terminal import say, write_lines
from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import InputError, ModelFilesError

NOT_BETTER = 1
LONGEST_LINE = 16_000_000
_SHOWN = 10  # refused lines


def tune(data: Path, model_folder: Path, out: Path, minutes: float) -> int:
    """Tune the model in ``model_folder`` on the rows in ``data``, print how both do on rows kept apart, and return the exit code.

    0: ``out`` holds the tuned model; 1: it is not better, and nothing was written.

    Raises:
        InputError: torch is missing, a path cannot be used, or the rows do not do.
        ModelFilesError: the model's files are wrong.
    """
    if importlib.util.find_spec("torch") is None:
        raise InputError('model tune needs torch: pip install "rlm-lsp[gpu]"')
    _check_out(out)
    with _open(data) as file:
        from rlm_lsp.model import tune as tuning
        from rlm_lsp.model.checkpoint import CheckpointError
        from rlm_lsp.model.tune_check import table
        from rlm_lsp.model.tune_rows import RowsError

        try:
            outcome = tuning.tune(_lines(file), model_folder, out, minutes, say)
        except RowsError as error:
            raise InputError(f"{printable(str(data))}: {error}") from error
        except CheckpointError as error:
            raise ModelFilesError(str(error)) from error
    for refused in outcome.rows.refused[:_SHOWN]:
        say(f"{printable(str(data))}:{refused.line}: {refused.reason}")
    if outcome.rows.refused:
        say(f"{len(outcome.rows.refused):,} lines were refused, {len(outcome.rows.examples):,} used")
    for dropped in outcome.rows.dropped:
        say(dropped)
    lines = table(outcome.verdict, {"base": "base", "tuned": "tuned"})
    if outcome.moved is not None:
        lines.append(f"answers to code of the standard library moved by a factor of {outcome.moved:.2f} in the median")
    write_lines(lines, sys.stdout)
    if outcome.tuned_id is None:
        say(f"not better than {outcome.base_id}, nothing was written: " + "; ".join(outcome.verdict.reasons))
        return NOT_BETTER
    say(f"{printable(str(out))}: {outcome.tuned_id}; use it with --model")
    return OK


def _check_out(out: Path) -> None:
    """Before minutes are spent: nothing stands there, and its folder can be written to."""
    if out.exists() or out.is_symlink():
        raise InputError(f"{printable(str(out))}: exists already; --out names a new folder")
    parent = out.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"{printable(str(out))}: cannot be made in {printable(str(parent))}")


def _open(path: Path) -> IO[bytes]:
    try:
        if not path.is_file():
            raise InputError(f"{printable(str(path))}: {'not a regular file' if path.exists() else 'no such file'}")
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{printable(str(path))}: {error.strerror or error}") from error


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines, of one that is too long no more than shows that."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = file.readline(LONGEST_LINE)
