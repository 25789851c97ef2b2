"""Commands in a real VS Code, by a click or by the palette: their answers are documents that a person can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors import MODEL
from tests.editors.vscode.conftest import Show, Start
from tests.editors.vscode.window import Window
from tests.lsp.replay import workspace

PAIRS = 30  # its line in the workspace's orders.py


@pytest.fixture
def window(start: Start, show: Show, tmp_path: Path) -> Window:
    """A repository whose orders.py differs from HEAD."""
    root = tmp_path / "repository"
    workspace.write(root)
    window = show(start(), root, root / "orders.py")
    window.go_to(PAIRS)
    window.until_hint(PAIRS)
    return window


def test_a_click_on_a_lens_compares_with_head(window: Window) -> None:
    window.until(lambda seen: "predicted" in seen.lenses.get(PAIRS, ""), "the lens' number")
    said = window.result_of(lambda: window.click_lens_of(PAIRS))
    assert "orders.py against HEAD" in said
    assert "pairs" in said
    assert f"Predicted by {MODEL}" in said


def test_a_prediction_is_explained(window: Window) -> None:
    window.go_to(PAIRS + 3, 5)
    said = window.result_of(lambda: window.run("rlm-lsp: Explain the Prediction of the Function at the Cursor"))
    assert "What the prediction of pairs hangs on" in said
    assert "if a is not b" in said  # the code of a region
    assert "p10–p90" in said
    assert f"Predicted by {MODEL}" in said


def test_scaling_says_what_the_model_knows(window: Window) -> None:
    window.go_to(PAIRS, 5)
    said = window.result_of(lambda: window.run("rlm-lsp: How Does the Function at the Cursor Scale?"))
    assert "How pairs scales" in said
    assert "not measured" in said


def test_a_click_on_the_status_bar_shows_the_status(window: Window) -> None:
    assert f"{MODEL} · cpu · ready" in window.until(lambda seen: "ready" in seen.state, "a ready model").state
    said = window.result_of(lambda: window.page.locator("[id='rlm-lsp.rlm-lsp.status'] a").click())
    assert "model's process" in said
    assert "orders.py" in said
    assert window.see().toasts == ()
