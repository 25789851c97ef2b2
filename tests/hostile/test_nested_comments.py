"""Comments that open in each other and never end: read to the file's end again and again, they must not outrun the budget."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.parse import all_tools_for
from rlm_lsp.languages import LANGUAGES

BUDGET_S = 0.2
MOST_S = 3.0  # of computing, so that a busy machine does not matter; the parser looks at the clock every hundred steps
CLOSING = {"{": b"}", "(": b")"}  # balanced, the brackets pass the guard on nesting

SHAPES: dict[str, Callable[[bytes, bytes], bytes]] = {
    "one on each line": lambda opens, balance: (opens + balance + b" words\n") * 20_000,
    "behind code": lambda opens, balance: (b"x = 1 " + opens + balance + b"\n") * 20_000,
    "between code": lambda opens, balance: (b"x = 1\n" + opens + balance + b"\n") * 20_000,
    "in a block": lambda opens, balance: (b"f x = do\n  y " + opens + balance + b"\n") * 10_000,
    "many on a line": lambda opens, balance: ((opens + balance) * 100 + b"\n") * 200,
    "as deep as brackets may be": lambda opens, balance: (opens + b"\n") * 990,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", [name for name, language in LANGUAGES.items() if language.block_comment])
def test_the_budget_holds(language: str, shape: str) -> None:
    comment = LANGUAGES[language].block_comment
    assert comment is not None
    source = SHAPES[shape](comment[0].encode(), CLOSING.get(comment[0][0], b""))
    all_tools_for(language)  # what a process loads once counts for no file
    started = time.thread_time()
    result = chunk_source(source, language, budget_s=BUDGET_S)
    assert time.thread_time() - started < MOST_S
    assert {problem.code for problem in result.problems} <= {"syntax", "parse-timeout", "too-deep"}
