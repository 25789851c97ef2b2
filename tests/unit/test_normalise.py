"""Texts that differ only in what does not run normalise to the same text, and what runs is kept byte for byte."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_lsp.chunk import chunk_source, normalise_function

PLAIN = "def f(a, b):\n s = '''x\n  y '''\n if a:\n  return [a,\n   b]\n return s"

SAME = {
    "itself": PLAIN,
    "indent": "def f(a, b):\n    s = '''x\n  y '''\n    if a:\n            return [a,\nb]\n    return s",
    "tabs": "def f(a, b):\n\ts = '''x\n  y '''\n\tif a:\n\t\treturn [a,\n\t\t\t\tb]\n\treturn s\n\n",
    "comments": "# c\ndef f(a, b):  # c\n # c\n s = '''x\n  y '''# c\n if a:\n  # c\n  return [a, # c\n# c\n   b]\n# c\n return s#c\n # c",
    "docstring": "def f(a, b):\n \"\"\"Doc\n  more\"\"\"\n s = '''x\n  y '''\n if a:\n  return [a,\n   b]\n return s",
    "blank lines": "\n\ndef f(a, b):\n\n s = '''x\n  y '''\n\n\n if a:\n\n  return [a,\n\n   b]\n \n return s\n",
    "trailing white space": "def f(a, b):  \n s = '''x\n  y ''' \t\n if a: \n  return [a,  \n   b]\n return s  ",
    "crlf": PLAIN.replace("\n", "\r\n"),
    "cr": PLAIN.replace("\n", "\r"),
    "in a class": "class C:\n    " + PLAIN.replace("\n ", "\n     ").replace("\n      y ", "\n  y "),
    "form feed": "\x0c" + PLAIN.replace("\n if", "\n\x0c\n if"),
}

DIFFERENT = {
    "name": PLAIN.replace("b", "c"),
    "string content": PLAIN.replace("  y", " y"),
    "white space in a string": PLAIN.replace("y '", "y'"),
    "spaces inside a line": PLAIN.replace("a, b", "a,b"),
    "nesting": PLAIN.replace("\n return s", "\n  return s"),
    "lines joined": PLAIN.replace("a,\n   b", "a, b"),
}

# source, normalised
EXACT = {
    "docstring alone": ('def f():\n    """d"""', "def f():\n pass"),
    "docstring and pass": ('def f():\n    """d"""\n    pass', "def f():\n pass"),
    "docstring and ellipsis": ('def f():\n    """d"""\n    ...', "def f():\n ..."),
    "two docstrings alone": ('def f():\n    "a"; "b"', "def f():\n pass"),
    "docstring before a separator": ('def f(): "d"; return 1', "def f(): return 1"),
    "docstring after a separator": ('def f(): x = 1; "d"', "def f(): x = 1"),
    "docstring over lines before a separator": ('def f(): """d\n"""; return 1', "def f():\n return 1"),
    "backslash before a blank line": ("def f():\n  x = 1 \\\n\n  return x", "def f():\n x = 1\n return x"),
    "backslash before a comment": ("def f():\n  x = 1 \\\n  # c\n  return x", "def f():\n x = 1\n return x"),
    "backslash chain": ("def f():\n  x = 1 \\\n  \\\n\n  return x", "def f():\n x = 1\n return x"),
    "backslash in a string": ("def f():\n  x = 'a\\\n    b'", "def f():\n x = 'a\\\n    b'"),
    "hash in a string": ("def f():\n    return '# no comment'  # comment", "def f():\n return '# no comment'"),
    "comment in an f-string": ("def f(x):\n  return f'''{\n   x  # c\n  }'''", "def f(x):\n return f'''{\n   x\n  }'''"),
    "first of several": ("x = 1\ndef f(): pass\ndef g(): pass", "def f(): pass"),
    "async": ("    @dec\n    async def f(self):\n        await self", "@dec\nasync def f(self):\n await self"),
}


@pytest.mark.parametrize("source", SAME.values(), ids=SAME)
def test_same_text(source: str) -> None:
    assert normalise_function(source) == PLAIN


@pytest.mark.parametrize("source", DIFFERENT.values(), ids=DIFFERENT)
def test_different_text(source: str) -> None:
    assert normalise_function(source) != PLAIN


@pytest.mark.parametrize(("source", "text"), EXACT.values(), ids=EXACT)
def test_exact_text(source: str, text: str) -> None:
    assert normalise_function(source) == text
    assert normalise_function(text) == text
    ast.parse(text)


def test_no_function() -> None:
    with pytest.raises(ValueError, match="no function"):
        normalise_function("x = 1")


@dataclass
class Block:
    """A statement: a simple one where ``body`` is empty, else a header with the statements under it."""

    head: list[str]  # physical lines; the later ones continue the first in brackets or in a string
    body: list[Block] = field(default_factory=list)
    string: bool = False  # the later lines of ``head`` lie in a string


NAMES = st.sampled_from(["a", "b", "total", "ñ"])
SIMPLE = st.one_of(
    st.builds(lambda name: Block([f"{name} = 1"]), NAMES),
    st.builds(lambda name: Block([f"return f({name},", f"{name}[0],", ")"]), NAMES),
    st.just(Block(["x = 1 + \\", "2"])),
    st.just(Block(["x = '# no comment'; y = 2"])),
    st.just(Block(['text = """kept   ', "", "  # kept\t", '   end"""'], string=True)),
    st.just(Block(["call('a' f'{x!r:>{w}}')"])),
)
HEADS = st.sampled_from(["if a:", "for x in y:", "def f(a, b=(1, 2)):", "class C(Base):", "async def g():", "with a as b:", "try:"])


def _compound(head: str, body: list[Block]) -> list[Block]:
    return [Block([head], body), Block(["finally:"], body)] if head == "try:" else [Block([head], body)]


BODIES = st.recursive(
    st.lists(SIMPLE, min_size=1, max_size=3),
    lambda inner: st.lists(st.one_of(SIMPLE.map(lambda block: [block]), st.builds(_compound, HEADS, inner)), min_size=1, max_size=3).map(
        lambda groups: [block for group in groups for block in group]
    ),
    max_leaves=8,
)


@given(body=BODIES, seed=st.integers(0, 2**32))
def test_what_does_not_run_changes_nothing(body: list[Block], seed: int) -> None:
    program = [Block(["def outer(self):"], body)]
    plain = _render(program, "", None)
    noise = random.Random(seed)
    noisy = noise.choice(["", "# top\n\n"]) + _render(program, "", noise)
    end = noise.choice(["\n", "\r\n", "\r"])
    expected = chunk_source(plain.encode(), "python")
    result = chunk_source(noisy.replace("\n", end).encode(), "python")
    assert not expected.problems
    assert not result.problems
    assert [(chunk.qualified_name, chunk.text) for chunk in result.chunks] == [
        (chunk.qualified_name, chunk.text) for chunk in expected.chunks
    ]
    whole = next(chunk for chunk in result.chunks if chunk.kind == "function")
    assert normalise_function(whole.text) == whole.text


def _render(blocks: list[Block], indent: str, noise: random.Random | None) -> str:
    """Return source text; ``noise`` adds what does not run, None adds nothing and indents by four."""
    lines = []
    for block in blocks:
        if noise:
            lines += noise.choices(["", "   ", f"{indent}# comment", "# 'comment\\", f'{indent}  # def x(): """'], k=noise.randint(0, 2))
        for number, line in enumerate(block.head):
            lead = indent if number == 0 else "" if block.string else _white(noise)
            may_end = not line.endswith("\\") and (not block.string or number == len(block.head) - 1)
            lines.append(lead + line + (_tail(noise) if may_end else ""))
        if block.body:
            inner = indent + (noise.choice([" ", "  ", "    ", "\t"]) if noise else "    ")
            is_documented = noise is not None and block.head[0].startswith(("def", "class", "async")) and noise.random() < 0.5
            lines += [f'{inner}r"""Doc.\n\n  # {indent}\n"""{_tail(noise)}'] if is_documented else []
            lines.append(_render(block.body, inner, noise))
    return "\n".join(lines)


def _white(noise: random.Random | None) -> str:
    return "        " if noise is None else noise.choice(["", " ", "\t", "            "])


def _tail(noise: random.Random | None) -> str:
    return "" if noise is None else noise.choice(["", "", "  ", "  # c", "# 'c", "\t"])
