"""Which files differ from a base, and what stood in them: a commit on one side; the work tree or the index on the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rlm_lsp.check.options import CheckOptions
from rlm_lsp.check.sources import modules_of
from rlm_lsp.check.walk import language_name
from rlm_lsp.chunk.types import Problem
from rlm_lsp.git import HEAD, Entry, GitError, Repository, blob_id, repository_of
from rlm_lsp.predict.engine import SourceFile
from rlm_lsp.predict.source import read_source

FROM_REF, TO_REF = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"


@dataclass(frozen=True)
class Version:
    """A file, or a notebook's cell, as it was or is: the path to show, its language and content."""

    path: str
    language: str
    content: bytes
    cell: int = 0


@dataclass(frozen=True)
class Base:
    """What is compared with: ``commit`` is an id (None: nothing was there before the first commit), ``label`` says it to a person."""

    repository: Repository
    commit: str | None
    label: str
    index: Mapping[str, Entry] | None  # what is staged, if that is what is checked
    read_work_tree: Callable[[str], bytes | Problem] = read_source

    def has(self, path: str) -> bool:
        """Whether a file is there to be checked."""
        return self.index is None or self.repository.inner(path) in self.index

    def read(self, path: str) -> bytes | Problem:
        """The content of a file as it is to be checked."""
        content = self.read_work_tree(path)
        if self.index is None:
            return content
        entry = self.index[self.repository.inner(path) or ""]
        if isinstance(content, bytes) and blob_id(content, entry.blob) == entry.blob:
            return content  # as nearly always, and git need not be asked
        staged = self.repository.blobs([entry.blob])[entry.blob]
        return Problem("unreadable", "The repository does not have what is staged") if staged is None else staged


@dataclass(frozen=True)
class Difference:
    """Both sides of every file that differs. ``gone`` are paths of the old side, as shown, that the new side does not have.

    ``elsewhere`` counts files that lie in no repository or another one, and are not compared.
    """

    old: Sequence[Version]
    new: Sequence[Version]
    gone: frozenset[str]
    elsewhere: int


def find_base(
    options: CheckOptions,
    folder: Path,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    read_work_tree: Callable[[str], bytes | Problem] = read_source,
) -> Base | None:
    """What the options, or pre-commit by its environment, ask to compare with; None if nothing does.

    Where pre-commit runs over a range of commits (``--from-ref``, before a push) nothing is staged, so there ``--staged`` alone means the
    range: one hook serves both.

    Raises:
        GitError: what was asked for is not there. What only pre-commit names may be missing, which is said.
    """
    from_ref, to_ref = environ.get(FROM_REF), environ.get(TO_REF)
    if options.base is None and from_ref and to_ref:
        try:
            return replace(_base(_repository(folder), from_ref, to_ref, staged=False), read_work_tree=read_work_tree)
        except GitError as error:
            say(f"nothing is compared: {error}")
            return None
    if options.base is None and not options.staged:
        return None
    return replace(_base(_repository(folder), options.base, HEAD, staged=options.staged), read_work_tree=read_work_tree)


def difference(base: Base, files: Iterable[SourceFile], wanted: Callable[[str], bool]) -> Difference:
    """What differs between the base and ``files``, and whatever has vanished since and is ``wanted`` (a path as shown).

    Files are compared by git's ids of their contents, worked out here, and read only where these differ.
    """
    repository = base.repository
    tree = repository.tree(base.commit) if base.commit else {}
    old_entries: list[tuple[str, str, Entry]] = []
    new: list[Version] = []
    names: set[str] = set()
    elsewhere = 0
    roots: dict[str, str | None] = {}
    for file in files:
        folder = os.path.dirname(os.path.abspath(file.path))  # noqa: PTH100, PTH120 - names are not always decodable, so paths are str
        if folder not in roots:
            found = repository_of(folder)
            roots[folder] = found.root if found else None
        inner = repository.inner(file.path)
        if roots[folder] != repository.root or inner is None:
            elsewhere += 1
            continue
        names.add(inner)
        before = tree.get(inner)
        staged = base.index.get(inner) if base.index is not None else None
        if before is not None and staged is not None and staged.blob == before.blob:
            continue
        content = base.read(file.path)
        if isinstance(content, Problem) or (before is not None and blob_id(content, before.blob) == before.blob):
            continue
        new += _versions(file, content)
        if before is not None:
            old_entries.append((file.path, file.language, before))
    gone = _gone(base, tree, names, wanted)
    old_entries += gone
    contents = repository.blobs(entry.blob for _, _, entry in old_entries)
    old = [
        version for path, language, entry in old_entries for version in _versions(SourceFile(path, language), contents[entry.blob] or b"")
    ]
    return Difference(old, new, frozenset(path for path, _, _ in gone), elsewhere)


def _versions(file: SourceFile, content: bytes) -> list[Version]:
    """A file, or the cells of a notebook; nothing for one that cannot be read, which a check tells of on its own."""
    return [
        Version(module.path, module.language, source, module.cell)
        for module, source in modules_of(file, content)
        if not isinstance(source, Problem)
    ]


def _gone(base: Base, tree: Mapping[str, Entry], names: set[str], wanted: Callable[[str], bool]) -> list[tuple[str, str, Entry]]:
    """Files of the base that the new side does not have. A new name that differs in case alone replaces the old one everywhere."""
    replaced = {name.casefold() for name in names - tree.keys()}
    found = []
    for inner, entry in tree.items():
        language = language_name(inner, b"")
        if language is None or inner in names:
            continue
        path = os.path.join(base.repository.root, inner.replace("/", os.sep))  # noqa: PTH118
        there = inner in base.index if base.index is not None else os.path.lexists(path)
        shown = os.path.relpath(path)
        if (not there or inner.casefold() in replaced) and wanted(shown):
            found.append((shown, language, entry))
    return found


def _repository(folder: Path) -> Repository:
    repository = repository_of(folder)
    if repository is None:
        raise GitError(f"{folder}: not inside a git repository, so there is nothing to compare with")
    return repository


def _base(repository: Repository, ref: str | None, tip: str, *, staged: bool) -> Base:
    index = repository.staged() if staged else None
    head = repository.head()
    if ref is None:
        label = "HEAD" if head else "nothing, as there is no commit yet"
        return Base(repository, head, label, index)
    named = repository.commit(ref)
    tip_commit = repository.commit(tip) if tip != HEAD else head
    parted = repository.merge_base(named, tip_commit) if tip_commit else None
    if parted is None or parted == named:
        return Base(repository, named, f"{ref} ({named[:10]})", index)
    return Base(repository, parted, f"{ref} (parted at {parted[:10]})", index)
