"""What a function calls is added to what it costs by itself, or read behind its own text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rlm_lsp.model.callees import Callees, total
from rlm_lsp.model.checkpoint import load
from rlm_lsp.model.config import ConfigError, parse_config
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.prompt import PromptSpec
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.types import Answer, ModelInput, Prediction, Unknown
from tests.model.tiny import make_tiny_checkpoint, tiny_config

F, G, H = "def f(x): return g(x) + h(x)", "def g(x): return x", "def h(x): return [x] * 3"


@pytest.fixture(scope="module")
def adding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("adding"), replace(tiny_config(), adds_callees=True))


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = replace(tiny_config(), prompt=PromptSpec(callee_tokens=40, canonical_names=True))
    return make_tiny_checkpoint(tmp_path_factory.mktemp("reading"), config)


def item(text: str, *callees: str, args: str | None = None) -> ModelInput:
    return ModelInput("python", "function", text, args, callees=callees)


def numbers(answer: Answer) -> list[tuple[float, float, float]]:
    assert not isinstance(answer, Unknown)
    return [(one.p10, one.p50, one.p90) for one in answer]


def test_quantiles_are_sums(adding: Path) -> None:
    predictor = Predictor.load(adding, threads=2)
    whole, f, g, h = predictor.predict_many([item(F, G, H), item(F), item(G), item(H)])
    expected = [tuple(map(sum, zip(*parts, strict=True))) for parts in zip(numbers(f), numbers(g), numbers(h), strict=True)]
    for found, wanted in zip(numbers(whole), expected, strict=True):
        assert found == pytest.approx(wanted, rel=1e-12)
    assert list(predictor.predict_many([item(F, G, H)])) == [whole]  # out of what is remembered
    assert list(Predictor.load(adding, threads=1).predict_many([item(F, G, H)])) == [whole]  # and alone


def test_a_checkpoint_that_does_not_add_ignores_callees(tiny_checkpoint: Path) -> None:
    whole, alone = Predictor.load(tiny_checkpoint).predict_many([item(F, G, H), item(F)])
    assert whole == alone


def test_a_function_is_asked_about_once_wherever_it_is_called() -> None:
    asked: list[ModelInput] = []

    def alone(inputs: Sequence[ModelInput], names: Sequence[str]) -> Iterator[Answer]:
        asked.extend(inputs)
        return ((Prediction("c", 1.0, 2.0, 3.0, "s", "m", "d"),) for _ in inputs)

    known = Callees()
    first = list(known.added([item(F, G, H), item(G), item(H, G)], ["c"], alone))
    assert [numbers(answer)[0] for answer in first] == [(3, 6, 9), (1, 2, 3), (2, 4, 6)]
    assert asked == [item(G), item(H), item(F)]
    list(known.added([item(F, G), item(F, args="x=int")], ["c"], alone))
    assert asked[3:] == [item(F, args="x=int")]


def test_answers_come_as_soon_as_they_are_there(adding: Path) -> None:
    def alone(inputs: Sequence[ModelInput], names: Sequence[str]) -> Iterator[Answer]:
        for one in inputs:
            if one.text == H:
                raise RuntimeError("the device is gone")
            yield (Prediction("c", 1.0, 2.0, 3.0, "s", "m", "d"),)

    answers = Callees().added([item(F, G), item(H)], ["c"], alone)
    assert numbers(next(answers)) == [(2, 4, 6)]
    with pytest.raises(RuntimeError, match="gone"):
        next(answers)


def test_what_is_not_answered_adds_nothing_and_stays_unknown() -> None:
    unknown = Unknown("too-long", "longer than 3 tokens")
    known = (Prediction("c", 1.0, 2.0, 3.0, "s", "m", "d", partial=True),)
    assert total(known, [unknown, known]) == (replace(known[0], p10=2.0, p50=4.0, p90=6.0),)
    assert total(unknown, [known]) == unknown


def test_the_key_of_an_input_names_its_callees(adding: Path) -> None:
    predictor = Predictor(load(adding), None, 1)
    assert len({predictor.input_key(one) for one in (item(F), item(F, G), item(F, G, H))}) == 3


def test_the_functions_of_a_file_are_predicted_with_what_they_call(adding: Path, tiny_checkpoint: Path) -> None:
    source = f"{F}\n\n\n{G}\n\n\n{H}\n".encode()
    parts = {one.text: one for one in (item(F, G, H), item(G), item(H))}
    for folder in (adding, tiny_checkpoint):
        wanted = dict(zip(parts, Predictor.load(folder).predict_many(list(parts.values())), strict=True))
        with Engine(identify(folder), None, print) as engine:
            result = engine.check_text(source, "python")
        for row, text in zip([row for row in result.functions if row.kind == "function"], (F, G, H), strict=True):
            assert numbers(wanted[text]) == [pytest.approx(tuple(found)) for found in row.values.quantiles or ()]


def test_numbers_are_kept_with_what_was_added_alone_where_something_is(adding: Path, tiny_checkpoint: Path) -> None:
    adds, does_not = identify(adding), identify(tiny_checkpoint)
    assert len({adds.key(one) for one in (item(F), item(F, G), item(F, G, H), item(F, H))}) == 4
    assert does_not.key(item(F, G)) == does_not.key(item(F))


def test_what_is_called_stands_behind_the_functions_own_text(reading: Path) -> None:
    checkpoint = load(reading)
    tokenizer, prompt = checkpoint.tokenizer, checkpoint.config.prompt
    ids = prompt.callee_ids(item(F, G, H), tokenizer)
    assert ids == tokenizer.encode("\ndef g(a): return a") + tokenizer.encode("\ndef h(a): return [a] * 3"), "each with names of its own"
    assert prompt.callee_ids(item(F), tokenizer) == []
    assert PromptSpec().callee_ids(item(F, G), tokenizer) == []


def test_short_callees_are_read_whole_and_long_ones_share_what_is_left(reading: Path) -> None:
    checkpoint = load(reading)
    tokenizer, prompt = checkpoint.tokenizer, checkpoint.config.prompt
    long = "def g(x):\n" + " x += 1\n" * 100
    ids = prompt.callee_ids(item(F, long, G, long.replace("g", "k")), tokenizer)
    short = tokenizer.encode("\ndef g(a): return a")
    share = (prompt.callee_tokens - len(short)) // 2
    assert share > 0
    assert ids[share : share + len(short)] == short
    assert prompt.callee_tokens - 1 <= len(ids) <= prompt.callee_tokens


def test_a_checkpoint_that_reads_callees_answers_for_the_text_with_them(reading: Path) -> None:
    predictor = Predictor.load(reading, threads=2)
    with_both, with_one, alone = predictor.predict_many([item(F, G, H), item(F, G), item(F)])
    assert len({str(numbers(answer)) for answer in (with_both, with_one, alone)}) == 3
    by_torch = next(Predictor.load(reading, backend="torch").predict_many([item(F, G)]))
    assert np.array(numbers(by_torch)) == pytest.approx(np.array(numbers(with_one)), rel=0.011), "one leaf apart at most"
    assert len({predictor.input_key(one) for one in (item(F), item(F, G), item(F, G, H))}) == 3
    model = identify(reading)
    assert len({model.key(one) for one in (item(F), item(F, G), item(F, G, H))}) == 3


def test_a_function_longer_than_is_read_is_cut_before_what_it_calls(reading: Path) -> None:
    predictor = Predictor.load(reading)
    long = "def f(x):\n" + " g(x)\n" * 40
    with_callee, longer, alone = predictor.predict_many([item(long, G), item(long + " h(x)\n", G), item(long)])
    assert not isinstance(with_callee, Unknown)
    assert all(one.partial for one in with_callee)
    assert numbers(with_callee) == numbers(longer), "what is cut off says nothing"
    assert numbers(with_callee) != numbers(alone), "what is called does"


@pytest.mark.parametrize("count", [-1, 5000])
def test_a_config_that_asks_for_too_many_tokens_is_refused(reading: Path, count: int) -> None:
    text = (reading / "config.json").read_text("utf-8")
    with pytest.raises(ConfigError, match="callee_tokens must be 0 to 1024"):
        parse_config(text.replace('"callee_tokens": 40', f'"callee_tokens": {count}'))
