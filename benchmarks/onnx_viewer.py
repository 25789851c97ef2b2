"""Measures the ONNX viewer beside Netron, same files, same browser: ``python -m benchmarks.onnx_viewer`` writes ONNX_VIEWER.md.

Wants Chromium and the packages ``netron``, ``onnx`` and ``playwright``. The models are made here: stacks of transformer layers. A first
picture is there when the page says so (ours), or when nodes are in the page (Netron). While frames are counted, the picture is moved and
zoomed by wheel events, one a frame.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmarks.machine import processor, system
from rlm_lsp.onnx.document import load
from rlm_lsp.onnx.html import page as page_of
from rlm_lsp.onnx.wire import encode_varint
from tests.editors.processes import free_port
from tests.editors.vscode.window import browser
from tests.onnx import building as b

PAGE = Path(__file__).parent / "ONNX_VIEWER.md"
LAYER = (
    "MatMul",
    "MatMul",
    "MatMul",
    "Transpose",
    "MatMul",
    "Mul",
    "Softmax",
    "MatMul",
    "MatMul",
    "Add",
    "MatMul",
    "Relu",
    "MatMul",
    "Add",
)
WIDTH = 8
FIRST_PICTURE_S = {3_600: 1.5, 20_000: 3.0}  # budgets
FRAMES_PER_SECOND = 30
RUNS = 3
MOVING_MS = 2000
GIVE_UP_S = 150.0
SPARSE_BYTES = 2_500_000_000
READING_S, READING_BYTES = 1.0, 100_000_000  # budgets

_READ = """
import sys, time
from pathlib import Path
from rlm_lsp.onnx.reader import read
began = time.perf_counter()
model = read(Path(sys.argv[1]))
seconds = time.perf_counter() - began
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(seconds, len(model.graph.nodes), peak.split()[1])
"""

KEEP_EVAL = "const kept = window.eval; Object.defineProperty(window, 'eval', { get: () => kept, set: () => undefined });"
"""Netron takes ``eval`` away, by which the browser's driver counts frames."""

FRAMES = """([selector, zooms, milliseconds]) => new Promise(resolve => {
  const target = document.querySelector(selector);
  const { left, top, width, height } = target.getBoundingClientRect();
  const began = performance.now();
  let frames = 0;
  const frame = now => {
    if (now - began >= milliseconds) return resolve(frames * 1000 / (now - began));
    const way = Math.floor(frames / 20) % 2 === 0 ? 1 : -1;
    target.dispatchEvent(new WheelEvent('wheel', { deltaY: way * (zooms ? 12 : 30), ctrlKey: zooms, bubbles: true, cancelable: true,
      clientX: left + width / 2, clientY: top + height / 2 }));
    frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})"""


@dataclass(frozen=True)
class Times:
    """Of one viewer and one file; None where nothing was drawn within ``GIVE_UP_S``."""

    first_picture_s: float | None
    pan: float | None
    zoom: float | None


def write_model(path: Path, nodes: int) -> None:
    """A model of at least ``nodes`` nodes: layers of attention and a feed-forward part, each in a scope of its own."""
    parts: list[bytes] = [b.initializer("w", [WIDTH, WIDTH], raw=bytes(4 * WIDTH * WIDTH))]
    value = "x"
    for layer in range(-(-nodes // len(LAYER))):
        names = [f"v{layer}.{step}" for step in range(len(LAYER))]
        inputs: list[list[str]] = [
            [value, "w"], [value, "w"], [value, "w"], [names[1]], [names[0], names[3]], [names[4], "w"], [names[5]], [names[6], names[2]],
            [names[7], "w"], [value, names[8]], [names[9], "w"], [names[10]], [names[11], "w"], [names[9], names[12]],
        ]  # fmt: skip
        scopes = ["attention"] * 9 + [""] + ["mlp"] * 3 + [""]
        for op, read, made, scope in zip(LAYER, inputs, names, scopes, strict=True):
            parts.append(b.node(op, read, [made], name="/".join(filter(None, ("", f"layers.{layer}", scope, made)))))
        value = names[-1]
    ends = (b.graph_input("x", [WIDTH, WIDTH]), b.graph_output(value, [WIDTH, WIDTH]))
    path.write_bytes(b.model(b.graph(*parts, *ends)))


def ours(context: BrowserContext, model: Path) -> Times:
    """The page of a model, opened from the disk."""
    html = model.with_suffix(".html")
    html.write_text(page_of(load(model, details=True)), "utf-8")
    page = context.new_page()
    began = time.perf_counter()
    page.goto(html.as_uri(), wait_until="commit")
    page.wait_for_selector("html[data-ready]", timeout=GIVE_UP_S * 1000)
    return _moved(page, time.perf_counter() - began, ".stage")


def netron(context: BrowserContext, model: Path) -> Times:
    """The same model in Netron's page, from its server on the loopback interface; it may reach nothing else."""
    import netron as package

    address = f"http://127.0.0.1:{free_port()}"
    host, port = address.removeprefix("http://").split(":")
    package.serve(str(model), None, address=(host, int(port)), browse=False)
    try:
        page = context.new_page()
        page.add_init_script(KEEP_EVAL)
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith((address, "blob:", "data:")) else route.abort())
        page.on("dialog", lambda dialog: dialog.accept())
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        try:
            _accept(page)
            page.wait_for_function(
                "() => document.body?.className.includes('default') && document.querySelector('#target .node, #canvas .node') !== null",
                timeout=GIVE_UP_S * 1000,
            )
        except PlaywrightTimeout:
            page.close()
            return Times(None, None, None)
        return _moved(page, time.perf_counter() - began, "#target")
    finally:
        package.stop((host, int(port)))


def _accept(page: Page) -> None:
    """Netron asks for consent, or whether to go on with a large graph, before it draws; both are agreed to."""
    page.evaluate(
        """() => setInterval(() => {
          const button = document.querySelector('#message-button');
          if (button && button.offsetParent && /accept/i.test(button.innerText)) button.click();
        }, 20)"""
    )


def _moved(page: Page, first_picture_s: float, selector: str) -> Times:
    page.wait_for_timeout(500)
    pan, zoom = (float(page.evaluate(FRAMES, [selector, zooms, MOVING_MS])) for zooms in (False, True))
    page.close()
    return Times(first_picture_s, pan, zoom)


def write_sparse_model(path: Path, size: int) -> None:
    """One node, and a tensor of ``size`` bytes before it, which are a hole in the file and take no disk."""
    head = b.field(1, size // 4) + b.field(2, 1) + b.field(8, "w") + b"\x4a" + encode_varint(size)
    inner = b"\x2a" + encode_varint(len(head) + size)
    rest = b.node("Relu", ["w"], ["y"])
    with path.open("wb") as file:
        file.write(b.field(8, 1) + b"\x3a" + encode_varint(len(inner) + len(head) + size + len(rest)) + inner + head)
        file.seek(size, os.SEEK_CUR)
        file.write(rest)


def read_sparse(path: Path) -> tuple[float, int]:
    """Seconds that reading takes, and the most bytes that its process held, the interpreter among them."""
    done = subprocess.run([sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True, timeout=GIVE_UP_S)
    seconds, nodes, peak = done.stdout.split()
    if nodes != "1":
        raise SystemExit(f"{nodes} nodes were read instead of 1")
    return float(seconds), int(peak) * 1024


def middle(times: Sequence[Times]) -> Times:
    """The medians; unknown where a run did not end."""

    def of(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if len(known) == len(values) else None

    return Times(of([one.first_picture_s for one in times]), of([one.pan for one in times]), of([one.zoom for one in times]))


def rows(nodes: int, own: Times, other: Times) -> Iterator[str]:
    """Lines of the page's table."""
    for title, unit, mine, theirs, budget in (
        ("first picture", " s", own.first_picture_s, other.first_picture_s, f"≤ {FIRST_PICTURE_S[nodes]} s"),
        ("pan", " frames/s", own.pan, other.pan, f"≥ {FRAMES_PER_SECOND} frames/s"),
        ("zoom", " frames/s", own.zoom, other.zoom, f"≥ {FRAMES_PER_SECOND} frames/s"),
    ):
        ratio = "" if mine is None or theirs is None else f"{(theirs / mine if unit == ' s' else mine / theirs):.1f}x"
        shown = [f"over {GIVE_UP_S:.0f} s" if value is None else f"{value:.2f}{unit}" for value in (mine, theirs)]
        yield f"| {nodes:,} nodes: {title} | {shown[0]} | {shown[1]} | {ratio} | {budget} |"


@contextmanager
def opened_browser(folder: Path) -> Iterator[BrowserContext]:
    """A headless Chromium, with software rendering."""
    executable = shutil.which("chromium")
    if executable is None:
        raise SystemExit("install Chromium first")
    with browser(folder, executable, 1400, 900) as context:
        yield context


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="+", default=sorted(FIRST_PICTURE_S), choices=sorted(FIRST_PICTURE_S))
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args(argv)
    lines: list[str] = []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for nodes in arguments.nodes:
            model = folder / f"layers{nodes}.onnx"
            write_model(model, nodes)
            with opened_browser(folder / f"profile{nodes}") as context:
                ours(context, model)  # warms the browser's caches for both
                own, other = [], []
                for _ in range(arguments.runs):  # in turns: what else the machine does meets both
                    own.append(ours(context, model))
                    other.append(netron(context, model))
                    print(nodes, own[-1], other[-1], flush=True)
            lines += rows(nodes, middle(own), middle(other))
        sparse = folder / "sparse.onnx"
        write_sparse_model(sparse, SPARSE_BYTES)
        read = [read_sparse(sparse) for _ in range(arguments.runs)]
    seconds, peak = median(one for one, _ in read), max(one for _, one in read)
    PAGE.write_text(
        "\n".join(
            (
                "# The ONNX viewer beside Netron",
                "",
                f"`python -m benchmarks.onnx_viewer`; medians of {arguments.runs} runs in turns, headless Chromium without a GPU.",
                f"{processor()}; {system()}. Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after, of all that ran.",
                "",
                "Ours opens with the dearest groups open, about 60 boxes; Netron draws all nodes. The making of our page is not counted.",
                "",
                "| | rlm-lsp | Netron | ours is better by | budget |",
                "| --- | --- | --- | --- | --- |",
                *lines,
                "",
                f"A file of {SPARSE_BYTES / 1e9:.1f} GB, nearly all of it one weight, is read in {1e3 * seconds:.1f} ms (budget: "
                f"{READING_S:.0f} s) by a process that holds at most {peak / 1e6:.0f} MB, Python among them (budget: "
                f"{READING_BYTES / 1e6:.0f} MB); a model's weights are skipped, so this does not hang on their size.",
                "",
            )
        ),
        "utf-8",
    )


if __name__ == "__main__":
    main()
