"""Registry of languages: one folder of ``grammars/`` each, described by its ``language.toml`` and ``functions.scm``.

Adding a language takes a folder and no code; ``grammars/README.md`` says how.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any

_SHEBANG = re.compile(rb"#![ \t]*(\S+)((?:[ \t]+\S+)*)")
_VERSION = re.compile(r"[\d.]+$")


@dataclass(frozen=True, slots=True)
class Recovery:
    """How declarations look at the start of a line, for languages whose blocks are indented. Patterns over bytes."""

    declaration: re.Pattern[bytes]
    prefix: re.Pattern[bytes] | None


@dataclass(frozen=True, slots=True)
class Language:
    """Everything the chunker knows about one language; the fields are explained in ``grammars/README.md``."""

    name: str
    grammar: str
    query: str
    suffixes: tuple[str, ...]
    filenames: tuple[str, ...]
    shebangs: tuple[str, ...]
    lsp_ids: tuple[str, ...]
    separator: str
    inside_function: str | None
    program: str
    statement_separator: bytes
    elided_body: str
    empty_body: str
    docstring_start: re.Pattern[bytes] | None
    coding_cookie: re.Pattern[bytes] | None
    blank_line: re.Pattern[bytes] | None
    recovery: Recovery | None


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


def language_of(path: str, first_line: bytes = b"") -> Language | None:
    """Return the language of a file by its name, else by its ending, else by the shebang in its first line."""
    pure = PurePath(path)
    names = _index()
    found = names.get(("filename", pure.name)) or names.get(("suffix", pure.suffix.lower()))
    return found or names.get(("shebang", _interpreter(first_line)))


def language_of_lsp_id(lsp_id: str) -> Language | None:
    """Return the language that an editor calls ``lsp_id`` (the ``languageId`` of an opened document)."""
    return _index().get(("lsp_id", lsp_id))


class _Registry(Mapping[str, Language]):
    """All languages by name; the folders are read at the first use, so that importing this module costs nothing."""

    def __getitem__(self, name: str) -> Language:
        return _load_all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_load_all())

    def __len__(self) -> int:
        return len(_load_all())


LANGUAGES: Mapping[str, Language] = _Registry()


@cache
def _load_all() -> dict[str, Language]:
    languages = {}
    for folder in sorted(files("rlm_lsp.grammars").iterdir(), key=lambda entry: entry.name):
        description = folder / "language.toml"
        if description.is_file():
            query = (folder / "functions.scm").read_text(encoding="utf-8")
            language = parse_language(description.read_text(encoding="utf-8"), query)
            languages[language.name] = language
    return languages


@cache
def _index() -> dict[tuple[str, str], Language]:
    index: dict[tuple[str, str], Language] = {}
    for language in _load_all().values():
        index.update({("filename", name): language for name in language.filenames})
        index.update({("suffix", suffix): language for suffix in language.suffixes})
        index.update({("shebang", name): language for name in language.shebangs})
        index.update({("lsp_id", name): language for name in language.lsp_ids})
    return index


def _interpreter(first_line: bytes) -> str:
    """Return ``python`` for ``#!/usr/bin/env -S FOO=1 python3.11 -u`` and for ``#!/usr/bin/python3``; "" without a shebang."""
    match = _SHEBANG.match(first_line[:512])
    if match is None:
        return ""
    command, arguments = match.group(1).decode("utf-8", "replace"), match.group(2).decode("utf-8", "replace").split()
    if command.endswith("/env"):
        command = next((word for word in arguments if not word.startswith("-") and "=" not in word), "")
    return _VERSION.sub("", command.rsplit("/", 1)[-1])


def _from_tables(table: dict[str, Any], query: str) -> Language:
    """Pop every known key out of ``table``; what is left afterwards is unknown."""
    file_keys, names, text, recovery = table["files"], table["names"], table["text"], table.get("recovery", {})
    return Language(
        name=table.pop("name"),
        grammar=table.pop("grammar"),
        query=query,
        suffixes=tuple(file_keys.pop("suffixes")),
        filenames=tuple(file_keys.pop("filenames")),
        shebangs=tuple(file_keys.pop("shebangs")),
        lsp_ids=tuple(file_keys.pop("lsp_ids")),
        separator=names.pop("separator"),
        inside_function=names.pop("inside_function", None),
        program=names.pop("program"),
        statement_separator=text.pop("statement_separator", "").encode(),
        elided_body=text.pop("elided_body"),
        empty_body=text.pop("empty_body", ""),
        docstring_start=_pattern(text.pop("docstring_start", None)),
        coding_cookie=_pattern(text.pop("coding_cookie", None)),
        blank_line=_pattern(text.pop("blank_line", None)),
        recovery=Recovery(re.compile(recovery.pop("declaration").encode()), _pattern(recovery.pop("prefix", None))) if recovery else None,
    )


def _pattern(source: str | None) -> re.Pattern[bytes] | None:
    return None if source is None else re.compile(source.encode())


def _loads(toml: str) -> dict[str, Any]:
    module = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")  # tomllib came with 3.11
    table: dict[str, Any] = module.loads(toml)
    return table
