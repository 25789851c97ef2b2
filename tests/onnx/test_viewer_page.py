"""The HTML file as text: what its policy allows, what stands in it, and that the viewer in the package is what its sources build."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib import resources

import pytest

from rlm_lsp.onnx.html import json_in_html, page
from tests.editors import ROOT, need

VIEWER = resources.files("rlm_lsp.onnx").joinpath("viewer")
EXTENSION = ROOT / "editors" / "vscode"


class _Elements(HTMLParser):
    """The texts of the scripts and styles of a page, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] in self.texts:
            self.texts[self.tags[-1]][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")


HOSTILE = ["</script><script>alert(1)</script>", "<!-- <script>", "]]>", "\u2028\u2029", "\ud800", "&lt;", "\0", "'\"`${x}"]


def test_the_policy_names_what_the_page_holds_and_nothing_else() -> None:
    text = page({"schema": 1, "file": {"name": "a & <b>.onnx"}})
    elements = _Elements(text)
    (style,) = elements.texts["style"]
    _, script = elements.texts["script"]
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for name, content in (("script-src", script), ("style-src", style)):
        assert rules[name] == f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
    assert not re.search(r"unsafe|https?:|\*", policy)
    assert "<title>a &amp; &lt;b&gt;.onnx · rlm-lsp</title>" in text


def test_hostile_texts_stay_data() -> None:
    document = {"schema": 1, "file": {"name": HOSTILE[0]}, "strings": HOSTILE}
    text = page(document)
    elements = _Elements(text)
    assert len(elements.texts["script"]) == 2
    assert json.loads(elements.texts["script"][0]) == document
    assert not re.search("[^\x00-\x7f]|<", json_in_html(document))
    text.encode()  # whatever strings the model holds


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        page({"schema": 1, "value": float("nan")})


def test_the_viewer_refers_to_nothing_outside() -> None:
    script, style = (VIEWER.joinpath(name).read_text("utf-8") for name in ("viewer.js", "viewer.css"))
    addresses = set(re.findall(r"\w+://[^\s\"'`)]+", script + style))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of a namespace
    assert not re.search(
        r"innerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|fetch\(|XMLHttpRequest|WebSocket|@import", script + style
    )
    assert "</script" not in script
    assert sum(len(gzip.compress(text.encode(), 9)) for text in (script, style)) <= 80_000


def test_the_viewer_is_what_its_sources_build() -> None:
    need(shutil.which("node"), "Node.js")
    need((EXTENSION / "node_modules" / "esbuild").exists(), "what `npm ci` installs in editors/vscode")
    done = subprocess.run(
        ["node", "viewer/build.mjs", "--check"], cwd=EXTENSION, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
