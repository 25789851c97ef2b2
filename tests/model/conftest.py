"""Settings and a checkpoint for tests that run the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model.tiny import make_tiny_checkpoint


@pytest.fixture(autouse=True, scope="session")
def _one_torch_thread() -> None:
    """Threads only cost time at these sizes."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be written to."""
    return make_tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "model")
