"""Decoders of graphs, nodes and attributes (onnx.proto: GraphProto, NodeProto, AttributeProto)."""

from __future__ import annotations

import re
import struct

from rlm_lsp.onnx.source import MAX_DEPTH, OBJECT_BYTES, Source
from rlm_lsp.onnx.tensors import entry, sparse_tensor, tensor, value_info, value_type
from rlm_lsp.onnx.types import Attribute, Graph, Node, SourceLocation, TensorInfo, ValueInfo
from rlm_lsp.onnx.wire import BYTES, VARINT, signed, varints

KEPT_ITEMS = 1_000  # of a list in an attribute; tree ensembles have millions

_Item = int | float | str | bytes | TensorInfo

_KINDS = {1: "float", 2: "int", 3: "string", 4: "tensor", 5: "graph", 6: "floats", 7: "ints", 8: "strings", 9: "tensors", 10: "graphs",
          11: "sparse_tensor", 12: "sparse_tensors", 13: "type", 14: "types"}  # fmt: skip
_KIND_OF_FIELD = {2: "float", 3: "int", 4: "string", 5: "tensor", 6: "graph", 7: "floats", 8: "ints", 9: "strings", 10: "tensors",
                  11: "graphs", 14: "type", 15: "types", 22: "sparse_tensor", 23: "sparse_tensors"}  # fmt: skip

_DYNAMO = "pkg.torch.onnx."
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_LONGEST_METADATA = 8_000  # bytes of a stack trace or list of scopes that is looked into


def graph(source: Source, ranges: list[tuple[int, int]], path: str, depth: int = 0) -> Graph:
    """A GraphProto, given in one or more pieces, which protobuf merges."""
    name = ""
    nodes: list[Node] = []
    initializers: list[TensorInfo] = []
    inputs: list[ValueInfo] = []
    outputs: list[ValueInfo] = []
    values: list[ValueInfo] = []
    infos = {11: inputs, 12: outputs, 13: values}
    for start, stop in ranges:
        for number, kind, begin, end in source.fields(start, stop):
            if kind != BYTES:
                continue
            if number == 1:
                nodes.append(node(source, begin, end, path, len(nodes), depth))
            elif number == 2:
                name = source.text(begin, end)
            elif number == 5:
                initializers.append(tensor(source, begin, end, ""))
            elif number == 15:
                initializers.append(sparse_tensor(source, begin, end, ""))
            elif number in infos:
                infos[number].append(value_info(source, begin, end))
    return Graph(path, name, tuple(inputs), tuple(outputs), tuple(nodes), tuple(initializers), tuple(values))


def node(source: Source, start: int, stop: int, scope: str, index: int, depth: int) -> Node:
    """A NodeProto, with its bodies."""
    source.spend_nodes(1)
    path = f"{scope}/{index}" if scope else str(index)
    inputs: list[str] = []
    outputs: list[str] = []
    name = op = domain = overload = ""
    attributes: list[Attribute] = []
    subgraphs: list[Graph] = []
    metadata: list[tuple[str, str]] = []
    origin = _Origin()
    for number, kind, begin, end in source.fields(start, stop):
        if kind != BYTES:
            continue
        if number == 1:
            inputs.append(source.text(begin, end))
        elif number == 2:
            outputs.append(source.text(begin, end))
        elif number == 3:
            name = source.text(begin, end)
        elif number == 4:
            op = source.text(begin, end)
        elif number == 5:
            attributes.append(_attribute(source, begin, end, path, depth, subgraphs))
        elif number == 7:
            domain = source.text(begin, end)
        elif number == 8:
            overload = source.text(begin, end)
        elif number == 9 and not origin.takes(source, begin, end):
            metadata.append(entry(source, begin, end))
    return Node(scope, index, op, "" if domain == "ai.onnx" else domain, name, tuple(inputs), tuple(outputs), tuple(attributes),
                tuple(subgraphs), overload, origin.modules, origin.classes, origin.location, tuple(metadata))  # fmt: skip


def attribute(source: Source, start: int, stop: int) -> Attribute:
    """An AttributeProto that has no graphs, such as a function's default."""
    return _attribute(source, start, stop, "", MAX_DEPTH, [])


def _attribute(source: Source, start: int, stop: int, path: str, depth: int, subgraphs: list[Graph]) -> Attribute:
    name = ""
    declared = ""
    reference = ""
    items: dict[int, list[_Item]] = {}
    counts: dict[int, int] = {}
    type_ = None
    bodies: list[tuple[int, int]] = []
    for number, kind, begin, end in source.fields(start, stop):
        if number == 1 and kind == BYTES:
            name = source.text(begin, end)
        elif number == 20 and kind == VARINT:
            declared = _KINDS.get(begin, "")
        elif number == 21 and kind == BYTES:
            reference = source.text(begin, end)
        elif number == 14 and kind == BYTES:
            type_ = value_type(source, begin, end)
        elif number in (6, 11) and kind == BYTES:
            bodies.append((begin, end))
            counts[number] = counts.get(number, 0) + 1
        elif number in _KIND_OF_FIELD:
            found, count = _items(source, number, kind, begin, end, path)
            kept = items.setdefault(number, [])
            kept += found[: KEPT_ITEMS - len(kept)]
            counts[number] = counts.get(number, 0) + count
            source.spend(OBJECT_BYTES * len(found))
    source.spend(2 * OBJECT_BYTES)
    _read_bodies(source, bodies, f"{path}/{_unused_label(name, subgraphs)}", depth, subgraphs)
    if reference:
        return Attribute(name, "reference", reference)
    field = next((number for number in counts if _KIND_OF_FIELD[number] == declared), next(iter(counts), 0))
    what = declared or _KIND_OF_FIELD.get(field, "type" if type_ else "undefined")
    if what == "type" or what in ("graph", "graphs"):
        return Attribute(name, what, type_, counts.get(field, 1))
    if what.endswith("s"):
        return Attribute(name, what, tuple(items.get(field, ())), counts.get(field, 0))
    zero: int | float | str | None = {"float": 0.0, "int": 0, "string": ""}.get(what)  # type: ignore[assignment]  # what protobuf leaves out
    return Attribute(name, what, items[field][-1] if items.get(field) else zero)


def _items(source: Source, number: int, kind: int, begin: int, end: int, where: str) -> tuple[list[_Item], int]:
    """What one field of an attribute holds, of long lists the beginning, and how many there are."""
    if number in (3, 8):
        if kind == VARINT:
            return [signed(begin)], 1
        data = source.window.take(begin, min(end, begin + 10 * KEPT_ITEMS))
        whole = end - begin <= len(data)
        return list(varints(data, KEPT_ITEMS)), sum(byte < 0x80 for byte in data) if whole else end - begin  # an upper bound
    if number in (2, 7):
        data = source.window.take(begin, min(end, begin + 4 * KEPT_ITEMS))
        return list(struct.unpack(f"<{len(data) // 4}f", data[: len(data) // 4 * 4])), max((end - begin) // 4, 1)
    if kind != BYTES:
        return [], 0
    if number in (4, 9):
        return [source.text(begin, end)], 1
    if number in (5, 10):
        return [tensor(source, begin, end, where)], 1
    if number in (22, 23):
        return [sparse_tensor(source, begin, end, where)], 1
    return [], 1


def _read_bodies(source: Source, bodies: list[tuple[int, int]], path: str, depth: int, into: list[Graph]) -> None:
    """The graphs of one attribute: "17/body", of a list "17/branches.1" and so on."""
    for place, body in enumerate(bodies):
        if depth >= MAX_DEPTH:
            source.problem("limit", f"graphs more than {MAX_DEPTH} deep in each other are left out", path)
            return
        into.append(graph(source, [body], f"{path}.{place}" if len(bodies) > 1 else path, depth + 1))


def _unused_label(name: str, taken: list[Graph]) -> str:
    """An attribute's name as part of a path; a node's second attribute of the same name gets another."""
    label = name.replace("/", "|").replace(".", "|") or "graph"
    if label == "call":  # is for the bodies of functions
        label = "call|"
    used = {graph.path.rpartition("/")[2].partition(".")[0] for graph in taken}
    while label in used:
        label += "|"
    return label


class _Origin:
    """Where a node came from, as PyTorch's dynamo exporter notes it in metadata_props."""

    def __init__(self) -> None:
        self.modules: tuple[str, ...] = ()
        self.classes: tuple[str, ...] = ()
        self.location: SourceLocation | None = None

    def takes(self, source: Source, start: int, stop: int) -> bool:
        """Take in a metadata_props entry if it is one of those."""
        key = value = ""
        for number, kind, begin, end in source.fields(start, stop):
            if kind == BYTES and number == 1:
                key = source.text(begin, end)
            elif kind == BYTES and number == 2 and key.startswith(_DYNAMO):
                tail = max(begin, end - _LONGEST_METADATA)  # the innermost frame of a stack is its last
                value = source.window.take(tail, end).decode("utf-8", "replace")
        if key == f"{_DYNAMO}name_scopes":
            self.modules = tuple(map(source.share, _listed(value)[:-1]))  # the last is the node itself
        elif key == f"{_DYNAMO}class_hierarchy":
            self.classes = tuple(map(source.share, _listed(value)[:-1]))
        elif key == f"{_DYNAMO}stack_trace":
            self.location = _location(source, value)
        else:
            return key.startswith(_DYNAMO)  # the others are for the exporter's authors
        return True


def _listed(value: str) -> list[str]:
    """The strings of a Python list, as the exporter prints it. Names of modules and classes hold no quotes."""
    return [single or double for single, double in _QUOTED.findall(value)][:MAX_DEPTH]


def _location(source: Source, trace: str) -> SourceLocation | None:
    """The innermost frame of a Python stack trace: lines such as ``File "m.py", line 7, in forward``."""
    for line in reversed(trace.splitlines()):
        words = line.strip()
        if words.startswith('File "'):
            file, _, rest = words[6:].rpartition('", line ')
            number, _, function = rest.partition(", in ")
            if number.isascii() and number.isdigit() and len(number) < 10:
                source.spend(2 * OBJECT_BYTES)
                return SourceLocation(source.share(file), int(number), source.share(function))
    return None
