"""Training as a whole on a corpus of our own: it learns, it resumes, it is calibrated as promised."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from rlm_lsp.model import train
from rlm_lsp.model.calibrate import recalibrated, truth_levels
from rlm_lsp.model.data import examples
from rlm_lsp.model.data.batches import collate
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.data.static import static_counts
from rlm_lsp.model.measure import lock
from rlm_lsp.model.network import RLM
from rlm_lsp.model.recipe import RecipeError, read_recipe
from rlm_lsp.model.regression import Regression, Scale, squared_error
from rlm_lsp.model.tokenizer import train_tokenizer

RECIPE = """
seed = 1
batch_tokens = 512
most_tokens = 64
most_objectives = 2
jitter = { "latency@cpu" = 0.05 }
digit_weights = [1, 1, 1, 1, 1, 0.5, 0.2]
average = 0.9
start = ""
[architecture]
layers = 1
decoder_layers = 1
hidden_size = 32
heads = 2
ffn_size = 64
vocab_size = 576
magnitudes = 64
[[stages]]
name = "first"
sets = { taught = 1.0 }
epochs = 1
peak_rate = 3e-3
[[stages]]
name = "second"
sets = { typical = 1.0, taught = 0.5 }
epochs = 4
peak_rate = 3e-3
"""


def function(loops: int, name: int) -> str:
    head = "".join(f"{' ' * (depth + 1)}for v{depth} in range(n):\n" for depth in range(loops))
    return f"def f{name}(n):\n{head}{' ' * (loops + 1)}g(n)\n"


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # a lock of its own: these tests must not wait for somebody's measurements
    monkeypatch.setattr(lock, "shared", lambda: lock._held(tmp_path / "lock", 1))
    rng = np.random.default_rng(0)
    made = []
    for number in range(240):
        loops = int(rng.integers(0, 4))
        text = function(loops, number)
        targets = {LATENCY: 10.0 ** (loops * 2 - 7) * rng.uniform(0.8, 1.2), HEAP: 100.0 * 10**loops}
        made.append(Example(str(number), "own", "own", "validation" if number % 4 == 0 else "train", text, targets))
    examples.write(tmp_path / "typical.jsonl", made)
    examples.write(tmp_path / "taught.jsonl", [Example(e.id, "own", "own", "train", e.text, static_counts(e.text) or {}) for e in made])
    (tmp_path / "tokenizer.json").write_text(train_tokenizer([e.text for e in made], 512).to_json(), "utf-8")
    (tmp_path / "recipe.toml").write_text(RECIPE, "utf-8")
    return tmp_path


def run(corpus: Path, name: str) -> train.Run:
    return train.Run(read_recipe(corpus / "recipe.toml"), corpus, corpus / name, "cpu")


@pytest.mark.parametrize("second_loss", ["", "squared_error = 0.5\n"])
def test_a_run_that_is_stopped_and_resumed_ends_with_the_same_weights(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, second_loss: str
) -> None:
    (corpus / "recipe.toml").write_text(second_loss + RECIPE, "utf-8")
    straight = run(corpus, "straight")
    straight.train()

    steps = 0
    original = train.Run._step

    def stops(self: train.Run, *arguments: object) -> float:
        nonlocal steps
        steps += 1
        if steps in (3, 12):
            raise KeyboardInterrupt
        return original(self, *arguments)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(train.Run, "_step", stops)
    for _ in range(2):
        stopped = run(corpus, "stopped")
        with pytest.raises(KeyboardInterrupt):
            stopped.train()
        stopped.save()
    resumed = run(corpus, "stopped")
    resumed.train()
    assert resumed.progress.step == straight.progress.step
    for name, weight in straight.taught.state_dict().items():
        torch.testing.assert_close(resumed.taught.state_dict()[name], weight, msg=name)


def test_a_second_loss_teaches_the_encoder_to_guess_logarithms_and_leaves_no_weights(corpus: Path) -> None:
    (corpus / "recipe.toml").write_text("squared_error = 1.0\n" + RECIPE, "utf-8")
    taught = run(corpus, "run")
    batch = collate(taught.validation["typical"].data, np.arange(60))
    ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
    truth = taught.scale(torch.from_numpy(batch.targets))  # (60, 7)
    assert torch.nanmean(truth[:, 0]) == pytest.approx(0.0, abs=0.3), "logarithms of mean 0"
    followed = taught.followed
    assert isinstance(followed, Regression)
    before = float(squared_error(followed.guess(ids, mask), truth))
    taught.train()
    assert float(squared_error(followed.guess(ids, mask), truth)) < 0.3 * before
    kept = torch.load(corpus / "run" / "best.pt", weights_only=True)["network"]
    assert kept.keys() == RLM(train.architecture(taught.recipe)).state_dict().keys()


def test_a_squared_error_passes_over_what_is_not_known() -> None:
    scale = Scale([LATENCY], np.array([[1e-6], [1e-4], [np.nan]]))
    truth = scale(torch.tensor([[1e-6], [np.nan], [1e-4]]))
    assert truth[[0, 2], 0].tolist() == pytest.approx([-1.0, 1.0], abs=0.01)
    assert float(squared_error(torch.tensor([[0.0], [9.0], [1.0]]), truth)) == pytest.approx(0.5, abs=0.02)


def test_training_learns_and_recalibration_covers_four_fifths(corpus: Path) -> None:
    trained = run(corpus, "run")
    before = truth_levels(trained.network, trained.validation["typical"], 0, train.CODEC)
    assert len(before) == 60
    trained.train()
    log = (corpus / "run" / "log.csv").read_text().splitlines()
    losses = [float(line.split(",")[-1]) for line in log if ",validation,typical," in line]
    assert losses[-1] < 0.7 * losses[0]
    after = truth_levels(trained.network, trained.validation["typical"], 0, train.CODEC)
    assert ((after > 0) & (after < 1)).all()
    levels = recalibrated([after])
    inside = np.mean((levels.p10 <= after) & (after <= levels.p90))
    assert 0.7 <= inside <= 0.9


def test_recalibration_of_honest_levels_changes_nothing_and_few_rows_decide_nothing() -> None:
    uniform = (np.arange(1000) + 0.5) / 1000
    levels = recalibrated([uniform, uniform[:10]])
    assert levels.p10 == pytest.approx(0.1, abs=0.01)
    assert levels.p90 == pytest.approx(0.9, abs=0.01)
    assert recalibrated([uniform[:10]]).p10 == 0.1


def test_a_recipe_with_an_unknown_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text(RECIPE.replace("seed", "sead"))
    with pytest.raises(RecipeError, match="sead, seed"):
        read_recipe(tmp_path / "r.toml")


def test_a_run_can_begin_with_the_weights_of_one_that_knew_fewer_tokens(corpus: Path) -> None:
    first = run(corpus, "first")
    first.train()
    later = RECIPE.replace("vocab_size = 576", "vocab_size = 600").replace("magnitudes = 64", "magnitudes = 88")
    later = later.replace('start = ""', f"start = {str(corpus / 'first' / 'best.pt')!r}")
    (corpus / "recipe.toml").write_text(later, "utf-8")
    second = run(corpus, "second")
    taken = second.network.state_dict()
    for name, weight in torch.load(corpus / "first" / "best.pt", weights_only=True)["network"].items():
        torch.testing.assert_close(taken[name][: len(weight)], weight, msg=name)
    assert len(taken["encoder.embed_tokens.weight"]) == 600


def test_two_processes_share_the_batches_and_leave_one_set_of_weights(corpus: Path) -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone"]
    command = [*launch, "-m", "--", "rlm_lsp.model.train", "recipe.toml", "--corpus", ".", "--run", "both"]
    environment = {**os.environ, "TMPDIR": str(corpus), "OMP_NUM_THREADS": "1"}  # its lock is not somebody's measurements
    subprocess.run(command, cwd=corpus, env=environment, check=True, timeout=300)
    alone = run(corpus, "alone")
    alone.train()
    both = run(corpus, "both")
    assert both.progress.stage == 2
    assert both.progress.step <= alone.progress.step // 2
    losses = [torch.load(corpus / name / "best.pt", weights_only=True)["loss"] for name in ("both", "alone")]
    assert losses[0] < losses[1] + 0.7  # half as many steps
