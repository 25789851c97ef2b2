import json
from pathlib import Path

import pytest

from rlm_lsp.model.measure import rows, source_text


def test_rows_come_back_as_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rows.jsonl"
    rows.append(path, [{"key": "a", "latency": 1e-6}])
    rows.append(path, [{"key": "ü", "latency": None}])
    assert list(rows.read(path)) == [{"key": "a", "latency": 1e-6}, {"key": "ü", "latency": None}]


@pytest.mark.parametrize("rest", [b'{"key": "c", "lat', b"{", b""])
def test_half_written_last_line_is_dropped(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    rows.append(path, [{"key": "a"}, {"key": "b"}])
    with path.open("ab") as file:
        file.write(rest)
    assert [row["key"] for row in rows.read(path)] == ["a", "b"]
    rows.mend(path)
    rows.append(path, [{"key": "d"}])
    assert [json.loads(line)["key"] for line in path.read_text(encoding="utf-8").splitlines()] == ["a", "b", "d"]


def test_missing_file_has_no_rows(tmp_path: Path) -> None:
    rows.mend(tmp_path / "none.jsonl")
    assert list(rows.read(tmp_path / "none.jsonl")) == []


def test_replaced_file_holds_only_the_new_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows.append(path, [{"key": "old"}])
    path.with_name("rows.jsonl.draft").write_text("left by a killed run\n", encoding="utf-8")
    rows.replace(path, [{"key": "new"}])
    assert list(rows.read(path)) == [{"key": "new"}]


def test_labels_are_medians_over_calls_and_over_odd_and_even_calls() -> None:
    labels = rows.labels([1.0, 10.0, 2.0, 20.0, 3.0], [100.0])
    assert labels == {"latency": 3.0, "latency_split": [2.0, 15.0], "peak_heap": 100.0, "heap_split": [100.0, None]}
    assert rows.labels([], [])["latency"] is None


SOURCE = """\
import functools

class Table:
    @property
    def size(self):
        return 1

    def rows(self):
        def inner(x):  # first
            return x
        return inner

if True:
    @functools.cache
    def twice(x):
        return 2 * x
else:
    def twice(x):
        return x + x
"""


def test_segments_are_whole_raw_lines_from_the_first_decorator() -> None:
    found = {(segment.qualname, segment.line): segment for segment in source_text.segments(SOURCE)}
    assert list(found) == [("Table.size", 4), ("Table.rows", 8), ("Table.rows.<locals>.inner", 9), ("twice", 14), ("twice", 18)]
    assert found["Table.size", 4].text == "    @property\n    def size(self):\n        return 1\n"
    first, last = source_text.find(SOURCE, "twice", 14), source_text.find(SOURCE, "twice")
    assert first is not None
    assert last is not None
    assert first.text.startswith("    @functools.cache\n")
    assert last.line == 18
    assert source_text.find(SOURCE, "thrice") is None
    assert found["Table.size", 4].sha256 == source_text.sha256("    @property\n    def size(self):\n        return 1\n")
