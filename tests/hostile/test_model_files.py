from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import RunCli


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path, cli: RunCli) -> Path:
    """A copy to be spoilt, and a file that has been checked with it."""
    (tmp_path / "project" / "a.py").write_text("def total(xs):\n    return sum(xs)\n")
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    assert cli("--check", "a.py", "--model", folder).returncode == 0
    return folder


def refusal(cli: RunCli, model: Path) -> str:
    """The one line that all commands print, though the file is in the cache."""
    results = [
        cli("--check", "a.py", "--model", model),
        cli("model", "info", "--model", model),
        cli("predict", "--jsonl", "-", "--model", model),
    ]
    assert [(result.returncode, result.stdout) for result in results] == [(2, "")] * 3
    (line,) = {result.stderr for result in results}
    assert line.startswith("rlm-lsp: error: ")
    assert line.count("\n") == 1
    return line


@pytest.mark.parametrize("name", ["model.safetensors", "encoder.onnx", "decoder.onnx", "tokenizer.json", "config.json"])
def test_a_changed_file(cli: RunCli, model: Path, name: str) -> None:
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)
    assert f"{model / name}: damaged or changed" in refusal(cli, model)


def test_truncated_weights(cli: RunCli, model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert f"{weights}: damaged or changed" in refusal(cli, model)


def test_missing_weights(cli: RunCli, model: Path) -> None:
    (model / "model.safetensors").unlink()
    assert f"{model / 'model.safetensors'}: No such file or directory" in refusal(cli, model)


def test_no_model_at_all(cli: RunCli, model: Path) -> None:
    shutil.rmtree(model)
    assert f"{model / 'manifest.json'}: No such file or directory" in refusal(cli, model)


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{}",
        '{"schema": 1, "files": {"../secret": {"sha256": "0"}}}',
        '{"schema": 1, "files": {"config.json": {"sha256": 5}}}',
        "[" * 100_000,
    ],
)
def test_a_manifest_that_is_none(cli: RunCli, model: Path, manifest: str) -> None:
    (model / "manifest.json").write_text(manifest)
    assert f"{model / 'manifest.json'}: not a model's manifest" in refusal(cli, model)


def test_whole_files_that_do_not_fit_together_are_found_by_the_worker(cli: RunCli, model: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    config["architecture"]["encoder"]["layers"] += 1
    (model / "config.json").write_text(json.dumps(config))
    manifest = json.loads((model / "manifest.json").read_text())
    manifest["files"]["config.json"]["sha256"] = hashlib.sha256((model / "config.json").read_bytes()).hexdigest()
    (model / "manifest.json").write_text(json.dumps(manifest))
    result = cli("--check", "a.py", "--model", model)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"rlm-lsp: error: {model / 'model.safetensors'}: missing tensor")
    assert result.stderr.count("\n") == 1
