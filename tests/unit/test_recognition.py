"""Which language a file is taken for, where its name does not settle it."""

from __future__ import annotations

import pytest

from rlm_lsp.languages import language_of, language_of_lsp_id

FILES = [
    ("lib/app.js", b"", "javascript"),
    ("lib/app.mjs", b"", "javascript"),
    ("Component.jsx", b"", "javascript"),
    ("bin/tool", b"#!/usr/bin/env node\n", "javascript"),
    ("src/app.ts", b"", "typescript"),
    ("src/App.tsx", b"", "typescript"),
    ("index.php", b"", "php"),
    ("config.inc", b"<?php\nreturn 1;", "php"),
    ("config.inc", b"include 'x.h'", None),
    ("Rakefile", b"", "ruby"),
    ("app.gemspec", b"", "ruby"),
    ("init.lua", b"", "lua"),
    ("tool", b"#!/usr/bin/luajit", "lua"),
    ("Module.pm", b"", "perl"),
    ("script.pl", b"#!/usr/bin/perl -w\n", "perl"),
    ("script.pl", b"use strict;\n", "perl"),
    ("family.pl", b"parent(anna, bob).\n:- initialization(main).\n", None),
    ("basic.t", b"use Test::More;\n", "perl"),
    ("basic.t", b"{ inputs, ... }", None),
    ("run.sh", b"", "bash"),
    ("configure", b"#! /bin/sh\n", "bash"),
    ("PKGBUILD", b"", "bash"),
    ("Main.hs", b"", "haskell"),
    ("lexer.ml", b"", "ocaml"),
    ("lexer.mli", b"", None),
    ("Program.fs", b"", "fsharp"),
    ("Program.fsi", b"", None),
    ("package.lisp", b"", "commonlisp"),
    ("shop.asd", b"", "commonlisp"),
    ("math.cl", b"(in-package :math)\n", "commonlisp"),
    ("kernel.cl", b"__kernel void f() {}\n", None),
    ("Unit1.pas", b"", "pascal"),
    ("Project.dpr", b"", "pascal"),
    ("unit.pp", b"{$mode objfpc}\nunit X;\n", "pascal"),
    ("site.pp", b"class web { package { 'nginx': } }\n", None),
    ("solver.F90", b"", "fortran"),
    ("dscal.f", b"", "fortran"),
]


@pytest.mark.parametrize(("path", "head", "name"), FILES, ids=lambda value: str(value)[:24])
def test_recognition(path: str, head: bytes, name: str | None) -> None:
    found = language_of(path, head)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("lsp_id", "name"),
    [
        ("javascriptreact", "javascript"),
        ("typescriptreact", "typescript"),
        ("shellscript", "bash"),
        ("fsharp", "fsharp"),
        ("lisp", "commonlisp"),
        ("objectpascal", "pascal"),
        ("FortranFreeForm", "fortran"),
    ],
)
def test_editors_names(lsp_id: str, name: str) -> None:
    found = language_of_lsp_id(lsp_id)
    assert found is not None
    assert found.name == name
