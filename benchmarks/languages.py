"""How fast files are cut, language by language: ``python -m benchmarks.languages FOLDER [LANGUAGE ...]``.

``FOLDER`` is what ``python -m tests.opinions.fetch`` filled; Python's files are those of the running interpreter's own library. Real
files, each alone, and behind each other until they have the wanted size. One process; seconds of its computing, the least of five rounds,
each of which cuts every text once, so that a moment in which the machine is busy does not decide about one of them alone.
Writes ``LANGUAGES.md`` and ``languages.json`` beside this file.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import sysconfig
import time
from collections.abc import Callable
from functools import partial
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
ROUNDS = 5
TARGET = 2.0  # MB/s
_BUDGET_S = 60.0
_NO_CODE = re.compile(rb"\A#![^\n]*|^__(?:END|DATA)__$(?s:.*)", re.MULTILINE)  # shebangs, and what Perl and Ruby read no further than
_HEAD = """# Languages

How many MB one process cuts into functions in a second of computing, the best of {rounds} rounds. `python -m benchmarks.languages FOLDER`
writes this page; the target is {target:g} MB/s at every size, and linear.

The text is real: the files of the packages that `tests/opinions/<language>.toml` names (Python: of the standard library), those with
functions and without a problem, of the most common ending. "Files" is each of them alone, up to 800 kB; the sizes are the files
behind each other, from the first one again where they are too few. "e": behind each other they hold syntax errors, as a second
`module` or `return` at the top level is one.

"Parse alone" is tree-sitter's C code on the 800 kB and nothing else, the ceiling of any chunker that uses the grammar; the share is
how much of that speed is left when the text is named, normalised and cut as well.

{machine}.
Where the load is larger than the number of processors, other work slows everything down, "parse alone" too; the share stays nearly
the same.

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
        works = [pieces, *([_text(pieces, size)] for size in SIZES)]
        found = [_described(name, work) for work in works]
        alone = _parser(name, works[-1][0])
        jobs: list[Callable[[], object]] = [*(partial(_cut, name, work) for work in works), alone]
        seconds = [min(times) for times in zip(*([_seconds(job) for job in jobs] for _ in range(ROUNDS)), strict=True)]
        points = [
            {**point, "seconds": round(spent, 4), "mb_per_s": round(point["bytes"] / 1e6 / spent, 3)}
            for point, spent in zip(found, seconds, strict=False)
        ]
        parse = round(points[-1]["bytes"] / 1e6 / seconds[-1], 3)
        measured[name] = {"files": points[0], "sizes": points[1:], "parse_mb_per_s": parse}
        print(f"{name:12}", *(f"{point['mb_per_s']:6.2f} MB/s" for point in points), flush=True)
        path.write_text(json.dumps(dict(sorted(measured.items())), indent=1) + "\n", encoding="utf-8")
        (HERE / "LANGUAGES.md").write_text(_page(measured), encoding="utf-8")


def _cut(language: str, sources: list[bytes]) -> list[ChunkResult]:
    return [chunk_source(source, language, budget_s=_BUDGET_S) for source in sources]


def _described(language: str, sources: list[bytes]) -> dict[str, float]:
    """Return how much text this is, and what is found in it."""
    results = _cut(language, sources)
    return {
        "bytes": sum(map(len, sources)),
        "functions": sum(chunk.kind != "program" for result in results for chunk in result.chunks),
        "problems": sum(len(result.problems) for result in results),
    }


def _parser(language: str, source: bytes) -> Callable[[], object]:
    """Return what parses the bytes that are read when a text is cut, by the first grammar that finds no error, without a budget."""
    read = for_parser(source, LANGUAGES[language])
    parsers = [Parser(tools.grammar) for tools in all_tools_for(language)]
    parser = next((parser for parser in parsers if not parser.parse(read).root_node.has_error), parsers[0])
    return partial(parser.parse, read)


def _seconds(work: Callable[[], object]) -> float:
    """Return the seconds of computing that something takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


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
    load = f"a load of {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors when the last row was measured"
    machine = f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}; {load}"
    lines = []
    for name, found in sorted(measured.items()):
        points, alone = found["sizes"], found["parse_mb_per_s"]
        cells = [_cell(point) for point in (found["files"], *points)]
        share = f"{points[-1]['mb_per_s'] / alone:.0%}"
        rate = f"{found['files']['functions'] / found['files']['seconds']:,.0f}"
        growth = points[0]["mb_per_s"] / points[-1]["mb_per_s"]
        lines.append(f"| {name} | {' | '.join(cells)} | {alone:.2f} | {share} | {rate} | {growth:.2f} |\n")
    sizes = " | ".join(f"{size // 1000} kB" for size in SIZES)
    return _HEAD.format(target=TARGET, rounds=ROUNDS, machine=machine, sizes=sizes, lines="---|" * len(SIZES)) + "".join(lines) + _TAIL


def _cell(point: dict[str, float]) -> str:
    notes = ["below"] * (point["mb_per_s"] < TARGET) + ["e"] * (point["problems"] > 0)
    return f"{point['mb_per_s']:.2f}" + (f" ({', '.join(notes)})" if notes else "")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
