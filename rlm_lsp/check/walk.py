"""Which files a command line means: those named, and those found under the folders named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rlm_lsp.chunk.types import Problem
from rlm_lsp.languages import language_name_of, needs_head
from rlm_lsp.notebook import LANGUAGE as NOTEBOOK_LANGUAGE
from rlm_lsp.notebook import is_notebook
from rlm_lsp.predict.engine import SourceFile
from rlm_lsp.predict.source import head, read_source

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SKIPPED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".bzr", "_darcs", "CVS"),
        *("node_modules", "site-packages", "__pycache__", "__pypackages__", ".eggs", ".ipynb_checkpoints"),
        *(".tox", ".nox", ".venv", ".direnv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".pytype", ".hypothesis"),
    }
)
"""Folders whose contents nobody wrote here. A virtual environment is known by its ``pyvenv.cfg``, whatever it is called."""

NETWORK_SUFFIX = ".onnx"

NO_GRAMMAR = Problem("unsupported-language", "No grammar for this kind of file")


@dataclass
class Found:
    """``files`` are sorted by path and each stands once, and so are ``networks``. ``missing`` are named paths where nothing is."""

    files: list[SourceFile] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)  # .onnx files


@dataclass(frozen=True)
class _Ignore:
    """One ``.gitignore`` file: its patterns, and the absolute folder that they are relative to."""

    folder: str
    spec: GitIgnoreSpec


def find_files(paths: Sequence[str], *, notebooks: bool = False) -> Found:
    """Source files at and under ``paths``, ``notebooks`` among them if asked for.

    A path that is named is taken whatever ``.gitignore`` says, and a symbolic link that is named is followed. Under a folder only
    regular files are taken: links are not followed (so there are no loops, and no way out), FIFOs, devices and sockets are
    passed by, and so is what the repository's ``.gitignore`` files exclude.
    """
    found = Found()
    files: dict[str, SourceFile] = {}  # by absolute path
    networks: dict[str, str] = {}
    for named in paths:
        path = os.path.normpath(named)
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116 - names are not always decodable, so paths are str throughout
        except (OSError, ValueError) as error:
            found.missing.append(f"{named}: {getattr(error, 'strerror', None) or error}")
            continue
        if stat.S_ISDIR(mode):
            for file in _walk(path, found.problems, notebooks):
                if isinstance(file, str):
                    networks.setdefault(os.path.abspath(file), file)  # noqa: PTH100
                else:
                    files.setdefault(os.path.abspath(file.path), file)  # noqa: PTH100
        elif stat.S_ISREG(mode) and path.endswith(NETWORK_SUFFIX):
            networks.setdefault(os.path.abspath(path), path)  # noqa: PTH100
        elif stat.S_ISREG(mode):
            language = language_name(path, head(Path(path)), notebooks)
            if language is None:
                found.problems.append((path, NO_GRAMMAR))
            else:
                files.setdefault(os.path.abspath(path), SourceFile(path, language))  # noqa: PTH100
        else:
            found.problems.append((path, Problem("unreadable", "Not a regular file")))
    found.files, found.networks = sorted(files.values()), sorted(networks.values())
    return found


def language_name(path: str, head: bytes, notebooks: bool = True) -> str | None:
    """The language that a file is checked in, by its name and how it begins; a notebook is in that of the cells that are read."""
    if notebooks and is_notebook(path):
        return NOTEBOOK_LANGUAGE
    return language_name_of(path, head)


def _walk(root: str, problems: list[tuple[str, Problem]], notebooks: bool) -> Iterator[SourceFile | str]:
    """Source files under ``root``, and paths of networks, without recursion: trees may be deeper than Python's stack."""
    absolute = os.path.realpath(root)
    ignores = _ignores_above(absolute)
    if _ignored(absolute + os.sep, ignores):
        ignores = ()  # an ignored folder was named, so it is meant
    open_folders = [(root, absolute, ignores)]
    while open_folders:
        folder, real, ignores = open_folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            problems.append((folder, Problem("unreadable", error.strerror or str(error))))
            continue
        names = {entry.name for entry in entries}
        if folder != root and ("pyvenv.cfg" in names or ".git" in names):
            if "pyvenv.cfg" in names:
                continue
            ignores = ()  # a repository in a repository has its own rules
        if ".gitignore" in names:
            ignores = (*ignores, *_read_ignore(real))
        for entry in entries:
            path = entry.name if folder == os.curdir else os.path.join(folder, entry.name)  # noqa: PTH118
            inside = os.path.join(real, entry.name)  # noqa: PTH118
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS and not _ignored(inside + os.sep, ignores):
                    open_folders.append((path, inside, ignores))
            elif entry.is_file(follow_symlinks=False) and not _ignored(inside, ignores):
                if entry.name.endswith(NETWORK_SUFFIX):
                    yield path
                    continue
                language = language_name(path, head(Path(path)) if needs_head(path) else b"", notebooks)
                if language is not None:
                    yield SourceFile(path, language)


def _ignores_above(folder: str) -> tuple[_Ignore, ...]:
    """The ``.gitignore`` files of the folders above ``folder``, from the repository's root down; none outside of a repository."""
    between: list[str] = []
    current = folder
    while not os.path.lexists(os.path.join(current, ".git")):  # noqa: PTH118
        parent = os.path.dirname(current)  # noqa: PTH120
        if parent == current:
            return ()
        between.append(parent)
        current = parent
    return tuple(ignore for parent in reversed(between) for ignore in _read_ignore(parent))


def _read_ignore(folder: str) -> list[_Ignore]:
    """The ``.gitignore`` of a folder; nothing if it has none that can be read."""
    source = read_source(os.path.join(folder, ".gitignore"))  # noqa: PTH118
    if isinstance(source, Problem):
        return []
    from pathspec import GitIgnoreSpec  # 40 ms, and many a tree has no .gitignore

    lines = os.fsdecode(source).splitlines()
    try:
        return [_Ignore(folder, GitIgnoreSpec.from_lines(lines))]
    except ValueError:
        return [_Ignore(folder, GitIgnoreSpec.from_lines(filter(_readable, lines)))]


def _readable(pattern: str) -> bool:
    """Whether this is a pattern at all; git passes over one that is not."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return False
    return True


def _ignored(path: str, ignores: Sequence[_Ignore]) -> bool:
    """What the nearest ``.gitignore`` with an opinion says about an absolute path; a folder's ends with a slash."""
    for ignore in reversed(ignores):
        inner = path[len(ignore.folder) :].lstrip(os.sep).replace(os.sep, "/")
        verdict = ignore.spec.check_file(inner).include
        if verdict is not None:
            return verdict
    return False
