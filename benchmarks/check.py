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
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.machine import processor, system
from benchmarks.workload import METHODS, generated

FILES = 200
FUNCTIONS = FILES * METHODS  # of which a thousand are different
ROUNDS, COLD_ROUNDS = 9, 3
NO_CHANGE_BUDGET_S = 0.5
RESULTS, PAGE = Path(__file__).with_name("check.json"), Path(__file__).with_name("CHECK.md")

_HEAD = """# Benchmarks of the gate

{files} generated files with {functions:,} functions of about 100 tokens, a thousand of them different, in a git repository. Commands take
turns; times are medians of {rounds} runs ({cold_rounds} where nothing is known), from the start of the process to its end. CPU time is
that of all processes. Made by `python -m benchmarks.check --peers FOLDER`; `benchmarks/check.py` says how to make FOLDER.

The others count or look for patterns, and predict nothing; they are what people run before a commit now. The hook is called as pre-commit
calls it, with the names of all files; where pre-commit itself runs it, a hook that does nothing stands beside it.
"""

CONFIG = """\
repos:
  - repo: local
    hooks:
      - {{id: gate, name: gate, entry: {python} -m rlm_lsp check --staged, language: system, require_serial: true, types: [python]}}
      - {{id: nothing, name: nothing, entry: "true", language: system, require_serial: true, types: [python]}}
"""
COLD, NO_CHANGE = "rlm-lsp check, nothing known", "rlm-lsp check --staged FILE..., nothing changed"
START_UP = {"rlm-lsp --version", "ruff --version", "complexipy --version", "python -c pass"}


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


def repository(folder: Path) -> list[str]:
    """Fill a folder with the generated files, commit them, and return their names."""
    folder.mkdir()
    (folder / ".pre-commit-config.yaml").write_text(CONFIG.format(python=sys.executable))
    for index in range(FILES):
        package = folder / f"package{index // 20:02}"
        package.mkdir(parents=True, exist_ok=True)
        (package / f"module{index:03}.py").write_text(generated(METHODS, first=index * METHODS))
    identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.invalid"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py"))


def measure(peers: Path | None) -> dict[str, Any]:
    """Everything, as it is written to check.json."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "tree"
        names = repository(folder)
        ours = [sys.executable, "-m", "rlm_lsp"]
        environments = [
            {**os.environ, "RLM_LSP_CACHE_DIR": f"{name}/cache{i}", "PRE_COMMIT_HOME": f"{name}/hooks"} for i in range(COLD_ROUNDS + 1)
        ]
        warm = environments[0]
        taken = {COLD: [run([*ours, "check", "."], folder, environment) for environment in environments[:COLD_ROUNDS]]}
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "rlm-lsp --version": [*ours, "--version"],
            "rlm-lsp check, all known": [*ours, "check", "."],
            NO_CHANGE: [*ours, "check", "--staged", *names],
            "pre-commit run, that hook": [sys.executable, "-m", "pre_commit", "run", "gate", "--all-files"],
            "pre-commit run, a hook that does nothing": [sys.executable, "-m", "pre_commit", "run", "nothing", "--all-files"],
        }
        if peers:
            for tool, subcommand in (("ruff", ["check"]), ("complexipy", [])):
                commands[f"{tool} --version"] = [str(peers / "bin" / tool), "--version"]
                commands[" ".join([tool, *subcommand])] = [
                    *(str(peers / "bin" / tool), *subcommand),
                    *(["--no-cache"] if tool == "ruff" else []),
                    ".",
                ]
            commands["ruff check, cached"] = [str(peers / "bin" / "ruff"), "check", "."]
        taken |= {title: [] for title in commands}
        for _ in range(ROUNDS):
            for title, command in commands.items():
                taken[title].append(run(command, folder, warm))
        memory = {COLD: peak_memory([*ours, "check", "."], folder, environments[-1])}
        memory |= {title: peak_memory(command, folder, warm) for title, command in commands.items()}
    times = {
        title: {"wall": round(statistics.median(use.wall for use in uses), 3), "cpu": round(statistics.median(use.cpu for use in uses), 3)}
        for title, uses in taken.items()
    }
    return {"machine": machine(), "peers": versions(peers), "functions": FUNCTIONS, "times": times, "memory, MB": memory}


def machine() -> dict[str, str]:
    """What this is measured on."""
    packages = ("onnxruntime", "tree-sitter", "pathspec")
    return {
        "processor": processor(),
        "system": system(),
        "packages": ", ".join(f"{name} {metadata.version(name)}" for name in packages),
        "date": time.strftime("%Y-%m-%d"),
        "load average": f"{os.getloadavg()[0]:.1f} at the end, of all that ran",
    }


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
    yield _HEAD.format(files=FILES, functions=functions, rounds=ROUNDS, cold_rounds=COLD_ROUNDS)
    yield from ("| machine | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in {**results["machine"], **results["peers"]}.items())
    other = [name for name in ("ruff check", "complexipy") if name in times]
    header = "".join(f" wall / {name} |" for name in other)
    yield from ("", f"| command | wall, s | CPU, s | functions/s |{header} memory, MB |", "|---|---|---|---|" + "---|" * (len(other) + 1))
    for name, time_of in times.items():
        is_about_functions = name not in START_UP and "does nothing" not in name
        speed = f"{functions / time_of['wall']:,.0f}" if is_about_functions else ""
        ratios = "".join(f" {time_of['wall'] / times[peer]['wall']:,.1f} |" if is_about_functions else " |" for peer in other)
        yield f"| {name} | {time_of['wall']:.3f} | {time_of['cpu']:.3f} | {speed} |{ratios} {results['memory, MB'][name]:.0f} |"
    started = ", ".join(
        f"{times['rlm-lsp --version']['wall'] / times[f'{tool} --version']['wall']:.1f} times that of {tool}"
        for tool in ("ruff", "complexipy")
        if f"{tool} --version" in times
    )
    yield from ("", "Memory is that of the largest process. Of the functions/s where nothing is known, half come from the cache.")
    if started:
        yield f"Start-up (`--version`) is {started}."
    within = "within" if times[NO_CHANGE]["wall"] < NO_CHANGE_BUDGET_S else "over"
    yield f"A hook that finds nothing changed takes {times[NO_CHANGE]['wall']:.3f} s, {within} its budget of {NO_CHANGE_BUDGET_S} s."
    yield f"The whole run of pre-commit around it takes {times['pre-commit run, that hook']['wall']:.3f} s."


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
