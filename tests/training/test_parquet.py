"""The paper's data sets, on files of their schema that are made here."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pyarrow = pytest.importorskip("pyarrow", reason="parquet is read by the `train` extra's pyarrow")

from pyarrow import parquet as pq  # noqa: E402  # after importorskip

from rlm_lsp.model.data.parquet import DataError, Group, Row, groups, interleaved, is_held_out, rows  # noqa: E402
from rlm_lsp.model.data.stream import batches, parts, share  # noqa: E402
from rlm_lsp.model.released_layout import PROMPT  # noqa: E402
from rlm_lsp.predict.types import ModelInput  # noqa: E402
from tests.training.published import code_table, graph_table, write  # noqa: E402


def read(path: Path, **how: Any) -> list[Row]:
    return [row for group in groups([path], how.get("spaces")) for row in rows(group, **how)]


def test_each_task_has_the_header_that_the_released_checkpoint_is_asked_with(tmp_path: Path) -> None:
    code = [
        ("APPS", "print(1)", 5464.0, "{'problem_id': 3}"),
        ("KBSS", "import triton", 0.0152, None),
        ("CDSS", "int main() {}", 256.0, "{'language': 'C++', 'status': 'Accepted'}"),
    ]
    graph = [("NASBench101", "graph main_graph (", 93.5)]
    found = read(write(tmp_path / "code.parquet", code_table(code))) + read(write(tmp_path / "graphs.parquet", graph_table(graph)))
    assert [(row.value, row.space) for row in found] == [(5464.0, "APPS"), (0.0152, "KBSS"), (256.0, "CDSS"), (93.5, "NASBench101")]
    asked = [
        ("peak_heap@apps", ModelInput("python", "program", "print(1)")),
        ("latency@a6000", ModelInput("python", "program", "import triton")),
        ("memory@codenet", ModelInput("cpp", "program", "int main() {}")),
        ("accuracy@nas", ModelInput("onnx", "graph", "graph main_graph (")),
    ]
    assert [row.text for row in found] == [PROMPT.encoder_text(item, objective) for objective, item in asked]


def test_rows_that_do_not_do_are_counted_by_reason(tmp_path: Path) -> None:
    table = code_table(
        [
            ("APPS", "a", 1.0, None),
            ("APPS", None, 1.0, None),
            ("APPS", "", 1.0, None),
            ("APPS", "a", None, None),
            ("APPS", "a", math.nan, None),
            ("APPS", "a", math.inf, None),
            ("APPS", "a", -1.0, None),
            ("CDSS", "a", 0.0, "{'language': 'C'}"),
            ("CDSS", "a", 0.0, None),
            ("CDSS", "a", 0.0, "{'language': "),
            ("CDSS", "a", 0.0, "__import__('os')"),
            ("CDSS", "a", 0.0, "{'language': 'C\\nKBSS'}"),
            ("CDSS", "a", 0.0, "[" * 5000),
        ]
    )
    left_out: Counter[str] = Counter()
    assert [row.text for row in read(write(tmp_path / "data.parquet", table), left_out=left_out)] == [
        "APPS\na",
        "# CDSS\n# Language: C\na",
    ]
    assert left_out == {"no text": 2, "no usable number": 4, "no language": 5}


def test_only_wanted_columns_and_row_groups_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = code_table([("APPS", f"a{i}", 1.0, None) for i in range(20)] + [("KBSS", f"k{i}", 1.0, None) for i in range(20)])
    path = write(tmp_path / "data.parquet", table, rows_in_a_group=10)
    asked = []
    original = pq.ParquetFile.iter_batches

    def iter_batches(self: Any, size: int, row_groups: list[int], columns: list[str], **more: Any) -> Any:
        asked.append((row_groups, columns))
        return original(self, size, row_groups=row_groups, columns=columns, **more)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", iter_batches)
    assert {row.text for row in read(path, spaces=["KBSS"])} == {f"KBSS\nk{i}" for i in range(20)}
    assert asked == [([number], ["space", "input", "target", "metadata"]) for number in (2, 3)]


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing"):
        groups([tmp_path / "nothing.parquet"])


def test_row_groups_are_interleaved_and_every_row_comes_once(tmp_path: Path) -> None:
    code = write(tmp_path / "code.parquet", code_table([("APPS", f"a{i:02}", 1.0, None) for i in range(95)]), rows_in_a_group=10)
    graphs = write(tmp_path / "graphs.parquet", graph_table([("ENAS", f"g{i:02}", 1.0) for i in range(30)]), rows_in_a_group=10)
    chosen = groups([code, graphs])
    assert len(chosen) == 13
    first, again, other = (list(interleaved(chosen, seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert sorted(first) == sorted(other) == sorted([*read(code), *read(graphs)])
    assert len({row.text[:-1] for row in first[:8]}) == 8  # each of another group


def made(count: int) -> list[Row]:
    return [Row("x" * (1 + i * 37 % 50) + str(i), float(i), "APPS") for i in range(count)]


def test_batches_are_full_of_like_lengths_and_the_same_for_the_same_seed() -> None:
    def some(count: int, seed: int = 5) -> list[list[Row]]:
        return list(itertools.islice(batches(lambda epoch: iter(made(103)), 8, seed, window=40), count))

    epoch = some(12)  # two windows of 40 and one of 23 rows
    assert all(len(batch) == 8 for batch in epoch)
    assert len({row for batch in epoch for row in batch}) == 96
    assert some(20)[:12] == epoch
    assert some(24)[12:] != epoch
    assert some(12, seed=6) != epoch
    spread = [max(len(row.text) for row in batch) - min(len(row.text) for row in batch) for batch in epoch]
    assert sorted(spread)[6] < 20


def test_too_few_rows_and_unequal_shares_are_said() -> None:
    with pytest.raises(DataError, match="fewer rows than one batch"):
        next(batches(lambda epoch: iter(made(7)), 8, 0))
    with pytest.raises(DataError, match="cannot be shared equally by 3"):
        share(made(8), 0, 3)


def test_shares_are_the_batch_and_parts_are_the_share() -> None:
    rows_ = made(12)
    shares = [share(rows_, process, 3) for process in range(3)]
    assert sorted(row for part in shares for row in part) == sorted(rows_)
    lengths = [len(row.text) for row in rows_]
    split = list(parts(lengths, 60))
    assert sorted(place for group in split for place in group) == list(range(12))
    assert all(len(group) == 1 or len(group) * max(lengths[place] for place in group) <= 60 for group in split)
    assert len(split) > 3


def test_about_one_text_in_a_hundred_is_held_out() -> None:
    assert 60 < sum(is_held_out(f"program {i}") for i in range(10_000)) < 140


def test_a_group_is_plain_data(tmp_path: Path) -> None:
    path = write(tmp_path / "code.parquet", code_table([("APPS", "a", 1.0, None)]))
    assert groups([path]) == [Group(path, "Code-Regression", 0)]
