""":RlmOnnx opens a page that shows the network; what cannot be shown is said in one line."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.editors.neovim.conftest import Project
from tests.onnx import viewer_model

OPENED = """
vim.ui.open = function(path)
  _G.opened = path
  return {}
end
"""


def test_the_page_is_opened_with_sizes(project: Project, tmp_path: Path) -> None:
    model = viewer_model.write(tmp_path / "a model.onnx")
    neovim = project({"a model.onnx": model.read_bytes()}, OPENED).start()
    neovim.press(":RlmOnnx a\\ model.onnx batch=8<CR>")
    page = Path(neovim.wait("_G.opened"))
    assert page.name.endswith("a_model.html")
    found = re.search(r'<script type="application/json" id="document">(.*)</script>', page.read_text("utf-8"))
    assert found
    assert [(symbol["name"], symbol["value"]) for symbol in json.loads(found[1])["symbols"]] == [("batch", 8)]
    assert neovim.told() == []


def test_what_cannot_be_shown_is_said(project: Project) -> None:
    neovim = project({"broken.onnx": b"\xff" * 40}, OPENED).start()
    neovim.press(":RlmOnnx missing.onnx<CR>:RlmOnnx broken.onnx<CR>")
    neovim.wait("#told() == 2")
    missing, broken = neovim.told()
    assert missing.startswith("rlm-lsp: there is no file")
    assert "broken.onnx" in broken
    assert "\n" not in broken
    assert neovim.lua("return _G.opened") is None
