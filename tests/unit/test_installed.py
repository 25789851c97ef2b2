"""Which model answers: the shipped one, one that the user has chosen, or one that is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlm_lsp.paths import data_folder, default_model_folder
from rlm_lsp.predict import installed
from rlm_lsp.predict.errors import InputError, ModelFilesError


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RLM_LSP_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def add(data: Path, name: str) -> Path:
    folder = data / "models" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    return folder


def names() -> list[tuple[str, bool]]:
    return [(model.name, model.in_use) for model in installed.installed()]


def test_the_shipped_model_answers_where_nobody_chose(data: Path) -> None:
    assert installed.model_folder() == default_model_folder()
    assert names() == [("rlm-s", True)]
    assert not data.exists()


def test_a_choice_is_kept_and_taken_back(data: Path) -> None:
    folder = add(data, "big")
    add(data, "another")
    installed.use("big")
    assert installed.model_folder() == folder
    assert names() == [("rlm-s", False), ("another", False), ("big", True)]
    installed.use("rlm-s")
    assert installed.model_folder() == default_model_folder()


def test_a_removed_model_no_longer_answers(data: Path) -> None:
    folder = add(data, "big")
    installed.use("big")
    installed.remove("big")
    assert not folder.exists()
    assert installed.model_folder() == default_model_folder()
    with pytest.raises(InputError, match="no model big; there are rlm-s"):
        installed.use("big")
    with pytest.raises(InputError, match="rlm-s is part of rlm-lsp and stays"):
        installed.remove("rlm-s")


def test_a_name_means_the_added_model_and_not_a_folder_that_lies_here(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = add(data, "big")
    (tmp_path / "big").mkdir()
    monkeypatch.chdir(tmp_path)
    assert installed.model_folder(Path("big")) == folder
    assert installed.model_folder(Path("./big").absolute()) == tmp_path / "big"
    assert installed.model_folder(Path("unheard-of")) == Path("unheard-of")
    assert installed.model_folder(Path("rlm-s")) == default_model_folder()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 2, "use": "big"}', '{"schema": 1, "use": "../../evil"}', "[" * 100_000])
def test_a_choice_that_cannot_be_read_is_said_and_can_be_made_anew(data: Path, content: str) -> None:
    add(data, "big")
    (data / "model.json").write_text(content)
    with pytest.raises(ModelFilesError, match=r"model\.json: says nothing that can be read"):
        installed.model_folder()
    assert names() == [("rlm-s", False), ("big", False)]
    installed.use("big")
    assert names() == [("rlm-s", False), ("big", True)]


def test_a_chosen_model_that_is_gone_is_said(data: Path) -> None:
    data.mkdir()
    (data / "model.json").write_text(json.dumps({"schema": 1, "use": "big"}))
    with pytest.raises(ModelFilesError, match="big: the model in use is gone; rlm-lsp model use rlm-s"):
        installed.model_folder()


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "a b", "rlm-s", "rlm-n", "x" * 101, "é", "end."])
def test_names_that_no_model_can_have(name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a model"):
        installed.folder_for(name)


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"RLM_LSP_DATA_DIR": "/d", "HOME": "/h"}, "linux", "/d"),
        ({"XDG_DATA_HOME": "/x", "HOME": "/h"}, "linux", "/x/rlm-lsp"),
        ({"XDG_DATA_HOME": "relative", "HOME": "/h"}, "linux", "/h/.local/share/rlm-lsp"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Application Support/rlm-lsp"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/rlm-lsp/data"),
        ({}, "win32", None),
        ({}, "linux", None),
    ],
)
def test_where_models_lie(environ: dict[str, str], platform: str, folder: str | None) -> None:
    assert data_folder(environ, platform) == (Path(folder) if folder else None)


def test_without_a_home_there_is_the_shipped_model_and_nothing_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "data_folder", lambda: None)
    assert installed.model_folder() == default_model_folder()
    with pytest.raises(InputError, match="no home folder for models; RLM_LSP_DATA_DIR may name one"):
        installed.folder_for("big")


def test_the_model_of_networks_is_no_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlm_lsp.predict.installed.networks_model_folder", lambda: tmp_path / "rlm-n")
    assert installed.networks_model() is None
    (tmp_path / "rlm-n").mkdir()
    (tmp_path / "rlm-n" / "manifest.json").write_text("{}")
    assert installed.networks_model() == tmp_path / "rlm-n"
    assert names() == [("rlm-s", True)]
    assert installed.model_folder(Path("rlm-n")) == tmp_path / "rlm-n"
    with pytest.raises(InputError, match="rlm-n answers for networks whichever model is in use"):
        installed.use("rlm-n")
    with pytest.raises(InputError, match="rlm-n is part of rlm-lsp and stays"):
        installed.remove("rlm-n")
