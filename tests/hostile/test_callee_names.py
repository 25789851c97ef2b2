"""Code that makes it hard to tell what calls what."""

import pytest

from rlm_lsp.chunk.calls import Named, callees


@pytest.mark.parametrize(
    "line", ["for " * 16_000, "x, " * 20_000, "def f(" * 10_000, "self." * 13_000, "def " + " " * 64_000, "(" * 65_000]
)
def test_a_text_is_not_read_again_for_each_of_its_words(line: str) -> None:
    """Names that repeat, calls without end: a text that is read again for each of its words would take minutes."""
    functions = [Named(f"f{i}", f"def f{i}():\n g()\n {line}") for i in range(20)]
    assert callees([*functions, Named("g", "def g(): pass")], "python") == [("def g(): pass",)] * 20 + [()]
