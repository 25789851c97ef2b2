"""Networks as training data: graphs of published architectures and of families of our own, their text, their labels and their splits."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

onnx = pytest.importorskip("onnx")

from rlm_lsp.model.data.graphs import examples, families, nb201, published  # noqa: E402  # they import onnx
from rlm_lsp.model.data.graphs.builder import Builder  # noqa: E402
from rlm_lsp.model.data.graphs.objectives import OBJECTIVES, column_objective  # noqa: E402
from rlm_lsp.model.data.graphs.text import texts  # noqa: E402
from rlm_lsp.model.data.splits import GRAPH_FAMILY_SPLITS, assign, split_of  # noqa: E402
from rlm_lsp.onnx.text import compact  # noqa: E402
from rlm_lsp.onnx.told import told  # noqa: E402
from tests.onnx.networks import network_of  # noqa: E402

DENSEST = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
MIXED = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|none~1|skip_connect~2|"
EMPTY = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"
HEADER = "idx,arch,pixel3,2080ti_32"


def table(path: Path, *lines: str) -> Path:
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))
    return path


def product_text(model: object, path: Path) -> tuple[str, str | None]:
    """What is read of a user's file, and what is told beside it, with shapes inferred."""
    path.write_bytes(model.SerializeToString())  # type: ignore[attr-defined]
    network = network_of(path)
    return compact(network.nodes, network.values, network.folded), told(network, range(len(network.nodes)))


# the benchmark's own table: 1.5315 M parameters for the densest one, .073306 M for the empty one
@pytest.mark.parametrize(("architecture", "parameters"), [(DENSEST, 1_531_546), (EMPTY, 73_306)])
def test_parameters_are_those_of_the_benchmark(architecture: str, parameters: int) -> None:
    network, _ = nb201.build(architecture, folded=False)
    assert network.parameters == parameters


def test_a_cell_has_the_nodes_that_one_counts_by_hand() -> None:
    kinds = [node.op_type for node in nb201.model(MIXED).graph.node]
    # 15 cells of one 1x1 convolution, the stem, three convolutions in each of the two reductions
    assert kinds.count("Conv") == 15 + 1 + 2 * 3
    assert kinds.count("Mul") == 15 * 2
    assert kinds.count("AveragePool") == 15 + 2
    assert kinds.count("Add") == 15 * 3 + 2
    assert kinds.count("BatchNormalization") == 1


@pytest.mark.parametrize("architecture", [DENSEST, MIXED, EMPTY])
def test_the_text_is_that_of_a_model_file(architecture: str, tmp_path: Path) -> None:
    network, outputs = nb201.build(architecture)
    model = network.model(outputs, seed=1)
    onnx.checker.check_model(model, full_check=True)
    with texts() as writer:
        assert writer.of(network, outputs) == product_text(model, tmp_path / "m.onnx")


def test_the_text_does_not_depend_on_names(tmp_path: Path) -> None:
    model = nb201.model(MIXED)
    renamed = nb201.model(MIXED)
    for node in renamed.graph.node:
        node.name = ""
        for names in (node.input, node.output):
            names[:] = [f"other_{name}" if re.match("[vw]", name) else name for name in names]
    for value in (*renamed.graph.output, *renamed.graph.initializer):
        value.name = f"other_{value.name}" if re.match("[vw]", value.name) else value.name
    assert product_text(renamed, tmp_path / "a.onnx") == product_text(model, tmp_path / "b.onnx")


@pytest.mark.parametrize("text", ["", "|none~0|", "|none~0|+|none~0|none~0|+|none~0|none~1|none~2|", DENSEST.replace("3x3", "7x7")])
def test_what_is_no_architecture_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is no architecture of NAS-Bench-201"):
        nb201.parse(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # nodes 1 and 2 exchanged
        (
            "|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|none~0|skip_connect~1|avg_pool_3x3~2|",
            "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|avg_pool_3x3~1|skip_connect~2|",
        ),
        # node 1 is the input itself
        (
            "|skip_connect~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|skip_connect~2|",
            "|skip_connect~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|",
        ),
        # what nobody reads
        (
            "|nor_conv_3x3~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|",
            "|nor_conv_1x1~0|+|nor_conv_3x3~0|none~1|+|avg_pool_3x3~0|none~1|none~2|",
        ),
    ],
)
def test_isomorphic_architectures_share_a_group(one: str, other: str) -> None:
    assert nb201.canonical(nb201.parse(one)) == nb201.canonical(nb201.parse(other))
    assert nb201.canonical(nb201.parse(one)) != nb201.canonical(nb201.parse(DENSEST))


def test_a_quarter_of_the_architectures_is_held_out() -> None:
    splits = [assign("architecture", str(number)) for number in range(2_000)]
    assert 0.22 < splits.count("test") / 2_000 < 0.28
    assert 0.08 < splits.count("validation") / 2_000 < 0.12


def test_examples_are_made_once_and_joined_with_their_labels(tmp_path: Path) -> None:
    folder = tmp_path / "nas"
    folder.mkdir()
    table(folder / "help_nb201_latency_ms.csv.gz", HEADER, f"0,{MIXED},3.5,6", f"1,{EMPTY},2,5")
    header = "idx,cellstr,cifar10-test,cifar100-test,imagenet-test"
    table(folder / "mini_nasbench201_accuracy.csv.gz", header, f"0,{MIXED},69.5,31.2,17")
    assert examples.write(tmp_path, tmp_path) == {"nb201": 2}
    kept = examples.text_path(tmp_path, "nb201")
    first = kept.read_bytes()
    kept.write_bytes(first[:-5])  # as a killed process leaves it
    assert examples.write(tmp_path, tmp_path) == {"nb201": 2}
    assert kept.read_bytes() == first
    found = {example.group: example for example in examples.examples_of(examples.sources(tmp_path)[0], tmp_path)}
    example = found[f"nb201:{nb201.canonical(nb201.parse(MIXED))}"]
    assert example.targets == pytest.approx(
        {
            "latency@pixel3": 3.5e-3,
            "latency@2080ti_b32": 6e-3,
            "accuracy@cifar10": 69.5,
            "accuracy@cifar100": 31.2,
            "accuracy@imagenet16": 17,
        }
    )
    assert (example.language, example.kind) == ("onnx", "graph")
    assert example.split == split_of("architecture", example.group)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["idx,cell,pixel3", "0,a,1"], "no column 'arch'"),
        (["idx,arch,abacus", "0,a,1"], "column 'abacus' names no known device"),
        (["idx,arch,pixel3", "0,a,soon"], "line 2, column 'pixel3': 'soon' is no positive number"),
        (["idx,arch,pixel3", "0,a,1", "1,b,-1"], "line 3, column 'pixel3': '-1' is no positive number"),
        (["idx,arch,pixel3", "0,a"], "line 2: too few cells"),
        (["idx,arch,pixel3", "0,a,1,2"], "line 2: too many cells"),
    ],
)
def test_a_bad_table_is_named(lines: list[str], said: str, tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv.gz", *lines)
    with pytest.raises(published.TableError, match=re.escape(said)) as raised:
        published.latencies(path)
    assert "t.csv.gz" in str(raised.value)


def test_columns_have_an_objective() -> None:
    assert column_objective("titan_xp_1") == column_objective("titanxp_1") == "latency@titanxp"
    assert column_objective("essential_ph_1") == "latency@essential_ph_1"
    names = [objective.name for objective in OBJECTIVES]
    assert len(names) == len(set(names))
    assert {"latency@1080ti_b256", "latency@gold_6226", "accuracy@imagenet16", "peak_rss@cpu"} <= set(names)


@pytest.mark.parametrize("family", families.FAMILIES)
def test_a_family_draws_valid_networks_with_the_text_of_a_model_file(family: str, tmp_path: Path) -> None:
    network, outputs = families.build(family, 0)
    model = network.model(outputs, seed=0)
    onnx.checker.check_model(model, full_check=True)
    with texts() as writer:
        text = writer.of(network, outputs)
        assert text == writer.of(*families.build(family, 0))
    assert text == product_text(model, tmp_path / "m.onnx")


def test_any_first_part_has_all_families() -> None:
    first = list(families.every())[: len(families.FAMILIES)]
    assert sorted(family for family, _ in first) == sorted(families.FAMILIES)
    assert set(GRAPH_FAMILY_SPLITS) <= set(families.FAMILIES)


def test_weights_have_data_only_with_a_seed_but_for_those_that_a_text_spells_out() -> None:
    net = Builder()
    outputs = [net.dense(net.dense(net.input(1, 8), 16), 2)]
    without = [tensor.raw_data for tensor in net.model(outputs).graph.initializer]
    having = [tensor.raw_data for tensor in net.model(outputs, seed=1).graph.initializer]
    assert [len(data) for data in without] == [0, 0, 0, 4 * 2]
    assert [len(data) for data in having] == [4 * 8 * 16, 4 * 16, 4 * 16 * 2, 4 * 2]
    assert without[-1] == having[-1]
