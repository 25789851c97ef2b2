"""Measure the budgets of the command line and write RESULTS.md: ``python -m benchmarks`` (about ten minutes, nothing else running)."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from benchmarks.backends import backend_speeds
from benchmarks.machine import children, processor, system
from benchmarks.workload import copy_functions

_SIZES = (100, 300, 1_000, 3_000, 10_000)
_COMMAND = [sys.executable, "-m", "rlm_lsp"]
_HEAD = """# Benchmarks

Medians of wall time of whole processes on real code (modules of the standard library, copied). Made by `python -m benchmarks` on a
quiet machine.

| machine | |
|---|---|
"""


def seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """Return the wall time of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def peak_resident(command: Sequence[str], environment: dict[str, str]) -> dict[str, float]:
    """Return the peak resident memory (MB) of a command and of each of its children, by module name, polled from /proc."""
    peaks: dict[str, float] = {}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        for pid in [process.pid, *children(process.pid)]:
            name, megabytes = _resident(pid)
            peaks[name] = max(peaks.get(name, 0.0), megabytes)
        time.sleep(0.02)
    return peaks


def _resident(pid: int) -> tuple[str, float]:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return "gone", 0.0
    module = next((argument.decode() for argument in arguments if argument.startswith(b"rlm_lsp")), "other")
    return module, int(found.group(1)) / 1024 if found else 0.0


def environment_for(cache: Path) -> dict[str, str]:
    """Return this process's environment with a cache folder of its own."""
    return {**os.environ, "RLM_LSP_CACHE_DIR": str(cache)}


def start_up() -> list[str]:
    """Return the section on start-up times."""
    with tempfile.TemporaryDirectory() as name:
        folder, environment = Path(name) / "code", environment_for(Path(name) / "cache")
        folder.mkdir()
        copy_functions(folder, 100)
        check = [*_COMMAND, "--check", str(folder)]
        seconds(check, environment)
        rows = [
            ("`--help`", [*_COMMAND, "--help"]),
            ("`--check`, 100 functions, all cached", check),
            ("`python -c pass`", [sys.executable, "-c", "pass"]),
        ]
        lines = ["## Start-up", "", "| command | median of 9 | budget |", "|---|---|---|"]
        for title, command in rows:
            median = statistics.median(seconds(command, environment) for _ in range(9))
            lines.append(f"| {title} | {median:.3f} s | {'-' if 'pass' in title else '0.3 s'} |")
    return lines


def repository() -> list[str]:
    """Return the section on cold and warm checks by number of functions, and on memory."""
    lines = ["## A repository, cold and warm", ""]
    lines += ["| functions | files | cold | cold functions/s | warm | warm functions/s |", "|---|---|---|---|---|---|"]
    peaks: dict[str, float] = {}
    for wanted in _SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder, environment = Path(name) / "code", environment_for(Path(name) / "cache")
            folder.mkdir()
            functions, files = copy_functions(folder, wanted)
            check = [*_COMMAND, "--check", str(folder), "--format", "json"]
            if wanted == 1_000:
                peaks = peak_resident(check, environment)
                cold = statistics.median(seconds(check, environment_for(Path(name) / f"cache{i}")) for i in range(3))
            else:
                cold = seconds(check, environment)
            seconds(check, environment)
            warm = statistics.median(seconds(check, environment) for _ in range(5))
            lines.append(f"| {functions:,} | {files} | {cold:.2f} s | {functions / cold:,.0f} | {warm:.2f} s | {functions / warm:,.0f} |")
            print(lines[-1], flush=True)
    lines += ["", "Budgets: 150 functions/s cold, 20,000 warm, cost linear in functions.", "", "## Memory", ""]
    lines += ["Peak resident memory of each process while 1,000 functions are checked (budget of the model worker: 400 MB).", ""]
    lines += ["| process | MB |", "|---|---|", *(f"| `{name}` | {peak:.0f} |" for name, peak in sorted(peaks.items()) if peak > 1)]
    return lines


def machine() -> list[str]:
    """Return table rows that say what this was measured on."""
    packages = ("onnxruntime", "tokenizers", "tree-sitter", "numpy", "torch")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    return [
        f"| processor | {processor()} |",
        f"| system | {system()} |",
        f"| packages | {versions} |",
        f"| date | {time.strftime('%Y-%m-%d')} |",
        "",
    ]


def main() -> None:
    """Measure everything and write the page."""
    sections = [start_up(), backend_speeds(), repository()]
    page = _HEAD + "\n".join([*machine(), *(line for section in sections for line in [*section, ""])])
    (Path(__file__).parent / "RESULTS.md").write_text(page, "utf-8")
    print(page)


if __name__ == "__main__":
    main()
