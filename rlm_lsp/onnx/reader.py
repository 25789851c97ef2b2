"""An ONNX file read without its weights: ``read``. Pure Python, bounded in memory, and never an exception because of what a file holds.

Payloads of tensors are skipped at the wire level, external data is a location in text, and nothing of a file is ever run.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from rlm_lsp.onnx.calls import expanded
from rlm_lsp.onnx.graphs import attribute, graph, node
from rlm_lsp.onnx.source import KEPT_TEXT, Source
from rlm_lsp.onnx.tensors import entry, value_info
from rlm_lsp.onnx.types import Attribute, Function, Graph, Model, Node, Problem, ValueInfo, ValueType
from rlm_lsp.onnx.wire import BYTES, VARINT, Window, signed

_MAX_FUNCTIONS = 10_000

_TEXTS = {2: "producer", 3: "producer_version", 4: "domain", 6: "doc"}


def read(path: Path) -> Model:
    """What an ONNX file describes. Where something is wrong there is what could be read, and ``problems`` say so."""
    try:
        with opened(path) as (file, size):
            return _read(Source(Window(file, size)), path.name)
    except OSError as error:
        return Model(path.name, 0, Graph("", ""), problems=(Problem("unreadable", error.strerror or str(error)),))


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """The file and its size.

    Raises:
        OSError: it cannot be read, or is no regular file; a FIFO is told before it is opened, which would wait for a writer.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, "not a regular file")
    with path.open("rb", buffering=0) as file:
        yield file, path.stat().st_size


def _read(source: Source, file_name: str) -> Model:
    size = source.window.size
    if not size:
        return Model(file_name, 0, Graph("", ""), problems=(Problem("empty", "the file is empty"),))
    graphs: list[tuple[int, int]] = []
    functions: list[tuple[int, int]] = []
    opsets: list[tuple[str, int]] = []
    metadata: list[tuple[str, str]] = []
    said: dict[str, Any] = {}
    for number, kind, begin, end in source.fields(0, size):
        if kind == BYTES and number == 7:
            graphs.append((begin, end))
        elif kind == BYTES and number == 25:
            if len(functions) < _MAX_FUNCTIONS:
                functions.append((begin, end))
            else:
                source.stop(f"more than {_MAX_FUNCTIONS:,} functions; the rest is left out")
        elif kind == BYTES and number == 8:
            opsets.append(_opset(source, begin, end))
        elif kind == BYTES and number == 14:
            metadata.append(entry(source, begin, end))
        elif kind == BYTES and number in _TEXTS:
            said[_TEXTS[number]] = source.text(begin, end)
        elif kind == VARINT and number in (1, 5):
            said["ir_version" if number == 1 else "version"] = signed(begin)
    if not graphs:
        source.problem("malformed", "there is no graph in it: this is no ONNX file")
    main = graph(source, graphs, "")
    declared = tuple(_function(source, begin, end, place) for place, (begin, end) in enumerate(functions))
    model = Model(file_name, size, main, declared, tuple(opsets), metadata=tuple(metadata), **said)
    model = expanded(source, model)
    return replace(model, problems=tuple(source.problems))


def _opset(source: Source, start: int, stop: int) -> tuple[str, int]:
    """An OperatorSetIdProto."""
    domain, version = "", 0
    for number, kind, begin, end in source.fields(start, stop):
        if number == 1 and kind == BYTES:
            domain = source.text(begin, end)
        elif number == 2 and kind == VARINT:
            version = signed(begin)
    source.spend(KEPT_TEXT // 10)
    return "" if domain == "ai.onnx" else domain, version


def _function(source: Source, start: int, stop: int, place: int) -> Function:
    """A FunctionProto."""
    texts: dict[int, str] = {1: "", 10: "", 13: ""}  # name, domain, overload
    names: dict[int, list[str]] = {4: [], 5: [], 6: []}  # inputs, outputs, attributes
    nodes: list[Node] = []
    defaults: list[Attribute] = []
    opsets: list[tuple[str, int]] = []
    values: list[ValueInfo] = []
    path = f"function{place}"
    for number, kind, begin, end in source.fields(start, stop):
        if kind != BYTES:
            continue
        if number in texts:
            texts[number] = source.text(begin, end)
        elif number in names:
            names[number].append(source.text(begin, end))
        elif number == 7:
            nodes.append(node(source, begin, end, path, len(nodes), 1))
        elif number == 11:
            defaults.append(attribute(source, begin, end))
        elif number == 9:
            opsets.append(_opset(source, begin, end))
        elif number == 12:
            values.append(value_info(source, begin, end))
    inputs, outputs = (tuple(ValueInfo(name, ValueType()) for name in names[field]) for field in (4, 5))
    body = Graph(path, texts[1], inputs, outputs, tuple(nodes), values=tuple(values), is_call=True)
    domain = "" if texts[10] == "ai.onnx" else texts[10]
    return Function(domain, texts[1], texts[13], body, tuple(names[6]), tuple(defaults), tuple(opsets))
