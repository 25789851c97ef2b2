"""The adapter for the paper's released checkpoint, on a tiny random one of the same layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the adapter needs the `gpu` extra")

from rlm_lsp.model.checkpoint import CheckpointError  # noqa: E402  # after importorskip
from rlm_lsp.model.decode import log_mean, sample  # noqa: E402
from rlm_lsp.model.network import RLM, KeyValue  # noqa: E402
from rlm_lsp.model.released import load_released  # noqa: E402
from rlm_lsp.model.released_layout import PROMPT, released_architecture, released_codec, released_name  # noqa: E402
from rlm_lsp.model.safetensors_file import write_tensors  # noqa: E402
from rlm_lsp.model.sampling import uniforms  # noqa: E402
from rlm_lsp.predict.types import ModelInput  # noqa: E402
from tests.model.released_like import CONFIG, STACK, make_snapshot  # noqa: E402

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


def test_names_are_those_of_the_class_nesting() -> None:
    assert released_name("encoder.layers.0.self_attn.q_proj.weight") == "model.model.encoder.layers.0.self_attn.q_proj.weight"
    assert (
        released_name("decoder.layers.7.pre_cross_attn_layernorm.weight") == "model.model.decoder.layers.7.pre_cross_attn_layernorm.weight"
    )
    assert released_name("head.weight") == "model.lm_head.out_proj.weight"


def test_full_size_has_the_reported_number_of_parameters() -> None:
    config = {**CONFIG, "encoder_vocab_size": 256_000, "backbone_config": {"encoder": FULL_STACK, "decoder": FULL_STACK}}
    with torch.device("meta"):
        network = RLM(released_architecture(config))
    assert sum(parameter.numel() for parameter in network.parameters()) == 181_458_944


def test_defaults_are_t5gemmas() -> None:
    bare = {key: value for key, value in STACK.items() if not key.endswith("softcapping") and key != "rope_theta"}
    architecture = released_architecture({**CONFIG, "backbone_config": {"encoder": bare, "decoder": bare}})
    assert architecture.encoder.rope_theta == 10_000.0
    assert architecture.logit_softcap == 30.0
    assert architecture.encoder.attention_softcap == 50.0
    assert architecture.encoder.sliding_layers == (0,)
    assert released_codec(CONFIG).tokens_per_value == 9


def test_a_snapshot_loads_and_can_be_sampled(tmp_path: Path) -> None:
    torch.manual_seed(0)
    original = RLM(released_architecture(CONFIG)).eval()
    original.head.weight.data *= 10
    written = {released_name(name): tensor.numpy() for name, tensor in original.state_dict().items()}
    write_tensors(make_snapshot(tmp_path / "snapshot") / "model.safetensors", written)
    network, codec = load_released(tmp_path / "snapshot")
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

    draws = sample(codec, np.array([PROMPT.decoder_prefix(codec, 0)] * 8), step, uniforms([1, 2], 8, codec.tokens_per_value), top_p=0.95)
    assert len(set(draws.tolist())) > 1
    assert np.isfinite(log_mean(draws))


def test_prompts_are_the_data_cards() -> None:
    item = ModelInput("python", "program", "print(...)", whole="print(1)  # one\n")
    assert PROMPT.encoder_text(item, "peak_heap@apps") == "APPS\nprint(1)  # one\n"
    assert PROMPT.encoder_text(item, "memory@codenet") == "# CDSS\n# Language: Python\nprint(1)  # one\n"
    assert PROMPT.encoder_text(replace(item, language="cpp"), "memory@codenet").startswith("# CDSS\n# Language: C++\n")
    assert PROMPT.encoder_text(item, "latency@a6000") == "KBSS\nprint(1)  # one\n"
    network = ModelInput("onnx", "graph", "graph main_graph (")
    assert PROMPT.encoder_text(network, "accuracy@nas") == "NASBench101\n\ngraph main_graph ("
    assert PROMPT.encoder_text(replace(network, header="ENAS\n"), "accuracy@nas") == "ENAS\n\ngraph main_graph ("


def test_a_folder_that_is_not_of_the_layout_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="No such file"):
        load_released(tmp_path)
