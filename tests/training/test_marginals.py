"""Steps in which each objective of a row is decoded alone, and magnitudes that are finer than those of the checkpoint a run begins with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rlm_lsp.model import checkpoint
from rlm_lsp.model.beginning import begin_with_checkpoint
from rlm_lsp.model.config import ModelConfig
from rlm_lsp.model.data.examples import Example
from rlm_lsp.model.network import RLM
from rlm_lsp.model.numbers import PAD, NumberCodec
from rlm_lsp.model.prompt import IGNORE, PromptSpec
from rlm_lsp.model.training_set import encoded, make_step
from tests.model.tiny import TEXT_VOCABULARY, make_tiny_checkpoint, tiny_config

CODEC = NumberCodec(exponent_digits=1)
COARSE, FINE = 8, 30
NAMES = ("latency@cpu", "peak_heap@cpu", "latency@elsewhere")
CALLS = [
    {"latency@cpu": 1e-3, "peak_heap@cpu": 2e3, "latency@elsewhere": 3e-3},
    {"latency@cpu": 4e-3},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("start") / "tiny", with_magnitudes(COARSE), seed=1)


def with_magnitudes(count: int) -> ModelConfig:
    tiny = tiny_config()
    encoder = replace(tiny.architecture.encoder, vocab_size=TEXT_VOCABULARY + count)
    return replace(tiny, architecture=replace(tiny.architecture, encoder=encoder), prompt=PromptSpec(magnitudes=count))


def test_alone_each_objective_begins_a_row_and_reads_no_other_value(folder: Path) -> None:
    rows = [Example(str(i), "s", "g", "train", f"def f{i}(): pass\n", targets) for i, targets in enumerate(CALLS)]
    data = encoded(rows, checkpoint.load(folder).tokenizer, PromptSpec(), CODEC, NAMES, 64)
    step = make_step(data, np.arange(2), CODEC, 3, np.random.default_rng(1), marginals=True)
    width = 1 + CODEC.tokens_per_value
    assert step.ids.shape[0] == 2
    assert step.decoder_ids.shape == step.targets.shape == step.states.shape == (2 * 3, width)
    assert (step.decoder_ids[:, 0] == PAD).all()
    asked = step.decoder_ids[:, 1] - CODEC.vocab_size
    assert sorted(asked[:3].tolist()) == [0, 1, 2]
    for row, objective in enumerate(asked.tolist()):
        known = CALLS[row // 3].get(NAMES[objective])
        value = step.targets[row, 1:]
        assert (value == IGNORE).all() if known is None else value.tolist() == CODEC.encode(known)
        if known is not None:
            assert step.decoder_ids[row, 2:].tolist() == value[:-1].tolist()
    together = make_step(data, np.arange(2), CODEC, 3, np.random.default_rng(1))
    assert together.decoder_ids.shape == (2, 3 * width)


def test_finer_magnitudes_lie_between_the_checkpoint_s(folder: Path) -> None:
    old = checkpoint.load(folder)
    first = old.tokenizer.vocab_size
    table = torch.from_numpy(old.weights()["encoder.embed_tokens.weight"].astype("float32"))[first:]  # (8, d)
    network = RLM(with_magnitudes(FINE).architecture)
    begin_with_checkpoint(network, folder, old.tokenizer, old.config.objective_names, CODEC, magnitude_steps=6)
    rows = network.encoder.embed_tokens.weight.detach()[first:]  # (30, d)
    assert torch.equal(rows[0], table[0])
    assert torch.equal(rows[3], table[1])
    assert torch.allclose(rows[4], table[1] + (table[2] - table[1]) / 3, atol=1e-6)
    beyond = rows[3 * (COARSE - 1) + 1 :]
    assert len(beyond) > 0
    assert torch.isfinite(beyond).all()
    assert torch.nn.functional.cosine_similarity(beyond[:-1], beyond[1:], dim=-1).min() > 0.8
