"""Measures the extension in the real VS Code: ``python -m benchmarks.editors``. The rows go into EDITORS.md.

All clocks are the page's: a time begins with the key that a person presses and ends with the first frame whose text shows the number.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.editors_page import Row, record
from rlm_lsp import api
from rlm_lsp.lsp.wording import hint_label
from tests.editors.vscode.extension import on_stage, package
from tests.editors.vscode.window import Window

COLD_RUNS, WARM_RUNS, KEYSTROKES = 5, 8, 15
COLD_MS, WARM_MS, KEYSTROKE_MS, ACTIVATION_MS = 2500, 500, 1000, 100  # budgets
VSIX_BYTES = 1_500_000
NOTHING = "An extension that does nothing"

WATCH = """({ key, start, end }) => {
  window.took = undefined;
  let began;
  const pressed = event => {
    if (event.key !== key) return;
    began ??= performance.now();
    document.removeEventListener('keydown', pressed, true);
  };
  document.addEventListener('keydown', pressed, true);
  const frame = () => {
    const lines = [...document.querySelectorAll('.editor-container .view-line')].map(line => line.textContent.replaceAll('\\u00a0', ' '));
    if (began !== undefined && lines.some(line => line.startsWith(start) && line.endsWith(end))) window.took = performance.now() - began;
    else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
"""Arms a stopwatch: from the key to the frame in which a line begins with ``start`` and ends with ``end``."""

FUNCTION = """\
def mean_{n}(xs):
    ys = sorted(x * {n} for x in xs for y in xs)
    return len(xs) + {n}


"""


def timed(window: Window, key: str, start: str, end: str, press: Callable[[], None]) -> float:
    """Milliseconds from ``press`` pressing the key to the line's being shown."""
    window.page.evaluate(WATCH, {"key": key, "start": start, "end": end})
    press()
    window.page.wait_for_function("window.took !== undefined")
    took = float(window.page.evaluate("window.took"))
    print(f"{start}: {took:.0f} ms", flush=True)
    return took


def hints(text: str) -> list[str]:
    """The labels of a text's hints, in order."""
    answers = [one.answer for one in api.predict_source(text) if one.kind == "function"]
    return [hint_label(answer, stale=False) for answer in answers if not isinstance(answer, api.Unknown)]


def write(folder: Path, numbers: Iterable[int]) -> dict[int, str]:
    """Write a file for each number; returns the hints that they will have."""
    for n in numbers:
        (folder / f"mean{n}.py").write_text(FUNCTION.format(n=n))
    return {n: hints(FUNCTION.format(n=n))[0] for n in numbers}


def opening(window: Window, n: int, hint: str) -> float:
    """Open a file that was never opened before."""

    def press() -> None:
        window.choose_file(f"mean{n}.py")
        window.press("Enter")

    return timed(window, "Enter", f"def mean_{n}(", hint, press)


def floor(folder: Path) -> Path:
    """An extension that does nothing, for the same files: what its activation takes is VS Code's own."""
    manifest = {
        "name": "floor",
        "displayName": NOTHING,
        "publisher": "rlm-lsp",
        "version": "0.0.1",
        "engines": {"vscode": "^1.100.0"},
        "main": "./extension.js",
        "activationEvents": ["onLanguage:python"],
    }
    path = folder / "floor.vsix"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("extension/package.json", json.dumps(manifest))
        archive.writestr("extension/extension.js", "exports.activate = () => {};")
    return path


def cold(vsix: Path, nothing: Path) -> tuple[float, float, float]:
    """The first hint in a fresh VS Code, and what VS Code says of our activation and of an empty extension's."""
    with on_stage(vsix, nothing) as (code, context, folder):
        expected = write(folder, [1])
        window = Window(context.new_page())
        window.open(code.address(folder), editor=False)
        window.wait(3)  # VS Code's own start
        took = opening(window, 1, expected[1])
        ours, empty = window.activation_ms("rlm-lsp: predicted"), window.activation_ms(NOTHING)
        print(f"activation: {ours:.0f} ms, of an empty extension {empty:.0f} ms", flush=True)
        return took, ours, empty


def warm(vsix: Path) -> tuple[list[float], list[float]]:
    """First hints of further files, and changed hints after a keystroke."""
    with on_stage(vsix) as (code, context, folder):
        first, *others = range(1, WARM_RUNS + 2)
        edited = range(100, 100 + KEYSTROKES)
        expected = write(folder, [first, *others, *edited])
        changed = {n: hints(FUNCTION.format(n=n).replace("    ys", "#    ys"))[0] for n in edited}
        window = Window(context.new_page())
        window.open(code.address(folder), editor=False)
        opening(window, first, expected[first])
        opened = [opening(window, n, expected[n]) for n in others]
        typed = []
        for n in edited:
            if expected[n] == changed[n]:
                raise SystemExit(f"mean_{n} shows nothing: its hint stays {expected[n]}")
            opening(window, n, expected[n])
            window.go_to(2)
            typed.append(timed(window, "#", f"def mean_{n}(", changed[n], lambda: window.press("#")))
        return opened, typed


def main() -> None:
    """Measure, and write the page."""
    vsix = package()
    with tempfile.TemporaryDirectory() as name:
        first, activations, floors = zip(*(cold(vsix, floor(Path(name))) for _ in range(COLD_RUNS)), strict=True)
    opened, typed = warm(vsix)
    rows: list[Row] = [
        {"what": "first hint after opening a file, no server running, empty cache", "ms": first, "budget_ms": COLD_MS},
        {"what": "first hint of another file, warm server", "ms": opened, "budget_ms": WARM_MS},
        {"what": "changed hint after a keystroke", "ms": typed, "budget_ms": KEYSTROKE_MS},
        {"what": "activation of the extension, as VS Code measures it", "ms": activations, "budget_ms": ACTIVATION_MS},
        {"what": "the same of an extension that does nothing", "ms": floors, "budget_ms": None},
        {"what": "the .vsix", "bytes": vsix.stat().st_size, "budget_bytes": VSIX_BYTES},
    ]
    record("vscode", rows)


if __name__ == "__main__":
    main()
