"""The gate's speed and memory beside ruff and complexipy on the same files: ``python -m benchmarks.check`` writes check.json and CHECK.md.

``--peers FOLDER`` names a virtual environment with both, which take turns with us in the same run:

    python -m venv /tmp/peers && /tmp/peers/bin/pip install ruff complexipy
    python -m benchmarks.check --peers /tmp/peers

Neither predicts anything; they are what people run before a commit now.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.lsp_page import machine
from benchmarks.workload import METHODS, generated

FILES = 200
FUNCTIONS = FILES * METHODS  # of which a thousand are different
ROUNDS = 9
NO_CHANGE_BUDGET_S = 0.5
RESULTS, PAGE = Path(__file__).with_name("check.json"), Path(__file__).with_name("CHECK.md")

_HEAD = """# Benchmarks of the gate

{files} generated files with {functions:,} functions of about 100 tokens, in a git repository. Commands take turns; times are medians of
{rounds} runs, from the start of the process to its end. CPU time is that of all processes. Made by `python -m benchmarks.check
--peers FOLDER` on a quiet machine; `benchmarks/check.py` says how to make FOLDER.
"""


@dataclass(frozen=True)
class Usage:
    """One run: seconds of wall-clock time and of CPU time."""

    wall: float
    cpu: float


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> Usage:
    """Run a command to its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):  # 1: something was found
        raise RuntimeError(f"{command}: {done.stderr.decode()}")
    return Usage(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def peak_memory(command: list[str], folder: Path, environment: Mapping[str, str]) -> float:
    """MB that the largest process of a command needed at most."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=folder, env=environment, capture_output=True, check=True)
    return round(int(done.stdout) * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def repository(folder: Path) -> None:
    """Fill a folder with the generated files, and commit them."""
    for index in range(FILES):
        package = folder / f"package{index // 20:02}"
        package.mkdir(parents=True, exist_ok=True)
        (package / f"module{index:03}.py").write_text(generated(METHODS, first=index * METHODS))
    identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.invalid"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


def measure(peers: Path | None) -> dict[str, Any]:
    """Everything, as it is written to check.json."""
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "tree", Path(name) / "cache"
        repository(folder)
        environment = {**os.environ, "RLM_LSP_CACHE_DIR": str(cache)}
        ours = [sys.executable, "-m", "rlm_lsp"]
        cold = run([*ours, "check", "."], folder, environment)
        commands = {
            "Python, nothing": [sys.executable, "-c", "pass"],
            "rlm-lsp --version": [*ours, "--version"],
            "rlm-lsp check, all known": [*ours, "check", "."],
            "rlm-lsp check --staged, nothing changed": [*ours, "check", "--staged"],
        }
        if peers:
            commands["ruff check"] = [str(peers / "bin" / "ruff"), "check", "--no-cache", "."]
            commands["ruff check, cached"] = [str(peers / "bin" / "ruff"), "check", "."]
            commands["complexipy"] = [str(peers / "bin" / "complexipy"), "."]
        taken: dict[str, list[Usage]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for title, command in commands.items():
                taken[title].append(run(command, folder, environment))
        memory = {title: peak_memory(command, folder, environment) for title, command in commands.items()}
        memory["rlm-lsp check, nothing known"] = peak_memory(
            [*ours, "check", "."], folder, {**environment, "RLM_LSP_CACHE_DIR": f"{cache}2"}
        )
    times = {
        title: {"wall": round(statistics.median(use.wall for use in uses), 3), "cpu": round(statistics.median(use.cpu for use in uses), 3)}
        for title, uses in taken.items()
    }
    times["rlm-lsp check, nothing known"] = {"wall": round(cold.wall, 3), "cpu": round(cold.cpu, 3)}
    return {"machine": machine(None), "peers": versions(peers), "functions": FUNCTIONS, "times": times, "memory, MB": memory}


def versions(peers: Path | None) -> dict[str, str]:
    """What the others are."""
    if peers is None:
        return {}
    code = "from importlib.metadata import version as v; print(v('ruff'), v('complexipy'))"
    found = subprocess.run([peers / "bin" / "python", "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return dict(zip(("ruff", "complexipy"), found, strict=True))


def page(results: Mapping[str, Any]) -> Iterator[str]:
    """The lines of CHECK.md."""
    times, functions = results["times"], results["functions"]
    yield _HEAD.format(files=FILES, functions=functions, rounds=ROUNDS)
    yield from ("| machine | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in {**results["machine"], **results["peers"]}.items())
    other = [name for name in ("ruff check", "complexipy") if name in times]
    header = "".join(f" wall / {name} |" for name in other)
    yield from ("", f"| command | wall, s | CPU, s | functions/s |{header} memory, MB |", "|---|---|---|---|" + "---|" * (len(other) + 1))
    for name, time_of in times.items():
        speed = f"{functions / time_of['wall']:,.0f}" if "version" not in name and name.rpartition(" ")[2] != "nothing" else ""
        ratios = "".join(f" {time_of['wall'] / times[peer]['wall']:,.1f} |" for peer in other)
        yield f"| {name} | {time_of['wall']:.3f} | {time_of['cpu']:.3f} | {speed} |{ratios} {results['memory, MB'][name]:.0f} |"
    unchanged = times["rlm-lsp check --staged, nothing changed"]["wall"]
    yield from ("", f"A run before a commit that changes nothing: {unchanged:.3f} s, of {NO_CHANGE_BUDGET_S} s that it may take.")
    yield "Memory is that of the largest process."


def main() -> None:
    """Measure, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="a virtual environment with ruff and complexipy")
    arguments = parser.parse_args()
    results = measure(arguments.peers)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    PAGE.write_text("\n".join(page(results)) + "\n", "utf-8")
    print(PAGE.read_text("utf-8"))


if __name__ == "__main__":
    main()
