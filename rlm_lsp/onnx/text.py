"""The compact text of a network, which models of networks read: version 1.

One line a node: its number, operator, attributes, arguments and result. Arguments are numbers of nodes (``.`` is the line before, ``3.1``
the second output of node 3), inputs of the network (``i0``), and constants by shape or value (``w64x3x7x7``, ``=0.5``). A result that has
the shape of the line before is not written. Blocks that repeat are written once, ``x12 {`` and ``}`` around them; in there an argument
with ``^`` is the same in all of them and the others move along. Bodies of If, Loop and Scan follow their node, indented; ``^3`` is then
value 3 of the graph around. Functions are expanded, what the load computes is a constant, and what no result needs is left out.

Nodes are numbered in the order in which a walk from the results back to the inputs leaves them, so the text depends neither on names nor
on the order in the file. Reading and writing take time linear in the number of nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rlm_lsp.onnx import text_attributes
from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.text_attributes import Writer
from rlm_lsp.onnx.text_fold import Entry, Ref, fold, lines_of
from rlm_lsp.onnx.text_order import Frame, Frames
from rlm_lsp.onnx.types import Node
from rlm_lsp.onnx.values import NONE, Values

VERSION = 1

_SHAPED_BY = {"Reshape": 1, "Expand": 1, "ConstantOfShape": 0}
"""Operators whose result repeats what this constant argument says."""


def compact(nodes: Sequence[Node], values: Values, folded: frozenset[int]) -> str:
    """The text of a whole network."""
    return _written(nodes, values, Frames(nodes, values, folded))


def compact_part(nodes: Sequence[Node], part: Values, folded: frozenset[int], home: str) -> str:
    """The text of a part of a network, as if it were one: ``part`` says what flows in and out, and makes nothing of what flows in.

    ``home`` is the graph that it lies in. Inputs are numbered in the order in which the part's nodes ask for them.
    """
    frames = Frames(nodes, part, folded, home)
    frames.main.given = frames.in_order_of_need()
    return _written(nodes, part, frames)


def _written(nodes: Sequence[Node], values: Values, frames: Frames) -> str:
    return "\n".join([f"graph {VERSION}", *_Text(nodes, values, frames).lines(frames.main)]) + "\n"


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a frame calls its values: ``given`` those that it gets, and nodes made so far."""

    given: Mapping[int, str]
    positions: Mapping[int, tuple[int, int]]
    made: int  # nodes whose results can be read

    def name(self, value: int) -> str | None:
        """A value that this frame itself has."""
        place, output = self.positions.get(value, (self.made, 0))
        if place < self.made:
            return f"{place}.{output}" if output else str(place)
        return self.given.get(value)


class _Text:
    """Writes frames. Symbols of dimensions are named as they are met, so frames are written in the order of their owners."""

    def __init__(self, nodes: Sequence[Node], values: Values, frames: Frames) -> None:
        self._nodes = nodes
        self._values = values
        self._frames = frames
        self._writer = Writer()

    def lines(self, frame: Frame, around: Sequence[_Scope] = ()) -> list[str]:
        """The lines of one frame; ``around`` is what lies around it, innermost last."""
        given: dict[int, str] = {}
        written = []
        for place, value in enumerate(frame.given):
            given.setdefault(value, f"i{place}")
            written.append(f"i{place} {self._type(value)}")
        entries = [self._entry(number, _Scope(given, frame.positions, place), frame, around) for place, number in enumerate(frame.nodes)]
        written += lines_of(fold(entries))
        whole = _Scope(given, frame.positions, len(frame.nodes))
        return [*written, " ".join(["out", *(self._name(value, whole, around) for value in frame.results)])]

    def _entry(self, number: int, scope: _Scope, frame: Frame, around: Sequence[_Scope]) -> Entry:
        node, inputs = self._nodes[number], self._values.inputs[number]
        dims = self._values.types[inputs[0]].dims if inputs and inputs[0] >= 0 else None
        head = text_attributes.head(node, None if dims is None else len(dims))
        arguments = [self._argument(value, scope, around) for value in self._telling(node, number)]
        while arguments and arguments[-1] == "_":
            arguments.pop()
        results = self._results(number, frame)
        bodies = []
        for body in self._frames.inside(number):
            bodies += [text_attributes.name(body.name), *(f" {line}" for line in self.lines(body, (*around, scope)))]
        return Entry(head, tuple(arguments), results, tuple(bodies))

    def _telling(self, node: Node, number: int) -> list[int]:
        """The arguments that say something: not a target shape that the result has, nor an empty constant."""
        inputs, outputs = self._values.inputs[number], self._values.outputs[number]
        known = bool(outputs) and outputs[0] >= 0 and self._values.types[outputs[0]].elements is not None
        repeated = _SHAPED_BY.get(operator(node), NONE) if known else NONE
        return [
            NONE
            if value >= 0 and self._values.constant[value] and (place == repeated or self._values.types[value].elements == 0)
            else value
            for place, value in enumerate(inputs)
        ]

    def _argument(self, value: int, scope: _Scope, around: Sequence[_Scope]) -> str | Ref:
        found = scope.positions.get(value)
        return Ref(*found) if found is not None and found[0] < scope.made else self._name(value, scope, around)

    def _name(self, value: int, scope: _Scope, around: Sequence[_Scope]) -> str:
        """A value as it is called in a frame."""
        if value == NONE:
            return "_"
        if self._values.constant[value]:
            return self._writer.constant(self._values.types[value], self._values.stored.get(value))
        for depth, each in enumerate((scope, *reversed(around))):
            found = each.name(value)
            if found is not None:
                return "^" * depth + found
        return "?"  # nothing makes it, or it needs itself

    def _results(self, number: int, frame: Frame) -> tuple[str, ...]:
        """Types of the outputs up to the last one that somebody reads."""
        outputs = self._values.outputs[number]
        read = [place for place, value in enumerate(outputs) if value >= 0 and (self._values.users[value] or value in frame.wanted)]
        return tuple(self._type(value) if value >= 0 else "_" for value in outputs[: max(read, default=0) + 1])

    def _type(self, value: int) -> str:
        return self._writer.type(self._values.types[value])
