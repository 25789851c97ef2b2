"""Scopes as boxes without cycles: a scope that is left and entered again becomes several instances.

A module that is used eight times has one name and eight places in the network; one box for them would need its own output. Nodes
are put in an order that stays in a scope as long as it can, and prefers a scope that waits for nothing. Each uninterrupted stay is an
instance, so boxes follow the order and no level can have a cycle; where scopes have none of themselves, none is split.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence

from rlm_lsp.onnx.boxes import Box
from rlm_lsp.onnx.naming import Path


def nested(numbers: Sequence[int], paths: Mapping[int, Path], producers: Mapping[int, Sequence[int]], depth: int = 0) -> list[Box | int]:
    """Members of a box: the nodes in topological order, gathered by the label at ``depth`` of their paths.

    ``producers`` are those in the same graph. Time is linear in nodes and edges, for each level of scopes.
    """
    units = [paths[number][depth] if len(paths[number]) > depth else number for number in numbers]
    if all(isinstance(unit, int) for unit in units):
        return list(numbers)
    stays = _stays(numbers, units, producers)
    counts: dict[str, int] = {}
    for unit, _ in stays:
        if isinstance(unit, str):
            counts[unit] = counts.get(unit, 0) + 1
    seen: dict[str, int] = {}
    members: list[Box | int] = []
    for unit, inside in stays:
        if isinstance(unit, int):
            members.append(unit)
            continue
        seen[unit] = seen.get(unit, 0) + 1
        label = f"{unit} #{seen[unit]}" if counts[unit] > 1 else unit
        members.append(Box("scope", label, nested(inside, paths, producers, depth + 1)))
    return members


def _stays(numbers: Sequence[int], units: Sequence[str | int], producers: Mapping[int, Sequence[int]]) -> list[tuple[str | int, list[int]]]:
    """The nodes in an order that changes unit as seldom as it can, cut where it does."""
    unit_of = dict(zip(numbers, units, strict=True))
    place_of = {number: place for place, number in enumerate(numbers)}
    waits_for = dict.fromkeys(numbers, 0)  # producers of a node that are to come
    foreign = dict.fromkeys(units, 0)  # edges into a unit from nodes of others that are to come
    left = dict.fromkeys(units, 0)  # nodes of a unit that are to come
    users: dict[int, list[int]] = {}
    for number in numbers:
        left[unit_of[number]] += 1
        for producer in producers.get(number, ()):
            if producer in unit_of:
                waits_for[number] += 1
                users.setdefault(producer, []).append(number)
                foreign[unit_of[number]] += unit_of[producer] != unit_of[number]
    ready: dict[str | int, deque[int]] = {}
    free: list[tuple[int, str | int]] = []  # heaps of units by the place of a ready node: those that wait for no other,
    waiting: list[tuple[int, str | int]] = []  # and those that do

    def arrive(number: int) -> None:
        unit = unit_of[number]
        ready.setdefault(unit, deque()).append(number)
        heapq.heappush(waiting if foreign[unit] else free, (place_of[number], unit))

    for number in numbers:
        if not waits_for[number]:
            arrive(number)
    stays: list[tuple[str | int, list[int]]] = []
    done: set[int] = set()
    while free or waiting:
        unit = heapq.heappop(free or waiting)[1]
        inside = []
        queue = ready[unit]
        while queue:
            number = queue.popleft()
            inside.append(number)
            for user in users.get(number, ()):
                waits_for[user] -= 1
                theirs = unit_of[user]
                if theirs != unit:
                    foreign[theirs] -= 1
                    if not foreign[theirs] and ready.get(theirs):
                        heapq.heappush(free, (place_of[ready[theirs][0]], theirs))
                if not waits_for[user]:
                    arrive(user)
        if inside:
            stays.append((unit, inside))
            done.update(inside)
    rest = [number for number in numbers if number not in done]  # on a cycle of the file's own, or behind it
    stays += [(number, [number]) for number in rest]
    return stays
