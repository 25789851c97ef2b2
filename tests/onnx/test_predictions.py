"""What a model says of networks and their blocks; the model is tiny and random, so that it is told apart but means nothing."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp import cli
from rlm_lsp.model.config import Arguments
from rlm_lsp.onnx import blocks
from rlm_lsp.onnx.blocks import find_blocks
from rlm_lsp.onnx.document import document
from rlm_lsp.onnx.network import Network
from rlm_lsp.onnx.predictions import Forecast, Forecaster, choose, forecast
from rlm_lsp.onnx.text import compact
from rlm_lsp.paths import networks_model_folder
from rlm_lsp.predict.cache import Cache
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from tests.model.tiny import make_tiny_checkpoint
from tests.onnx.forecasting import IMAGES, make_networks_model, networks_config, put_in_use, three_layers
from tests.onnx.models import light
from tests.onnx.networks import kept, network_of, onnx, saved
from tests.onnx.test_document import VALID


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_networks_model(tmp_path_factory.mktemp("networks") / "net")


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of a user of their own."""
    monkeypatch.setenv("RLM_LSP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RLM_LSP_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def layers(tmp_path: Path) -> Network:
    return network_of(saved(tmp_path, three_layers()))


def asked(network: Network, model: Path) -> Forecast:
    return forecast(network, print, model)


def reasons(rows: Any) -> dict[str, str]:
    return {row["objective"]: row["unknown"]["reason"] for row in rows if "unknown" in row}


def intervals(rows: Any) -> dict[str, tuple[float, float, float]]:
    return {row["objective"]: (row["p10"], row["p50"], row["p90"]) for row in rows if "unknown" not in row}


def test_intervals_for_what_fits_and_reasons_for_the_rest(layers: Network, model: Path) -> None:
    found = asked(layers, model)
    known = intervals(found.model)
    assert set(known) == {"latency@cpu", "peak_rss@cpu"}
    assert all(p10 <= p50 <= p90 for p10, p50, p90 in known.values())
    assert reasons(found.model) == {
        "accuracy@cifar10": IMAGES,
        "latency@pixel3": IMAGES,
        "latency@v100": "the model does not say for which networks this was published",
    }
    assert {(row["model"], row["device"]) for row in found.model if row["objective"].endswith("@cpu")} == {
        ("tiny-networks", "no machine at all")
    }
    assert not found.pending


def test_sizes_that_were_not_taught_are_not_answered(layers: Network, tmp_path: Path) -> None:
    least = 3 * 2 * 8 * 8  # the whole has it, a block a third
    config = replace(networks_config(), arguments=Arguments({"macs": (least, 8e9)}))
    found = asked(layers, make_tiny_checkpoint(tmp_path / "taught", config))
    assert set(intervals(found.model)) == {"latency@cpu", "peak_rss@cpu"}
    assert found.blocks
    for rows in found.blocks:
        assert set(reasons(rows).values()) == {"128 multiply-accumulates, where the model was taught 384 to 8e+09"}


def test_what_cannot_be_counted_is_not_answered(tmp_path: Path, model: Path) -> None:
    found = asked(network_of(saved(tmp_path, "(float[4] x) => (y) { a = NonZero(x) b = Cast<to=1>(a) y = Relu(b) }")), model)
    assert reasons(found.model)["latency@cpu"] == "what some of its operations cost is not known, so its size cannot be told"


def test_published_objectives_are_answered_for_networks_like_theirs(tmp_path: Path, model: Path) -> None:
    network = network_of(saved(tmp_path, "(float[1,3,32,32] x) => (y) { a = Relu(x) b = Neg(a) y = GlobalAveragePool(b) }"))
    found = asked(network, model)
    assert set(intervals(found.model)) == {"accuracy@cifar10", "latency@pixel3", "latency@cpu", "peak_rss@cpu"}
    assert {row["unit"] for row in found.model if row["objective"] == "accuracy@cifar10"} == {"%"}


def test_identical_blocks_are_asked_once(layers: Network, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts: list[str] = []
    predict = Engine.predict

    def noting(engine: Engine, inputs: Sequence[ModelInput]) -> list[Values]:
        texts.extend(item.text for item in inputs)
        return predict(engine, inputs)

    monkeypatch.setattr(Engine, "predict", noting)
    found = asked(layers, model)
    labels = {group.label: number for number, group in enumerate(layers.tree.groups)}
    assert len(texts) == len(set(texts)) == 3  # the whole, and two blocks of three
    assert found.distinct == len(found.blocks) == 2
    assert found.of_group(labels["layers.0"]) is found.of_group(labels["layers.1"])
    assert found.of_group(labels["layers.0"]) != found.of_group(labels["layers.2"])
    assert not any(row["unit"] == "%" for rows in found.blocks for row in rows)


def test_the_same_block_on_other_shapes_is_another(tmp_path: Path) -> None:
    steps = "".join(
        f'["/part.{part}/Relu"] a{part} = Relu({value}) ["/part.{part}/Neg"] b{part} = Neg(a{part}) '
        f'["/pool.{part}/MaxPool"] p{part} = MaxPool<kernel_shape=[2,2],strides=[2,2]>(b{part}) '
        for part, value in enumerate(("x", "p0"))
    )
    network = network_of(saved(tmp_path, f"(float[1,1,8,8] x) => (y) {{ {steps} y = Relu(p1) }}"))
    one, other = (group for group in network.tree.groups if group.label.startswith("part"))
    assert one.digest == other.digest
    assert [block.text.splitlines()[1] for block in find_blocks(network).chosen] == ["i0 1x1x8x8", "i0 1x1x4x4"]


@pytest.mark.parametrize("name", ["resnet50", "shufflenet", "densenet121"])
def test_a_block_reads_as_the_network_that_it_would_be(name: str, tmp_path: Path) -> None:
    """Held against the model that ``onnx.utils`` cuts out."""
    network = kept(light(name))
    whole = onnx.shape_inference.infer_shapes(onnx.load(light(name)))
    for block in find_blocks(network).chosen[:3]:
        part = blocks._Part(network, blocks._inside(network)[block.groups[0]])
        names = network.values.names
        cut = onnx.utils.Extractor(whole).extract_model([names[value] for value in part.given], [names[value] for value in part.results])
        path = tmp_path / "cut.onnx"
        path.write_bytes(cut.SerializeToString())
        alone = network_of(path)
        assert block.text == compact(alone.nodes, alone.values, alone.folded)


def test_a_block_of_everything_is_the_network() -> None:
    network = kept(light("squeezenet"))
    part = blocks._Part(network, network.links.order)
    assert part.text(network) == compact(network.nodes, network.values, network.folded)


def test_blocks_inside_of_bodies(tmp_path: Path) -> None:
    written = (
        "(bool c, float[4] x) => (y) { h = Relu(x)"
        " y = If (c) <then_branch = t () => (p) { a = Add(h, x) p = Neg(a) }, else_branch = e () => (q) { b = Neg(h) q = Abs(b) }> }"
    )
    network = network_of(saved(tmp_path, written))
    texts = {block.text for block in find_blocks(network).chosen}
    assert "graph 1\ni0 4\ni1 4\n0 Add i0 i1 > 4\n1 Neg .\nout 1\n" in texts
    assert "graph 1\ni0 4\n0 Neg i0 > 4\n1 Abs .\nout 1\n" in texts


def test_only_the_dearest_blocks_are_asked(layers: Network) -> None:
    found = find_blocks(layers, most=1)
    assert (len(found.chosen), found.distinct) == (1, 2)


def test_open_sizes_are_said_and_not_guessed(tmp_path: Path, model: Path) -> None:
    path = saved(tmp_path, three_layers('"n",8'))
    found = asked(network_of(path), model)
    assert set(reasons(found.model).values()) >= {"sizes of what flows in are not known; bind the open dimensions"}
    assert intervals(found.model) == {}
    assert set(intervals(asked(network_of(path, n=2), model).model)) == {"latency@cpu", "peak_rss@cpu"}


def test_what_is_too_long_is_said(model: Path) -> None:
    found = asked(kept(light("resnet50")), model)
    assert reasons(found.model)["latency@cpu"] == "longer than 700 tokens"
    assert any(intervals(rows) for rows in found.blocks)


def test_a_model_of_functions_says_that_it_knows_no_networks(layers: Network, tiny_model: Path) -> None:
    found = asked(layers, tiny_model)
    assert set(reasons(found.model).values()) == {"the model was not trained on onnx"}
    assert found.as_dict() == {"model": list(found.model), "blocks": [], "distinct": 0, "pending": False}


def test_who_answers(model: Path, tiny_model: Path, user: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The one in use if it reads networks, else the shipped one for them, else nobody."""
    nowhere = tmp_path / "nowhere"
    monkeypatch.setattr("rlm_lsp.predict.installed.networks_model_folder", lambda: nowhere)
    functions = choose().id
    assert functions.startswith("rlm-s")
    monkeypatch.setattr("rlm_lsp.predict.installed.networks_model_folder", lambda: model)
    assert choose().id == "tiny-networks"
    monkeypatch.setattr("rlm_lsp.predict.installed.networks_model_folder", lambda: nowhere)
    put_in_use(model, user / "data")
    assert choose().id == "tiny-networks"
    assert networks_model_folder().name == "rlm-n"


def test_a_damaged_model_is_a_reason(layers: Network, tmp_path: Path) -> None:
    (found,) = asked(layers, tmp_path / "nothing").model
    assert found["unknown"]["code"] == "worker-unavailable"
    assert "nothing" in found["unknown"]["reason"]


@pytest.fixture
def forecaster(model: Path) -> Iterator[Forecaster]:
    with Forecaster(print, folder=model) as made:
        yield made


def test_a_killed_process_is_started_again(layers: Network, forecaster: Forecaster, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = forecaster.begin()
    assert begun.pending
    assert set(reasons(begun.model).values()) >= {"not asked yet"}
    first = forecaster.forecast(layers)
    assert forecaster.pid is not None
    os.kill(forecaster.pid, 9)
    monkeypatch.setattr(Cache, "get", lambda *_: {})
    again = forecaster.forecast(layers)
    assert intervals(again.model) == intervals(first.model)


def test_a_process_that_dies_over_it_leaves_unknown_and_then_answers(
    layers: Network, forecaster: Forecaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dying").mkdir()
    (tmp_path / "dying" / "dying_model.py").write_text(
        "import os\nfrom rlm_lsp.predict.framing import Pipes\npipes = Pipes()\npipes.send({'ready': True})\n"
        "for request in pipes.requests():\n    os.kill(os.getpid(), 9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "dying"))
    from rlm_lsp.predict import engine

    make = engine._child
    with monkeypatch.context() as patched:
        patched.setattr(engine, "_child", lambda what, module, *rest: make(what, "dying_model", *rest))
        found = forecaster.forecast(layers)
    assert {row["unknown"]["code"] for row in found.model if row["objective"] == "latency@cpu"} == {"worker-unavailable"}
    assert "died twice over this input" in reasons(found.model)["latency@cpu"]
    assert set(intervals(forecaster.forecast(layers).model)) == {"latency@cpu", "peak_rss@cpu"}


def test_a_closed_forecaster_says_so(layers: Network, model: Path) -> None:
    forecaster = Forecaster(print, folder=model)
    forecaster.close()
    assert reasons(forecaster.forecast(layers).model)["latency@cpu"] == "the model was unloaded"


def test_what_is_idle_is_unloaded(layers: Network, model: Path) -> None:
    with Forecaster(print, folder=model, idle_s=0.2) as forecaster:
        forecaster.forecast(layers)
        deadline = time.monotonic() + 20
        while forecaster.pid is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert forecaster.pid is None


def test_the_document_has_predictions_apart_from_all_else(layers: Network, model: Path) -> None:
    found = json.loads(json.dumps(document(layers, asked(layers, model)), allow_nan=False))
    VALID(found)
    figures = {figure["id"]: figure for figure in found["figures"]}
    predicted, shared = figures["predicted:latency@cpu"], figures["apportioned:latency@cpu"]
    assert (predicted["provenance"], shared["provenance"]) == ("predicted", "apportioned")
    assert set(predicted["nodes"]) == {None}
    medians = [intervals(found["predictions"]["blocks"][place])["latency@cpu"][1] for place in found["groups"]["prediction"][1:]]
    assert predicted["groups"][1:] == medians
    assert predicted["total"] == intervals(found["predictions"]["model"])["latency@cpu"][1]
    assert shared["groups"][1:] == pytest.approx(medians)
    assert sum(shared["nodes"]) == pytest.approx(sum(medians))
    assert "apportioned:peak_rss@cpu" not in figures


def test_a_document_that_waits_keeps_to_the_schema(layers: Network, forecaster: Forecaster) -> None:
    found = document(layers, forecaster.begin())
    VALID(found)
    assert found["groups"]["prediction"] == [-1] * 4


def test_the_command_says_the_same_in_every_form(
    model: Path, user: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], layers: Network
) -> None:
    put_in_use(model, user / "data")
    path, page = tmp_path / "m.onnx", tmp_path / "page.html"
    assert cli.main(["onnx", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert cli.main(["onnx", str(path), "--html", str(page)]) == 0
    embedded = re.search(r'<script type="application/json" id="document">(.*?)</script>', page.read_text("utf-8"))
    assert embedded is not None
    assert json.loads(embedded[1]) == found
    assert found["predictions"] == json.loads(json.dumps(asked(layers, model).as_dict()))
    capsys.readouterr()
    assert cli.main(["onnx", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(re.match(r"latency@cpu .* \(.* to .*\)  predicted$", line) for line in lines)
    assert f"accuracy@cifar10, latency@pixel3  unknown: {IMAGES}  predicted" in lines
    assert "predicted by tiny-networks for no machine at all; p50 (p10 to p90), not measured" in lines
    assert sum("latency@cpu" in line for line in lines) == 2
