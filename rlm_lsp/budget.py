"""Budgets: which limits hold for a function, and whether its prediction keeps to them.

A limit in the code (``rlm: budget latency=5ms``) beats all settings. Of the rules in the settings that match a function the most specific
one wins: a rule with a name beats one without, then one with paths beats one without; of equally specific rules the last one counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from rlm_lsp.chunk.types import Directive
from rlm_lsp.config import METRICS, OBJECTIVES, BudgetRule, Metric, Settings
from rlm_lsp.predict.results import Objective, Values

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

Severity = Literal["warning", "error"]
P10, P50 = 0, 1
"""Places of quantiles in ``Values``."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A budget that a prediction breaks: its median does (a warning), or even its p10 (an error). ``value`` is that quantile's."""

    metric: Metric
    limit: float
    severity: Severity
    quantile: Literal["p10", "p50"]
    value: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What budgets say about a function. ``unused`` are directives that ignore what is not there; none where nothing is predicted."""

    breaches: tuple[Breach, ...] = ()
    suppressed: tuple[Breach, ...] = ()
    unused: tuple[Directive, ...] = ()


def rules_for(settings: Settings, path: str | os.PathLike[str] | None) -> tuple[BudgetRule, ...]:
    """The rules that can hold in a file (None: text that is no file), the least specific first. ``path`` may be a relative one."""
    if not settings.budgets:
        return ()
    inner = None if path is None else path_inside(settings, path)
    matching = [rule for rule in settings.budgets if not rule.paths or (inner is not None and matches(rule.paths, inner))]
    return tuple(sorted(matching, key=lambda rule: (rule.name is not None, bool(rule.paths))))


def limits_for(rules: Iterable[BudgetRule], qualified_name: str, directives: Iterable[Directive] = ()) -> dict[Metric, float]:
    """The limits of one function, out of its file's rules and its own directives."""
    limits = {rule.metric: rule.limit for rule in rules if rule.name is None or re.search(rule.name, qualified_name)}
    for directive in directives:
        if directive.kind == "budget" and directive.problem is None:
            limits.update({metric: limit for name, limit in directive.limits for metric in METRICS if metric == name})
    return limits


def evaluate(
    values: Values | None, objectives: Sequence[Objective], limits: Mapping[Metric, float], directives: Sequence[Directive] = ()
) -> Verdict:
    """Whether a prediction keeps to ``limits``. Nothing is said about what is not known."""
    if values is None or values.quantiles is None:
        return Verdict()
    found = []
    for metric, limit in limits.items():
        for objective, quantiles in zip(objectives, values.quantiles, strict=True):
            if objective.name == OBJECTIVES[metric] and quantiles:
                if quantiles[P10] > limit:
                    found.append(Breach(metric, limit, "error", "p10", quantiles[P10]))
                elif quantiles[P50] > limit:
                    found.append(Breach(metric, limit, "warning", "p50", quantiles[P50]))
    used = {index for breach in found for index in ignoring(directives, breach.metric)}
    suppressed = tuple(breach for breach in found if ignoring(directives, breach.metric))
    breaches = tuple(breach for breach in found if breach not in suppressed)
    unused = tuple(item for index, item in enumerate(directives) if _ignores(item) and index not in used)
    return Verdict(breaches, suppressed, unused)


def ignoring(directives: Sequence[Directive], metric: Metric) -> list[int]:
    """Which of a function's directives ask to ignore ``metric``."""
    return [index for index, item in enumerate(directives) if _ignores(item) and (not item.metrics or metric in item.metrics)]


def excluded(settings: Settings, path: str | os.PathLike[str]) -> bool:
    """Whether the settings leave a file out."""
    inner = path_inside(settings, path) if settings.exclude else None
    return inner is not None and matches(settings.exclude, inner)


def path_inside(settings: Settings, path: str | os.PathLike[str]) -> str | None:
    """``path`` relative to the settings' root, with slashes; None for one outside of it."""
    root = os.path.abspath(settings.root or os.curdir)  # noqa: PTH100 - names are not always decodable, so paths are str throughout
    absolute = os.path.abspath(path)  # noqa: PTH100
    prefix = root.rstrip(os.sep) + os.sep
    return absolute[len(prefix) :].replace(os.sep, "/") if absolute.startswith(prefix) else None


def matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether gitignore-style patterns match a path that is relative to where they stand."""
    return bool(patterns) and _spec(patterns).match_file(path)


@lru_cache(maxsize=256)
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # 40 ms, and many settings have no patterns

    return GitIgnoreSpec.from_lines(patterns)


def _ignores(directive: Directive) -> bool:
    return directive.kind == "ignore" and directive.problem is None
