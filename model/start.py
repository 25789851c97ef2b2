"""What training at the released checkpoint's size begins with, and what it leaves: a folder in the released layout.

It begins with a local T5Gemma folder (config.json, safetensors, tokenizer.json), whose encoder is taken and whose decoder lends its shape,
or with a snapshot of the released layout, whole. ``rlm-lsp model add --from`` reads what it leaves.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rlm_lsp.model.checkpoint import tensor_shapes
from rlm_lsp.model.config import Architecture
from rlm_lsp.model.network import RLM
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.released import CONFIG, TOKENIZER, WEIGHTS, load_released
from rlm_lsp.model.released_layout import BIAS, released_architecture, released_name
from rlm_lsp.model.safetensors_file import write_tensors
from rlm_lsp.model.tokenizer import TextTokenizer, TokenizerError

CODEC = NumberCodec(base=10, exponent_digits=2, mantissa_digits=5, signed=True, normalised=False)
"""The released checkpoint's: nine tokens a value, any digit anywhere."""
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")


class StartError(ValueError):
    """A folder that training cannot begin with; the message is one line that says what is missing."""


@dataclass(frozen=True)
class Start:
    """A network on the CPU, the codec of its numbers, its tokenizer, and the config of the snapshots it will be saved as."""

    network: RLM
    codec: NumberCodec
    tokenizer: TextTokenizer
    config: Mapping[str, Any]
    is_trained: bool  # a whole snapshot, rather than an encoder with a decoder of random weights


def read_start(folder: Path) -> Start:
    """The start in ``folder``; random weights come from torch's global generator.

    Raises:
        StartError: it is neither a T5Gemma nor a snapshot, or something of it is missing or of another shape.
        CheckpointError: it is a snapshot whose files contradict each other.
    """
    config = _json(folder / CONFIG)
    if config.get("model_type") == "regresslm" or "backbone_config" in config:
        network, codec = load_released(folder)
        return Start(network, codec, _tokenizer(folder / TOKENIZER), config, is_trained=True)
    if config.get("model_type") != "t5gemma":
        raise StartError(f"{folder / CONFIG}: model_type is {config.get('model_type')!r}, and training begins with a T5Gemma")
    tokenizer = _tokenizer(folder / "tokenizer.json")
    snapshot_config = _snapshot_config(config, folder.name)
    try:
        architecture = released_architecture(snapshot_config)
    except ValueError as error:
        raise StartError(f"{folder / CONFIG}: {error}") from error
    if tokenizer.vocab_size > architecture.encoder.vocab_size:
        raise StartError(
            f"{folder / 'tokenizer.json'}: has {tokenizer.vocab_size:,} tokens, the encoder's table {architecture.encoder.vocab_size:,}"
        )
    network = RLM(architecture)
    network.load_state_dict({**network.state_dict(), **_encoder(folder, architecture)})
    return Start(network, CODEC, tokenizer, snapshot_config, is_trained=False)


def write_snapshot(folder: Path, network: RLM, config: Mapping[str, Any], tokenizer: TextTokenizer) -> None:
    """Write ``folder`` in the released layout, in float32, in one step: a reader sees the old folder or the new one. Raises OSError."""
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        partial.chmod(0o755)
        (partial / CONFIG).write_text(json.dumps(dict(config), indent=2) + "\n", encoding="utf-8")
        (partial / TOKENIZER).parent.mkdir(parents=True)
        (partial / TOKENIZER).write_text(tokenizer.to_json(), encoding="utf-8", newline="\n")
        tensors = {released_name(name): tensor.detach().float().cpu().numpy() for name, tensor in network.state_dict().items()}
        tensors[BIAS] = np.zeros((1, network.config.decoder.vocab_size), dtype=np.float32)
        write_tensors(partial / WEIGHTS, tensors)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _snapshot_config(t5gemma: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The config of a snapshot whose network has this T5Gemma's stacks, and digits instead of the decoder's words."""
    encoder, decoder = t5gemma.get("encoder"), t5gemma.get("decoder")
    vocabulary = t5gemma.get("vocab_size") or (encoder.get("vocab_size") if isinstance(encoder, dict) else None)
    return {
        "model_type": "regresslm",
        "backbone_model_name": name,
        "backbone_config": {"encoder": encoder, "decoder": decoder},
        "encoder_vocab_size": vocabulary,
        "decoder_vocab_size": CODEC.vocab_size,
        "decoder_tokenizer": "IEEE",
        "ieee_base": CODEC.base,
        "ieee_exponent_digits": CODEC.exponent_digits,
        "ieee_mantissa_digits": CODEC.mantissa_digits,
        "max_num_objs": 1,
        "use_regression_head": False,
        "num_tokens_per_obj": CODEC.tokens_per_value,
        "max_new_tokens": CODEC.tokens_per_value,
        "pad_token_id": 0,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "decoder_start_token_id": 0,
    }


def _encoder(folder: Path, architecture: Architecture) -> dict[str, Tensor]:
    """The encoder's weights by our names, from all safetensors files of a T5Gemma folder."""
    from safetensors import SafetensorError, safe_open

    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickles = any(path for pattern in _PICKLES for path in folder.glob(pattern))
        also = "; its .bin and .pt files are pickles, which may run code and are not read" if pickles else ""
        raise StartError(f"{folder}: holds no .safetensors file{also}")
    shapes = {name: shape for name, shape in tensor_shapes(architecture).items() if name.startswith("encoder.")}
    found: dict[str, Tensor] = {}
    for path in files:
        try:
            with safe_open(path, framework="pt") as file:
                ours = {name.removeprefix("model."): name for name in file.keys()}  # noqa: SIM118  # the handle is no mapping
                found.update({name: file.get_tensor(ours[name]).to(torch.float32) for name in shapes.keys() & ours.keys()})
        except (SafetensorError, OSError) as error:
            raise StartError(f"{path}: cannot be read ({error}); download it again") from error
    for name, shape in shapes.items():
        if name not in found or tuple(found[name].shape) != shape:
            has = f"has the shape {tuple(found[name].shape)}, {CONFIG} asks for {shape}" if name in found else "is missing"
            raise StartError(f"{folder}: tensor {name} {has}")
    return found


def _tokenizer(path: Path) -> TextTokenizer:
    try:
        return TextTokenizer.load(path)
    except (OSError, TokenizerError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StartError(f"{path}: no tokenizer can be read there ({reason})") from error


def _json(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StartError(f"{path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise StartError(f"{path}: is not JSON ({error})") from error
    if not isinstance(config, dict):
        raise StartError(f"{path}: is not the config of a model")
    return config
