"""``rlm-lsp onnx`` with what no model is, and what nobody can mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rlm_lsp import cli
from tests.onnx.networks import saved

pytest.importorskip("onnx")

GRAPH = '(float["n",4] x) => (y) { y = Relu(x) }'


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The one line on stderr of a command that cannot run."""
    try:
        code = cli.main(["onnx", *map(str, arguments)])
    except SystemExit as end:  # argparse's
        code = int(end.code or 0)
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    (line,) = captured.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("empty.onnx", b"", "the file is empty"),
        ("text.onnx", b"just some text\n", ""),
        ("zeros.onnx", bytes(1000), ""),
        ("html.onnx", b"<html></html>", ""),
        ("truncated.onnx", b"\x08\x0a\x3a\xff\xff\xff\x7f\x0a", ""),
        ("git-lfs.onnx", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", ""),
    ],
)
def test_what_is_no_model(name: str, content: bytes, expected: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for form in ("--table", "--printable"):
        line = said(capsys, path, form)
        assert line.startswith(f"rlm-lsp: error: {path}: ")
    assert expected in said(capsys, path)


def test_a_missing_file_a_folder_a_fifo(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert said(capsys, tmp_path / "nowhere.onnx").endswith("nowhere.onnx: No such file or directory")
    assert "not a regular file" in said(capsys, tmp_path)
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe.onnx")
        assert "not a regular file" in said(capsys, tmp_path / "pipe.onnx")


@pytest.mark.parametrize(
    ("binding", "expected"),
    [
        ("batch=1", "no open dimension of this model; there is n"),
        ("n=-1", "NAME=SIZE"),
        ("n=0", "NAME=SIZE"),
        ("n=1.5", "NAME=SIZE"),
        ("n", "NAME=SIZE"),
        ("=1", "NAME=SIZE"),
        ("n=99999999999999999999", "NAME=SIZE"),
        ("\x1b[2J=1", "no open dimension"),
    ],
)
def test_bindings_that_make_no_sense(binding: str, expected: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = said(capsys, saved(tmp_path, GRAPH), "--bind", binding)
    assert expected in line
    assert "\x1b" not in line


@pytest.mark.parametrize(
    "arguments", [[], ["a.onnx", "b.onnx"], ["diff", "a.onnx"], ["a.onnx", "--json", "--table"], ["a.onnx", "--bind"], ["measure"]]
)
def test_command_lines_that_make_no_sense(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, *arguments).startswith("rlm-lsp")


def test_a_page_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = saved(tmp_path, GRAPH)
    assert "it is a folder" in said(capsys, path, "--html", tmp_path)
    assert "its folder does not exist" in said(capsys, path, "--html", tmp_path / "no" / "page.html")


def test_a_difference_to_what_is_no_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, other = saved(tmp_path, GRAPH), tmp_path / "other.onnx"
    other.write_bytes(b"\x00" * 10)
    assert f"{other}: " in said(capsys, "diff", path, other)
    assert "no open dimension" in said(capsys, "diff", path, path, "--bind", "m=1")


def test_a_model_that_does_not_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = saved(tmp_path, "(float[4] x) => (float[4] y) { y = local.Nothing(x) }", opsets='"" : 17, "local" : 1')
    line = said(capsys, "measure", path)
    assert "onnxruntime cannot run it" in line


def test_a_shape_that_no_machine_holds_is_not_made(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = saved(tmp_path, GRAPH, opsets='"" : 17')
    assert "elements" in said(capsys, "measure", path, "--bind", "n=1000000000000")
