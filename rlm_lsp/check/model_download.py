"""Fetches a released checkpoint from the hub: what opens a connection, and only when a user asks for it."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import InputError

_TOKENIZER = "7794135caa3ea73918949c902a781cc61dab674a4b59c17d85931c77c1114cbd"
_WEIGHTS = "7e9df42926babb54c4e47c14a8fd1daecdf54e382f62b07d63d6c7c5fa9f000c"


@dataclass(frozen=True)
class Pin:
    """A revision of a repository, and the sha-256 in hex that its files must have."""

    revision: str
    hashes: dict[str, str]

    @property
    def weights(self) -> str:
        """The sha-256 of its weights."""
        return self.hashes["model.safetensors"]


_FILES = {"model.safetensors": _WEIGHTS, "encoder_tokenizer/tokenizer.json": _TOKENIZER}
PINS = {
    "akhauriyash/RLM-GemmaS-Code-v0": Pin("0c927733af21f156d61743c4a40d03d13e65c16b", _FILES),
    "akhauriyash/RegressLM-gemma-s-RLM-table3": Pin("5e5002672f870399ce012896332363e271582509", _FILES),
}
"""Both hold the same weights. Their configs' hashes are not known here, so what they say is held against the layout, key by key."""


def pin_of(repository: str) -> Pin:
    """The pin of a repository.

    Raises:
        InputError: none is known.
    """
    if repository not in PINS:
        raise InputError(f"{printable(repository)} is not pinned here; there are {', '.join(PINS)}, and --from DIR for any local copy")
    return PINS[repository]


def download(repository: str, files: Sequence[str], folder: Path) -> None:
    """Write ``files`` of the pinned revision into ``folder``, with progress bars if stderr is a terminal. Hashes are the caller's business.

    Raises:
        InputError: huggingface-hub is not installed, or the hub cannot be reached or has no such file.
    """
    if importlib.util.find_spec("huggingface_hub") is None:
        raise InputError('model add needs huggingface-hub to download: pip install "rlm-lsp[gpu]", or give a local copy with --from DIR')
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when the package is imported
    if not sys.stderr.isatty():
        os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    import huggingface_hub

    for file in files:
        try:
            huggingface_hub.hf_hub_download(repository, file, revision=PINS[repository].revision, local_dir=folder, token=False)
        except Exception as error:  # its own, those of its HTTP client, and the system's
            reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise InputError(
                f"{repository}: {file} cannot be downloaded ({printable(reason)}); where there is no network, "
                f"rlm-lsp model add {repository} --from DIR takes a copy"
            ) from error
