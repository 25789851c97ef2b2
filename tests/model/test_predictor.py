"""The predictor: rules, independence of the company, keys, and both back ends against each other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.model.checkpoint import CheckpointError, default_checkpoint, load
from rlm_lsp.model.config import ConfigError, Limits, ModelConfig, ObjectiveConfig, TrainingRange
from rlm_lsp.model.data.rename import renamed
from rlm_lsp.model.decode import quantile_walk
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown
from tests.model.tiny import make_tiny_checkpoint, tiny_config


@pytest.fixture(scope="module")
def predictor(tiny_checkpoint: Path) -> Predictor:
    return Predictor.load(tiny_checkpoint, threads=2)


def function(text: str, **changes: Any) -> ModelInput:
    return ModelInput(**{"language": "python", "kind": "function", "text": text, **changes})


def one(predictor: Predictor, item: ModelInput) -> Answer:
    (answer,) = predictor.predict_many([item])
    return answer


def predicted(answer: Answer) -> tuple[Prediction, ...]:
    assert not isinstance(answer, Unknown), answer
    return answer


def corpus(count: int) -> list[ModelInput]:
    """Functions of many lengths, in a disorder of lengths."""
    return [function("def f(xs):\n" + " s = xs[1]\n" * (index * 7 % 12) + f" return {index}") for index in range(count)]


def test_a_prediction_says_all_it_must(predictor: Predictor) -> None:
    latency, heap = predicted(one(predictor, function("def f(x):\n return x")))
    assert (latency.objective, latency.unit, heap.objective, heap.unit) == ("latency@cpu", "s", "peak_heap@cpu", "B")
    assert (latency.model, latency.device, latency.partial) == ("tiny-test", "no machine at all", False)


def test_quantiles_ascend_and_have_three_digits(predictor: Predictor) -> None:
    spread = 0
    for answer in predictor.predict_many(corpus(24)):
        for prediction in predicted(answer):
            values = (prediction.p10, prediction.p50, prediction.p90)
            assert values == tuple(sorted(values))
            assert all(float(f"{value:.2e}") == value for value in values)
            spread += len(set(values)) == 3
    assert spread > 24


def test_inputs_matter(predictor: Predictor) -> None:
    texts = ["def f(x):\n return x", "def f(x):\n return x+1", "def f(y):\n return y"]
    items = [
        *map(function, texts),
        function(texts[0], args="x=int"),
        function(texts[0], header="judge=leetcode"),
        function(texts[0], kind="program"),
    ]
    assert len({str(answer) for answer in predictor.predict_many(items)}) == len(items)


def test_same_numbers_alone_in_a_batch_and_with_any_number_of_threads(predictor: Predictor, tiny_checkpoint: Path) -> None:
    items = corpus(64)
    together = list(predictor.predict_many(items))
    assert [one(predictor, item) for item in items] == together
    assert list(predictor.predict_many(items[::-1])) == together[::-1]
    for threads in (1, 4):
        assert list(Predictor.load(tiny_checkpoint, threads=threads).predict_many(items)) == together


def test_objectives_are_selected_after_all_were_computed(predictor: Predictor) -> None:
    item = function("def f(x):\n return x")
    latency, heap = predicted(one(predictor, item))
    assert list(predictor.predict_many([item], ["peak_heap@cpu", "latency@cpu"])) == [(heap, latency)]
    assert list(predictor.predict_many([item], ["latency@cpu"])) == [(latency,)]
    (unknown, _) = predictor.predict_many([item, item], ["latency@cpu", "latency@moon"])
    assert unknown == Unknown("unknown-objective", "this model does not predict latency@moon")


@pytest.mark.parametrize(
    ("item", "code", "reason"),
    [
        (function("x", language="cobol"), "untrained-language", "cobol"),
        (function("x", kind="kernel"), "untrained-kind", "python kernel"),
        (function("x = 1\n" * 2000), "too-long", "longer than 500 tokens"),
        (function("x" * 5_000_000), "too-long", "longer than 500 tokens"),
        (function("0" * 450), "out-of-range", "3 to 400"),
        (function("", header=""), "out-of-range", "1 tokens"),
    ],
)
def test_what_is_not_known_has_a_reason_and_does_not_touch_its_neighbours(
    predictor: Predictor, item: ModelInput, code: str, reason: str
) -> None:
    neighbour = function("def f(x):\n return x")
    before, answer, after = predictor.predict_many([neighbour, item, neighbour])
    assert before == after == one(predictor, neighbour)
    assert isinstance(answer, Unknown)
    assert answer.code == code
    assert reason in answer.reason
    assert "\n" not in answer.reason


def test_long_input_is_cut_and_marked(predictor: Predictor) -> None:
    whole, cut, other_tail = (predicted(one(predictor, function("0" * count + tail))) for count, tail in ((10, ""), (300, ""), (300, "99")))
    assert not whole[0].partial
    assert cut[0].partial
    assert cut == other_tail


def test_odd_text_is_answered(predictor: Predictor) -> None:
    for text in ("", "\0", "\ud800", "é" * 30, "<pad>", "\r\n\u2028"):
        assert len(predicted(one(predictor, function(text)))) == 2, repr(text)  # both objectives


def test_no_inputs(predictor: Predictor) -> None:
    assert list(predictor.predict_many([])) == []


def test_listening_may_stop(predictor: Predictor) -> None:
    answers = predictor.predict_many(corpus(64))
    assert isinstance(answers, Iterator)
    next(answers)
    del answers
    predicted(one(predictor, function("def f(): pass")))


def test_keys_change_with_whatever_changes_the_answer(predictor: Predictor, tmp_path: Path) -> None:
    item = function("def f(x):\n return x")
    variants = [
        item,
        replace(item, text="def f(x):\n return y"),
        replace(item, args="x=int"),
        replace(item, header="python"),
        replace(item, kind="program"),
        replace(item, text="\ud800"),
    ]
    keys = [predictor.input_key(variant) for variant in variants]
    other = Predictor.load(make_tiny_checkpoint(tmp_path / "other", seed=1))
    assert len({*keys, other.input_key(item)}) == len(variants) + 1
    assert all(len(key) == 64 for key in keys)
    assert predictor.input_key(item) == keys[0]


def test_keys_and_checks_need_neither_network_nor_torch(tiny_checkpoint: Path) -> None:
    program = f"""
import sys
from rlm_lsp.model.checkpoint import load
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.predict.types import ModelInput
item = ModelInput("python", "function", "def f(): pass")
key = Predictor(load({str(tiny_checkpoint)!r}), "onnx", 1).input_key(item)
assert not {{"onnxruntime", "torch"}} & set(sys.modules)
predictor = Predictor.load({str(tiny_checkpoint)!r})
assert predictor.input_key(item) == key
assert len(list(predictor.predict_many([item]))) == 1
assert not {{"torch", "onnx", "safetensors", "transformers"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_info(predictor: Predictor) -> None:
    info = predictor.info()
    assert info["id"] == "tiny-test"
    assert info["backend"] == "onnx/fp32"
    assert info["trained"][0] == {"language": "python", "kind": "function"}


def test_quantile_levels_of_the_config_are_used(tmp_path: Path, predictor: Predictor) -> None:
    plain = replace(tiny_config(), quantile_levels={})
    item = corpus(6)[5]
    wide, narrow = (predicted(one(p, item)) for p in (predictor, Predictor.load(make_tiny_checkpoint(tmp_path / "plain", plain))))
    assert wide[0] == narrow[0]
    assert wide[1].p10 <= narrow[1].p10 <= narrow[1].p50 == wide[1].p50 <= narrow[1].p90 <= wide[1].p90
    assert wide[1] != narrow[1]


def test_values_are_scaled_to_the_unit(tmp_path: Path, predictor: Predictor) -> None:
    objectives = (ObjectiveConfig("latency@cpu", "s", scale=1e-3), tiny_config().objectives[1])
    scaled = Predictor.load(make_tiny_checkpoint(tmp_path / "scaled", replace(tiny_config(), objectives=objectives)))
    item = corpus(4)[3]
    assert predicted(one(scaled, item))[0].p50 == predicted(one(predictor, item))[0].p50 * 1e-3


def test_a_codec_without_order_has_to_be_sampled() -> None:
    with pytest.raises(ConfigError, match="any other needs sampling"):
        replace(tiny_config(), codec=NumberCodec(exponent_digits=1, normalised=False))


def test_a_graph_that_onnxruntime_refuses_is_named(tmp_path: Path) -> None:
    from tests.model.test_checkpoint import reseal

    folder = make_tiny_checkpoint(tmp_path / "model")
    (folder / "encoder.onnx").write_bytes(b"not a graph")
    reseal(folder)
    with pytest.raises(CheckpointError, match=r"encoder\.onnx: onnxruntime cannot load it") as error:
        Predictor.load(folder)
    assert "\n" not in str(error.value)


# The two back ends against each other, on the tiny checkpoint and on the shipped one


@pytest.fixture(params=["tiny", "shipped"])
def any_checkpoint(request: pytest.FixtureRequest, tiny_checkpoint: Path) -> Path:
    if request.param == "tiny":
        return tiny_checkpoint
    if not (default_checkpoint() / "manifest.json").exists():
        pytest.skip("no checkpoint is shipped yet")
    return default_checkpoint()


def leaf(codec: NumberCodec, value: float) -> int:
    """A number that grows by one from each leaf of an unsigned codec to the next."""
    _, sign, *digits = (token - 3 for token in codec.encode(value))
    exponent = int("".join(map(str, digits[: codec.exponent_digits]))) * (-1 if sign == -1 else 1)
    mantissa = int("".join(map(str, digits[codec.exponent_digits :])))
    one = 10 ** (codec.mantissa_digits - 1)
    return -1 if mantissa == 0 else (exponent + codec.max_exponent) * 9 * one + mantissa - one


def encoder_inputs(config: ModelConfig, folder: Path) -> list[list[int]]:
    tokenizer = load(folder).tokenizer
    return [tokenizer.encode(config.prompt.encoder_text(item))[: config.limits.whole] for item in corpus(16)]


def test_what_locals_are_called_moves_no_number_of_the_shipped_model() -> None:
    predictor = Predictor.load(default_checkpoint(), threads=2)
    chunks = [chunk for path in sorted(Path("examples").glob("*.py")) for chunk in chunk_source(path.read_bytes(), "python").chunks]
    pairs = [(chunk.text, renamed(chunk.text, None, Random(1))) for chunk in chunks if chunk.text.startswith("def ")]
    changed = [(text, found[0]) for text, found in pairs if found is not None and found[0] != text]
    assert len(changed) > 10
    before, after = ([predicted(a) for a in predictor.predict_many([function(pair[side]) for pair in changed])] for side in (0, 1))
    assert before == after


def test_back_ends_agree(any_checkpoint: Path) -> None:
    pytest.importorskip("torch", reason="the torch back end is the `gpu` extra's")
    onnx, torch = (Predictor.load(any_checkpoint, name).backend() for name in ("onnx", "torch"))
    if "bf16" in torch.precision:
        pytest.skip("agreement to 1e-4 is that of float32")
    config = load(any_checkpoint).config
    inputs = encoder_inputs(config, any_checkpoint)
    tokens = np.array([[*config.prompt.decoder_prefix(config.codec, index), 1, 2, 4] for index in range(len(config.objectives))])
    for ids in inputs:
        steps = [backend.start(ids, len(tokens)) for backend in (onnx, torch)]
        for piece in (tokens[:, :3], tokens[:, 3:4], tokens[:, 4:]):
            ours, theirs = (step(piece) for step in steps)
            assert np.abs(ours - theirs).max() < 1e-4
    for ours, theirs in zip(onnx.quantiles(inputs), torch.quantiles(inputs), strict=True):
        assert ours.shape == (len(config.objectives), 3)
        for a, b in zip(ours.flat, theirs.flat, strict=True):
            assert abs(leaf(config.codec, a) - leaf(config.codec, b)) <= 1


def test_torch_answers_through_the_predictor(tiny_checkpoint: Path, predictor: Predictor) -> None:
    pytest.importorskip("torch", reason="the torch back end is the `gpu` extra's")
    torch = Predictor.load(tiny_checkpoint, "torch")
    items = [*corpus(20), function("x", language="cobol")]
    for ours, theirs in zip(predictor.predict_many(items), torch.predict_many(items), strict=True):
        assert isinstance(ours, Unknown) == isinstance(theirs, Unknown)
    assert torch.input_key(items[0]) != predictor.input_key(items[0])
    assert torch.precision.startswith("torch/")


def test_predictor_is_the_walk_over_its_back_end(predictor: Predictor, tiny_checkpoint: Path) -> None:
    checkpoint = load(tiny_checkpoint)
    item = corpus(3)[2]
    ids = checkpoint.tokenizer.encode(checkpoint.config.prompt.encoder_text(item))
    codec = checkpoint.config.codec
    levels = [0.1, 0.5, 0.9]
    rows = np.array([checkpoint.config.prompt.decoder_prefix(codec, 0)] * 3)
    values = quantile_walk(codec, rows, levels, predictor.backend().start(ids, 3)).tolist()
    latency = predicted(one(predictor, item))[0]
    assert [latency.p10, latency.p50, latency.p90] == pytest.approx(values)


def test_defaults_are_the_contract() -> None:
    assert (Limits().whole, Limits().cut) == (1024, 4096)
    assert TrainingRange().max_tokens == 4096
