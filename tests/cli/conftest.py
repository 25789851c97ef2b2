"""What several tests of the gate start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.gating import git
from tests.conftest import RunCli
from tests.model.banded import with_pair_band


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    """The folder that ``cli`` runs in, under git."""
    folder = tmp_path / "project"
    git(folder, "init", "-q")
    return folder


@pytest.fixture(scope="module")
def banded(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model with random weights, that says of itself that no ratio of its predictions is off."""
    return with_pair_band(tiny_model, tmp_path_factory.mktemp("banded") / "model", 1.0)
