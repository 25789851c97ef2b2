"""Source text of packages, read out of wheels: fetched by name and version, never committed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

DISTRIBUTIONS = {"pywt": "pywavelets", "skbio": "scikit_bio", "skrf": "scikit_rf"}
"""The wheel that a package comes in, where it has another name."""


class MissingWheelError(Exception):
    """A wheel is not in the folder; the message says how to get it."""


def fetch(requirements: list[str], folder: Path) -> list[str]:
    """Download pure or Linux x86-64 wheels of ``requirements`` into ``folder``; return those that could not be had."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version", "3.12", "--dest", str(folder)]
    for platform in ("any", "manylinux2014_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64"):
        command += ["--platform", platform]
    return [name for name in requirements if subprocess.run([*command, name], check=False).returncode != 0]


def find(folder: Path, package: str, version: str | None = None) -> Path:
    """Return the wheel of ``package`` in ``folder``.

    Raises:
        MissingWheelError: there is none.
    """
    stem = DISTRIBUTIONS.get(package, package).lower().replace("-", "_")
    for path in sorted(folder.glob("*.whl")):
        name, found, *_ = path.name.split("-")
        if name.lower() == stem and version in (None, found):
            return path
    wanted = f"{package}=={version}" if version else package
    raise MissingWheelError(f"no wheel of {wanted} in {folder}: run python -m rlm_lsp.model.data fetch --wheels {folder}")


def python_files(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path inside the wheel, bytes) of its Python modules, tests left out, in stable order."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            parts = name.lower().split("/")
            is_test = any(part in {"test", "tests", "testing", "testsuite"} for part in parts[:-1]) or parts[-1].startswith(
                ("test_", "conftest")
            )
            if name.endswith(".py") and not is_test:
                yield name, archive.read(name)


def read(wheel: Path, path: str) -> bytes:
    """Return one file of a wheel.

    Raises:
        KeyError: the wheel has no such file.
    """
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(path)
