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
    model = identify(model_folder)
    if output == "json":
        write_lines([json.dumps(as_dict(model), indent=2)], sys.stdout)
    else:
        write_lines((f"{name:<11} {value}" for name, value in _as_text(model)), sys.stdout)
    return 0


def as_dict(model: ModelIdentity) -> dict[str, Any]:
    """What the JSON form says."""
    return {
        "schema": 1,
        "id": model.id,
        "device": model.device,
        "objectives": [{"name": objective.name, "unit": objective.unit} for objective in model.objectives],
        "trained": [{"language": language, "kind": kind} for language, kind in model.trained],
        "folder": str(model.folder.absolute()),
        "files": model.sizes,
        "verified": True,  # a file that is not the manifest's is an error, not a field
        "sha256": model.digest.hex(),
    }


def _as_text(model: ModelIdentity) -> list[tuple[str, str]]:
    size = format_value(sum(model.sizes.values()), "B")
    return [
        ("model", model.id),
        ("device", model.device),
        ("predicts", ", ".join(f"{objective.name} ({objective.unit})" for objective in model.objectives)),
        ("trained for", ", ".join(f"{language} {kind}" for language, kind in model.trained) or "nothing yet"),
        ("files", f"{len(model.sizes)} in {model.folder.absolute()}, {size}"),
        ("verified", f"all files are those of the manifest, sha256 {model.digest.hex()}"),
    ]
