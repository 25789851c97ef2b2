"""What is wrong, one thing at a time: the form that the reports for code hosts and test viewers share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from rlm_lsp.check.findings import Findings
from rlm_lsp.check.gate import Broken, Comparison, Edited, Gate, NetworkBudget, Place, Remark
from rlm_lsp.config import METRICS, TITLES
from rlm_lsp.paths import printable
from rlm_lsp.units import METRIC_UNITS, format_limit, format_value, parse_value

Level = Literal["error", "warning", "note"]


class Rule(NamedTuple):
    """A kind of issue: its usual level, what it is in one sentence, and what to do about it."""

    level: Level
    summary: str
    advice: str


_COMMENT = "add a comment `rlm: ignore[{metric}]` to it"
RULES: dict[str, Rule] = {
    **{
        f"{metric}-budget": Rule(
            "error",
            f"A function's predicted {TITLES[metric]} is above its budget.",
            "An error if even the prediction's p10 is above the budget, a warning if its median is. Make the function cheaper, give it "
            f"another budget in the settings or by a comment `rlm: budget {metric}=...`, or {_COMMENT.format(metric=metric)}.",
        )
        for metric in METRICS
    },
    **{
        f"{metric}-change": Rule(
            "error",
            f"A function's predicted {TITLES[metric]} is clearly higher than in the base.",
            "It grew by more than the ratio and the minimum that the settings allow, and by more than the model's error for pairs. "
            f"Make the function cheaper, allow more in the settings, or {_COMMENT.format(metric=metric)}.",
        )
        for metric in METRICS
    },
    "network-budget": Rule(
        "error",
        "A network's static figure, or the lower end of its prediction, is above its budget.",
        "Make the network cheaper, or give it another budget in the settings (`onnx.macs` and the like).",
    ),
    "network-unknown": Rule(
        "warning",
        "Whether a network keeps to its budget is not known.",
        "Bind its open dimensions in the settings (`onnx.bind`); `rlm-lsp onnx FILE` says what else is not known. Of a prediction the "
        "median may be above the budget while its lower end keeps to it.",
    ),
    "unused-directive": Rule("warning", "A comment ignores what is not there.", "Remove the comment."),
    "malformed-directive": Rule("warning", "A comment that speaks to rlm-lsp cannot be understood.", "Correct the comment."),
}


@dataclass(frozen=True)
class Issue:
    """``place.name`` is "" where the issue is no function's. ``key`` names the function in its file across edits.

    ``fingerprint`` is the same as long as path, function and rule are, wherever the function stands in the file; no two are equal.
    ``accepted``: the baseline file knows it. ``values`` are the numbers behind it, in seconds or bytes.
    """

    rule: str
    level: Level
    place: Place
    key: str
    message: str
    values: dict[str, Any]
    accepted: bool = False
    fingerprint: str = ""

    @property
    def position(self) -> tuple[int, int]:
        """Line and column in the file itself, for what shows files: of a notebook its beginning, as cells have lines of their own."""
        return (1, 1) if self.place.cell else (self.place.line, self.place.column)

    @property
    def whole_message(self) -> str:
        """The message, with the place in the notebook that ``position`` cannot say."""
        place = self.place
        return f"{self.message} (cell {place.cell}, line {place.line})" if place.cell else self.message


def issues(findings: Findings, gate: Gate) -> list[Issue]:
    """All of them, in the order of paths, lines and rules."""
    found = [_budget(item, findings.model) for item in gate.broken]
    if gate.comparison is not None:
        found += _changes(gate.comparison)
    found += [_remark(remark) for remark in gate.remarks]
    found += [_network(item) for item in gate.networks]
    found.sort(key=lambda issue: (issue.place, issue.rule, issue.message))
    return _told_apart(found)


def problem_place(path: str, cell: int, line: int | None) -> Place:
    """The place of what is wrong with a file and no function's fault."""
    return Place(path, cell, line or 1, 1, "")


def value_above(value: float, limit: float, unit: str) -> str:
    """``value`` with as many digits as show that it is above ``limit``, two at least."""
    ways = [format_value(value, unit, digits) for digits in (2, 3, 4, 6)]
    return next((text for text in ways if parse_value(text)[0] > limit), ways[-1])


def _budget(item: Broken, model: str) -> Issue:
    breach, unit = item.breach, METRIC_UNITS[item.breach.metric]
    what = "even the p10" if breach.quantile == "p10" else "the median"
    excess = f"{value_above(breach.value, breach.limit, unit)} > {format_limit(breach.limit, unit)}"
    message = f"{item.place.name}: {TITLES[breach.metric]} budget broken: {what} is {excess}, predicted by {printable(model)}"
    p10, p50, p90 = item.quantiles
    values = {"metric": breach.metric, "unit": unit, "p10": p10, "p50": p50, "p90": p90, "limit": breach.limit, "model": model}
    if item.accepted:
        return Issue(f"{breach.metric}-budget", "note", item.place, item.key, f"{message}; the baseline accepts it", values, accepted=True)
    return Issue(f"{breach.metric}-budget", breach.severity, item.place, item.key, message, values)


def _changes(comparison: Comparison) -> Iterator[Issue]:
    for edited in comparison.edited:
        yield from _dearer(edited, printable(comparison.base))


def _dearer(edited: Edited, base: str) -> Iterator[Issue]:
    for change in edited.dearer:
        step = f"{format_value(change.old, change.unit)} to {format_value(change.new, change.unit)} ({change.ratio:.3g}x)"
        message = f"{edited.place.name}: predicted {TITLES[change.metric]} rose from {step} since {base}"
        values = {"metric": change.metric, "unit": change.unit, "old": change.old, "new": change.new, "ratio": change.ratio, "base": base}
        yield Issue(f"{change.metric}-change", "error", edited.place, edited.place.name, message, {**values, "band": change.band})


def _remark(remark: Remark) -> Issue:
    place = Place(remark.path, remark.cell, remark.line, 1, "")
    return Issue(remark.rule, "warning", place, remark.text, printable(remark.text), {})


def network_text(item: NetworkBudget) -> str:
    """What is wrong with a network's budget, on one line."""
    least = "at least " if item.unknown else ""
    value, limit = (_figure(item, number) for number in (item.value, item.limit))
    if item.low is not None:
        what = "budget broken" if item.is_broken else "may be over its budget"
        return f"{item.name} {what}: {value} (p10 {_figure(item, item.low)}) > {limit}, predicted"
    if item.provenance == "predicted":
        return f"{item.name} unknown: {item.why}"
    if item.is_broken:
        return f"{item.name} budget broken: {least}{value} > {limit}, static"
    return f"{item.name} unknown: at least {value} of {limit}, static; parts that are not known: {item.unknown:,}"


def _figure(item: NetworkBudget, number: float) -> str:
    if item.name in ("macs", "params"):
        return f"{number:,.4g}"
    return format_value(number, "s") if item.name == "latency" else format_value(number, "B", 4)


def _network(item: NetworkBudget) -> Issue:
    rule = "network-budget" if item.is_broken else "network-unknown"
    values = {"metric": item.name, "value": item.value, "limit": item.limit, "unknown": item.unknown, "provenance": item.provenance}
    return Issue(rule, RULES[rule].level, problem_place(item.path, 0, None), item.name, network_text(item), values)


def _told_apart(found: Sequence[Issue]) -> list[Issue]:
    """With fingerprints; of several equal issues in a file, such as those of functions of one name, the later ones are numbered."""
    seen: Counter[tuple[str, str, str]] = Counter()
    result = []
    for issue in found:
        what = (issue.rule, issue.place.path, issue.key)
        seen[what] += 1
        digest = sha256("\0".join((*what, str(seen[what]))).encode("utf-8", "backslashreplace")).hexdigest()
        result.append(replace(issue, fingerprint=digest[:32]))
    return result
