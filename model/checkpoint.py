"""A checkpoint is a folder: config, weights, tokenizer, two ONNX graphs, a card, and a manifest with the sha-256 and size of each.

A file that says what code is familiar may be among them; without it no input is called unfamiliar. The graphs may be missing: then only
torch can run the network.

Loading for onnxruntime needs neither torch nor safetensors nor onnx. Nothing in the folder is executed or unpickled.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rlm_lsp.model.config import Architecture, ConfigError, ModelConfig, StackConfig, parse_config
from rlm_lsp.model.familiarity import Familiarity, FamiliarityError, parse
from rlm_lsp.model.released_layout import BIAS, released_name
from rlm_lsp.model.safetensors_file import SafetensorsError, TensorEntry, read_header, read_tensors, write_tensors
from rlm_lsp.model.tokenizer import TextTokenizer, TokenizerError

if TYPE_CHECKING:
    from rlm_lsp.model.network import RLM

CONFIG, WEIGHTS, TOKENIZER, ENCODER, DECODER, CARD, MANIFEST = (
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "encoder.onnx",
    "decoder.onnx",
    "CARD.md",
    "manifest.json",
)
FILES = (CONFIG, WEIGHTS, TOKENIZER, ENCODER, DECODER, CARD)
GRAPHS = frozenset((ENCODER, DECODER))
_BLOCK = 1 << 20
FAMILIARITY = "familiarity.safetensors"
"""A checkpoint may have it."""

T = TypeVar("T")


class CheckpointError(Exception):
    """A checkpoint that cannot be used; the message is one line that names the file and what to do."""

    def __init__(self, path: Path, problem: str, remedy: str = "reinstall rlm-lsp, or point it to a whole checkpoint folder") -> None:
        super().__init__(" ".join(f"{path}: {problem}; {remedy}".split()))
        self.path = path
        self.problem = " ".join(problem.split())


@dataclass(frozen=True)
class Checkpoint:
    """A folder whose every file is the one in its manifest, and whose parts fit together."""

    folder: Path
    config: ModelConfig
    tokenizer: TextTokenizer
    digest: str  # sha-256 of the manifest, and so of everything
    knows_familiar: bool = False  # whether the manifest lists FAMILIARITY
    has_graphs: bool = True

    def familiarity(self) -> Familiarity | None:
        """What code is like that of the training; ``None`` where the checkpoint doesn't say. Raises CheckpointError."""
        if not self.knows_familiar:
            return None
        tensors = _checked(self.folder / FAMILIARITY, SafetensorsError, read_tensors)
        return _checked(self.folder / FAMILIARITY, FamiliarityError, lambda _: parse(tensors, self.tokenizer.vocab_size))

    def weights(self) -> dict[str, NDArray[Any]]:
        """Parameters by their names in ``RLM``, as read-only views of the mapped file."""
        tensors = _checked(self.folder / WEIGHTS, SafetensorsError, read_tensors)
        return {name: tensors[_file_name(self.config, name)] for name in tensor_shapes(self.config.architecture)}


def default_checkpoint() -> Path:
    """The folder of the checkpoint that is shipped with the package; it need not exist."""
    return Path(str(resources.files("rlm_lsp.model"))) / "weights" / "rlm-s"


def load(folder: Path | str) -> Checkpoint:
    """Check and open a checkpoint.

    Raises:
        CheckpointError: a file is missing, unreadable, not the one in the manifest, malformed, or doesn't fit the others.
    """
    folder = Path(folder)
    digest, names = _verify(folder)
    config = _checked(folder / CONFIG, ConfigError, lambda path: parse_config(path.read_text(encoding="utf-8")))
    tokenizer = _checked(folder / TOKENIZER, TokenizerError, TextTokenizer.load)
    needed = tokenizer.vocab_size + config.prompt.magnitudes
    if needed > config.architecture.encoder.vocab_size:
        raise CheckpointError(folder / TOKENIZER, f"needs {needed} tokens, {CONFIG} has only {config.architecture.encoder.vocab_size}")
    entries = _checked(folder / WEIGHTS, SafetensorsError, read_header)
    for problem in tensor_differences(config, entries):
        raise CheckpointError(folder / WEIGHTS, problem)
    return Checkpoint(folder, config, tokenizer, digest, FAMILIARITY in names, names >= GRAPHS)


def _checked(path: Path, error: type[Exception], read: Callable[[Path], T]) -> T:
    """``read(path)``, with every failure turned into a CheckpointError about ``path``."""
    try:
        return read(path)
    except OSError as failure:
        raise CheckpointError(path, failure.strerror or str(failure)) from failure
    except (error, UnicodeDecodeError) as failure:
        raise CheckpointError(path, str(failure)) from failure


def _verify(folder: Path) -> tuple[str, frozenset[str]]:
    """Compare every file with the manifest; the manifest's own sha-256, and the names in it."""
    raw = _checked(folder / MANIFEST, ValueError, Path.read_bytes)
    try:
        manifest = json.loads(raw)
        hashes = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(folder / MANIFEST, "is not a manifest") from error
    named = set(hashes) - {FAMILIARITY}
    if set(manifest) != {"schema", "files"} or manifest["schema"] != 1 or named not in (set(FILES), set(FILES) - GRAPHS):
        raise CheckpointError(folder / MANIFEST, f"must be of schema 1 and list exactly {', '.join(FILES)}, with or without {FAMILIARITY}")
    for name, expected in sorted(hashes.items()):
        if _checked(folder / name, ValueError, sha256) != expected:
            raise CheckpointError(folder / name, f"is damaged or was changed: its sha-256 is not the one in {MANIFEST}")
    return hashlib.sha256(raw).hexdigest(), frozenset(hashes)


def sha256(path: Path) -> str:
    """A file's sha-256 in hex; of a large one never much is in memory. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def weight_differences(folder: Path) -> list[str]:
    """``tensor_differences`` of a folder whose config and header can be read; of any other there are none to tell."""
    try:
        return tensor_differences(parse_config((folder / CONFIG).read_text(encoding="utf-8")), read_header(folder / WEIGHTS))
    except (OSError, ValueError):
        return []


def tensor_differences(config: ModelConfig, entries: Mapping[str, TensorEntry]) -> list[str]:
    """Every tensor of a file that is missing, of no use, or not as the config has it."""
    expected = file_shapes(config)
    ignored = {BIAS} if config.layout == "regresslm" else set()
    found = []
    for name in sorted((expected.keys() | entries.keys()) - ignored):
        if name not in entries:
            found.append(f"missing tensor {name} of shape {expected[name]}")
        elif name not in expected:
            found.append(f"unexpected tensor {name} of shape {entries[name].shape}")
        elif entries[name].shape != expected[name]:
            found.append(f"tensor {name} has shape {entries[name].shape}, {CONFIG} asks for {expected[name]}")
        elif entries[name].dtype.kind != "f":
            found.append(f"tensor {name} holds whole numbers")
    return found


def file_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name in the weights' file, and shape, of every parameter."""
    return {_file_name(config, name): shape for name, shape in tensor_shapes(config.architecture).items()}


def _file_name(config: ModelConfig, name: str) -> str:
    return released_name(name) if config.layout == "regresslm" else name


def tensor_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter of ``RLM``."""
    encoder, decoder = architecture.encoder, architecture.decoder
    shapes = {**_stack_shapes("encoder", encoder, None), **_stack_shapes("decoder", decoder, encoder.hidden_size)}
    if not architecture.tied_head:
        shapes["head.weight"] = (decoder.vocab_size, decoder.hidden_size)
    return shapes


def _stack_shapes(stack: str, config: StackConfig, encoder_size: int | None) -> dict[str, tuple[int, ...]]:
    """Parameters of the encoder, or, with an ``encoder_size``, of the decoder."""
    size, ffn = config.hidden_size, config.ffn_size
    query, key = config.heads * config.head_dim, config.kv_heads * config.head_dim
    sources = {"self": size} if encoder_size is None else {"self": size, "cross": encoder_size}
    shapes: dict[str, tuple[int, ...]] = {f"{stack}.embed_tokens.weight": (config.vocab_size, size), f"{stack}.norm.weight": (size,)}
    for index in range(config.layers):
        layer = f"{stack}.layers.{index}"
        for kind, source in sources.items():
            shapes[f"{layer}.{kind}_attn.q_proj.weight"] = (query, size)
            shapes[f"{layer}.{kind}_attn.k_proj.weight"] = (key, source)
            shapes[f"{layer}.{kind}_attn.v_proj.weight"] = (key, source)
            shapes[f"{layer}.{kind}_attn.o_proj.weight"] = (size, query)
        for norm in (*(f"{kind}_attn" for kind in sources), "feedforward"):
            shapes[f"{layer}.pre_{norm}_layernorm.weight"] = (size,)
            shapes[f"{layer}.post_{norm}_layernorm.weight"] = (size,)
        shapes[f"{layer}.mlp.gate_proj.weight"] = (ffn, size)
        shapes[f"{layer}.mlp.up_proj.weight"] = (ffn, size)
        shapes[f"{layer}.mlp.down_proj.weight"] = (size, ffn)
    return shapes


def save(
    folder: Path | str,
    network: RLM,
    config: ModelConfig,
    tokenizer: TextTokenizer,
    card: str,
    like: Checkpoint | None = None,
    familiarity: Familiarity | None = None,
) -> None:
    """Write a checkpoint, weights in fp16, and put it in place in one step: a reader sees the old folder or the new one.

    Needs the extra ``train`` (torch, onnx); torch alone where ``like``, a checkpoint of the same architecture, lends its graphs.

    Raises:
        CheckpointError: a weight does not fit into fp16, or the network is not the config's.
        OSError: the folder cannot be written.
    """
    folder = Path(folder)
    shapes = tensor_shapes(config.architecture)
    state = network.state_dict()
    tensors: dict[str, NDArray[np.float16]] = {}
    for name, shape in shapes.items():
        if name not in state or tuple(state[name].shape) != shape:
            raise CheckpointError(folder / WEIGHTS, f"the network has no tensor {name} of shape {shape}", "save it with its own config")
        with np.errstate(over="ignore"):
            tensors[name] = state[name].detach().float().cpu().numpy().astype(np.float16)
        if not np.isfinite(tensors[name]).all():
            raise CheckpointError(
                folder / WEIGHTS, f"tensor {name} holds values that fp16 has not", "train again with a lower learning rate"
            )
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        partial.chmod(0o755)
        write_tensors(partial / WEIGHTS, tensors)
        _write_graphs(partial, config.architecture, like)
        for name, text in ((CONFIG, config.to_json()), (TOKENIZER, tokenizer.to_json()), (CARD, card)):
            (partial / name).write_text(text, encoding="utf-8", newline="\n")
        if familiarity is not None:
            write_tensors(partial / FAMILIARITY, familiarity.tensors())
        write_manifest(partial, FILES if familiarity is None else (*FILES, FAMILIARITY))
        _replace(folder, partial)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_graphs(folder: Path, architecture: Architecture, like: Checkpoint | None) -> None:
    """Graphs hold no weights, only places in the weights' file: where those are the same, another checkpoint's graphs are the same."""
    if (
        like is not None
        and like.config.architecture == architecture
        and read_header(like.folder / WEIGHTS) == read_header(folder / WEIGHTS)
    ):
        for name in (ENCODER, DECODER):
            shutil.copyfile(like.folder / name, folder / name)
        return
    from rlm_lsp.model.export import write_graphs

    write_graphs(folder, architecture)


def write_manifest(folder: Path, names: Sequence[str]) -> None:
    """Write the manifest of a folder's files ``names``. Raises OSError."""
    files = {name: {"sha256": sha256(folder / name), "size": (folder / name).stat().st_size} for name in names}
    (folder / MANIFEST).write_text(json.dumps({"schema": 1, "files": files}, indent=2) + "\n", encoding="utf-8", newline="\n")


def _replace(folder: Path, new: Path) -> None:
    """Move ``new`` to ``folder``; a folder that was there goes only when the new one is complete."""
    old = new.with_name(new.name + "-old")
    if folder.exists():
        folder.replace(old)
    new.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
