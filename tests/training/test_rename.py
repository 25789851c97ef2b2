"""Copies with other local names: the same program, and nothing but local names changed."""

import ast
from random import Random

import pytest

from rlm_lsp.model.data.examples import LATENCY, Example
from rlm_lsp.model.data.rename import renamed, renamed_copies

TEXTS = [
    "def f(xs, k):\n total = 0\n for x in xs:\n  total += x * k\n return total",
    "def f(xs, *rest, key=None, **more):\n return [y for y in sorted(xs, key=key) if (w := y + len(rest)) and w > more.get('w', 0)]",
    "def f(xs):\n def inner(v):\n  nonlocal_ = v + 1\n  return nonlocal_\n return inner(xs)",
    "def f(größe, länge=1):\n ergebnis = größe * größe\n return ergebnis",
    "async def f(self, path):\n async with open(path) as file:\n  return [line async for line in file]",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_tree_is_the_same_but_for_names(text: str) -> None:
    found = renamed(text, None, Random(1))
    assert found is not None
    assert found[0] != text
    shapes = [[type(node).__name__ for node in ast.walk(ast.parse(source))] for source in (text, found[0])]
    assert shapes[0] == shapes[1]
    assert len(set(names(text))) == len(set(names(found[0])))  # no two names became one


def names(text: str) -> list[str]:
    tree = ast.parse(text)
    return [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)] + [a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)]


def test_a_renamed_program_computes_the_same() -> None:
    found = renamed(TEXTS[0], "xs=list[3], k=int", Random(5))
    assert found is not None
    space: dict[str, object] = {}
    exec(found[0], space)
    assert space["f"]([1, 2, 3], 10) == 60  # type: ignore[operator]  # a function
    assert found[1] is not None
    parameters = ast.parse(found[0]).body[0].args.args  # type: ignore[attr-defined]  # a FunctionDef
    assert found[1] == f"{parameters[0].arg}=list[3], {parameters[1].arg}=int"


@pytest.mark.parametrize("kept", ["self", "len", "helper", "attr", "E", "used_in_text", "imported", "Exported"])
def test_what_is_not_local_keeps_its_name(kept: str) -> None:
    text = (
        "def f(self, v):\n import os as imported\n global Exported\n Exported = 1\n used_in_text = helper(len(v), self.attr)\n"
        ' try:\n  return f"{used_in_text}"\n except ValueError as E:\n  return imported, E'
    )
    found = renamed(text, None, Random(2))
    assert found is not None
    assert kept in found[0]
    assert "(self, v)" not in found[0]


@pytest.mark.parametrize("text", ["def f(:", "def f():\n return g()", "x" * 3 + " = (" * 300])
def test_what_cannot_be_renamed_is_left_alone(text: str) -> None:
    assert renamed(text, None, Random(1)) is None


def test_only_training_examples_are_copied_and_always_the_same_way() -> None:
    rows = [Example(split, "s", "g", split, TEXTS[0], {LATENCY: 1.0}) for split in ("train", "validation", "test")]
    copies = list(renamed_copies(rows, 1))
    assert [copy.split for copy in copies] == ["train"]
    assert copies == list(renamed_copies(rows, 1))
    assert copies[0].targets == rows[0].targets
