"""The figures of :mod:`rlm_lsp.model.evaluate` as a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FUNCTIONS, TASKS, PAGE = "results.json", "results-tasks.json", "RESULTS.md"
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
"one change": a function before and after one mutation, on arguments of the same sizes; "two functions": any two of the same job there;
"right" is the direction, where the measured costs are that far apart; "band" is the factor that four fifths of the predicted ratios are
off by at most. "exponent error": of the slope of log cost over log size.

The RLM reads behind a function's text that of the functions of its file that it calls, as in the product, and so does one baseline; the
others read the function alone.

Model `{model}`, split `{split}`. Made by `python -m rlm_lsp.model.evaluate`; the same figures are in `results.json`.
"""


def write(folder: Path) -> None:
    """Write the page from the figures of functions and, where they are there, of the other tasks."""
    (folder / PAGE).write_text(page(folder), "utf-8")


def page(folder: Path) -> str:
    """Return the page, Markdown, from the figures in a folder."""
    parts = []
    for name, part in ((FUNCTIONS, render), (TASKS, render_tasks)):
        if (folder / name).exists():
            parts.append(part(json.loads((folder / name).read_text("utf-8"))))
    return "".join(parts)


def render(report: Mapping[str, Any]) -> str:
    """Return the page, Markdown."""
    parts = [_HEAD.format(**report)]
    for objective, table in report["objectives"].items():
        parts.append(f"\n## {objective}\n")
        parts.extend(_section(name, entry) for name, entry in table.items())
        parts.append(_probes(report["probes"][objective]))
    return "".join(parts)


_NOTES = {
    "nb201": "NAS-Bench-201, unseen architectures. The paper's one model (arXiv 2509.26476, figure 6) has Kendall\n"
    ".731 on Pixel3, .466 on Eyeriss, .960 on an Intel CPU and .939 on an Nvidia GPU; its split is by row.",
    "families": "Graphs of our own, timed by us with onnxruntime; whole families of networks are held out. The paper has no such task.",
    "tritonbench": "TritonBench, unseen kernel files, shapes given. The paper reports .516 on KernelBook's Triton kernels,\n"
    "one shape each, split by row: other data.",
    "kernelbench": "KernelBench, unseen problems. The paper has no such task.",
    "leetcode-in": "Judge's labels of LeetCode solutions, unseen problems. The paper's mean over CodeNet's 24\n"
    "languages is .569, with problems shared between training and test: other data.",
}
_TASKS_HEAD = """
# Networks, GPU kernels, judged programs

A model of their own, `{model}`, split `{split}`, made by `python -m rlm_lsp.model.tasks`; the same figures are in `results-tasks.json`.
Held out are whole architectures (texts), families of networks, kernel files, and problems; in the paper problems are shared between
training and test.
"""


def render_tasks(report: Mapping[str, Any]) -> str:
    """Return the sections of :mod:`rlm_lsp.model.tasks`."""
    parts = [_TASKS_HEAD.format(**report)]
    for source, table in report["tasks"].items():
        note = next((text for name, text in _NOTES.items() if source.startswith(name)), "")
        parts.append(f"\n## {source}\n\n{note}\n\n" + _task_table(table))
    return "".join(parts)


def _task_table(table: Mapping[str, Any]) -> str:
    """One row an objective: our figures beside the baselines' Spearman."""
    rivals = list(dict.fromkeys(name for entry in table.values() for name in entry["scores"] if name not in ("RLM", "median")))
    is_sized = any(entry.get("within", {}).get("RLM", {}).get("problems") for entry in table.values())
    titles = ["objective", "n", "groups", "Spearman", *(f"{name}: Spearman" for name in rivals), "minus boosting (90 %)", "Kendall"]
    titles += ["median error (log10)", "in p10..p90", *(["between sizes of one: RLM, boosting"] if is_sized else [])]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for objective, entry in table.items():
        ours = entry["scores"]["RLM"]
        theirs = [entry["scores"].get(name, {}).get("spearman") for name in rivals]
        best = max(value for value in (ours["spearman"], *theirs) if value is not None)
        gained = "-" if entry["gain"] is None else "{1:+.3f} ({0:+.3f} to {2:+.3f})".format(*entry["gain"])
        cells = [objective, str(entry["n"]), str(entry["groups"])]
        cells += [_cell(value, "{:.3f}", value == best) for value in (ours["spearman"], *theirs)]
        cells += [gained, _cell(ours["kendall"], "{:.3f}", False), _cell(ours["median_log10_error"], "{:.3f}", False)]
        cells += [_cell(ours["coverage_80"], "{:.1%}", False), *([_within(entry["within"])] if is_sized else [])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _within(found: Mapping[str, Any]) -> str:
    """The mean rank correlation among the rows of one problem, ours and boosting's."""
    ranks = ", ".join(_cell(one["spearman"], "{:.3f}", False) for one in found.values())
    return f"{ranks} ({found['RLM']['problems']} problems)"


def _probes(found: Mapping[str, Any]) -> str:
    """Edits, scaling and renames."""
    lines = [
        "\n### edits, scaling, renames (problems)\n",
        "| model | pairs | right where > 2x | right where > 10x | band | exponent error |",
    ]
    lines.append("|---|---|---|---|---|---|")
    for model, figures in found.items():
        exponents = figures["exponents"]
        error = f"{_cell(exponents['median_error'], '{:.2f}', False)} ({exponents['functions']} functions)"
        lines.append(f"| {model}, one change | {_edits(figures['changes'])} | {error} |")
        lines.append(f"| {model}, two functions | {_edits(figures['edits'])} | - |")
    rename = found["RLM"]["rename"]
    lines.append(
        f"\nRenaming parameters and locals of {rename['functions']} unseen functions moves the RLM's prediction by {rename['median']:.1%} "
        f"in the median; {rename['within_10_percent']:.0%} move by at most 10 %."
    )
    return "\n".join(lines) + "\n"


def _edits(figures: Mapping[str, Any]) -> str:
    right = " | ".join(f"{figures[f'right_{factor}']:.0%} of {figures[f'over_{factor}']}" for factor in ("2x", "10x"))
    return f"{figures['pairs']} | {right} | {figures['band']:.2f}x"


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
    if "callees" in entry:
        lines.append(_callees(entry["callees"]))
    shown = [c for c in _COLUMNS if any(figures.get(c[0]) is not None for figures in entry["scores"].values())]
    lines.append("| model | " + " | ".join(title for _, title, _ in shown) + " |")
    lines.append("|---|" + "---|" * len(shown))
    best = {key: _best(key, entry["scores"]) for key, _, _ in shown}
    for model, figures in entry["scores"].items():
        cells = [_cell(figures.get(key), form, figures.get(key) == best[key] and key != "coverage_80") for key, _, form in shown]
        lines.append(f"| {model} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _callees(found: Mapping[str, Any]) -> str:
    """What it is worth to know what is called."""
    low, middle, high = found["gain"] or (0.0, 0.0, 0.0)
    with_callees, alone, reader, everywhere = (
        _cell(found[name], "{:.3f}", False) for name in ("calling_with", "calling_alone", "calling_reader", "alone")
    )
    return (
        f"{found['calling']} of them call functions of their file. Spearman of the RLM on these, with their callees and without: "
        f"{with_callees}, {alone}, of boosting that reads them: {reader}; of the RLM on all, without: {everywhere}. "
        f"The RLM minus boosting that reads callees: {middle:+.3f} ({low:+.3f} to {high:+.3f}).\n"
    )


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
