"""The viewer in a real browser, as the one HTML file that anybody may open: what it shows, what keys and clicks do, what it never does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import BrowserContext, Page

from rlm_lsp.onnx.document import TIMES
from rlm_lsp.onnx.html import page as page_of
from tests.editors import need
from tests.editors.vscode.window import PATIENCE_S, browser
from tests.onnx import viewer_model

SVG = "{http://www.w3.org/2000/svg}"


class Viewer:
    """A page with the viewer, and all that it asked for and complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.goto(address)
        page.wait_for_selector("html[data-ready]")

    def boxes(self) -> list[str]:
        """The titles of the boxes that are drawn."""
        titles: list[str] = self.page.locator(".box .title").evaluate_all("all => all.map(one => one.firstChild.textContent)")
        return titles

    def until(self, holds: str, *arguments: object) -> None:
        self.page.wait_for_function(holds, arg=arguments[0] if arguments else None, timeout=PATIENCE_S * 1000)

    def box(self, title: str) -> str:
        """The selector of the box with a title."""
        item: str = self.page.evaluate(
            "title => [...document.querySelectorAll('.box')].find(one => one.querySelector('.title').firstChild.textContent === title).id",
            title,
        )
        return f"#{item}"

    def press(self, *keys: str) -> None:
        self.page.focus(".stage")
        for key in keys:
            self.page.keyboard.press(key)

    def selected(self) -> str:
        """What is read out of the selected box."""
        return self.page.locator(".stage .box.selected").get_attribute("aria-label") or ""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    chromium = shutil.which("chromium")
    need(chromium, "Chromium")
    assert chromium
    with browser(tmp_path_factory.mktemp("chromium"), chromium, 1300, 2400) as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(context: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    """One page for all tests. It has made no request and no complaint when they are over, whatever was done."""
    folder = tmp_path_factory.mktemp("viewer")
    file = folder / "model.html"
    file.write_text(page_of(viewer_model.document(folder)), "utf-8")
    shown = Viewer(context.new_page(), file.as_uri())
    yield shown
    assert [url for url in shown.requests if not url.startswith(("blob:null/", "data:image/svg+xml"))] == [file.as_uri()]
    assert shown.complaints == []
    assert shown.page.title() == "model.onnx · rlm-lsp"  # no name of the model has run


@pytest.fixture
def viewer(opened: Viewer) -> Viewer:
    """The page with nothing selected or found, and all groups open."""
    opened.page.fill(".search input", "")
    opened.page.select_option("select[aria-label=overlay]", "seconds")
    opened.press("e", "Escape", "Escape", "Escape", "Escape", "Escape", "Escape")
    opened.until("() => document.querySelectorAll('.box.node').length > 10 && !document.querySelector('.box.selected')")
    return opened


def test_names_are_text_and_nothing_else(viewer: Viewer) -> None:
    page = viewer.page
    page.fill(".search input", "script")
    option = page.locator("#results [role=option]").first
    option.wait_for()
    assert viewer_model.SCRIPT in option.inner_text()
    page.keyboard.press("Enter")
    page.locator("#sheet h2", has_text="Add").wait_for()
    facts = page.locator("#sheet").inner_text()
    assert facts.count(viewer_model.SCRIPT) >= 2  # its name, and metadata
    page.fill(".search input", "onerror")
    page.locator("#results [role=option]", has_text="Reshape").wait_for()
    page.keyboard.press("Enter")
    page.locator("#sheet h2", has_text="Reshape").wait_for()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2  # the viewer's own, and its document


def test_groups_open_and_close_by_keys_and_by_the_mouse(viewer: Viewer) -> None:
    page = viewer.page
    assert {"then_branch", "Neg"} <= set(viewer.boxes())
    viewer.press("c")
    viewer.until("() => !document.querySelector('.box.header')")
    assert "Neg" not in viewer.boxes()
    title = next(one for one in viewer.boxes() if one.startswith("If"))
    before = page.locator(viewer.box(title)).bounding_box()
    page.locator(viewer.box(title)).dblclick()
    viewer.until("() => document.querySelector('.box.header')")
    page.wait_for_timeout(250)
    after = page.locator(viewer.box(title)).bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 12  # what was clicked stays under the mouse
    assert "then_branch" in viewer.boxes()
    viewer.press("Enter")
    viewer.until("() => !document.querySelector('.box.header')")


def test_arrows_follow_the_edges(viewer: Viewer) -> None:
    viewer.press("ArrowDown")
    assert viewer.selected().startswith(f"x, float32 batch{TIMES}64")
    viewer.press("ArrowDown", "ArrowDown")
    assert viewer.selected().split(",")[0] == "Add"
    viewer.press("ArrowUp")
    assert viewer.selected().split(",")[0] == "MatMul"
    assert "roofline time" in viewer.selected()
    assert viewer.page.locator(".stage").get_attribute("aria-activedescendant") == viewer.page.locator(".box.selected").get_attribute("id")
    assert "MatMul" in viewer.page.locator("#viewer > [role=status]").inner_text()
    viewer.press("Escape")
    assert "layers.0" in viewer.selected()
    viewer.press("?")
    assert viewer.page.locator("dialog[open]").inner_text().startswith("Keys")
    viewer.page.keyboard.press("Escape")
    viewer.press("/")
    assert viewer.page.evaluate("document.activeElement.getAttribute('aria-label')") == "search nodes"


def test_search(viewer: Viewer) -> None:
    found = {
        "op:MatMul": 3,
        "shape:64x64": 3,
        "attr:keepdims=0": 1,
        "name:/layers\\.[01]/ op:Relu": 2,
        "dtype:bool": 3,
        "op:": 0,
    }
    for query, count in found.items():
        viewer.page.fill(".search input", query)
        viewer.page.locator(".results .count", has_text=f"{count} found").wait_for()
        assert viewer.page.locator("#results [role=option]").count() == count
    viewer.page.fill(".search input", "name:/(/")
    viewer.page.locator(".results .count", has_text="is not a regular expression").wait_for()


def test_each_overlay_says_where_it_is_from(viewer: Viewer) -> None:
    page = viewer.page
    legend = page.locator(".legend")
    assert "static" in legend.inner_text()
    unknown = page.locator(".box.unknown").count()
    assert unknown >= 1  # without a size for the batch
    assert page.locator(".box.unknown .hatch").first.is_visible()
    assert set(page.locator(".box.unknown .value").all_text_contents()) <= {"?", ""}
    for name in ("predicted:latency@cpu", "apportioned:latency@cpu", "measured"):
        provenance = name.partition(":")[0]
        page.select_option("select[aria-label=overlay]", name)
        page.locator(".legend .provenance", has_text=provenance).wait_for()
        assert legend.locator(".provenance").all_inner_texts() == [provenance]
    page.select_option("select[aria-label=overlay]", "")
    assert legend.is_hidden()
    assert page.locator(".box.unknown").count() == 0


def test_predictions_stand_with_their_intervals_or_reasons(viewer: Viewer) -> None:
    page = viewer.page
    page.click("#tab-summary")
    rows = page.locator("table[aria-label=predicted] tr").all_inner_texts()
    assert [" ".join(row.split()) for row in rows] == [
        "latency on cpu 2 ms 1 ms – 4 ms",
        "accuracy on cifar10, latency on phone unknown: no image",
    ]
    assert page.get_by_text("By rlm-x for some machine. p50, and p10 to p90.").is_visible()
    viewer.press("c", "ArrowDown")
    page.select_option("select[aria-label=overlay]", "predicted:latency@cpu")
    layer = page.locator(viewer.box("layers.0"))
    assert "500 µs" in (layer.get_attribute("aria-label") or "")
    layer.click()
    shown = page.locator("#panel-details, .side").first
    shown.get_by_text("200 µs – 900 µs").wait_for()


def test_open_sizes_become_a_command(viewer: Viewer) -> None:
    page = viewer.page
    page.click("#tab-summary")
    assert page.locator("#bind-command").inner_text() == "rlm-lsp onnx model.onnx --html model.html"
    page.locator(".symbols input").fill("8")
    assert page.locator("#bind-command").inner_text() == "rlm-lsp onnx model.onnx --bind batch=8 --html model.html"


def test_the_dearest_nodes_stand_first(viewer: Viewer) -> None:
    page = viewer.page
    page.click("#tab-costs")
    page.locator("table[aria-label=costs]").wait_for()
    costs = page.locator("td.number").all_inner_texts()
    assert "unknown" in costs[-1]
    page.locator("tbody tr").first.click()
    viewer.until("() => document.querySelector('.box.selected')")
    page.click("th.number button")
    assert page.locator("th.number").get_attribute("aria-sort") == "ascending"
    assert "unknown" in page.locator("td.number").all_inner_texts()[-1]  # last, whichever way


def test_the_outline_is_the_graph_for_those_who_do_not_see_it(viewer: Viewer) -> None:
    page = viewer.page
    viewer.press("c")
    viewer.until("() => !document.querySelector('.box.header')")
    page.click("#tab-outline")
    rows = page.locator("[role=tree][aria-label=outline] [role=treeitem]")
    groups = page.locator("[aria-label=outline] [aria-expanded=false]")
    before = rows.count()
    groups.first.focus()
    page.keyboard.press("ArrowRight")
    viewer.until("count => document.querySelectorAll('[aria-label=outline] [role=treeitem]').length > count", before)
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-level')") == "2"


def test_constants_and_shapes_are_left_out_until_they_are_asked_for(viewer: Viewer) -> None:
    page = viewer.page
    assert "Shape" not in viewer.boxes()
    page.click("summary[aria-label='what is shown']")
    page.get_by_label("computation of shapes").check()
    viewer.until("() => [...document.querySelectorAll('.box .title')].some(one => one.textContent.startsWith('Shape'))")
    page.get_by_label("constants").check()
    viewer.until("() => [...document.querySelectorAll('.box .title')].some(one => one.textContent.startsWith('Identity'))")


def exported(viewer: Viewer, name: str) -> Path:
    viewer.page.click("summary[aria-label=export]")
    with viewer.page.expect_download() as download:
        viewer.page.get_by_role("button", name=name).click()
    assert download.value.suggested_filename.startswith("model.")
    return download.value.path()


def test_what_is_exported(viewer: Viewer) -> None:
    text = exported(viewer, "Picture as SVG").read_text("utf-8")
    root = ElementTree.fromstring(text)
    titles = ["".join(one.itertext()) for one in root.iter(f"{SVG}text") if one.get("class") == "title"]
    assert titles.count("MatMul") == viewer_model.BLOCKS
    assert "roofline time (static)" in text
    assert not list(root.iter(f"{SVG}script"))
    assert "var(--paper)" in text
    assert "--paper:#" in text  # what the sheet refers to is in the file
    assert exported(viewer, "Picture as PNG").read_bytes().startswith(b"\x89PNG")
    costs: dict[str, Any] = json.loads(exported(viewer, "Costs as JSON").read_text("utf-8"))
    assert {figure["provenance"] for figure in costs["figures"]} == {"static", "predicted", "apportioned", "measured"}
    assert [node["op"] for node in costs["nodes"]].count("MatMul") == viewer_model.BLOCKS
    assert any(node["costs"]["macs"] is None for node in costs["nodes"])
    header, *rows = exported(viewer, "Costs as CSV").read_text("utf-8").splitlines()
    assert header.startswith("path,name,operator,seconds [s] (static)")
    assert len(rows) == len(costs["nodes"])


def test_themes(viewer: Viewer) -> None:
    page = viewer.page
    seen: dict[str, tuple[str, str]] = {}
    for scheme, more, theme in (("light", "no-preference", "light"), ("dark", "no-preference", "dark"), ("dark", "more", "contrast")):
        page.emulate_media(color_scheme=scheme, contrast=more)  # type: ignore[arg-type]  # literals in a tuple
        viewer.until("theme => document.documentElement.dataset.theme === theme", theme)
        page.wait_for_timeout(100)
        seen[theme] = tuple(page.evaluate("() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"))
    assert seen["contrast"] == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    assert len(set(seen.values())) == 3
    page.click("summary[aria-label=theme]")
    page.get_by_role("button", name="theme light").click()
    viewer.until("() => document.documentElement.dataset.theme === 'light'")


def test_moving_and_zooming(viewer: Viewer) -> None:
    page = viewer.page
    title = viewer.boxes()[0]
    before = page.locator(viewer.box(title)).bounding_box()
    page.mouse.move(60, 500)
    page.mouse.down()
    page.mouse.move(100, 560, steps=3)
    page.mouse.up()
    page.wait_for_timeout(300)
    moved = page.locator(viewer.box(title)).bounding_box()
    assert before
    assert moved
    assert round(moved["x"] - before["x"]) == 40
    assert round(moved["y"] - before["y"]) == 60
    for _ in range(20):
        viewer.press("-")
    viewer.until("() => document.querySelector('.overview').childElementCount > 0 && !document.querySelector('.box')")
    viewer.press("f", "0")
    viewer.until("() => document.querySelectorAll('.box').length > 3")
