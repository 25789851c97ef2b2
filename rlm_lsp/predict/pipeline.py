"""Source text → chunks → model inputs → answers, with both worker processes busy and a bounded amount of work open.

The thread that iterates does all the bookkeeping; the worker processes' threads only put events into its queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from rlm_lsp.chunk.calls import callees_of
from rlm_lsp.chunk.types import Chunk, Directive, Problem
from rlm_lsp.chunk.worker import ask, unpack
from rlm_lsp.predict.cache import Cache
from rlm_lsp.predict.errors import QuarantinedError
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values, from_reply, to_request, unavailable
from rlm_lsp.predict.types import ModelInput, untrained

if TYPE_CHECKING:
    from concurrent.futures import Future  # imports logging, and a run from the cache asks nobody

MAX_OPEN_TASKS = 64
MAX_OPEN_INPUTS = 1024  # no new task is begun while more inputs than these wait for the model

Tag = TypeVar("Tag")

_PENDING = unavailable("not answered yet")


def inputs_of(chunks: Sequence[Chunk], whole: str | None, args: str | None = None, header: str | None = None) -> list[ModelInput]:
    """What is asked of the model for each chunk of a file. ``whole``: all of its text, where a model reads that of a program."""
    return [
        ModelInput(chunk.language, chunk.kind, chunk.text, args, header, whole if chunk.kind == "program" else None, called)
        for chunk, called in zip(chunks, callees_of(chunks), strict=True)
    ]


class Asks(Protocol):
    """A ``Child``, or whatever answers like one."""

    def submit(self, frame: Frame) -> Future[Frame]:
        """A future of the reply to ``frame``."""


@dataclass
class Task(Generic[Tag]):
    """One source text, or inputs that are ready for the model. ``tag`` is the caller's."""

    tag: Tag
    source: bytes | None = None  # None: there is nothing to cut, ``inputs`` are given
    language: str = "python"
    path: str | None = None
    select: Callable[[Chunk], bool] | None = None
    args: str | None = None
    header: str | None = None
    chunks: list[Chunk] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    inputs: list[ModelInput] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)  # one for each of ``inputs``, when the task is finished
    unanswered: int = 0

    def cut(
        self, chunks: Sequence[Chunk], problems: Iterable[Problem], directives: Iterable[Directive] = (), whole: str | None = None
    ) -> None:
        """Take the chunker's result. ``whole``: all of the text, where a model reads that of a program."""
        meant = [self.select is None or self.select(chunk) for chunk in chunks]
        self.chunks = list(compress(chunks, meant))
        self.inputs = list(compress(inputs_of(chunks, whole, self.args, self.header), meant))
        self.problems = list(problems)
        self.directives = list(directives)
        self.source = None  # no longer needed, and files may be large


class Pipeline(Generic[Tag]):
    """One run over tasks. Equal inputs, in whatever task, are asked once."""

    def __init__(self, model: ModelIdentity, cache: Cache, chunker: Asks, predictor: Asks, quarantine: dict[bytes, Values]) -> None:
        self._model = model
        self._cache = cache
        self._chunker = chunker
        self._predictor = predictor
        self._quarantine = quarantine  # inputs that crash the model's process, remembered for as long as the engine lives
        self._events: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._asked: dict[bytes, list[tuple[Task[Tag], int]]] = {}  # who waits for which input
        self._finished: deque[Task[Tag]] = deque()
        self._refused: dict[tuple[str, str], Values | None] = {}
        self._reads_whole: dict[str, bool] = {}  # by language

    def run(self, tasks: Iterable[Task[Tag]]) -> Generator[Task[Tag], None, None]:
        """The tasks as they are finished, in no certain order.

        Raises:
            EngineError: a worker process cannot be started.
        """
        source = iter(tasks)
        more = True
        open_tasks = 0
        try:
            while True:
                while more and open_tasks < MAX_OPEN_TASKS and len(self._asked) < MAX_OPEN_INPUTS:
                    task = next(source, None)
                    more = task is not None
                    if task is not None:
                        open_tasks += 1
                        self._begin(task)
                while self._finished:
                    open_tasks -= 1
                    yield self._finished.popleft()
                if open_tasks:
                    self._next_event()()
                elif not more:
                    return
        finally:
            self._keep_what_is_there()

    def _next_event(self) -> Callable[[], None]:
        while True:
            try:
                return self._events.get(timeout=1.0)  # without a time-out Ctrl+C would not be heard on Windows
            except Empty:
                continue

    def _keep_what_is_there(self) -> None:
        """Answers that came while the run was being interrupted go into the cache too."""
        while not self._events.empty():
            try:
                self._events.get()()
            except Exception:  # the run is over and its own exception, if any, is on its way
                break

    def _begin(self, task: Task[Tag]) -> None:
        if task.source is None:
            self._ask_model(task)
            return
        future = self._chunker.submit(ask(task.source, task.language, task.path))
        future.add_done_callback(lambda done: self._events.put(lambda: self._chunked(task, done)))

    def _chunked(self, task: Task[Tag], done: Future[Frame]) -> None:
        try:
            result = unpack(done.result())
        except QuarantinedError as error:
            task.cut((), [Problem("crashed", str(error))])
        else:
            task.cut(result.chunks, result.problems, result.directives, self._whole(task))
        self._ask_model(task)

    def _whole(self, task: Task[Tag]) -> str | None:
        """The task's text as it was written, where a model reads it."""
        if task.language not in self._reads_whole:
            self._reads_whole[task.language] = self._model.reads_whole(task.language)
        if task.source is None or not self._reads_whole[task.language]:
            return None
        from rlm_lsp.chunk.whole import program_text

        return program_text(task.source, task.language)

    def _ask_model(self, task: Task[Tag]) -> None:
        """Answer what the model was not trained on and what the cache knows, and ask the model for the rest."""
        task.values = [self._untrained(item.language, item.kind) or _PENDING for item in task.inputs]
        asked = [(index, item, self._model.key(item)) for index, item in enumerate(task.inputs) if task.values[index] is _PENDING]
        known = self._cache.get("inputs", [key for _, _, key in asked]) if asked else {}
        for index, item, key in asked:
            if key in self._quarantine:
                task.values[index] = self._quarantine[key]
                continue
            try:
                task.values[index] = Values.decode(known[key])
            except (KeyError, ValueError):
                waiting = self._asked.setdefault(key, [])
                waiting.append((task, index))
                task.unanswered += 1
                if len(waiting) == 1:
                    self._submit(key, item)
        if task.unanswered == 0:
            self._finished.append(task)

    def _untrained(self, language: str, kind: str) -> Values | None:
        """What the model would say to a language or kind of chunk that it was not trained on; it need not be asked, or even started."""
        if (language, kind) not in self._refused:
            unknown = untrained(language, kind, self._model.trained)
            self._refused[language, kind] = Values(None, (unknown.code, unknown.reason)) if unknown else None
        return self._refused[language, kind]

    def _submit(self, key: bytes, item: ModelInput) -> None:
        future = self._predictor.submit(to_request(item))
        future.add_done_callback(lambda done: self._events.put(lambda: self._answered(key, done)))

    def _answered(self, key: bytes, done: Future[Frame]) -> None:
        try:
            values = from_reply(done.result(), self._model.objectives)
        except QuarantinedError as error:
            values = self._quarantine[key] = unavailable(str(error))
        else:
            if "incomplete" not in done.result():
                self._cache.put("inputs", {key: values.encode()})
        for task, index in self._asked.pop(key):
            task.values[index] = values
            task.unanswered -= 1
            if task.unanswered == 0:
                self._finished.append(task)
