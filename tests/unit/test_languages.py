from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp.chunk.parse import all_tools_for
from rlm_lsp.languages import LANGUAGES, language_of, language_of_lsp_id, needs_head, parse_language

GRAMMARS = Path(__file__).parents[2] / "grammars"

FOUND = {
    "suffix": ("a/b.py", b""),
    "upper case": ("SETUP.PY", b""),
    "file name": ("src/SConstruct", b""),
    "shebang": ("bin/tool", b"#!/usr/bin/python3.11 -u"),
    "env": ("tool", b"#!/usr/bin/env python"),
    "env with options": ("tool", b"#! /usr/bin/env -S A=1 pypy3 -u\n"),
}
NOT_FOUND = {
    "stub": ("b.pyi", b""),
    "other suffix": ("a.txt", b""),
    "a stub, which has no bodies": ("b.pyi", b""),
    "hidden": (".py", b""),
    "other shebang": ("tool", b"#!/bin/klingon"),
    "similar": ("tool", b"#!/usr/bin/pythonista"),
    "bare env": ("tool", b"#!/usr/bin/env"),
    "empty": ("", b""),
    "binary": ("tool", b"#!\xff\xfe"),
}


@pytest.mark.parametrize(("path", "first_line"), FOUND.values(), ids=FOUND)
def test_python_is_found(path: str, first_line: bytes) -> None:
    assert language_of(path, first_line) is LANGUAGES["python"]


@pytest.mark.parametrize(("path", "first_line"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_nothing_is_found(path: str, first_line: bytes) -> None:
    assert language_of(path, first_line) is None


# by name, with what the file holds
NAMED = {
    "c": [("a.c", b""), ("a.h", b"int f(void);\n"), ("a.h", b"")],
    "cpp": [
        *[("a.cc", b""), ("a.cpp", b""), ("A.HPP", b""), ("a.cxx", b""), ("a.ipp", b"")],
        *[("a.h", b"#pragma once\nnamespace a {\n"), ("a.h", b"// -*- C++ -*-\n"), ("a.h", b"#include <vector>\n")],
        *[("a.h", b"  template <class T>\n"), ("a.h", b"class A\n{\n public:\n"), ("a.h", b"void f(std::string);")],
    ],
    "cuda": [("a.cu", b""), ("a.cuh", b"")],
    "csharp": [("A.cs", b""), ("a.csx", b"")],
    "java": [("A.java", b"")],
    "d": [("a.d", b"module a;\nimport b : c;\n"), ("a.d", b'int[string] x = ["a": 1];'), ("a.di", b""), ("a", b"#!/usr/bin/env rdmd\n")],
    "kotlin": [("a.kt", b""), ("build.gradle.kts", b"")],
    "scala": [("A.scala", b""), ("build.sbt", b"")],
    "swift": [("a.swift", b""), ("a", b"#!/usr/bin/swift\n")],
    "go": [("a.go", b"")],
    "rust": [("a.rs", b"")],
}
FOREIGN = {
    "Objective-C": ("a.h", b"#import <A.h>\n@interface A : B\n"),
    "rules of make": ("a.d", b"build/a.o: src/a.c \\\n  src/a.h\n"),
    "rules of make in one line": ("a.d", b"a.o: a.c a.h\n"),
}


@pytest.mark.parametrize(("name", "path", "head"), [(name, *case) for name, cases in NAMED.items() for case in cases])
def test_language_by_name_and_content(name: str, path: str, head: bytes) -> None:
    found = language_of(path, head)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(("path", "head"), FOREIGN.values(), ids=FOREIGN)
def test_an_ending_that_means_something_else(path: str, head: bytes) -> None:
    assert needs_head(path)
    assert language_of(path, head) is None


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_describes_itself(name: str) -> None:
    language = LANGUAGES[name]
    assert name == language.name
    assert language.suffixes
    assert all(language_of_lsp_id(lsp_id) is language for lsp_id in language.lsp_ids)
    assert language.line_comment or language.block_comment  # OCaml knows blocks alone
    assert all_tools_for(name)


def file_keys(path: Path) -> dict[str, Any]:
    """The table ``[files]`` of a language.toml, which has the name of its folder."""
    language = parse_language(path.read_text("utf-8"), "")
    assert language.name == path.parent.name
    content = {suffix: pattern.pattern.decode() for suffix, pattern in language.content.items()}
    table = {name: list(getattr(language, name)) for name in ("suffixes", "filenames", "shebangs", "lsp_ids")}
    return {**table, **({"content": content} if content else {})}


def test_the_index_holds_what_the_folders_say() -> None:
    tables = json.dumps({path.parent.name: file_keys(path) for path in sorted(GRAMMARS.glob("*/language.toml"))}, indent=1) + "\n"
    if os.environ.get("RLM_LSP_WRITE_INDEX"):
        (GRAMMARS / "index.json").write_text(tables, "utf-8")
    assert tables == (GRAMMARS / "index.json").read_text("utf-8"), "RLM_LSP_WRITE_INDEX=1 writes it"


def test_files_are_told_apart_without_reading_a_language() -> None:
    program = (
        "import sys; from rlm_lsp.languages import *; from rlm_lsp.languages import _load;"
        "assert language_name_of('a.h', b'namespace a {') == 'cpp'; assert 'go' in LANGUAGES and 'klingon' not in LANGUAGES;"
        "print(_load.cache_info().currsize, 'tomllib' in sys.modules, LANGUAGES['go'].name, _load.cache_info().currsize)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "0 False go 1\n"


def test_no_other_folder_is_a_language() -> None:
    assert "../grammars/python" not in LANGUAGES
    assert LANGUAGES.get("ecmascript") is None
    with pytest.raises(KeyError):
        LANGUAGES["klingon"]


def test_editors_name() -> None:
    assert language_of_lsp_id("python") is LANGUAGES["python"]
    assert language_of_lsp_id("klingon") is None


@pytest.mark.parametrize(
    "toml",
    [
        "",
        'name = "x"',
        'name = "x"\ngrammar = "x"\nfiles = 3\nnames = 3\ntext = 3',
        "[files]\nsuffixes = []",
    ],
)
def test_incomplete_description(toml: str) -> None:
    with pytest.raises(ValueError, match=r"language\.toml: missing or malformed"):
        parse_language(toml, "")


def test_unknown_key() -> None:
    toml = """
        name = "x"
        grammar = "x"
        surprise = 1
        files = {suffixes = [], filenames = [], shebangs = [], lsp_ids = []}
        names = {separator = "::", program = "<file>"}
        text = {elided_body = "{}"}
        """
    with pytest.raises(ValueError, match="unknown keys in surprise"):
        parse_language(toml, "")
