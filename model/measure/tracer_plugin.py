"""pytest plugin of the tracing child: a time limit for each test and for the file, no garbage collection inside a test."""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

TEST_S = 5.0


class TestLimits:
    """Stops a test after 5 s, and the session after `file_s`. Counts outcomes of the test calls.

    `begin` is called before the first test and `end` after the last: imports and collection are not measured.
    """

    __test__ = False  # not a test class, whatever its name says

    def __init__(self, file_s: float, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self._begin, self._end = begin, end
        self._deadline = time.monotonic() + file_s
        self.outcomes: dict[str, int] = {}
        self.stopped = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """All tests of the file."""
        self._begin()
        try:
            return (yield)
        finally:
            self._end()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """One test: collect garbage before it, not in it."""
        gc.collect()
        gc.disable()
        signal.signal(signal.SIGALRM, _too_slow)
        signal.setitimer(signal.ITIMER_REAL, TEST_S)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if time.monotonic() > self._deadline:
                self.stopped = True
                item.session.shouldstop = "file limit"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts."""
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.outcome] = self.outcomes.get(report.outcome, 0) + 1


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, TEST_S)  # if the test swallows this one
    pytest.fail("longer than its limit", pytrace=False)
