"""Two models beside each other: who is asked what, whose number is whose, and what happens when one of them cannot run."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rlm_lsp.predict import worker
from rlm_lsp.predict.cache import Cache
from rlm_lsp.predict.errors import ModelFilesError, QuarantinedError
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.identity import HASHED_UP_TO, ModelIdentity, identify, identify_alone
from rlm_lsp.predict.pipeline import Pipeline, Task
from rlm_lsp.predict.results import Objective, Values, answered, from_reply, from_request, to_answer, to_request
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown
from tests.model.released_like import make_released
from tests.unit.test_untrained import Chunker

PROGRAM = "import sys\n# read\nprint(sum(map(int, sys.stdin)))\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_released(tmp_path_factory.mktemp("released") / "model")


@pytest.fixture
def both(released: Path) -> ModelIdentity:
    return identify(released)


def test_a_model_that_stands_alone_is_one(tiny_model: Path) -> None:
    model = identify(tiny_model)
    assert (model.parts, model.worker_folders, model.sources) == ((), [str(tiny_model)], [("tiny-test", "no machine at all")])
    assert not model.reads_whole("python")
    assert [objective.model for objective in model.objectives] == ["", ""]


def test_each_objective_says_whose_it_is(both: ModelIdentity, released: Path) -> None:
    shipped, added = both.parts
    assert (both.id, both.device, both.pair_band, both.folder) == (shipped.id, shipped.device, shipped.pair_band, released)
    assert both.worker_folders == [str(shipped.folder), str(released)]
    assert [(objective.name, objective.model) for objective in both.objectives] == [
        ("latency@cpu", shipped.id),
        ("peak_heap@cpu", shipped.id),
        ("peak_heap@apps", added.id),
        ("memory@codenet", added.id),
        ("latency@a6000", added.id),
        ("accuracy@nas", added.id),
    ]
    assert ("python", "function") in both.trained
    assert ("haskell", "program") in both.trained
    assert both.digest not in (shipped.digest, added.digest)
    assert both.reads_whole("python")
    assert not both.reads_whole("cuda")


def test_answers_name_their_model(both: ModelIdentity) -> None:
    values = Values([(), (), (1.0, 2.0, 3.0), (), (), ()])
    assert to_answer(values, both.objectives, both.id, both.device) == (
        Prediction("peak_heap@apps", 1.0, 2.0, 3.0, "B", both.parts[1].id, both.parts[1].device),
    )
    assert [objective.name for objective, _ in answered(values, both.objectives)] == ["peak_heap@apps"]
    assert Values.decode(values.encode()) == Values([[], [], [1.0, 2.0, 3.0], [], [], []])


def test_a_reply_may_answer_for_some_objectives_but_not_for_none() -> None:
    objectives = (Objective("a", "s"), Objective("b", "B"))
    assert from_reply({"values": {"b": [1, 2, 3]}, "partial": True}, objectives) == Values([(), [1, 2, 3]], None, True)
    with pytest.raises(KeyError):
        from_reply({"values": {"c": [1, 2, 3]}, "partial": False}, objectives)
    with pytest.raises(QuarantinedError, match="no driver"):
        from_reply({"unknown": ["worker-unavailable", "no driver"]}, objectives)


@pytest.mark.parametrize("whole", [None, PROGRAM])
def test_requests_are_read_back(whole: str | None) -> None:
    item = ModelInput("python", "program", "print(...)", header="H", whole=whole)
    assert from_request({"id": 3, **to_request(item)}) == item


def test_all_of_a_program_is_asked_only_where_a_model_reads_it(both: ModelIdentity, tiny_model: Path) -> None:
    asked: list[Frame] = []

    class Predictor:
        def submit(self, frame: Frame) -> Any:
            asked.append(frame)
            raise QuarantinedError("enough was seen")

    for model in (both, identify(tiny_model)):
        cache = Cache(None, print)
        task = Task(tag="t", source=PROGRAM.encode(), language="python")
        with pytest.raises(QuarantinedError):
            list(Pipeline[str](model, cache, Chunker(), Predictor(), {}).run([task]))
        cache.close()
    assert [(frame["kind"], frame.get("whole")) for frame in asked] == [("program", PROGRAM), ("program", None)]
    assert asked[0]["text"] == asked[1]["text"] != PROGRAM


def test_the_key_of_an_input_without_a_whole_text_is_what_it_was(tiny_model: Path) -> None:
    model = identify(tiny_model)
    item = ModelInput("python", "program", "print(...)")
    assert model.key(item) != model.key(ModelInput("python", "program", "print(...)", whole=PROGRAM))
    import hashlib

    parts = json.dumps(["python", "program", None, None, "print(...)"]).encode()
    assert model.key(item) == hashlib.sha256(model.digest + b"onnxruntime float32" + parts).digest()


def test_large_files_are_hashed_where_they_are_used(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (released / "model.safetensors").stat().st_size < HASHED_UP_TO
    monkeypatch.setattr("rlm_lsp.predict.identity.HASHED_UP_TO", 20_000)
    weights = released / "model.safetensors"
    before = weights.read_bytes()
    try:
        weights.write_bytes(before[:-1] + b"\1")
        assert identify_alone(released).id == "RLM-GemmaS-Code-v0"
        with pytest.raises(ModelFilesError, match=r"model\.safetensors: damaged or changed, its sha-256"):
            identify_alone(released, thorough=True)
        weights.write_bytes(before[:-1])
        with pytest.raises(ModelFilesError, match=r"model\.safetensors: damaged or changed, it has"):
            identify_alone(released)
    finally:
        weights.write_bytes(before)


# The worker, with models that are no networks


class Pipes:
    def __init__(self) -> None:
        self.sent: list[Frame] = []

    def send(self, frame: Frame) -> None:
        self.sent.append(frame)


class Model:
    """Answers with its own objective, until a text says ``fail``."""

    batch = 2

    def __init__(self, objective: str) -> None:
        self._objective = objective

    def predict_many(self, inputs: Sequence[ModelInput]) -> Iterator[Answer]:
        for item in inputs:
            if item.text == "fail":
                raise RuntimeError("the driver\nis gone")
            if item.text == "unknown":
                yield Unknown("untrained-kind", f"not known to {self._objective}")
            else:
                yield (Prediction(self._objective, 1.0, 2.0, 3.0, "s", "m", "d"),)


Ask = Callable[[list[tuple[str, str]]], tuple[dict[int, Frame], list[str]]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Runs a worker's desk on (kind, text) pairs: replies by place, and notices. Of "program" chunks only the second model knows."""
    trained = {"first": ["function", "both"], "second": ["program", "both"]}

    def identified(folder: Path) -> Any:
        return SimpleNamespace(id=folder.name, trained=[("python", kind) for kind in trained[folder.name]])

    def load(folder: str, **_: Any) -> Model:
        if folder == "second" and refused:
            raise ModelFilesError("no weights")
        return Model(folder)

    refused: list[bool] = []
    monkeypatch.setattr("rlm_lsp.predict.identity.identify_alone", identified)
    monkeypatch.setattr("rlm_lsp.model.predictor.Predictor.load", load)

    def run(pairs: list[tuple[str, str]]) -> tuple[dict[int, Frame], list[str]]:
        refused[:] = [True] if ("program", "refuse") in pairs else []
        pipes: Any = Pipes()
        arrivals: worker.Arrivals = queue.SimpleQueue()
        for place, (kind, text) in enumerate(pairs):
            arrivals.put({"id": place, **to_request(ModelInput("python", kind, text))})
        desk = worker._Desk(pipes, "first", ("second",), 1)
        thread = threading.Thread(target=desk.serve, args=(arrivals, lambda: Model("first")), daemon=True)
        thread.start()

        def replies() -> dict[int, Frame]:
            return {frame["id"]: frame for frame in list(pipes.sent) if "id" in frame}

        waited = threading.Event()
        for _ in range(500):
            if len(replies()) == len(pairs):
                break
            waited.wait(0.01)
        arrivals.put(None)
        return replies(), [frame["notice"] for frame in pipes.sent if "notice" in frame]

    return run


def test_each_model_is_asked_what_it_knows(ask: Ask) -> None:
    replies, notices = ask([("function", "a"), ("program", "b"), ("both", "c"), ("neither", "unknown"), ("both", "unknown")])
    assert [sorted(replies[place].get("values", {})) for place in range(3)] == [["first"], ["second"], ["first", "second"]]
    assert replies[3]["unknown"] == ["untrained-kind", "not known to first"]
    assert "unknown" in replies[4]
    assert notices == []


def test_a_model_that_fails_is_said_once_and_the_other_goes_on(ask: Ask) -> None:
    replies, notices = ask([("program", "a"), ("program", "fail"), ("program", "b"), ("function", "c"), ("both", "d")])
    assert list(replies[0]["values"]) == ["second"]
    for place in (1, 2):
        assert replies[place]["unknown"] == ["worker-unavailable", "second does not run here: the driver is gone"]
    assert list(replies[3]["values"]) == ["first"]
    assert list(replies[4]["values"]) == ["first"]
    assert replies[4]["incomplete"] is True
    assert notices == ["second does not run here: the driver is gone; what it would answer stays unknown"]


def test_a_model_that_does_not_load_is_said_and_the_other_goes_on(ask: Ask) -> None:
    replies, notices = ask([("program", "refuse"), ("function", "a")])
    assert replies[0]["unknown"] == ["worker-unavailable", "second does not run here: no weights"]
    assert list(replies[1]["values"]) == ["first"]
    assert len(notices) == 1


def test_incomplete_values_are_not_kept(both: ModelIdentity) -> None:
    class Predictor:
        def submit(self, frame: Frame) -> Any:
            from concurrent.futures import Future

            future: Future[Frame] = Future()
            future.set_result({"values": {"latency@cpu": [1, 2, 3]}, "partial": False, "incomplete": True})
            return future

    cache = Cache(None, print)
    item = ModelInput("python", "function", "def f(): ...")
    (task,) = Pipeline[str](both, cache, Chunker(), Predictor(), {}).run([Task(tag="t", inputs=[item])])
    assert task.values[0].quantiles
    assert cache.get("inputs", [both.key(item)]) == {}
    cache.close()
