"""Texts that committed tables only point to: files of other people's repositories, read from local clones by git blob id."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path


class MissingCloneError(FileNotFoundError):
    """A repository that rows point to is not among the clones."""


def git_folder(clones: Path, repository: str) -> Path:
    """Return the git folder of ``owner+name``: a bare clone of that name below ``clones``, or the ``.git`` of one with a work tree.

    Raises:
        MissingCloneError: neither is there.
    """
    for folder in (clones / repository / ".git", clones / repository):
        if (folder / "objects").is_dir():
            return folder
    raise MissingCloneError(f"no clone of {repository.replace('+', '/')} at {clones / repository}")


def read_blobs(clones: Path, repository: str, ids: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of git blobs by id; those the clone does not have (a shallow one lacks history) are left out.

    Raises:
        MissingCloneError: there is no such clone.
        subprocess.CalledProcessError: git could not read it.
    """
    wanted = sorted(set(ids))
    command = ["git", f"--git-dir={git_folder(clones, repository)}", "cat-file", "--batch"]
    output = subprocess.run(command, input="\n".join([*wanted, ""]).encode(), stdout=subprocess.PIPE, check=True).stdout
    found: dict[str, bytes] = {}
    position = 0
    for _ in wanted:
        end = output.index(b"\n", position)
        header = output[position:end].decode().split()  # "<id> blob <bytes>", or "<id> missing"
        position = end + 1
        if header[-1] == "missing":
            continue
        size = int(header[2])
        found[header[0]] = output[position : position + size]
        position += size + 1  # a line feed ends the contents
    return found
