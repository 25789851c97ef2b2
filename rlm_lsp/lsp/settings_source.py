"""Where settings come from: flags, initialization options, the editor's configuration, and files that the client watches for us.

Settings are made once for each folder and kept until something changes; nothing is read while a request waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pygls import uris

from rlm_lsp.config import SETTINGS_FILES, Layer, Settings, find_settings, read_settings, resolve
from rlm_lsp.lsp.documents import folder_of

SECTION = "rlm-lsp"
TRUSTED = "trusted"
"""The one initialization option that is no setting: whether the user trusts the workspace (default: yes)."""


class SettingsSource:
    """The settings of every folder. ``report`` gets a line for each thing that is wrong with them, once."""

    def __init__(self, flags: Mapping[str, object], report: Callable[[str], None]) -> None:
        self._flags = Layer("flags", flags)
        self._report = report
        self._reported: set[str] = set()
        self._initialization = Layer("initialization")
        self._editor: dict[str | None, Layer] = {}  # by workspace folder; None: what holds outside of them
        self._folders: tuple[str, ...] = ()
        self._made: dict[tuple[str | None, str | None], Settings] = {}  # by workspace folder and folder
        self.trusted = True

    def initialize(self, options: object, folders: Sequence[str]) -> None:
        """Take what came with ``initialize``. ``folders`` are the workspace folders' paths."""
        values = dict(_section(options))
        self.trusted = values.pop(TRUSTED, True) is not False
        self._initialization = Layer("initialization", values)
        self._folders = tuple(folders)
        self.forget_files()

    @property
    def folders(self) -> tuple[str, ...]:
        """The paths of the workspace folders."""
        return self._folders

    def uri_of(self, folder: str) -> str:
        """A workspace folder as the client calls it."""
        return uris.from_fs_path(folder) or folder

    def change_folders(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """workspace/didChangeWorkspaceFolders."""
        self._folders = tuple(dict.fromkeys([*(folder for folder in self._folders if folder not in removed), *added]))
        self.forget_files()

    def set_editor(self, configuration: Mapping[str | None, Any]) -> None:
        """Replace the editor's configuration: the section "rlm-lsp", by workspace folder, None being the one of no folder."""
        self._editor = {folder: Layer("editor", _section(values)) for folder, values in configuration.items()}
        self.forget_files()

    def forget_files(self) -> None:
        """Make all settings anew when they are asked for."""
        self._made.clear()

    def of(self, path: str | None) -> Settings:
        """The settings for a file, or (None) for what is no file.

        The file's workspace folder decides about the editor's part. Settings files count inside of workspace folders, and everywhere if
        there are none (an editor that was given a single file).
        """
        folder = folder_of(path, self._folders) if path is not None else None
        counts = path is not None and self.trusted and (folder is not None or not self._folders)
        home = str(Path(path).parent) if path is not None and counts else None
        if (folder, home) not in self._made:
            self._made[folder, home] = self._make(folder, home)
        return self._made[folder, home]

    def everywhere(self) -> list[Settings]:
        """All settings in use: those of no file, of the workspace folders, and of every folder that was asked for."""
        made = [self.of(None), *(self.of(str(Path(folder, "file"))) for folder in self._folders)]
        return [*made, *self._made.values()]

    def _make(self, folder: str | None, home: str | None) -> Settings:
        layers = [self._flags, self._initialization]
        problems: list[str] = []
        found = find_settings(Path(home)) if home is not None else None
        if found is not None:
            layer, problems = read_settings(found)
            layers.append(layer)
        layers.append(self._editor.get(folder) or self._editor.get(None) or Layer("editor"))
        settings, wrong = resolve(layers, root=Path(folder) if folder is not None else None)
        for problem in [*problems, *wrong]:
            if problem not in self._reported:
                self._reported.add(problem)
                self._report(f"settings: {problem}")
        return settings


def is_settings_file(path: str | None) -> bool:
    """Whether a change of this file may change settings."""
    return path is not None and Path(path).name in SETTINGS_FILES


def _section(values: object) -> Mapping[str, Any]:
    """What an editor sent as settings: our section, alone or under its name; nothing if it is something else."""
    if not isinstance(values, Mapping):
        return {}
    inner = values.get(SECTION)
    return inner if isinstance(inner, Mapping) else values
