"""``rlm-lsp check`` from end to end, with the real chunker and the real worker on a model with random weights."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunCli

SOURCE = '''\
"""A module."""


class Stack:
    def push(self, item):
        """Add an item."""
        self.items.append(item)  # amortised


def total(xs):
    s = 0
    for x in xs:
        s += x
    return s
'''
REFORMATTED = '''\
class Stack:


        # another comment
        def push(self, item):
                self.items.append(item)

def total(xs):
  """Another docstring.

  It is long.
  """
  s = 0

  for x in xs:
    s += x # adds
  return s
'''


@pytest.fixture
def project(tmp_path: Path, cli: RunCli) -> Path:
    folder = tmp_path / "project"
    (folder / "pkg").mkdir()
    (folder / "pkg" / "stack.py").write_text(SOURCE)
    (folder / "long.py").write_text("def long(x):\n" + "    x = x + 1\n" * 3000 + "    return x\n")
    return folder


def report(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert result.returncode == 0, result.stderr
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def numbers(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {item["name"]: item.get("predictions", item.get("unknown")) for item in report(result)["functions"]}


def test_the_users_spelling_and_the_command_are_the_same(cli: RunCli, project: Path, tiny_model: Path) -> None:
    spellings = [["--check", "."], ["check", "."], ["--format", "text", "--check", "."]]
    results = [cli(*spelling, "--model", tiny_model) for spelling in spellings]
    assert [result.returncode for result in results] == [0, 0, 0]
    assert len({result.stdout for result in results}) == 1
    lines = results[0].stdout.splitlines()
    assert re.fullmatch(r" *latency  p10–p90 +peak heap  p10–p90 +function +where", lines[0])
    assert {line.split()[-1] for line in lines[1:6]} >= {"pkg/stack.py:5", "pkg/stack.py:10"}
    assert re.fullmatch(r"5 functions in 2 files, \d without a prediction \(.*too-long.*\)", lines[-2])
    assert lines[-1] == "predicted by tiny-test for no machine at all; not measured"
    assert re.fullmatch(r"rlm-lsp: checked in [\d.]+ s\n", results[0].stderr)


def test_json(cli: RunCli, project: Path, tiny_model: Path) -> None:
    parsed = report(cli("check", "--format", "json", "--model", tiny_model, "."))
    assert (parsed["schema"], parsed["model"], parsed["problems"]) == (1, "tiny-test", [])
    functions = {item["name"]: item for item in parsed["functions"]}
    assert set(functions) == {"<module>", "Stack.push", "total", "long"}
    push = functions["Stack.push"]
    assert (push["path"], push["language"], push["line"], push["column"]) == ("pkg/stack.py", "python", 5, 9)
    for name, unit in (("latency@cpu", "s"), ("peak_heap@cpu", "B")):
        quantiles = push["predictions"][name]
        assert quantiles["unit"] == unit
        assert 0 <= quantiles["p10"] <= quantiles["p50"] <= quantiles["p90"]
    assert functions["long"]["unknown"].startswith("too-long: ")


def test_the_same_bytes_whatever_the_jobs_and_the_cache(cli: RunCli, project: Path, tiny_model: Path, tmp_path: Path) -> None:
    arguments = ["--check", project, "--format", "json", "--model", tiny_model]
    cold = [cli(*arguments, "--jobs", jobs, RLM_LSP_CACHE_DIR=str(tmp_path / f"cache-{jobs}")).stdout for jobs in ("1", "3")]
    warm = cli(*arguments, RLM_LSP_CACHE_DIR=str(tmp_path / "cache-1")).stdout
    assert cold[0] == cold[1] == warm != ""


def test_comments_docstrings_and_layout_change_no_number(cli: RunCli, project: Path, tiny_model: Path) -> None:
    before = numbers(cli("check", "pkg", "--format", "json", "--model", tiny_model))
    (project / "pkg" / "stack.py").write_text(REFORMATTED)
    after = numbers(cli("check", "pkg", "--format", "json", "--model", tiny_model))
    assert len(before) >= 3
    assert before == after


def test_an_edited_function_gets_other_numbers(cli: RunCli, project: Path, tiny_model: Path) -> None:
    before = numbers(cli("check", "pkg", "--format", "json", "--model", tiny_model))
    (project / "pkg" / "stack.py").write_text(SOURCE.replace("s += x", "s += x * x * x"))
    after = numbers(cli("check", "pkg", "--format", "json", "--model", tiny_model))
    assert before["Stack.push"] == after["Stack.push"]
    assert before["total"] != after["total"]


def test_a_cached_run_starts_no_worker(cli: RunCli, project: Path, tiny_model: Path, cli_environment: Mapping[str, str]) -> None:
    first = cli("--check", ".", "--model", tiny_model)
    without_processes = "import subprocess, sys; subprocess.Popen = None; from rlm_lsp.cli import main; main(sys.argv[1:])"
    watched = f"{without_processes}; print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", watched, "--check", ".", "--model", str(tiny_model)]
    again = subprocess.run(command, cwd=project, env=cli_environment, capture_output=True, encoding="utf-8", timeout=120, check=True)
    assert again.stdout == first.stdout
    loaded = {name.partition(".")[0] for name in again.stderr.split()}
    assert "rlm_lsp" in loaded
    assert loaded.isdisjoint({"pygls", "lsprotocol", "torch", "onnxruntime", "numpy", "tree_sitter", "tokenizers", "tqdm"})


def test_top(cli: RunCli, project: Path, tiny_model: Path) -> None:
    parsed = report(cli("check", ".", "--format", "json", "--top", "2", "--model", tiny_model))
    everything = report(cli("check", ".", "--format", "json", "--top", "all", "--model", tiny_model))
    assert parsed["functions"] == everything["functions"][:2]
    costs = [item["predictions"]["latency@cpu"]["p50"] for item in everything["functions"] if "predictions" in item]
    assert costs == sorted(costs, reverse=True)


def test_a_syntax_error_loses_no_other_function_and_is_a_warning(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "pkg" / "stack.py").write_text(SOURCE + "\n\ndef broken(:\n    pass\n")
    result = cli("check", "pkg", "--model", tiny_model)
    assert result.returncode == 0
    assert "pkg/stack.py:5" in result.stdout
    assert "pkg/stack.py:10" in result.stdout
    assert "rlm-lsp: pkg/stack.py: syntax: " in result.stderr


def test_a_reader_that_leaves_early_is_no_error(cli_environment: Mapping[str, str], project: Path, tiny_model: Path) -> None:
    (project / "many.py").write_text(
        "".join(f"def f{i}(x):\n    return x + {i}\n" for i in range(3000)).replace("x + ", "x + 1 if x else ")
    )
    command = [sys.executable, "-m", "rlm_lsp", "check", "pkg", "--format", "json", "--model", str(tiny_model)]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        result = subprocess.run(command, cwd=project, env=cli_environment, stdout=closed, stderr=subprocess.PIPE, timeout=120, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def on_terminal(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    """What the command prints on stdout if that is a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=slave, stderr=subprocess.PIPE)
    os.close(slave)
    output = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says so at the end
            break
        if not part:
            break
        output += part
    os.close(master)
    process.communicate(timeout=120)
    assert process.returncode == 0
    return output.decode()


def test_colour_is_for_terminals_whose_users_want_it(cli_environment: Mapping[str, str], project: Path, tiny_model: Path) -> None:
    (project / "many.py").write_text("".join(f"def f{i}(x):\n    return x + {i % 3}\n" for i in range(60)))
    command = [sys.executable, "-m", "rlm_lsp", "check", ".", "--model", str(tiny_model)]
    environment = {**cli_environment, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    coloured = on_terminal(command, project, environment)
    plain = on_terminal(command, project, {**environment, "NO_COLOR": "1"})
    assert "\x1b[1m" in coloured
    assert "\x1b" not in plain
    assert "more functions are not shown; --top all shows them" in plain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model"], "COMMAND"),
        (["check"], "PATH"),
        (["check", ".", "--top", "0"], "'0' is not a number above 0"),
        (["check", ".", "--jobs", "many"], "'many' is not a number above 0"),
        (["check", ".", "--format", "xml"], "xml"),
        (["check", ".", "--formatt", "json"], "unrecognized arguments: --formatt json; rlm-lsp --help says more"),
    ],
)
def test_a_wrong_command_line_is_exit_2(cli: RunCli, arguments: list[str], message: str) -> None:
    result = cli(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_help_and_version(cli: RunCli) -> None:
    help_ = cli("--help")
    assert help_.returncode == 0
    for word in ("check", "predict", "model", "--check"):
        assert word in help_.stdout
    assert re.fullmatch(r"rlm-lsp \d+\.\d+\.\d+\n", cli("--version").stdout)


def test_model_info(cli: RunCli, tiny_model: Path) -> None:
    text = cli("model", "info", "--model", tiny_model)
    parsed = report(cli("model", "info", "--format", "json", "--model", tiny_model))
    assert text.returncode == 0
    for part in (
        "tiny-test",
        "no machine at all",
        "latency@cpu (s), peak_heap@cpu (B)",
        "python function, python program",
        str(tiny_model),
    ):
        assert part in text.stdout
    assert parsed["id"] == "tiny-test"
    assert parsed["sha256"] in text.stdout
    assert parsed["objectives"] == [{"name": "latency@cpu", "unit": "s"}, {"name": "peak_heap@cpu", "unit": "B"}]
    assert parsed["files"]["model.safetensors"] == (tiny_model / "model.safetensors").stat().st_size
