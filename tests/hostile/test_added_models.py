"""What somebody may offer as a model. It is refused in one line, with the reason, before a weight is read, and nothing stays behind."""

from __future__ import annotations

import json
import os
import pickle
import resource
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.check.model_add import add
from rlm_lsp.check.model_download import PINS
from rlm_lsp.check.model_manage import verify
from rlm_lsp.predict.errors import RlmLspError
from tests.model.released_like import CONFIG, STACK, make_snapshot, tensors

LARGE = {"encoder": {**STACK, "hidden_size": 1 << 20, "num_hidden_layers": 64, "layer_types": None}, "decoder": STACK}


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RLM_LSP_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    return make_snapshot(tmp_path / "snapshot")


def weights(content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / "model.safetensors").write_bytes(content)


def header(entries: Any, data: bytes = b"", length: int | None = None) -> bytes:
    raw = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def entry(begin: int, end: int, shape: list[int] | None = None) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape or [(end - begin) // 4], "data_offsets": [begin, end]}


def config(text: str | None = None, **changes: Any) -> Callable[[Path], object]:
    return lambda folder: (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}) if text is None else text)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch pwned",)


def pickled(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(pickle.dumps(Bomb()))


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def fifo(folder: Path) -> None:
    (folder / "config.json").unlink()
    os.mkfifo(folder / "config.json")


CASES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a header of 2^63 bytes": (weights(header({}, length=2**63)), "header length 9223372036854775808 does not fit"),
    "a header of 100 MB in a short file": (weights(header({}, length=10**8)), "does not fit into the file"),
    "overlapping tensors": (weights(header({"a": entry(0, 8), "b": entry(4, 12)}, b"\0" * 12)), "overlaps another one"),
    "a tensor beyond the end": (weights(header({"a": entry(0, 2**61)}, b"\0" * 4)), "ends after the end"),
    "a tensor of 2^64 elements": (weights(header({"a": entry(0, 4, [2**32, 2**32])}, b"\0" * 4)), "does not fill its 4 bytes"),
    "a name that stands twice": (weights(header(b'{"a": {}, "a": {}}')), "a name stands twice"),
    "a header that is no UTF-8": (weights(header(b"\xff\xfe{}")), "not UTF-8 JSON"),
    "a header nested without end": (weights(header(b"[" * 100_000)), "not UTF-8 JSON"),
    "bytes after the last tensor": (weights(header({"a": entry(0, 4)}, b"\0" * 9)), "5 bytes after the last tensor"),
    "a gap": (weights(header({"a": entry(0, 4), "b": entry(8, 12)}, b"\0" * 12)), "leaves a gap"),
    "a file that was cut": (cut, "ends after the end of the file"),
    "an empty file": (weights(b""), "shorter than its header length"),
    "tensors of another network": (weights(header({"a": entry(0, 4)}, b"\0" * 4)), "unexpected tensor a of shape (1,)"),
    "a network of a terabyte": (config(backbone_config=LARGE), "config.json asks for"),
    "an unknown key": (config(moe_experts=8), "unknown key moe_experts"),
    "remote code in the config": (config(custom_pipelines={"x": "y"}), "unknown key custom_pipelines"),
    "a config that is no JSON": (config("{"), "is not a config of that model"),
    "a config nested without end": (config("[" * 200_000), "is not a config of that model"),
    "a config of megabytes": (config(" " * (2 << 20)), "is longer than 1,048,576 bytes"),
    "a key that stands twice": (config('{"ieee_base": 10, "ieee_base": 2}'), "a key stands twice"),
    "a FIFO": (fifo, "config.json: is not a regular file"),
    "a pickle instead of weights": (pickled("pytorch_model.bin"), "pytorch_model.bin: is a pickle or an archive"),
    "a pickle beside weights": (pickled("training_args.bin"), "training_args.bin: is a pickle or an archive"),
    "a pickle in a folder": (pickled("encoder_tokenizer/state.pkl"), "state.pkl: is a pickle or an archive"),
    "a checkpoint of torch": (pickled("model.pt"), "model.pt: is a pickle or an archive"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_and_nothing_stays(
    snapshot: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    spoil, reason = CASES[case]
    spoil(snapshot)
    monkeypatch.chdir(tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RlmLspError) as error:
        add(None, snapshot, "model")
    assert verify(snapshot) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert reason in capsys.readouterr().out
    assert list((data / "models").iterdir()) == []
    assert not (tmp_path / "pwned").exists()


def test_remote_code_is_neither_run_nor_kept(snapshot: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("configuration_regresslm.py", "modeling_regresslm.py", "tokenization_p10.py", "encoder_tokenizer/sitecustomize.py"):
        (snapshot / name).write_text("open('pwned', 'w')")
    assert add(None, snapshot, "model") == 0
    assert sorted(path.suffix for path in (data / "models" / "model").iterdir()) == [".json", ".json", ".json", ".md", ".safetensors"]
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("repository", PINS)
def test_weights_that_are_not_the_pinned_ones(snapshot: Path, data: Path, repository: str) -> None:
    with pytest.raises(RlmLspError, match=r"model\.safetensors: its sha-256 is [0-9a-f]{64}, that of akhauriyash/.* is 7e9df429"):
        add(repository, snapshot, None)
    assert list((data / "models").iterdir()) == []


def test_an_added_model_that_is_changed_later(snapshot: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(None, snapshot, "model") == 0
    path = data / "models" / "model" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert verify(path.parent) == 1
    assert "damaged or changed, its sha-256 is not the one in manifest.json" in capsys.readouterr().out


def test_a_config_that_was_changed_and_sealed_again_is_told_tensor_by_tensor(
    snapshot: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rlm_lsp.model.checkpoint import CARD, CONFIG, TOKENIZER, WEIGHTS, write_manifest

    assert add(None, snapshot, "model") == 0
    folder = data / "models" / "model"
    changed = json.loads((folder / CONFIG).read_text())
    changed["architecture"]["encoder"]["ffn_size"] = 32
    (folder / CONFIG).write_text(json.dumps(changed))
    write_manifest(folder, (CARD, CONFIG, TOKENIZER, WEIGHTS))
    assert verify(folder) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert all("mlp." in line and "asks for" in line for line in lines)


def test_a_link_out_of_the_folder_is_copied_as_what_it_points_to(snapshot: Path, data: Path, tmp_path: Path) -> None:
    (snapshot / "model.safetensors").replace(tmp_path / "blob")
    (snapshot / "model.safetensors").symlink_to(tmp_path / "blob")
    assert add(None, snapshot, "model") == 0
    assert not (data / "models" / "model" / "model.safetensors").is_symlink()


def test_a_name_that_leads_out_of_the_folder(snapshot: Path, data: Path) -> None:
    with pytest.raises(RlmLspError, match="cannot be the name of a model"):
        add(None, snapshot, "../../evil")
    assert not data.exists()


def test_the_case_list_spoils_what_is_otherwise_fine(snapshot: Path) -> None:
    assert set(tensors(CONFIG)) > {"model.lm_head.out_proj.weight"}
    assert add(None, snapshot, "model") == 0
