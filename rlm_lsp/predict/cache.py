"""Results that are kept between runs, in one SQLite file that several processes may use at once.

Two levels: what is known about a whole file, by the file's hash, and what the model said about one input, by the input's hash. Both
map a key to text that the caller understands; a key names everything the text depends on, so nothing here is ever out of date.

The cache is a convenience and never a reason to fail: a damaged file is deleted and begun anew, and where nothing can be written the
results live in memory for this run. Either is said once, in one line.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from rlm_lsp.paths import printable

T = TypeVar("T")
Level = Literal["files", "inputs"]
Warn = Callable[[str], None]

SCHEMA = 1
SIZE_BUDGET = 256_000_000
KEYS_PER_SELECT = 500
BUSY_TIMEOUT_MS = 5_000
FLUSH_ROWS = 512
FLUSH_S = 1.0  # a killed run loses at most this much work
_DAY_S = 86_400
_EVICTED_AT_ONCE = 0.25  # of the rows, when the budget is exceeded

_TABLES = """
CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, value TEXT NOT NULL, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS inputs (key BLOB PRIMARY KEY, value TEXT NOT NULL, used INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS files_used ON files (used);
CREATE INDEX IF NOT EXISTS inputs_used ON inputs (used);
"""


class Cache:
    """``folder`` None: in memory only. ``warn`` gets one line when the cache has to be begun anew or cannot be kept.

    Methods may be called from any thread. None of them raises because of what is on disk.
    """

    def __init__(self, folder: Path | None, warn: Warn, size_budget: int = SIZE_BUDGET) -> None:
        self._warn = warn
        self._size_budget = size_budget
        self._lock = threading.RLock()
        self._unwritten: dict[Level, dict[bytes, str]] = {"files": {}, "inputs": {}}
        self._touched: dict[Level, set[bytes]] = {"files": set(), "inputs": set()}
        self._flushed = time.monotonic()
        self._today = int(time.time()) // _DAY_S
        self._path = folder / f"results-v{SCHEMA}.sqlite" if folder else None
        self._connection = self._open()

    def get(self, level: Level, keys: Iterable[bytes]) -> dict[bytes, str]:
        """Those of ``keys`` that are known, with their text."""
        with self._lock:
            wanted = list(dict.fromkeys(keys))
            unwritten = self._unwritten[level]
            found = {key: unwritten[key] for key in wanted if key in unwritten}
            missing = [key for key in wanted if key not in found] if found else wanted
            for start in range(0, len(missing), KEYS_PER_SELECT):
                part = missing[start : start + KEYS_PER_SELECT]
                for key, value, used in self._try(partial(self._select, level, part)) or ():
                    found[key] = value
                    if used != self._today:
                        self._touched[level].add(key)
            return found

    def put(self, level: Level, values: Mapping[bytes, str]) -> None:
        """Keep ``values``; they are on disk within a second, or at ``flush``."""
        with self._lock:
            self._unwritten[level].update(values)
            waiting = sum(map(len, self._unwritten.values()))
            if waiting >= FLUSH_ROWS or time.monotonic() - self._flushed > FLUSH_S:
                self.flush()

    def flush(self) -> None:
        """Write what waits, and keep to the size budget."""
        with self._lock:
            if any(self._unwritten.values()) or any(self._touched.values()):
                self._try(self._write)
            self._unwritten = {"files": {}, "inputs": {}}
            self._touched = {"files": set(), "inputs": set()}
            self._flushed = time.monotonic()

    def clear(self) -> None:
        """Forget everything, on disk too."""
        with self._lock:
            self._unwritten = {"files": {}, "inputs": {}}
            self._touched = {"files": set(), "inputs": set()}
            self._try(self._delete)

    @property
    def path(self) -> Path | None:
        """The file; None where results live in memory."""
        return self._path

    def close(self) -> None:
        """Write what waits and let go of the file."""
        with self._lock:
            self.flush()
            self._connection.close()

    def _select(self, level: Level, keys: Sequence[bytes]) -> list[tuple[bytes, str, int]]:
        marks = ",".join("?" * len(keys))
        return self._connection.execute(f"SELECT key, value, used FROM {level} WHERE key IN ({marks})", keys).fetchall()

    def _write(self) -> None:
        with self._connection:  # one transaction
            for level, values in self._unwritten.items():
                rows = ((key, value, self._today) for key, value in values.items())
                self._connection.executemany(f"INSERT OR REPLACE INTO {level} VALUES (?, ?, ?)", rows)
            for level, keys in self._touched.items():
                self._connection.executemany(f"UPDATE {level} SET used = ? WHERE key = ?", ((self._today, key) for key in keys))
        if self._size() > self._size_budget:
            self._evict()

    def _delete(self) -> None:
        with self._connection:
            for level in ("files", "inputs"):
                self._connection.execute(f"DELETE FROM {level}")
        self._connection.executescript("PRAGMA incremental_vacuum")

    def _size(self) -> int:
        """Bytes in use, free pages not counted: they are filled again."""
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        return int((pages - free) * size)

    def _evict(self) -> None:
        """Drop the rows that nobody has used for the longest time."""
        while self._size() > self._size_budget:
            dropped = 0
            with self._connection:
                for level in ("files", "inputs"):
                    count = self._connection.execute(f"SELECT count(*) FROM {level}").fetchone()[0]
                    oldest = f"SELECT key FROM {level} ORDER BY used LIMIT ?"
                    limit = -int(-count * _EVICTED_AT_ONCE // 1)
                    dropped += self._connection.execute(f"DELETE FROM {level} WHERE key IN ({oldest})", (limit,)).rowcount
            if dropped == 0:
                return
        self._connection.executescript("PRAGMA incremental_vacuum")  # not execute, which takes one step of many

    def _open(self) -> sqlite3.Connection:
        """The file, a fresh file in place of a damaged one, or memory."""
        if self._path is None:
            return _connect(":memory:")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _connect(self._path)
        except (OSError, sqlite3.Error) as error:
            return self._replacement(self._path, error)

    def _try(self, action: Callable[[], T]) -> T | None:
        """``action``'s result. If the file lets us down, a replacement is found for it and the action is tried again."""
        for _ in range(3):  # the file, the file begun anew, memory
            try:
                return action()
            except sqlite3.Error as error:
                self._connection.close()
                self._connection = self._replacement(self._path, error) if self._path else _connect(":memory:")
        return None

    def _replacement(self, path: Path, error: Exception) -> sqlite3.Connection:
        """A connection to use in place of one that failed; says which, once."""
        if type(error) is sqlite3.DatabaseError:  # its subclasses mean a lock, a full disk, a read-only folder: the file may be sound
            try:
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
                connection = _connect(path)
            except (OSError, sqlite3.Error) as second_error:
                error = second_error
            else:
                self._warn(f"the cache {printable(str(path))} was damaged ({error}) and has been begun anew")
                return connection
        self._path = None
        self._warn(f"results are not kept after this run: the cache {printable(str(path))} cannot be used ({_reason(error)})")
        return _connect(":memory:")


def _connect(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only has an effect on a new file
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
