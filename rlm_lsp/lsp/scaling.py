"""``rlm-lsp.scaling``: what a function would cost for larger inputs, by what the model says to ``args:`` lines that differ in sizes alone.

The lines have the form that the model was trained on (``rlm_lsp.model.measure.describe``), and sizes that it was not trained on are not
asked. Which ones it was trained on stands in its config, by the type names of the ``args:`` line:
``{"arguments": {"sizes": {"list": [0, 150], "str": [0, 124]}, "caveat": "..."}}``. Where that is missing every size is Unknown.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from rlm_lsp.check.report.json import answer
from rlm_lsp.lsp.protocol import invalid_params
from rlm_lsp.model.measure.describe import MAX_ARGUMENTS, MAX_CHARACTERS, describe_value
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Objective, Values, to_answer
from rlm_lsp.predict.types import ModelInput, Unknown
from rlm_lsp.units import format_band, format_interval

if TYPE_CHECKING:
    from tree_sitter import Node

SIZES = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
LARGEST = 10**18
MOST_SIZES = 32
MOST_PARAMETERS = 64
NOTE = "predicted from an args: line that only says how large the arguments are; not measured"

_PARSE_S = 1.0  # a backstop: the chunker has parsed this text before
_NODES_LOOKED_AT = 10_000
_SIZED = ("list", "tuple", "dict", "set", "str")
_SHAPE = re.compile(rf"(?P<sized>{'|'.join((*_SIZED, 'int'))})\[(?P<size>n|[0-9]{{1,19}})\]|int|float|bool|None")
_BY_ANNOTATION = {"int": "int", "float": "float", "bool": "bool", "str": "str[n]"}
_COLLECTS_THE_REST = re.compile("splat|rest|spread|variadic")  # in the names of grammars' nodes
_RESOLUTION = {"s": 1e-9, "B": 1.0}  # what is below counts as this much, or its logarithm would say more than any clock sees


class Predicts(Protocol):
    """An oracle."""

    async def predict(self, items: Sequence[ModelInput]) -> list[Values]:
        """What the model says to ``items``, in their order; does not raise over a model that cannot answer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large one argument is: ``list[n]`` grows, ``list[10]`` and ``float`` do not."""

    kind: str
    size: int | None = None
    grows: bool = False

    def size_for(self, n: int) -> int | None:
        """The size that the argument has where the inputs have size ``n``; None for a kind without sizes."""
        return n if self.grows else self.size

    def word(self, n: int) -> str:
        """What the ``args:`` line says of it."""
        size = self.size_for(n)
        if size is None:
            return self.kind
        return describe_value(size) if self.kind == "int" else f"{self.kind}[{size}]"

    def __str__(self) -> str:
        return self.kind if self.size is None and not self.grows else f"{self.kind}[{'n' if self.grows else self.size}]"


@dataclass(frozen=True, slots=True)
class Exponent:
    """``middle`` is the slope of log p50 over log n; the intervals' widths, taken as independent, spread it from ``low`` to ``high``."""

    middle: float
    low: float
    high: float
    points: int


@dataclass(frozen=True, slots=True)
class Point:
    """What the model says where the inputs have size ``n``."""

    n: int
    args: str
    values: Values


@dataclass(frozen=True, slots=True)
class Scaling:
    """A function's cost over input sizes, and the exponent by objective where three sizes or more were answered."""

    shapes: Mapping[str, Shape]
    points: tuple[Point, ...]
    exponents: Mapping[str, Exponent | None]
    caveat: str | None

    def as_dict(self, objectives: Sequence[Objective]) -> dict[str, Any]:
        """The points with predictions as the JSON report of ``rlm-lsp check`` has them, and what they grow with."""
        points = [{"n": point.n, "args": point.args, **answer(point.values, objectives)} for point in self.points]
        exponents = {
            name: None if found is None else {"exponent": found.middle, "low": found.low, "high": found.high, "points": found.points}
            for name, found in self.exponents.items()
        }
        arguments = {name: str(shape) for name, shape in self.shapes.items()}
        return {"arguments": arguments, "points": points, "exponents": exponents, "caveat": self.caveat, "note": NOTE}

    def as_text(self, model: ModelIdentity) -> str:
        """A line for each size, one for what each cost grows with, and what to think of it."""
        lines = [f"n: {', '.join(f'{name}={shape}' for name, shape in self.shapes.items())}"]
        for point in self.points:
            found = to_answer(point.values, model.objectives, model.id, model.device)
            if isinstance(found, Unknown):
                lines.append(f"{point.n:>13,}  unknown: {found.reason}")
            else:
                said = (f"{format_interval(metric)} ({format_band(metric)})" for metric in found)
                lines.append(f"{point.n:>13,}  {'  '.join(said)}")
        for name, growth in self.exponents.items():
            if growth is not None:
                lines.append(f"{name} grows like n^{growth.middle:.1f} ({growth.low:.1f} to {growth.high:.1f})")
        return "\n".join([*lines, *([self.caveat] if self.caveat else []), f"{model.id}: {NOTE}"])


async def scale(
    oracle: Predicts, model: ModelIdentity, item: ModelInput, chosen: Mapping[str, str] | None, sizes: Sequence[int]
) -> Scaling:
    """The costs of ``item`` for inputs of ``sizes``. ``chosen`` shapes some parameters (``{"xs": "list[n]", "k": "int"}``) and leaves the
    others to their defaults; None: all of them, as large as the input.

    Raises:
        RequestError: there is no such parameter or shape, or none grows; the message says which.
    """  # noqa: D205 - one sentence too long for a line
    shapes = shapes_of(item, chosen)
    trained = trained_sizes(model)
    lines = {args_line(shapes, n): n for n in sorted(set(sizes))}  # small integers have one line for all
    planned = [(n, args, _refusal(shapes, n, trained)) for args, n in lines.items()]
    asked = [replace(item, args=args) for _, args, refusal in planned if refusal is None]
    answers = iter(await oracle.predict(asked) if asked else [])
    points = tuple(Point(n, args, refusal or next(answers)) for n, args, refusal in planned)
    exponents = {objective.name: _exponent(points, index, objective) for index, objective in enumerate(model.objectives)}
    return Scaling(shapes, points, exponents, _caveat(model))


def shapes_of(item: ModelInput, chosen: Mapping[str, str] | None) -> dict[str, Shape]:
    """The shape of each argument that is passed, in the order of the parameters, cut to the length of an ``args:`` line.

    Raises:
        RequestError: see ``scale``.
    """
    annotations = parameters(item.text, item.language)
    if chosen is None:
        written = {name: _BY_ANNOTATION.get(annotation, "list[n]") for name, annotation in annotations.items()}
        if not any("[n]" in text for text in written.values()):
            written = {name: "int[n]" if text == "int" else text for name, text in written.items()}
    else:
        if unknown := sorted(set(chosen) - set(annotations)):
            has = ", ".join(islice(annotations, MAX_ARGUMENTS)) or "none"
            raise invalid_params(f"the function has no parameter {unknown[0][:40]!r}; it has {has}")
        written = {name: chosen[name] for name in annotations if name in chosen}
    shapes = {name: _shape(name, text) for name, text in written.items()}
    kept = dict(islice(shapes.items(), len(list(_words(shapes, 1)))))
    if not any(shape.grows for shape in kept.values()):
        reason = (
            "it takes no argument whose size is known to matter" if chosen is None else "no argument grows: write list[n] for one of them"
        )
        raise invalid_params(f"nothing to scale: {reason}")
    return kept


def args_line(shapes: Mapping[str, Shape], n: int) -> str:
    """The ``args:`` line of a call whose growing arguments have size ``n``: ``xs=list[100], k=int``."""
    return ", ".join(_words(shapes, n))


def trained_sizes(model: ModelIdentity) -> dict[str, tuple[float, float]]:
    """The smallest and the largest size that the model was trained on, by type name; nothing where its config does not say."""
    table = model.config.get("arguments")
    sizes = table.get("sizes") if isinstance(table, dict) else None
    found = {}
    for kind, bounds in sizes.items() if isinstance(sizes, dict) else ():
        match bounds:
            case [int() | float() as low, int() | float() as high]:
                found[kind] = (low, high)
    return found


def parameters(text: str, language: str) -> dict[str, str]:
    """The annotations ("" for none) of the first function's parameters by name; receivers and what collects the rest are left out."""
    from rlm_lsp.chunk.parse import BudgetSpentError, clock, matches, parse, tools_for  # tree-sitter, which is loaded late everywhere

    data = text.encode("utf-8", "replace")
    tools = tools_for(language)
    deadline = clock() + _PARSE_S
    try:
        found = matches(parse(data, tools.grammar, deadline).root_node, tools.structure, deadline)
    except BudgetSpentError:
        return {}
    functions = [match.nodes for match in found if "function" in match.nodes]
    if not functions:
        return {}
    nodes = min(functions, key=lambda nodes: (nodes["function"].start_byte, -nodes["function"].end_byte))
    body = nodes.get("body")
    declaration = (body.parent if body is not None else None) or nodes["function"]
    names: dict[str, str] = {}
    for parameter in _parameter_nodes(declaration):
        for name in _names(parameter):
            annotation = parameter.child_by_field_name("type")
            names[_text(data, name)] = _text(data, annotation) if annotation is not None else ""
    return {name: names[name] for name in islice(names, MOST_PARAMETERS) if name not in ("self", "cls")}


def _parameter_nodes(declaration: Node) -> list[Node]:
    """The children of the first ``parameters`` (or lone ``parameter``) below ``declaration``; declarators may stand between."""
    waiting = [declaration]
    for _ in range(_NODES_LOOKED_AT):
        if not waiting:
            break
        node = waiting.pop(0)
        found = node.child_by_field_name("parameters")
        if found is not None:
            return found.named_children
        lone = node.child_by_field_name("parameter")
        if lone is not None:
            return [lone]
        waiting += node.named_children
    return []


def _names(parameter: Node) -> list[Node]:
    """The identifiers that a parameter binds; none for patterns and for what collects the rest."""
    if parameter.type.endswith("identifier"):
        return [parameter]
    if _COLLECTS_THE_REST.search(parameter.type):
        return []
    names = [*parameter.children_by_field_name("name"), *parameter.children_by_field_name("pattern")]
    declarator = parameter.child_by_field_name("declarator")
    while declarator is not None and not declarator.type.endswith("identifier"):  # pointers and arrays of C around the name
        declarator = declarator.child_by_field_name("declarator")
    candidates = names or ([declarator] if declarator is not None else parameter.named_children[:1])
    return [node for node in candidates if node.type.endswith("identifier")]


def _text(data: bytes, node: Node) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _shape(name: str, text: str) -> Shape:
    match = _SHAPE.fullmatch(text.replace(" ", ""))
    if match is None:
        kinds = ", ".join(f"{kind}[n]" for kind in (*_SIZED, "int"))
        raise invalid_params(f"the parameter {name[:40]!r} must be one of {kinds} (n or a number), int, float, bool, None")
    kind, size = match["sized"], match["size"]
    if kind is None:
        return Shape(match[0])
    if size != "n" and int(size) > LARGEST:
        raise invalid_params(f"the parameter {name[:40]!r} is larger than {LARGEST:,}")
    return Shape(kind, None if size == "n" else int(size), size == "n")


def _words(shapes: Mapping[str, Shape], n: int) -> Iterator[str]:
    """``name=size`` words up to the limits of ``describe_arguments``, where an argument that does not fit ends the list."""
    length = 0
    for count, (name, shape) in enumerate(shapes.items()):
        word = f"{name}={shape.word(n)}"
        length += len(word) + (2 if count else 0)
        if count == MAX_ARGUMENTS or length > MAX_CHARACTERS:
            return
        yield word


def _refusal(shapes: Mapping[str, Shape], n: int, trained: Mapping[str, tuple[float, float]]) -> Values | None:
    """Why nothing is said for size ``n``, if so."""
    for name, shape in shapes.items():
        size = shape.size_for(n)
        if size is None:
            continue
        if shape.kind not in trained:
            return Values(None, ("out-of-range", f"The model does not say for which sizes of {shape.kind} it was trained"))
        low, high = trained[shape.kind]
        if not low <= size <= high:
            return Values(None, ("out-of-range", f"{name}={shape.kind}[{size}]; the model was trained on sizes from {low:g} to {high:g}"))
    return None


def _exponent(points: Collection[Point], index: int, objective: Objective) -> Exponent | None:
    """The least-squares slope through the answered points, in logarithms of base 10."""
    floor = _RESOLUTION[objective.unit]
    answered = [
        (math.log10(point.n), *(math.log10(max(value, floor)) for value in point.values.quantiles[index]))
        for point in points
        if point.values.quantiles is not None and point.values.quantiles[index]
    ]
    if len(answered) < 3:
        return None
    centre = sum(x for x, *_ in answered) / len(answered)
    spread = sum((x - centre) ** 2 for x, *_ in answered)
    slope = sum((x - centre) * middle for x, _, middle, _ in answered) / spread
    # The slope is a weighted sum of the points, so an error of half an interval at each of them adds up to this much of it.
    margin = math.sqrt(sum(((x - centre) * (high - low) / 2) ** 2 for x, low, _, high in answered)) / spread
    return Exponent(slope, slope - margin, slope + margin, len(answered))


def _caveat(model: ModelIdentity) -> str | None:
    """What the model's makers say about its sizes."""
    table = model.config.get("arguments")
    caveat: Any = table.get("caveat") if isinstance(table, dict) else None
    return caveat if isinstance(caveat, str) and caveat else None
