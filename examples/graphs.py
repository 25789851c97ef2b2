"""Graphs as dictionaries: searches, paths, components."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator

Graph = dict[str, dict[str, float]]


class Router:
    """Answers questions about one road network."""

    def __init__(self, roads: Graph) -> None:
        """Keep the network as it is."""
        self.roads = roads

    def neighbours(self, town: str) -> list[str]:
        """Return the towns one road away."""
        return list(self.roads.get(town, ()))

    def shortest(self, start: str) -> dict[str, float]:
        """Return distances from start by Dijkstra's algorithm."""
        distances: dict[str, float] = {}
        queue = [(0.0, start)]
        while queue:
            distance, town = heapq.heappop(queue)
            if town in distances:
                continue
            distances[town] = distance
            for neighbour, length in self.roads[town].items():
                if neighbour not in distances:
                    heapq.heappush(queue, (distance + length, neighbour))
        return distances

    def all_pairs(self) -> dict[str, dict[str, float]]:
        """Return the distances between all towns: one search a town."""
        return {town: self.shortest(town) for town in self.roads}

    def walk(self, start: str) -> Iterator[str]:
        """Yield towns in order of the number of roads from start."""
        seen, queue = {start}, deque([start])
        while queue:
            town = queue.popleft()
            yield town
            for neighbour in self.roads[town]:
                if neighbour not in seen:
                    seen.add(neighbour)
                    queue.append(neighbour)


def components(roads: Graph) -> list[set[str]]:
    """Return the connected parts of an undirected network."""

    def reach(start: str) -> set[str]:
        seen, stack = {start}, [start]
        while stack:
            for neighbour in roads[stack.pop()]:
                if neighbour not in seen:
                    seen.add(neighbour)
                    stack.append(neighbour)
        return seen

    left, parts = set(roads), []
    while left:
        part = reach(next(iter(left)))
        parts.append(part)
        left -= part
    return parts
