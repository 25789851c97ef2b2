"""Model files made to hurt: whatever they hold, there is an answer within bounds, and nothing but the file itself is opened."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_lsp.onnx import source
from rlm_lsp.onnx.clean import shown
from rlm_lsp.onnx.external import look
from rlm_lsp.onnx.graph import all_nodes, folded, link
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.scopes import group
from rlm_lsp.onnx.types import External, Model
from rlm_lsp.onnx.wire import encode_varint
from tests.onnx.building import (
    INT64,
    attribute,
    field,
    function,
    graph,
    graph_input,
    initializer,
    int64s,
    model,
    node,
    tensor,
)
from tests.onnx.models import light


def taken(folder: Path, data: bytes) -> Model:
    """Read, linked and grouped; none of that may raise."""
    path = folder / "m.onnx"
    path.write_bytes(data)
    found = read(path)
    nodes = all_nodes(found)
    links = link(found, nodes)
    group(nodes, links, folded(nodes, links))
    return found


def codes(found: Model) -> list[str]:
    return [problem.code for problem in found.problems]


def reason(found: Model) -> str:
    return found.problems[0].reason


RELU = model(graph(node("Relu", ["x"], ["y"]), graph_input("x", [2])))


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    said = [reason(read(tmp_path / name)) for name in ("missing.onnx", ".", "fifo")]
    assert said == ["No such file or directory", "not a regular file", "not a regular file"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"hello, world\n", "malformed"),
        (b"\x80" * 50, "malformed"),  # a number without end
        (b"\xff" * 9 + b"\x7f", "malformed"),  # of more than 64 bits
        (field(7, b"")[:1] + encode_varint(2**63), "truncated"),
        (b"\x3b" + RELU, "malformed"),  # a group, wire type 3
        (b"\x3e" + RELU, "malformed"),  # wire type 6
        (b"\x02\x01a", "malformed"),  # field 0
        (RELU[:-3], "truncated"),
        (field(1, 8), "malformed"),  # no graph
        (bytes(100_000), "malformed"),
    ],
)
def test_bytes_that_are_no_model(tmp_path: Path, data: bytes, code: str) -> None:
    assert codes(taken(tmp_path, data))[0] == code


def test_every_truncation_of_a_model(tmp_path: Path) -> None:
    for end in range(len(RELU)):
        assert codes(taken(tmp_path, RELU[:end]))


def test_random_damage_to_a_real_model(tmp_path: Path) -> None:
    whole = light("squeezenet").read_bytes()
    chance = random.Random(9)
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        taken(tmp_path, bytes(data[: chance.randint(len(data) // 2, len(data))]))
        taken(tmp_path, chance.randbytes(chance.randint(1, 3_000)))


def test_a_length_that_leaves_its_parent(tmp_path: Path) -> None:
    """A node that claims the bytes of what follows the graph."""
    lying = field(7, b"\x0a\x7f" + b"\x0a\x01x")
    found = taken(tmp_path, lying + field(6, "x" * 200))
    assert codes(found) == ["truncated"]
    assert found.graph.nodes == ()


def test_what_stands_before_the_damage_is_kept(tmp_path: Path) -> None:
    found = taken(tmp_path, model(graph(node("Relu", ["x"], ["y"])) + b"\x0b"))
    assert ([each.op for each in found.graph.nodes], codes(found)) == (["Relu"], ["malformed"])


def test_bodies_thousands_deep(tmp_path: Path) -> None:
    inner = graph(node("Neg", ["x"], ["y"]))
    for _ in range(3_000):
        inner = graph(node("If", ["x"], ["y"], attribute("then_branch", body=inner)))
    found = taken(tmp_path, model(inner))
    assert (codes(found), len(all_nodes(found))) == (["limit"], 65)


def test_types_thousands_deep(tmp_path: Path) -> None:
    type_ = field(1, field(1, 1))
    for _ in range(3_000):
        type_ = field(4, field(1, type_))
    assert codes(taken(tmp_path, model(graph(field(11, field(1, "x") + field(2, type_)))))) == ["limit"]


def test_functions_that_call_themselves_and_each_other(tmp_path: Path) -> None:
    functions = [function("A", ["x"], ["y"], node("B", ["x"], ["y"], domain="local")),
                 function("B", ["x"], ["y"], node("A", ["x"], ["y"], domain="local")),
                 function("C", ["x"], ["y"], node("C", ["x"], ["y"], domain="local"))]  # fmt: skip
    main = graph(node("A", ["x"], ["a"], domain="local"), node("C", ["a"], ["y"], domain="local"))
    found = taken(tmp_path, model(main, *functions))
    assert (codes(found), len(all_nodes(found))) == (["recursion", "recursion"], 5)


def test_functions_that_double_forty_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes that stand for a million million nodes."""
    monkeypatch.setattr(source, "MAX_NODES", 2_000)
    calls = [[node(f"F{at + 1}", ["x"], ["y"], domain="local")] * 2 for at in range(40)]
    functions = [function(f"F{at}", ["x"], ["y"], *each) for at, each in enumerate(calls)]
    found = taken(tmp_path, model(graph(node("F0", ["x"], ["y"], domain="local")), *functions))
    assert codes(found) == ["limit"]


def test_a_cycle_duplicates_and_what_nothing_makes(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model(graph(node("A", ["b"], ["a"]), node("B", ["a"], ["b"]), node("C", ["nowhere"], ["a"]))))
    assert sorted(problem.code for problem in link(read(path)).problems) == ["cycle", "duplicate-name", "undefined-input"]


def test_dimensions_without_bounds(tmp_path: Path) -> None:
    main = graph(
        initializer("huge", [10**9] * 6, raw=b""),
        initializer("negative", [-5, 3]),
        initializer("most", [2**63 - 1, 2**63 - 1]),
        field(5, field(8, "ranks") + b"".join(field(1, 2) for _ in range(1_000))),
        graph_input("x", [10**18, 10**18, "n"]),
    )
    found = taken(tmp_path, model(main))
    assert codes(found) == ["invalid-dims", "limit"]
    assert [info.elements for info in found.graph.initializers[:3]] == [10**54, None, (2**63 - 1) ** 2]


def test_numbers_that_are_none(tmp_path: Path) -> None:
    nan = tensor("", [2], raw=b"\x00\x00\xc0\x7f\x00\x00\x80\xff")
    held = taken(tmp_path, model(graph(node("Constant", [], ["c"], attribute("value", tensor_=nan))))).graph.nodes[0].attribute("value")
    assert "nan, -inf" in repr(held)


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "\x1b]0;owned\x07\x1b[2J", "\u202egnp.exe", "a\nrlm-lsp: error: b", "a\x00b", "%s%n{0}"]
)
def test_names_that_command_or_deceive(tmp_path: Path, name: str) -> None:
    """They are kept as they are, to be told apart, and ``shown`` takes out what is not text."""
    found = taken(tmp_path, model(graph(node("Relu", ["x"], [name], name=name), graph_input("x"), name=name)))
    assert found.graph.nodes[0].name == name
    visible = shown(found.graph.nodes[0].name)
    assert visible.isprintable()
    assert not {"\x1b", "\u202e", "\n", "\x00"} & set(visible)


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    found = taken(tmp_path, model(graph(field(1, field(2, b"\xff\xfe") + field(2, b"\xff\xfd") + field(4, "Split")))))
    assert found.graph.nodes[0].outputs == ("\\xff\\xfe", "\\xff\\xfd")


def test_bombs_of_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of 10 MB is cut and stays apart from its neighbour; more of short ones than we keep are left out."""
    bomb = "x" * 10_000_000
    (found,) = taken(tmp_path, model(graph(node("Relu", [bomb + "a"], [bomb + "b"])))).graph.nodes
    assert len(found.inputs[0]) < 300
    assert found.inputs[0] != found.outputs[0]
    monkeypatch.setattr(source, "MAX_KEPT_BYTES", 1 << 20)
    many = graph(*(node("Relu", [f"{at:0900}"], [f"{at + 1:0900}"]) for at in range(2_000)))
    cut = taken(tmp_path, model(many))
    assert codes(cut) == ["limit"]
    assert 100 < len(cut.graph.nodes) < 2_000


def test_attributes_and_lists_without_bounds(tmp_path: Path) -> None:
    packed = field(5, field(1, "ids") + field(8, b"\x01" * 5_000_000) + field(20, 7))
    (found,) = taken(tmp_path, model(graph(node("Trees", ["x"], ["y"], packed)))).graph.nodes
    assert (found.attributes[0].count, len(found.attribute("ids") or ())) == (5_000_000, 1_000)  # type: ignore[arg-type]  # a tuple


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("../secret", "../secret: outside of the model's folder"),
        ("a/../../secret", "a/../../secret: outside of the model's folder"),
        ("/etc/passwd", "/etc/passwd: outside of the model's folder"),
        ("C:secret", "C:secret: not a file name"),
        ("..\\secret", "..\\secret: not a file name"),
        ("", ": not a file name"),
        ("w\x00.bin", "w.bin: not a file name"),
        ("link.bin", "link.bin: a link, which is not followed"),
        ("linked/w.bin", "linked/w.bin: a link, which is not followed"),
        ("hard.bin", "hard.bin: has a second name somewhere (a hard link)"),
        ("folder", "folder: not a regular file"),
        ("gone.bin", "gone.bin: no such file or directory"),
        ("short.bin", "short.bin: shorter than the tensor says"),
        ("n" * 5_000, "n" * 199 + "…: file name too long"),
    ],
)
def test_external_data_elsewhere(tmp_path: Path, location: str, said: str) -> None:
    (tmp_path / "secret").write_bytes(bytes(10))
    here = tmp_path / "models"
    (here / "folder").mkdir(parents=True)
    (here / "link.bin").symlink_to(tmp_path / "secret")
    (here / "linked").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "w.bin").write_bytes(bytes(10))
    (here / "short.bin").write_bytes(bytes(10))
    os.link(tmp_path / "secret", here / "hard.bin")
    assert look(here / "m.onnx", External(location, 0, 100)).problem == said


def test_sizes_of_external_data_that_are_none(tmp_path: Path) -> None:
    stored = [initializer(f"w{at}", [2], external={"location": "w", "offset": text, "length": text})
              for at, text in enumerate(["-1", "1e9", "9" * 400, "٣", ""])]  # fmt: skip
    found = taken(tmp_path, model(graph(*stored)))
    assert {info.external for info in found.graph.initializers} == {External("w", None, None)}
    assert set(codes(found)) == {"external-data"}


_OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(arguments[0]) if event == "open" else None)
from pathlib import Path
from rlm_lsp.onnx.reader import read
if sys.argv[2] == "infer":
    from rlm_lsp.onnx.inference.infer import infer
    infer(Path(sys.argv[1]), {}, 2)
del opened[:]
read(Path(sys.argv[1]))
if sys.argv[2] == "infer":
    infer(Path(sys.argv[1]), {"n": 2}, 2)
print(*{str(name) for name in opened})
"""


@pytest.mark.parametrize("what", ["read", "infer"])
def test_nothing_but_the_model_is_opened(tmp_path: Path, what: str) -> None:
    """Not by us, and not by the libraries that see the skeleton: that says nothing of external data any more."""
    if what == "infer":
        pytest.importorskip("onnx")
    (tmp_path / "w.bin").write_bytes(int64s(2, 3))
    stored = initializer("w", [2], INT64, external={"location": "w.bin"})
    path = tmp_path / "m.onnx"
    path.write_bytes(model(graph(stored, node("Reshape", ["x", "w"], ["y"]), graph_input("x", ["n", 3]))))
    done = subprocess.run([sys.executable, "-c", _OPENED, path, what], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(path)]


_PEAK = """
import sys
from pathlib import Path
from rlm_lsp.onnx.reader import read
found = read(Path(sys.argv[1]))
print(len(found.graph.nodes), len(found.graph.initializers), *(problem.code for problem in found.problems))
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak_mb(path: Path) -> tuple[list[str], int]:
    """What was read in a process of its own, and the most memory that it held."""
    done = subprocess.run([sys.executable, "-c", _PEAK, path], capture_output=True, text=True, check=True, timeout=60)
    first, second = done.stdout.splitlines()
    return first.split(), int(second) // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from Linux's /proc")
def test_a_file_of_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    """2.5 GB in one tensor; the file is sparse and takes no disk. What follows the payload is read, too."""
    path = tmp_path / "m.onnx"
    size = 2_500_000_000
    head = field(1, size // 4) + field(2, 1) + field(8, "w")
    payload = b"\x4a" + encode_varint(size)
    rest = node("Relu", ["w"], ["y"])
    inner = b"\x2a" + encode_varint(len(head) + len(payload) + size)
    start = field(1, 8) + b"\x3a" + encode_varint(len(inner) + len(head) + len(payload) + size + len(rest)) + inner + head + payload
    with path.open("wb") as file:
        file.write(start)
        file.seek(size, os.SEEK_CUR)
        file.write(rest)
    read_, peak = peak_mb(path)
    assert read_ == ["1", "1"]
    assert peak < 60


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from Linux's /proc")
def test_more_nodes_than_fit_take_no_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    one = node("Relu", ["v000000"], ["v000001"])
    template = one.replace(b"v000000", b"v%06d").replace(b"v000001", b"v%06d")
    path.write_bytes(model(graph(b"".join(template % (at, at + 1) for at in range(250_000)))))
    (nodes, *_, code), peak = peak_mb(path)
    assert int(nodes) > 100_000
    assert code == "limit"
    assert peak < 110


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(model(graph(*(node("Relu", [f"v{at}"], [f"v{at + 1}"]) for at in range(2_000)))))
    size = path.stat().st_size
    seen = Path.stat(path)
    os.truncate(path, size // 2)
    monkeypatch.setattr(Path, "stat", lambda self, **_: seen)
    found = read(path)
    assert (codes(found)[0], 500 < len(found.graph.nodes) < 2_000) == ("truncated", True)
