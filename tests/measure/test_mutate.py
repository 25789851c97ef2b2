"""Mutants: each mutation's texts, which ones are measured, what measuring finds, and the text that a row leads back to."""

import itertools
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.model.data import corpus
from rlm_lsp.model.data.examples import LATENCY
from rlm_lsp.model.data.splits import split_of
from rlm_lsp.model.measure import kernels, ladder, mutants, mutate
from rlm_lsp.model.measure.__main__ import parse
from rlm_lsp.model.measure.campaign import FunctionTask
from rlm_lsp.model.measure.timing import fresh

PAIRS = re.findall(
    r"^=== (\S+)\n(.*?)^---\n(.*?)(?=^=== |\Z)", (Path(__file__).parent / "mutants.txt").read_text("utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("mutation", "before", "after"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_a_mutation_edits_what_it_names_and_nothing_else(mutation: str, before: str, after: str) -> None:
    assert mutate.mutated(before, mutation) == after


def test_every_mutation_has_a_pair() -> None:
    assert {mutation for mutation, _, _ in PAIRS} == set(mutate.MUTATIONS)


@pytest.mark.parametrize(
    ("mutation", "text"),
    [
        ("body-3-times", "def f(xs: list[int]):\n    for x in xs:\n        if x:\n            break\n"),
        ("body-3-times", "def f(xs: list[int]):\n    while xs:\n        xs.pop()\n"),
        ("body-3-times", 'def f(xs: list[int]):\n    for x in xs:\n        print("""a\nb""")\n'),
        ("set-to-list", "def f(xs: list[int]):\n    seen = set()\n    for x in xs:\n        seen |= {x}\n    return seen - {1}\n"),
        ("no-break", "def f(n):\n    while True:\n        if n:\n            break\n"),
        ("no-early-return", "def f(n):\n    for i in range(n):\n        while True:\n            return i\n    return 0\n"),
        ("range-to-while", "def f(n):\n    for i in range(n):\n        if i:\n            continue\n"),
        ("hoisting-undone", "def f(xs):\n    rest = iter(xs)\n    for _ in range(3):\n        next(rest)\n"),
        ("comprehension-to-loop", "def f(xs, x):\n    ys = [x for x in xs]\n    return ys, x\n"),
        ("copy-in-loop", "def f(xs: list[int]):\n    for x in f'{[y for y in xs]}':\n        xs = x\n"),
        ("work-for-each", "def f(n: int) -> int:\n    m = f(n - 1) if n else 0\n    return m\n"),
        ("first-100", "x = 1\n"),
        ("first-100", "def f(:\n"),
    ],
)
def test_what_would_not_end_or_not_run_is_not_mutated(mutation: str, text: str) -> None:
    assert mutate.mutated(text, mutation) is None


@pytest.fixture(scope="module")
def tasks() -> list[FunctionTask]:
    return mutants.load_tasks()


def test_the_same_mutants_are_chosen_every_time_and_spread_over_the_mutations(tasks: list[FunctionTask]) -> None:
    again = [list(mutants.chosen(segment, family.name)) for family, _, _, segment in itertools.islice(ladder.functions(), 30)]
    chosen = itertools.groupby(tasks, key=lambda task: (task.row["problem"], task.row["pointer"]["qualname"]))
    assert [[task.row["pointer"]["mutation"] for task in group] for _, group in itertools.islice(chosen, 20)] == [a for a in again if a][
        :20
    ]
    assert len({task.key for task in tasks}) == len(tasks)
    assert max(Counter(task.key.split("+")[0] for task in tasks).values()) == mutants.MOST_MUTANTS
    shares = Counter(task.row["pointer"]["mutation"] for task in tasks)
    assert len(shares) >= 30
    assert max(shares.values()) < len(tasks) / 6
    originals = {(task.row["problem"], task.row["pointer"]["qualname"]): task for task in ladder.load_tasks()}
    for task in tasks:
        original = originals[task.row["problem"], task.row["pointer"]["qualname"]]
        assert {**task.row["pointer"], "mutation": None} == {**original.row["pointer"], "mutation": None}
        assert task.row["group"] == original.row["group"]
        assert task.row["sha256"] != original.row["sha256"]


def test_few_of_the_chosen_mutants_raise_or_do_not_end(tasks: list[FunctionTask]) -> None:
    failed = []
    for task in Random(5).sample(tasks, 60):
        family, original = ladder.find(task.payload["family"], task.payload["function"])
        function = mutants.compiled(task.payload["text"], original)
        arguments = [fresh(value) for value in family.make(10, Random(3))]
        try:
            with ladder.cpu_limit(0.5):
                function(*arguments)
        except (Exception, ladder.TooLongError) as error:  # whatever the mutation broke
            failed.append((task.key, repr(error)))
    assert len(failed) <= 6, failed


def test_a_mutant_and_its_original_are_a_pair_at_equal_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "TASK_BUDGET_S", 30.0)
    monkeypatch.setattr(mutants, "TASK_BUDGET_S", 30.0)
    text = mutate.mutated(ladder.segments("sequences")["no_copies"].text, "copy-in-loop")
    names = {"family": "copying", "function": "no_copies"}
    before, after = ladder.measure(names)["calls"], mutants.measure({**names, "text": text})["calls"]
    seconds = {call["args"]: call["latency_min"] for call in before}
    assert [call["args"] for call in after][:3] == ["values=list[3]", "values=list[10]", "values=list[30]"]
    assert len(after) > 4
    assert set(seconds) >= {call["args"] for call in after}
    assert after[-1]["latency_min"] > 20 * seconds[after[-1]["args"]]  # a linear loop has become a quadratic one


def test_a_mutant_that_calls_itself_calls_the_mutant() -> None:
    family, original = ladder.find("sorting", "quick")
    mutant = mutants.compiled("def quick(values):\n    return [0] if not values else quick(values[1:]) + [1]\n", original)
    assert mutant([5, 3]) == [0, 1, 1]
    assert original([5, 3]) == [3, 5]
    assert family.name == "sorting"


def endless(_n: int) -> None:
    while True:
        try:
            pass
        except Exception:
            raise


def only_the_smallest_ends(values: list[int]) -> None:
    while len(values) > 3:
        pass


def test_a_call_that_does_not_end_ends_the_ladder_or_the_task() -> None:
    with pytest.raises(ladder.TooLongError):
        ladder.climb(kernels.Family("f", lambda n, _: (n,), (endless,)), endless, 1.0)
    family = kernels.Family("f", lambda n, _: ([0] * n,), (only_the_smallest_ends,))
    assert [call["size"] for call in ladder.climb(family, only_the_smallest_ends, 9.0)["calls"]] == [3]


def row_of(tasks: list[FunctionTask], mutation: str) -> dict[str, object]:
    task = next(task for task in tasks if task.row["pointer"]["mutation"] == mutation)
    calls = [{"args": f"n=int[{k}e3]", "latency_min": k * 1e-6, "peak_heap": 100.0} for k in range(1, 10)]
    labels = {"latency": 5e-6, "latency_split": [5e-6, 5e-6], "peak_heap": 1.0, "heap_split": [1.0, 1.0]}
    machine = {"cpu": corpus.REFERENCE_CPU, "calibration": corpus.REFERENCE_CALIBRATION}
    return {"source": "mutants", **task.row, **machine, **labels, "calls": calls, "text": task.payload["text"]}


def test_a_row_leads_to_the_mutated_text_in_the_split_of_its_kernel(tasks: list[FunctionTask]) -> None:
    row = row_of(tasks, "set-to-list")
    typical, sized, left_out = corpus.build([row], corpus.Texts(Path(), None))
    assert not typical
    assert left_out == {"text also in a stricter split": 0}
    assert len(sized) == 9
    functions = [chunk.text for chunk in chunk_source(str(row["text"]).encode(), "python").chunks if chunk.kind == "function"]
    assert {example.text for example in sized} == set(functions[:1])
    assert {example.split for example in sized} == {split_of("kernels", str(row["group"]))}
    assert [example.targets[LATENCY] for example in sized] == [k * 1e-6 for k in range(1, 10)]


@pytest.mark.parametrize(
    "change", [{"sha256": "0" * 64}, {"mutation": "never-heard-of"}, {"qualname": "gone"}], ids=lambda change: next(iter(change))
)
def test_a_row_whose_text_is_not_what_was_measured_is_left_out(tasks: list[FunctionTask], change: dict[str, str]) -> None:
    row = row_of(tasks, "copy-in-loop")
    pointer = row["pointer"]
    assert isinstance(pointer, dict)
    changed = {**row, **change} if "sha256" in change else {**row, "pointer": {**pointer, **change}}
    assert corpus.build([changed], corpus.Texts(Path(), None)) == ([], [], {"text not found": 1, "text also in a stricter split": 0})


def test_the_command_takes_a_folder_and_no_limit(tmp_path: Path) -> None:
    assert parse(["mutants", "--out", str(tmp_path)]).limit is None
    with pytest.raises(SystemExit):
        parse(["mutants", "--out", str(tmp_path), "--limit", "3"])
