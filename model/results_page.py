"""The figures of :mod:`rlm_lsp.model.evaluate` as a page for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_COLUMNS = (
    ("spearman", "Spearman", "{:.3f}"),
    ("kendall", "Kendall", "{:.3f}"),
    ("median_log10_error", "median error (log10)", "{:.3f}"),
    ("within_2x", "within 2x", "{:.0%}"),
    ("coverage_80", "in p10..p90", "{:.1%}"),
    ("pair_accuracy", "pairs right", "{:.0%}"),
)

_HEAD = """# Results

Held-out groups only: whole packages and whole problems that were never trained on, nor read as tokenizer or pretraining text. Every model
sees the same normalised text (and `args:` line where sizes are given) and the same training rows. Bold: the best figure of a column.
"in p10..p90" should be 80 %. "pairs right": two calls of one problem more than 1.5x apart, is the dearer one predicted dearer. The noise
ceiling is the rank correlation between the medians of two halves of each function's recorded calls: no model can be expected above it.
"edits": pairs of functions that do the same job on arguments of the same sizes; "right" is the direction, where the measured costs are
that far apart; "band" is the factor that four fifths of the predicted ratios are off by at most. "exponent error": of the slope of log
cost over log size.

Model `{model}`, split `{split}`. Made by `python -m rlm_lsp.model.evaluate`; the same figures are in `results.json`.
"""


def render(report: Mapping[str, Any]) -> str:
    """Return the page, Markdown."""
    parts = [_HEAD.format(**report)]
    for objective, table in report["objectives"].items():
        parts.append(f"\n## {objective}\n")
        parts.extend(_section(name, entry) for name, entry in table.items())
        parts.append(_probes(report["probes"][objective]))
    return "".join(parts)


def _probes(found: Mapping[str, Any]) -> str:
    """Edits, scaling and renames."""
    lines = [
        "\n### edits, scaling, renames (problems)\n",
        "| model | pairs | right where > 2x | right where > 10x | band | exponent error |",
    ]
    lines.append("|---|---|---|---|---|---|")
    for model, figures in found.items():
        edits, exponents = figures["edits"], figures["exponents"]
        right = " | ".join(f"{edits[f'right_{factor}']:.0%} of {edits[f'over_{factor}']}" for factor in ("2x", "10x"))
        error = f"{_cell(exponents['median_error'], '{:.2f}', False)} ({exponents['functions']} functions)"
        lines.append(f"| {model} | {edits['pairs']} | {right} | {edits['band']:.2f}x | {error} |")
    rename = found["RLM"]["rename"]
    lines.append(
        f"\nRenaming parameters and locals of {rename['functions']} unseen functions moves the RLM's prediction by {rename['median']:.1%} "
        f"in the median; {rename['within_10_percent']:.0%} move by at most 10 %."
    )
    return "\n".join(lines) + "\n"


def _section(name: str, entry: Mapping[str, Any]) -> str:
    facts = [f"n = {entry['n']}"]
    if entry["unknown"]:
        facts.append(f"{entry['unknown']} answered Unknown by the model and left out of its figures")
    if entry["ceiling"] is not None:
        facts.append(f"noise ceiling {entry['ceiling']:.3f}")
    if entry.get("withheld") is not None:
        facts.append(f"RLM's Spearman on the same calls without their sizes {entry['withheld']:.3f}")
    if entry["gain"] is not None:
        facts.append(
            "RLM's Spearman minus boosting's {:+.3f} ({:+.3f} to {:+.3f}, 90 % of bootstrapped groups)".format(
                *_middle_first(entry["gain"])
            )
        )
    lines = [f"\n### {name}\n", ", ".join(facts) + "\n"]
    shown = [c for c in _COLUMNS if any(figures.get(c[0]) is not None for figures in entry["scores"].values())]
    lines.append("| model | " + " | ".join(title for _, title, _ in shown) + " |")
    lines.append("|---|" + "---|" * len(shown))
    best = {key: _best(key, entry["scores"]) for key, _, _ in shown}
    for model, figures in entry["scores"].items():
        cells = [_cell(figures.get(key), form, figures.get(key) == best[key] and key != "coverage_80") for key, _, form in shown]
        lines.append(f"| {model} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _middle_first(quantiles: Sequence[float]) -> tuple[float, float, float]:
    low, middle, high = quantiles
    return middle, low, high


def _best(key: str, scores: Mapping[str, Mapping[str, Any]]) -> Any:
    values = [figures[key] for figures in scores.values() if figures.get(key) is not None]
    return min(values) if key == "median_log10_error" else max(values)


def _cell(value: float | None, form: str, is_best: bool) -> str:
    if value is None:
        return "-"
    text = form.format(value)
    return f"**{text}**" if is_best else text
