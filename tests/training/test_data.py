"""Splits, static counts, examples and batches: what the training corpus is made of."""

from pathlib import Path

import numpy as np
import pytest

from rlm_lsp.model.data import corpus, examples, splits, wheels
from rlm_lsp.model.data.batches import TokenisedSet, collate, epoch_order
from rlm_lsp.model.data.examples import HEAP, LATENCY, Example
from rlm_lsp.model.data.static import static_counts


@pytest.mark.parametrize("family", ["leetcode", "humaneval"])
def test_stored_splits_are_disjoint_and_not_empty(family: str) -> None:
    stored = splits.stored(family)
    groups = [group for part in stored.values() for group in part]
    assert len(groups) == len(set(groups))
    assert all(len(part) >= 10 for part in stored.values())


def test_the_rule_still_gives_the_stored_splits() -> None:
    stored = splits.stored("humaneval")
    for number in range(164):
        name = f"HumanEval/{number}"
        assert splits.group_hash("humaneval", name) in stored[splits.split_of("humaneval", name)]


def test_a_package_without_a_split_is_refused() -> None:
    with pytest.raises(KeyError):
        splits.split_of("package", "never-heard-of")


def test_static_counts() -> None:
    counts = static_counts("def f(xs):\n for x in xs:\n  while x:\n   if x: g(x)\n return [h(y) for y in xs]")
    assert counts is not None
    assert (counts["loops@static"], counts["loop_depth@static"], counts["calls@static"], counts["branches@static"]) == (3, 2, 2, 1)
    assert static_counts("def f(:") is None
    assert static_counts("x = " + "(" * 5000) is None


def test_examples_survive_the_disk(tmp_path: Path) -> None:
    written = [Example("1", "s", "g", "train", "def f(): 'ü\u2028'", {LATENCY: 1e-6}, args="x=int", split_halves={LATENCY: [1.0, 2.0]})]
    assert examples.write(tmp_path / "e.jsonl", written) == 1
    assert list(examples.read(tmp_path / "e.jsonl")) == written


def row(group: str, text_name: str = "f") -> dict[str, object]:
    calls = [{"args": f"n=int[1e{k}]", "latency_min": 10.0**-k, "peak_heap": 100.0} for k in range(1, 7)]
    return {
        "source": "leetcode",
        "cpu": corpus.REFERENCE_CPU,
        "calibration": 0.03,
        "group": group,
        "pointer": {"qualname": text_name},
        "latency": 1e-5,
        "latency_split": [1e-5, 2e-5],
        "peak_heap": None,
        "heap_split": [None, None],
        "calls": calls,
    }


def test_a_row_gives_a_typical_example_and_sizes_spread_from_cheapest_to_dearest() -> None:
    whole, sized = corpus.examples_of(row("two-sum"), "def f(): pass")
    assert whole is not None
    assert whole.targets == {LATENCY: 1e-5}
    assert whole.args is None
    assert whole.split_halves == {LATENCY: [1e-5, 2e-5]}
    assert [e.targets[LATENCY] for e in sized] == [10.0**-k for k in (6, 5, 3, 1)]
    assert all(e.args and e.targets[HEAP] == 100.0 for e in sized)


def test_seconds_of_another_machine_are_scaled_by_its_calibration() -> None:
    elsewhere = {**row("two-sum"), "cpu": "another", "calibration": 2 * corpus.REFERENCE_CALIBRATION}
    whole, sized = corpus.examples_of(elsewhere, "def f(): pass")
    assert whole is not None
    assert whole.targets == {LATENCY: 5e-6}
    assert [e.targets[LATENCY] for e in sized] == [0.5 * 10.0**-k for k in (6, 5, 3, 1)]
    assert all(e.targets[HEAP] == 100.0 for e in sized)


def test_a_text_of_two_splits_stays_in_the_stricter_one() -> None:
    groups = {splits.assign("leetcode", f"p{i}"): f"p{i}" for i in range(200)}

    class OneText(corpus.Texts):
        def of(self, row: corpus.Row) -> corpus.Text | None:
            return corpus.Text("def f(): pass", ()) if row["pointer"]["qualname"] == "f" else None

    texts = OneText(Path(), None)
    typical, sized, left_out = corpus.build([row(groups["train"]), row(groups["test"]), row(groups["test"], "gone")], texts)
    assert {e.split for e in [*typical, *sized]} == {"test"}
    assert left_out == {"text not found": 1, "text also in a stricter split": 5}


def test_missing_data_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(wheels.MissingWheelError, match=r"no wheel of networkx==3\.7 .* fetch"):
        wheels.find(tmp_path, "networkx", "3.7")
    with pytest.raises(FileNotFoundError, match="leetcodedataset"):
        corpus.Texts(tmp_path, tmp_path).of({"source": "leetcode", "pointer": {"task_id": "x", "qualname": "f"}})


def some_set(count: int, seed: int = 0) -> TokenisedSet:
    lengths = np.random.default_rng(seed).integers(1, 60, count)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return TokenisedSet(np.arange(offsets[-1], dtype=np.int32) % 97 + 1, offsets.astype(np.int64), np.ones((count, 2)))


def test_an_epoch_holds_every_row_once_within_the_budget_and_is_reproducible() -> None:
    data = some_set(500)
    epoch = epoch_order([data, some_set(100, 1)], [1.0, 0.5], 256, seed=3)
    rows = np.concatenate([rows for which, rows in epoch if which == 0])
    assert sorted(rows) == list(range(500))
    assert sum(len(rows) for which, rows in epoch if which == 1) == 50
    assert all(len(rows) * data.lengths[rows].max() <= 256 for which, rows in epoch if which == 0)
    again = epoch_order([data, some_set(100, 1)], [1.0, 0.5], 256, seed=3)
    assert all(a[0] == b[0] and np.array_equal(a[1], b[1]) for a, b in zip(epoch, again, strict=True))


def test_collate_pads_on_the_right() -> None:
    data = some_set(5)
    batch = collate(data, np.array([3, 1]))
    assert batch.mask.sum(1).tolist() == data.lengths[[3, 1]].tolist()
    assert (batch.ids[~batch.mask] == 0).all()
    assert batch.ids[0][batch.mask[0]].tolist() == data.tokens[data.offsets[3] : data.offsets[4]].tolist()
