"""Annotated files: every hint, lens and diagnostic stands where its mark is, says what it says, and there are no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lsprotocol import types

from rlm_lsp.lsp import code_lens, diagnostic, inlay_hint
from rlm_lsp.lsp.position import Encoding
from rlm_lsp.lsp.snapshot import DocumentView, Snapshot
from tests.lsp.marked import MARKERS, Marked, read, snapshot_of, view_of

FILES = sorted(MARKERS.glob("*/*.txt"))
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
_CODE_UNIT = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
_NAME = re.compile(r"\bdef +(\w+)")

Case = tuple[Marked, DocumentView, Snapshot, Encoding]


@pytest.fixture(params=FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def marked(request: pytest.FixtureRequest) -> Marked:
    path: Path = request.param
    return read(path)


@pytest.fixture(params=ENCODINGS)
def encoding(request: pytest.FixtureRequest) -> Encoding:
    chosen: Encoding = request.param
    return chosen


@pytest.fixture(params=NEWLINES)
def case(request: pytest.FixtureRequest, marked: Marked, encoding: Encoding) -> Case:
    view = view_of(marked, encoding, NEWLINES[request.param])
    return marked, view, snapshot_of(view), encoding


def test_there_are_marked_files() -> None:
    surfaces = {mark.surface for path in FILES for mark in read(path).marks}
    assert surfaces == {"hint", "lens", "diag"}


def test_hints(case: Case) -> None:
    marked, view, snapshot, encoding = case
    hints = inlay_hint.hints(snapshot, view, 0, len(view.text.data))
    assert [(hint.position.line, hint.label) for hint in hints] == marked.of("hint")
    lines = marked.text.split("\n")
    assert [hint.position.character for hint in hints] == [_units(lines[hint.position.line], encoding) for hint in hints]
    assert all(hint.kind is None and hint.padding_left for hint in hints)


def test_lenses(case: Case) -> None:
    marked, view, snapshot, encoding = case
    lenses = [code_lens.resolve(snapshot, lens) for lens in code_lens.lenses(snapshot, view)]
    assert [(lens.range.start.line, lens.command and lens.command.title) for lens in lenses] == marked.of("lens")
    assert [lens.range for lens in lenses] == [_name(marked, lens.range.start.line, encoding) for lens in lenses]


def test_diagnostics(case: Case) -> None:
    marked, view, snapshot, encoding = case
    found = diagnostic.diagnostics(snapshot, view)
    said = [(item.range.start.line, f"{(item.severity or types.DiagnosticSeverity.Error).name.lower()} {item.code}") for item in found]
    assert said == marked.of("diag")
    for item in found:
        line = item.range.start.line
        if item.code in ("latency-budget", "peak-heap-budget"):
            assert item.range == _name(marked, line, encoding)
        else:
            assert item.range.start == types.Position(line, _units(marked.text.split("\n")[line].split("rlm:")[0], encoding))
            assert item.range.end.line == line


def _name(marked: Marked, line: int, encoding: Encoding) -> types.Range:
    text = marked.text.split("\n")[line]
    match = _NAME.search(text)
    assert match is not None
    start, end = (types.Position(line, _units(text[:at], encoding)) for at in match.span(1))
    return types.Range(start, end)


def _units(text: str, encoding: Encoding) -> int:
    """Code units, counted by Python's own codecs."""
    return len(text.encode(f"{encoding}-le" if encoding != "utf-8" else encoding)) // _CODE_UNIT[encoding]
