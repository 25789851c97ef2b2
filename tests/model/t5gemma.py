"""transformers' own T5Gemma, which our network is held against."""

from __future__ import annotations

from typing import Any

import pytest

from rlm_lsp.model.config import Architecture, StackConfig


def t5gemma(architecture: Architecture) -> Any:
    """transformers' network of the same shape."""
    transformers = pytest.importorskip("transformers", reason="equality with T5Gemma is checked where transformers is installed")

    def stack(config: StackConfig) -> Any:
        return transformers.T5GemmaModuleConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.hidden_size,
            intermediate_size=config.ffn_size,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.kv_heads,
            head_dim=config.head_dim,
            query_pre_attn_scalar=int(config.query_scale),
            rms_norm_eps=config.norm_eps,
            rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
            attn_logit_softcapping=config.attention_softcap,
            final_logit_softcapping=architecture.logit_softcap,
            sliding_window=config.sliding_window or 4096,
            layer_types=["sliding_attention" if i in config.sliding_layers else "full_attention" for i in range(config.layers)],
            max_position_embeddings=64,
        )

    # the outer vocab_size overrides both inner ones, so it is set and the encoder's table is put right afterwards
    config = transformers.T5GemmaConfig(
        encoder=stack(architecture.encoder),
        decoder=stack(architecture.decoder),
        vocab_size=architecture.decoder.vocab_size,
        is_encoder_decoder=True,
        tie_word_embeddings=False,
    )
    config.encoder.vocab_size = architecture.encoder.vocab_size
    config._attn_implementation = "eager"  # the only one that knows soft caps
    return transformers.T5GemmaForConditionalGeneration(config).eval()


def theirs(name: str) -> str:
    """transformers' name of our parameter."""
    return "lm_head.out_proj.weight" if name == "head.weight" else f"model.{name}"
