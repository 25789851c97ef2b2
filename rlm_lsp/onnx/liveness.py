"""How many bytes of activations live at once: a walk over the nodes in the order in which they run.

A value lives from the node that makes it to the last that reads it. Renaming operators share their input's memory; an elementwise one
takes over that of an input that dies there and is as large. What the caller gives lives all the while, constants are not counted, and a
body's values come on top of those around it. It is an estimate of tensors, not of a process, whose run time adds its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rlm_lsp.onnx.costs import LARGEST
from rlm_lsp.onnx.costs_elementwise import RENAMES, may_overwrite
from rlm_lsp.onnx.costs_rules import operator
from rlm_lsp.onnx.types import Node
from rlm_lsp.onnx.values import NONE, Values


@dataclass(frozen=True, slots=True)
class Peak:
    """The most bytes that live at once, and at which node. ``unknown`` values have no known size, so it is at least this."""

    nbytes: int
    node: int
    unknown: int


def peak_activations(nodes: Sequence[Node], values: Values, folded: frozenset[int], order: Sequence[int]) -> Peak:
    """The peak of a whole run; ``order`` is topological, and names every node."""
    members: defaultdict[str, list[int]] = defaultdict(list)
    for number in order:
        if number not in folded:
            members[nodes[number].scope].append(number)
    run = _Run(nodes, values, members)
    inner: dict[str, tuple[int, int]] = {}
    bodies = sorted(values.bodies, key=lambda body: body.graph.path.count("/"), reverse=True)  # inner ones first
    for body in bodies:
        given = () if body.graph.is_call else body.inputs  # which a call shares with what is around it
        inner[body.graph.path] = run.peak(body.graph.path, given, body.outputs, inner)
    nbytes, node = run.peak("", values.given, values.results, inner)
    made = {value for number in order if number not in folded for value in values.outputs[number] if value >= 0}
    unknown = sum(values.types[value].nbytes is None and bool(values.users[value] or value in values.results) for value in made)
    return Peak(min(nbytes, LARGEST), node, unknown)


class _Run:
    """One pass over each graph."""

    def __init__(self, nodes: Sequence[Node], values: Values, members: Mapping[str, Sequence[int]]) -> None:
        self._nodes = nodes
        self._values = values
        self._members = members

    def peak(self, scope: str, given: Sequence[int], results: Sequence[int], inner: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
        """The most bytes of a graph's own values, with the bodies in it, and the node where that is."""
        numbers = self._members.get(scope, ())
        home, last = self._homes(numbers)
        forever = len(numbers)
        for value in (*given, *results):
            if value in home:
                last[home[value]] = forever
        size = {value: self._size(value) for value in dict.fromkeys(home.values())}
        for value in given:
            size.setdefault(value, self._size(value))
        alive = {value for value in given if not self._values.constant[value]}
        live = sum(size[value] for value in alive)
        most, where = live, numbers[0] if numbers else NONE
        dying: defaultdict[int, list[int]] = defaultdict(list)
        for value, position in last.items():
            dying[position].append(value)
        for position, number in enumerate(numbers):
            made = {home[value] for value in self._values.outputs[number] if value in home} - alive
            now = live + max((inner.get(body.path, (0, NONE))[0] for body in self._nodes[number].subgraphs), default=0)
            live += sum(size[value] for value in made)
            alive |= made
            now = max(now, live)
            if now > most:
                most, where = now, number
            for value in dying.get(position, ()):
                if value in alive:
                    alive.discard(value)
                    live -= size[value]
        return most, where

    def _homes(self, numbers: Sequence[int]) -> tuple[dict[int, int], dict[int, int]]:
        """For each value made or given in a graph the one whose memory it has, and for those the position where it is last read."""
        at = {number: position for position, number in enumerate(numbers)}
        home: dict[int, int] = {}
        last_read: dict[int, int] = {}
        for position, number in enumerate(numbers):
            for value in (*self._values.inputs[number], *self._values.outputs[number]):
                if value >= 0 and not self._values.constant[value]:
                    home.setdefault(value, value)
                    last_read[value] = max(position, last_read.get(value, position))
        for value in home:
            for user in self._values.users[value]:
                position_of_user = self._position(user, at)
                if position_of_user is not None:
                    last_read[value] = max(last_read[value], position_of_user)
        made = {value for number in numbers for value in self._values.outputs[number] if value >= 0}
        home = {value: value for value in home if value in made or self._values.sources[value] == NONE}
        last = {value: last_read[value] for value in home}
        for position, number in enumerate(numbers):
            source = self._shares(number, position, home, last)
            if source is not None:
                result = self._values.outputs[number][0]
                home[result] = home[source]
                last[home[source]] = max(last[home[source]], last.pop(result, position))
        return home, last

    def _shares(self, number: int, position: int, home: Mapping[int, int], last: Mapping[int, int]) -> int | None:
        """The input whose memory the first output takes over."""
        node, outputs = self._nodes[number], self._values.outputs[number]
        name = operator(node)
        if not outputs or outputs[0] not in home or home[outputs[0]] != outputs[0]:
            return None
        candidates = [value for value in self._values.inputs[number] if value in home and home[value] != outputs[0]]
        if name in RENAMES:
            first = self._values.inputs[number][0] if self._values.inputs[number] else NONE
            return first if first in candidates else None
        if not may_overwrite(name):
            return None
        wanted = self._values.types[outputs[0]].nbytes
        for value in candidates:
            theirs = self._values.sources[home[value]] == NONE  # the caller's
            if not theirs and wanted is not None and self._values.types[value].nbytes == wanted and last.get(home[value]) == position:
                return value
        return None

    def _position(self, number: int, at: Mapping[int, int]) -> int | None:
        """Where the node of this graph stands that a node is, or is inside of."""
        while number not in at:
            number = self._values.owners[number]
            if number == NONE:
                return None
        return at[number]

    def _size(self, value: int) -> int:
        return self._values.types[value].nbytes or 0
