from __future__ import annotations

import pytest

from rlm_lsp.chunk import Problem, chunk_source, parse, pipeline
from rlm_lsp.languages import parse_language

MODULE = b"""import os
def f(x):
    return x
class C:
    @dec
    def m(self): return 1
"""


def test_chunks_come_in_source_order_with_spans_of_the_file() -> None:
    result = chunk_source(MODULE, "python")
    assert result.problems == ()
    assert [(chunk.kind, chunk.qualified_name, chunk.language) for chunk in result.chunks] == [
        ("program", "<module>", "python"),
        ("function", "f", "python"),
        ("function", "C.m", "python"),
    ]
    sources = [MODULE[chunk.span.start_byte : chunk.span.end_byte] for chunk in result.chunks]
    assert sources[1:] == [b"def f(x):\n    return x", b"@dec\n    def m(self): return 1"]
    names = [MODULE[chunk.name_span.start_byte : chunk.name_span.end_byte] for chunk in result.chunks]
    assert names == [b"", b"f", b"m"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"return x", b"return x + sum(range(x))"),
        (b"return x", b'"""Doc."""\n    def g(): pass\n    return g'),
        (b"return x", b"return (x"),  # broken while it is typed
        (b"(self): return 1", b"(self):\n        pass"),
    ],
)
def test_an_edit_inside_a_function_leaves_the_module_body(old: bytes, new: bytes) -> None:
    before, after = chunk_source(MODULE, "python"), chunk_source(MODULE.replace(old, new), "python")
    assert after.chunks[0].kind == "program"
    assert after.chunks[0].text == before.chunks[0].text


@pytest.mark.parametrize("source", [b"", b"\n\n", b"# c\n", b'"""doc"""\n', b'"a"; "b"', b"\xef\xbb\xbf"])
def test_an_empty_module_has_no_chunk(source: bytes) -> None:
    result = chunk_source(source, "python")
    assert (result.chunks, result.problems) == ((), ())


def test_unsupported_language() -> None:
    assert chunk_source(b"x", "klingon").problems == (Problem("unsupported-language", "no grammar for 'klingon'"),)


def test_byte_offsets_count_in_utf_8() -> None:
    latin = "# coding: latin-1\nx = 'äöü'\ndef f(): pass\n"
    chunk = chunk_source(latin.encode("latin-1"), "python").chunks[1]
    assert latin.encode()[chunk.span.start_byte : chunk.span.end_byte] == b"def f(): pass"


def test_text_is_cut_far_above_what_a_model_reads() -> None:
    source = b"def f():\n" + b"    x = 'abc' * 10\n" * 10_000 + "    y = 'é'\n".encode()
    chunk = chunk_source(source, "python").chunks[1]
    assert len(chunk.text) == 1 << 16
    assert chunk.span.end_byte == len(source) - 1


GO = r"""
(function_declaration name: (identifier) @name body: (block) @body) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [(type_identifier) @qualifier (pointer_type (type_identifier) @qualifier)]))
  name: (field_identifier) @name body: (block) @body) @function
(comment) @comment
(raw_string_literal) @verbatim
(block) @indent
(block "}" @outdent)
(statement_list (_) @line)
(source_file (_) @line)
"""

GO_SOURCE = b"""package main

// Add documents itself.
func Add(a, b int) int { return a + b }

func (s *Stack[T]) Other() {}

func (s *Stack) Push(x int) { // comment
\tif x > 0 {
\t\ts.items = append(s.items, `raw
  kept`)
\t}
\t/* block
\tcomment */
}
"""


def test_another_language_is_data_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    description = """
        name = "small-go"
        grammar = "go"
        files = {suffixes = [".go"], filenames = [], shebangs = [], lsp_ids = ["go"]}
        names = {separator = ".", program = "<file>"}
        text = {elided_body = "{}"}
        """
    small_go = parse_language(description, GO)
    for module in (pipeline, parse):
        monkeypatch.setattr(module, "LANGUAGES", {"small-go": small_go})
    result = chunk_source(GO_SOURCE, "small-go")
    assert [(chunk.qualified_name, chunk.text) for chunk in result.chunks] == [
        ("<file>", "package main\nfunc Add(a, b int) int {}\nfunc (s *Stack[T]) Other() {}\nfunc (s *Stack) Push(x int) {}"),
        ("Add", "func Add(a, b int) int { return a + b }"),
        ("Stack.Push", "func (s *Stack) Push(x int) {\n if x > 0 {\n  s.items = append(s.items, `raw\n  kept`)\n }\n}"),
    ]
    broken = chunk_source(GO_SOURCE + b"\nfunc Broken( {\n", "small-go")
    assert [chunk.qualified_name for chunk in broken.chunks if chunk.kind == "function"] == ["Add", "Stack.Push"]
    assert [problem.code for problem in broken.problems] == ["syntax"]
