"""What ``language.toml`` and ``functions.scm`` can say, each on a language made up for it."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_lsp import languages
from rlm_lsp.chunk import Chunk, chunk_source, parse, pipeline
from rlm_lsp.languages import language_of, needs_head, parse_language

DESCRIPTION = """
name = "made-up"
grammar = {grammar}
files = {{suffixes = [".x"], filenames = [], shebangs = [], lsp_ids = []}}
names = {{separator = "::", program = "<file>" {names}}}
text = {{elided_body = "..." {text}}}
{more}
"""


NUMBERS = itertools.count()  # compiled queries are kept by a language's name


def chunks(
    monkeypatch: pytest.MonkeyPatch, grammar: str, query: str, source: str, *, names: str = "", text: str = "", more: str = ""
) -> list[Chunk]:
    language = parse_language(DESCRIPTION.format(grammar=grammar, names=names, text=text, more=more), query)
    language = replace(language, name=f"made-up {next(NUMBERS)}")
    for module in (pipeline, parse):
        monkeypatch.setattr(module, "LANGUAGES", {language.name: language})
    result = chunk_source(source.encode(), language.name)
    assert [problem.reason for problem in result.problems if problem.code != "syntax"] == []
    return list(result.chunks)


def functions(found: list[Chunk]) -> list[tuple[str, str]]:
    return [(chunk.qualified_name, chunk.text) for chunk in found if chunk.kind != "program"]


RUST = """
(function_item name: (identifier) @name body: (block) @body) @function
(impl_item type: (type_identifier) @name) @scope
((impl_item trait: (_) @qualifier type: (type_identifier) @name) @scope (#set! format "<{outer}{name} as {qualifier}>"))
(mod_item name: (identifier) @name) @scope
(attribute_item) @prefix
(source_file (_) @line)
(declaration_list (_) @line)
(declaration_list) @indent
(declaration_list "}" @outdent)
(line_comment) @comment
"""


def test_a_prefix_belongs_to_the_function_right_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "#[a]\n#[b]\n// words\n\nfn f() {}\n#[c] fn g() {}\n#[d]\nstruct S;\nfn h() {}\n"
    found = chunks(monkeypatch, '"rust"', RUST, source)
    assert functions(found) == [("f", "#[a]\n#[b]\nfn f() {}"), ("g", "#[c] fn g() {}"), ("h", "fn h() {}")]
    assert (found[1].span.start_byte, found[1].name_span.start_byte) == (0, source.index("f()"))
    assert found[0].text == "#[a]\n#[b]\nfn f() ...\n#[c] fn g() ...\n#[d]\nstruct S;\nfn h() ..."


def test_a_format_may_enclose_the_names_around(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "mod m { impl A for B { fn f() {} } impl B { fn g() {} } }\nimpl A for B { fn f() {} }"
    names = [
        name for name, _ in functions(chunks(monkeypatch, '"rust"', RUST.replace("(impl_item type", "(impl_item !trait type"), source))
    ]
    assert names == ["<m::B as A>::f", "m::B::g", "<B as A>::f"]


HASKELL = """
(function name: (variable) @name) @function
(signature name: (variable) @name) @prefix
(comment) @comment
(declarations (_) @line)
"""
CLAUSES = "f :: Int -> Int\nf 0 = 1\n-- words\nf n = n * f (n - 1)\n\ng :: Int\n\nh x = x\nf' x = x\nf x = x\n"


def test_adjacent_clauses_are_one_function(monkeypatch: pytest.MonkeyPatch) -> None:
    found = functions(chunks(monkeypatch, '"haskell"', HASKELL, CLAUSES, names=", clauses = true"))
    expected = [("f", "f :: Int -> Int\nf 0 = 1\nf n = n * f (n - 1)"), ("h", "h x = x"), ("f'", "f' x = x"), ("f", "f x = x")]
    assert found == expected
    apart = functions(chunks(monkeypatch, '"haskell"', HASKELL, CLAUSES))
    assert [name for name, _ in apart] == ["f", "f", "h", "f'", "f"]


GO = """
(function_declaration name: (identifier) @name "{" @header) @function
(function_declaration name: (identifier) @name parameters: (_) @header) @function
(comment) @comment
(source_file (_) @line)
(block) @indent
"""


def test_a_header_stands_for_the_body_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    query = GO.split("\n", 2)[2]
    found = chunks(monkeypatch, '"go"', query, "package p\nfunc f(x int) {\n\treturn\n}\nvar x = 1\n")
    assert found[0].text == "package p\nfunc f(x int) ...\nvar x = 1"


def test_a_pragma_is_no_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    query = GO.split("\n", 2)[2]
    source = "package p\n\n// words\n//go:noinline\nfunc f() {\n}\n\n//go:generate x\n\nvar x = 1 // words\n"
    found = chunks(monkeypatch, '"go"', query, source, text=', pragma = "//go:"')
    assert functions(found)[0][1].startswith("//go:noinline\nfunc f() {")
    assert found[0].text == "package p\n//go:noinline\nfunc f() ...\n//go:generate x\nvar x = 1"


def test_a_kind_is_told_from_what_stands_before_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "(function_definition declarator: (_ (identifier) @name) body: (_) @body) @function"
    source = '__global__ void k(int *x) {}\nvoid f(int *x) { g("__global__"); }\n'
    found = chunks(monkeypatch, '"cuda"', query, source, more="[kinds]\nkernel = '__global__'")
    assert [(chunk.qualified_name, chunk.kind) for chunk in found[1:]] == [("k", "kernel"), ("f", "function")]


def test_noise_in_names(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "(function_definition declarator: (_ declarator: (_) @name) body: (_) @body) @function"
    source = "bool A ::\n  operator  == (A b) {}\nA::operator const  char*() {}\n"
    found = chunks(monkeypatch, '"cpp"', query, source, names=", noise = ' (?=::)|(?<=::) |(?<=operator) (?=\\W)'")
    assert [name for name, _ in functions(found)] == ["A::operator=="]


@pytest.mark.parametrize(("body", "has_program"), [("return (1", True), ("return 1) ", True), ("", True)])
def test_an_error_inside_a_body_leaves_the_module_body(monkeypatch: pytest.MonkeyPatch, body: str, has_program: bool) -> None:
    found = chunks(monkeypatch, '"rust"', RUST, f"fn f() {{ {body} }}\nfn g() {{}}\n")
    assert ("<file>" in [chunk.qualified_name for chunk in found]) == has_program
    assert "g" in [chunk.qualified_name for chunk in found]


def test_an_error_between_functions_breaks_the_module_body(monkeypatch: pytest.MonkeyPatch) -> None:
    found = chunks(monkeypatch, '"rust"', RUST, "fn f() {}\nlet let let\nfn g() {}\n")
    assert [chunk.qualified_name for chunk in found] == ["f", "g"]


def test_a_language_of_two_grammars(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "(function_declaration name: (identifier) @name body: (_) @body) @function"
    both = """["typescript", "tsx"]"""
    for source in ("function f() { return <T>x; }", "function f() { return <b>it's</b>; }"):
        assert [name for name, _ in functions(chunks(monkeypatch, both, query, source))] == ["f"]
        assert chunks(monkeypatch, both, query, source + " function g() { return }} ; function h(){}")[-1].qualified_name == "h"
    assert functions(chunks(monkeypatch, '"typescript"', query, "function f() { return <b>it's</b>; }")) == []


def _write_language(folder: Path, name: str, suffixes: list[str], content: dict[str, str]) -> dict[str, object]:
    """Write a language into a folder of grammars and return its entry in the index."""
    files: dict[str, object] = {"suffixes": suffixes, "filenames": ["Make.h"], "shebangs": ["tcc"], "lsp_ids": [], "content": content}
    table = ", ".join(f"{key} = {json.dumps(value)}" for key, value in files.items() if key != "content")
    patterns = ", ".join(f"{json.dumps(suffix)} = {json.dumps(pattern)}" for suffix, pattern in content.items())
    (folder / name).mkdir()
    (folder / name / "language.toml").write_text(
        f'name = "{name}"\ngrammar = "c"\nfiles = {{{table}, content = {{{patterns}}}}}\n'
        'names = {separator = "::", program = "<file>"}\ntext = {elided_body = "..."}\n'
    )
    (folder / name / "functions.scm").write_text("")
    return files


def test_an_ending_that_means_several_languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    index = {
        "c": _write_language(tmp_path, "c", [".c", ".h"], {".h": r"\A(?!@interface)"}),
        "cpp": _write_language(tmp_path, "cpp", [".cc"], {".h": r"(?m)^class\b"}),
    }
    (tmp_path / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(languages, "_FOLDER", tmp_path)
    languages._index.cache_clear()
    languages._load.cache_clear()
    try:
        small, large = languages.LANGUAGES["c"], languages.LANGUAGES["cpp"]
        assert (small.name, large.name) == ("c", "cpp")
        expected = {b"int x;\nclass A;": large, b"int x;": small, b"": small, b"@interface A": None, b"#!/usr/bin/tcc\n": small}
        assert {head: language_of("a.h", head) for head in expected} == expected
        assert [language_of("a.c", b"class A;"), language_of("a.cc")] == [small, large]
        assert [path for path in ("a.h", "a.H", "b", "a.c", "Make.h", "x/Make.h") if needs_head(path)] == ["a.h", "a.H", "b"]
    finally:
        languages._index.cache_clear()
        languages._load.cache_clear()
