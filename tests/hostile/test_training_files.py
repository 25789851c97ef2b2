"""Files that training at the released checkpoint's class cannot use: each is named in one line, and nothing is run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs the `train` extra")
pyarrow = pytest.importorskip("pyarrow", reason="training needs the `train` extra")
pytest.importorskip("transformers", reason="the T5Gemma that training begins with is written by transformers")

from rlm_lsp.model.data.parquet import DataError, groups, rows  # noqa: E402  # after importorskip
from rlm_lsp.model.start import StartError, read_start  # noqa: E402
from rlm_lsp.model.train import main  # noqa: E402
from tests.training.published import code_table, tiny_t5gemma, write  # noqa: E402


@pytest.fixture(scope="module")
def t5gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be written to."""
    return tiny_t5gemma(tmp_path_factory.mktemp("start") / "t5gemma")


def cut_short(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-50])
    return path


def damaged(path: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[4:4000] = bytes(3996)
    path.write_bytes(bytes(data))
    return path


def of_other_columns(path: Path) -> Path:
    return write(path, pyarrow.table({"x": [1], "y": [2]}))


def text_file(path: Path) -> Path:
    path.write_text("space,input\n")
    return path


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut_short, "no parquet file"),
        (damaged, "row group 0 cannot be read"),
        (of_other_columns, "columns x, y"),
        (text_file, "no parquet file"),
    ],
)
def test_other_and_damaged_files_are_named_in_one_line(tmp_path: Path, spoil: Callable[[Path], Path], says: str) -> None:
    table = code_table([("APPS", f"print({i})" * 9, 1.0, None) for i in range(200)])
    path = spoil(write(tmp_path / "data.parquet", table))
    with pytest.raises(DataError, match=says) as error:
        [row for group in groups([path]) for row in rows(group)]
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def without_weights(folder: Path) -> str:
    (folder / "model.safetensors").unlink()
    return "holds no .safetensors file"


def with_a_pickle(folder: Path) -> str:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    return "pickles, which may run code and are not read"


def with_weights_cut_short(folder: Path) -> str:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-9])
    return "cannot be read"


def of_another_kind(folder: Path) -> str:
    (folder / "config.json").write_text('{"model_type": "t5"}')
    return "model_type is 't5'"


def of_another_size(folder: Path) -> str:
    config = json.loads((folder / "config.json").read_text())
    config["encoder"]["intermediate_size"] = 64
    (folder / "config.json").write_text(json.dumps(config))
    return "has the shape"


def with_more_layers(folder: Path) -> str:
    config = json.loads((folder / "config.json").read_text())
    config["encoder"].update(num_hidden_layers=3, layer_types=None)
    (folder / "config.json").write_text(json.dumps(config))
    return r"encoder\.layers\.2\..* is missing"


def without_tokenizer(folder: Path) -> str:
    (folder / "tokenizer.json").unlink()
    return "no tokenizer"


def without_an_encoder(folder: Path) -> str:
    (folder / "config.json").write_text('{"model_type": "t5gemma"}')
    return "encoder"


def of_no_json(folder: Path) -> str:
    (folder / "config.json").write_text("{" * 100_000)
    return "not JSON"


@pytest.mark.parametrize(
    "spoil",
    [
        without_weights,
        with_a_pickle,
        with_weights_cut_short,
        of_another_kind,
        of_another_size,
        with_more_layers,
        without_tokenizer,
        without_an_encoder,
        of_no_json,
    ],
)
def test_a_folder_to_begin_with_that_does_not_do_is_named(
    spoil: Callable[[Path], str], t5gemma: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "t5gemma"
    shutil.copytree(t5gemma, folder)
    says = spoil(folder)
    with pytest.raises(StartError, match=says) as error:
        read_start(folder)
    assert str(folder) in str(error.value)
    data = write(tmp_path / "code.parquet", code_table([("APPS", "print(1)", 1.0, None)]))
    arguments = ["--preset", "gemma-s", "--start", str(folder), "--data", str(data)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--steps", "1", "--run", str(tmp_path / "run"), "--device", "cpu"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert str(folder) in said
    assert said.count("\n") == 1
