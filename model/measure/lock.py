"""The machine-wide lock: one measuring process alone, or any number of other CPU-heavy processes.

The harness holds it exclusively for one batch at a time; training and test runs take it shared, so that nobody's work lands in
somebody else's numbers. From a shell: `flock -s FILE.next true && flock -s FILE COMMAND` (the first is the turnstile).
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_PATH = Path(tempfile.gettempdir()) / "rlm-lsp-measure.lock"


@contextmanager
def exclusive(path: Path = LOCK_PATH) -> Iterator[None]:
    """Wait until nobody else holds the lock, then hold it alone. Whoever wants it shared meanwhile waits behind this process."""
    with _held(_turnstile(path), fcntl.LOCK_EX), _held(path, fcntl.LOCK_EX):
        yield


@contextmanager
def shared(path: Path = LOCK_PATH) -> Iterator[None]:
    """Wait until nobody measures or waits to measure, then hold the lock together with other non-measuring work."""
    with _held(_turnstile(path), fcntl.LOCK_SH):
        pass
    with _held(path, fcntl.LOCK_SH):
        yield


@contextmanager
def exclusive_if_free(path: Path = LOCK_PATH) -> Iterator[bool]:
    """Hold the lock alone if this machine has one and nobody holds it; yield whether it is held. Never waits and never makes the file."""
    if not path.exists():
        yield False
        return
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:  # another user's
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(descriptor)  # closing releases it


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Keep a second run off the same files. Raises BlockingIOError at once if there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _held(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield
    except BlockingIOError:
        raise BlockingIOError(f"{path.stem} is being measured by another process") from None


def _turnstile(path: Path) -> Path:
    """A second lock in front of the first: flock lets new readers in before a waiting writer, so many short ones would starve it."""
    return path.with_name(path.name + ".next")


@contextmanager
def _held(path: Path, operation: int) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)  # closing releases it
