"""The predictor on a model that draws samples: what is asked for which input, and that numbers are the text's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="such a model needs the `gpu` extra")

from rlm_lsp.model.backends import BackendError, Ids  # after importorskip
from rlm_lsp.model.checkpoint import CheckpointError, load
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.sampling import summary
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown
from tests.model.released_like import make_released


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_released(tmp_path_factory.mktemp("released") / "model")


@pytest.fixture(scope="module")
def predictor(folder: Path) -> Predictor:
    return Predictor.load(folder)


def program(text: str, language: str = "python", **changes: Any) -> ModelInput:
    return ModelInput(language, "program", "...", whole=text, **changes)


def one(predictor: Predictor, item: ModelInput, *objectives: str) -> Answer:
    (answer,) = predictor.predict_many([item], objectives or None)
    return answer


def predicted(answer: Answer) -> dict[str, Prediction]:
    assert not isinstance(answer, Unknown), answer
    return {prediction.objective: prediction for prediction in answer}


SUM = "n = int(input())\nprint(sum(range(n)))\n"
KERNEL = "import triton\n@triton.jit\ndef k(x): pass\n"


@pytest.mark.parametrize(
    ("item", "objectives"),
    [
        (program(SUM), ["peak_heap@apps", "memory@codenet"]),
        (program("int main() { std::cin >> n; }", "cpp"), ["memory@codenet"]),
        (program(KERNEL), ["latency@a6000"]),
        (program(KERNEL + SUM), ["peak_heap@apps", "memory@codenet", "latency@a6000"]),
        (ModelInput("onnx", "graph", "graph main_graph ( %input[FLOAT, 1x3x32x32] ) {"), ["accuracy@nas"]),
    ],
)
def test_what_an_input_is_answered_for(predictor: Predictor, item: ModelInput, objectives: list[str]) -> None:
    answer = predicted(one(predictor, item))
    assert list(answer) == objectives
    for prediction in answer.values():
        assert 0 <= prediction.p10 <= prediction.p50 <= prediction.p90
        assert (prediction.model, prediction.partial) == ("RLM-GemmaS-Code-v0", False)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (ModelInput("python", "function", "def f(): return input()"), "untrained-kind"),
        (program("def f():\n    return 1\n"), "untrained-kind"),
        (program("x = 1", "cuda"), "untrained-language"),
        (program("# input()\n" + "x = 1\n" * 200_000), "too-long"),
    ],
)
def test_what_is_not_answered(predictor: Predictor, item: ModelInput, code: str) -> None:
    answer = one(predictor, item)
    assert isinstance(answer, Unknown)
    assert answer.code == code


def test_objectives_may_be_chosen(predictor: Predictor) -> None:
    both = predicted(one(predictor, program(SUM)))
    assert predicted(one(predictor, program(SUM), "memory@codenet")) == {"memory@codenet": both["memory@codenet"]}
    none = one(predictor, program(SUM, "cpp"), "peak_heap@apps")
    assert isinstance(none, Unknown)
    assert none.code == "unknown-objective"


def test_long_programs_are_cut_from_the_right_to_what_was_trained(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Ids] = []
    backend: Any = predictor.backend()
    draws = backend.draws

    def spy(inputs: list[Ids]) -> Iterator[Any]:
        seen.extend(inputs)
        return iter(draws(inputs))

    monkeypatch.setattr(backend, "draws", spy)
    long = predicted(one(predictor, program(SUM + "x = 1\n" * 800), "memory@codenet"))
    longer = predicted(one(predictor, program(SUM + "x = 1\n" * 900), "memory@codenet"))
    assert [len(ids) for ids in seen] == [2048, 2048]
    assert long["memory@codenet"].partial
    assert long == longer


def test_numbers_are_the_texts_own_alone_and_in_company(folder: Path, predictor: Predictor) -> None:
    items = [program(SUM + f"{name} = 2\n" * (index % 5 + 1)) for index, name in enumerate("abcdefgh")]
    alone = [one(predictor, item) for item in items]
    assert list(predictor.predict_many(items)) == alone
    assert list(Predictor.load(folder, threads=2).predict_many(items[::-1])) == alone[::-1]
    assert len({str(answer) for answer in alone}) == len(items)


def test_what_is_shown_are_quantiles_of_the_draws_in_the_objectives_unit(folder: Path, predictor: Predictor) -> None:
    config, tokenizer = load(folder).config, load(folder).tokenizer
    item = program(SUM)
    backend: Any = predictor.backend()
    (draws,) = backend.draws([config.prompt.encoder_ids(item, tokenizer, "memory@codenet")])
    assert draws.shape == (64,)
    shown = predicted(one(predictor, item))["memory@codenet"]
    assert (shown.p10, shown.p50, shown.p90) == tuple(value * 1024.0 for value in summary(draws))
    assert shown.p50 == float(np.median(np.maximum(draws, 0.0))) * 1024.0


def test_what_does_not_fit_into_the_devices_memory_is_unknown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    predictor = Predictor.load(folder)
    monkeypatch.setattr(predictor.backend(), "draws", lambda inputs: iter([np.full(64, np.nan), np.ones(64), np.ones(64)]))
    large, small = predictor.predict_many([program("input()", "cpp"), program(SUM)])
    assert large == Unknown("too-long", "does not fit into the memory of the device")
    assert predicted(small)["peak_heap@apps"].p50 == 1.0


def test_the_device_is_told_of(folder: Path) -> None:
    lines: list[str] = []
    predictor = Predictor.load(folder, notice=lines.append)
    list(predictor.predict_many([program(SUM)]))
    assert predictor.precision.startswith("torch/")
    assert all("\n" not in line for line in lines)


def test_onnxruntime_cannot_run_it(folder: Path) -> None:
    with pytest.raises(CheckpointError, match="has no ONNX graphs"):
        Predictor.load(folder, "onnx")


def test_torch_that_is_missing_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_lsp.model.predictor.find_spec", lambda _: None)
    with pytest.raises(BackendError, match=r'RLM-GemmaS-Code-v0 needs torch: pip install "rlm-lsp\[gpu\]"'):
        Predictor.load(folder)


def test_a_back_end_that_cannot_draw_is_not_asked_to(folder: Path, tiny_checkpoint: Path) -> None:
    predictor = Predictor.load(folder)
    predictor._backend = Predictor.load(tiny_checkpoint).backend()
    with pytest.raises(BackendError, match="which onnx/fp32 does not"):
        one(predictor, program(SUM))


@pytest.mark.parametrize(
    ("part", "changes", "message"),
    [
        ("sampling", {"draws": 0}, "sampling needs 1 to 4,096 draws"),
        ("sampling", {"temperature": 0.0}, "a temperature above 0"),
        ("sampling", {"top_p": 1.5}, "a top_p up to 1"),
        ("objectives", {"pattern": "("}, "is no regular expression"),
        ("objectives", {"pattern": None}, "needs a pattern and what is lacking"),
        ("objectives", {"max_tokens": 0}, "max_tokens of peak_heap@apps must be positive"),
        ("", {"layout": "other"}, "layout must be one of rlm, regresslm"),
        ("", {"sampling": None}, "any other needs sampling"),
    ],
)
def test_configs_that_make_no_sense(folder: Path, part: str, changes: dict[str, Any], message: str) -> None:
    config = load(folder).config
    changed = config.objectives[0] if part == "objectives" else getattr(config, part) if part else config
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(changed, **changes)
