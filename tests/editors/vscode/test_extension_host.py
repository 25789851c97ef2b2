"""The extension's own tests (editors/vscode/test/host) inside the real extension host."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.editors.vscode.conftest import Start
from tests.editors.vscode.extension import EXTENSION, npm

SUITES_S = 120


@pytest.fixture(scope="module")
def suites(vsix: Path) -> Path:
    """The folder of the built suites."""
    npm("run", "build-tests")
    return EXTENSION / "out" / "test" / "host"


@pytest.fixture
def workspace(project: Path, suite: str) -> Path:
    """An empty folder, or for the suite ``folders`` two of them."""
    if suite != "folders":
        return project
    for name in ("a", "b"):
        (project / name).mkdir()
    file = project / "two.code-workspace"
    file.write_text(json.dumps({"folders": [{"path": "a"}, {"path": "b"}]}), "utf-8")
    return file


@pytest.mark.parametrize("suite", ["trusted", "untrusted", "folders"])
def test_suite(suite: str, suites: Path, start: Start, chromium: BrowserContext, workspace: Path) -> None:
    code = start(trusted=suite != "untrusted", driver=True)
    page = chromium.new_page()
    said: list[str] = []
    codes: list[int] = []
    page.expose_function("codeAutomationLog", lambda kind, words=(): said.append(f"[{kind}] {' '.join(map(str, words))}"))
    page.expose_function("codeAutomationExit", lambda code, *_: codes.append(code))
    tested = {"extensionDevelopmentPath": str(EXTENSION), "extensionTestsPath": str(suites / f"{suite}.js")}
    try:
        page.goto(code.address(workspace, payload=tested), wait_until="commit")
        deadline = time.monotonic() + SUITES_S
        while not codes and time.monotonic() < deadline:
            page.wait_for_timeout(500)  # and never sleep: the page calls us meanwhile
    finally:
        page.close()
        tests = [line for line in said if "TEST" in line or line.startswith("[error] Error: failed")]
        print("\n".join(tests or said))
    assert codes == [0]
    assert tests
