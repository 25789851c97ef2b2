"""Looking things up."""

from __future__ import annotations

import bisect
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def sorted_list(n: int, random: Random) -> tuple[Any, ...]:
    return sorted(random.randrange(n * 10) for _ in range(n)), random.randrange(n * 10)


def find_linear(values: list[int], wanted: int) -> int:
    for i, value in enumerate(values):
        if value >= wanted:
            return i
    return len(values)


def find_halving(values: list[int], wanted: int) -> int:
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def find_bisect(values: list[int], wanted: int) -> int:
    return bisect.bisect_left(values, wanted)


def find_halving_slices(values: list[int], wanted: int) -> bool:
    if not values:
        return False
    middle = len(values) // 2
    if values[middle] == wanted:
        return True
    rest = values[:middle] if wanted < values[middle] else values[middle + 1 :]
    return find_halving_slices(rest, wanted)


def is_there(values: list[int], wanted: int) -> bool:
    return wanted in values


def nearest(values: list[int], wanted: int) -> int:
    return min(values, key=lambda value: abs(value - wanted))


def table(n: int, random: Random) -> tuple[Any, ...]:
    return {f"key{i}": random.random() for i in range(n)}, f"key{random.randrange(n)}"


def value_of(entries: dict[str, float], key: str) -> float:
    return entries[key]


def value_by_scan(entries: dict[str, float], key: str) -> float:
    for name, value in entries.items():
        if name == key:
            return value
    raise KeyError(key)


def key_of_largest(entries: dict[str, float], key: str) -> str:
    return max(entries, key=lambda name: entries[name] if name != key else -1.0)


def without_key(entries: dict[str, float], key: str) -> dict[str, float]:
    return {name: value for name, value in entries.items() if name != key}


def inverted(entries: dict[str, float], key: str) -> dict[float, str]:
    entries = {**entries, key: 0.0}
    return {value: name for name, value in entries.items()}


def sorted_entries(entries: dict[str, float], key: str) -> list[tuple[str, float]]:
    return sorted(entries.items(), key=lambda item: (item[0] == key, item[1]))


def queries(n: int, random: Random) -> tuple[Any, ...]:
    return [random.randrange(n * 3) for _ in range(n)], [random.randrange(n * 3) for _ in range(max(1, n // 10))]


def positions(values: list[int], wanted: list[int]) -> list[int]:
    return [values.index(w) if w in values else -1 for w in wanted]


def positions_by_table(values: list[int], wanted: list[int]) -> list[int]:
    first: dict[int, int] = {}
    for i, value in enumerate(values):
        first.setdefault(value, i)
    return [first.get(w, -1) for w in wanted]


def smaller_counts(values: list[int], wanted: list[int]) -> list[int]:
    return [sum(1 for value in values if value < w) for w in wanted]


def smaller_by_order(values: list[int], wanted: list[int]) -> list[int]:
    ordered = sorted(values)
    return [bisect.bisect_left(ordered, w) for w in wanted]


FAMILIES = [
    Family("looking-up", sorted_list, (find_linear, find_halving, find_bisect, find_halving_slices, is_there, nearest)),
    Family("entries", table, (value_of, value_by_scan, key_of_largest, without_key, inverted, sorted_entries)),
    Family("queries", queries, (positions, positions_by_table, smaller_counts, smaller_by_order)),
]
