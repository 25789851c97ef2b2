"""One worker process, from its start to its end, with the threads that serve its pipes. ``child`` decides what is asked of it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import IO

from rlm_lsp.predict.framing import Frame, decode


class Life:
    """``python -m module arguments``, just started. ``receive`` gets each frame that it says, and None when it has ended.

    The attributes are guarded by the owner's lock.
    """

    def __init__(self, module: str, arguments: Sequence[str], receive: Callable[[Life, Frame | None], None]) -> None:
        self.ready = False
        self.fatal: str | None = None
        self.ended = False
        self.dismissed = False  # ended by us, with nobody to blame
        self.replies = 0
        self.heard = time.monotonic()
        self.outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._killed_because = ""
        self._last_words: deque[str] = deque(maxlen=20)
        self._receive = receive
        self.process = subprocess.Popen(
            _command(module, arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=sys.prefix,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        targets = (self._write, self._read, self._listen)
        self._threads = [threading.Thread(target=target, daemon=True) for target in targets]
        for thread in self._threads:
            thread.start()

    def dismiss(self, because: str) -> None:
        """End the process now, and hold nothing against those who wait for it."""
        self.dismissed = True
        self.kill(because)

    def kill(self, because: str) -> None:
        """End the process now; the reader thread will notice."""
        self._killed_because = self._killed_because or because
        self.process.kill()

    def reap(self) -> None:
        """Wait for the process that has closed its pipe, and free all it held."""
        self.outbox.put(None)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:  # it closed stdout but lives on
            self.kill("hung while it ended")
            self.process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self.process.stdout, self.process.stderr):
            _open(pipe).close()

    def obituary(self) -> str:
        """How the process ended, as the end of a sentence."""
        if self._killed_because:
            return self._killed_because
        code = self.process.returncode
        if code is not None and code < 0:
            try:
                return f"was killed by {signal.Signals(-code).name}"
            except ValueError:
                return f"was killed by signal {-code}"
        words = f": {self._last_words[-1]}" if self._last_words else ""
        return f"ended with status {code}{words}"

    def _write(self) -> None:
        """Move the outbox into the process, which may be slow to read."""
        pipe = _open(self.process.stdin)
        try:
            while (data := self.outbox.get()) is not None:
                pipe.write(data)
                pipe.flush()
        except OSError:
            pass  # it has died, which the reader reports
        with suppress(OSError):  # what was buffered for the dead
            pipe.close()

    def _read(self) -> None:
        """Hand on what the process says, and then that it has ended."""
        try:
            for line in _open(self.process.stdout):
                self._receive(self, decode(line))
        except ValueError:
            self.kill("answered something else than a frame")
        self._receive(self, None)

    def _listen(self) -> None:
        """Keep the last lines of its stderr."""
        for line in _open(self.process.stderr):
            text = line.decode("utf-8", "replace").strip()
            if text:
                self._last_words.append(text)


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError("the process was started without this pipe")
    return pipe


def _command(module: str, arguments: Sequence[str]) -> list[str]:
    """``python -m module`` that imports nothing from the folder that the user stands in, which may be anybody's code.

    ``-P`` says so from Python 3.11 on; before, the child is merely started in ``sys.prefix``, whose parent we run from anyway.
    """
    safe_path = ["-P"] if sys.version_info >= (3, 11) else []
    return [sys.executable, *safe_path, "-m", module, *arguments]
