"""Blocks of a graph that names none: what lies between its waists, the nodes that everything before reaches later nodes through.

The output of a residual block is a waist, and so is each concatenation of a dense block, because nothing else of what came before is read
after it. Time is linear in nodes and edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rlm_lsp.onnx.boxes import Box

FEWEST_NODES = 12  # a graph of fewer is looked at as it is
MANY_MEMBERS = 24  # of a box, of which rounds are looked for
MOST_MEMBERS = 150  # of a box
PART = 30  # members of a run that is cut only because there are too many
LONGEST_PERIOD = 12  # blocks that repeat together

_TRAILING = frozenset({
    "Relu", "LeakyRelu", "PRelu", "Clip", "Sigmoid", "Tanh", "Gelu", "HardSwish", "HardSigmoid", "Elu", "Selu", "Softplus", "Mish",
    "Identity", "Cast", "Dropout", "BatchNormalization", "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization",
    "SkipLayerNormalization", "InstanceNormalization", "GroupNormalization", "QuantizeLinear", "DequantizeLinear", "FastGelu",
})  # fmt: skip
"""What may follow the last node of a block within the block."""


@dataclass(frozen=True)
class Units:
    """Members of one box with the edges between them, by their places; ``producers[u]`` all lie before u.

    ``on_trunk`` says which of them are on the network's way from input to output, and ``op`` what a unit does, of a box the empty text.
    """

    members: Sequence[Box | int]
    producers: Sequence[Sequence[int]]
    on_trunk: Sequence[bool]
    op: Sequence[str]


def blocks(units: Units) -> list[Box | int]:
    """The members, those of each block in a box; as they are where there are no two blocks."""
    segments, blocky = _segments(units)
    return _gathered(units, segments, blocky) if len(blocky) >= 2 else list(units.members)


def parts(members: Sequence[Box | int], most: int = MOST_MEMBERS) -> list[Box | int]:
    """At most ``most`` members: runs of them in boxes, where there are more."""
    found = list(members)
    while len(found) > most:
        found = [Box("chunk", f"part {1 + at // PART}", found[at : at + PART]) for at in range(0, len(found), PART)]
    return found


def repeats(members: Sequence[Box | int], digests: Sequence[str]) -> list[Box | int]:
    """The members, those of each round in a box where several in a row repeat at least three times, such as a layer's two blocks.

    ``digests`` are equal where members compute the same.
    """
    found: list[Box | int] = []
    at = 0
    while at < len(members):
        period, count = _best_period(digests, at)
        size = max(period * count, 1)
        if sum(isinstance(member, Box) for member in members[at : at + period]) >= 2 and count:
            found += [Box("block", "", list(members[start : start + period])) for start in range(at, at + size, period)]
        else:
            found += members[at : at + size]
        at += size
    return found


def _best_period(digests: Sequence[str], at: int) -> tuple[int, int]:
    """How many members from a place on repeat, and how often; (1, 0) where nothing does three times."""
    best = (1, 0)
    if digests[at] not in digests[at + 1 : at + 1 + LONGEST_PERIOD]:
        return best
    for period in range(1, LONGEST_PERIOD + 1):
        end = at + period
        while end < len(digests) and digests[end] == digests[end - period]:
            end += 1
        count = (end - at) // period
        if count >= 3 and period * count > best[0] * best[1]:
            best = (period, count)
    return best


def _segments(units: Units) -> tuple[list[int], set[int]]:
    """For each unit on the trunk the number of its segment, in order, -1 for those off the trunk; and the segments that are blocks.

    A block begins behind a waist at which the trunk forks. It ends with the waist that comes next and what may trail that.
    """
    trunk = [place for place, on in enumerate(units.on_trunk) if on]
    is_waist = _waists(units, trunk)
    segments = [-1] * len(units.members)
    blocky = set()
    number = at = 0
    while at < len(trunk):
        begin = at
        while at < len(trunk) and not is_waist[at]:
            at += 1
        if at > begin:
            at += 1
            while at < len(trunk) and is_waist[at] and units.op[trunk[at]] in _TRAILING:
                at += 1
            number += 1
            blocky.add(number)
        else:
            number += number in blocky  # a chain between blocks
            at += 1
        for place in trunk[begin:at]:
            segments[place] = number
    return segments, blocky


def _waists(units: Units, trunk: Sequence[int]) -> list[bool]:
    """Of each unit on the trunk, whether no edge on the trunk passes it by."""
    rank = {place: at for at, place in enumerate(trunk)}
    furthest = [0] * len(trunk)  # the last unit that reads this one
    for at, place in enumerate(trunk):
        for producer in units.producers[place]:
            if producer in rank:
                furthest[rank[producer]] = at
    waists = []
    reach = 0
    for at in range(len(trunk)):
        waists.append(reach <= at)
        reach = max(reach, furthest[at])
    return waists


def _gathered(units: Units, segments: Sequence[int], blocky: set[int]) -> list[Box | int]:
    """Boxes for the blocks, in order; units off the trunk join their users where those are all in one segment.

    Every unit gets a position that none of its producers exceeds, so the boxes have no cycle.
    """
    users: list[list[int]] = [[] for _ in units.members]
    for place, producers in enumerate(units.producers):
        for producer in producers:
            users[producer].append(place)
    last = max(segments, default=0)
    position = [float(segment) for segment in segments]
    earliest = [float(segment) for segment in segments]  # where the last of its producers on the trunk is
    for place, producers in enumerate(units.producers):
        if segments[place] < 0:
            earliest[place] = max((earliest[each] for each in producers), default=-1.0)
    for place in reversed(range(len(segments))):
        if segments[place] >= 0:
            continue
        theirs = {position[user] for user in users[place]}
        first = min(theirs, default=last + 0.5)
        is_shared = len(theirs) > 1 and first > earliest[place]  # by several segments, and free to stand before them
        position[place] = first - 0.5 if is_shared and first == int(first) else first
    gathered: dict[float, list[Box | int]] = {}
    for place, member in enumerate(units.members):
        gathered.setdefault(position[place], []).append(member)
    found: list[Box | int] = []
    for at, inside in sorted(gathered.items()):
        found += [Box("block", "", inside)] if at in blocky and len(inside) > 1 else inside
    return found
