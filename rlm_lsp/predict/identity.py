"""Which model answers, read from its folder without loading it (nor numpy, nor a back end).

``rlm_lsp.model.checkpoint`` owns the folder's format and checks everything when the worker loads it. Here stands only what a cached
run needs: the files are those of the manifest, the model's id, its objectives and its device.

A model that says nothing of functions does not stand alone: the shipped one is asked beside it, and each answers for its own objectives.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlm_lsp.paths import default_model_folder, printable
from rlm_lsp.predict.errors import ModelFilesError
from rlm_lsp.predict.results import Objective
from rlm_lsp.predict.types import ModelInput

ARITHMETIC = b"onnxruntime float32"  # of the worker's back end
MANIFEST = "manifest.json"
_REMEDY = "reinstall rlm-lsp, or name a whole model folder with --model"
CONFIG = "config.json"
HASHED_UP_TO = 64_000_000
"""Bytes. Of larger files a cached run compares the size alone; the worker that uses them holds every byte against the manifest."""


@dataclass(frozen=True)
class ModelIdentity:
    """A model whose files are all there. ``digest`` (32 bytes) changes when any of them does.

    ``parts`` are the models that stand beside each other, the shipped one first; empty: it stands alone. ``id``, ``device`` and ``config``
    are the first one's then, ``folder`` and ``sizes`` those of the model that was chosen, and ``objectives`` say whose they are.
    """

    folder: Path
    id: str
    device: str
    objectives: tuple[Objective, ...]
    digest: bytes
    config: dict[str, Any]
    sizes: dict[str, int]  # bytes of each file
    parts: tuple[ModelIdentity, ...] = ()

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Who answers: (id, device) of each model."""
        return [(part.id, part.device) for part in self.parts or (self,)]

    @property
    def worker_folders(self) -> list[str]:
        """What its worker loads, the model first that answers for functions."""
        return [str(part.folder.absolute()) for part in self.parts or (self,)]

    def reads_whole(self, language: str) -> bool:
        """Whether some part reads programs of this language whole, and as they were written."""
        return any(
            part.config.get("prompt", {}).get("whole") is True and (language, "program") in part.trained for part in self.parts or (self,)
        )

    @property
    def adds_callees(self) -> bool:
        """Whether some part adds the costs of what a function calls in its file."""
        return any(part.config.get("adds_callees") is True for part in self.parts or (self,))

    @property
    def uses_callees(self) -> bool:
        """Whether what a function calls in its file decides its numbers: some part adds the costs of that, or reads its text."""
        return self.adds_callees or any(part.config.get("prompt", {}).get("callee_tokens", 0) != 0 for part in self.parts or (self,))

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
        parts = [item.language, item.kind, item.args, item.header, item.text, *([] if item.whole is None else [item.whole])]
        parts += ["callees", *item.callees] if item.callees and self.uses_callees else []
        return hashlib.sha256(self.digest + ARITHMETIC + json.dumps(parts).encode("ascii")).digest()


def identify(folder: Path, *, thorough: bool = False) -> ModelIdentity:
    """The model in ``folder``, and what stands beside it, after the files have been compared with the manifest (8 ms for the shipped one).

    ``thorough``: hash large files as well.

    Raises:
        ModelFilesError: a file is missing, unreadable or not the one that the manifest names; the message names it.
    """
    model = identify_alone(folder, thorough=thorough)
    return model if model.config.get("alone", True) else _beside(identify_alone(default_model_folder()), model)


def identify_alone(folder: Path, *, thorough: bool = False) -> ModelIdentity:
    """The model in ``folder`` by itself; raises like ``identify``."""
    manifest = _read(folder / MANIFEST)
    contents: dict[str, bytes] = {}
    sizes: dict[str, int] = {}
    for name, (expected, size) in _listed(manifest, folder / MANIFEST).items():
        if size is not None and size > HASHED_UP_TO and name != CONFIG:
            sizes[name] = _large(folder / name, expected if thorough else None, size)
            continue
        data = _read(folder / name)
        if hashlib.sha256(data).hexdigest() != expected:
            raise _damaged(folder / name, f"its sha-256 is not the one in {MANIFEST}")
        sizes[name] = len(data)
        if name == CONFIG:
            contents[name] = data
    if CONFIG not in contents:
        raise ModelFilesError(f"{printable(str(folder / MANIFEST))}: does not name {CONFIG}")
    try:
        config = json.loads(contents[CONFIG])
        objectives = tuple(Objective(item["name"], item["unit"]) for item in config["objectives"])
        model = ModelIdentity(folder, config["id"], config["device"], objectives, hashlib.sha256(manifest).digest(), config, sizes)
        _ = model.trained, model.pair_band, model.reads_whole("")  # all are there, and of the right form
        return model
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelFilesError(f"{printable(str(folder / CONFIG))}: not a model's config ({type(error).__name__}: {error})") from error


def _beside(first: ModelIdentity, second: ModelIdentity) -> ModelIdentity:
    """Both as one: ``first`` answers for all it knows, ``second`` for what it knows beyond that."""
    owners = {objective.name: (objective, part) for part in (second, first) for objective in part.objectives}
    objectives = [
        Objective(objective.name, objective.unit, part.id, part.device)
        for part in (first, second)
        for objective, owner in owners.values()
        if owner is part
    ]
    trained = first.config["trained"] + [item for item in second.config["trained"] if item not in first.config["trained"]]
    return ModelIdentity(
        second.folder,
        first.id,
        first.device,
        tuple(objectives),
        hashlib.sha256(first.digest + second.digest).digest(),
        {**first.config, "trained": trained},
        second.sizes,
        (first, second),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFilesError(f"{printable(str(path))}: {error.strerror or error}; {_REMEDY}") from error


def _large(path: Path, expected: str | None, size: int) -> int:
    """The size of a file that is too large to be read at each start, and, if it is ``expected``, its hash."""
    try:
        found = path.stat().st_size
        if found != size:
            raise _damaged(path, f"it has {found:,} bytes, {MANIFEST} says {size:,}")
        if expected is not None:
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
            if digest.hexdigest() != expected:
                raise _damaged(path, f"its sha-256 is not the one in {MANIFEST}")
        return size
    except OSError as error:
        raise ModelFilesError(f"{printable(str(path))}: {error.strerror or error}; {_REMEDY}") from error


def _damaged(path: Path, why: str) -> ModelFilesError:
    return ModelFilesError(f"{printable(str(path))}: damaged or changed, {why}; {_REMEDY}")


def _listed(manifest: bytes, path: Path) -> dict[str, tuple[str, int | None]]:
    """File name → sha256 in hex, and its size where the manifest gives it."""
    try:
        files = json.loads(manifest)["files"]
        listed = {name: (entry["sha256"], entry.get("size")) for name, entry in files.items()}
        if all(
            isinstance(digest, str) and (size is None or type(size) is int) and Path(name).name == name
            for name, (digest, size) in listed.items()
        ):
            return listed
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise ModelFilesError(f"{printable(str(path))}: not a model's manifest; {_REMEDY}")
