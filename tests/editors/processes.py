"""Processes that tests start in groups of their own, and end with everything that these have started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from benchmarks.machine import descendants

T = TypeVar("T")
GRACE_S = 10.0  # for a whole group to go when it is asked to


class Group:
    """A program and all that it starts. As a context manager it is gone afterwards, whatever happens."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str], log: Path, folder: Path | None = None) -> None:
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its process group has its number
            )

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def running(self, module: str) -> list[int]:
        """The processes among its descendants that run a Python module: ``python -m MODULE``."""
        return [pid for pid in descendants(self.process.pid) if module in _arguments(pid)]

    def end(self) -> None:
        """Ask all of it to end, and kill what does not."""
        members = [self.process.pid, *descendants(self.process.pid)]
        self._signal(signal.SIGTERM)
        if not _gone(members, GRACE_S):
            self._signal(signal.SIGKILL)
        self.process.wait(GRACE_S)

    def leftovers(self) -> list[str]:
        """What is still there of its group, and does not end by itself within the grace; empty after ``end``."""
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        members = [pid for pid in pids if _group(pid) == self.process.pid and _alive(pid)]
        _gone(members, GRACE_S)
        return [" ".join(_arguments(pid)) for pid in members if _alive(pid)]

    def _signal(self, number: signal.Signals) -> None:
        self.process.poll()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def end_orderly() -> None:
    """Let SIGTERM unwind this process as Ctrl+C does, so that the groups that it has started end with it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def until(found: Callable[[], T | None], patience_s: float, what: str) -> T:
    """The first answer of ``found`` that is not None (or empty); asked ten times a second.

    Raises:
        TimeoutError: it never comes.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise TimeoutError(f"in vain for {patience_s:.0f} s: {what}")


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _arguments(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    return []


def _group(pid: int) -> int:
    with suppress(OSError):
        return os.getpgid(pid)
    return -1


def _alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return False


def _gone(pids: Sequence[int], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while any(map(_alive, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
