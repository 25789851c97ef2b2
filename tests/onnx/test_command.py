"""``rlm-lsp onnx`` as people call it, in this process; one call goes through the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_lsp import cli
from rlm_lsp.onnx import runner
from rlm_lsp.onnx.measure import attempts, by_node
from rlm_lsp.onnx.reader import read
from tests.conftest import RunCli
from tests.onnx.models import light
from tests.onnx.networks import onnx, saved

OPEN = '(float["n",4] x) => (y) <float[4,3] w = {1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0}> { m = MatMul(x, w) y = Relu(m) }'


def called(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = cli.main(["onnx", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_table_of_a_real_network(cli: RunCli) -> None:
    result = cli("onnx", light("resnet50"))
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert any(line.split() == ["MACs", "4.09", "G", "static"] for line in lines)
    assert any(line.split()[:3] == ["parameters", "25.6", "M"] for line in lines)
    assert any(line.startswith("latency@") and line.endswith("predicted") for line in lines)
    assert any("18 G a second" in line and "6 GB a second" in line for line in lines)
    assert not any("unknown:" in line and "left out" in line for line in lines)


def test_open_dimensions_are_said_and_bound(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = saved(tmp_path, OPEN)
    code, out, _ = called(capsys, path)
    assert code == 0
    assert "unknown: 2 of 2 nodes are left out of the totals" in out
    assert "open dimensions: n (x[0]); bind them with --bind n=1" in out
    code, out, _ = called(capsys, path, "--bind", "n=1000")
    assert code == 0
    assert "bound: n=1000" in out
    assert "unknown: 2 of" not in out
    assert out.splitlines()[3].split()[:3] == ["MACs", "12", "k"]


def test_the_other_forms(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = saved(tmp_path, OPEN)
    _, out, _ = called(capsys, path, "--json", "--bind", "n=2")
    assert json.loads(out)["symbols"][0]["value"] == 2
    _, out, _ = called(capsys, path, "--text", "--bind", "n=2")
    figures, text = out.split("\n", 1)
    assert figures == "args: nodes=[2], macs=[24], weights=[48], moved=[152], made=[48], widest=[24], time=[4526]"
    assert text == "graph 1\ni0 2x4\n0 MatMul i0 w4x3 > 2x3\n1 Relu .\nout 1\n"
    _, out, _ = called(capsys, path, "--netron")
    assert json.loads(out)["signature"] == "netron:attachment"
    _, out, _ = called(capsys, path, "--node-data")
    assert list(json.loads(out)) == ["g"]


def test_the_text_of_the_helper(capsys: pytest.CaptureFixture[str]) -> None:
    """On a file whose weights are all small enough to be kept, it is that of the whole file."""
    path = light("squeezenet")
    code, out, _ = called(capsys, path, "--printable")
    assert code == 0
    with pytest.warns(DeprecationWarning, match=r"to_text"):
        expected = onnx.helper.printable_graph(onnx.load(path).graph)
    assert out == expected + "\n"


def test_a_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path, page = saved(tmp_path, OPEN), tmp_path / "page.html"
    code, out, err = called(capsys, path, "--html", page)
    assert (code, out) == (0, "")
    assert err == f"rlm-lsp: wrote {page}\n"
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_difference(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = saved(tmp_path, "(float[8,4] x) => (y) { a = Relu(x) y = Neg(a) }", name="before.onnx")
    after = saved(tmp_path, "(float[8,4] x) => (y) { a = Relu(x) b = Sigmoid(a) y = Neg(b) }", name="after.onnx")
    code, out, _ = called(capsys, "diff", before, after)
    assert code == 0
    assert out.splitlines()[0] == "before.onnx → after.onnx"
    assert "nodes: 2 same, 1 added" in out
    assert "operators: Sigmoid 0 → 1" in out
    code, out, _ = called(capsys, "diff", before, before, "--json")
    found = json.loads(out)
    assert (found["nodes"], found["changes"], found["blocks"]) == ({"same": 2, "changed": 0, "moved": 0, "added": 0, "removed": 0}, [], [])


def test_a_measured_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = saved(tmp_path, OPEN.replace("float[4,3]", "float[4,3]"), opsets='"" : 17')
    code, out, _ = called(capsys, "measure", path, "--json")
    assert code == 0
    found = json.loads(out)
    figure = found["figures"][-1]
    assert (figure["id"], figure["provenance"]) == ("measured_seconds", "measured")
    assert sum(figure["nodes"]) == pytest.approx(figure["total"])
    assert "without graph optimisation" in figure["note"]
    assert "1 thread" in figure["note"]
    assert {item["provenance"] for item in found["totals"]} == {"static", "measured"}
    assert found["symbols"][0]["value"] == 1


def test_guessed_sizes_form_a_ladder(tmp_path: Path) -> None:
    model = read(saved(tmp_path, '(float["n",3,"h","w"] image, int64["n","t"] tokens) => (y) { y = Relu(image) }'))
    tries = attempts(model, {"w": 32})
    assert [(item["n"], item["h"], item["w"], item["t"]) for item in tries] == [(1, 224, 32, 64), (1, 640, 32, 128), (1, 320, 32, 256)]


def test_nodes_are_told_in_a_profile_by_name_and_else_by_order(tmp_path: Path) -> None:
    written = "(float[4] x) => (y) { [one] a = Relu(x) b = Neg(a) k = Constant<value_float=1.0>() c = Neg(b) d = Add(c, k) y = Abs(d) }"
    model = read(saved(tmp_path, written))
    profile = [
        ("Neg_4", "Neg", 4, 2.0),
        ("one", "Relu", 0, 1.0),
        ("Neg_2", "Neg", 2, 3.0),
        ("Abs_9", "Abs", 9, 4.0),
        ("Abs_7", "Abs", 7, 5.0),
    ]
    assert by_node(model.graph.nodes, frozenset(), profile) == [1.0, 3.0, None, 2.0, None, None]


def test_inputs_that_cannot_be_made_up_are_said() -> None:
    with pytest.raises(ValueError, match="complex64"):
        runner._random_inputs([("x", "complex64", [2])])
    with pytest.raises(ValueError, match="elements"):
        runner._random_inputs([("x", "float32", [1 << 20, 1 << 20])])
