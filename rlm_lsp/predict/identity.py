"""Which model answers, read from its folder without loading it (nor numpy, nor a back end).

``rlm_lsp.model.checkpoint`` owns the folder's format and checks everything when the worker loads it. Here stands only what a cached
run needs: the files are those of the manifest, the model's id, its objectives and its device.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import ModelFilesError
from rlm_lsp.predict.results import Objective
from rlm_lsp.predict.types import ModelInput

ARITHMETIC = b"onnxruntime float32"  # of the worker's back end
MANIFEST = "manifest.json"
_REMEDY = "reinstall rlm-lsp, or name a whole model folder with --model"
CONFIG = "config.json"


@dataclass(frozen=True)
class ModelIdentity:
    """A model whose files are all there. ``digest`` (32 bytes) changes when any of them does."""

    folder: Path
    id: str
    device: str
    objectives: tuple[Objective, ...]
    digest: bytes
    config: dict[str, Any]
    sizes: dict[str, int]  # bytes of each file

    @property
    def trained(self) -> list[tuple[str, str]]:
        """(language, chunk kind) that the model answers for."""
        return [(item["language"], item["kind"]) for item in self.config["trained"]]

    @property
    def pair_band(self) -> dict[str, float] | None:
        """By which factor the predicted ratio of two versions of a function may be off, for each objective; None: not measured."""
        band = self.config.get("pair_band")
        return {name: float(factor) for name, factor in band.items()} if band else None

    def key(self, item: ModelInput) -> bytes:
        """Under which ``item``'s numbers are kept: all that they depend on, which is the files, the arithmetic, and the encoder's text."""
        parts = [item.language, item.kind, item.args, item.header, item.text]
        return hashlib.sha256(self.digest + ARITHMETIC + json.dumps(parts).encode("ascii")).digest()


def identify(folder: Path) -> ModelIdentity:
    """The model in ``folder``, after every file has been compared with the manifest (8 ms for the embedded model).

    Raises:
        ModelFilesError: a file is missing, unreadable or not the one that the manifest names; the message names it.
    """
    manifest = _read(folder / MANIFEST)
    hashes = _hashes(manifest, folder / MANIFEST)
    contents: dict[str, bytes] = {}
    sizes: dict[str, int] = {}
    for name, expected in hashes.items():
        data = _read(folder / name)
        if hashlib.sha256(data).hexdigest() != expected:
            raise ModelFilesError(
                f"{printable(str(folder / name))}: damaged or changed, its sha-256 is not the one in {MANIFEST}; {_REMEDY}"
            )
        sizes[name] = len(data)
        if name == CONFIG:
            contents[name] = data
    if CONFIG not in contents:
        raise ModelFilesError(f"{printable(str(folder / MANIFEST))}: does not name {CONFIG}")
    try:
        config = json.loads(contents[CONFIG])
        objectives = tuple(Objective(item["name"], item["unit"]) for item in config["objectives"])
        model = ModelIdentity(folder, config["id"], config["device"], objectives, hashlib.sha256(manifest).digest(), config, sizes)
        _ = model.trained, model.pair_band  # both are there, and of the right form
        return model
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFilesError(f"{printable(str(folder / CONFIG))}: not a model's config ({type(error).__name__}: {error})") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFilesError(f"{printable(str(path))}: {error.strerror or error}; {_REMEDY}") from error


def _hashes(manifest: bytes, path: Path) -> dict[str, str]:
    """File name → sha256 in hex."""
    try:
        files = json.loads(manifest)["files"]
        hashes = {name: entry["sha256"] for name, entry in files.items()}
        if all(isinstance(digest, str) and Path(name).name == name for name, digest in hashes.items()):
            return hashes
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise ModelFilesError(f"{printable(str(path))}: not a model's manifest; {_REMEDY}")
