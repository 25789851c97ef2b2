from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.conftest import RunCli

SOURCE = "def total(xs):\n    return sum(xs)\n"


@pytest.fixture
def table(cli: RunCli, tmp_path: Path, tiny_model: Path) -> str:
    """What a check of one file prints; the cache is warm then."""
    (tmp_path / "project" / "a.py").write_text(SOURCE)
    return cli("--check", "a.py", "--model", tiny_model).stdout


@pytest.mark.parametrize("content", [b"", b"garbage " * 4096, b"SQLite format 3\0" + b"\xff" * 8192])
def test_a_damaged_cache(cli: RunCli, table: str, tmp_path: Path, tiny_model: Path, content: bytes) -> None:
    (database,) = (tmp_path / "cache").glob("*.sqlite")
    database.write_bytes(content)
    damaged, again = (cli("--check", "a.py", "--model", tiny_model) for _ in range(2))
    assert (damaged.returncode, damaged.stdout) == (again.returncode, again.stdout) == (0, table)
    assert damaged.stderr.count("was damaged") == (1 if content else 0)  # an empty file is an empty database
    assert "was damaged" not in again.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"RLM_LSP_CACHE_DIR": "{file}/below"},
        {"RLM_LSP_CACHE_DIR": "{file}"},
        {"RLM_LSP_CACHE_DIR": "/dev/null/below"},
        {"RLM_LSP_CACHE_DIR": "", "XDG_CACHE_HOME": "", "HOME": "{file}"},
    ],
)
def test_a_home_that_cannot_be_written(cli: RunCli, table: str, tmp_path: Path, tiny_model: Path, environment: dict[str, str]) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    result = cli("--check", "a.py", "--model", tiny_model, **{name: value.format(file=file) for name, value in environment.items()})
    assert (result.returncode, result.stdout) == (0, table)
    first, second = result.stderr.splitlines()
    assert first.startswith("rlm-lsp: results are not kept after this run: the cache ")
    assert second.startswith("rlm-lsp: checked in ")


def test_nonsense_in_a_sound_database_is_asked_again(cli: RunCli, table: str, tmp_path: Path, tiny_model: Path) -> None:
    (database,) = (tmp_path / "cache").glob("*.sqlite")
    for nonsense in ("", "{", "5", "[]", "[[[1, 2]], []]", "[[], [[1]]]"):
        with sqlite3.connect(database) as connection:
            assert connection.execute("UPDATE files SET value = ?", (nonsense,)).rowcount == 1
            connection.execute("UPDATE inputs SET value = ?", (nonsense,))
        connection.close()
        result = cli("--check", "a.py", "--model", tiny_model)
        assert (result.returncode, result.stdout) == (0, table)
