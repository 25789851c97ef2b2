"""A tiny random checkpoint in the layout of the paper's released one, written without torch: what ``model add`` is given in tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, normalizers, processors, trainers

from rlm_lsp.model.checkpoint import file_shapes
from rlm_lsp.model.released_layout import BIAS, model_config
from rlm_lsp.model.safetensors_file import write_tensors

TEXTS = ["APPS\nn = int(input())\nprint(sum(range(n)))\n", "# CDSS\n# Language: Python\nfor line in open(0):\n    print(line)\n"] * 4
VOCABULARY = 300

STACK: dict[str, Any] = {
    "num_hidden_layers": 2,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "query_pre_attn_scalar": 8,
    "sliding_window": 4,
    "rope_theta": 10000.0,
    "hidden_activation": "gelu_pytorch_tanh",
    "attn_logit_softcapping": 50.0,
    "final_logit_softcapping": 30.0,
}
CONFIG: dict[str, Any] = {
    "model_type": "regresslm",
    "transformers_version": "4.53.2",
    "backbone_model_name": "google/t5gemma-s-s-prefixlm",
    "backbone_config": {"encoder": STACK, "decoder": STACK, "is_encoder_decoder": True},
    "encoder_vocab_size": VOCABULARY,
    "decoder_vocab_size": 13,
    "decoder_tokenizer": "IEEE",
    "ieee_base": 10,
    "ieee_exponent_digits": 2,
    "ieee_mantissa_digits": 5,
    "num_digits": 6,
    "exponent_range": 10,
    "max_num_objs": 1,
    "num_tokens_per_obj": 9,
    "max_new_tokens": 9,
    "use_regression_head": False,
    "pad_token_id": 0,
    "decoder_start_token_id": 0,
}


def tensors(config: dict[str, Any], seed: int = 1) -> dict[str, NDArray[Any]]:
    """Random weights for a config, under the released names. Their numbers are nonsense, but depend on every token of the input."""
    generator = np.random.default_rng(seed)
    made: dict[str, NDArray[Any]] = {BIAS: np.zeros((1, config["decoder_vocab_size"]), np.float32)}
    for name, shape in file_shapes(model_config(config)).items():
        if "norm" in name:
            made[name] = np.zeros(shape, np.float32)
        else:
            scale = (3.0 if "out_proj" in name else 1.0) * shape[-1] ** -0.5
            made[name] = (generator.standard_normal(shape) * scale).astype(np.float32)
    return made


def gemma_like_tokenizer() -> str:
    """``tokenizer.json`` with what Gemma's has: spaces as a letter, bytes as a way out, special tokens, and a template that adds <bos>."""
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    bytes_ = [f"<0x{byte:02X}>" for byte in range(200)]
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[*special, *bytes_], show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer=trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    return str(tokenizer.to_str())


def make_snapshot(folder: Path, seed: int = 1, **changes: Any) -> Path:
    """Write a snapshot folder; ``changes`` replace keys of its config. With seed 1 most draws are positive, so that answers differ."""
    config = {**CONFIG, **changes}
    (folder / "encoder_tokenizer").mkdir(parents=True)
    (folder / "encoder_tokenizer" / "tokenizer.json").write_text(gemma_like_tokenizer(), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(config))
    write_tensors(folder / "model.safetensors", tensors(config, seed))
    return folder


def make_released(folder: Path) -> Path:
    """Write a snapshot beside ``folder`` and convert it there, as ``model add --from`` does."""
    from rlm_lsp.model.released import convert, read_snapshot

    convert(read_snapshot(make_snapshot(folder.with_name(f"{folder.name}-snapshot"))), folder, "a test")
    return folder
