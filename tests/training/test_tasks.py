"""A checkpoint of several tasks as a whole, on a corpus of our own: from a recipe with its own objectives to figures and intervals."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from rlm_lsp.model import checkpoint, publish_tasks, results_page, tasks, train
from rlm_lsp.model.config import Trained
from rlm_lsp.model.data import examples, vocabulary
from rlm_lsp.model.data.examples import Example, floor_of
from rlm_lsp.model.graph_counts import counts_of
from rlm_lsp.model.measure import lock
from rlm_lsp.model.predictor import Predictor
from rlm_lsp.model.recipe import read_recipe
from rlm_lsp.model.tokenizer import train_tokenizer
from rlm_lsp.predict.types import ModelInput, Unknown

RECIPE = """
seed = 1
batch_tokens = 1024
most_tokens = 64
most_objectives = 2
jitter = {}
digit_weights = [1, 1, 1, 1, 1, 1, 1]
average = 0.9
start = ""
tokenizer = "tokenizer-n.json"
objectives = ["latency@cpu", "peak_rss@cpu", "latency@a100", "latency@rare"]
[architecture]
layers = 1
decoder_layers = 1
hidden_size = 32
heads = 2
ffn_size = 64
vocab_size = 664
magnitudes = 64
[[stages]]
name = "all"
sets = { graphs = 1.0, gpu = 0.5 }
epochs = 6
peak_rate = 3e-3
"""


def graph(blocks: int, width: int) -> str:
    return f"graph 1\ni0 1x3x8x8\n0 Conv p1 i0 w{width}x3x3x3 > 1x{width}x8x8\nx{blocks} {{\n1 Relu .\n2 Conv . w{width}x{width}x1x1\n}}\n"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A corpus, the run ``run`` on it, and its checkpoint ``rlm-n``."""
    folder = tmp_path_factory.mktemp("tasks")
    with pytest.MonkeyPatch.context() as monkeypatch:
        # a lock of its own: these tests must not wait for somebody's measurements
        monkeypatch.setattr(lock, "shared", lambda: lock._held(folder / "lock", 1))
        monkeypatch.setattr(vocabulary, "SIZE", 600)
        monkeypatch.setattr(tasks, "LEAST_ROWS", 100)
        write_corpus(folder)
        recipe = folder / "recipe.toml"
        train.Run(read_recipe(recipe), folder, folder / "run", "cpu").train()
        options = ["--recipe", str(recipe), "--corpus", str(folder), "--run", str(folder / "run"), "--out", str(folder / "rlm-n")]
        publish_tasks.main([*options, "--id", "tiny-n"])
        yield folder


def write_corpus(folder: Path) -> None:
    rng = np.random.default_rng(0)
    graphs, kernels = [], []
    for number in range(600):
        split = ("train", "train", "validation", "test")[number % 4]
        blocks, width = int(rng.integers(2, 40)), int(rng.choice([8, 16, 32, 64]))
        targets = {"latency@cpu": 1e-6 * blocks * width**2, "peak_rss@cpu": 1e6 * blocks}
        if number == 3:
            targets["latency@rare"] = 1.0
        graphs.append(Example(str(number), "own", f"g{number}", split, graph(blocks, width), targets, language="onnx", kind="graph"))
        if number % 3 == 0:
            text = f"def k{number}(x):\n return x + {blocks}\n"
            known = {"latency@a100": 1e-5 * width}
            kernels.append(Example(f"k{number}", "kernels", f"k{number}", split, text, known, f"x=tensor[{width}]", kind="triton kernel"))
    examples.write(folder / "graphs.jsonl", graphs)
    examples.write(folder / "gpu.jsonl", kernels)
    (folder / "recipe.toml").write_text(RECIPE, "utf-8")
    (folder / "tokenizer-n.json").write_text(vocabulary.train(folder).to_json(), "utf-8")


def test_from_a_recipe_to_figures(corpus: Path) -> None:
    out = corpus / "rlm-n"
    config = checkpoint.load(out).config
    # the kernels have 50 held-out rows, too few here, and one objective a single one: nobody has checked the model there
    assert config.objective_names == ("latency@cpu", "peak_rss@cpu")
    assert config.trained == (Trained("onnx", "graph"),)
    assert not config.alone
    assert set(config.intervals) == {"latency@cpu", "peak_rss@cpu"}

    predictor = Predictor.load(out, threads=1)
    (answer,) = predictor.predict_many([ModelInput("onnx", "graph", graph(5, 16), None)])
    assert not isinstance(answer, Unknown)
    assert [one.objective for one in answer] == ["latency@cpu", "peak_rss@cpu"]
    assert all(one.p10 <= one.p50 <= one.p90 for one in answer)
    (refused,) = predictor.predict_many([ModelInput("python", "triton kernel", "def f(): pass", None)])
    assert isinstance(refused, Unknown)

    tasks.main(["--checkpoint", str(out), "--corpus", str(corpus), "--out", str(corpus)])
    report = json.loads((corpus / results_page.TASKS).read_text("utf-8"))
    assert set(report["tasks"]) == {"own"}
    found = report["tasks"]["own"]["latency@cpu"]
    assert (found["n"], found["train"], found["unknown"]) == (150, 300, 0)
    assert found["scores"]["MACs and params"]["spearman"] > 0.99  # the cost is the operations
    assert found["scores"]["RLM"]["spearman"] > 0.7
    page = (corpus / results_page.PAGE).read_text("utf-8")
    assert "| latency@cpu | 150 |" in page


def test_a_run_begins_with_the_rows_of_a_checkpoint_that_both_know(corpus: Path) -> None:
    out = corpus / "rlm-n"
    old = checkpoint.load(out)
    other = train_tokenizer(["onnx graph\n" + graph(3, 128), "def f(x): return x"], 520, shapes=True)
    (corpus / "other.json").write_text(other.to_json(), "utf-8")
    text = RECIPE.replace('start = ""', f"start = {str(out)!r}").replace("tokenizer-n.json", "other.json")
    text = text.replace('"latency@cpu", "peak_rss@cpu"', '"peak_rss@cpu", "latency@cpu"')
    (corpus / "second.toml").write_text(text, "utf-8")
    second = train.Run(read_recipe(corpus / "second.toml"), corpus, corpus / "second", "cpu").network.state_dict()
    stored = {name: torch.from_numpy(array.astype("float32")) for name, array in old.weights().items()}
    theirs, ours = old.tokenizer.vocabulary(), other.vocabulary()
    shared = [token for token in theirs if token in ours]
    assert len(shared) > 256
    for token in shared:
        assert torch.equal(second["encoder.embed_tokens.weight"][ours[token]], stored["encoder.embed_tokens.weight"][theirs[token]])
    codec = train.CODEC.vocab_size
    assert torch.equal(second["head.weight"][codec], stored["head.weight"][codec + 1])  # memory stands first now
    assert torch.equal(second["head.weight"][codec + 1], stored["head.weight"][codec])
    layers = [name for name in stored if "layers" in name]
    assert layers
    assert all(torch.equal(second[name], stored[name]) for name in layers)


def test_what_was_published_of_one_search_space_is_asked_of_such_networks_only() -> None:
    published = publish_tasks.described("accuracy@cifar10", (Trained("onnx", "graph"),))
    stem = "graph 1\ni0 1x3x32x32\n0 Conv p1 i0 w16x3x3x3 w16 > 1x16x32x32\n"
    assert published.pattern is not None
    assert re.search(published.pattern, stem + "9 GlobalAveragePool . > 1x64x1x1\n")
    assert not re.search(published.pattern, stem)
    assert not re.search(published.pattern, graph(3, 64) + "9 GlobalAveragePool . > 1x64x1x1\n")
    assert publish_tasks.described("latency@cpu", (Trained("onnx", "graph"),)).pattern is None
    assert publish_tasks.described("latency@a100", (Trained("python", "triton kernel"),)).pattern is None


def test_counts_of_a_text_are_those_of_the_network() -> None:
    counts = counts_of(graph(5, 16))
    assert counts.macs == 16 * 64 * 27 + 5 * 16 * 64 * 16
    assert counts.params == 16 * 27 + 5 * 256
    assert counts.nodes == 11


def test_every_metric_has_a_floor_in_its_unit() -> None:
    assert floor_of("latency@pixel3") == 1e-9
    assert floor_of("accuracy@cifar10") == 0.01
    assert floor_of("nodes@static") == 1.0
