"""Notebooks: which cells are cut, where their functions are said to be, and that a cell's outputs and place change no number."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.chunk.types import Problem
from rlm_lsp.notebook import CELL_LIMIT, Cell, code_cells, is_notebook
from tests.cli.formats import SOURCE
from tests.cli.gating import commit, git
from tests.conftest import RunCli

SMALL = "def small(a):\n    return a + 1\n"


def cell(source: object, kind: str = "code") -> dict[str, object]:
    return {"cell_type": kind, "source": source, "metadata": {}}


def notebook(*cells: dict[str, object], **metadata: object) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)})


def test_code_cells_are_numbered_among_all() -> None:
    text = notebook(
        cell("# title", "markdown"), cell(["a = 1\n", "b = 2"]), cell(" \n"), cell("", "raw"), cell("%%bash\nls\n"), cell("!ls\nc\n")
    )
    assert code_cells(text.encode()) == [Cell(2, b"a = 1\nb = 2"), Cell(5, b"      \n  \n"), Cell(6, b"   \nc\n")]
    assert code_cells(b"\xef\xbb\xbf" + notebook(cell("x")).encode()) == [Cell(1, b"x")]
    assert is_notebook("A.IPYNB")
    assert not is_notebook("ipynb")


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, None),
        ({"language_info": {"name": "python"}}, None),
        ({"kernelspec": {"language": "Python"}}, None),
        ({"language_info": {"name": "ipython"}, "kernelspec": {"language": "R"}}, None),
        ({"kernelspec": {"language": "R"}}, "a notebook in r; only those in Python are read"),
        ({"language_info": {"name": "julia"}}, "a notebook in julia; only those in Python are read"),
        ({"language_info": [], "kernelspec": {"language": 3}}, None),
        ({"language_info": {"name": "z" * 10_000}}, f"a notebook in {'z' * 40}; only those in Python are read"),
    ],
)
def test_only_kernels_of_python_are_read(metadata: dict[str, Any], expected: str | None) -> None:
    cells = code_cells(notebook(cell("x"), **metadata).encode())
    assert cells == ([Cell(1, b"x")] if expected is None else Problem("unsupported-language", expected))


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (b"", "syntax", "not a notebook: Expecting value"),
        (b"{", "syntax", "not a notebook: Expecting property name"),
        (b"\xff\xfe\xfa", "syntax", "not a notebook: "),
        (b"\x80\x81", "syntax", "not a notebook: "),
        (b"[" * 1_000_000, "too-deep", "nested too deeply"),
        (b'{"a":' * 1_000_000, "too-deep", "nested too deeply"),
        (b"[]", "syntax", "it has no list of cells"),
        (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "syntax", "not a notebook of format 4"),
        (b'{"cells": {}}', "syntax", "it has no list of cells"),
        (b'{"cells": [{"cell_type": "code", "source": 7}]}', "syntax", "the source of cell 1 is no text"),
        (b'{"cells": [{"cell_type": "code", "source": ["a", 7]}]}', "syntax", "the source of cell 1 is no text"),
        (b'{"cells": [{"cell_type": "code"}]}', "syntax", "the source of cell 1 is no text"),
        (b'{"cells": [' + b"1," * CELL_LIMIT + b"1]}", "too-large", "10,001 cells"),
        (b" " * 50_000_001, "too-large", "50,000,001 bytes"),
    ],
)
def test_what_is_no_notebook_has_a_reason(content: bytes, code: str, reason: str) -> None:
    problem = code_cells(content)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert reason in problem.reason


def test_odd_notebooks_are_read() -> None:
    assert code_cells(b'{"cells": [1, null, "x", [], {"cell_type": 3, "source": 4}]}') == []
    assert code_cells(b'{"cells": [], "n": ' + b"9" * 1_000_000 + b"}") == []
    assert code_cells(b'{"cells": [{"cell_type": "code", "source": "s = \'\\ud800\'"}]}') == [Cell(1, b"s = '?'")]


@pytest.fixture
def project(cli: RunCli, tmp_path: Path) -> Path:
    return tmp_path / "project"


def test_functions_are_said_to_be_in_their_cells(cli: RunCli, project: Path, tiny_model: Path) -> None:
    text = notebook(cell("# A title", "markdown"), cell(f"%matplotlib inline\n\n{SOURCE}"), cell(SMALL), cell("def broken(:\n"))
    (project / "nb.ipynb").write_text(text)
    (project / "other.ipynb").write_text("{}")
    (project / ".ipynb_checkpoints").mkdir()
    (project / ".ipynb_checkpoints" / "nb.ipynb").write_text(text)
    (project / "a.py").write_text(SOURCE)
    result = cli("check", ".", "--model", tiny_model)
    assert result.returncode == 0
    assert "nb.ipynb#cell 2:3\n" in result.stdout
    assert "nb.ipynb#cell 3:1\n" in result.stdout
    assert " in 3 files" in result.stdout
    assert "rlm-lsp: nb.ipynb#cell 4: syntax: " in result.stderr
    assert "rlm-lsp: other.ipynb: syntax: not a notebook of format 4" in result.stderr
    document = json.loads(cli("check", ".", "--model", tiny_model, "--format", "json").stdout)
    places = {(item["path"], item.get("cell"), item["name"], item["line"]): item.get("predictions") for item in document["functions"]}
    assert places["nb.ipynb", 2, "total", 3] == places["a.py", None, "total", 1] is not None
    assert [(item["path"], item.get("cell")) for item in document["problems"]] == [("nb.ipynb", 4), ("other.ipynb", None)]
    assert cli("check", ".", "--show-files").stdout.splitlines() == ["a.py", "nb.ipynb", "other.ipynb"]
    assert cli("check", ".", "--model", tiny_model, "--strict").returncode == 2
    (project / "rlm-lsp.toml").write_text('disabled-languages = ["python"]\n')
    assert cli("check", ".", "--show-files").stdout == ""


def test_budgets_directives_and_baselines_go_by_name(cli: RunCli, project: Path, tiny_model: Path) -> None:
    (project / "rlm-lsp.toml").write_text("budgets = [{paths = ['*.ipynb'], name = '^[a-z]', latency = '1e-9 ns'}]\n")
    ignored = cell(f"# rlm: ignore[latency]\n{SMALL}")
    (project / "nb.ipynb").write_text(notebook(cell(SOURCE), ignored, cell(SOURCE), cell("# rlm: ignore\nx = 1\n")))
    result = json.loads(cli("check", ".", "--model", tiny_model, "--format", "json").stdout)
    assert [(item["cell"], item["line"], item["name"]) for item in result["budgets"]] == [(1, 1, "total"), (3, 1, "total")]
    assert [(item["cell"], item["line"], item["rule"]) for item in result["comments"]] == [(4, 1, "unused-directive")]
    assert result["ignored"] == 1
    assert cli("check", ".", "--model", tiny_model, "--write-baseline").returncode == 0
    written = json.loads((project / "rlm-lsp-baseline.json").read_text())["functions"]
    assert {path: sorted(functions) for path, functions in written.items()} == {"nb.ipynb": ["total", "total#2"]}
    (project / "nb.ipynb").write_text(notebook(cell("import os\n"), cell(SOURCE), ignored, cell(SOURCE)))
    assert cli("check", ".", "--model", tiny_model, "--baseline", "rlm-lsp-baseline.json").returncode == 0
    (project / "nb.ipynb").write_text(notebook(cell(SOURCE), cell(SOURCE), cell(SOURCE.replace("total", "fresh"))))
    fresh = cli("check", ".", "--model", tiny_model, "--baseline", "rlm-lsp-baseline.json", "--format", "json")
    assert [item["name"] for item in json.loads(fresh.stdout)["budgets"] if not item["accepted"]] == ["fresh"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_cells_are_compared_by_name(cli: RunCli, project: Path, tiny_model: Path) -> None:
    git(project, "init", "-q")
    path = project / "nb.ipynb"
    path.write_text(notebook(cell(SOURCE), cell(SMALL)))
    commit(project)

    def comparison() -> dict[str, Any]:
        result = cli("check", ".", "--base", "HEAD", "--model", tiny_model, "--format", "json")
        document: dict[str, Any] = json.loads(result.stdout)["comparison"]
        return {key: document[key] for key in ("edited", "added", "removed", "moved")}

    nothing: dict[str, Any] = {"edited": [], "added": [], "removed": [], "moved": []}
    with_outputs = {**cell(["%time\n", *SMALL.splitlines(keepends=True)]), "outputs": [{"text": "9" * 1000}], "execution_count": 7}
    path.write_text(notebook(with_outputs, cell("# words", "markdown"), cell(f"# a comment\n{SOURCE}")))
    assert comparison() == nothing
    path.write_text(notebook(cell("import os\n"), cell(SOURCE.replace("+= x", "+= x * x"))))
    changed = comparison()
    assert [(item["path"], item["cell"], item["name"]) for item in changed["edited"] if item["name"] != "<module>"] == [
        ("nb.ipynb", 2, "total")
    ]
    assert [(item["path"], item["cell"], item["name"]) for item in changed["removed"]] == [("nb.ipynb", 2, "small")]
    path.unlink()
    (project / "a.py").write_text(SOURCE)
    moved = comparison()["moved"]
    assert [(item["from"]["path"], item["from"]["cell"], item["to"]["path"]) for item in moved] == [("nb.ipynb", 1, "a.py")]
    path.write_text("{ not a notebook")
    assert cli("check", ".", "--base", "HEAD", "--model", tiny_model).returncode == 0
