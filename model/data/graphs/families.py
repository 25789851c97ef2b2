"""Networks of our own, drawn at random from families that people build; a network is its family's name and a number, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from rlm_lsp.model.data.graphs import nb201
from rlm_lsp.model.data.graphs.builder import Builder, Value
from rlm_lsp.model.data.graphs.families_convolution import CONVOLUTION
from rlm_lsp.model.data.graphs.families_sequence import SEQUENCE

SEED = 20_26
Family = Callable[[Builder, Random], list[Value]]


DRAWN: dict[str, Family] = {**CONVOLUTION, **SEQUENCE}
"""How a network of each family is drawn into a builder; returns its outputs."""

CELLS = "nb201-like"
FAMILIES = (*sorted(DRAWN), CELLS)

NUMBERS = 160
"""Networks of a family."""


def build(family: str, number: int) -> tuple[Builder, list[Value]]:
    """Draw a network; the same name and number give the same one."""
    rng = Random(f"{SEED}/{family}/{number}")
    folded = rng.random() < 0.6
    if family == CELLS:
        return _cells(rng, folded)
    builder = Builder(folded=folded)
    return builder, DRAWN[family](builder, rng)


def _cells(rng: Random, folded: bool) -> tuple[Builder, list[Value]]:
    """A NAS-Bench-201 cell in a skeleton of other widths, depths and resolutions."""
    edges = [rng.choice(("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")) for _ in range(6)]
    key = f"|{edges[0]}~0|+|{edges[1]}~0|{edges[2]}~1|+|{edges[3]}~0|{edges[4]}~1|{edges[5]}~2|"
    resolution, channels = rng.choice((24, 32, 40, 48, 64)), 8 * rng.randint(1, 5)
    return nb201.build(key, batch=rng.choice((1, 1, 2)), channels=channels, resolution=resolution, cells=rng.randint(1, 4), folded=folded)


def every() -> Iterator[tuple[str, int]]:
    """Yield all networks, families in turn, so that any first part holds all of them."""
    for number in range(NUMBERS):
        for family in FAMILIES:
            yield family, number
