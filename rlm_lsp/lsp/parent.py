"""Ends the server when the editor that started it is gone, whatever the server is doing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

POLL_S = 1.0
GRACE_S = 2.0  # to stop children and write caches


def watch(pid: int, gone: Callable[[], None]) -> None:
    """Call ``gone`` from a thread of its own once the process ``pid`` has ended.

    On Windows nothing is watched: a dead editor closes our stdin there, which ends the server, too.
    """
    if os.name == "posix" and pid > 0:
        threading.Thread(target=_watch, args=(pid, gone), name="parent watch", daemon=True).start()


def end_soon(code: int) -> None:
    """End this process in ``GRACE_S`` seconds even if it hangs."""
    timer = threading.Timer(GRACE_S, os._exit, args=(code,))
    timer.daemon = True
    timer.start()


def _watch(pid: int, gone: Callable[[], None]) -> None:
    while _is_alive(pid):
        time.sleep(POLL_S)
    gone()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether it has ended and merely nobody has asked how; False where that cannot be seen."""
    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return status.rpartition(b")")[2].split()[:1] == [b"Z"]
