"""The page ``COUNTS.md``: what is recorded in ``<language>.json``, as tables that a reader can go through."""

from __future__ import annotations

import json
from typing import Any

from tests.opinions.sources import FOLDER, LANGUAGES

PATH = FOLDER / "COUNTS.md"
TOLERANCE = 0.03

_WHO = {
    "ctags": "universal-ctags",
    "ctags_bodies": "universal-ctags",
    "gdc": "GCC's D compiler",
    "hasktags": "hasktags",
    "lines": "a pattern of lines",
    "ocaml": "OCaml's compiler",
    "pygments": "Pygments' tokens",
    "typescript": "TypeScript's compiler",
}
_HEAD = """# Counts

How many functions the chunker finds in real files, and how many somebody else finds.
`python -m tests.opinions.second_opinion FOLDER` writes this page; [README.md](README.md) says how the files are chosen and what each
opinion can see.

| language | second opinion | files: ours, theirs | ours | theirs | difference |
|---|---|---|---|---|---|
"""
_WHY = """
## Why they differ

Where the sums are more than {tolerance:.0%} apart, and where single files are.

"""
_PACKAGES = """
## Every file

All files of these packages went through the chunker. "With problems" are files of which it says that it could not read all of them (a
syntax error, or what the grammar takes for one; bytes that are no UTF-8; minified text), and cuts what it can read.

| language | packages | files | MB | chunks | with problems |
|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as Markdown, from what is recorded. Raises OSError, ValueError and KeyError where that is damaged."""
    recorded = {language: json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8")) for language in LANGUAGES}
    counts = "".join(_counts(language, found) for language, found in recorded.items())
    reasons = "".join(f"- {language}: {found['differences']}.\n" for language, found in recorded.items() if found["differences"])
    packages = "".join(_packages(language, found) for language, found in recorded.items())
    return _HEAD + counts + _WHY.format(tolerance=TOLERANCE) + reasons + _PACKAGES + packages


def difference(found: dict[str, Any]) -> float:
    """How far the sum over the compared files is from theirs, as a share of theirs."""
    ours, theirs = _sums(found)
    return (ours - theirs) / theirs


def _sums(found: dict[str, Any]) -> tuple[int, int]:
    return sum(file["ours"] for file in found["files"]), sum(file["theirs"] for file in found["files"])


def _counts(language: str, found: dict[str, Any]) -> str:
    files = ", ".join(f"{file['file'].rsplit('/', 1)[1]} {file['ours']}/{file['theirs']}" for file in found["files"])
    ours, theirs = _sums(found)
    return f"| {language} | {_WHO[found['opinion']]} | {files} | {ours} | {theirs} | {difference(found):+.1%} |\n"


def _packages(language: str, found: dict[str, Any]) -> str:
    packages = found["packages"].values()
    problems: dict[str, int] = {}
    for package in packages:
        for code, count in package["files_with_problems"].items():
            problems[code] = problems.get(code, 0) + count
    cells = [
        ", ".join(found["packages"]),
        f"{sum(package['files'] for package in packages):,}",
        f"{sum(package['bytes'] for package in packages) / 1e6:.2f}",
        f"{sum(package['chunks'] for package in packages):,}",
        ", ".join(f"{count} {code}" for code, count in sorted(problems.items())) or "none",
    ]
    return f"| {language} | {' | '.join(cells)} |\n"
