"""Registry of languages: one folder of ``grammars/`` each, described by its ``language.toml`` and ``functions.scm``.

Adding a language takes a folder and no code; ``grammars/README.md`` says how. How files are recognised stands in ``grammars/index.json``
for all languages together, so that a language is read when a function is cut out of it, and not to find out which files there are.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import rlm_lsp.grammars as grammars
from rlm_lsp.chunk.types import ChunkKind

HEAD_BYTES = 1 << 15  # of a file, from which its language can be told where its name does not say

_FOLDER = Path(grammars.__file__).parent
_INHERITS = re.compile(r"; inherits: ([\w, ]+)\n")
_SHEBANG = re.compile(rb"#![ \t]*(\S+)((?:[ \t]+\S+)*)")
_VERSION = re.compile(r"[\d.]+$")


@dataclass(frozen=True, slots=True)
class Recovery:
    """How declarations look at the start of a line, for languages whose blocks are indented. Patterns over bytes."""

    declaration: re.Pattern[bytes]
    prefix: re.Pattern[bytes] | None
    closing: re.Pattern[bytes]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What the parser reads instead of what ``pattern`` matches, in files where ``when`` is found and ``unless`` is not."""

    pattern: re.Pattern[bytes]
    replacement: bytes
    when: re.Pattern[bytes] | None
    unless: re.Pattern[bytes] | None


@dataclass(frozen=True, slots=True)
class Calls:
    """How a function refers to others of its file: see ``chunk/calls.py``."""

    receivers: tuple[str, ...]  # names of the object that a method belongs to
    constructor: str  # what runs when a class is called
    property: re.Pattern[str]  # how a function begins that runs when a member is merely read


@dataclass(frozen=True, slots=True)
class Language:
    """Everything the chunker knows about one language; the fields are explained in ``grammars/README.md``."""

    name: str
    grammars: tuple[str, ...]
    query: str
    suffixes: tuple[str, ...]
    filenames: tuple[str, ...]
    shebangs: tuple[str, ...]
    lsp_ids: tuple[str, ...]
    content: Mapping[str, re.Pattern[bytes]]
    separator: str
    inside_function: str | None
    program: str
    clauses: bool
    name_noise: re.Pattern[str] | None
    reserved: re.Pattern[bytes] | None
    kinds: tuple[tuple[ChunkKind, re.Pattern[bytes]], ...]
    line_comment: str | None
    block_comment: tuple[str, str] | None
    pragma: re.Pattern[bytes] | None
    statement_separator: bytes
    elided_body: str
    empty_body: str
    docstring_start: re.Pattern[bytes] | None
    coding_cookie: re.Pattern[bytes] | None
    blank_line: re.Pattern[bytes] | None
    recovery: Recovery | None
    preprocessor: bool
    rewrites: tuple[Rewrite, ...]
    calls: Calls | None  # None: what a function calls is not told


def parse_language(toml: str, query: str) -> Language:
    """Return the language that ``language.toml`` describes. Raises ValueError for a key that is missing, unknown or malformed."""
    table = _loads(toml)
    try:
        language = _from_tables(table, query)
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise ValueError(f"language.toml: missing or malformed: {error}") from None
    unknown = [name for name, rest in table.items() if rest != {}]
    if unknown:
        raise ValueError(f"language.toml: unknown keys in {', '.join(unknown)}")
    return language


def needs_head(path: str) -> bool:
    """Return whether the beginning of a file decides about its language: it has no ending, or one that means several things."""
    index = _index()
    suffix = _suffix(path)
    if suffix and suffix not in index.ambiguous:
        return False
    return PurePath(path).name not in index.filenames


def language_name_of(path: str, head: bytes = b"") -> str | None:
    """Return the name of a file's language: by the file's name, else by its ending, else by the shebang in its first line.

    ``head`` is how the file begins, up to HEAD_BYTES. Where ``needs_head`` is false it may be left out; where it is true and ``head``
    is left out, the ending's usual language is returned.
    """
    index, name = _index(), PurePath(path).name
    if name in index.filenames:
        return index.filenames[name]
    for language, pattern in index.suffixes.get(_suffix(name), ()):
        if pattern is None or re.search(pattern, head):
            return language
    return index.shebangs.get(_interpreter(head))


def language_of(path: str, head: bytes = b"") -> Language | None:
    """Return the language itself; see ``language_name_of``."""
    name = language_name_of(path, head)
    return None if name is None else LANGUAGES[name]


def language_of_lsp_id(lsp_id: str) -> Language | None:
    """Return the language that an editor calls ``lsp_id`` (the ``languageId`` of an opened document)."""
    name = lsp_ids().get(lsp_id)
    return None if name is None else LANGUAGES[name]


def lsp_ids() -> Mapping[str, str]:
    """Return the names of languages by what editors call them; no language is read for it."""
    return _index().lsp_ids


class _Registry(Mapping[str, Language]):
    """All languages by name; each is read at its first use."""

    def __getitem__(self, name: str) -> Language:
        if name not in self:
            raise KeyError(name)
        return _load(name)

    def __contains__(self, name: object) -> bool:
        return name in _index().names

    def __iter__(self) -> Iterator[str]:
        return iter(_index().names)

    def __len__(self) -> int:
        return len(_index().names)


LANGUAGES: Mapping[str, Language] = _Registry()


@cache
def _load(name: str) -> Language:
    return parse_language((_FOLDER / name / "language.toml").read_text(encoding="utf-8"), _query(name))


def _query(name: str) -> str:
    """Return a language's query behind those that its first line says it inherits."""
    query = (_FOLDER / name / "functions.scm").read_text(encoding="utf-8")
    match = _INHERITS.match(query)
    inherited = [_query(other.strip()) for other in match.group(1).split(",")] if match else []
    return "\n".join([*inherited, query])


def locals_query(name: str) -> str | None:
    """Return a language's query for the names that are a function's own, or ``None`` where nobody wrote one."""
    path = _FOLDER / name / "locals.scm"
    return path.read_text(encoding="utf-8") if name in LANGUAGES and path.is_file() else None


@dataclass(frozen=True, slots=True)
class _Index:
    """Names of languages by what points to them.

    With an ending go patterns for how the file begins (None: whatever it holds). Those that claim an ending by its content alone come
    before the one whose ending it is. ``ambiguous`` are the endings that the content decides about.
    """

    names: dict[str, None]  # in order
    filenames: dict[str, str]
    suffixes: dict[str, list[tuple[str, bytes | None]]]
    ambiguous: frozenset[str]
    shebangs: dict[str, str]
    lsp_ids: dict[str, str]


@cache
def _index() -> _Index:
    tables: dict[str, dict[str, Any]] = json.loads((_FOLDER / "index.json").read_bytes())
    suffixes: dict[str, list[tuple[str, bytes | None]]] = {}
    patterns = {name: {suffix: source.encode() for suffix, source in table.get("content", {}).items()} for name, table in tables.items()}
    for name, table in tables.items():
        for suffix in patterns[name].keys() - set(table["suffixes"]):
            suffixes.setdefault(suffix, []).append((name, patterns[name][suffix]))
    for name, table in tables.items():
        for suffix in table["suffixes"]:
            suffixes.setdefault(suffix, []).append((name, patterns[name].get(suffix)))
    return _Index(
        names=dict.fromkeys(tables),
        filenames={filename: name for name, table in tables.items() for filename in table["filenames"]},
        suffixes=suffixes,
        ambiguous=frozenset(suffix for of_language in patterns.values() for suffix in of_language),
        shebangs={shebang: name for name, table in tables.items() for shebang in table["shebangs"]},
        lsp_ids={lsp_id: name for name, table in tables.items() for lsp_id in table["lsp_ids"]},
    )


def _suffix(path: str) -> str:
    """Return the ending of a path, in lower case; ``PurePath`` would be six times slower, and every file of a tree is asked about."""
    return os.path.splitext(path)[1].lower()  # noqa: PTH122


def _interpreter(head: bytes) -> str:
    """Return ``python`` for ``#!/usr/bin/env -S FOO=1 python3.11 -u`` and for ``#!/usr/bin/python3``; "" without a shebang."""
    match = _SHEBANG.match(head[:512])
    if match is None:
        return ""
    command, arguments = match.group(1).decode("utf-8", "replace"), match.group(2).decode("utf-8", "replace").split()
    if command.endswith("/env"):
        command = next((word for word in arguments if not word.startswith("-") and "=" not in word), "")
    return _VERSION.sub("", command.rsplit("/", 1)[-1])


def _from_tables(table: dict[str, Any], query: str) -> Language:
    """Pop every known key out of ``table``; what is left afterwards is unknown."""
    file_keys, names, text, recovery = table["files"], table["names"], table["text"], table.get("recovery", {})
    block_comment, grammars = text.pop("block_comment", None), table.pop("grammar")
    return Language(
        name=table.pop("name"),
        grammars=(grammars,) if isinstance(grammars, str) else tuple(grammars),
        query=query,
        suffixes=tuple(file_keys.pop("suffixes")),
        filenames=tuple(file_keys.pop("filenames")),
        shebangs=tuple(file_keys.pop("shebangs")),
        lsp_ids=tuple(file_keys.pop("lsp_ids")),
        content={suffix: re.compile(source.encode()) for suffix, source in file_keys.pop("content", {}).items()},
        separator=names.pop("separator"),
        inside_function=names.pop("inside_function", None),
        program=names.pop("program"),
        clauses=names.pop("clauses", False),
        name_noise=re.compile(names.pop("noise")) if "noise" in names else None,
        reserved=_pattern(names.pop("reserved", None)),
        kinds=tuple((kind, re.compile(source.encode())) for kind, source in table.pop("kinds", {}).items()),
        line_comment=text.pop("line_comment", None),
        block_comment=(block_comment[0], block_comment[1]) if block_comment else None,
        pragma=_pattern(text.pop("pragma", None)),
        statement_separator=text.pop("statement_separator", "").encode(),
        elided_body=text.pop("elided_body"),
        empty_body=text.pop("empty_body", ""),
        docstring_start=_pattern(text.pop("docstring_start", None)),
        coding_cookie=_pattern(text.pop("coding_cookie", None)),
        blank_line=_pattern(text.pop("blank_line", None)),
        preprocessor=recovery.pop("preprocessor", False),
        recovery=_recovery(recovery),
        rewrites=tuple(_rewrite(entry) for entry in table.pop("rewrite", [])),
        calls=_calls(table.get("calls", {})),
    )


def _recovery(entry: dict[str, str]) -> Recovery | None:
    if not entry:
        return None
    declaration, closing = re.compile(entry.pop("declaration").encode()), re.compile(entry.pop("closing", r"[)\]}]").encode())
    return Recovery(declaration, _pattern(entry.pop("prefix", None)), closing)


def _rewrite(entry: dict[str, str]) -> Rewrite:
    pattern, replacement = re.compile(entry.pop("pattern").encode()), entry.pop("replacement").encode()
    rewrite = Rewrite(pattern, replacement, _pattern(entry.pop("when", None)), _pattern(entry.pop("unless", None)))
    if entry:
        raise KeyError(", ".join(entry))
    return rewrite


def _calls(entry: dict[str, Any]) -> Calls | None:
    """Pop the keys of a table ``[calls]``, if there is one."""
    if not entry:
        return None
    return Calls(tuple(entry.pop("receivers")), entry.pop("constructor"), re.compile(entry.pop("property")))


def _pattern(source: str | None) -> re.Pattern[bytes] | None:
    return None if source is None else re.compile(source.encode())


def _loads(toml: str) -> dict[str, Any]:
    module = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")  # tomllib came with 3.11
    table: dict[str, Any] = module.loads(toml)
    return table
