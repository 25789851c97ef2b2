"""Training at the released checkpoint's class, on a tiny T5Gemma and small files of the published schema."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the `train` extra")
pytest.importorskip("pyarrow", reason="training needs the `train` extra")
pytest.importorskip("transformers", reason="the T5Gemma that training begins with is written by transformers")

from rlm_lsp.model.presets import PRESETS, Preset  # noqa: E402  # after importorskip
from rlm_lsp.model.released import load_released, read_snapshot  # noqa: E402
from rlm_lsp.model.start import read_start  # noqa: E402
from rlm_lsp.model.train import main  # noqa: E402
from rlm_lsp.model.train_large import Options, Run  # noqa: E402
from tests.training.published import code_table, graph_table, program, tiny_t5gemma, write  # noqa: E402

PRESET = Preset(rate=0.03, code_tokens=40, graph_tokens=60, batch_rows=16)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``t5gemma``, ``code.parquet`` and ``graphs.parquet``; not to be written to."""
    folder = tmp_path_factory.mktemp("material")
    tiny_t5gemma(folder / "t5gemma")
    texts = [program(number) for number in range(400)]
    write(folder / "code.parquet", code_table([("APPS", text, 1000.0 * 10 ** (i % 4), None) for i, text in enumerate(texts)]))
    write(folder / "graphs.parquet", graph_table([("ENAS", f"graph main_graph ( %{i} )", 90.0) for i in range(60)]))
    return folder


@pytest.fixture(autouse=True)
def _small_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "gemma-s", PRESET)


def options(material: Path, run: Path, **changes: object) -> Options:
    base = Options(material / "t5gemma", (material / "code.parquet",), run, steps=6, device="cpu", part_tokens=256)
    return replace(base, **changes)  # type: ignore[arg-type]  # checked where it is used


def losses(run: Path, kind: str = "train") -> list[float]:
    with (run / "log.csv").open(newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file) if row["kind"] == kind]


def test_it_learns_with_a_frozen_encoder_and_leaves_a_snapshot_of_the_released_layout(material: Path, tmp_path: Path) -> None:
    run = Run(options(material, tmp_path, steps=60))
    before = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    run.train()
    seen = losses(tmp_path)
    assert len(seen) == 60
    assert np.mean(seen[-5:]) < 0.5 * np.mean(seen[:5])
    assert len(losses(tmp_path, "validation")) == 1
    for name, tensor in run.network.state_dict().items():
        moved = not torch.equal(before[name], tensor)
        assert moved == (not name.startswith("encoder.")), name
    network, codec = load_released(tmp_path / "snapshot")
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, run.network.state_dict()[name]), name
    assert codec == run.codec
    assert read_snapshot(tmp_path / "snapshot").config.architecture == run.network.config
    again = read_start(tmp_path / "snapshot")  # fine-tuning begins with it
    assert again.is_trained
    assert again.tokenizer.encode("print(x[n])") == run.tokenizer.encode("print(x[n])")


def test_a_stopped_run_goes_on_with_the_same_batches(material: Path, tmp_path: Path) -> None:
    Run(options(material, tmp_path / "straight")).train()
    stopped = Run(options(material, tmp_path / "stopped"))
    original, steps = stopped._step, 0

    def step(batch: object) -> float:
        nonlocal steps
        steps += 1
        if steps == 4:
            raise KeyboardInterrupt
        return original(batch)  # type: ignore[arg-type]  # passed through

    stopped._step = step  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        stopped.train()
    stopped.save()
    Run(options(material, tmp_path / "stopped")).train()
    assert losses(tmp_path / "stopped") == losses(tmp_path / "straight")


def test_the_whole_network_learns_too_and_parts_and_recomputing_change_no_loss(material: Path, tmp_path: Path) -> None:
    both = (material / "code.parquet", material / "graphs.parquet")
    for name, changes in {"whole": {}, "small": {"part_tokens": 100, "recompute": True}}.items():
        run = Run(options(material, tmp_path / name, data=both, train_encoder=True, **{"part_tokens": 4096, **changes}))
        before = run.network.encoder.embed_tokens.weight.clone()
        run.train()
        assert not torch.equal(before, run.network.encoder.embed_tokens.weight)
    assert losses(tmp_path / "small") == pytest.approx(losses(tmp_path / "whole"), abs=2e-4)


def test_two_processes_have_the_losses_of_one(material: Path, tmp_path: Path) -> None:
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone", "-m", "--"]
    arguments = ["--preset", "gemma-s", "--start", str(material / "t5gemma"), "--data", str(material / "code.parquet"), "--steps", "4"]
    arguments += ["--batch-rows", "16", "--device", "cpu", "--train-encoder", "--run"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [*launch, "rlm_lsp.model.train", *arguments, str(tmp_path / "two")]
    subprocess.run(command, env=environment, check=True, timeout=300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, "gemma-s", Preset())  # as in the other processes
        main([*arguments, str(tmp_path / "one")])
    assert len(losses(tmp_path / "one")) == 4
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-4)
    one, two = (load_released(tmp_path / name / "snapshot")[0].state_dict() for name in ("one", "two"))
    for name, tensor in one.items():
        assert torch.allclose(tensor, two[name], atol=1e-4), name


def test_the_rate_warms_up_over_a_tenth_and_ends_at_nothing() -> None:
    rates = [Preset().rate_at(step, 100, 1e-3) for step in range(100)]
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == rates[9] == rates[10] == 1e-3
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 1e-6


def test_a_trained_snapshot_is_fine_tuned_at_the_lower_rate(material: Path, tmp_path: Path) -> None:
    Run(options(material, tmp_path / "first", steps=1)).train()
    tuned = Run(options(material, tmp_path / "second", start=tmp_path / "first" / "snapshot"))
    assert tuned.peak == PRESET.fine_tuning_rate
    assert Run(options(material, tmp_path / "third")).peak == PRESET.rate


def test_too_little_memory_says_what_to_lower(
    material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def step(*_: object) -> float:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Run, "_step", step)
    arguments = ["--preset", "gemma-s", "--start", str(material / "t5gemma"), "--data", str(material / "code.parquet")]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--steps", "1", "--run", str(tmp_path), "--device", "cpu"])
    assert ended.value.code == 1
    assert "--part-tokens" in capsys.readouterr().err
