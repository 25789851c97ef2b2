"""What the model reads does not hang on what a function's own names are."""

import ast
import builtins
import difflib
import heapq
import keyword
import statistics
import textwrap
from pathlib import Path
from random import Random

import pytest

from rlm_lsp.chunk.local_names import canonical_names
from rlm_lsp.languages import LANGUAGES, locals_query


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("def f(xs, *rest, k: int = 3, **more):\n return xs, rest, k, more", "def f(a, *b, c: int = 3, **d):\n return a, b, c, d"),
        ("def f(self, n):\n self.a = n\n return g(a=n)", "def f(self, a):\n self.a = a\n return g(a=a)"),
        ("def f(a):\n return [x for x in a if (y := x)]", "def f(a):\n return [b for b in a if (c := b)]"),
        ("def f(xs):\n for i, (p, *q) in xs: yield i, p, q", "def f(a):\n for b, (c, *d) in a: yield b, c, d"),
        ("def f(p):\n with open(p) as g, h() as (i, j): return i", "def f(a):\n with open(a) as b, h() as (c, d): return c"),
        ("def f(n):\n try: pass\n except E as err: raise X(err) from err", "def f(a):\n try: pass\n except E as b: raise X(b) from b"),
        ('def f(total, w):\n return f"{total:>{w}} {total!r} total"', 'def f(a, b):\n return f"{a:>{b}} {a!r} total"'),
        ("def f(n):\n def g(m): return n + m\n return g(n)", "def f(a):\n def g(b): return a + b\n return g(a)"),
        (
            "def f(n):\n import json as js\n from a.b import g\n return js, g",
            "def f(a):\n import json as js\n from a.b import g\n return js, g",
        ),
        (
            "def f(core, x):\n import a.core\n from b.core import y as x\n from .core import x2\n x3 = lambda: core\n return x3",
            "def f(b, x):\n import a.core\n from b.core import y as x\n from .core import x2\n c = lambda: b\n return c",
        ),
        ("def f(n):\n global total\n total = n\n _, __ = n", "def f(a):\n global total\n total = a\n _, __ = a"),
        ("f = lambda x, y=a: x + y", "f = lambda b, c=a: b + c"),
        (
            "def f(s):\n match s:\n  case [p, q]: return p\n  case P(x=u) as w: return u, w\n  case {'k': v, **x}: pass",
            "def f(a):\n match a:\n  case [b, c]: return b\n  case P(x=d) as e: return d, e\n  case {'k': g, **h}: pass",
        ),
        ("def f(größe):\n return größe * 'größe'", "def f(a):\n return a * 'größe'"),
        ("def f(): pass", "def f(): pass"),
        ("", ""),
    ],
)
def test_parameters_and_locals_are_letters_in_order_of_appearance(text: str, canonical: str) -> None:
    assert canonical_names(text, None, "python")[0] == canonical
    assert canonical_names(canonical, None, "python")[0] == canonical


def test_the_args_line_is_renamed_with_the_parameters() -> None:
    text = "def f(xs, key=None, *, n): return n"
    assert canonical_names(text, "xs=list[10,list[3,int]], key=function, n=int[5]", "python")[1] == (
        "a=list[10,list[3,int]], b=function, c=int[5]"
    )


def test_a_letter_that_something_else_is_called_is_passed_over() -> None:
    assert canonical_names("def a(x, y):\n return b.c(x, y)", None, "python")[0] == "def a(c, d):\n return b.c(c, d)"
    many = ", ".join(f"x{i}" for i in range(30))
    assert canonical_names(f"def f({many}): pass", None, "python")[0].endswith("z, a1, b1, c1, d1, e1): pass")


@pytest.mark.parametrize("text", ["def f(x:\n return x", "def f(x):\n  return (x", "x" * 1000, "\udc80 = 1", "def f(\x00x): pass"])
def test_what_does_not_parse_is_still_answered(text: str) -> None:
    found, args = canonical_names(text, "x=int", "python")
    assert found.count("\n") == text.count("\n")
    assert args is not None
    assert args.endswith("=int")


def test_other_languages_stay_as_they_are() -> None:
    without = [name for name in LANGUAGES if locals_query(name) is None]
    assert "c" in without
    assert locals_query("no such language") is None
    assert canonical_names("int f(int x) { return x; }", "x=int", "c") == ("int f(int x) { return x; }", "x=int")


def _renamed(text: str, names: dict[str, str]) -> str:
    """Rename with Python's own parser: another implementation than the one that is tested."""
    lines = [line.encode() for line in text.split("\n")]
    spots = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id in names:
            spots.append((node.lineno, node.col_offset, node.id))
        elif isinstance(node, ast.arg) and node.arg in names:
            spots.append((node.lineno, node.col_offset, node.arg))
    for line, column, old in sorted(spots, reverse=True):
        row = lines[line - 1]
        lines[line - 1] = row[:column] + names[old].encode() + row[column + len(old.encode()) :]
    return b"\n".join(lines).decode()


def test_a_rename_by_the_languages_own_parser_changes_nothing() -> None:
    """Every plain function of a few modules of the standard library, its parameters and locals called anything."""
    checked = 0
    for module in (difflib, heapq, statistics, textwrap):
        source = Path(module.__file__ or "").read_text("utf-8")
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.FunctionDef) or any(
                isinstance(n, ast.JoinedStr | ast.Global | ast.Nonlocal) for n in ast.walk(node)
            ):
                continue
            text = ast.unparse(node)
            tree = ast.parse(text)
            bound = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
            bound |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            others = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | set(dir(builtins)) | set(keyword.kwlist)
            fixed = {getattr(n, "name", None) for n in ast.walk(tree)} | {"self", "cls", "_"}
            own = sorted(name for name in bound if name not in fixed)
            rng = Random(text)
            fresh = [f"name_{rng.randrange(10**6)}_{i}" for i in range(len(own))]
            assert not others & set(fresh)
            assert canonical_names(_renamed(text, dict(zip(own, fresh, strict=True))), None, "python") == canonical_names(
                text, None, "python"
            )
            checked += bool(own)
    assert checked > 100
