"""Small kernels of our own, measured at growing sizes: the same job done by several functions whose costs grow differently.

A family is one job: how to make an input of size n, and the functions that do it. It teaches how cost grows with the ``args:`` line, and
which of two ways of writing the same thing is dearer. The sizes are a ladder, which measuring climbs until a call gets long.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

MODULES = tuple(
    """
    arrays backtracking choices columns comparing digits divisors documents dynamic games geometry graphs
    halving imaging learning ledgers lookups mazes memories numbers ordering parsing payloads scans
    schedules search sequences simulation solvers sparse statistics_ stencils tables tabulated tallies text
    timeseries windows wording wordplay
    """.split()  # noqa: SIM905 - a list literal would put each name on a line
)
LADDER = (3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000)


@dataclass(frozen=True)
class Family:
    """One job. ``make(n, random)`` returns the arguments; sizes above ``largest`` are not tried."""

    name: str
    make: Callable[[int, Random], tuple[Any, ...]]
    functions: tuple[Callable[..., object], ...]
    largest: int = 300_000


def families() -> list[Family]:
    """Return every family of every module, by name."""
    found = [family for module in MODULES for family in importlib.import_module(f"{__name__}.{module}").FAMILIES]
    return sorted(found, key=lambda family: family.name)
