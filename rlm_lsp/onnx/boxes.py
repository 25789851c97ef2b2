"""Boxes in the making: a mutable tree of groups, before its groups are numbered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["model", "scope", "call", "subgraph", "block", "chunk"]


@dataclass
class Box:
    """A group with its members in topological order: numbers of nodes, and boxes."""

    kind: Kind
    label: str
    members: list[Box | int] = field(default_factory=list)
    owner: int | None = None

    def numbers(self) -> Iterator[int]:
        """All nodes in it, at any depth, in order."""
        for member in self.members:
            if isinstance(member, Box):
                yield from member.numbers()
            else:
                yield member


def tidied(box: Box) -> Box:
    """The box without boxes that show nothing: those of one member are replaced by it, and a chain of boxes becomes one."""
    members: list[Box | int] = []
    for member in box.members:
        if not isinstance(member, Box):
            members.append(member)
            continue
        inner = tidied(member)
        while inner.owner is None and len(inner.members) == 1 and isinstance(inner.members[0], Box) and inner.members[0].owner is None:
            only = inner.members[0]
            inner = Box(only.kind, f"{inner.label}/{only.label}", only.members)
        if inner.owner is None and len(inner.members) == 1:
            members.append(inner.members[0])
        elif inner.members or inner.owner is not None:
            members.append(inner)
    only_box = members[0] if len(members) == 1 else None
    if isinstance(only_box, Box) and only_box.owner is None and box.kind == "model":
        members = only_box.members
    return Box(box.kind, box.label, members, box.owner)
