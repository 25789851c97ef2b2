"""The extension and the clients in the real editors, headless. What they need is installed by ``scripts/install-editors``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EDITORS = Path(os.environ.get("RLM_LSP_EDITORS", ROOT / ".editors"))
"""Where ``scripts/install-editors`` puts the editors; git ignores it."""


def need(there: object, what: str) -> None:
    """Skip where ``what`` is missing, and fail in CI, which must have installed it."""
    if not there:
        reason = f"{what} is missing: run scripts/install-editors"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
