"""A supervised worker process: restarted when it dies, and never waited for without end.

Requests go out at most ``window`` at a time. When the process dies, those that were out are suspects: they are repeated one
at a time, and one that is out alone at a second death is quarantined, so an input that crashes the worker costs two restarts and
nothing else. Used by threads; an event loop wraps the futures (``asyncio.wrap_future``).
"""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import IO

from rlm_lsp.predict.errors import EngineError, RlmLspError
from rlm_lsp.predict.framing import Frame, decode, encode

START_S = 120.0  # from the first request to the ready frame: a cold disk and a large model
SILENCE_S = 60.0  # between two frames while something is asked
STARTS = 3  # deaths before the ready frame until we give up
FRUITLESS_LIVES = 10  # deaths in a row without one reply until we give up
BACK_OFF_S = 0.05  # doubled with each fruitless life
LONGEST_BACK_OFF_S = 5.0


class QuarantinedError(RlmLspError):
    """The worker died twice while it had this request."""


@dataclass
class _Request:
    frame: Frame
    future: Future[Frame] = field(default_factory=Future)
    deaths: int = 0


class Child:
    """Keeps one process of ``python -m module`` at work.

    ``submit`` never blocks. Its future ends with the reply, with ``QuarantinedError``, or with ``EngineError`` when the process cannot be
    started (the ``fatal`` reason it gave, or how it died). The process starts at the first request.
    """

    def __init__(
        self, what: str, module: str, arguments: Sequence[str] = (), *, window: int, start_s: float = START_S, silence_s: float = SILENCE_S
    ) -> None:
        self._what = what
        self._command = _command(module, arguments)
        self._window = window
        self._start_s = start_s
        self._silence_s = silence_s
        self._ids = itertools.count()
        self._changed = threading.Condition()  # guards all that follows
        self._waiting: deque[_Request] = deque()
        self._suspects: deque[_Request] = deque()
        self._out: dict[int, _Request] = {}
        self._life: _Life | None = None
        self._manager: threading.Thread | None = None
        self._closed = False

    def submit(self, frame: Frame) -> Future[Frame]:
        """Ask; ``frame`` gets its id here.

        Raises:
            RuntimeError: the child was closed.
        """
        request = _Request({"id": next(self._ids), **frame})
        with self._changed:
            if self._closed:
                raise RuntimeError(f"the {self._what} is closed")
            self._waiting.append(request)
            if self._manager is None:
                self._manager = threading.Thread(target=self._manage, name=f"{self._what} manager", daemon=True)
                self._manager.start()
            self._changed.notify_all()
        return request.future

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        with self._changed:
            return self._life.process.pid if self._life else None

    def close(self) -> None:
        """End the process and cancel what is unanswered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            manager = self._manager
        if manager is not None:
            manager.join()
        for request in self._take_all():
            request.future.cancel()
            if not request.future.done():
                request.future.set_exception(EngineError(f"the {self._what} was closed"))

    def _manage(self) -> None:
        """One life of the process after the other, while there is work."""
        failed_starts = fruitless = 0
        while self._wait_for_work(0 if fruitless == 0 else min(BACK_OFF_S * 2 ** (fruitless - 1), LONGEST_BACK_OFF_S)):
            try:
                life = _Life(self._command, self._receive)
            except OSError as error:
                self._fail_all(EngineError(f"the {self._what} cannot be started: {error}"))
                continue
            with self._changed:
                self._life = life
            self._serve(life)
            with self._changed:
                self._life = None
                closed = self._closed
            if closed:
                return
            fruitless = 0 if life.replies else fruitless + 1
            failed_starts = 0 if life.ready else failed_starts + 1
            if life.fatal is not None:
                self._fail_all(EngineError(life.fatal))
            elif failed_starts >= STARTS:
                self._fail_all(EngineError(f"the {self._what} does not start: it {life.obituary()}"))
            elif fruitless >= FRUITLESS_LIVES:
                self._fail_all(EngineError(f"the {self._what} keeps dying: it {life.obituary()}"))
            else:
                self._sort_out(life)
                continue
            failed_starts = fruitless = 0  # whoever asks next gets a fresh attempt

    def _wait_for_work(self, back_off: float) -> bool:
        """Whether there is work, after ``back_off`` seconds; False when the child is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, back_off)
            self._changed.wait_for(lambda: self._closed or self._waiting or self._suspects)
            return not self._closed

    def _serve(self, life: _Life) -> None:
        """Feed a process until it has ended, and end it when it is silent for too long or we are closed."""
        while not life.ended:
            with self._changed:
                if not (self._closed or life.ended or self._may_send()):
                    self._changed.wait(self._patience(life))
                if self._closed:
                    life.kill("was closed")
                elif self._out and self._patience(life) <= 0:
                    life.kill(f"gave no answer for {self._silence_s if life.ready else self._start_s:g} s")
                while not life.ended and self._may_send():
                    if not self._out:
                        life.heard = time.monotonic()
                    request = (self._suspects or self._waiting).popleft()
                    if request.future.running() or request.future.set_running_or_notify_cancel():
                        self._out[request.frame["id"]] = request
                        life.outbox.put(encode(request.frame))
        life.reap()

    def _may_send(self) -> bool:
        """A suspect goes out alone; the others share the window."""
        if self._suspects:
            return not self._out
        alone = any(request.deaths for request in self._out.values())
        return bool(self._waiting) and not alone and len(self._out) < self._window

    def _patience(self, life: _Life) -> float:
        """Seconds until a silent process is given up."""
        limit = self._silence_s if life.ready else self._start_s
        return max(life.heard + limit - time.monotonic(), 0) if self._out else limit

    def _receive(self, life: _Life, frame: Frame | None) -> None:
        """Take what the process says; None: it has ended. Called by the life's reader thread."""
        request = None
        with self._changed:
            life.heard = time.monotonic()
            if frame is None:
                life.ended = True
            elif "fatal" in frame:
                life.fatal = str(frame["fatal"])
            elif "ready" in frame:
                life.ready = True
            else:
                life.replies += 1
                request = self._out.pop(frame.get("id", -1), None)
            self._changed.notify_all()
        if request is not None and frame is not None:
            request.future.set_result(frame)

    def _sort_out(self, life: _Life) -> None:
        """Who was out when the process died: not guilty (it never got ready), suspect, or quarantined."""
        quarantined: list[_Request] = []
        with self._changed:
            out = list(self._out.values())
            self._out.clear()
            if not life.ready:
                for request in reversed(out):
                    (self._suspects if request.deaths else self._waiting).appendleft(request)
                return
            for request in out:
                request.deaths += 1
                (quarantined if request.deaths > 1 else self._suspects).append(request)
        for request in quarantined:
            request.future.set_exception(QuarantinedError(f"the {self._what} died twice over this input: it {life.obituary()}"))

    def _take_all(self) -> list[_Request]:
        with self._changed:
            requests = [*self._out.values(), *self._suspects, *self._waiting]
            for container in (self._out, self._suspects, self._waiting):
                container.clear()
            return requests

    def _fail_all(self, error: EngineError) -> None:
        for request in self._take_all():
            if request.future.running() or request.future.set_running_or_notify_cancel():
                request.future.set_exception(error)


class _Life:
    """One process, from start to end, with the threads that serve its pipes."""

    def __init__(self, command: Sequence[str], receive: Callable[[_Life, Frame | None], None]) -> None:
        self.ready = False
        self.fatal: str | None = None
        self.ended = False
        self.replies = 0
        self.heard = time.monotonic()
        self.outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._killed_because = ""
        self._last_words: deque[str] = deque(maxlen=20)
        self._receive = receive
        self.process = subprocess.Popen(
            command,
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
