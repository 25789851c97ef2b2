"""The extension as its users get it, in VS Codes and windows of the tests' own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Error as PlaywrightError

from rlm_lsp import api
from rlm_lsp.lsp.wording import hint_label
from tests.editors import EDITORS, need
from tests.editors.processes import Group
from tests.editors.vscode.extension import SERVER, package
from tests.editors.vscode.server import Installation, VSCode, user_environment
from tests.editors.vscode.window import Window, browser

FAILURES = EDITORS / "failures"
WINDOWS: list[Window] = []
"""Those that are open now, to be photographed when a test fails."""

Start = Callable[..., VSCode]
Show = Callable[..., Window]
HintsOf = Callable[[str], dict[int, str]]


@pytest.fixture(scope="session")
def installation() -> Installation:
    """VS Code, and what else its tests want."""
    need(shutil.which("npm"), "Node.js")
    need(shutil.which("chromium"), "Chromium")
    found = Installation.find()
    need(found, "VS Code")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def vsix(installation: Installation) -> Path:
    """The extension, packaged."""
    return package()


@pytest.fixture(scope="session")
def extensions(installation: Installation, vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of extensions with ours in it, and no other."""
    folder = tmp_path_factory.mktemp("extensions")
    installation.install_extension(vsix, tmp_path_factory.mktemp("installing"), folder)
    return folder


@pytest.fixture(scope="package")
def chromium(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser. It is left before tests outside of this folder run, since it occupies the thread's event loop."""
    executable = shutil.which("chromium")
    assert executable
    with browser(tmp_path_factory.mktemp("chromium"), executable) as context:
        yield context


@pytest.fixture
def start(installation: Installation, extensions: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts VS Codes for a user with an empty cache and home, and ends them with all that they have started."""
    with _starting(installation, extensions, tmp_path) as begin:
        yield begin


@pytest.fixture
def show(chromium: BrowserContext) -> Iterator[Show]:
    """Opens windows: ``show(code, folder, file...)``. When the test fails they are photographed into ``.editors/failures``."""
    with _showing(chromium) as open_one:
        yield open_one


@pytest.fixture(scope="module")
def start_once(installation: Installation, extensions: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """``start``, for a VS Code that all tests of a module share."""
    with _starting(installation, extensions, tmp_path_factory.mktemp("shared")) as begin:
        yield begin


@pytest.fixture(scope="module")
def show_once(chromium: BrowserContext) -> Iterator[Show]:
    """``show``, for a window that all tests of a module share."""
    with _showing(chromium) as open_one:
        yield open_one


@contextmanager
def _starting(installation: Installation, extensions: Path, folder: Path) -> Iterator[Start]:
    home = folder / "home"
    home.mkdir()
    environment = user_environment(home, folder / "cache")
    groups: list[Group] = []
    with ExitStack() as stack:

        def begin(
            settings: Mapping[str, Any] | None = None,
            machine: Mapping[str, Any] = SERVER,
            trusted: bool = True,
            driver: bool = False,
            **changes: str,
        ) -> VSCode:
            arguments = [*["--disable-workspace-trust"] * trusted, *["--enable-smoke-test-driver"] * driver]
            state = folder / f"vscode{len(groups)}"
            code = VSCode(installation, state, extensions, settings or {}, machine, {**environment, **changes}, *arguments)
            groups.append(code.group)
            return stack.enter_context(code)

        yield begin
    for group in groups:
        assert group.leftovers() == []


@contextmanager
def _showing(chromium: BrowserContext) -> Iterator[Show]:
    opened: list[Window] = []

    def open_one(code: VSCode, folder: Path, *files: Path, **payload: str) -> Window:
        window = Window(chromium.new_page())
        opened.append(window)
        WINDOWS.append(window)
        window.open(code.address(folder, *files, payload=payload), editor=bool(files))
        return window

    try:
        yield open_one
    finally:
        for window in opened:
            WINDOWS.remove(window)
            window.page.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:  # type: ignore[attr-defined]  # pluggy's wrappers have no better type
        name = re.sub(r"\W+", "_", item.name)
        for number, window in enumerate(WINDOWS):
            FAILURES.mkdir(parents=True, exist_ok=True)
            (FAILURES / f"{name}-{number}.console.log").write_text("\n".join(window.console), "utf-8")
            with suppress(PlaywrightError):  # there may be nothing left to be seen
                window.page.screenshot(path=FAILURES / f"{name}-{number}.png")
    return report


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder to open."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[api.Session]:
    """The shipped model by the Python API, to hold the editor's numbers against."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RLM_LSP_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        session = api.Session(jobs=1)
    with session:
        yield session


@pytest.fixture(scope="session")
def hints_of(shipped: api.Session) -> HintsOf:
    """What hints a source text should have, by the line that holds the function's name."""

    def of(text: str) -> dict[int, str]:
        functions = shipped.predict_source(text)
        return {one.line: hint_label(one.answer, stale=False) for one in functions if not isinstance(one.answer, api.Unknown)}

    return of
