"""Per-call latency and peak heap of a package's own functions while other code (its tests) calls them. CPython 3.12+ (PEP 669).

Windows are inclusive: from a function's first instruction to its return. What the tracer itself does inside a window is taken out of
it: the callbacks clock themselves, and what the clocks cannot see is calibrated with synthetic functions on the spot. A window in which
the tracer took more than half is dropped. Runs inside the sandboxed child, in one thread.
"""

from __future__ import annotations

import os
import sys
import threading
import tracemalloc
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_NEWLOCALS, CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS
from pathlib import PurePath
from time import perf_counter_ns
from types import CodeType, FrameType
from typing import Any

from rlm_lsp.model.measure.describe import describe_arguments
from rlm_lsp.model.measure.timing import empty_call_seconds

MONITORING: Any = getattr(sys, "monitoring", None)  # None before CPython 3.12
MAX_SHARE = 0.5
MAX_ENTRIES = 1000
SUSPENDABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
FUNCTION = CO_OPTIMIZED | CO_NEWLOCALS
TEST_FOLDERS = frozenset({"tests", "test", "testing", "_testing"})


@dataclass(slots=True)
class Recorded:
    """One call: descriptor, nanoseconds or bytes, and the share of the raw window that was the tracer's own (0 for heap)."""

    args: str
    value: float
    share: float


@dataclass(slots=True)
class Profile:
    """What is known of one code object: how often it was entered, how many calls are open, the first call and the recorded ones."""

    code: CodeType
    entered: int = 0
    open: int = 0
    first: Recorded | None = None
    calls: list[Recorded] = field(default_factory=list)


@dataclass(slots=True)
class Window:
    """An open call, the `number`-th of its function.

    `start` is a time (ns) or a size (B); `inside` (ns) and `events` are the tracer's own totals at entry, `transient` the bytes that
    it caused and that go with the frame.
    """

    profile: Profile
    number: int
    recorded: bool
    args: str = ""
    start: int = 0
    inside: int = 0
    events: int = 0
    peak: int = 0
    transient: int = 0


def is_target(code: CodeType, root: str) -> bool:
    """A plain named function defined in a file under `root` that is not test code (class bodies, lambdas, generators are not)."""
    flags = code.co_flags
    if flags & FUNCTION != FUNCTION or flags & SUSPENDABLE or code.co_name.startswith("<") or not code.co_filename.startswith(root):
        return False
    path = PurePath(code.co_filename[len(root) :])
    name = path.name
    return TEST_FOLDERS.isdisjoint(path.parts) and not name.startswith("test_") and not name.endswith("_test.py") and name != "conftest.py"


def argument_names(code: CodeType) -> tuple[str, ...]:
    """Names of all parameters, `*args` and `**kwargs` last."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_varnames[:count]


def describe_frame(frame: FrameType) -> str:
    """The `args:` descriptor of a frame that has just been entered."""
    values = frame.f_locals
    return describe_arguments([(name, values[name]) for name in argument_names(frame.f_code) if name in values])


class Tracer:
    """Common to both passes: which code is watched, for how many calls, and the stack of open windows.

    `limit` calls are recorded for each code object, after the first one if there are more; then its events are switched off. So inner
    functions fall silent first, and windows around them, too much disturbed at the beginning, become good ones.
    `known` names functions (file name, first line) that need no more calls: they are left alone from the beginning.
    """

    def __init__(self, root: str, limit: int, known: Collection[tuple[str, int]] = ()) -> None:
        self.root = root.rstrip(os.sep) + os.sep
        self.limit = limit
        self.known = frozenset(known)
        self.profiles: dict[CodeType, Profile] = {}
        self.stack: list[Window] = []
        self.thread = threading.get_ident()

    def start(self) -> None:
        """Switch events on. Raises ValueError if another tool (a profiler, a coverage run) holds the slot, RuntimeError before 3.12."""
        if MONITORING is None:
            raise RuntimeError("tracing needs CPython 3.12 or newer")
        events = MONITORING.events
        MONITORING.use_tool_id(MONITORING.PROFILER_ID, "rlm-lsp")
        MONITORING.register_callback(MONITORING.PROFILER_ID, events.PY_START, self.on_start)
        MONITORING.register_callback(MONITORING.PROFILER_ID, events.PY_RETURN, self.on_end)
        MONITORING.register_callback(MONITORING.PROFILER_ID, events.PY_UNWIND, self.on_end)
        # PY_UNWIND cannot be local; PY_START is global until a code object turns out to be none of ours
        MONITORING.set_events(MONITORING.PROFILER_ID, events.PY_START | events.PY_UNWIND)

    def stop(self) -> None:
        """Switch events off; open windows are forgotten."""
        MONITORING.set_events(MONITORING.PROFILER_ID, 0)
        for code in self.profiles:
            MONITORING.set_local_events(MONITORING.PROFILER_ID, code, 0)
        MONITORING.free_tool_id(MONITORING.PROFILER_ID)
        MONITORING.restart_events()
        self.stack.clear()

    def on_start(self, code: CodeType, offset: int) -> object:
        """Callback at a function's entry."""
        raise NotImplementedError

    def on_end(self, code: CodeType, offset: int, value: object) -> object:
        """Callback at a function's return, or when an exception leaves it."""
        raise NotImplementedError

    def enter(self, code: CodeType) -> Profile | None:
        """The profile to open a window for; None to switch this code's entry event off."""
        profile = self.profiles.get(code)
        if profile is None:
            if not self.takes(code) or (code.co_filename, code.co_firstlineno) in self.known:
                return None
            profile = self.profiles[code] = Profile(code)
            MONITORING.set_local_events(MONITORING.PROFILER_ID, code, MONITORING.events.PY_RETURN)
        # while a call of a recursive function is open, its inner entries are needed to pair the returns
        return profile if profile.open or self.wants(profile) else None

    def takes(self, code: CodeType) -> bool:
        """Whether the code is of those that are watched."""
        return is_target(code, self.root)

    def wants(self, profile: Profile) -> bool:
        """Whether the function's next call is to be recorded."""
        return len(profile.calls) < self.limit and profile.entered < MAX_ENTRIES

    def leave(self, code: CodeType) -> Window | None:
        """Close the innermost window if it is this code's; windows above it were left in a way that raised no event."""
        stack = self.stack
        if not stack:
            return None
        if stack[-1].profile.code is not code:
            if not any(window.profile.code is code for window in stack):
                return None
            while stack[-1].profile.code is not code:
                stack.pop().profile.open -= 1
        window = stack.pop()
        window.profile.open -= 1
        return window

    def record(self, window: Window, recorded: Recorded) -> None:
        """Keep a call. The first one is kept apart: it pays for caches, imports and specialisation."""
        if window.number == 1:
            window.profile.first = recorded
        elif len(window.profile.calls) < self.limit:  # a recursion may have more open
            window.profile.calls.append(recorded)

    def calls(self, profile: Profile) -> list[Recorded]:
        """The recorded calls; the first one only if there was no other."""
        return [profile.first] if profile.entered == 1 and profile.first else profile.calls


class LatencyTracer(Tracer):
    """Nanoseconds of each call, the tracer's own time taken out."""

    def __init__(self, root: str, limit: int, known: Collection[tuple[str, int]] = ()) -> None:
        super().__init__(root, limit, known)
        self.inside = 0  # ns spent in callbacks, as they clock it themselves
        self.events = 0
        self.own_ns = 0.0  # what an empty window shows
        self.event_ns = 0.0  # what a pair of events costs beyond what the callbacks clock, halved
        self.call_ns = 0.0  # a plain empty call

    def on_start(self, code: CodeType, offset: int) -> object:
        """Opens a window; everything before the last two lines is clocked as the tracer's own."""
        entered = perf_counter_ns()
        self.events += 1
        if threading.get_ident() != self.thread:
            return None
        profile = self.enter(code)
        if profile is None:
            self.inside += perf_counter_ns() - entered
            return MONITORING.DISABLE
        window = Window(profile, profile.entered + 1, self.wants(profile), events=self.events)
        profile.entered += 1
        profile.open += 1
        if window.recorded:
            window.args = describe_frame(sys._getframe(1))
        self.stack.append(window)
        window.start = now = perf_counter_ns()
        window.inside = self.inside = self.inside + (now - entered)
        return None

    def on_end(self, code: CodeType, offset: int, value: object) -> object:
        """Closes the window that its code opened."""
        now = perf_counter_ns()
        if code not in self.profiles or threading.get_ident() != self.thread:
            return None
        self.events += 1
        window = self.leave(code)
        if window is not None and window.recorded:
            raw = now - window.start - self.own_ns
            own = self.inside - window.inside + (self.events - 1 - window.events) * self.event_ns
            share = own / raw if raw > own else 1.0 if own > 0 else 0.0
            if share <= MAX_SHARE:
                self.record(window, Recorded(window.args, max(raw - own, 0.0) + self.call_ns, share))
        self.inside += perf_counter_ns() - now
        return None

    def calibrate(self) -> None:
        """Set the three constants from synthetic functions: an empty one alone, and many of them inside another."""
        self.call_ns = empty_call_seconds() * 1e9
        self.own_ns, self.event_ns = _calibrate(type(self))


class HeapTracer(Tracer):
    """Peak bytes of each call above the size at its entry, tracemalloc running; the tracer's own allocations are taken out.

    The callbacks keep their numbers in attributes: a local one would be freed after the callback's last look at the size, and the
    tracer's account would be off by its size from then on.
    """

    def __init__(self, root: str, limit: int, known: Collection[tuple[str, int]] = ()) -> None:
        super().__init__(root, limit, known)
        self.own = 0  # bytes that the tracer allocated and still holds
        self.size = self.peak = 0  # traced memory at a callback's entry
        self.before = self.after = self.transient = 0

    def on_start(self, code: CodeType, offset: int) -> object:
        """Folds the peak so far into the enclosing window and opens a new one."""
        self.size, self.peak = tracemalloc.get_traced_memory()  # first: even get_ident() allocates
        if threading.get_ident() != self.thread:
            return None
        self._fold()
        profile = self.enter(code)
        if profile is None:
            self._settle()
            return MONITORING.DISABLE
        window = Window(profile, profile.entered + 1, self.wants(profile))
        profile.entered += 1
        profile.open += 1
        if window.recorded:
            self.before = tracemalloc.get_traced_memory()[0]
            window.args = describe_frame(sys._getframe(1))
            self.after = tracemalloc.get_traced_memory()[0]
            # the frame object and its dict of locals go when the frame goes
            window.transient = max(0, self.after - self.before - sys.getsizeof(window.args))
        window.start = window.peak = self.size - self.own
        self.stack.append(window)
        self._settle()
        return None

    def on_end(self, code: CodeType, offset: int, value: object) -> object:
        """Closes a window: its peak counts for the enclosing one too."""
        self.size, self.peak = tracemalloc.get_traced_memory()
        if code not in self.profiles or threading.get_ident() != self.thread:
            return None
        self._fold()
        self.transient = self._close(code)
        self._settle()
        self.own -= self.transient
        return None

    def _close(self, code: CodeType) -> int:
        window = self.leave(code)
        if window is None:
            return 0
        if window.recorded:
            self.record(window, Recorded(window.args, float(max(0, window.peak - window.start)), 0.0))
        if self.stack:
            self.stack[-1].peak = max(self.stack[-1].peak, window.peak)
        return window.transient

    def _fold(self) -> None:
        if self.stack:
            self.stack[-1].peak = max(self.stack[-1].peak, self.peak - self.own)

    def _settle(self) -> None:
        """The last thing of a callback: what it allocated and keeps is the tracer's; a new peak starts here."""
        self.after = tracemalloc.get_traced_memory()[0]
        self.own += self.after - self.size
        tracemalloc.reset_peak()


def _calibrate(kind: type[LatencyTracer], inner_calls: int = 200, repeats: int = 9) -> tuple[float, float]:
    """(ns that an empty window shows, ns an event costs beyond the callbacks' own clocks)."""
    namespace: dict[str, Any] = {}
    # compiled under a file name of its own, so that is_target takes exactly these
    exec(compile("def empty():\n pass\ndef outer(n):\n for _ in n:\n  empty()\n", "/calibration/synthetic.py", "exec"), namespace)
    outer: Callable[[range], None] = namespace["outer"]
    loop = range(inner_calls)
    untraced = []
    for _ in range(repeats):
        start = perf_counter_ns()
        outer(loop)
        untraced.append(perf_counter_ns() - start)
    tracer = kind("/calibration", limit=inner_calls * (repeats + 1))
    tracer.start()
    try:
        residues = []
        for _ in range(repeats):
            tracer.events = tracer.inside = 0
            start = perf_counter_ns()
            outer(loop)
            raw = perf_counter_ns() - start
            residues.append((raw - tracer.inside - min(untraced)) / tracer.events)
        windows = sorted(call.value for call in tracer.profiles[namespace["empty"].__code__].calls)
    finally:
        tracer.stop()
    return windows[len(windows) // 4], max(0.0, min(residues))
