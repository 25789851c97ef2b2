from __future__ import annotations

import pytest

from rlm_lsp.languages import LANGUAGES, language_of, language_of_lsp_id, parse_language

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
    "other shebang": ("tool", b"#!/bin/sh"),
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
