"""Each kind of ablation trains, learns what is there to be learned, and comes out as a row of the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rlm_lsp.model import ablations
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.data.static import static_counts
from rlm_lsp.model.measure import lock
from rlm_lsp.model.tokenizer import train_tokenizer

VARIANTS = {variant.name: variant for variant in ablations.VARIANTS}


def function(loops: int, name: int) -> str:
    head = "".join(f"{' ' * (depth + 1)}for v{depth} in range(n):\n" for depth in range(loops))
    return f"def f{name}(n):\n{head}{' ' * (loops + 1)}g(n)"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ablations")
    rng = np.random.default_rng(0)
    made = []
    for number in range(400):
        loops = int(rng.integers(0, 4))
        text = function(loops, number)
        targets = {LATENCY: 10.0 ** (loops * 2 - 7) * rng.uniform(0.8, 1.2), HEAP: 100.0 * 10**loops, **(static_counts(text) or {})}
        made.append(
            Example(str(number), "trace", "own", "validation" if number % 4 == 0 else "train", text, targets, callees=["def g(n): pass"])
        )
    examples.write(folder / "typical.jsonl", made)
    examples.write(folder / "taught.jsonl", [replace(e, split="train") for e in made])
    examples.write(folder / "ladders.jsonl", [replace(e, source="kernels", args="n=int[100]") for e in made])
    (folder / "tokenizer.json").write_text(train_tokenizer([e.text for e in made], 512).to_json(), "utf-8")
    ablations.small_corpus(folder, folder / "corpus")
    return folder


@pytest.mark.parametrize("name", ["bytes", "masked tokens first", "MSE of normalised logarithms"])
def test_a_variant_learns(name: str, runs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lock, "shared", lambda: lock._held(tmp_path / "lock", 1))
    sizes = {"hidden_size": 32, "heads": 2, "ffn_size": 64, "layers": 1, "vocab_size": 576, "batch_tokens": 512, "average": 0.9}
    variant = replace(VARIANTS[name], changes={**VARIANTS[name].changes, **sizes}, sets={"typical": 4.0, "taught": 1.0})
    found = ablations.train(variant, runs / "corpus" / variant.corpus, tmp_path / "run")
    assert found[f"wild, {LATENCY}"] > 0.8
    assert found[f"LeetCode, {HEAP}"] is None
    assert f"| {name} |" in ablations.table([found])


def test_the_small_corpora_differ_as_they_should(runs: Path) -> None:
    own, with_callees, sizeless = (
        {e.id: e for e in examples.read(runs / "corpus" / name / "ladders.jsonl")} for name in ("own", "callees", "sizeless")
    )
    assert own.keys() == with_callees.keys() == sizeless.keys()
    assert all(with_callees[key].text == f"{e.text}\ndef g(n): pass" for key, e in own.items())
    assert {e.args for e in own.values()} == {"n=int[100]"}
    assert {e.args for e in sizeless.values()} == {None}
