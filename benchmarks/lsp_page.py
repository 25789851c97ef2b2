"""LSP.md: what ``benchmarks.lsp`` has measured, beside the budgets and beside other servers."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.machine import processor, system

PAGE = Path(__file__).parent / "LSP.md"
Json = dict[str, Any]

BUDGETS_MS = {
    "didChange": 15,
    "inlayHint, a screenful": 10,
    "codeLens, the whole file": 10,
    "inlayHint/resolve": 5,
    "codeLens/resolve": 5,
    "hover": 10,
    "cancel → reply": 5,
    "edit → number, after the debounce": 80,
}
"""p95, for a file of 1,000 functions."""
BUDGETS_MB = {"server": 150, "model worker": 400}
START_BUDGET_MS = 1000
HOSTILE_BUDGET_MS = 100
_NO_TIMES = {"memory, MB"}

_HEAD = """# Benchmarks of the language server

Each number is what a client sees: from writing a request on the server's stdin to the last byte of the reply on its stdout, in
milliseconds. The files are generated (classes of ten methods of about 100 tokens); all functions were predicted before, so that the cache
is warm. Made by `python -m benchmarks.lsp --peers FOLDER` on a quiet machine; `benchmarks/lsp.py` says how to make FOLDER.

"""


def machine(peers: Path | None) -> dict[str, str]:
    """What this is measured on."""
    versions = [f"{name} {metadata.version(name)}" for name in ("pygls", "lsprotocol", "onnxruntime", "tree-sitter")]
    return {
        "processor": processor(),
        "system": system(),
        "packages": ", ".join(versions + _peer_versions(peers)),
        "date": time.strftime("%Y-%m-%d"),
        "load average": f"{os.getloadavg()[1]:.1f}, of all that ran",
    }


def _peer_versions(folder: Path | None) -> list[str]:
    if folder is None:
        return []
    names = ("python-lsp-server", "jedi-language-server", "jedi")
    code = f"from importlib.metadata import version as v; print(', '.join(f'{{n}} {{v(n)}}' for n in {names}))"
    return [subprocess.run([folder / "bin" / "python", "-c", code], capture_output=True, text=True, check=True).stdout.strip()]


def write(results: Json) -> None:
    """Write the page."""
    PAGE.write_text(_HEAD + "\n".join(_lines(results)) + "\n", "utf-8")


def _lines(results: Json) -> Iterator[str]:
    yield from ("| machine | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in results["machine"].items())
    if "start" in results:
        yield from ("", "## initialize", "", "From the start of the process to the reply.", "", "| server | p50 | max |", "|---|---|---|")
        yield from (f"| {name} | {times['p50']:.0f} | {times['max']:.0f} |" for name, times in results["start"].items())
        yield from ("", f"Budget: {START_BUDGET_MS} ms, the model not loaded yet.")
    if "files" in results:
        yield from _files(results["files"], results.get("large", {}))
    if "many" in results:
        yield from _many(results["many"])
    if "edits" in results:
        yield from _edits(results["edits"])
    if "hostile" in results:
        yield from (
            "",
            "## Hostile input",
            "",
            "`a(b ` 25,000 times is opened and edited; the longest that another request waits meanwhile:",
            "",
        )
        for name, found in results["hostile"].items():
            yield f"- {name}: {found['ping meanwhile']['max']:.0f} ms"
        yield from ("", f"Budget: {HOSTILE_BUDGET_MS} ms.")


def _files(found: Json, at_ten_thousand: Json) -> Iterator[str]:
    yield from (
        "",
        "## One large file",
        "",
        "| rlm-lsp | p50 | p95 | max | cpu | budget (p95) | 10,000 functions: p50 | p95 | max | cpu |",
        "|---|---|---|---|---|---|---|---|---|---|",
    )
    small, large = found["rlm-lsp"], at_ten_thousand.get("rlm-lsp", {})
    for name, times in small.items():
        if name not in _NO_TIMES:
            yield f"| {name} | {_times(times)} | {_budget(name, times)} | {_times(large.get(name, {}))} |"
    yield from (
        "",
        "`cpu`: the processor time that the server spends for one, which a busy machine changes less. The turn of didChange is the round",
        "trip of a request that the server only refuses, right behind the edit. Resident memory, MB:",
        "",
    )
    yield from ("| | 1,000 functions | 10,000 functions | budget |", "|---|---|---|---|")
    for name in ("server", "model worker", "chunker"):
        sizes = [times.get("memory, MB", {}).get(name) for times in (small, large)]
        yield f"| {name} | {_number(sizes[0])} | {_number(sizes[1])} | {BUDGETS_MB.get(name, '-')} |"
    others = [name for name in found if name != "rlm-lsp"]
    if others:
        yield from _beside(found, at_ten_thousand, others)


def _beside(small: Json, large: Json, others: list[str]) -> Iterator[str]:
    yield from ("", "### Beside other servers, on the same files in the same run", "")
    yield from ("p95 in ms; in brackets, how many times as long as ours.", "")
    yield from (f"| functions | request | rlm-lsp | {' | '.join(others)} |", f"|---|---|---|{'---|' * len(others)}")
    for size, found in (("1,000", small), ("10,000", large)):
        if "rlm-lsp" not in found:
            continue
        own = found["rlm-lsp"]
        for name, ours in (
            ("ping", "ping"),
            ("didChange", "didChange"),
            ("hover", "hover"),
            ("documentSymbol", "codeLens, the whole file"),
        ):
            cells = [_ratio(found.get(other, {}).get(name, {}).get("p95"), own[ours]["p95"]) for other in others]
            title = name if name == ours else f"{name} (ours: codeLens)"
            yield f"| {size} | {title} | {own[ours]['p95']:.1f} | {' | '.join(cells)} |"
        memory = [sum(found.get(server, {}).get("memory, MB", {}).values()) for server in ("rlm-lsp", *others)]
        cells = [_ratio(value or None, memory[0]) for value in memory[1:]]
        yield f"| {size} | memory of all processes, MB | {memory[0]:.0f} | {' | '.join(cells)} |"


def _ratio(value: float | None, own: float) -> str:
    return "-" if value is None else f"{value:.1f} ({value / own:.1f})"


def _many(found: Json) -> Iterator[str]:
    yield from ("", "## Fifty files of 100 functions, and renames", "")
    yield from (f"| | {' | '.join(found)} |", f"|---|{'---|' * len(found)}")
    for name in next(iter(found.values())):
        if name in _NO_TIMES:
            cells = [f"{sum(result[name].values()):.0f} MB" for result in found.values()]
        else:
            cells = [_once(result.get(name, {})) for result in found.values()]
        yield f"| {'memory of all processes' if name in _NO_TIMES else name} | {' | '.join(cells)} |"


def _edits(found: Json) -> Iterator[str]:
    yield from ("", "## Ten thousand edits", "", "Resident memory after 1,000 and after 10,000 edits of a file of 1,000 functions, MB.", "")
    yield from ("| | process | after 1,000 | after 10,000 | growth |", "|---|---|---|---|---|")
    for name, result in found.items():
        for process, later in result["MB after 10,000"].items():
            before = result["MB after 1,000"].get(process, 0.0)
            yield f"| {name} | {process} | {before:.0f} | {later:.0f} | {later - before:+.1f} |"


def _times(times: Json) -> str:
    if "once" in times:
        return f"{times['once']:.1f} | | |"
    return " | ".join(f"{times[name]:.1f}" if name in times else "-" for name in ("p50", "p95", "max", "cpu"))


def _once(times: Json) -> str:
    if "once" in times:
        return f"{times['once']:.0f} ms"
    return f"{times['p50']:.1f} / {times['p95']:.1f} / {times['max']:.1f} ms (p50/p95/max)" if times else "-"


def _budget(name: str, times: Json) -> str:
    budget = BUDGETS_MS.get(name)
    if budget is None:
        return "-"
    return f"{budget}" if times.get("p95", 0) <= budget else f"**{budget}, missed**"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
