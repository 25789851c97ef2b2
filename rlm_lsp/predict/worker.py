"""The model's own process: ``python -m rlm_lsp.predict.worker MODEL_FOLDER THREADS``.

Requests ``{"id", "language", "kind", "text", "args", "header"}`` are answered by ``{"id", "values": {objective: [p10, p50, p90]},
"partial"}`` or ``{"id", "unknown": [code, reason]}``. Each reply leaves as soon as it is there, so that nothing computed is lost
when somebody kills this process. The model is loaded at the first request.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rlm_lsp.predict.framing import Frame, Pipes
from rlm_lsp.predict.types import Answer, ModelInput, Unknown

if TYPE_CHECKING:
    from rlm_lsp.model.predictor import Predictor

NICENESS = 5  # an editor or a build beside us comes first
BATCH_PER_THREAD = 8
"""Inputs that are given to the model at once, for each thread: enough to keep all threads busy until the next batch is there."""


def main(model_folder: str, threads: int) -> None:
    """Answer requests until the parent closes the pipe."""
    pipes = Pipes()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    arrivals: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(pipes, arrivals), daemon=True).start()

    predictor: Predictor | None = None
    for batch in _batches(arrivals, threads * BATCH_PER_THREAD):
        if predictor is None:
            predictor = _load(pipes, model_folder, threads)
            pipes.send({"ready": True})
        inputs = [ModelInput(item["language"], item["kind"], item["text"], item["args"], item["header"]) for item in batch]
        for item, answer in zip(batch, predictor.predict_many(inputs), strict=True):
            pipes.send({"id": item["id"], **_reply(answer)})


def _receive(pipes: Pipes, arrivals: queue.SimpleQueue[Frame | None]) -> None:
    """Move requests off the pipe; when the parent is gone, end the process, whatever the model is computing."""
    try:
        for request in pipes.requests():
            arrivals.put(request)
    finally:
        arrivals.put(None)
        os._exit(0)


def _batches(arrivals: queue.SimpleQueue[Frame | None], size: int) -> Iterator[list[Frame]]:
    """Whatever is waiting, up to ``size`` requests at a time."""
    while (request := arrivals.get()) is not None:
        batch = [request]
        while len(batch) < size and not arrivals.empty():
            following = arrivals.get()
            if following is None:
                return
            batch.append(following)
        yield batch


def _load(pipes: Pipes, model_folder: str, threads: int) -> Predictor:
    """The model, or one ``fatal`` frame and the end of this process."""
    from rlm_lsp.model.predictor import Predictor  # hundreds of milliseconds, and only when something is asked

    try:
        return Predictor.load(model_folder, threads=threads)
    except Exception as error:  # the parent prints this one line, whatever went wrong
        pipes.send({"fatal": str(error) or type(error).__name__})
        sys.exit(1)


def _reply(answer: Answer) -> Frame:
    if isinstance(answer, Unknown):
        return {"unknown": [answer.code, answer.reason]}
    values = {prediction.objective: [prediction.p10, prediction.p50, prediction.p90] for prediction in answer}
    return {"values": values, "partial": any(prediction.partial for prediction in answer)}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
