"""The recorded second opinions: counts within 3 %, or the difference explained; every file through the chunker without an exception.

``python -m tests.opinions.second_opinion`` records them anew; with RLM_LSP_SOURCES set to the fetched packages they are checked anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.opinions import page
from tests.opinions.second_opinion import compare
from tests.opinions.sources import FOLDER, LANGUAGES


def _recorded(language: str) -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return recorded


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_agree(language: str) -> None:
    recorded = _recorded(language)
    assert len(recorded["files"]) >= 5
    assert sum(file["theirs"] for file in recorded["files"]) > 20
    assert abs(page.difference(recorded)) <= page.TOLERANCE or recorded["differences"]


def test_the_page_shows_what_is_recorded() -> None:
    assert page.PATH.read_text(encoding="utf-8") == page.page()


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
