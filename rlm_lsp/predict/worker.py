"""The model's own process: ``python -m rlm_lsp.predict.worker THREADS MODEL_FOLDER [FURTHER_FOLDER...]``.

Requests ``{"id", "language", "kind", "text", "args", "header"}``, for some programs with ``"whole"``, are answered by
``{"id", "values": {objective: [p10, p50, p90]}, "partial"}`` or ``{"id", "unknown": [code, reason]}``. Each reply leaves as soon as it is
there, so that nothing computed is lost when somebody kills this process. The model is loaded at the first request.

Further models answer, each in a thread of its own and for its own objectives, what they were trained on; each is loaded at the first
request of that kind. One that cannot run is said in a ``notice`` and answers ``worker-unavailable``; the others go on. ``"incomplete"``
marks values that lack its part.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rlm_lsp.predict.errors import ModelFilesError
from rlm_lsp.predict.framing import Frame, Pipes
from rlm_lsp.predict.results import from_request
from rlm_lsp.predict.types import Answer, Unknown

if TYPE_CHECKING:
    from rlm_lsp.model.predictor import Predictor

NICENESS = 5  # an editor or a build beside us comes first


class Waiting(Protocol):
    """Requests in the order in which they came; None: nothing more will."""

    def get(self) -> Frame | None: ...  # noqa: D102 - those of a queue

    def empty(self) -> bool: ...  # noqa: D102


Arrivals = queue.SimpleQueue["Frame | None"]
Deliver = Callable[[Frame, Answer], None]
Loaded = Callable[[], "Predictor"]


def main(threads: int, model_folder: str, *further_folders: str) -> None:
    """Answer requests until the parent closes the pipe."""
    pipes = Pipes()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    arrivals: Arrivals = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(pipes, arrivals), daemon=True).start()
    first = partial(_load_first, pipes, model_folder, threads)
    if further_folders:
        _Desk(pipes, model_folder, further_folders, threads).serve(arrivals, first)
    else:
        _serve(arrivals, first, lambda request, answer: pipes.send({"id": request["id"], **_reply(answer)}))


def _receive(pipes: Pipes, arrivals: Arrivals) -> None:
    """Move requests off the pipe; when the parent is gone, end the process, whatever the model is computing."""
    try:
        for request in pipes.requests():
            arrivals.put(request)
    finally:
        arrivals.put(None)
        os._exit(0)


def _serve(arrivals: Waiting, load: Loaded, deliver: Deliver) -> None:
    """Answer what arrives until nothing more does, whatever is waiting at a time; load the model when the first is there."""
    request = arrivals.get()
    if request is None:
        return
    predictor = load()
    for batch in _batches(arrivals, request, predictor.batch):
        for item, answer in zip(batch, predictor.predict_many([from_request(item) for item in batch]), strict=True):
            deliver(item, answer)


def _batches(arrivals: Waiting, request: Frame | None, size: int) -> Iterator[list[Frame]]:
    """``request``, and whatever is waiting, up to ``size`` requests at a time."""
    while request is not None:
        batch = [request]
        while len(batch) < size and not arrivals.empty():
            following = arrivals.get()
            if following is None:
                return
            batch.append(following)
        yield batch
        request = arrivals.get()


def _load_first(pipes: Pipes, model_folder: str, threads: int) -> Predictor:
    """The model, or one ``fatal`` frame and the end of this process."""
    from rlm_lsp.model.predictor import Predictor  # hundreds of milliseconds, and only when something is asked

    try:
        predictor = Predictor.load(model_folder, threads=threads)
    except Exception as error:  # the parent prints this one line, whatever went wrong
        pipes.send({"fatal": str(error) or type(error).__name__})
        sys.exit(1)
    pipes.send({"ready": True})
    return predictor


@dataclass
class _Open:
    """A request whose answers are not all there."""

    request: Frame
    expected: int
    answers: list[Answer] = field(default_factory=list)


class _Desk:
    """Hands requests to the models that know such code, and makes one reply of what they say."""

    def __init__(self, pipes: Pipes, model_folder: str, further_folders: tuple[str, ...], threads: int) -> None:
        from rlm_lsp.predict.identity import identify_alone

        self._pipes = pipes
        self._lock = threading.Lock()  # guards the pipe, and what is open
        self._open: dict[int, _Open] = {}
        self._first: Arrivals = queue.SimpleQueue()
        self._further: list[tuple[set[tuple[str, str]], Arrivals]] = []
        self._trained: set[tuple[str, str]] = set()
        with suppress(ModelFilesError):  # which loading it says
            self._trained = set(identify_alone(Path(model_folder)).trained)
        for folder in further_folders:
            try:
                model = identify_alone(Path(folder))
            except ModelFilesError as error:
                self._notice(str(error))
                continue
            arrivals: Arrivals = queue.SimpleQueue()
            self._further.append((set(model.trained), arrivals))
            threading.Thread(target=self._serve_further, args=(folder, model.id, arrivals, threads), daemon=True).start()

    def serve(self, arrivals: Arrivals, load: Loaded) -> None:
        """Answer what arrives until nothing more does."""
        threading.Thread(target=self._distribute, args=(arrivals,), daemon=True).start()
        _serve(self._first, load, self._deliver)

    def _distribute(self, arrivals: Arrivals) -> None:
        while (request := arrivals.get()) is not None:
            known = (request["language"], request["kind"])
            queues = [waiting for trained, waiting in self._further if known in trained]
            if known in self._trained or not queues:
                queues.append(self._first)
            with self._lock:
                self._open[request["id"]] = _Open(request, len(queues))
            for waiting in queues:
                waiting.put(request)
        self._first.put(None)

    def _serve_further(self, folder: str, model: str, arrivals: Arrivals, threads: int) -> None:
        """Answer with a further model; when it fails, with the reason, from then on."""
        waiting: dict[int, Frame] = {}  # taken and not answered

        def deliver(request: Frame, answer: Answer) -> None:
            waiting.pop(request["id"], None)
            self._deliver(request, answer)

        try:
            _serve(_Noted(arrivals, waiting), partial(self._load_further, folder, model, threads), deliver)
            return
        except Exception as error:  # a driver may raise anything
            reason = f"{model} does not run here: {error or type(error).__name__}"
        self._notice(f"{reason}; what it would answer stays unknown")
        unavailable = Unknown("worker-unavailable", " ".join(reason.split()))
        for request in list(waiting.values()):
            self._deliver(request, unavailable)
        while (following := arrivals.get()) is not None:
            self._deliver(following, unavailable)

    def _load_further(self, folder: str, model: str, threads: int) -> Predictor:
        from rlm_lsp.model.predictor import Predictor

        predictor = Predictor.load(folder, threads=threads, notice=lambda line: self._notice(f"{model}: {line}"))
        with self._lock:
            self._pipes.send({"ready": True})
        return predictor

    def _notice(self, line: str) -> None:
        with self._lock:
            self._pipes.send({"notice": " ".join(line.split())})

    def _deliver(self, request: Frame, answer: Answer) -> None:
        with self._lock:
            entry = self._open[request["id"]]
            entry.answers.append(answer)
            if len(entry.answers) == entry.expected:
                del self._open[request["id"]]
                self._pipes.send({"id": request["id"], **_merged(entry.answers)})


@dataclass
class _Noted:
    """Requests whose reader may fail: what was taken stands in ``taken`` until somebody answers it."""

    arrivals: Arrivals
    taken: dict[int, Frame]

    def get(self) -> Frame | None:
        request = self.arrivals.get()
        if request is not None:
            self.taken[request["id"]] = request
        return request

    def empty(self) -> bool:
        return self.arrivals.empty()


def _merged(answers: list[Answer]) -> Frame:
    """One reply out of several models' answers: the numbers of all that have some, else why there are none."""
    numbers = [answer for answer in answers if not isinstance(answer, Unknown)]
    unknown = [answer for answer in answers if isinstance(answer, Unknown)]
    if not numbers:
        return _reply(next((answer for answer in unknown if answer.code == "worker-unavailable"), unknown[0]))
    reply = _reply(tuple(prediction for answer in numbers for prediction in answer))
    return {**reply, "incomplete": True} if any(answer.code == "worker-unavailable" for answer in unknown) else reply


def _reply(answer: Answer) -> Frame:
    if isinstance(answer, Unknown):
        return {"unknown": [answer.code, answer.reason]}
    values = {prediction.objective: [prediction.p10, prediction.p50, prediction.p90] for prediction in answer}
    return {"values": values, "partial": any(prediction.partial for prediction in answer)}


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
