"""How fast files are cut, language by language: ``python -m benchmarks.languages FOLDER [LANGUAGE ...]``.

``FOLDER`` is what ``python -m tests.opinions.fetch`` filled; Python's files are those of the running interpreter's own library. Real
files, each alone, and behind each other until they have the wanted size. One process; seconds of its computing, the best of three.
Writes ``LANGUAGES.md`` and ``languages.json`` beside this file.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import sysconfig
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

from tree_sitter import Parser

from rlm_lsp.chunk import ChunkResult, chunk_source
from rlm_lsp.chunk.parse import all_tools_for
from rlm_lsp.chunk.rewrite import for_parser
from rlm_lsp.languages import LANGUAGES
from tests.opinions.second_opinion import files_of
from tests.opinions.sources import LANGUAGES as FETCHED

HERE = Path(__file__).parent
SIZES = (50_000, 200_000, 800_000)  # bytes
REPEATS = 3
TARGET = 2.0  # MB/s
_BUDGET_S = 60.0
_NO_CODE = re.compile(rb"\A#![^\n]*|^__(?:END|DATA)__$(?s:.*)", re.MULTILINE)  # shebangs, and what Perl and Ruby read no further than
_HEAD = """# Languages

How many MB a second one process cuts into functions. `python -m benchmarks.languages FOLDER` writes this page; the target is
{target:g} MB/s at every size, and linear.

The text is real: the files of the packages that `tests/opinions/<language>.toml` names (Python: of the standard library), those with
functions and without a problem, of the most common ending. "Files" is each of them alone, up to 800 kB; the sizes are the files
behind each other, from the first one again where they are too few. "e": behind each other they hold syntax errors, as a second
`module` or `return` at the top level is one.

"Parse alone" is tree-sitter's C code on the 800 kB and nothing else, the ceiling of any chunker that uses the grammar; the share is
how much of that speed is left when the text is named, normalised and cut as well.

{machine}

| language | files | {sizes} | parse alone | share | functions per s | growth |
|---|---|{lines}---|---|---|---|
"""
_TAIL = """
Growth is the time a byte takes in the largest text against the smallest: 1 is linear.
"""


def main(folder: Path, names: list[str]) -> None:
    """Measure, print, and write the page."""
    path = HERE / "languages.json"
    measured = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in names or [*FETCHED, "python"]:
        pieces = _pieces(name, folder)
        texts = [_text(pieces, size) for size in SIZES]
        measured[name] = {
            "files": _measure(name, pieces),
            "sizes": [_measure(name, [text]) for text in texts],
            "parse_mb_per_s": _parse_alone(name, texts[-1]),
        }
        print(
            f"{name:12}", *(f"{point['mb_per_s']:6.2f} MB/s" for point in [measured[name]["files"], *measured[name]["sizes"]]), flush=True
        )
        path.write_text(json.dumps(dict(sorted(measured.items())), indent=1) + "\n", encoding="utf-8")
        (HERE / "LANGUAGES.md").write_text(_page(measured), encoding="utf-8")


def _measure(language: str, sources: list[bytes]) -> dict[str, float]:
    """Return how long these texts take together, each cut alone."""
    results: list[ChunkResult] = []

    def cut() -> None:
        results[:] = [chunk_source(source, language, budget_s=_BUDGET_S) for source in sources]

    spent, length = _seconds(cut), sum(map(len, sources))
    return {
        "bytes": length,
        "functions": sum(chunk.kind != "program" for result in results for chunk in result.chunks),
        "problems": sum(len(result.problems) for result in results),
        "seconds": round(spent, 4),
        "mb_per_s": round(length / 1e6 / spent, 3),
    }


def _parse_alone(language: str, source: bytes) -> float:
    """Return the MB/s of the first parser that finds no error, without a budget, on the bytes that it reads when the text is cut."""
    read = for_parser(source, LANGUAGES[language])
    parsers = [Parser(tools.grammar) for tools in all_tools_for(language)]
    parser = next((parser for parser in parsers if not parser.parse(read).root_node.has_error), parsers[0])
    return round(len(read) / 1e6 / _seconds(lambda: parser.parse(read)), 3)


def _seconds(work: Callable[[], object]) -> float:
    """Return the least of a few times, in seconds of computing."""
    seconds = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def _pieces(language: str, folder: Path) -> list[bytes]:
    """Return sound files of a language's packages, enough for the largest size: ASCII, functions and no problem in them."""
    library = Path(sysconfig.get_paths()["stdlib"])
    by_suffix: dict[str, list[bytes]] = {}
    for path in sorted(library.glob("*.py")) if language == "python" else files_of(language, folder):
        source = _NO_CODE.sub(b"", path.read_bytes())
        if source.isascii() and len(source) < max(SIZES) // 4:
            result = chunk_source(source, language)
            if not result.problems and any(chunk.kind != "program" for chunk in result.chunks):
                by_suffix.setdefault(path.suffix, []).append(source)
                if sum(map(len, by_suffix[path.suffix])) > max(SIZES):
                    break
    return max(by_suffix.values(), key=lambda pieces: sum(map(len, pieces)))


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


def _page(measured: dict[str, Any]) -> str:
    machine = f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}"
    lines = []
    for name, found in sorted(measured.items()):
        points, alone = found["sizes"], found["parse_mb_per_s"]
        cells = [_cell(point) for point in (found["files"], *points)]
        share = f"{points[-1]['mb_per_s'] / alone:.0%}"
        rate = f"{found['files']['functions'] / found['files']['seconds']:,.0f}"
        growth = points[0]["mb_per_s"] / points[-1]["mb_per_s"]
        lines.append(f"| {name} | {' | '.join(cells)} | {alone:.2f} | {share} | {rate} | {growth:.2f} |\n")
    sizes = " | ".join(f"{size // 1000} kB" for size in SIZES)
    return _HEAD.format(target=TARGET, machine=machine, sizes=sizes, lines="---|" * len(SIZES)) + "".join(lines) + _TAIL


def _cell(point: dict[str, float]) -> str:
    notes = ["below"] * (point["mb_per_s"] < TARGET) + ["e"] * (point["problems"] > 0)
    return f"{point['mb_per_s']:.2f}" + (f" ({', '.join(notes)})" if notes else "")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
