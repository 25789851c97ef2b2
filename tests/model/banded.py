"""A checkpoint that says of itself how far a ratio of its predictions may be off."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path


def with_pair_band(checkpoint: Path, folder: Path, factor: float) -> Path:
    """Copy a checkpoint to ``folder`` with that factor for all its objectives."""
    shutil.copytree(checkpoint, folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["pair_band"] = {objective["name"]: factor for objective in config["objectives"]}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["config.json"]["sha256"] = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder
