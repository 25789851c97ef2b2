"""How the nodes of a model fall into groups: ``group``.

Per graph, the first that the file offers of: modules (dynamo), parts of names, and else blocks between waists. Bodies of nodes are groups
in their nodes' places. Whatever is still too long for a picture is cut at waists, or into runs. Time is linear in the size of the model,
for each level of groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rlm_lsp.onnx.boxes import Box, tidied
from rlm_lsp.onnx.digests import Digests
from rlm_lsp.onnx.graph import Links, trunk
from rlm_lsp.onnx.instances import nested
from rlm_lsp.onnx.naming import scope_paths
from rlm_lsp.onnx.types import Group, Node, Tree
from rlm_lsp.onnx.waists import FEWEST_NODES, MANY_MEMBERS, MOST_MEMBERS, Units, blocks, parts, repeats

Source = Literal["modules", "names", "blocks", "flat"]


def group(nodes: Sequence[Node], links: Links, folded: frozenset[int]) -> Tree:
    """The groups of a model, given its nodes, their links, and which of them are folded."""
    grouping = _Grouping(nodes, links, folded)
    root, source = grouping.graph("")
    return _numbered(Box("model", "", root), source, grouping)


class _Grouping:
    def __init__(self, nodes: Sequence[Node], links: Links, folded: frozenset[int]) -> None:
        self.nodes = nodes
        self.links = links
        self.folded = folded
        self.digests = Digests(nodes, links, folded)
        self.on_trunk = trunk(nodes, links, folded)
        self.members: dict[str, list[int]] = {}
        for number in links.order:
            self.members.setdefault(nodes[number].scope, []).append(number)
        self.producers: dict[int, Sequence[int]] = {}  # those in the same graph
        for number, node in enumerate(nodes):
            producers = dict.fromkeys((*links.inputs[number], *links.captures.get(number, ())))
            self.producers[number] = [each for each in producers if each >= 0 and nodes[each].scope == node.scope]

    def graph(self, path: str) -> tuple[list[Box | int], Source]:
        """The members that a graph falls into."""
        numbers = self.members.get(path, [])
        users: dict[int, list[int]] = {}
        for number in numbers:
            for producer in self.producers[number]:
                users.setdefault(producer, []).append(number)
        named = scope_paths(numbers, self.nodes, users, self.folded)
        if named is None:
            members: list[Box | int] = list(numbers)
            if self._weight(members) >= FEWEST_NODES:
                members = self._blocks(members)
            source: Source = "blocks" if any(isinstance(member, Box) for member in members) else "flat"
        else:
            source, paths = named
            members = nested(numbers, paths, self.producers)
        box = tidied(Box("model", "", members))
        return [self._with_bodies(member) for member in self._bounded(box).members], source

    def _bounded(self, box: Box) -> Box:
        """The box with at most ``MOST_MEMBERS`` members at each level."""
        members = box.members
        if self._weight(members) > MANY_MEMBERS:
            members = self._rounds(members)
        if self._weight(members) > MOST_MEMBERS:
            members = self._blocks(members)
        members = [self._bounded(member) if isinstance(member, Box) else member for member in members]
        if self._weight(members) > MOST_MEMBERS:
            members = parts(members)
        return Box(box.kind, box.label, members, box.owner)

    def _weight(self, members: Sequence[Box | int]) -> int:
        """Members that are drawn: weights and what is folded into them are not."""
        return sum(isinstance(member, Box) or member not in self.folded for member in members)

    def _blocks(self, members: Sequence[Box | int]) -> list[Box | int]:
        """The members, gathered in blocks, and rounds of blocks."""
        found = blocks(self._units(members))
        return self._rounds(found) if len(found) < len(members) else found

    def _rounds(self, members: Sequence[Box | int]) -> list[Box | int]:
        return repeats(members, [self._digest(member) for member in members])

    def _units(self, members: Sequence[Box | int]) -> Units:
        unit_of: dict[int, int] = {}
        for place, member in enumerate(members):
            for number in member.numbers() if isinstance(member, Box) else (member,):
                unit_of[number] = place
        producers: list[dict[int, None]] = [{} for _ in members]
        on_trunk = [False] * len(members)
        for number, place in unit_of.items():
            on_trunk[place] = on_trunk[place] or (self.on_trunk[number] and number not in self.folded)
            for producer in self.producers[number]:
                theirs = unit_of.get(producer, place)
                if theirs < place:
                    producers[place][theirs] = None
        if not any(on_trunk):  # nothing has weights: all of it is the network
            on_trunk = [True] * len(members)
        ops = ["" if isinstance(member, Box) else self.nodes[member].op for member in members]
        return Units(members, [list(each) for each in producers], on_trunk, ops)

    def _digest(self, member: Box | int) -> str:
        return self.digests.of(list(member.numbers()) if isinstance(member, Box) else [member])

    def _with_bodies(self, member: Box | int) -> Box | int:
        """The member with a box for each node that has bodies."""
        if isinstance(member, Box):
            return Box(member.kind, member.label, [self._with_bodies(each) for each in member.members], member.owner)
        node = self.nodes[member]
        if not node.subgraphs:
            return member
        if node.subgraphs[-1].is_call and len(node.subgraphs) == 1:
            return Box("call", node.op, [member, *self.graph(node.subgraphs[0].path)[0]], member)
        inner = [Box("subgraph", body.path.rpartition("/")[2], self.graph(body.path)[0]) for body in node.subgraphs]
        return Box("subgraph", node.op, [member, *inner], member)


def _numbered(root: Box, source: Source, grouping: _Grouping) -> Tree:
    """The boxes as a table, each after the one that it is in."""
    order: list[tuple[Box, int]] = []
    waiting: list[tuple[Box, int]] = [(root, -1)]
    while waiting:
        box, parent = waiting.pop()
        number = len(order)
        order.append((box, parent))
        waiting += [(member, number) for member in reversed(box.members) if isinstance(member, Box)]
    inside: list[list[int]] = [[] for _ in order]
    for number, (_, parent) in enumerate(order):
        if parent >= 0:
            inside[parent].append(number)
    numbers = _inside(order)
    digests = [grouping.digests.of(each) for each in numbers]
    labels = _labels([box for box, _ in order], digests)
    paths: list[str] = []
    taken: set[str] = set()
    for number, (_, parent) in enumerate(order):
        beginning = f"{paths[parent]}/" if parent > 0 else ""
        paths.append(_unused(beginning + labels[number] if parent >= 0 else "", taken))
    counts: dict[tuple[int, str], int] = {}
    places: dict[str, list[int]] = {}
    for number, (_, parent) in enumerate(order):
        counts[parent, digests[number]] = counts.get((parent, digests[number]), 0) + 1
        places.setdefault(digests[number], []).append(number)
    groups = tuple(
        Group(parent, box.kind, labels[number], paths[number], tuple(each for each in box.members if not isinstance(each, Box)),
              tuple(inside[number]), len(numbers[number]), digests[number], counts[parent, digests[number]], box.owner)
        for number, (box, parent) in enumerate(order)
    )  # fmt: skip
    return Tree(groups, source, {digest: tuple(found) for digest, found in places.items() if len(found) > 1})


def _inside(order: Sequence[tuple[Box, int]]) -> list[list[int]]:
    """All nodes in each box, in order; inner boxes come after those that they are in."""
    known: dict[int, list[int]] = {}
    for box, _ in reversed(order):
        known[id(box)] = [number for member in box.members for number in (known[id(member)] if isinstance(member, Box) else (member,))]
    return [known[id(box)] for box, _ in order]


def _labels(boxes: Sequence[Box], digests: Sequence[str]) -> list[str]:
    """Labels as they are; blocks, which have none, are "Block A", and "Block B" where they compute something else."""
    letters: dict[str, str] = {}
    for box, digest in zip(boxes, digests, strict=True):
        if box.kind == "block" and not box.label:
            letters.setdefault(digest, _letters(len(letters)))
    return [box.label or (f"Block {letters[digest]}" if box.kind == "block" else "") for box, digest in zip(boxes, digests, strict=True)]


def _letters(number: int) -> str:
    """A, B, ... Z, AA, AB and so on."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def _unused(path: str, taken: set[str]) -> str:
    """The path, or the first of path#2, path#3 and so on that is not taken."""
    found, count = path, 1
    while found in taken:
        count += 1
        found = f"{path}#{count}"
    taken.add(found)
    return found
