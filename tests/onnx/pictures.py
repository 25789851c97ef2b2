"""The pictures of the viewer in docs/: ``python -m tests.onnx.pictures`` (scripts/pictures makes all). A person looks at them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from rlm_lsp.onnx.document import load
from rlm_lsp.onnx.html import page as page_of
from tests.editors import ROOT
from tests.editors.vscode.window import browser
from tests.onnx import models

WIDTH, HEIGHT, SCALE = 1280, 820, 1.5


def main() -> None:
    """SqueezeNet with what is predicted, shared out among its nodes, in light and dark."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("install Chromium first")
    with tempfile.TemporaryDirectory() as name:
        html = Path(name) / "squeezenet.html"
        html.write_text(page_of(load(models.light("squeezenet"), details=True)), "utf-8")
        with browser(Path(name) / "profile", chromium, WIDTH, HEIGHT, SCALE) as context:
            page = context.new_page()
            page.goto(html.as_uri())
            page.wait_for_selector("html[data-ready]")
            page.select_option("select[aria-label=overlay]", "apportioned:latency@cpu")
            for theme in ("light", "dark"):
                page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                page.wait_for_timeout(500)
                page.screenshot(path=ROOT / "docs" / f"onnx-{theme}.png")


if __name__ == "__main__":
    main()
