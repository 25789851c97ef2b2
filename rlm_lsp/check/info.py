"""``rlm-lsp model info``: which model answers, and what it was trained for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Literal

from rlm_lsp.check.terminal import write_lines
from rlm_lsp.predict.identity import ModelIdentity, identify
from rlm_lsp.units import format_value


def info(model_folder: Path, output: Literal["text", "json"]) -> int:
    """Print it, after all files have been compared with the manifest, and return the exit code 0.

    Raises:
        ModelFilesError: a file is missing or not the one that the manifest names.
    """
    model = identify(model_folder, thorough=True)
    if output == "json":
        write_lines([json.dumps(as_dict(model), indent=2)], sys.stdout)
    else:
        write_lines((f"{name:<11} {value}".rstrip() for name, value in _as_text(model)), sys.stdout)
    return 0


def as_dict(model: ModelIdentity) -> dict[str, Any]:
    """What the JSON form says; of models that stand beside each other the chosen one, with the others under ``beside``."""
    *others, chosen = model.parts or (model,)
    described = {
        "schema": 1,
        "id": chosen.id,
        "device": chosen.device,
        "objectives": [{"name": objective.name, "unit": objective.unit} for objective in chosen.objectives],
        "trained": [{"language": language, "kind": kind} for language, kind in chosen.trained],
        "folder": str(chosen.folder.absolute()),
        "files": chosen.sizes,
        "verified": True,  # a file that is not the manifest's is an error, not a field
        "sha256": chosen.digest.hex(),
    }
    inferred = {"inferred": chosen.config["inferred"]} if chosen.config.get("inferred") else {}
    return {**described, **inferred, **({"beside": [as_dict(other) for other in others]} if others else {})}


def _as_text(model: ModelIdentity) -> list[tuple[str, str]]:
    *others, chosen = model.parts or (model,)
    lines = _one_as_text(chosen)
    lines += [("inferred", part) for part in chosen.config.get("inferred", ())]
    for other in others:
        lines += [("", ""), ("beside it", "answers for what the model above does not predict"), *_one_as_text(other)]
    return lines


def _one_as_text(model: ModelIdentity) -> list[tuple[str, str]]:
    size = format_value(sum(model.sizes.values()), "B")
    return [
        ("model", model.id),
        ("device", model.device),
        ("predicts", ", ".join(f"{objective.name} ({objective.unit})" for objective in model.objectives)),
        ("trained for", ", ".join(f"{language} {kind}" for language, kind in model.trained) or "nothing yet"),
        ("files", f"{len(model.sizes)} in {model.folder.absolute()}, {size}"),
        ("verified", f"all files are those of the manifest, sha256 {model.digest.hex()}"),
    ]
