"""Python's collector of cycles, put off while a file is cut: it would look again and again at a tree's nodes, which hold no cycles."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_passes = 0  # in all threads
_was_enabled = False


@contextmanager
def put_off() -> Iterator[None]:
    """Run without the collector; the last of several threads that leave turns it on again, if it was on before the first came."""
    global _passes, _was_enabled
    with _lock:
        if _passes == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _passes += 1
    try:
        yield
    finally:
        with _lock:
            _passes -= 1
            if _passes == 0 and _was_enabled:
                gc.enable()
