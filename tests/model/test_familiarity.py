"""Code unlike that of the training gets no number: what is fitted, stored, refused, and said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from rlm_lsp.model import checkpoint
from rlm_lsp.model.aliens import made_of, made_up, other_languages
from rlm_lsp.model.checkpoint import FAMILIARITY, CheckpointError, load
from rlm_lsp.model.data.examples import LATENCY, Example, write
from rlm_lsp.model.familiarity import REASONS, Familiarity, FamiliarityError, parse
from rlm_lsp.model.familiarity_fit import FALSE_ALARMS, Code, fit, widened
from rlm_lsp.model.familiarity_report import precision, render, report
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.safetensors_file import write_tensors
from rlm_lsp.model.tokenizer import TextTokenizer
from rlm_lsp.predict.types import ModelInput, Unknown
from tests.model.tiny import make_tiny_checkpoint, tiny_config

torch = pytest.importorskip("torch", reason="checkpoints are written with the extra `train`")
pytest.importorskip("onnx", reason="checkpoints are written with the extra `train`")

MODEL = Path(checkpoint.__file__).parent
NAMES = ("total", "xs", "first", "line", "k", "s", "sorted", "print")
LINES = ("for {} in {}:\n  {} += {}", "{} = {}[1]", "{} = {}({})", "if {} == {}:\n  return {}", "{}.append({})", "{} = [{} for {} in {}]")


def function(rng: Random) -> str:
    body = "\n ".join(_filled(rng.choice(LINES), rng) for _ in range(rng.randint(2, 12)))
    return f"def {rng.choice(NAMES)}({rng.choice(NAMES)}):\n {body}\n return {rng.choice(NAMES)}"


def _filled(line: str, rng: Random) -> str:
    return line.format(*(rng.choice(NAMES) for _ in range(line.count("{}"))))


def functions(count: int, seed: int) -> list[str]:
    rng = Random(seed)
    return [function(rng) for _ in range(count)]


ALIENS = ["def table():\n return [" + ", ".join(map(str, range(at, at + 40))) + "]" for at in (100, 5000, 77)]


def coded(texts: list[str], tokenizer: TextTokenizer) -> Code:
    return Code([tokenizer.encode(text) for text in texts], [f"package{i % 6}" for i in range(len(texts))])


@pytest.fixture(scope="module")
def tokenizer(tiny_checkpoint: Path) -> TextTokenizer:
    return load(tiny_checkpoint).tokenizer


@pytest.fixture(scope="module")
def fitted(tokenizer: TextTokenizer) -> Familiarity:
    measured, others, validation = (coded(functions(count, seed), tokenizer) for count, seed in ((800, 1), (200, 2), (400, 3)))
    found = fit(measured, others, validation, tokenizer)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path, fitted: Familiarity) -> Path:
    found = tmp_path_factory.mktemp("familiar") / "model"
    shutil.copytree(tiny_checkpoint, found)
    write_tensors(found / FAMILIARITY, fitted.tensors())
    checkpoint.write_manifest(found, (*checkpoint.FILES, FAMILIARITY))
    return found


def share(fitted: Familiarity, texts: list[str], tokenizer: TextTokenizer) -> float:
    return float(np.mean([fitted.unfamiliar(tokenizer.encode(text)) is not None for text in texts]))


def item(text: str, args: str | None = None) -> ModelInput:
    return ModelInput("python", "function", text, args)


def test_the_limit_is_the_validation_splits(fitted: Familiarity, tokenizer: TextTokenizer) -> None:
    assert share(fitted, functions(400, 3), tokenizer) == pytest.approx(FALSE_ALARMS, abs=0.01)
    assert share(fitted, functions(400, 4), tokenizer) < 0.06
    assert share(fitted, ALIENS, tokenizer) == 1
    changed = made_of(functions(40, 5), seed=0)
    assert share(fitted, changed["tokens in random order"], tokenizer) > 0.85
    assert share(fitted, made_up(5, seed=0)["encoded data in a string"], tokenizer) == 1


def test_nothing_is_fitted_on_little(tokenizer: TextTokenizer) -> None:
    few, many, none = coded(functions(20, 1), tokenizer), coded(functions(400, 1), tokenizer), Code([], [])
    assert fit(few, none, many, tokenizer) is None
    assert fit(many, none, few, tokenizer) is None
    assert fit(none, none, none, tokenizer) is None


def test_what_was_fitted_is_read_back(fitted: Familiarity, tokenizer: TextTokenizer) -> None:
    again = parse(fitted.tensors(), tokenizer.vocab_size)
    for text in [*functions(30, 6), *ALIENS]:
        ids = tokenizer.encode(text)
        assert again.scores(ids) == pytest.approx(fitted.scores(ids), rel=0.01)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("pairs", lambda _: None, "missing tensor pairs"),
        ("weights", lambda _: np.zeros(1), "unexpected tensor weights"),
        ("kinds", lambda tensor: tensor[:-1], "tensor kinds has shape"),
        ("kinds", lambda tensor: tensor + 1000, "out of range"),
        ("line_breaks", lambda tensor: tensor - 10_000, "out of range"),
        ("tokens", lambda tensor: tensor * np.nan, "not finite"),
        ("limits", lambda tensor: tensor * 0, "above 0"),
        ("usual", lambda tensor: tensor[::-1], "ascending"),
        ("usual", lambda tensor: tensor[:0], "ascending"),
    ],
)
def test_a_description_that_lies_is_refused(
    fitted: Familiarity, tokenizer: TextTokenizer, name: str, change: Callable[[Any], Any], problem: str
) -> None:
    tensors = fitted.tensors()
    changed = change(tensors.get(name))
    tensors = {key: value for key, value in {**tensors, name: changed}.items() if value is not None}
    with pytest.raises(FamiliarityError, match=problem):
        parse(tensors, tokenizer.vocab_size)


def test_an_unfamiliar_function_gets_a_reason_and_no_number(folder: Path, tiny_checkpoint: Path) -> None:
    known = functions(20, 7)
    items = [item(known[0]), *map(item, ALIENS), item(known[1], "xs=list[10]")]
    answers = list(Predictor.load(folder).predict_many(items))
    assert [isinstance(answer, Unknown) for answer in answers] == [False, True, True, True, False]
    refused = answers[1]
    assert isinstance(refused, Unknown)
    assert refused.code == "out-of-range"
    assert refused.reason in REASONS
    plain = list(Predictor.load(tiny_checkpoint).predict_many(items))
    assert not any(isinstance(answer, Unknown) for answer in plain)  # a checkpoint without the file flags nothing
    assert list(Predictor.load(folder, answer_unfamiliar=True).predict_many(items)) == plain
    assert [answers[0], answers[4]] == [plain[0], plain[4]]


def test_the_decision_is_the_same_alone_in_a_batch_with_arguments_and_with_torch(folder: Path) -> None:
    predictor, other = Predictor.load(folder, threads=2), Predictor.load(folder, "torch")
    texts = [*functions(30, 8), *ALIENS, *made_of(functions(20, 9), seed=0)["words in random order, on one line"]]

    def refused(answers: object) -> list[bool]:
        return [isinstance(answer, Unknown) for answer in answers]  # type: ignore[attr-defined]  # an iterator of answers

    together = refused(predictor.predict_many(list(map(item, texts))))
    assert True in together
    assert False in together
    assert refused(next(predictor.predict_many([item(text)])) for text in texts) == together
    assert refused(predictor.predict_many([item(text, "xs=list[1000], k=int") for text in texts])) == together
    assert refused(other.predict_many(list(map(item, texts)))) == together


def test_code_is_what_follows_the_lines_above_it(fitted: Familiarity, tokenizer: TextTokenizer) -> None:
    text = functions(1, 10)[0]
    ids = tokenizer.encode(text)
    for lines in ("python function", "python function\nargs: xs=list[10]"):
        found = fitted.code_of(tokenizer.encode(f"{lines}\n{text}"), lines.count("\n") + 1)
        assert list(found) == ids
    assert list(fitted.code_of(tokenizer.encode("python function"), 1)) == []
    assert fitted.unfamiliar([]) is None
    assert fitted.unfamiliar(ids[:1]) is None


def test_the_file_is_part_of_what_keys_the_cache_and_is_checked(folder: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    one = item(ALIENS[0])
    assert Predictor(load(folder), "onnx", 1).input_key(one) != Predictor(load(tiny_checkpoint), "onnx", 1).input_key(one)
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    with (copy / FAMILIARITY).open("ab") as file:
        file.write(b" ")
    with pytest.raises(CheckpointError, match=r"familiarity\.safetensors: is damaged or was changed"):
        load(copy)
    checkpoint.write_manifest(copy, (*checkpoint.FILES, FAMILIARITY))  # well-formed for the manifest, not for us
    with pytest.raises(CheckpointError, match=r"familiarity\.safetensors: 1 bytes after the last tensor"):
        Predictor.load(copy)


def test_a_file_that_the_manifest_does_not_list_is_not_read(tiny_checkpoint: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_checkpoint, tmp_path / "model")
    (tmp_path / "model" / FAMILIARITY).write_bytes(b"anything")
    assert load(tmp_path / "model").familiarity() is None


def test_saving_writes_it(tmp_path: Path, fitted: Familiarity, tokenizer: TextTokenizer) -> None:
    from rlm_lsp.model.network import RLM

    config = tiny_config()
    checkpoint.save(tmp_path / "model", RLM(config.architecture), config, tokenizer, "# card\n", familiarity=fitted)
    assert FAMILIARITY in json.loads((tmp_path / "model" / "manifest.json").read_text())["files"]
    assert load(tmp_path / "model").familiarity() is not None
    assert (tmp_path / "model" / FAMILIARITY).stat().st_size < 200_000
    make_tiny_checkpoint(tmp_path / "model")
    assert not (tmp_path / "model" / FAMILIARITY).exists()


def test_tuning_widens_it_for_the_users_code(fitted: Familiarity, tokenizer: TextTokenizer) -> None:
    codes = [tokenizer.encode(text) for text in ALIENS * 30]
    wider = widened(fitted, codes)
    assert (wider.limits >= fitted.limits).all()
    assert not any(wider.unfamiliar(code) for code in codes)
    usual = [tokenizer.encode(text) for text in functions(100, 11)]
    close = replace(fitted, limits=fitted.limits * 10)
    assert (widened(close, usual).limits == close.limits).all()  # never narrower


def test_a_tuned_checkpoint_has_its_bases_idea_widened(folder: Path, tiny_checkpoint: Path) -> None:
    from rlm_lsp.model.tune import _familiar

    rows = [Example(str(i), "tune", "", "selection", text, {}) for i, text in enumerate(ALIENS * 30)]
    base, tuned = load(folder).familiarity(), _familiar(load(folder), rows)
    assert base is not None
    assert tuned is not None
    ids = load(folder).tokenizer.encode(ALIENS[0])
    assert base.unfamiliar(ids) is not None
    assert tuned.unfamiliar(ids) is None
    assert _familiar(load(tiny_checkpoint), rows) is None


def test_aliens_are_the_same_each_time() -> None:
    texts = functions(5, 12)
    assert made_of(texts, 3) == made_of(texts, 3)
    assert made_up(4, 3) == made_up(4, 3) != made_up(4, 4)
    assert all(len(kind) == 4 for kind in made_up(4, 3).values())
    assert other_languages(Path("/nowhere"), 3) == {}


def test_precision_is_that_of_one_unfamiliar_input_in_twenty() -> None:
    assert precision(1.0, 0.0) == 1
    assert precision(1.0, 1.0) == 0.05
    assert precision(0.5, 0.01) == pytest.approx(0.025 / (0.025 + 0.0095), abs=1e-4)
    assert precision(0.0, 0.0) is None


def test_the_page_shows_what_the_json_holds_of_the_shipped_model() -> None:
    found = json.loads((MODEL / "familiarity.json").read_text("utf-8"))
    assert render(found) == (MODEL / "FAMILIARITY.md").read_text("utf-8")
    assert found["split"] == "test"
    assert found["model"] == load(checkpoint.default_checkpoint()).config.id
    assert found["false_alarms"]["flagged"] < 0.02


def test_a_report_needs_a_checkpoint_that_says_what_is_familiar(tiny_checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="does not say what code is familiar"):
        report(tiny_checkpoint, tmp_path, tmp_path, "test")


def test_a_report_of_a_small_corpus(folder: Path, tmp_path: Path) -> None:
    rows = [Example(str(i), "trace", "package", "test", text, {LATENCY: 1e-6}) for i, text in enumerate([*functions(20, 13), *ALIENS * 2])]
    write(tmp_path / "typical.jsonl", rows)
    found = report(folder, tmp_path, tmp_path, "test")
    assert found["false_alarms"]["by_origin"]["package"]["n"] == 26
    assert found["false_alarms"]["flagged"] >= 6 / 26 - 1e-4
    assert found["kinds"]["tables of whole numbers"]["flagged"] == 1
    assert found["errors"][LATENCY]["flagged"]["n"] >= 6
    assert "| tables of whole numbers | 150 | 100% |" in render(found)
