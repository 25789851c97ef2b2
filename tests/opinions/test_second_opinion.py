"""The recorded second opinions: counts within 3 %, or the difference explained; every file through the chunker without an exception.

``python -m tests.opinions.second_opinion`` records them anew; with RLM_LSP_SOURCES set to the fetched packages they are checked anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.opinions.second_opinion import compare
from tests.opinions.sources import FOLDER, LANGUAGES

_TOLERANCE = 0.03


def _recorded(language: str) -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return recorded


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_agree(language: str) -> None:
    files = _recorded(language)["files"]
    assert len(files) >= 5
    ours, theirs = sum(file["ours"] for file in files), sum(file["theirs"] for file in files)
    assert theirs > 20
    assert abs(ours - theirs) <= _TOLERANCE * theirs or _recorded(language)["differences"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_passed(language: str) -> None:
    for package in _recorded(language)["packages"].values():
        assert package["files"] > 0
        assert package["chunks"] > 0
        assert not package["files_with_problems"].keys() & {"crashed", "parse-timeout"}


@pytest.mark.skipif("RLM_LSP_SOURCES" not in os.environ, reason="the packages are not fetched")
@pytest.mark.parametrize("language", LANGUAGES)
def test_recorded_is_what_comes_out(language: str) -> None:
    assert compare(language, Path(os.environ["RLM_LSP_SOURCES"])) == _recorded(language)
