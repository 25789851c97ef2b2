"""An oracle on a desk of a test's own, and a model's process that answers when it is told to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

from rlm_lsp.lsp.oracle import Oracle, Priority
from rlm_lsp.predict.child import ChildStatus
from rlm_lsp.predict.errors import EngineError
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput

WAIT_S = 60
VISIBLE, OPEN, WORKSPACE = Priority.VISIBLE, Priority.OPEN, Priority.WORKSPACE


def item(text: str) -> ModelInput:
    return ModelInput("python", "function", text)


def functions(count: int, mark: str = "f") -> list[ModelInput]:
    return [item(f"def {mark}{i}(xs):\n    return sum(xs[{i}:])") for i in range(count)]


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


class Desk:
    """An oracle, and all that it said."""

    def __init__(
        self, model: Path | None, cache: Path | None, *, unload_after_s: float = 600, threads: int | None = 1, error: str = ""
    ) -> None:
        self.told: list[frozenset[str]] = []
        self.lines: list[str] = []
        self.oracle = Oracle(
            identify(model) if model else None,
            cache,
            on_values=self.told.append,
            log=self.lines.append,
            unload_after_s=unload_after_s,
            threads=threads,
            model_error=error,
        )

    def want(self, owner: str, texts: Iterable[ModelInput], priority: Priority = OPEN) -> None:
        self.oracle.want(owner, dict.fromkeys(texts, priority))

    def numbers(self, items: Iterable[ModelInput]) -> list[Values | None]:
        return [values if (values := self.oracle.known(one)) and values.quantiles else None for one in items]

    async def all_known(self, items: Iterable[ModelInput]) -> None:
        listed = list(items)
        await until(lambda: all(self.numbers(listed)))


Open = Callable[..., Desk]


class ByHand:
    """Stands in for the model's process: remembers what it is asked, and answers when told to."""

    made: ByHand

    def __init__(self, *_: object, window: int, idle_s: float) -> None:
        ByHand.made = self
        self.window = window
        self.open: dict[str, Future[Frame]] = {}
        self.asked: list[str] = []
        self.restarts = 0

    def submit(self, frame: Frame) -> Future[Frame]:
        future: Future[Frame] = Future()
        future.set_running_or_notify_cancel()
        self.asked.append(frame["text"])
        self.open[frame["text"]] = future
        return future

    def answer(self, *texts: str) -> None:
        for text in texts or list(self.open):
            size = float(len(text))
            self.open.pop(text).set_result({"values": {"latency@cpu": [size] * 3, "peak_heap@cpu": [size] * 3}, "partial": False})

    def fail(self, error: Exception) -> None:
        for text in list(self.open):
            self.open.pop(text).set_exception(error)

    def status(self) -> ChildStatus:
        return ChildStatus("ready", 1, 1, 0, "")

    def restart(self) -> None:
        self.restarts += 1

    def close(self) -> None:
        for future in self.open.values():
            future.set_exception(EngineError("the model was closed"))


async def settled(desk: Desk) -> None:
    """All lookups are done and all answers have been taken."""
    await asyncio.sleep(0.02)
    await until(lambda: not desk.oracle._look_ups)
    await asyncio.sleep(0.02)
