"""A supervised worker process: restarted when it dies, and never waited for without end.

Requests go out at most ``window`` at a time. When the process dies, those that were out are suspects: they are repeated one
at a time, and one that is out alone at a second death is quarantined, so an input that crashes the worker costs two restarts and
nothing else. A process that we end ourselves, because it is idle or somebody wants a fresh one, has no suspects. Used by threads; an
event loop has the futures call it back (``call_soon_threadsafe``).
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal

from rlm_lsp.predict.errors import EngineError, QuarantinedError
from rlm_lsp.predict.framing import Frame, encode
from rlm_lsp.predict.life import Life

START_S = 120.0  # from the first request to the ready frame: a cold disk and a large model
SILENCE_S = 60.0  # between two frames while something is asked
STARTS = 3  # deaths before the ready frame until we give up
FRUITLESS_LIVES = 10  # deaths in a row without one reply until we give up
BACK_OFF_S = 0.05  # doubled with each fruitless life
LONGEST_BACK_OFF_S = 5.0


ChildState = Literal["idle", "starting", "ready", "restarting", "backing-off", "unavailable"]
"""Of "idle" and "unavailable" there is no process, and the next request starts one; "backing-off" waits before it starts the next."""


@dataclass(frozen=True)
class ChildStatus:
    """A child at one moment, for people. ``failure`` says why it is unavailable, ``notices`` what else it had to say."""

    state: ChildState
    pid: int | None
    lives: int  # processes that were started
    deaths: int  # those that ended without our doing
    failure: str
    notices: tuple[str, ...] = ()


@dataclass
class _Request:
    frame: Frame
    future: Future[Frame] = field(default_factory=Future)
    deaths: int = 0


class Child:
    """Keeps one process of ``python -m module`` at work.

    ``submit`` never blocks. Its future ends with the reply, with ``QuarantinedError``, or with ``EngineError`` when the process cannot be
    started (the ``fatal`` reason it gave, or how it died). The process starts at the first request, and ends when it had nothing to do for
    ``idle_s`` seconds (None: never) until the next one.
    """

    def __init__(
        self,
        what: str,
        module: str,
        arguments: Sequence[str] = (),
        *,
        window: int,
        start_s: float = START_S,
        silence_s: float = SILENCE_S,
        idle_s: float | None = None,
    ) -> None:
        self._what = what
        self._module = module
        self._arguments = arguments
        self._window = window
        self._start_s = start_s
        self._silence_s = silence_s
        self._idle_s = idle_s
        self._ids = itertools.count()
        self._changed = threading.Condition()  # guards all that follows
        self._waiting: deque[_Request] = deque()
        self._suspects: deque[_Request] = deque()
        self._out: dict[int, _Request] = {}
        self._life: Life | None = None
        self._manager: threading.Thread | None = None
        self._closed = False
        self._failed_starts = 0  # in a row
        self._fruitless = 0  # lives in a row without one reply
        self._lives = 0
        self._deaths = 0
        self._died = False  # since a process was ready
        self._failure = ""
        self._notices: dict[str, None] = {}  # in order, each once

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

    def status(self) -> ChildStatus:
        """How it stands with the process."""
        with self._changed:
            pid = self._life.process.pid if self._life else None
            return ChildStatus(self._state(), pid, self._lives, self._deaths, self._failure, tuple(self._notices))

    def restart(self) -> None:
        """End the process and ask a new one what it leaves unanswered; earlier failures no longer count, and nothing backs off."""
        with self._changed:
            self._failed_starts = self._fruitless = 0
            self._failure = ""
            self._notices.clear()
            if self._life is not None:
                self._life.dismiss("was restarted")
            self._changed.notify_all()

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

    def _state(self) -> ChildState:
        if self._life is not None and self._life.ready and not self._life.dismissed:
            return "ready"
        if self._life is not None or self._out or self._suspects or self._waiting:
            if self._life is None and self._fruitless:
                return "backing-off"
            return "restarting" if self._died else "starting"
        return "unavailable" if self._failure else "idle"

    def _manage(self) -> None:
        """One life of the process after the other, while there is work."""
        while self._wait_for_work():
            try:
                life = Life(self._module, self._arguments, self._receive)
            except OSError as error:
                self._fail_all(EngineError(f"the {self._what} cannot be started: {error}"))
                continue
            with self._changed:
                self._life = life
                self._lives += 1
            self._serve(life)
            with self._changed:
                self._life = None
                if self._closed:
                    return
                if not life.dismissed:
                    self._deaths += 1
                    self._died = True
                    self._fruitless = 0 if life.replies else self._fruitless + 1
                    self._failed_starts = 0 if life.ready else self._failed_starts + 1
            self._bury(life)

    def _bury(self, life: Life) -> None:
        """What the end of a process means for those who wait: another attempt, or an error."""
        if life.dismissed:
            self._sort_out(life)
        elif life.fatal is not None:
            self._fail_all(EngineError(life.fatal))
        elif self._failed_starts >= STARTS:
            self._fail_all(EngineError(f"the {self._what} does not start: it {life.obituary()}"))
        elif self._fruitless >= FRUITLESS_LIVES:
            self._fail_all(EngineError(f"the {self._what} keeps dying: it {life.obituary()}"))
        else:
            self._sort_out(life)

    def _wait_for_work(self) -> bool:
        """Whether there is work, after a pause if the last lives brought nothing; False when the child is closed."""
        with self._changed:
            if self._fruitless:
                pause = min(BACK_OFF_S * 2 ** (self._fruitless - 1), LONGEST_BACK_OFF_S)
                self._changed.wait_for(lambda: self._closed or not self._fruitless, pause)
            self._changed.wait_for(lambda: self._closed or self._waiting or self._suspects)
            return not self._closed

    def _serve(self, life: Life) -> None:
        """Feed a process until it has ended, and end it when it is silent for too long, idle for long, or we are closed."""
        while not life.ended:
            with self._changed:
                if not (self._closed or life.ended or self._may_send(life)):
                    self._changed.wait(self._patience(life))
                if self._closed:
                    life.kill("was closed")
                elif self._patience(life) <= 0 and not self._may_send(life):
                    if self._out:
                        life.kill(f"gave no answer for {self._silence_s if life.ready else self._start_s:g} s")
                    else:
                        life.dismiss("was idle")
                while not life.ended and self._may_send(life):
                    if not self._out:
                        life.heard = time.monotonic()
                    request = (self._suspects or self._waiting).popleft()
                    if request.future.running() or request.future.set_running_or_notify_cancel():
                        self._out[request.frame["id"]] = request
                        life.outbox.put(encode(request.frame))
        life.reap()

    def _may_send(self, life: Life) -> bool:
        """A suspect goes out alone; the others share the window; a process that we have ended gets nothing more."""
        if life.dismissed:
            return False
        if self._suspects:
            return not self._out
        alone = any(request.deaths for request in self._out.values())
        return bool(self._waiting) and not alone and len(self._out) < self._window

    def _patience(self, life: Life) -> float:
        """Seconds until a process is given up because it is silent, or idle."""
        limit: float | None = self._silence_s if life.ready else self._start_s
        if not self._out:
            limit = self._idle_s
        if limit is None or life.dismissed:
            return threading.TIMEOUT_MAX
        return max(life.heard + limit - time.monotonic(), 0)

    def _receive(self, life: Life, frame: Frame | None) -> None:
        """Take what the process says; None: it has ended. Called by the life's reader thread."""
        request = None
        with self._changed:
            life.heard = time.monotonic()
            if frame is None:
                life.ended = True
            elif "fatal" in frame:
                life.fatal = str(frame["fatal"])
            elif "notice" in frame:
                self._notices[str(frame["notice"])] = None
            elif "ready" in frame:
                life.ready = True
                self._died = False
                self._failure = ""
            else:
                life.replies += 1
                request = self._out.pop(frame.get("id", -1), None)
            self._changed.notify_all()
        if request is not None and frame is not None:
            request.future.set_result(frame)

    def _sort_out(self, life: Life) -> None:
        """Who was out when the process ended: not guilty (it never got ready, or we ended it), suspect, or quarantined."""
        quarantined: list[_Request] = []
        with self._changed:
            out = list(self._out.values())
            self._out.clear()
            if life.dismissed or not life.ready:
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
        """Tell everybody who waits; whoever asks later gets a fresh attempt."""
        with self._changed:
            self._failed_starts = self._fruitless = 0
            self._failure = str(error)
        for request in self._take_all():
            if request.future.running() or request.future.set_running_or_notify_cancel():
                request.future.set_exception(error)
