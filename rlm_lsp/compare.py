"""Two versions of a program: which function became which, and whether its cost changed.

Functions are matched in three passes, each over what the ones before left: by qualified name in the same file (the first of that name with
the first, unless their texts say otherwise), by equal text, and by similar text. In the last two a function may have been renamed, or
moved to another file, and its own name does not count in its text.

A cost changed where the medians differ by more than the ratio *and* the minimum that the settings ask for *and* the model's error band for
pairs. Equal text is no change, whatever else.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rlm_lsp.chunk.types import Chunk
from rlm_lsp.config import METRICS, OBJECTIVES, Metric, Settings
from rlm_lsp.predict.results import Objective, Values

SIMILAR = 0.5  # of all runs of three tokens in either text, the share that must stand in both
SIMILAR_OF_ONE_NAME = 0.2  # the same where a function keeps its own name and changes its place
TOKENS_READ = 2_000  # of each text; what a model reads is less
SHARED_BY = 16  # functions looked at for one run of tokens, and for one function: it bounds the work where many are alike

_WEIGHT = math.lcm(*range(1, SHARED_BY + 1))  # of a run that one function has; the more have it, the less it tells
_TOKEN = re.compile(r"\w+|[^\w\s]")
_RESOLUTION = {"s": 1e-9, "B": 1.0}  # medians below it are all the same


class Named(NamedTuple):
    """A function on one side of a comparison."""

    path: str
    name: str  # qualified
    kind: str
    text: str  # normalised


class Pair(NamedTuple):
    """Places in the two sequences; None on one side: added, or removed. ``how`` says what matched."""

    old: int | None
    new: int | None
    how: Literal["name", "text", "similar", "none"]


Standing = Literal["same", "small", "within-band", "no-band", "dearer", "cheaper"]


@dataclass(frozen=True, slots=True)
class Change:
    """How one metric's median changed, by ``ratio`` (new to old).

    ``standing``: "same" (equal), "small" (not beyond the settings' ratio and minimum), "within-band" (beyond these, but no more than the
    model's error), "no-band" (beyond these, by a model whose error for pairs is not known), "dearer" or "cheaper" (beyond all).
    """

    metric: Metric
    unit: str
    old: float
    new: float
    ratio: float
    standing: Standing
    band: float | None  # factor by which a pair's predicted ratio may be off


def named(path: str, chunks: Iterable[Chunk]) -> list[Named]:
    """The chunks of a file as one side of a comparison, or as a part of it."""
    return [Named(path, chunk.qualified_name, chunk.kind, chunk.text) for chunk in chunks]


def match(old: Sequence[Named], new: Sequence[Named]) -> list[Pair]:
    """What each function of ``new`` was, in their order, and behind them what was removed. Work grows linearly with the functions."""
    matcher = _Matcher(old, new)
    for key in (_place_and_text, _place):
        matcher.by_key(key, "name")
    matcher.by_key(_text, "text")
    matcher.by_similarity()
    return matcher.pairs()


def decide(
    old: Values | None,
    new: Values | None,
    objectives: Sequence[Objective],
    settings: Settings,
    band: Mapping[str, float] | None,
    *,
    same_text: bool = False,
) -> list[Change]:
    """The change of each metric that both sides have a prediction of. ``band``: ``ModelIdentity.pair_band``."""
    if old is None or new is None or old.quantiles is None or new.quantiles is None:
        return []
    changes = []
    for metric in METRICS:
        for index, objective in enumerate(objectives):
            if objective.name == OBJECTIVES[metric] and old.quantiles[index] and new.quantiles[index]:
                before, after = old.quantiles[index][1], new.quantiles[index][1]
                factor = (band or {}).get(objective.name)
                changes.append(weigh(metric, objective.unit, before, before if same_text else after, settings, factor))
    return changes


def weigh(metric: Metric, unit: str, old: float, new: float, settings: Settings, band: float | None) -> Change:
    """What it means that a median went from ``old`` to ``new``; ``band``: the model's error for pairs, None if not measured."""
    ratio = 1.0 if old == new else max(new, _RESOLUTION[unit]) / max(old, _RESOLUTION[unit])
    minimum = settings.min_latency_change if metric == "latency" else settings.min_heap_change
    distance = max(ratio, 1 / ratio)
    standing: Standing
    if old == new:
        standing = "same"
    elif distance <= settings.max_ratio or abs(new - old) <= minimum:
        standing = "small"
    elif band is None:
        standing = "no-band"
    elif distance <= band:
        standing = "within-band"
    else:
        standing = "dearer" if ratio > 1 else "cheaper"
    return Change(metric, unit, old, new, ratio, standing, band)


class _Matcher:
    """Pairs found so far, and who is still free on either side."""

    def __init__(self, old: Sequence[Named], new: Sequence[Named]) -> None:
        self._old, self._new = old, new
        self._free_old = dict.fromkeys(range(len(old)))  # in order
        self._free_new = dict.fromkeys(range(len(new)))
        self._found: dict[int, Pair] = {}  # by place in ``new``

    def by_key(self, key: Callable[[Named], Hashable], how: Literal["name", "text"]) -> None:
        """Pair those whose keys are equal, the first with the first."""
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for index in reversed(self._free_old):
            waiting[key(self._old[index])].append(index)
        for index in list(self._free_new):
            same = waiting.get(key(self._new[index]))
            if same:
                self._pair(same.pop(), index, how)

    def by_similarity(self) -> None:
        """Pair the most similar first, as long as they are similar enough."""
        runs_of_old = {index: _runs(self._old[index]) for index in self._free_old}
        having: defaultdict[int, list[int]] = defaultdict(list)
        for index, runs in runs_of_old.items():
            for run in runs:
                if len(having[run]) < SHARED_BY:
                    having[run].append(index)
        scored = []
        for index in self._free_new:
            runs = _runs(self._new[index])
            shared: defaultdict[int, int] = defaultdict(int)
            for run in runs:
                for candidate in having.get(run, ()):
                    shared[candidate] += _WEIGHT // len(having[run])
            for candidate in sorted(shared, key=lambda candidate: (-shared[candidate], candidate))[:SHARED_BY]:
                both = len(runs & runs_of_old[candidate])
                score = both / (len(runs) + len(runs_of_old[candidate]) - both)
                if score >= self._needed(candidate, index):
                    scored.append((-score, index, candidate))
        for _, index, candidate in sorted(scored):
            if index in self._free_new and candidate in self._free_old:
                self._pair(candidate, index, "similar")

    def pairs(self) -> list[Pair]:
        """All functions of both sides, each once."""
        kept = [self._found.get(index, Pair(None, index, "none")) for index in range(len(self._new))]
        return [*kept, *(Pair(index, None, "none") for index in self._free_old)]

    def _needed(self, old: int, new: int) -> float:
        before, after = self._old[old], self._new[new]
        if before.kind != after.kind:
            return 2.0  # never
        return SIMILAR_OF_ONE_NAME if _own_name(before) == _own_name(after) else SIMILAR

    def _pair(self, old: int, new: int, how: Literal["name", "text", "similar"]) -> None:
        self._found[new] = Pair(old, new, how)
        del self._free_old[old], self._free_new[new]


def _place(item: Named) -> Hashable:
    return item.path, item.kind, item.name


def _place_and_text(item: Named) -> Hashable:
    return item.path, item.kind, item.name, item.text


def _text(item: Named) -> Hashable:
    return item.kind, _nameless(item)


def _own_name(item: Named) -> str:
    """The last part of a qualified name, whatever separates the parts."""
    words = re.findall(r"\w+", item.name)
    return words[-1] if words else item.name


def _nameless(item: Named) -> str:
    """The text with the function's own name blanked wherever it stands."""
    return re.sub(rf"\b{re.escape(_own_name(item))}\b", "\0", item.text)


def _runs(item: Named) -> set[int]:
    """Hashes of all runs of three tokens."""
    tokens = _TOKEN.findall(_nameless(item)[: TOKENS_READ * 16])[:TOKENS_READ]
    return {hash(run) for run in zip(tokens, tokens[1:], tokens[2:], strict=False)} or {hash(tuple(tokens))}
