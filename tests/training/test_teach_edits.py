"""Measured edits are pairs that they seem to be, and what the teacher of changes says of functions that nobody measured."""

from dataclasses import replace

import numpy as np
import pytest

from rlm_lsp.model.data.corpus import text_hash
from rlm_lsp.model.data.edits import Edit, committed_edits
from rlm_lsp.model.data.examples import FLOORS, HEAP, LATENCY, Example
from rlm_lsp.model.data.teach_edits import ChangeTeacher, taught_edits, unmeasured_edits
from rlm_lsp.model.measure import mutate

LOOP = "def total(xs, n):\n out = []\n for x in xs:\n  out.append(x)\n return out"


@pytest.fixture(scope="module")
def train() -> list[Edit]:
    return committed_edits("train")


def test_measured_edits_stand_at_one_size_and_in_one_family(train: list[Edit]) -> None:
    assert len(train) > 15_000
    for edit in train:
        assert edit.before.args == edit.after.args is not None
        assert edit.before.text != edit.after.text
        assert edit.before.group == edit.after.group
        assert {edit.before.split, edit.after.split} == {"train"}
    groups = [{edit.before.group for edit in committed_edits(split)} for split in ("train", "validation", "test")]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]


def test_the_teacher_knows_what_a_change_that_it_was_told_does(train: list[Edit]) -> None:
    """On validation families: work done ten times takes about ten times as long."""
    teacher = ChangeTeacher(LATENCY)
    teacher.fit(train[::2])
    held = committed_edits("validation")
    tenfold = [edit for edit in held if edit.mutation == "body-10-times"]
    assert len(tenfold) > 20
    assert 0.5 < np.median(teacher.predict(tenfold)) < 1.1
    known = [edit for edit in held if LATENCY in edit.before.targets and LATENCY in edit.after.targets]
    truth, told = teacher.truth(known), teacher.predict(known)
    apart = np.abs(truth) > 0.3
    assert np.mean(np.sign(truth[apart]) == np.sign(told[apart])) > 0.95


def test_mutants_keep_sizes_and_group_and_are_the_same_every_time() -> None:
    sizes = [f"xs=list[{size}], n=int[3]" for size in (3, 10, 30, 100)]
    functions = [Example(str(i), "taught", "g", "train", LOOP, {LATENCY: 1e-6, HEAP: 100.0}, args) for i, args in enumerate([*sizes, None])]
    edits = list(unmeasured_edits(functions, seed=1))
    assert [edit.before.args for edit in edits] == [args for args in sizes[:2] for _ in range(2)]
    for edit in edits:
        assert edit.after.text == mutate.mutated(LOOP, edit.mutation)
        assert edit.after == replace(edit.before, id=text_hash(f"{edit.after.text}\0{edit.after.args}"), text=edit.after.text, targets={})
    assert edits == list(unmeasured_edits(functions, seed=1))
    assert not list(unmeasured_edits([replace(functions[0], text=text) for text in ("def f(", "x = 1", "async def f(): pass")], seed=1))
    assert not list(unmeasured_edits([replace(functions[0], targets={LATENCY: 1.0})], seed=1))


def test_a_mutant_costs_what_its_origin_does_times_the_change(train: list[Edit]) -> None:
    functions = [
        Example("a", "taught", "g", "train", LOOP, {LATENCY: 1e-3, HEAP: 1000.0}, "xs=list[1000], n=int[3]"),
        Example("b", "taught", "g", "train", LOOP.replace("total", "other"), {LATENCY: 1e-3, HEAP: 1000.0}),
        Example("c", "leetcode", "g", "test", LOOP, {LATENCY: 1e-3, HEAP: 1000.0}, "xs=list[10], n=int[3]"),
    ]
    found = taught_edits(train[::10], functions)
    assert {example.args for example in found} == {"xs=list[1000], n=int[3]", None}
    assert all(example.split == "train" for example in found)
    for example in found:
        assert example.targets.keys() == FLOORS.keys()
        assert 1e-6 < example.targets[LATENCY] < 10
