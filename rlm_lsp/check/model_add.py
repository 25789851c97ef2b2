"""``rlm-lsp model add``: a model for this user, from the hub or from a folder. Nothing in it is run, and no pickle is read."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from rlm_lsp.check.model_download import PINS, Pin, download, pin_of
from rlm_lsp.check.run import OK
from rlm_lsp.check.terminal import say
from rlm_lsp.paths import printable
from rlm_lsp.predict.errors import InputError, ModelFilesError
from rlm_lsp.predict.installed import folder_for, models_folder

DOWNLOAD_BYTES = 800_000_000


def add(repository: str | None, source: Path | None, name: str | None) -> int:
    """Add a model and return the exit code 0.

    ``source`` is a folder in the released layout, or one of our own checkpoint folders; without it ``repository`` is downloaded. Where a
    repository is named, the weights must be those that are pinned for it.

    Raises:
        InputError: nothing is named, the name is taken or cannot be one, a folder cannot be read or written, the hub cannot be reached.
        ModelFilesError: the files are not those of the pin, or not of a layout that is known.
    """
    pin = pin_of(repository) if repository is not None else None
    if source is not None and not source.is_dir():
        raise InputError(f"{printable(str(source))}: {'not a folder' if source.exists() else 'no such folder'}")
    if repository is not None:
        chosen = name or _name_of(repository)
    elif source is not None:
        chosen = name or _name_of(source.resolve().name)
    else:
        raise InputError(f"model add needs a repository ({', '.join(PINS)}) or --from DIR")
    target = folder_for(chosen)
    if target.exists() or target.is_symlink():
        raise InputError(f"{chosen} is there already; rlm-lsp model remove {chosen} makes room for it")
    work = _work_folder()
    try:
        _build(work / "model", chosen, repository, source, pin, work / "snapshot")
        (work / "model").replace(target)
    except OSError as error:
        raise InputError(f"{printable(str(error.filename or work))}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    say(f"added {chosen}: {printable(str(target))}; rlm-lsp model use {chosen} has it answer")
    return OK


def _build(folder: Path, name: str, repository: str | None, source: Path | None, pin: Pin | None, snapshot: Path) -> None:
    """Make the checkpoint in ``folder``; what is downloaded goes through ``snapshot``."""
    from rlm_lsp.model import released
    from rlm_lsp.model.checkpoint import CheckpointError

    try:
        if source is not None and (source / "manifest.json").exists() and pin is None:
            _copy_ours(source, folder)
            return
        if source is None and repository is not None:
            snapshot.mkdir()
            if shutil.disk_usage(snapshot).free < DOWNLOAD_BYTES:
                raise InputError(f"{printable(str(snapshot.parent))}: less than {DOWNLOAD_BYTES // 1_000_000} MB are free there")
            download(repository, released.FILES, snapshot)
        read = released.read_snapshot(source or snapshot, name)
        origin = _check_hashes(read.folder, repository, pin)
        released.convert(read, folder, origin, move=source is None)
    except CheckpointError as error:
        raise ModelFilesError(str(error)) from error


def _check_hashes(folder: Path, repository: str | None, pin: Pin | None) -> str:
    """Where the files come from, in words; raises ModelFilesError where they are not the pinned ones."""
    from rlm_lsp.model.checkpoint import sha256
    from rlm_lsp.model.released import WEIGHTS

    if pin is not None:
        for file, expected in pin.hashes.items():
            found = sha256(folder / file)
            if found != expected:
                raise ModelFilesError(
                    f"{printable(str(folder / file))}: its sha-256 is {found}, that of {repository} is {expected}; get it again, or add it "
                    "without naming the repository if it is your own"
                )
        return f"{repository} at revision {pin.revision}"
    found = sha256(folder / WEIGHTS)
    known = next((repository for repository, known in PINS.items() if known.weights == found), None)
    if known is not None:
        return f"{known} (by the sha-256 of its weights)"
    say(f"these weights are nobody's that is known here (sha-256 {found}); no hash vouches for them")
    return f"a folder given by its user (sha-256 of its weights: {found})"


def _copy_ours(source: Path, folder: Path) -> None:
    """Copy what the manifest of one of our own checkpoint folders lists, after it has been checked."""
    from rlm_lsp.model.checkpoint import MANIFEST, load
    from rlm_lsp.predict.identity import identify_alone

    load(source)
    folder.mkdir()
    for name in (*identify_alone(source).sizes, MANIFEST):
        shutil.copyfile(source / name, folder / name)


def _work_folder() -> Path:
    """A folder beside the added models, so that the finished one is put in its place in one step."""
    models = models_folder()
    try:
        models.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=".adding-", dir=models))
    except OSError as error:
        raise InputError(f"{printable(str(models))}: {error.strerror or error}") from error


def _name_of(text: str) -> str:
    """A model's name out of a repository's or a folder's."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text.rpartition("/")[2]).strip("-.")[:100] or "model"
