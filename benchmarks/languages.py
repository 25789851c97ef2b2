"""How fast files are cut, language by language: ``python -m benchmarks.languages FOLDER [LANGUAGE ...]``.

``FOLDER`` is what ``python -m tests.opinions.fetch`` filled: real files, behind each other until they have the wanted size. One process;
seconds of its computing, the best of three. Writes ``LANGUAGES.md`` and ``languages.json`` beside this file.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from itertools import cycle
from pathlib import Path

from rlm_lsp.chunk import chunk_source
from tests.opinions.second_opinion import files_of
from tests.opinions.sources import LANGUAGES

HERE = Path(__file__).parent
SIZES = (50_000, 200_000, 800_000)  # bytes
REPEATS = 3
TARGET = 2.0  # MB/s
_BUDGET_S = 60.0
_HEAD = """# Languages

How many MB a second one process cuts into functions. `python -m benchmarks.languages FOLDER` writes this page; the target is
{target:g} MB/s at every size, and linear.

The text is real: the files of the packages that `tests/opinions/<language>.toml` names, those without a problem behind each other
until they have the size. Where a package is smaller, its files come again.

{machine}

| language | {sizes} | functions per s | growth |
|---|{lines}---|---|
"""
_TAIL = """
Growth is the time a byte takes in the largest text against the smallest: 1 is linear.
"""


def main(folder: Path, names: list[str]) -> None:
    """Measure, print, and write the page."""
    path = HERE / "languages.json"
    measured = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in names or LANGUAGES:
        pieces = _pieces(name, folder)
        measured[name] = [_measure(name, _text(pieces, size)) for size in SIZES]
        print(f"{name:12}", *(f"{point['mb_per_s']:6.2f} MB/s" for point in measured[name]))
        path.write_text(json.dumps(dict(sorted(measured.items())), indent=1) + "\n", encoding="utf-8")
        (HERE / "LANGUAGES.md").write_text(_page(measured), encoding="utf-8")


def _measure(language: str, source: bytes) -> dict[str, float]:
    seconds = []
    for _ in range(REPEATS):
        started = time.process_time()
        result = chunk_source(source, language, budget_s=_BUDGET_S)
        seconds.append(time.process_time() - started)
    functions = sum(chunk.kind != "program" for chunk in result.chunks)
    rate = len(source) / 1e6 / min(seconds)
    return {"bytes": len(source), "functions": functions, "seconds": round(min(seconds), 4), "mb_per_s": round(rate, 3)}


def _pieces(language: str, folder: Path) -> list[bytes]:
    """Return sound files of a language's packages, enough for the largest size: ASCII, no shebang, no problem when they are cut."""
    pieces: list[bytes] = []
    for path in files_of(language, folder):
        source = path.read_bytes()
        if (
            source.isascii()
            and not source.startswith(b"#!")
            and len(source) < max(SIZES) // 4
            and not chunk_source(source, language).problems
        ):
            pieces.append(source)
        if sum(map(len, pieces)) > max(SIZES):
            break
    return pieces


def _text(pieces: list[bytes], size: int) -> bytes:
    """Return whole files of about ``size`` bytes together."""
    text: list[bytes] = []
    length = 0
    for piece in cycle(pieces):
        if length >= size:
            break
        text.append(piece + b"\n")
        length += len(piece) + 1
    return b"".join(text)


def _page(measured: dict[str, list[dict[str, float]]]) -> str:
    machine = f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}"
    lines = []
    for name, points in sorted(measured.items()):
        cells = [f"{point['mb_per_s']:.2f}" + ("" if point["mb_per_s"] >= TARGET else " (below)") for point in points]
        growth = points[0]["mb_per_s"] / points[-1]["mb_per_s"]
        lines.append(f"| {name} | {' | '.join(cells)} | {points[-1]['functions'] / points[-1]['seconds']:,.0f} | {growth:.2f} |\n")
    sizes = " | ".join(f"{size // 1000} kB" for size in SIZES)
    return _HEAD.format(target=TARGET, machine=machine, sizes=sizes, lines="---|" * len(SIZES)) + "".join(lines) + _TAIL


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
