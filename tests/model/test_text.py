"""Encoder text, decoder tokens and the text tokenizer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.prompt import PromptSpec, magnitude
from rlm_lsp.model.tokenizer import TextTokenizer, TokenizerError, train_tokenizer
from rlm_lsp.predict.types import ModelInput
from tests.model.tiny import CORPUS


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return train_tokenizer(CORPUS, 400)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (ModelInput("python", "function", "def f(): pass"), "python function\ndef f(): pass"),
        (ModelInput("cpp", "program", "int x;", args="n=int"), "cpp program\nargs: n=int\nint x;"),
        (ModelInput("cpp", "program", "int x;", header="judge=leetcode"), "judge=leetcode\nint x;"),
        (ModelInput("go", "function", "f", args="a=list[3],\n  b=int "), "go function\nargs: a=list[3], b=int\nf"),
        (ModelInput("go", "function", "f", args=""), "go function\nargs: \nf"),
    ],
)
def test_encoder_text(item: ModelInput, expected: str) -> None:
    assert PromptSpec().encoder_text(item) == expected


def test_an_objective_may_have_its_own_header() -> None:
    prompt = PromptSpec(objective_tokens=False, objective_headers={"peak_heap@cpu": "APPS"})
    item = ModelInput("python", "program", "x = 1")
    assert prompt.encoder_text(item, "peak_heap@cpu") == "APPS\nx = 1"
    assert prompt.encoder_text(item) == "python program\nx = 1"
    assert prompt.decoder_prefix(NumberCodec(), 0) == [0]
    assert PromptSpec().decoder_prefix(NumberCodec(), 1) == [0, 14]


@pytest.mark.parametrize("settings", [{"header": "{nothing}"}, {"header": "{"}, {"args": "{}"}, {"objective_headers": {"x": "{kind.x}"}}])
def test_templates_with_unknown_fields_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a header may name"):
        PromptSpec(**settings)


def test_training_the_tokenizer_is_deterministic(tokenizer: TextTokenizer) -> None:
    assert train_tokenizer(CORPUS, 400).to_json() == tokenizer.to_json()


def test_line_breaks_take_their_indentation_along(tokenizer: TextTokenizer) -> None:
    pieces = [tokenizer.decode([token]) for token in tokenizer.encode(CORPUS[0])]
    assert "\n  " in pieces
    assert " xs" in pieces


def test_digits_stand_alone(tokenizer: TextTokenizer) -> None:
    pieces = [tokenizer.decode([token]) for token in tokenizer.encode("args: xs=list[1000]")]
    assert pieces[-5:] == ["1", "0", "0", "0", "]"]


def test_source_text_cannot_spell_padding(tokenizer: TextTokenizer) -> None:
    ids = tokenizer.encode("a<pad>b")
    assert 0 not in ids
    assert tokenizer.decode(ids) == "a<pad>b"


def test_longest_token_bounds_the_length_from_below(tokenizer: TextTokenizer) -> None:
    for text in CORPUS:
        assert len(tokenizer.encode(text)) >= len(text.encode()) / tokenizer.longest_token


@given(st.text())
def test_lossless_on_any_text(tokenizer: TextTokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.encode_many([text, text]) == [tokenizer.encode(text)] * 2


def test_lone_surrogates_are_read_as_question_marks(tokenizer: TextTokenizer) -> None:
    assert tokenizer.encode("a\ud800b") == tokenizer.encode("a?b")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[1, 2"])
def test_broken_tokenizer_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(TokenizerError):
        TextTokenizer.load(path)


def test_file_holds_no_added_tokens(tokenizer: TextTokenizer) -> None:
    content = json.loads(tokenizer.to_json())
    assert content["added_tokens"] == []
    assert content["model"]["vocab"]["<pad>"] == 0


@pytest.mark.parametrize(
    ("size", "level"),
    [("0", 0), ("1", 2), ("3", 4), ("1000", 20), ("1e3", 20), ("1000000", 40), ("1e6", 40), ("1e4000", 63), ("9" * 5000, 63)],
)
def test_magnitude_of_a_size(size: str, level: int) -> None:
    assert magnitude(size, 64) == level


def test_sizes_are_read_as_magnitudes_and_everything_else_as_text() -> None:
    tokenizer = train_tokenizer(["python function\nargs: xs=list[1000], m=ndarray[3x4,<f8]\ndef f(xs): return xs[10]"] * 3, 300)
    prompt = PromptSpec(magnitudes=64)
    item = ModelInput("python", "function", "def f(xs, m): return xs[10]", "xs=list[1000,list[3,int]], m=ndarray[3x1e6,<f8], k=int")
    ids = prompt.encoder_ids(item, tokenizer)
    first = tokenizer.vocab_size
    assert [token - first for token in ids if token >= first] == [magnitude(size, 64) for size in ("1000", "3", "3", "1e6")]
    spelled = "".join(f"<{token - first}>" if token >= first else tokenizer.decode([token]) for token in ids)
    assert spelled == ("python function\nargs: xs=list[<20>,list[<4>,int]], m=ndarray[<4>x<40>,<f8], k=int\ndef f(xs, m): return xs[10]")
    without = replace(item, args=None)
    assert prompt.encoder_ids(without, tokenizer) == tokenizer.encode(prompt.encoder_text(without))
    assert PromptSpec().encoder_ids(item, tokenizer) == tokenizer.encode(prompt.encoder_text(item))


def test_of_an_array_the_elements_are_told_first_where_the_prompt_says_so(tokenizer: TextTokenizer) -> None:
    item = ModelInput("python", "function", "def f(a): pass\n", "a=ndarray[3x4,<f8], b=list[12]")
    told = PromptSpec(magnitudes=64, elements=True).encoder_ids(item, tokenizer)
    spelled = PromptSpec(magnitudes=64).encoder_ids(replace(item, args="a=ndarray[12][3x4,<f8], b=list[12]"), tokenizer)
    assert told == spelled
    assert told.count(tokenizer.vocab_size + magnitude("12", 64)) == 2


def test_names_of_a_functions_own_are_read_as_letters_and_keys_keep_them(tokenizer: TextTokenizer) -> None:
    item = ModelInput("python", "function", "def total(xs):\n return sum(xs)", "xs=list[10]")
    renamed = ModelInput("python", "function", "def total(values):\n return sum(values)", "values=list[10]")
    for prompt in (PromptSpec(canonical_names=True), PromptSpec(canonical_names=True, magnitudes=64)):
        ids = prompt.encoder_ids(item, tokenizer)
        assert ids == prompt.encoder_ids(renamed, tokenizer)
        assert ids == replace(prompt, canonical_names=False).encoder_ids(
            replace(item, text="def total(a):\n return sum(a)", args="a=list[10]"), tokenizer
        )
        assert prompt.encoder_text(item) != prompt.encoder_text(renamed)  # what is kept and shown is what was written
    module = replace(item, kind="program")
    assert PromptSpec(canonical_names=True).encoder_ids(module, tokenizer) == PromptSpec().encoder_ids(module, tokenizer)


@pytest.mark.parametrize(("size", "level"), [("0", 0), ("1", 6), ("3", 12), ("1000", 60), ("1e3", 60), ("4089184256", 192)])
def test_finer_magnitudes_are_sixths_of_a_power_of_two(size: str, level: int) -> None:
    assert magnitude(size, 256, steps=6) == level
