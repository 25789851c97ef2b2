"""Commands in a real VS Code, by a click or by the palette: their answers are documents that a person can read."""

from __future__ import annotations

import pytest

from tests.conftest import SHIPPED
from tests.editors.vscode.conftest import Show, Start
from tests.editors.vscode.window import Window
from tests.lsp.replay import workspace

PAIRS = 30  # its line in the workspace's orders.py


@pytest.fixture(scope="module")
def shared(start_once: Start, show_once: Show, tmp_path_factory: pytest.TempPathFactory) -> Window:
    """A repository whose orders.py differs from HEAD."""
    root = tmp_path_factory.mktemp("shared") / "repository"
    workspace.write(root)
    return show_once(start_once(), root, root / "orders.py")


@pytest.fixture
def window(shared: Window) -> Window:
    """It, where nobody has asked for anything yet."""
    shared.go_to(PAIRS)
    shared.until_hint(PAIRS)
    return shared


def test_a_click_on_a_lens_compares_with_head(window: Window) -> None:
    said = window.result_of(lambda: window.click_lens_of(PAIRS), "orders.py against HEAD")
    assert "pairs" in said
    assert f"Predicted by {SHIPPED}" in said


def test_a_prediction_is_explained(window: Window) -> None:
    window.go_to(PAIRS + 3, 5)
    explain = "rlm-lsp: Explain the Prediction of the Function at the Cursor"
    said = window.result_of(lambda: window.run(explain), "What the prediction of pairs hangs on")
    assert "if a is not b" in said  # the code of a region
    assert "p10–p90" in said
    assert f"Predicted by {SHIPPED}" in said


def test_scaling_says_what_the_model_knows(window: Window) -> None:
    window.go_to(PAIRS, 5)
    said = window.result_of(lambda: window.run("rlm-lsp: How Does the Function at the Cursor Scale?"), "How pairs scales")
    assert "not measured" in said


def test_a_click_on_the_status_bar_shows_the_status(window: Window) -> None:
    assert f"{SHIPPED} · cpu · ready" in window.until(lambda seen: "ready" in seen.state, "a ready model").state
    said = window.result_of(lambda: window.page.locator("[id='rlm-lsp.rlm-lsp.status'] a").click(), "rlm-lsp")
    assert "model's process" in said
    assert "orders.py" in said
    assert window.see().toasts == ()
