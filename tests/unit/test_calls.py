"""Which functions of its file a function calls."""

import textwrap

import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.calls import MOST_CALLEES, Named, callees, callees_of, still_called


def called(source: str, language: str = "python") -> dict[str, list[str]]:
    """Names of what each function calls, by its name; functions that call nothing are left out."""
    chunks = chunk_source(textwrap.dedent(source).encode(), language).chunks
    names = {chunk.text: chunk.qualified_name for chunk in chunks}
    return {chunk.qualified_name: [names[text] for text in found] for chunk, found in zip(chunks, callees_of(chunks), strict=True) if found}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): return g()\ndef g(): return 1", {"f": ["g"]}),
        ("def f(): return g() + h() + g()\ndef h(): return 1\ndef g(): return 2", {"f": ["h", "g"]}),
        ("def f(n): return f(n - 1)", {}),
        ("def f(): return g\ndef g(): return 1", {}),
        ("def f(): return m.g()\ndef g(): return 1", {}),
        ("def f(): return x[0].g() + h().g()\ndef g(): return 1\ndef h(): return 2", {"f": ["h"]}),
        ("class A:\n def m(self): return self.n() + n()\n def n(self): return 1\ndef n(): return 2", {"A.m": ["A.n", "n"]}),
        ("class A:\n @classmethod\n def m(cls): return cls.n()\n def n(self): return 1", {"A.m": ["A.n"]}),
        ("class A:\n def n(self): return n(self)\ndef n(x): return 2", {"A.n": ["n"]}),
        ("class A:\n def m(self): return self.p\n @property\n def p(self): return 1", {"A.m": ["A.p"]}),
        ("class A:\n def m(self): return self.p.real\n @functools.cached_property\n def p(self): return 1", {"A.m": ["A.p"]}),
        ("class A:\n def m(self): return self.n\n def n(self): return 1", {}),
        ("class A:\n def m(self): return self.n.real()\n def n(self): return 1", {}),
        ("class A:\n def m(self): return B(1)\nclass B:\n def __init__(self, n): self.n = n", {"A.m": ["B.__init__"]}),
        (
            "class A:\n def m(self):\n  def k(): return self.n()\n  return k()\n def n(self): return 1",
            {"A.m": ["A.n"], "A.m.<locals>.k": ["A.n"]},
        ),
        ("def f():\n def g(): return 1\n def h(): return g()\n return h()", {"f.<locals>.h": ["f.<locals>.g"]}),
        ("def f():\n def g(): return 1\n return g()\ndef g(): return 2", {}),
        ("def f(g): return g()\ndef g(): return 1", {}),
        ("def f(x):\n g = x.best\n return g()\ndef g(): return 1", {}),
        ("def f(x):\n for g in x: g()\ndef g(): return 1", {}),
        ("def f(x):\n with open(x) as g: return g()\ndef g(): return 1", {}),
        ("def f(x):\n B = x.best\n return B()\nclass B:\n def __init__(self): pass", {}),
        ("def f(x):\n if g(x) == 1: return x\ndef g(x): return 1", {"f": ["g"]}),
        (
            "class A:\n @property\n def p(self): return self.n()\n @p.setter\n def p(self, v): pass\n def n(self): return self.p",
            {"A.p": ["A.n"], "A.n": ["A.p"]},
        ),
    ],
)
def test_what_a_function_calls(source: str, expected: dict[str, list[str]]) -> None:
    assert called(source) == expected


def test_a_language_whose_calls_are_not_told_has_none() -> None:
    assert called("function f() { return g() }\nfunction g() { return 1 }", "javascript") == {}
    assert callees_of([]) == []


def test_the_number_of_callees_is_bounded() -> None:
    source = "def f(): return " + "+".join(f"g{i}()" for i in range(40)) + "".join(f"\ndef g{i}(): return {i}" for i in range(40))
    assert called(source) == {"f": [f"g{i}" for i in range(MOST_CALLEES)]}


def test_a_run_of_functions_is_told_what_it_calls_elsewhere() -> None:
    functions = [Named("f", "def f(): return g()"), None, Named("g", "def g(): return f()")]
    assert callees(functions, "python", range(2, 3)) == [("def f(): return g()",)]
    assert callees(functions, "python") == [("def g(): return f()",), (), ("def f(): return g()",)]


def test_what_a_shorter_text_still_calls() -> None:
    g, h = Named("g", "def g(): return 1"), Named("h", "def h(): return 2")
    assert still_called(Named("f", "def f(): return g() + h()"), [g, h], "python") == (g.text, h.text)
    assert still_called(Named("f", "def f(): return h()"), [g, h], "python") == (h.text,)
