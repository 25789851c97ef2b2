"""The adapter for the paper's released checkpoint, on a tiny random one of the same layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the adapter needs the `gpu` extra")

from rlm_lsp.model.checkpoint import CheckpointError  # noqa: E402  # after importorskip
from rlm_lsp.model.decode import log_mean, sample  # noqa: E402
from rlm_lsp.model.network import RLM, KeyValue  # noqa: E402
from rlm_lsp.model.released import PROMPT, load_released, released_architecture, released_codec, released_name  # noqa: E402
from rlm_lsp.model.safetensors_file import write_tensors  # noqa: E402
from rlm_lsp.predict.types import ModelInput  # noqa: E402

STACK = {
    "num_hidden_layers": 2,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "query_pre_attn_scalar": 8,
    "sliding_window": 4,
}
CODEC = {"ieee_base": 10, "ieee_exponent_digits": 2, "ieee_mantissa_digits": 5}
TINY: dict[str, Any] = {
    **CODEC,
    "encoder_vocab_size": 40,
    "decoder_vocab_size": 13,
    "backbone_config": {"encoder": STACK, "decoder": STACK},
}
FULL_STACK = {
    **STACK,
    "num_hidden_layers": 8,
    "hidden_size": 512,
    "intermediate_size": 1024,
    "num_attention_heads": 8,
    "num_key_value_heads": 8,
    "head_dim": 64,
    "query_pre_attn_scalar": 64,
}


def released_like(folder: Path, **extra: np.ndarray[Any, Any]) -> RLM:
    torch.manual_seed(0)
    network = RLM(released_architecture(TINY)).eval()
    network.head.weight.data *= 10
    tensors = {released_name(name): tensor.numpy() for name, tensor in network.state_dict().items()}
    write_tensors(folder / "model.safetensors", {**tensors, "model.final_logits_bias": np.zeros((1, 13), np.float32), **extra})
    (folder / "config.json").write_text(json.dumps(TINY))
    return network


def test_names_are_those_of_the_class_nesting() -> None:
    assert released_name("encoder.layers.0.self_attn.q_proj.weight") == "model.model.encoder.layers.0.self_attn.q_proj.weight"
    assert (
        released_name("decoder.layers.7.pre_cross_attn_layernorm.weight") == "model.model.decoder.layers.7.pre_cross_attn_layernorm.weight"
    )
    assert released_name("head.weight") == "model.lm_head.out_proj.weight"


def test_full_size_has_the_reported_number_of_parameters() -> None:
    config = {**TINY, "encoder_vocab_size": 256_000, "backbone_config": {"encoder": FULL_STACK, "decoder": FULL_STACK}}
    with torch.device("meta"):
        network = RLM(released_architecture(config))
    assert sum(parameter.numel() for parameter in network.parameters()) == 181_458_944


def test_defaults_are_t5gemmas() -> None:
    architecture = released_architecture(TINY)
    assert architecture.logit_softcap == 30.0
    assert architecture.encoder.attention_softcap == 50.0
    assert architecture.encoder.sliding_layers == (0,)
    assert released_codec(TINY).tokens_per_value == 9


def test_a_snapshot_loads_and_can_be_sampled(tmp_path: Path) -> None:
    original = released_like(tmp_path)
    network, codec = load_released(tmp_path)
    ids, decoder_ids = torch.randint(1, 40, (1, 9)), torch.randint(1, 13, (1, 5))
    with torch.no_grad():
        assert torch.equal(network(ids, None, decoder_ids), original(ids, None, decoder_ids))
        cross = network.encode(ids)
    past: list[KeyValue] | None = None

    def step(tokens: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.floating]]:
        nonlocal past
        with torch.no_grad():
            logits, past = network.decode_step(torch.from_numpy(tokens), cross, past=past)
        return logits[:, -1].numpy()

    draws = sample(codec, np.array([PROMPT.decoder_prefix(codec, 0)] * 8), step, np.random.default_rng(0), top_p=0.95)
    assert len(set(draws.tolist())) > 1
    assert np.isfinite(log_mean(draws))


def test_prompts_are_the_data_cards() -> None:
    item = ModelInput("Python", "program", "print(1)")
    assert PROMPT.encoder_text(item, "peak_heap@apps") == "APPS\nprint(1)"
    assert PROMPT.encoder_text(item, "memory@codenet") == "# CDSS\n# Language: Python\nprint(1)"
    assert PROMPT.encoder_text(item, "latency@a6000") == "KBSS\nprint(1)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "config.json: No such file"),
        (lambda folder: (folder / "model.safetensors").unlink(), "model.safetensors: No such file"),
        (lambda folder: (folder / "config.json").write_text("{}"), "config.json: is not a config of that model"),
        (lambda folder: (folder / "config.json").write_text("[]"), "config.json: is not a config of that model"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\0" * 20), "model.safetensors: "),
        (
            lambda folder: (folder / "config.json").write_text(json.dumps({**TINY, "encoder_vocab_size": 41})),
            "embed_tokens.weight is missing",
        ),
    ],
)
def test_broken_snapshots(tmp_path: Path, change: Any, message: str) -> None:
    released_like(tmp_path)
    change(tmp_path)
    with pytest.raises(CheckpointError, match=message) as error:
        load_released(tmp_path)
    assert "whole snapshot" in str(error.value)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"model.final_logits_bias": np.ones((1, 13), np.float32)}, "final_logits_bias is not zero"),
        ({"model.regression_head.weight": np.ones((1, 16), np.float32)}, "regression_head.weight is missing, unexpected"),
    ],
)
def test_tensors_we_have_no_place_for(tmp_path: Path, extra: dict[str, Any], message: str) -> None:
    released_like(tmp_path, **extra)
    with pytest.raises(CheckpointError, match=message):
        load_released(tmp_path)
