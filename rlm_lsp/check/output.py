"""Where a report goes: stdout, or a file that is replaced as a whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from rlm_lsp.check.terminal import write_lines
from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import RlmLspError


class OutputError(RlmLspError):
    """A file cannot be written."""


def deliver(lines: Iterable[str], file: Path | None) -> None:
    """Print lines, or make them the content of a file.

    Raises:
        OutputError: the file cannot be written.
    """
    if file is None:
        write_lines(lines, sys.stdout)
    else:
        replace_file(file, "".join(f"{line}\n" for line in lines))


def ensure_writable(file: Path) -> None:
    """Find out before the work begins.

    Raises:
        OutputError: the file is a folder, or its folder is none.
    """
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise OutputError(f"{printable(str(file))}: {'it is a folder' if file.is_dir() else 'its folder does not exist'}")


def replace_file(path: Path, text: str) -> None:
    """Make ``text`` the content of a file, which at no time is there in part. What is no regular file, such as a pipe, is written to.

    Raises:
        OutputError: it cannot be written.
    """
    content = text.encode("utf-8", "backslashreplace")
    target = Path(os.path.realpath(path))  # a link stays one
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        try:
            temporary.write_bytes(content)
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{printable(str(path))}: {error.strerror or error}") from None
