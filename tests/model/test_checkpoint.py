"""Checkpoint folders: what is written, and what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rlm_lsp.model.checkpoint import FILES, CheckpointError, default_checkpoint, load, tensor_shapes
from rlm_lsp.model.config import ModelConfig
from tests.model.tiny import make_tiny_checkpoint, tiny_config

torch = pytest.importorskip("torch", reason="checkpoints are written with the extra `train`")
pytest.importorskip("onnx", reason="checkpoints are written with the extra `train`")


@pytest.fixture
def folder(tmp_path: Path, tiny_checkpoint: Path) -> Path:
    shutil.copytree(tiny_checkpoint, tmp_path / "model")
    return tmp_path / "model"


def reseal(folder: Path) -> None:
    """Put right hashes into the manifest after a change, as an attacker would."""
    files = {name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()} for name in FILES}
    (folder / "manifest.json").write_text(json.dumps({"schema": 1, "files": files}))


def test_a_written_checkpoint_loads(folder: Path) -> None:
    checkpoint = load(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "manifest.json"])
    assert checkpoint.config == tiny_config()
    weights = checkpoint.weights()
    assert {name: tensor.shape for name, tensor in weights.items()} == tensor_shapes(checkpoint.config.architecture)
    assert {tensor.dtype for tensor in weights.values()} == {np.dtype(np.float16)}


def test_graphs_hold_no_weights(folder: Path) -> None:
    assert (folder / "encoder.onnx").stat().st_size + (folder / "decoder.onnx").stat().st_size < 50_000


def test_writing_twice_gives_the_same_bytes(tmp_path: Path, folder: Path) -> None:
    again = make_tiny_checkpoint(tmp_path / "again")
    assert all((folder / name).read_bytes() == (again / name).read_bytes() for name in [*FILES, "manifest.json"])


def test_an_older_checkpoint_is_replaced_and_nothing_is_left_behind(folder: Path) -> None:
    before = load(folder).digest
    make_tiny_checkpoint(folder, seed=1)
    assert load(folder).digest != before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_failed_save_leaves_the_old_checkpoint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load(folder).digest

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("rlm_lsp.model.export.write_graphs", fail)
    with pytest.raises(OSError, match="disk full"):
        make_tiny_checkpoint(folder, seed=1)
    assert load(folder).digest == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_weights_beyond_fp16_are_not_saved(tmp_path: Path) -> None:
    from rlm_lsp.model.checkpoint import save
    from rlm_lsp.model.network import RLM
    from rlm_lsp.model.tokenizer import train_tokenizer
    from tests.model.tiny import CORPUS

    network = RLM(tiny_config().architecture)
    network.head.weight.data[0, 0] = 1e6
    with pytest.raises(CheckpointError, match=r"head\.weight holds values that fp16 has not"):
        save(tmp_path / "model", network, tiny_config(), train_tokenizer(CORPUS, 300), "")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=rf"{name}: No such file") as error:
        load(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "change", [lambda content: content[:-1], lambda content: content + b" ", lambda content: b"x" + content[1:], lambda _: b""]
)
def test_a_changed_file_is_named(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    with pytest.raises(CheckpointError, match=rf"{name}: is damaged or was changed.*reinstall"):
        load(folder)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"nowhere.manifest\.json: No such file"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b'{"files": 1}', b'{"files": {"config.json": 1}, "schema": 1}', b"\xff", b"[" * 100_000, b'{"schema": 1, "files": {}}'],
)
def test_broken_manifests(folder: Path, manifest: bytes) -> None:
    (folder / "manifest.json").write_bytes(manifest)
    with pytest.raises(CheckpointError, match=r"manifest\.json: (is not a manifest|must be of schema 1)"):
        load(folder)


def test_a_manifest_cannot_name_other_files(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["../secret"] = manifest["files"]["config.json"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match="list exactly"):
        load(folder)


def test_parts_that_do_not_fit_together(folder: Path) -> None:
    config = tiny_config()
    encoder = config.architecture.encoder

    def load_with(other: ModelConfig) -> None:
        (folder / "config.json").write_text(other.to_json())
        reseal(folder)
        load(folder)

    with pytest.raises(CheckpointError, match=r"tokenizer\.json: needs 3\d\d tokens, config\.json has only 100"):
        load_with(replace(config, architecture=replace(config.architecture, encoder=replace(encoder, vocab_size=100))))
    with pytest.raises(CheckpointError, match=r"model\.safetensors: missing tensor encoder\.layers\.2"):
        load_with(replace(config, architecture=replace(config.architecture, encoder=replace(encoder, layers=3))))
    with pytest.raises(CheckpointError, match=r"model\.safetensors: tensor .* has shape \(32, 48\), config\.json asks for \(32, 64\)"):
        load_with(replace(config, architecture=replace(config.architecture, encoder=replace(encoder, ffn_size=64))))
    with pytest.raises(CheckpointError, match=r"model\.safetensors: unexpected tensor head\.weight"):
        load_with(replace(config, architecture=replace(config.architecture, tied_head=True)))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", b"{}"),
        ("config.json", b"\xff"),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"\xff"),
        ("model.safetensors", b"\0" * 16),
    ],
)
def test_malformed_files_with_right_hashes(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    reseal(folder)
    with pytest.raises(CheckpointError, match=name):
        load(folder)


def test_shapes_are_those_of_the_network() -> None:
    from rlm_lsp.model.network import RLM

    architecture = tiny_config().architecture
    grouped = replace(architecture, decoder=replace(architecture.decoder, kv_heads=2, hidden_size=24), tied_head=True)
    for form in (architecture, grouped):
        shapes = {name: tuple(tensor.shape) for name, tensor in RLM(form).named_parameters()}
        assert shapes == tensor_shapes(form)


def test_the_shipped_folder_lies_in_the_package() -> None:
    assert default_checkpoint().parts[-2:] == ("weights", "rlm-s")
