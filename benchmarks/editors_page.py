"""EDITORS.md: what ``benchmarks.editors`` and ``benchmarks.editors_neovim`` have measured, beside the budgets."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import processor, system

PAGE = Path(__file__).parent / "EDITORS.md"
FACTS = Path(__file__).parent / "editors.json"
TITLES = {"vscode": "VS Code", "neovim": "Neovim"}

Row = Mapping[str, Any]

_HEAD = """# Benchmarks in the editors

What a person waits for, with the shipped model, in the real editors: in VS Code from a key to the frame of the page that
shows the number, in Neovim from a key to the number in the editor's hands. Made by `python -m benchmarks.editors` and
`python -m benchmarks.editors_neovim`.
"""


def record(editor: str, rows: Sequence[Row]) -> None:
    """Put the rows of one editor in the place of its old ones, and write the page.

    A row has ``what``, and ``ms`` (samples) with ``budget_ms`` or ``bytes`` with ``budget_bytes``; a budget may be None.
    """
    facts: dict[str, Any] = json.loads(FACTS.read_text("utf-8")) if FACTS.exists() else {}
    facts[editor] = {
        "processor": processor(),
        "system": system(),
        "date": time.strftime("%Y-%m-%d"),
        "load": round(os.getloadavg()[1], 1),
        "rows": [{**row, **({"ms": [round(ms, 1) for ms in row["ms"]]} if "ms" in row else {})} for row in rows],
    }
    FACTS.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    PAGE.write_text("\n".join([_HEAD, *_sections(facts)]), "utf-8")


def _sections(facts: Mapping[str, Any]) -> Iterator[str]:
    for editor, title in TITLES.items():
        if editor in facts:
            one = facts[editor]
            yield f"## {title}\n\n{one['processor']}; {one['system']}; {one['date']}; load average {one['load']}, of all that ran.\n"
            yield "| | median | worst | of | budget |\n|---|---|---|---|---|"
            yield "\n".join(map(_line, one["rows"])) + "\n"


def _line(row: Row) -> str:
    if "bytes" in row:
        return f"| {row['what']} | {row['bytes'] / 1e6:.2f} MB | | | {_budget(row.get('budget_bytes'), 1e6, 'MB')} |"
    ms = row["ms"]
    middle, worst = statistics.median(ms), max(ms)
    return f"| {row['what']} | {middle:,.0f} ms | {worst:,.0f} ms | {len(ms)} | {_budget(row.get('budget_ms'), 1, 'ms')} |"


def _budget(value: float | None, unit: float, name: str) -> str:
    return "-" if value is None else f"{value / unit:,g} {name}"
