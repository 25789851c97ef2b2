"""Fetch the packages whose sources ``second_opinion.py`` counts: ``python -m tests.opinions.fetch FOLDER [LANGUAGE ...]``.

Each language's TOML file names them: ``npm`` and ``pypi`` packages with their version, Debian's binary (``debian``) and source
(``debian-source``) packages. They are unpacked, never built or installed, and never committed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.opinions.sources import LANGUAGES, read

_APT_SOURCES = """\
Types: deb deb-src
URIs: {mirror}
Suites: {suite}
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def fetch(folder: Path, languages: Iterable[str]) -> None:
    """Unpack every package of these languages, and of the tools that give second opinions, below ``folder``. Raises CalledProcessError."""
    wanted = {package for language in languages for package in (*read(language).packages, *read(language).tools)}
    for kind, name in sorted(wanted):
        target = folder / f"{kind}-{name.replace('/', '+')}"
        if target.is_dir():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            _download(kind, name, Path(scratch), folder)
            target.mkdir(parents=True)
            for archive in sorted(Path(scratch).iterdir()):
                _unpack(archive, target)


def _download(kind: str, name: str, into: Path, folder: Path) -> None:
    if kind == "npm":
        _run(["npm", "pack", "--silent", name], into)
    elif kind == "pypi":
        _run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", name], into)
    else:
        command = ["download", name] if kind == "debian" else ["source", "--download-only", name]
        _run(["apt-get", *_apt_options(folder), *command], into)


def _apt_options(folder: Path) -> list[str]:
    """Return options that make apt-get use package lists of its own, with sources, beside the system's."""
    lists = (folder / "apt" / "lists").resolve()
    sources = lists.parent / "debian.sources"
    options = ["-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=-", "-o", f"Dir::State::lists={lists}"]
    if not sources.exists():
        (lists / "partial").mkdir(parents=True)
        system = {
            key: value.split()[0]
            for path in Path("/etc/apt/sources.list.d").glob("*.sources")
            for key, _, value in (line.partition(":") for line in path.read_text().splitlines())
            if value.strip()
        }
        mirror = system["URIs"].removesuffix("-security")
        sources.write_text(_APT_SOURCES.format(mirror=mirror, suite=system["Suites"].removesuffix("-security")))
        _run(["apt-get", *options, "update"], folder)
    return options


def _unpack(archive: Path, target: Path) -> None:
    if archive.suffix == ".deb":
        _run(["dpkg-deb", "-x", str(archive), str(target)], target)
    elif archive.name.endswith((".tgz", ".tar.gz", ".tar.xz", ".tar.bz2")) and ".debian." not in archive.name:
        _run(["tar", "xf", str(archive), "-C", str(target)], target)


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=600)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]), sys.argv[2:] or LANGUAGES)
