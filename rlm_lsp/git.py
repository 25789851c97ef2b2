"""What stood in files before, read out of git without trusting the repository.

A repository's configuration can name programs: a file-system monitor, filters, diff drivers, pagers, an ssh command, a credential helper.
So only plumbing is used that runs none of them, on ids instead of paths where there is a choice, with the monitor off, every transport
refused (a partial clone would fetch what it lacks), no shell, no prompt, and a limit of time. Work-tree files are never handed to git: they
are hashed here. ``tests/hostile/test_repository.py`` holds all that against a repository that tries.

Paths are ``str`` as ``os.fsdecode`` makes them, so names that are no Unicode survive.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, cast

from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import RlmLspError
from rlm_lsp.predict.source import READ_LIMIT

TIMEOUT_S = 30.0
HEAD = "HEAD"

_OPTIONS = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",  # a file may be called ":(top)*"
    "GIT_NO_LAZY_FETCH": "1",  # heard by git 2.44 and later; for earlier ones there is the next line
    "GIT_ALLOW_PROTOCOL": "none",  # not a protocol: whatever would be fetched is refused, before ssh or a helper is started
    "LC_ALL": "C",
}
# Of the user's own environment, which is trusted: where configuration is, and where the search for a repository ends.
_KEPT_VARIABLES = ("GIT_CONFIG_", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")
_FILES = (b"100644", b"100755")  # not symbolic links, not submodules


class GitError(RlmLspError):
    """git is missing, refuses, or does not know what was asked for."""


class Entry(NamedTuple):
    """A regular file in a tree or in the index: its path from the repository's root, with slashes, and the id of its content."""

    path: str
    blob: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a work tree, whose topmost folder is ``root``. All methods raise GitError."""

    root: str

    def commit(self, ref: str) -> str:
        """The id of the commit that ``ref`` names.

        Raises:
            GitError: there is none, or ``ref`` is no name of one.
        """
        if not ref or ref.startswith("-") or not ref.isprintable():
            raise GitError(f"{printable(ref)!r} does not name a commit")
        try:
            return self._run("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}").decode("ascii").strip()
        except GitError as error:
            if _is_unknown(error):
                hint = "; this clone is shallow and may lack it" if self.is_shallow() else ""
                raise GitError(f"{ref}: no such commit in {printable(self.root)}{hint}") from None
            raise

    def head(self) -> str | None:
        """The id of the commit that is checked out; None before the first one."""
        try:
            return self._run("rev-parse", "--verify", "--end-of-options", "HEAD^{commit}").decode("ascii").strip()
        except GitError as error:
            if _is_unknown(error):
                return None
            raise

    def is_shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits (their ids); None if there is none here."""
        output = self._run("merge-base", one, other, accept=(0, 1)).decode("ascii").split()
        return output[0] if output else None

    def tree(self, commit: str) -> dict[str, Entry]:
        """All regular files of a commit (its id), by path."""
        return {entry.path: entry for entry in _tree_entries(self._run("ls-tree", "-rz", "--full-tree", commit))}

    def staged(self, environ: Mapping[str, str] = os.environ) -> dict[str, Entry]:
        """All regular files of the index, by path; not those in conflict.

        In a hook that is the index of the commit being made, which may be a temporary one (``git commit FILE``).
        """
        index = {"GIT_INDEX_FILE": environ["GIT_INDEX_FILE"]} if environ.get("GIT_INDEX_FILE") and environ.get("GIT_EXEC_PATH") else {}
        return {entry.path: entry for entry in _index_entries(self._run("ls-files", "-s", "-z", "--full-name", extra=index))}

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes | None]:
        """The contents of blobs by their ids, read through one process; None for what is not here, is no blob, or is very large."""
        contents: dict[str, bytes | None] = {}
        wanted = dict.fromkeys(ids)
        if not wanted:
            return contents  # as before nearly every commit, and a process takes its time
        with self._start("cat-file", "--batch") as process:
            timer = threading.Timer(TIMEOUT_S, process.kill)
            timer.daemon = True
            timer.start()
            writer, reader = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
            try:
                for blob in wanted:
                    os.write(writer.fileno(), blob.encode("ascii") + b"\n")  # unbuffered: nothing is left to be written when git has died
                    contents[blob] = _batch_reply(reader)
            except (OSError, EOFError):
                raise GitError(f"git cat-file ended early in {printable(self.root)}") from None
            finally:
                timer.cancel()
                process.kill()
        return contents

    def blob_at(self, ref: str, path: str) -> bytes | None:
        """The content of the regular file ``path`` (from the root, with slashes) in the commit that ``ref`` names; None if it has none."""
        return self.blob_in(self.commit(ref), path)

    def blob_in(self, commit: str, path: str) -> bytes | None:
        """The same for a commit's id, which saves git a look."""
        output = self._run("ls-tree", "-z", "--full-tree", "--", commit, os.fsencode(path))
        for entry in _tree_entries(output):
            if entry.path == path:
                return self.blobs([entry.blob])[entry.blob]
        return None

    def inner(self, path: str | os.PathLike[str]) -> str | None:
        """``path`` from the root, with slashes; None if it lies outside."""
        folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - a link in the tree is a file of its own, not resolved
        absolute = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
        prefix = self.root.rstrip(os.sep) + os.sep
        return absolute[len(prefix) :].replace(os.sep, "/") if absolute.startswith(prefix) else None

    def _run(self, *arguments: str | bytes, accept: tuple[int, ...] = (0,), extra: Mapping[str, str] | None = None) -> bytes:
        """What a command prints. Raises GitError with git's own first line."""
        try:
            done = subprocess.run(
                [_git(), *_OPTIONS, *arguments],
                cwd=self.root,
                env={**_environment(), **(extra or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GitError(f"git did not answer within {TIMEOUT_S:.0f} s in {printable(self.root)}") from None
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            raise GitError(f"git cannot be run in {printable(self.root)}: {error}") from None
        if done.returncode not in accept:
            lines = done.stderr.decode("utf-8", "replace").splitlines() or [f"exit code {done.returncode}"]
            raise GitError(f"git in {printable(self.root)}: {printable(lines[0])}")
        return done.stdout

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [_git(), *_OPTIONS, *arguments],
                cwd=self.root,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise GitError(f"git cannot be run in {printable(self.root)}: {error}") from None


def repository_of(path: str | os.PathLike[str]) -> Repository | None:
    """The repository in whose work tree a file or folder lies; None if it lies in none. A bare repository has no files, so it is none."""
    folder = os.path.realpath(path)
    while not os.path.lexists(os.path.join(folder, ".git")):  # noqa: PTH118 - a folder, or a file in worktrees and submodules
        parent = os.path.dirname(folder)  # noqa: PTH120
        if parent == folder:
            return None
        folder = parent
    return Repository(folder)


def blob_at_head(path: str | os.PathLike[str]) -> bytes | None:
    """A file's content in the commit that is checked out; None if it lies in no repository, or was not there.

    Raises:
        GitError: git is missing or refuses.
    """
    repository = repository_of(Path(path).parent)
    inner = repository.inner(path) if repository else None
    head = repository.head() if repository and inner else None
    return repository.blob_in(head, inner) if repository and inner and head else None


def blob_id(data: bytes, like: str) -> str:
    """The id that git gives to ``data`` in a repository whose ids look ``like`` that one (SHA-1 or SHA-256)."""
    digest = hashlib.sha256() if len(like) == 64 else hashlib.sha1(usedforsecurity=False)
    digest.update(b"blob %d\0" % len(data))
    digest.update(data)
    return digest.hexdigest()


def _is_unknown(error: GitError) -> bool:
    """Whether git said that a name means nothing to it."""
    return any(text in str(error) for text in ("Needed a single revision", "unknown revision", "bad revision", "ambiguous argument"))


def _git() -> str:
    """The git program, from PATH and never from the current folder."""
    found = shutil.which("git")
    if found is None:
        raise GitError("git is not installed, or not on PATH")
    found = os.path.abspath(found)  # noqa: PTH100
    if os.path.dirname(found) == os.getcwd():  # noqa: PTH109, PTH120
        raise GitError("git is found in the current folder, which is not trusted to hold programs")
    return found


def _environment() -> dict[str, str]:
    """The user's, without what redirects git to other repositories and programs (a hook's ``GIT_DIR``, say)."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(_KEPT_VARIABLES)}
    return {**inherited, **_QUIET}


def _tree_entries(output: bytes) -> Iterator[Entry]:
    """``MODE TYPE ID<tab>PATH<nul>``."""
    for record in output.split(b"\0")[:-1]:
        head, _, path = record.partition(b"\t")
        mode, _, blob = head.split(b" ")
        if mode in _FILES:
            yield Entry(os.fsdecode(path), blob.decode("ascii"))


def _index_entries(output: bytes) -> Iterator[Entry]:
    """``MODE ID STAGE<tab>PATH<nul>``; stages above 0 are the sides of a conflict."""
    for record in output.split(b"\0")[:-1]:
        head, _, path = record.partition(b"\t")
        mode, blob, stage = head.split(b" ")
        if mode in _FILES and stage == b"0":
            yield Entry(os.fsdecode(path), blob.decode("ascii"))


def _batch_reply(reader: IO[bytes]) -> bytes | None:
    """One answer of ``cat-file --batch``: ``ID TYPE SIZE``, the content and a line feed, or ``NAME missing``. Raises EOFError."""
    header = reader.readline()
    if not header:
        raise EOFError
    fields = header.split()
    if len(fields) != 3 or not fields[2].isdigit():
        return None
    size = int(fields[2])
    if size > READ_LIMIT:
        left = size + 1
        while left > 0:
            left -= len(reader.read(min(left, 1 << 20)) or _ended())
        return None
    content = reader.read(size + 1)
    if len(content) <= size:
        raise EOFError
    return content[:-1] if fields[1] == b"blob" else None


def _ended() -> bytes:
    raise EOFError
