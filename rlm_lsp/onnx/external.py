"""Where the data of a tensor lies outside of the model file: looked at, and never opened."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.types import External


@dataclass(frozen=True, slots=True)
class ExternalFile:
    """The file that a tensor names: its size in bytes, or one line that says why it is not looked at."""

    size: int | None
    problem: str = ""


def look(model: Path, external: External) -> ExternalFile:
    """The file beside ``model`` that holds a tensor's data. Nothing outside of the model's folder is looked at, and no link is followed."""
    name = shown(external.location)
    parts = PurePosixPath(external.location).parts
    if not parts or "\\" in external.location or "\0" in external.location or PureWindowsPath(external.location).drive:
        return ExternalFile(None, f"{name}: not a file name")
    if parts[0] == "/" or ".." in parts:
        return ExternalFile(None, f"{name}: outside of the model's folder")
    at = model.parent
    found = None
    try:
        for part in parts:
            at = at / part
            found = at.lstat()
            if stat.S_ISLNK(found.st_mode):
                return ExternalFile(None, f"{name}: a link, which is not followed")
    except (OSError, ValueError) as error:
        return ExternalFile(None, f"{name}: {(getattr(error, 'strerror', None) or 'not a file name').lower()}")
    if found is None or not stat.S_ISREG(found.st_mode):
        return ExternalFile(None, f"{name}: not a regular file")
    if found.st_nlink > 1:
        return ExternalFile(None, f"{name}: has a second name somewhere (a hard link)")
    if (external.offset or 0) + (external.length or 0) > found.st_size:
        return ExternalFile(found.st_size, f"{name}: shorter than the tensor says")
    return ExternalFile(found.st_size)
