"""The order in which the compact text names nodes: the one in which a walk from the results back to the inputs leaves them.

The walk follows results and arguments in their order, which belongs to what a network means, so names and the order in the file do not
matter. A frame is the model's graph, or the body of an If, Loop or Scan; called functions are part of the frame that calls them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rlm_lsp.onnx.types import Node
from rlm_lsp.onnx.values import NONE, Values


@dataclass
class Frame:
    """``nodes`` in canonical order, each of whose outputs has its place in ``positions``: (place of the node, number of the output).

    ``captured`` are values from around it, in the order in which they are met.
    """

    name: str
    given: Sequence[int]
    results: Sequence[int]
    nodes: list[int] = field(default_factory=list)
    positions: dict[int, tuple[int, int]] = field(default_factory=dict)
    captured: dict[int, None] = field(default_factory=dict)  # as an ordered set

    def __post_init__(self) -> None:
        self.has = frozenset(self.given)
        self.wanted = frozenset(self.results)


class Frames:
    """All frames of a model, or of a part of one that lies in the graph ``home``. What a walk does not reach, results do not need."""

    def __init__(self, nodes: Sequence[Node], values: Values, folded: frozenset[int], home: str = "") -> None:
        self._values = values
        self._folded = folded
        self.main = Frame("", values.given, values.results)
        self._inside: defaultdict[int, list[Frame]] = defaultdict(list)
        homes: dict[str, int] = {home: 0}  # path of a graph to the number of its frame
        frames = [self.main]
        for body in values.bodies:  # outer ones first
            if body.graph.is_call:
                homes[body.graph.path] = homes[nodes[body.owner].scope]
            else:
                homes[body.graph.path] = len(frames)
                frames.append(Frame(body.graph.path.rpartition("/")[2], body.inputs, body.outputs))
                self._inside[body.owner].append(frames[-1])
        for inside in self._inside.values():
            inside.sort(key=lambda frame: frame.name)
        self._home = [homes.get(node.scope, NONE) for node in nodes]  # NONE: around the part, where no walk leads
        for number in range(len(frames) - 1, -1, -1):  # inner ones first: their captures are needed outside
            self._walk(number, frames[number])

    def inside(self, number: int) -> Sequence[Frame]:
        """The bodies of a node, by name."""
        return self._inside.get(number, ())

    def in_order_of_need(self) -> list[int]:
        """What the main frame is given, in the order in which its nodes ask for it."""
        needed = (value for number in self.main.nodes for value in self._needs(number))
        return list(dict.fromkeys(value for value in (*needed, *self.main.results) if value in self.main.has))

    def _walk(self, home: int, frame: Frame) -> None:
        """Depth first, without recursion: chains are longer than Python's stack."""
        begun: set[int] = set()
        for result in frame.results:
            start = self._maker(result, home, frame)
            stack = [(start, self._needs(start))] if start != NONE and start not in begun else []
            begun.update({start} - {NONE})
            while stack:
                number, needs = stack[-1]
                for value in needs:
                    maker = self._maker(value, home, frame)
                    if maker != NONE and maker not in begun:
                        begun.add(maker)
                        stack.append((maker, self._needs(maker)))
                        break
                else:
                    stack.pop()
                    for output, value in enumerate(self._values.outputs[number]):
                        if value >= 0:
                            frame.positions.setdefault(value, (len(frame.nodes), output))
                    frame.nodes.append(number)

    def _needs(self, number: int) -> Iterator[int]:
        yield from self._values.inputs[number]
        for body in self._inside.get(number, ()):
            yield from body.captured

    def _maker(self, value: int, home: int, frame: Frame) -> int:
        """The node of this frame that makes a value; of one from around it, that it is captured is noted."""
        if value == NONE or self._values.constant[value]:
            return NONE
        source = self._values.sources[value]
        if source == NONE:
            if value not in frame.has:
                frame.captured.setdefault(value)
            return NONE
        if self._home[source] != home:
            frame.captured.setdefault(value)
            return NONE
        return source
