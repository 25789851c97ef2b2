"""Reading source files that may be anything."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from rlm_lsp.chunk.types import Problem
from rlm_lsp.languages import HEAD_BYTES

READ_LIMIT = 50_000_000
"""Bytes. The chunker has a lower limit and says so itself; this one keeps a huge file out of memory."""


def read_source(path: str) -> bytes | Problem:
    """The bytes of a regular file, or why there are none. Never waits: what became a FIFO since it was listed is not opened for long."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        return Problem("unreadable", error.strerror or str(error))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Problem("unreadable", "Not a regular file")
        if status.st_size > READ_LIMIT:
            return Problem("too-large", f"{status.st_size:,} bytes; files above {READ_LIMIT:,} are not read")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(READ_LIMIT)
    except OSError as error:
        return Problem("unreadable", error.strerror or str(error))
    finally:
        os.close(descriptor)


def head(path: Path) -> bytes:
    """The beginning of a regular file, as much as tells its language; nothing if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""
