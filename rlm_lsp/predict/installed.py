"""Models that a user has added, and which of them answers. They lie in the user's data folder; a workspace has no say in it.

``DATA/models/NAME/`` is one checkpoint folder each; ``DATA/model.json`` is ``{"schema": 1, "use": NAME}``, and missing where the shipped
model answers. The shipped model of networks is no choice: it answers for networks whichever model answers for functions, unless that one
reads networks itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from rlm_lsp.paths import (
    DATA_VARIABLE,
    DEFAULT_MODEL,
    NETWORKS_MODEL,
    data_folder,
    default_model_folder,
    networks_model_folder,
    printable,
)
from rlm_lsp.predict.errors import InputError, ModelFilesError

CHOICE = "model.json"
_SHIPPED = (DEFAULT_MODEL, NETWORKS_MODEL)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Installed:
    """A model that can be chosen by its name."""

    name: str
    folder: Path
    in_use: bool


def models_folder() -> Path:
    """Where added models lie; it need not exist.

    Raises:
        InputError: there is no home folder.
    """
    return _data() / "models"


def folder_for(name: str) -> Path:
    """The folder of the added model ``name``; it need not exist.

    Raises:
        InputError: no folder can have that name.
    """
    if not _NAME.fullmatch(name) or name in _SHIPPED or name.endswith("."):
        taken = " or ".join(_SHIPPED)
        raise InputError(f"{printable(name)!r} cannot be the name of a model: letters, digits, dots, - and _, and not {taken}")
    return models_folder() / name


def installed() -> list[Installed]:
    """The shipped model, then the added ones by name. None is in use where the choice cannot be read."""
    try:
        chosen = _chosen()
    except InputError:
        chosen = ""
    added = sorted(folder for folder in _models() if _NAME.fullmatch(folder.name) and (folder / "manifest.json").is_file())
    return [
        Installed(DEFAULT_MODEL, default_model_folder(), chosen is None),
        *(Installed(folder.name, folder, folder.name == chosen) for folder in added),
    ]


def find(name: str) -> Installed:
    """The model of that name.

    Raises:
        InputError: there is none; the message lists them.
    """
    models = installed()
    found = next((model for model in models if model.name == name), None)
    if found is None:
        raise InputError(f"no model {printable(name)}; there are {', '.join(model.name for model in models)}")
    return found


def networks_model() -> Path | None:
    """The folder of the shipped model that answers for networks; None: this installation has none."""
    folder = networks_model_folder()
    return folder if (folder / "manifest.json").is_file() else None


def use(name: str) -> None:
    """Have the model ``name`` answer from now on, wherever none is named.

    Raises:
        InputError: there is no such model, or the choice cannot be written.
    """
    if name == NETWORKS_MODEL:
        raise InputError(f"{NETWORKS_MODEL} answers for networks whichever model is in use, and knows no functions")
    chosen = find(name)
    path = _data() / CHOICE
    try:
        if chosen.name == DEFAULT_MODEL:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = path.with_name(f".{CHOICE}.partial")
        partial.write_text(json.dumps({"schema": 1, "use": chosen.name}) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise InputError(f"{printable(str(path))}: {error.strerror or error}") from error


def remove(name: str) -> None:
    """Delete an added model. If it was in use, the shipped one is from now on.

    Raises:
        InputError: there is no such model, it is the shipped one, or it cannot be deleted.
    """
    if name in _SHIPPED:
        raise InputError(f"{name} is part of rlm-lsp and stays")
    model = find(name)
    if model.in_use:
        use(DEFAULT_MODEL)
    import shutil  # only this needs it

    try:
        shutil.rmtree(model.folder)
    except OSError as error:
        raise InputError(f"{printable(str(model.folder))}: {error.strerror or error}") from error


def model_folder(named: Path | None = None) -> Path:
    """The folder of the model that is ``named``, by the name of an added one or by its path; None: of the one in use.

    A name means the added model even where the current folder holds one of that name: that may be anybody's.

    Raises:
        ModelFilesError: the model in use has gone, or nobody can tell which it is.
    """
    if named is not None:
        if str(named) == NETWORKS_MODEL:
            return networks_model_folder()
        if named.name == str(named) and any(model.name == named.name for model in installed()):
            return find(named.name).folder
        return named
    try:
        name = _chosen()
    except InputError as error:
        raise ModelFilesError(str(error)) from error
    if name is None:
        return default_model_folder()
    folder = models_folder() / name
    if not folder.is_dir():
        raise ModelFilesError(f"{printable(str(folder))}: the model in use is gone; rlm-lsp model use {DEFAULT_MODEL}, or add it again")
    return folder


def _models() -> list[Path]:
    data = data_folder()
    try:
        return list((data / "models").iterdir()) if data is not None else []
    except OSError:
        return []


def _chosen() -> str | None:
    """The name in the choice file; None: there is none, and the shipped model answers. Raises InputError."""
    data = data_folder()
    if data is None:
        return None
    path = data / CHOICE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        name = content["use"]
        if content["schema"] == 1 and isinstance(name, str) and _NAME.fullmatch(name):
            return name
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{printable(str(path))}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InputError(f"{printable(str(path))}: says nothing that can be read; delete it, or rlm-lsp model use NAME")


def _data() -> Path:
    data = data_folder()
    if data is None:
        raise InputError(f"there is no home folder for models; {DATA_VARIABLE} may name one")
    return data
