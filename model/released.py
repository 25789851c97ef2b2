"""Read-only adapter for the paper's released checkpoint, ``akhauriyash/RLM-GemmaS-Code-v0`` (181 M parameters).

Reads the snapshot folder's ``config.json`` and ``model.safetensors`` into our own network; none of its Python files is run. Its number
grammar allows leading zeros, so it has samples (``decode.sample``) and no exact quantiles, and it is told the task in the encoder's text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rlm_lsp.model.checkpoint import CheckpointError, tensor_shapes
from rlm_lsp.model.config import Architecture, StackConfig
from rlm_lsp.model.network import RLM
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.prompt import PromptSpec
from rlm_lsp.model.safetensors_file import SafetensorsError, read_tensors

PROMPT = PromptSpec(
    header="APPS",
    objective_tokens=False,
    objective_headers={
        "peak_heap@apps": "APPS",
        "memory@codenet": "# CDSS\n# Language: {language}",
        "latency@a6000": "KBSS",
    },
)
"""The headers its data cards evaluate with: bytes, the judge's memory column (most likely kB), and milliseconds."""

_REMEDY = "point to a whole snapshot of akhauriyash/RLM-GemmaS-Code-v0"
_BIAS = "model.final_logits_bias"


def load_released(folder: Path | str) -> tuple[RLM, NumberCodec]:
    """Network (float32, eval mode) and number codec of a snapshot folder.

    Raises:
        CheckpointError: a file is missing or malformed, or tensors are not those of the config.
    """
    folder = Path(folder)
    config_file, weights_file = folder / "config.json", folder / "model.safetensors"
    try:
        config = json.loads(config_file.read_text(encoding="utf-8"))
        architecture, codec = released_architecture(config), released_codec(config)
    except OSError as error:
        raise CheckpointError(config_file, error.strerror or str(error), _REMEDY) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(config_file, f"is not a config of that model ({type(error).__name__}: {error})", _REMEDY) from error
    try:
        tensors = read_tensors(weights_file)
    except OSError as error:
        raise CheckpointError(weights_file, error.strerror or str(error), _REMEDY) from error
    except SafetensorsError as error:
        raise CheckpointError(weights_file, str(error), _REMEDY) from error
    bias = tensors.pop(_BIAS, None)
    if bias is not None and bias.any():
        raise CheckpointError(weights_file, f"{_BIAS} is not zero, which this network has no place for", _REMEDY)
    shapes = {released_name(name): shape for name, shape in tensor_shapes(architecture).items()}
    if shapes != {name: tensor.shape for name, tensor in tensors.items()}:
        wrong = min(name for name in shapes.keys() | tensors.keys() if name not in tensors or shapes.get(name) != tensors[name].shape)
        raise CheckpointError(weights_file, f"tensor {wrong} is missing, unexpected or of another shape", _REMEDY)
    with torch.device("meta"):  # no time is spent on initial values
        network = RLM(architecture)
    state = {name: torch.from_numpy(tensors[released_name(name)].astype(np.float32)) for name in tensor_shapes(architecture)}
    network.load_state_dict(state, assign=True)
    return network.eval(), codec


def released_name(name: str) -> str:
    """The released file's name of our parameter."""
    return "model.lm_head.out_proj.weight" if name == "head.weight" else f"model.model.{name}"


def released_codec(config: Mapping[str, Any]) -> NumberCodec:
    """Its IEEE-like codec: every digit legal everywhere, signed."""
    return NumberCodec(
        base=config["ieee_base"],
        exponent_digits=config["ieee_exponent_digits"],
        mantissa_digits=config["ieee_mantissa_digits"],
        signed=True,
        normalised=False,
    )


def released_architecture(config: Mapping[str, Any]) -> Architecture:
    """From its ``backbone_config``, with T5Gemma's defaults for what is not written there."""
    backbone = config["backbone_config"]
    return Architecture(
        encoder=_stack(backbone["encoder"], config["encoder_vocab_size"]),
        decoder=_stack(backbone["decoder"], config["decoder_vocab_size"]),
        logit_softcap=backbone["decoder"].get("final_logit_softcapping", 30.0),
    )


def _stack(stack: Mapping[str, Any], vocab_size: int) -> StackConfig:
    layers = stack["num_hidden_layers"]
    types = stack.get("layer_types") or [("sliding_attention", "full_attention")[index % 2] for index in range(layers)]
    return StackConfig(
        vocab_size=vocab_size,
        layers=layers,
        hidden_size=stack["hidden_size"],
        ffn_size=stack["intermediate_size"],
        heads=stack["num_attention_heads"],
        kv_heads=stack["num_key_value_heads"],
        head_dim=stack["head_dim"],
        query_scale=float(stack["query_pre_attn_scalar"]),
        norm_eps=stack.get("rms_norm_eps", 1e-6),
        rope_theta=float(stack.get("rope_theta", 10_000.0)),
        attention_softcap=stack.get("attn_logit_softcapping", 50.0),
        sliding_window=stack.get("sliding_window", 4096),
        sliding_layers=tuple(index for index, kind in enumerate(types) if kind == "sliding_attention"),
    )
