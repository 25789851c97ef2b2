"""Text made to hurt a parser, in every grammar: an answer comes, within the budget of time, and it is never a crash."""

from __future__ import annotations

import time

import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.languages import LANGUAGES

BUDGET_S = 0.2
HANG_S = 100.0  # far above the budget: one step of a parser may overrun it, and the machine may be busy

SHAPES = {
    "calls that never end": b"a(b " * 25_000,
    "nested parentheses": b"(" * 100_000 + b")" * 100_000,
    "nested to the limit": (b"f(" * 900 + b")" * 900 + b"\n") * 20,
    "an unterminated string": b'x = "' + b"word word\n" * 10_000,
    "an unterminated heredoc": b"x = <<EOF\n" + b"word $x ${y} #{z}\n" * 5_000,
    "many unterminated heredocs": b"x <<A <<B <<~C <<<D\n" * 3_000,
    "nested comments": b"(* {- #| /* " * 300,
    "operators alone": b"a < b > c < d > (e) ?. :: -> => |> <- := \n" * 2_000,
    "half functions": b"function f(\ndef f(\nsub f {\nlet f = fun x ->\n(defun f (\nprocedure f(\n" * 1_000,
    "indentation": b"".join(b" " * (i % 400) + b"x = y\n" for i in range(4_000)),
    "text that is no Unicode": bytes(range(128, 256)) * 500,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_comes(language: str, shape: str) -> None:
    started = time.monotonic()
    result = chunk_source(SHAPES[shape], language, budget_s=BUDGET_S)
    assert time.monotonic() - started < HANG_S
    assert "crashed" not in {problem.code for problem in result.problems}
