"""Annotated source files as views: ``markers/LANGUAGE/*.txt``.

The head of a file is a table of what is known of its functions, each line a comment:

    @values NAME = LATENCY_P10 P50 P90, HEAP_P10 P50 P90 [stale] [partial]
    @unknown NAME = CODE
    @head NAME = LATENCY_P10 P50 P90, HEAP_P10 P50 P90 | same | added | unknown
    @settings {"metrics": ["latency"]}

A function that the table leaves out is not known yet. What a surface says of a function stands in a comment on the line of its name:
``@hint TEXT``, ``@lens TEXT``, ``@diag SEVERITY CODE``. What is not written is not there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.types import Chunk
from rlm_lsp.config import Layer, Settings, resolve
from rlm_lsp.directives import attach
from rlm_lsp.lsp.position import Encoding, TextIndex
from rlm_lsp.lsp.snapshot import Base, Client, DocumentView, FunctionView, Place, Shown, Snapshot
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Objective, Values
from rlm_lsp.predict.types import ModelInput
from rlm_lsp.units import parse_value

MARKERS = Path(__file__).parent / "markers"
URI = "file:///project/module.py"
MODEL = ModelIdentity(
    Path("model"),
    "rlm-test-1",
    "a test device",
    (Objective("latency@cpu", "s"), Objective("peak_heap@cpu", "B")),
    b"\1" * 32,
    {
        "trained": [{"language": "python", "kind": "function"}],
        "limits": {"whole": 1024, "cut": 4096},
        "pair_band": {"latency@cpu": 2.0, "peak_heap@cpu": 3.0},
    },
    {},
)

_MARK = re.compile(r"@(hint|lens|diag)\s+(.*?)(?=\s*@(?:hint|lens|diag)\s|\s*$)")
_HEAD = re.compile(r"\S+ @(values|unknown|head|settings) (?:(\S+) = )?(.*)")


@dataclass(frozen=True)
class Mark:
    """What is written on a line (0-based) for a surface."""

    line: int
    surface: str
    text: str


@dataclass(frozen=True)
class Marked:
    """A file with its marks, its table and its text, whose lines end in ``\\n``."""

    text: str
    marks: tuple[Mark, ...]
    shown: dict[str, Shown]
    base: dict[str, Base]
    settings: Settings

    def of(self, surface: str) -> list[tuple[int, str]]:
        return [(mark.line, mark.text) for mark in self.marks if mark.surface == surface]


def read(path: Path) -> Marked:
    text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    marks: list[Mark] = []
    shown: dict[str, Shown] = {}
    base: dict[str, Base] = {}
    settings = Settings()
    for number, line in enumerate(text.split("\n")):
        head = _HEAD.fullmatch(line)
        if head is None:
            marks += [Mark(number, surface, said) for surface, said in _MARK.findall(line)]
        elif head[1] == "settings":
            settings, problems = resolve([Layer("editor", json.loads(head[3]))])
            assert not problems
        elif head[1] == "head":
            base[head[2]] = _base(head[3])
        else:
            shown[head[2]] = _shown(head[1], head[3])
    return Marked(text, tuple(marks), shown, base, settings)


def values(written: str) -> Values:
    """``0.4ms 1.2ms 3.1ms, 1MB 3.4MB 9MB``."""
    return Values([[parse_value(number)[0] for number in metric.split()] for metric in written.split(",")])


def _shown(kind: str, written: str) -> Shown:
    if kind == "unknown":
        return Shown(Values(None, (written, "as the worker says it")))  # type: ignore[arg-type]  # the file writes a code
    numbers, *words = re.split(r"\s+(?=stale|partial)", written)
    return Shown(values(numbers)._replace(partial="partial" in words), stale="stale" in words)


def _base(written: str) -> Base:
    if written == "same":
        return Base(None, same_text=True)
    if written == "added":
        return Base(None, added=True)
    if written == "unknown":
        return Base(Values(None, ("too-long", "longer than 4096 tokens")))
    return Base(values(written))


def view_of(marked: Marked, encoding: Encoding = "utf-16", newline: str = "\n", language: str = "python") -> DocumentView:
    """The view that a server holds of the file."""
    data = marked.text.replace("\n", newline).encode("utf-8")
    result = chunk_source(data, language)
    chunks = [chunk for chunk in result.chunks if chunk.kind != "program"]
    directives, unused = attach([chunk.name_span.start_byte for chunk in chunks], result.directives)
    seen: Counter[str] = Counter()
    functions = []
    for chunk, own in zip(chunks, directives, strict=True):
        seen[chunk.qualified_name] += 1
        functions.append(replace(_function(chunk, seen[chunk.qualified_name], marked), directives=own))
    text = TextIndex(data, encoding)
    return DocumentView(URI, 1, language, "/project/module.py", text, marked.settings, tuple(functions), unused=unused)


def _function(chunk: Chunk, count: int, marked: Marked) -> FunctionView:
    key = chunk.qualified_name + (f"#{count}" if count > 1 else "")
    place = Place(chunk.span.start_byte, chunk.span.end_byte, chunk.name_span.start_byte, chunk.name_span.end_byte)
    item = ModelInput(chunk.language, chunk.kind, chunk.text)
    shown = marked.shown.get(key, Shown(None))
    return FunctionView(key, chunk.qualified_name, chunk.kind, place, item, shown, base=marked.base.get(key))


def snapshot_of(view: DocumentView, client: Client | None = None, model: ModelIdentity | None = MODEL) -> Snapshot:
    """A snapshot of a server with this document alone."""
    return Snapshot(client or Client(), view.settings, model, "" if model else "no folder there", {view.uri: view})


def one(shown: Shown, *, settings: Settings | None = None, base: Base | None = None, encoding: Encoding = "utf-16") -> DocumentView:
    """A view of a file with one small function, named ``f``."""
    marked = Marked("def f(x):\n    return x\n", (), {"f": shown}, {"f": base} if base else {}, settings or Settings())
    return view_of(marked, encoding)


def with_function(view: DocumentView, **changes: object) -> DocumentView:
    """``view`` with its first function changed."""
    first, *rest = view.functions
    return replace(view, functions=(replace(first, **changes), *rest))  # type: ignore[arg-type]  # fields by name
