"""The VS Code extension's manifest offers what the server has: every setting with its default, and names that the server knows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rlm_lsp import __version__
from rlm_lsp.config import _READERS, Layer, resolve
from rlm_lsp.lsp.command import COMMANDS

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"
MANIFEST: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text("utf-8"))
PROPERTIES: dict[str, dict[str, Any]] = {
    name.removeprefix("rlm-lsp."): value for name, value in MANIFEST["contributes"]["configuration"]["properties"].items()
}
OF_THE_EXTENSION = {"interpreter", "path", "installFrom", "overBudgetDecorations", "onnxViewer", "trace.server"}
OF_EDITORS = [name for name in _READERS if not name.startswith("onnx-")]  # budgets of networks are the gate's
NOT_SET = ("model", "latency", "peakHeap")  # their defaults stand for nothing


def camel(name: str) -> str:
    return re.sub(r"-(\w)", lambda match: match[1].upper(), name)


def test_every_setting_of_the_server_can_be_set() -> None:
    assert set(PROPERTIES) - OF_THE_EXTENSION == {camel(name) for name in OF_EDITORS}


@pytest.mark.parametrize("name", sorted(camel(name) for name in OF_EDITORS if camel(name) not in NOT_SET))
def test_the_default_that_is_shown_is_the_server_s(name: str) -> None:
    shown, problems = resolve([Layer("flags", {name: PROPERTIES[name]["default"]})])
    assert problems == []
    assert shown == resolve([])[0]


def test_the_server_s_commands_have_the_names_that_the_extension_calls() -> None:
    source = (EXTENSION / "src" / "command_names.ts").read_text("utf-8")
    called = set(re.findall(r'"(rlm-lsp\.\w+)"', source))
    assert called <= set(COMMANDS)
    assert set(COMMANDS) - called == {"rlm-lsp.showLog"}  # the extension has an output channel


def test_extension_and_server_have_one_version() -> None:
    assert MANIFEST["version"] == __version__
