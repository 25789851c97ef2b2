"""Read-only adapter for the paper's released checkpoint, ``akhauriyash/RLM-GemmaS-Code-v0`` (181 M parameters).

``read_snapshot`` holds a snapshot folder against the layout, without torch; ``convert`` makes one of our checkpoints of it, with the same
weights and tokenizer, byte for byte; ``load_released`` reads it into our own network. None of its Python files is read, copied or run.
Its number grammar allows leading zeros, so it has samples (``decode.sample``) and no exact quantiles, and it is told the task in the
encoder's text.
"""

from __future__ import annotations

import json
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rlm_lsp.model import checkpoint as ours
from rlm_lsp.model.checkpoint import CheckpointError, tensor_differences, tensor_shapes, write_manifest
from rlm_lsp.model.config import ConfigError, ModelConfig, unique
from rlm_lsp.model.numbers import NumberCodec
from rlm_lsp.model.released_layout import BIAS, INFERRED, NAME, model_config, released_name, unknown_keys
from rlm_lsp.model.safetensors_file import SafetensorsError, TensorEntry, read_header, read_tensors
from rlm_lsp.model.tokenizer import TextTokenizer, TokenizerError

if TYPE_CHECKING:
    from rlm_lsp.model.network import RLM

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "encoder_tokenizer/tokenizer.json"
FILES = (CONFIG, WEIGHTS, TOKENIZER)
"""What is read of a snapshot, and all that is downloaded of one."""

_PICKLES = frozenset((".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".dill", ".npz", ".npy"))
_LONGEST_CONFIG = 1 << 20
_LONGEST_TOKENIZER = 1 << 28
_REMEDY = f"point to a whole snapshot of akhauriyash/{NAME}"


@dataclass(frozen=True)
class Snapshot:
    """A folder in the released layout that was held against it: every key of its config is known, every tensor has its place."""

    folder: Path
    config: ModelConfig


def read_snapshot(folder: Path, name: str = NAME) -> Snapshot:
    """Check a snapshot folder, without reading a weight.

    Raises:
        CheckpointError: the first of ``differences``.
    """
    found = differences(folder, name)
    if found:
        raise CheckpointError(found[0][0], found[0][1], _REMEDY)
    return Snapshot(folder, model_config(_config(folder), name))


def differences(folder: Path, name: str = NAME) -> list[tuple[Path, str]]:
    """Everything in which a snapshot folder is not of the released layout: the file, and what is wrong with it. Nothing is raised."""
    pickles = [path for path in _listed(folder) if path.suffix.lower() in _PICKLES]
    if pickles:
        return [(path, "is a pickle or an archive, which may run code when it is read; only safetensors are read here") for path in pickles]
    try:
        for file in FILES:
            _regular(folder / file)
        config = _config(folder)
        entries = _header(folder / WEIGHTS)
        tokenizer = _tokenizer(folder)
    except CheckpointError as error:
        return [(error.path, error.problem)]
    found = []
    try:
        found += [(folder / CONFIG, f"unknown key {key}, of which nobody here knows what it changes") for key in unknown_keys(config)]
        known = {key: value for key, value in config.items() if key not in unknown_keys(config)}
        expected = model_config(known, name) if not found else None
    except ConfigError as error:
        return [*found, (folder / CONFIG, f"is not a config of that model ({error})")]
    if expected is None:
        return found
    found += [(folder / WEIGHTS, problem) for problem in tensor_differences(expected, entries)]
    if not found and _bias_is_set(folder / WEIGHTS):
        found.append((folder / WEIGHTS, f"{BIAS} is not zero, which this network has no place for"))
    if tokenizer.vocab_size > expected.architecture.encoder.vocab_size:
        size = expected.architecture.encoder.vocab_size
        found.append((folder / TOKENIZER, f"has {tokenizer.vocab_size:,} tokens, the network's table only {size:,}"))
    return found


def convert(snapshot: Snapshot, folder: Path, origin: str, *, move: bool = False) -> None:
    """Write ``folder``, which does not exist, as one of our checkpoints of ``snapshot``, whose files are copied, or moved.

    ``origin`` goes into its card.

    Raises:
        OSError: a file cannot be read or written.
    """
    folder.mkdir()
    for source, target in ((WEIGHTS, ours.WEIGHTS), (TOKENIZER, ours.TOKENIZER)):
        (shutil.move if move else shutil.copyfile)(snapshot.folder / source, folder / target)
    (folder / ours.CONFIG).write_text(snapshot.config.to_json(), encoding="utf-8", newline="\n")
    (folder / ours.CARD).write_text(_card(snapshot, origin), encoding="utf-8", newline="\n")
    write_manifest(folder, (ours.CONFIG, ours.WEIGHTS, ours.TOKENIZER, ours.CARD))


def load_released(folder: Path | str) -> tuple[RLM, NumberCodec]:
    """Network (float32, eval mode) and number codec of a snapshot folder. Needs torch.

    Raises:
        CheckpointError: a file is missing or malformed, or tensors are not those of the config.
    """
    import torch

    from rlm_lsp.model.network import RLM

    snapshot = read_snapshot(Path(folder))
    architecture = snapshot.config.architecture
    tensors = read_tensors(snapshot.folder / WEIGHTS)
    with torch.device("meta"):  # no time is spent on initial values
        network = RLM(architecture)
    state = {name: torch.from_numpy(tensors[released_name(name)].astype(np.float32)) for name in tensor_shapes(architecture)}
    network.load_state_dict(state, assign=True)
    return network.eval(), snapshot.config.codec


def _bias_is_set(weights: Path) -> bool:
    bias = read_tensors(weights).get(BIAS)
    return bias is not None and bool(bias.any())


def _config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        config = json.loads(_text(path, _LONGEST_CONFIG), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(path, f"is not a config of that model ({type(error).__name__}: {error})", _REMEDY) from error
    if not isinstance(config, dict):
        raise CheckpointError(path, "is not a config of that model (no object)", _REMEDY)
    return config


def _tokenizer(folder: Path) -> TextTokenizer:
    path = folder / TOKENIZER
    try:
        return TextTokenizer(_text(path, _LONGEST_TOKENIZER))
    except (TokenizerError, UnicodeDecodeError) as error:
        raise CheckpointError(path, f"is not a tokenizer ({error})", _REMEDY) from error


def _header(path: Path) -> dict[str, TensorEntry]:
    try:
        return read_header(path)
    except SafetensorsError as error:
        raise CheckpointError(path, str(error), _REMEDY) from error
    except OSError as error:
        raise CheckpointError(path, error.strerror or str(error), _REMEDY) from error


def _text(path: Path, longest: int) -> str:
    try:
        if path.stat().st_size > longest:
            raise CheckpointError(path, f"is longer than {longest:,} bytes", _REMEDY)
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CheckpointError(path, error.strerror or str(error), _REMEDY) from error


def _regular(path: Path) -> None:
    """Links are followed, as a hub's snapshot consists of them; a FIFO would be waited for without end."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CheckpointError(path, error.strerror or str(error), _REMEDY) from error
    if not stat.S_ISREG(mode):
        raise CheckpointError(path, "is not a regular file", _REMEDY)


def _listed(folder: Path) -> list[Path]:
    """Files of the folder and of those directly in it, where snapshots have theirs."""
    try:
        return sorted([*folder.iterdir(), *(path for inner in folder.iterdir() if inner.is_dir() for path in inner.iterdir())])
    except OSError:
        return []


def _card(snapshot: Snapshot, origin: str) -> str:
    inferred = "\n".join(f"- {part}" for part in INFERRED)
    headers = "\n".join(f"- `{name}`: `{header!r}`" for name, header in snapshot.config.prompt.objective_headers.items())
    draws = snapshot.config.sampling.draws if snapshot.config.sampling else 0
    return f"""# {snapshot.config.id}

Weights and tokenizer are those of {origin}, unchanged; `config.json` is ours, made of theirs.
Paper: "Regression Language Models for Code", arXiv 2509.26476. The weights derive from T5Gemma, whose terms apply to them.

It answers for whole programs, modules with Triton kernels, and networks as text; it cannot answer what a function costs.
Header of the encoder's text:

{headers}

The point estimate is the median of {draws} draws at temperature 1; p10 and p90 are those of the draws, and not calibrated.

Inferred, not confirmed on the real files:

{inferred}
"""
