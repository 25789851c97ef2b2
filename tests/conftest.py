"""What tests of several parts share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_lsp.model.checkpoint import default_checkpoint
from rlm_lsp.model.config import Trained
from tests.model.tiny import make_tiny_checkpoint, tiny_config

SHIPPED: str = json.loads((default_checkpoint() / "config.json").read_text("utf-8"))["id"]
"""The shipped model's name."""
RunCli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole checkpoint with random weights. Never change it: copy it."""
    return make_tiny_checkpoint(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="session")
def function_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a checkpoint with random weights that, as the shipped one, knows functions and no module bodies."""
    config = replace(tiny_config(), trained=(Trained("python", "function"),))
    return make_tiny_checkpoint(tmp_path_factory.mktemp("model") / "tiny", config)


@pytest.fixture
def cli_environment(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a user with an empty cache."""
    folders = {"RLM_LSP_CACHE_DIR": str(tmp_path / "cache"), "RLM_LSP_DATA_DIR": str(tmp_path / "data")}
    return {**os.environ, **folders, "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}


@pytest.fixture
def cli(cli_environment: Mapping[str, str], tmp_path: Path) -> RunCli:
    """Runs ``rlm-lsp`` with some arguments in a folder of its own, ``tmp_path / "project"``."""
    project = tmp_path / "project"
    project.mkdir()

    def run(*arguments: str | Path, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rlm_lsp", *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=project,
            env={**cli_environment, **environment},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run
