"""Hold the chunker's counts against those of others on real code: ``python -m tests.opinions.second_opinion FOLDER [LANGUAGE ...]``.

``FOLDER`` is what ``fetch.py`` filled. The five largest files (up to 200 kB) of a language's packages are counted by both, and
every file is cut. What comes out, counts and hashes alone, is written to ``tests/opinions/<language>.json``, and as ``COUNTS.md``.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rlm_lsp.chunk import Chunk, chunk_source
from rlm_lsp.languages import HEAD_BYTES, language_of
from tests.opinions import page
from tests.opinions.opinions import OPINIONS
from tests.opinions.sources import FOLDER, LANGUAGES, Sources, read

_FILES = 5
_MAX_BYTES = 200_000
_FUNCTIONS = 6  # at least, by their count


def compare(language: str, folder: Path) -> dict[str, Any]:
    """Return the two counts for each of the largest files, and for each package how its files went through the chunker."""
    sources = read(language)
    packages = {
        f"{kind} {name}": _files(folder / f"{kind}-{name.replace('/', '+')}", language, sources.within) for kind, name in sources.packages
    }
    return {
        "opinion": sources.opinion,
        "differences": sources.differences,
        "files": list(islice(_compared({path for files in packages.values() for path in files}, language, sources, folder), _FILES)),
        "packages": {name: _passage(files, language) for name, files in packages.items()},
    }


def files_of(language: str, folder: Path) -> list[Path]:
    """Return the files of all packages of a language."""
    sources = read(language)
    names = [f"{kind}-{name.replace('/', '+')}" for kind, name in sources.packages]
    return [path for name in names for path in _files(folder / name, language, sources.within)]


def _files(package: Path, language: str, within: str) -> list[Path]:
    """Return a package's files of a language, each content once."""
    found: dict[bytes, Path] = {}
    for path in sorted(package.rglob("*")):
        if path.is_file() and not path.is_symlink() and re.search(within, str(path)):
            source = path.read_bytes()
            guess = language_of(path.name, source[:HEAD_BYTES])
            if guess is not None and guess.name == language:
                found.setdefault(hashlib.sha256(source).digest(), path)
    return list(found.values())


def _compared(paths: Iterable[Path], language: str, sources: Sources, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what both counted in each file, the largest first, where it is no table of data: one with few functions tells little."""
    for path in sorted(paths, key=lambda path: (-path.stat().st_size, path)):
        if path.stat().st_size <= _MAX_BYTES and not re.search(r"[.-]min\.", path.name):
            counts = _both(path, language, sources, folder)
            if counts["theirs"] >= _FUNCTIONS:
                yield counts


def _both(path: Path, language: str, sources: Sources, folder: Path) -> dict[str, Any]:
    source = path.read_bytes()
    functions = [chunk for chunk in chunk_source(source, language).chunks if chunk.kind != "program" and _is_seen(chunk, sources)]
    ours = _counted(functions, sources.counted)
    return {
        "file": str(path.relative_to(folder)),
        "sha256": hashlib.sha256(source).hexdigest(),
        "ours": ours,
        "theirs": OPINIONS[sources.opinion](path, folder, sources.arguments),
    }


def _is_seen(chunk: Chunk, sources: Sources) -> bool:
    """Return whether the second opinion looks for functions of this form at all."""
    unseen = re.search(sources.unseen, f"{chunk.qualified_name}\n{chunk.text}") is not None
    return not unseen and re.match(sources.shape, chunk.text) is not None


def _counted(chunks: list[Chunk], which: str) -> int:
    if which == "top":
        return sum(chunk.span.start_column == 1 for chunk in chunks)
    count = reached = 0
    for chunk in chunks:
        if which == "all" or chunk.span.start_byte >= reached:
            count += 1
        reached = max(reached, chunk.span.end_byte)
    return count


def _passage(files: list[Path], language: str) -> dict[str, Any]:
    problems: Counter[str] = Counter()
    chunks = size = 0
    slowest = 0.0
    for path in files:
        source = path.read_bytes()
        started = time.perf_counter()
        result = chunk_source(source, language)
        slowest = max(slowest, time.perf_counter() - started)
        problems.update({problem.code for problem in result.problems})
        chunks += len(result.chunks)
        size += len(source)
    print(f"{language}: {len(files)} files, {size / 1e6:.2f} MB, slowest {slowest:.2f} s")
    return {"files": len(files), "bytes": size, "chunks": chunks, "files_with_problems": dict(sorted(problems.items()))}


if __name__ == "__main__":
    for chosen in sys.argv[2:] or LANGUAGES:
        counts = compare(chosen, Path(sys.argv[1]))
        (FOLDER / f"{chosen}.json").write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
        print([(file["ours"], file["theirs"]) for file in counts["files"]])
        page.PATH.write_text(page.page(), encoding="utf-8")
