"""A syntax error takes the function it stands in, and no other."""

from __future__ import annotations

import pytest

from rlm_lsp.chunk import chunk_source

BEFORE = "def a():\n    return 1\n\n"
AFTER = "\ndef c(x):\n    return x\n\nclass K:\n    def m(self):\n        return 2\n\nasync def d():\n    pass\n"
AROUND = ["a", "c", "K.m", "d"]

# broken piece at lines 4..., lines of the problems, names that survive in the piece, whether the module body is still known
BROKEN = {
    "header": ("def b(:\n    x = (1\n    return x\n", [4], [], False),
    "colon missing": ("def b()\n    return 1\n", [4], [], False),
    "call not closed": ("def b(x):\n    y = foo(1, 2\n    return y\n", [5], [], True),
    "dict not closed": ("def b(x):\n    return {1: 2\n", [5], [], True),
    "string not closed": ("def b(x):\n    y = 'abc\n    return y\n", [5], [], True),
    "long string not closed": ("def b(x):\n    y = '''abc\n    return y\n", [5], [], True),
    "condition without colon": ("def b(x):\n    if x\n        return 1\n    return 2\n", [5], [], True),
    "attribute not typed yet": ("def b(x):\n    y = x.\n", [5], [], True),
    "wrong bracket": ("def b(x):\n    y = (a b c ]\n    return\n", [5], [], True),
    "decorated": ("@dec(\n    1,\n)\ndef b(x):\n    for\n", [8], [], True),
    "module level": ("x = {'a': (1,\n", [4], [], False),
    "conflict markers": ("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n", [4], [], False),
    "bare def": ("def \n", [4], [], False),
    "bare class": ("class \n", [4], [], False),
    "stray else": ("else:\n  pass\n", [4], [], False),
    "method": (
        "class B:\n    def p(self):\n        return {1: (\n\n    @dec\n    def q(self): pass\n    def r(self): pass\n",
        [6],
        ["B.q", "B.r"],
        True,
    ),
    "class level": ("class B:\n    z = (1,\n    def q(self):\n        return 2\n", [5], ["B.q"], False),
    "class header": ("class B(:\n    def q(self): return 1\n", [4], [], False),
    "outer": ("def o():\n    x = {1: (\n    def i(): return 1\n", [5], ["o.<locals>.i"], True),
    "inner": ("def o():\n    def i():\n        return {\n    def j(): return 1\n    return j\n", [6], ["o.<locals>.j"], True),
    "two": ("def b(x):\n    y = (\n\ndef e(x):\n    y = [\n", [5, 8], [], True),
    "source in a string": ("def b(x):\n    y = (\n\nTEXT = '''\ndef no():\n    return 1\n'''\n", [5], [], True),
}


@pytest.mark.parametrize(("piece", "lines", "survivors", "has_program"), BROKEN.values(), ids=BROKEN)
def test_the_other_functions_survive(piece: str, lines: list[int], survivors: list[str], has_program: bool) -> None:
    source = (BEFORE + piece + AFTER).encode()
    result = chunk_source(source, "python")
    functions = [chunk for chunk in result.chunks if chunk.kind == "function"]
    assert sorted(chunk.qualified_name for chunk in functions) == sorted(AROUND + survivors)
    assert [(problem.code, problem.line) for problem in result.problems] == [("syntax", line) for line in lines]
    assert any(chunk.kind == "program" for chunk in result.chunks) == has_program
    sound = {chunk.qualified_name: chunk.text for chunk in chunk_source((BEFORE + AFTER).encode(), "python").chunks}
    assert all(chunk.text == sound[chunk.qualified_name] for chunk in functions if chunk.qualified_name in AROUND)
    assert all(source[chunk.name_span.start_byte :].startswith(chunk.qualified_name.split(".")[-1].encode()) for chunk in functions)


@pytest.mark.parametrize("piece", ["    def b(): pass\n", "def b(x):\n", "@dec\n", "def b(x):\n  y = 1\n    z = 2\n"])
def test_what_the_grammar_lets_pass(piece: str) -> None:
    names = {chunk.qualified_name for chunk in chunk_source((BEFORE + piece + AFTER).encode(), "python").chunks}
    assert names >= set(AROUND)


def test_problems_are_few() -> None:
    result = chunk_source(b"def f(x):\n    return )\n\n" * 100 + b"def ok(): pass\n", "python")
    assert [chunk.qualified_name for chunk in result.chunks if chunk.kind == "function"] == ["ok"]
    assert len(result.problems) == 21
    assert result.problems[-1].reason == "and more syntax errors below"
