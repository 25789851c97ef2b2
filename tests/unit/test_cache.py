from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_lsp.predict.cache import SCHEMA, Cache

KEYS = [bytes([i // 256, i % 256]) * 16 for i in range(1200)]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def cache(tmp_path: Path, said: list[str]) -> Iterator[Cache]:
    opened = Cache(tmp_path / "cache", said.append)
    yield opened
    opened.close()


def reopened(folder: Path, said: list[str]) -> dict[bytes, str]:
    cache = Cache(folder, said.append)
    try:
        return cache.get("inputs", KEYS)
    finally:
        cache.close()


def database(folder: Path) -> Path:
    return folder / f"results-v{SCHEMA}.sqlite"


def test_values_are_there_at_once_and_after_reopening(tmp_path: Path, cache: Cache, said: list[str]) -> None:
    values = {key: f"value {i}" for i, key in enumerate(KEYS)}  # more than one SELECT takes
    cache.put("inputs", values)
    cache.put("files", {KEYS[0]: "a file"})
    assert cache.get("inputs", [*KEYS, b"other"]) == values
    assert cache.get("files", KEYS) == {KEYS[0]: "a file"}
    cache.close()
    assert reopened(tmp_path / "cache", said) == values
    assert said == []


def test_only_the_owner_may_look_into_the_folder(tmp_path: Path, cache: Cache) -> None:
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_memory_is_enough_where_there_is_no_home(said: list[str]) -> None:
    cache = Cache(None, said.append)
    cache.put("inputs", {b"key": "value"})
    cache.flush()
    assert cache.get("inputs", [b"key"]) == {b"key": "value"}
    cache.close()
    assert said == []


def test_clearing_forgets_what_is_written_and_what_is_not(tmp_path: Path, cache: Cache, said: list[str]) -> None:
    for level in ("files", "inputs"):
        cache.put(level, dict.fromkeys(KEYS, "value" * 100))
        cache.flush()
        cache.put(level, {b"key": "value"})
    cache.clear()
    assert cache.get("files", [*KEYS, b"key"]) == cache.get("inputs", [*KEYS, b"key"]) == {}
    cache.put("inputs", {KEYS[0]: "new"})
    cache.close()
    assert reopened(tmp_path / "cache", said) == {KEYS[0]: "new"}
    assert said == []


def test_a_file_in_the_way_is_said_once_and_memory_stands_in(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache", said.append)
    for _ in range(2):
        cache.put("inputs", {b"key": "value"})
        cache.flush()
        assert cache.get("inputs", [b"key"]) == {b"key": "value"}
    cache.close()
    assert len(said) == 1
    assert "results are not kept after this run" in said[0]


def test_a_file_that_is_no_database_is_begun_anew(tmp_path: Path, said: list[str]) -> None:
    database(tmp_path).write_bytes(b"not a database at all, but long enough to be taken for one" * 100)
    cache = Cache(tmp_path, said.append)
    cache.put("inputs", {KEYS[0]: "value"})
    cache.close()
    assert len(said) == 1
    assert "was damaged" in said[0]
    assert reopened(tmp_path, said) == {KEYS[0]: "value"}
    assert len(said) == 1


def test_damage_that_shows_later_loses_nothing_that_is_still_to_be_written(tmp_path: Path, said: list[str]) -> None:
    first = Cache(tmp_path, said.append)
    first.put("inputs", dict.fromkeys(KEYS, "value" * 50))
    first.close()
    content = bytearray(database(tmp_path).read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)  # the header and the schema are sound
    database(tmp_path).write_bytes(content)

    second = Cache(tmp_path, said.append)
    assert second.get("inputs", KEYS) == {}
    second.put("inputs", {KEYS[0]: "new"})
    second.close()
    assert len(said) == 1
    assert "was damaged" in said[0]
    assert reopened(tmp_path, said) == {KEYS[0]: "new"}


def test_a_database_that_cannot_be_written_is_said_once(tmp_path: Path, said: list[str]) -> None:
    cache = Cache(tmp_path, said.append)
    cache._connection.execute("PRAGMA query_only = ON")  # what a read-only mount and a full disk look like
    for i in range(3):
        cache.put("inputs", {KEYS[i]: "value"})
        cache.flush()
    assert len(cache.get("inputs", KEYS)) == 3
    cache.close()
    assert len(said) == 1
    assert "readonly" in said[0]


def test_the_size_budget_is_kept_and_what_was_used_last_stays(tmp_path: Path, said: list[str]) -> None:
    budget = 500_000
    old = Cache(tmp_path, said.append, budget)
    old._today -= 100
    old.put("inputs", dict.fromkeys(KEYS[:1000], "x" * 300))
    old.close()
    new = Cache(tmp_path, said.append, budget)
    new.get("inputs", KEYS[:10])  # used again
    new.put("inputs", dict.fromkeys(KEYS[1000:1200], "y" * 1000))
    new.close()
    kept = reopened(tmp_path, said)
    assert set(KEYS[:10]) <= set(kept)
    assert set(KEYS[1000:]) <= set(kept)
    assert len(kept) < 1200
    assert database(tmp_path).stat().st_size <= budget
    assert said == []


def _write_from_another_process(folder: str, start: int) -> None:
    complaints: list[str] = []
    cache = Cache(Path(folder), complaints.append)
    for key in KEYS[start : start + 100]:
        cache.put("inputs", {key: "value"})
        cache.flush()
    cache.close()
    if complaints:
        raise AssertionError(complaints)


def test_several_processes_share_one_cache(tmp_path: Path, said: list[str]) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_from_another_process, args=(str(tmp_path), start)) for start in (0, 100, 200, 300)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert len(reopened(tmp_path, said)) == 400


def test_the_schema_is_what_the_name_says(tmp_path: Path, cache: Cache) -> None:
    connection = sqlite3.connect(database(tmp_path / "cache"))
    tables = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    connection.close()
    wanted = "CREATE TABLE {} (key BLOB PRIMARY KEY, value TEXT NOT NULL, used INTEGER NOT NULL)"
    assert tables == {name: wanted.format(name) for name in ("files", "inputs")}, "another schema needs another SCHEMA number"
