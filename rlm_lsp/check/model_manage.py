"""``rlm-lsp model list``, ``use``, ``remove`` and ``verify``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Literal

from rlm_lsp.check.run import BROKEN, OK
from rlm_lsp.check.terminal import say, write_lines
from rlm_lsp.paths import printable
from rlm_lsp.predict import installed
from rlm_lsp.predict.errors import ModelFilesError
from rlm_lsp.predict.identity import MANIFEST, ModelIdentity, identify_alone
from rlm_lsp.units import format_value


def list_models(output: Literal["text", "json"]) -> int:
    """Print the models that can be chosen, and the one for networks, and return the exit code 0.

    One that cannot be used is listed with the reason.
    """
    rows = [_described(model) for model in installed.installed()]
    networks = installed.networks_model()
    shipped = None if networks is None else _described(installed.Installed(networks.name, networks, in_use=True))
    if output == "json":
        write_lines([json.dumps({"schema": 1, "models": rows, "networks": shipped}, indent=2)], sys.stdout)
        return OK
    listed = rows if shipped is None else [*rows, shipped]
    width = max(len(row["name"]) for row in listed)
    for row in listed:
        said = row.get("problem") or f"{row['id']}, {format_value(row['size'], 'B')}, predicts {', '.join(row['objectives'])}"
        write_lines([f"{'*' if row['inUse'] else ' '} {row['name']:<{width}}  {printable(said)}"], sys.stdout)
    return OK


def _described(model: installed.Installed) -> dict[str, Any]:
    row: dict[str, Any] = {"name": model.name, "inUse": model.in_use, "folder": printable(str(model.folder))}
    try:
        found = identify_alone(model.folder)
    except ModelFilesError as error:
        return {**row, "problem": str(error)}
    return {
        **row,
        "id": found.id,
        "size": sum(found.sizes.values()),
        "objectives": [objective.name for objective in found.objectives],
        "alone": found.config.get("alone", True),
    }


def use(name: str) -> int:
    """Have a model answer from now on, for this user and everywhere. Returns the exit code 0.

    Raises:
        InputError: there is no such model.
        ModelFilesError: it cannot be used.
    """
    model = identify_alone(installed.find(name).folder)
    installed.use(name)
    beside = "" if model.config.get("alone", True) else ", beside the shipped model, which answers for functions"
    say(f"{name} answers from now on{beside}; editors take it up when they start the server again")
    return OK


def remove(name: str) -> int:
    """Delete an added model and return the exit code 0.

    Raises:
        InputError: there is no such model, or it cannot be deleted.
    """
    installed.remove(name)
    say(f"removed {name}")
    return OK


def verify(folder: Path) -> int:
    """Hold every file, key and tensor of a model, or of a snapshot in the released layout, against what is known of them.

    Prints a line for each thing that does not match, and what of the layout is inferred. 0: everything matches; 1: something does not.
    """
    found, inferred, subject = _of_checkpoint(folder) if (folder / MANIFEST).exists() else _of_snapshot(folder)
    write_lines((printable(line) for line in found), sys.stdout)
    if not found:
        write_lines([f"{printable(str(folder))}: {subject}"], sys.stdout)
    if inferred:
        write_lines(["inferred, and not confirmed on the released files:", *(f"  {part}" for part in inferred)], sys.stdout)
    return BROKEN if found else OK


def _of_snapshot(folder: Path) -> tuple[list[str], tuple[str, ...], str]:
    from rlm_lsp.model.released import differences
    from rlm_lsp.model.released_layout import INFERRED

    found = [f"{path}: {problem}" for path, problem in differences(folder)]
    return found, INFERRED, "every key is known and every tensor has its place; rlm-lsp model add --from it"


def _of_checkpoint(folder: Path) -> tuple[list[str], tuple[str, ...], str]:
    from rlm_lsp.model import checkpoint

    try:
        model: ModelIdentity = identify_alone(folder, thorough=True)
        loaded = checkpoint.load(folder)
    except ModelFilesError as error:
        return [str(error)], (), ""
    except checkpoint.CheckpointError as error:
        listed = checkpoint.weight_differences(folder)
        return [f"{folder / checkpoint.WEIGHTS}: {problem}" for problem in listed] or [str(error)], (), ""
    tensors = len(checkpoint.file_shapes(loaded.config))
    subject = f"{model.id}: all {len(model.sizes)} files are those of the manifest, all {tensors} tensors have the shape of the config"
    return [], loaded.config.inferred, subject
