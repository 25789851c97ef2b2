"""Where the product keeps what it makes and what a user gives it, and where its own model lies."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

CACHE_VARIABLE = "RLM_LSP_CACHE_DIR"
DATA_VARIABLE = "RLM_LSP_DATA_DIR"
DEFAULT_MODEL = "rlm-s"
"""The shipped model, which answers for functions."""
NETWORKS_MODEL = "rlm-n"
"""The one that is shipped beside it, and answers for networks alone."""


def cache_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path | None:
    """The folder for cached results, by the platform's custom; None where there is no home.

    ``RLM_LSP_CACHE_DIR`` comes first; then ``~/Library/Caches`` on macOS, ``%LOCALAPPDATA%`` on Windows, and
    ``XDG_CACHE_HOME`` or ``~/.cache`` elsewhere. Relative values of the latter are ignored, as the XDG specification asks.
    """
    return _user_folder(environ, platform, CACHE_VARIABLE, "cache", "XDG_CACHE_HOME", ".cache", "Library/Caches")


def data_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path | None:
    """The folder for models that a user adds, by the platform's custom; None where there is no home.

    ``RLM_LSP_DATA_DIR`` comes first; then ``~/Library/Application Support`` on macOS, ``%LOCALAPPDATA%`` on Windows, and ``XDG_DATA_HOME``
    (if it is absolute) or ``~/.local/share`` elsewhere.
    """
    return _user_folder(environ, platform, DATA_VARIABLE, "data", "XDG_DATA_HOME", ".local/share", "Library/Application Support")


def _user_folder(
    environ: Mapping[str, str], platform: str, variable: str, on_windows: str, xdg_variable: str, elsewhere: str, on_macos: str
) -> Path | None:
    chosen = environ.get(variable)
    if chosen:
        return Path(chosen).absolute()
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return Path(local, "rlm-lsp", on_windows) if local else None
    if platform != "darwin":
        base = environ.get(xdg_variable, "")
        if Path(base).is_absolute():
            return Path(base, "rlm-lsp")
    home = environ.get("HOME", "")
    if not Path(home).is_absolute():
        return None
    return Path(home, on_macos if platform == "darwin" else elsewhere, "rlm-lsp")


def default_model_folder() -> Path:
    """The folder of the model that is shipped inside the package. It need not exist."""
    return _shipped(DEFAULT_MODEL)


def networks_model_folder() -> Path:
    """The folder of the shipped model that answers for networks. It need not exist."""
    return _shipped(NETWORKS_MODEL)


def _shipped(name: str) -> Path:
    spec = importlib.util.find_spec("rlm_lsp.model")
    if spec is None or not spec.submodule_search_locations:
        return Path(__file__).parent / "model" / "weights" / name
    return Path(next(iter(spec.submodule_search_locations)), "weights", name)


def printable(path: str) -> str:
    """``path`` as one line of valid Unicode: undecodable bytes, control characters and the like are written as escapes."""
    if path.isascii() and path.isprintable():
        return path
    return "".join(char if char.isprintable() else _escape(char) for char in path)


def _escape(char: str) -> str:
    """A character as Python writes it; a byte that the file system's encoding did not know (PEP 383) as a byte."""
    code = ord(char)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else char.encode("unicode_escape").decode("ascii")
