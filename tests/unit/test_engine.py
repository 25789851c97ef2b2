"""The pipeline's bookkeeping, with workers that live in this process."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from rlm_lsp.chunk.types import Chunk, ChunkResult, Problem, Span
from rlm_lsp.chunk.worker import pack, unpack
from rlm_lsp.predict.cache import Cache
from rlm_lsp.predict.errors import EngineError, QuarantinedError
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.pipeline import MAX_OPEN_TASKS, Pipeline, Task
from rlm_lsp.predict.results import Objective, Values
from rlm_lsp.predict.types import ModelInput

SPAN = Span(0, 1, 1, 1, 1, 2)


class Chunker:
    """Every line of a source is a function's text."""

    def submit(self, frame: Frame) -> Future[Frame]:
        future: Future[Frame] = Future()
        lines = base64.b64decode(frame["source_b64"]).decode().split()
        if "crash" in lines:
            future.set_exception(QuarantinedError("the chunker died twice over this input"))
        else:
            future.set_result(pack(ChunkResult(tuple(Chunk("python", "function", line, SPAN, SPAN, line) for line in lines), ())))
        return future


class Model:
    """Predicts the length of the text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def submit(self, frame: Frame) -> Future[Frame]:
        future: Future[Frame] = Future()
        self.asked.append(frame["text"])
        if frame["text"] == "crash-model":
            future.set_exception(QuarantinedError("the model died twice over this input"))
        elif frame["text"] == "no-model":
            future.set_exception(EngineError("no weights"))
        else:
            size = float(len(frame["text"]))
            future.set_result({"values": {"latency@cpu": [size, size, size]}, "partial": False})
        return future


@pytest.fixture
def cache() -> Iterator[Cache]:
    opened = Cache(None, print)
    yield opened
    opened.close()


def pipeline(cache: Cache, model: Model, quarantine: dict[bytes, Values] | None = None, digest: bytes = b"digest") -> Pipeline[str]:
    identity = ModelIdentity(Path(), "fake", "none", (Objective("latency@cpu", "s"),), digest, {"trained": TRAINED}, {})
    return Pipeline(identity, cache, Chunker(), model, {} if quarantine is None else quarantine)


TRAINED = [{"language": language, "kind": kind} for language in ("python", "c") for kind in ("function", "program")]


def medians(task: Task[str]) -> list[float | None]:
    return [values.quantiles[0][1] if values.quantiles else None for values in task.values]


def test_equal_inputs_are_asked_once_and_never_again(cache: Cache) -> None:
    model = Model()
    tasks = [
        Task("one", b"a bb a"),
        Task("two", b"bb ccc"),
        Task("three", inputs=[ModelInput("python", "function", "a")]),
        Task("four", b""),
    ]
    found = {task.tag: medians(task) for task in pipeline(cache, model).run(tasks)}
    assert found == {"one": [1, 2, 1], "two": [2, 3], "three": [1], "four": []}
    assert sorted(model.asked) == ["a", "bb", "ccc"]
    list(pipeline(cache, model).run([Task("again", b"ccc a")]))
    assert len(model.asked) == 3


def test_another_model_another_key(cache: Cache) -> None:
    model = Model()
    for digest in (b"one", b"two"):
        list(pipeline(cache, model, digest=digest).run([Task("task", b"a")]))
    assert model.asked == ["a", "a"]


def test_every_part_of_an_input_counts(cache: Cache) -> None:
    model = Model()
    inputs = [
        ModelInput("python", "function", "a"),
        ModelInput("python", "program", "a"),
        ModelInput("c", "function", "a"),
        ModelInput("python", "function", "a", args="x=int"),
        ModelInput("python", "function", "a", header="x=int"),
    ]
    list(pipeline(cache, model).run([Task("task", inputs=inputs)]))
    assert len(model.asked) == 5


def test_a_bounded_number_of_tasks_is_open(cache: Cache) -> None:
    begun = finished = most = 0

    def tasks() -> Iterator[Task[str]]:
        nonlocal begun, most
        for i in range(500):
            begun += 1
            most = max(most, begun - finished)
            yield Task(str(i), f"text{i}".encode())

    for _ in pipeline(cache, Model()).run(tasks()):
        finished += 1
    assert finished == 500
    assert most == MAX_OPEN_TASKS


def test_a_crash_belongs_to_its_own_task_and_is_remembered(cache: Cache) -> None:
    model, quarantine = Model(), dict[bytes, Values]()
    tasks = [Task("chunker", b"crash"), Task("model", b"a crash-model bb"), Task("fine", b"ccc")]
    found = {task.tag: task for task in pipeline(cache, model, quarantine).run(tasks)}
    assert [problem.code for problem in found["chunker"].problems] == ["crashed"]
    assert medians(found["model"]) == [1, None, 2]
    assert found["model"].values[1].unknown == ("worker-unavailable", "the model died twice over this input")
    assert medians(found["fine"]) == [3]
    list(pipeline(cache, model, quarantine).run([Task("again", b"crash-model")]))
    assert model.asked.count("crash-model") == 1


def test_no_model_no_answers_but_what_is_known_is_kept(cache: Cache) -> None:
    with pytest.raises(EngineError, match="no weights"):
        list(pipeline(cache, Model()).run([Task("one", b"a bb no-model ccc")]))
    later = Model()
    (task,) = pipeline(cache, later).run([Task("one", b"a bb ccc")])
    assert medians(task) == [1, 2, 3]
    assert later.asked == []


def test_chunks_survive_the_pipe() -> None:
    chunk = Chunk("python", "program", "<module>", SPAN, Span(5, 6, 7, 8, 9, 10), "x = '\udcff'")
    result = ChunkResult((chunk,), (Problem("syntax", "line 3: syntax error", 3), Problem("binary", "NUL")))
    assert unpack(pack(result)) == result
