"""The ONNX viewer in a real VS Code, in a folder that is not trusted: it opens on a click, and asks the server for what it shows."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame

from tests.editors.vscode.conftest import Show, Start
from tests.editors.vscode.window import PATIENCE_S, Window
from tests.onnx import viewer_model


def viewer_of(window: Window) -> Frame:
    """The frame in which the viewer has drawn its first picture."""
    deadline = time.monotonic() + 2 * PATIENCE_S
    while time.monotonic() < deadline:
        for frame in window.page.frames:
            with suppress(PlaywrightError):  # a frame that is going
                if frame.evaluate("document.querySelector('#viewer') !== null && 'ready' in document.documentElement.dataset"):
                    return frame
        window.wait(0.2)
    texts = [frame.evaluate("document.body?.innerText ?? ''")[:200] for frame in window.page.frames]
    raise AssertionError(f"no picture; frames: {texts}; console: {window.console[-10:]}")


BATCH = "8"


def test_a_click_shows_the_network_without_trust(start: Start, show: Show, project: Path) -> None:
    viewer_model.write(project / "model.onnx")
    window = show(start(trusted=False), project)
    window.open_file("model.onnx")
    frame = viewer_of(window)
    assert frame.evaluate("document.documentElement.dataset.host") == "editor"
    assert "layers.0" in frame.locator(".stage").inner_text() or frame.locator(".box").count() > 3
    assert viewer_model.SCRIPT not in (frame.evaluate("document.title"), window.page.title())

    frame.fill(".search input", "attr:keepdims=0")  # attributes are the server's
    frame.locator("#results [role=option]", has_text="ReduceMax").first.click()
    frame.locator("#sheet dt", has_text="keepdims").wait_for()

    frame.click("#tab-summary")
    frame.fill(".symbols input", BATCH)
    frame.get_by_role("button", name="Bind").click()
    frame.locator(".box", has_text=f"{BATCH}\N{MULTIPLICATION SIGN}64").first.wait_for()
    assert frame.input_value(".symbols input") == BATCH

    model = project / "model.onnx"
    model.write_bytes(b"\xff" * 64)  # changed on the disk to what is no model
    frame.locator(".failure").wait_for()
    viewer_model.write(model)
    frame.locator(".box").nth(3).wait_for()

    violations = [line for line in window.console if "Content Security Policy" in line and "viewer" in line]
    assert violations == []
    assert window.see().toasts == ()
