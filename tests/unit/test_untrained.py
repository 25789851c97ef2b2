"""A language or kind of chunk that the model was not trained on is answered without asking the model, and said once a file."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace

import pytest

from rlm_lsp.check.findings import collect, untrained_lines
from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.worker import pack
from rlm_lsp.paths import default_model_folder
from rlm_lsp.predict.cache import Cache
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.pipeline import Pipeline, Task
from rlm_lsp.predict.results import FileResult, FunctionRow, Values

KERNEL = b"import triton\n@triton.jit\ndef k(x): return x\n@triton.jit\ndef l(x): return x\n"
GO = b"package p\nfunc f() {}\nfunc g() {}\n"
PYTHON = b"def f(): return 1\n"


class Chunker:
    def submit(self, frame: Frame) -> Future[Frame]:
        import base64

        future: Future[Frame] = Future()
        future.set_result(pack(chunk_source(base64.b64decode(frame["source_b64"]), frame["language"])))
        return future


class Model:
    """Counts what it is asked."""

    def __init__(self, objectives: list[str]) -> None:
        self.asked: list[tuple[str, str]] = []
        self._objectives = objectives

    def submit(self, frame: Frame) -> Future[Frame]:
        self.asked.append((frame["language"], frame["kind"]))
        future: Future[Frame] = Future()
        future.set_result({"values": {name: [1.0, 2.0, 3.0] for name in self._objectives}, "partial": False})
        return future


@pytest.fixture(name="cache")
def _cache() -> Iterator[Cache]:
    cache = Cache(None, print)
    yield cache
    cache.close()


def test_the_model_is_asked_only_what_it_was_trained_on(cache: Cache) -> None:
    identity = identify(default_model_folder())
    identity = replace(identity, config={**identity.config, "trained": [{"language": "python", "kind": "function"}]})
    model = Model([objective.name for objective in identity.objectives])
    sources = {"python": PYTHON + KERNEL, "go": GO}
    pipeline = Pipeline[str](identity, cache, Chunker(), model, {})
    tasks = [Task(tag=language, source=source, language=language) for language, source in sources.items()]
    finished = {task.tag: task for task in pipeline.run(tasks)}
    assert model.asked == [("python", "function")]
    unknown = {
        (chunk.qualified_name, value.unknown) for task in finished.values() for chunk, value in zip(task.chunks, task.values, strict=True)
    }
    untrained_go = ("untrained-language", "the model was not trained on go")
    assert unknown == {
        ("<module>", ("untrained-kind", "the model was not trained on python program chunks")),
        ("k", ("untrained-kind", "the model was not trained on python kernel chunks")),
        ("l", ("untrained-kind", "the model was not trained on python kernel chunks")),
        *[("f", None), ("<file>", untrained_go), ("f", untrained_go), ("g", untrained_go)],
    }


def test_it_is_said_once_a_file() -> None:
    unknown = Values(None, ("untrained-language", "the model was not trained on go"))
    program = FunctionRow("<file>", "program", 1, 1, 9, unknown)
    rows = [FunctionRow(name, "function", line, 1, line, unknown) for line, name in enumerate("fgh", 2)]
    known = FunctionRow("f", "function", 1, 1, 1, Values([[1, 2, 3]]))
    results = [
        FileResult("b.go", "go", [program, *rows], ()),
        FileResult("a.go", "go", rows[:1], ()),
        FileResult("c.py", "python", [known], ()),
        FileResult("d.go", "go", [program], ()),
    ]
    assert list(untrained_lines(collect(results, [], "m", "cpu", ()))) == [
        "a.go: untrained-language: the model was not trained on go (1 function)",
        "b.go: untrained-language: the model was not trained on go (3 functions)",
    ]
