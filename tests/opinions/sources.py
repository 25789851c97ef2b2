"""What ``tests/opinions/<language>.toml`` says: which packages hold real code, and who gives the second opinion on it."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))

_toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")  # tomllib came with 3.11


@dataclass(frozen=True, slots=True)
class Sources:
    """Packages as (kind, name); ``opinion`` names a function of ``opinions.py``; ``counted`` which of our chunks it can see."""

    packages: tuple[tuple[str, str], ...]
    tools: tuple[tuple[str, str], ...]
    opinion: str
    arguments: tuple[str, ...]
    counted: str  # "all", "outermost": not inside of another function, or "top": begun in the first column
    shape: str  # a pattern that a chunk's text must begin with to be counted
    within: str  # pattern of the paths of the files that are compared and cut; "": all
    unseen: str  # pattern of our chunks, name and text below each other, that the opinion does not look for
    differences: str  # why the counts differ, where they do


def read(language: str) -> Sources:
    """Return what a language's file says. Raises KeyError for what is missing, TypeError for what is unknown."""
    table = _toml.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return Sources(
        packages=tuple((kind, name) for kind, name in table.pop("packages")),
        tools=tuple((kind, name) for kind, name in table.pop("tools", [])),
        arguments=tuple(table.pop("arguments", [])),
        counted=table.pop("counted", "all"),
        shape=table.pop("shape", ""),
        within=table.pop("within", ""),
        unseen=table.pop("unseen", "(?!)"),
        differences=table.pop("differences", ""),
        **table,
    )
