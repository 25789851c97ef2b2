"""A project under git, and functions of which a model with random weights thinks that one is dearer."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import RunCli

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **{f"GIT_{who}_{what}": "nobody@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
TOTAL = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"
SMALL = "def small(a):\n    return a + 1\n"
SORT = """\
def arrange(xs):
    for i in range(len(xs)):
        for j in range(i):
            if xs[i] < xs[j]:
                xs[i], xs[j] = xs[j], xs[i]
    return xs
"""
NOTHING_MAY_COST = "budgets = [{name = '^[a-z]', latency = '1e-9 ns'}]\n"  # module bodies aside
ANY_CHANGE = 'max-ratio = 1\nmin-latency-change = "0 ns"\nmin-heap-change = "0 B"\n'


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, message: str = "x") -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def parsed(result: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    assert result.returncode == code, result.stdout + result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def costs(cli: RunCli, model: Path, *sources: str) -> list[dict[str, float]]:
    """The predicted medians of snippets with one function each."""
    lines = "".join(json.dumps({"id": i, "text": text, "language": "python", "kind": "function"}) + "\n" for i, text in enumerate(sources))
    output = cli("predict", "--jsonl", "-", "--model", model, stdin=lines).stdout.splitlines()
    answers = [json.loads(line)["predictions"] for line in output]
    return [{name: value["p50"] for name, value in answer.items()} for answer in answers]


def cheap_and_dear(cli: RunCli, model: Path, name: str = "work") -> tuple[str, str]:
    """Two versions of a function, of which the model thinks that the second is dearer."""
    bodies = [
        f"def {name}(xs):\n" + "".join(f"    a{i} = xs * {i * step}\n" for i in range(length)) + "    return xs\n"
        for length in (1, 3, 7)
        for step in (1, 50)
    ]
    medians = [cost["latency@cpu"] for cost in costs(cli, model, *bodies)]
    cheap, dear = bodies[medians.index(min(medians))], bodies[medians.index(max(medians))]
    assert min(medians) < max(medians)
    return cheap, dear
