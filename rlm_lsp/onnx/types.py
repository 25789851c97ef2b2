"""Plain data of an ONNX file: what the reader found, which shapes were inferred, and how its nodes fall into groups.

No weight is ever held here: of tensors there is a type, a size and a place, and the values of those that hold a few numbers.
Strings are those of the file; ``clean.shown`` makes them fit for a screen. Dimensions and sizes are Python integers, so products
do not overflow.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Dim = int | str | None
"""A dimension: its size, the name of a symbol that the user can bind, or unknown. The reader makes negative sizes unknown."""

BITS: Mapping[str, int] = {
    "float32": 32, "uint8": 8, "int8": 8, "uint16": 16, "int16": 16, "int32": 32, "int64": 64, "bool": 8,
    "float16": 16, "float64": 64, "uint32": 32, "uint64": 64, "complex64": 64, "complex128": 128, "bfloat16": 16,
    "float8e4m3fn": 8, "float8e4m3fnuz": 8, "float8e5m2": 8, "float8e5m2fnuz": 8, "uint4": 4, "int4": 4, "float4e2m1": 4,
    "float8e8m0": 8, "uint2": 2, "int2": 2, "float6e2m3": 6, "float6e3m2": 6,
}  # fmt: skip
"""Bits an element takes, by dtype. Strings have no size."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file or was left out of it; ``reason`` is one line for a person, ``where`` a node's path or empty."""

    code: Literal[
        "unreadable",  # no such file, no permission, no regular file, changed while it was read
        "empty",
        "truncated",  # a length reaches past the end of what holds it
        "malformed",  # not protobuf, or not as ONNX uses it
        "limit",  # more nodes, depth, text than we read
        "duplicate-name",
        "cycle",  # a node needs its own output
        "recursion",  # a function calls itself
        "undefined-input",
        "invalid-dims",
        "external-data",
        "not-analysed",  # shape inference died, ran out of time or memory, or is not installed
        "unsupported",  # an operator without a rule
    ]
    reason: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of a value that flows between nodes. ``dims`` is None where not even the rank is known.

    Of sequences and optionals ``dtype`` and ``dims`` are those of the elements.
    """

    dtype: str = ""  # a key of BITS, "string", or empty: unknown
    dims: tuple[Dim, ...] | None = None
    kind: Literal["tensor", "sparse", "sequence", "optional", "map", "opaque"] = "tensor"

    @property
    def elements(self) -> int | None:
        """The number of elements, where every dimension is known."""
        if self.kind != "tensor" or self.dims is None:
            return None
        sizes = [dim for dim in self.dims if isinstance(dim, int)]
        return math.prod(sizes) if len(sizes) == len(self.dims) else None

    @property
    def nbytes(self) -> int | None:
        """Bytes, where shape and element size are known."""
        return _nbytes(self.elements, self.dtype)


@dataclass(frozen=True, slots=True)
class External:
    """Where a tensor says that its data lies; text of the file, never opened."""

    location: str
    offset: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A stored tensor, without its data.

    ``values`` are there for numbers, at most ``reader.KEPT_VALUES`` of them; they may be NaN or infinite.
    """

    name: str
    dtype: str
    dims: tuple[int, ...]
    stored_bytes: int = 0  # of its payload in this file
    offset: int | None = None  # of the payload, where it is raw little-endian data
    external: External | None = None
    values: tuple[int | float, ...] | None = None
    sparse: bool = False  # dims are those of the dense tensor

    @property
    def elements(self) -> int | None:
        """The number of elements; None where a dimension is negative."""
        return None if any(dim < 0 for dim in self.dims) else math.prod(self.dims)

    @property
    def nbytes(self) -> int | None:
        """Bytes that it takes in memory, by shape and dtype."""
        return _nbytes(self.elements, self.dtype)

    @property
    def type(self) -> ValueType:
        """Its type as a value."""
        dims = tuple(dim if dim >= 0 else None for dim in self.dims)
        return ValueType(self.dtype, dims, "sparse" if self.sparse else "tensor")


AttributeValue = int | float | str | bytes | TensorInfo | ValueType | tuple[int | float | str | bytes | TensorInfo, ...] | None
"""What an attribute holds; subgraphs are at the node."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a node. Of long lists the first ``reader.KEPT_ITEMS`` are in ``value``; ``count`` says how many there are."""

    name: str
    kind: str  # float, int, string, tensor, graph, floats, ints, strings, tensors, graphs, sparse_tensor, type, reference, undefined
    value: AttributeValue = None  # of a reference: the name of the function's attribute
    count: int = 1


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """The line of the model's Python source that made a node, as the exporter wrote it down."""

    file: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """An operator. ``path`` is its identity: names may be missing, and may repeat.

    ``subgraphs`` are the bodies of its graph attributes, and of the model-local function that it calls.
    """

    scope: str  # path of the graph that it is in
    index: int  # in that graph
    op: str
    domain: str  # empty: ai.onnx
    name: str
    inputs: tuple[str, ...]  # empty: an optional input that is not given
    outputs: tuple[str, ...]
    attributes: tuple[Attribute, ...] = ()
    subgraphs: tuple[Graph, ...] = ()
    overload: str = ""
    modules: tuple[str, ...] = ()  # names of the modules around it, outermost first, as a dynamo export wrote them down
    classes: tuple[str, ...] = ()  # and their classes, as many
    source: SourceLocation | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """Index path: "17", in a branch "17/then_branch/3", in a function that node 4 calls "4/call/0"."""
        return f"{self.scope}/{self.index}" if self.scope else str(self.index)

    @property
    def identity(self) -> str:
        """Path and first output, which tells whether two files mean the same."""
        return f"{self.path}:{next(filter(None, self.outputs), '')}"

    def attribute(self, name: str) -> AttributeValue:
        """The value of an attribute, or None."""
        return next((attribute.value for attribute in self.attributes if attribute.name == name), None)


@dataclass(frozen=True, slots=True)
class ValueInfo:
    """A named value with its type as stated by the file."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph: the model's (path ""), a body of a node ("17/then_branch", "4/call"), or a function's.

    Nodes stand in the order of the file, which should be topological and in hostile files is not.
    """

    path: str
    name: str  # as in the file; of a function's body its name
    inputs: tuple[ValueInfo, ...] = ()
    outputs: tuple[ValueInfo, ...] = ()
    nodes: tuple[Node, ...] = ()
    initializers: tuple[TensorInfo, ...] = ()
    values: tuple[ValueInfo, ...] = ()  # value_info: types of values in between
    is_call: bool = False  # the body of a function: sees nothing of the graph around it


@dataclass(frozen=True, slots=True)
class Function:
    """A model-local function as declared. Calls hold a copy of ``graph`` with the attributes put in."""

    domain: str
    name: str
    overload: str
    graph: Graph
    attributes: tuple[str, ...] = ()  # that a call must give
    defaults: tuple[Attribute, ...] = ()
    opsets: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """An ONNX file. Where something could not be read there is what came before it, and a problem."""

    file_name: str
    file_bytes: int
    graph: Graph
    functions: tuple[Function, ...] = ()
    opsets: tuple[tuple[str, int], ...] = ()  # (domain, version)
    ir_version: int = 0
    producer: str = ""
    producer_version: str = ""
    domain: str = ""
    version: int = 0
    doc: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Shapes:
    """Types of values by the path of their graph and their name, after binding and inference.

    ``known`` of ``total`` node outputs have every dimension known. ``tier`` says what was used: 0 what the file states,
    1 ``onnx.shape_inference``, 2 our propagation besides.
    """

    types: Mapping[str, Mapping[str, ValueType]]
    tier: int
    known: int
    total: int
    bindings: tuple[tuple[str, int], ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, scope: str, name: str) -> ValueType:
        """The type of a value as seen from a graph; outer graphs are looked through, but not from within a function."""
        while True:
            found = self.types.get(scope, {}).get(name)
            if found is not None:
                return found
            if not scope or scope.endswith("/call"):
                return ValueType()
            scope = scope.rpartition("/")[0].rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Group:
    """A box of the picture. Its place in ``Tree.groups`` is its number; those inside of it have higher numbers.

    ``nodes`` are those directly inside, as places in ``graph.all_nodes(model)``. Groups with the same ``digest`` compute the same:
    same operators, attributes, weights' shapes and wiring; on inputs of other shapes they may cost something else. ``alike`` counts
    them among the siblings, this one included. A group that stands for the bodies of one node has that node as its ``owner`` and first
    of its ``nodes``, and is drawn in its place.
    """

    parent: int  # -1: the root
    kind: Literal["model", "scope", "call", "subgraph", "block", "chunk"]
    label: str
    path: str  # unique and stable: labels from the root, with "#2" for the second of the same name
    nodes: tuple[int, ...]
    groups: tuple[int, ...]
    size: int  # nodes in it, at any depth
    digest: str
    alike: int = 1
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """How the nodes of a model fall into groups.

    Every node is directly in exactly one group, and no level has a cycle unless the file's own graph has one. ``source`` is where the
    grouping at the root came from.
    """

    groups: tuple[Group, ...]
    source: Literal["modules", "names", "blocks", "flat"]
    digests: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # digest to groups, where there are two or more

    @property
    def root(self) -> Group:
        """What holds all the others."""
        return self.groups[0]


def _nbytes(elements: int | None, dtype: str) -> int | None:
    """Bytes of so many elements; those of less than a byte are packed."""
    return None if elements is None or dtype not in BITS else (elements * BITS[dtype] + 7) // 8
