"""A window of VS Code in a real browser: what a person sees of it, and what a person does to it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

OPENING_S = 120.0
PATIENCE_S = 60.0  # a hang guard, not an expectation
SHORT_S = 0.05

LOOK = (Path(__file__).parent / "look.js").read_text("utf-8")
CHROMIUM_SWITCHES = (
    "--no-sandbox",  # CI is root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_HINT = re.compile(r"(~|≈ ?)[\d.].*$")


@dataclass(frozen=True)
class Seen:
    """What is on the screen. Lines are those of the margin, from 1; only those on the screen are there."""

    lines: Mapping[int, str]
    lenses: Mapping[int, str]  # by the line that they stand above
    squiggles: Mapping[int, str]  # the worst severity of a line
    status: Mapping[str, str]  # of the status bar's items by their ids, with their icons: "$(shield) ..."
    toasts: tuple[str, ...]
    hover: str
    actions: tuple[str, ...]  # of the open menu of code actions
    marks: tuple[int, ...]  # lines with an icon in the gutter
    tabs: tuple[str, ...]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Seen:
        """From what look.js says."""
        lines, lenses, squiggles = (
            {int(number): text for number, text in found[name].items()} for name in ("lines", "lenses", "squiggles")
        )
        lists = {name: tuple(found[name]) for name in ("toasts", "actions", "marks", "tabs")}
        return cls(lines=lines, lenses=lenses, squiggles=squiggles, status=found["status"], hover=found["hover"], **lists)

    @property
    def hints(self) -> dict[int, str]:
        """The hints that end lines."""
        return {number: match[0] for number, text in self.lines.items() if (match := _HINT.search(text))}

    @property
    def state(self) -> str:
        """What our item of the status bar says; empty if there is none."""
        return self.status.get("rlm-lsp.rlm-lsp.status", "")


class Window:
    """A workbench in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        page.on("console", lambda message: self.console.append(f"[{message.type}] {message.text}"))

    def open(self, address: str, editor: bool = True) -> None:
        """Load the workbench, and wait for the text of a file in it where one is opened."""
        self.page.goto(address, wait_until="domcontentloaded")
        self.page.wait_for_selector(
            ".monaco-editor .view-line" if editor else ".monaco-workbench .statusbar-item", timeout=OPENING_S * 1000
        )

    def see(self) -> Seen:
        """What is on the screen now."""
        return Seen.of(self.page.evaluate(LOOK))

    def until(self, holds: Callable[[Seen], object], what: str, patience_s: float = PATIENCE_S) -> Seen:
        """Look until something holds.

        Raises:
            AssertionError: it never does.
        """
        deadline = time.monotonic() + patience_s
        while True:
            seen = self.see()
            if holds(seen):
                return seen
            assert time.monotonic() < deadline, f"in vain for {patience_s:.0f} s: {what}; on the screen: {seen}"
            self.wait(SHORT_S)

    def until_hint(self, line: int) -> Seen:
        """Look until a line has its hint."""
        return self.until(lambda seen: line in seen.hints, f"a hint in line {line}")

    def wait(self, seconds: float) -> None:
        """Let the page live."""
        self.page.wait_for_timeout(seconds * 1000)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.page.keyboard.type(text)

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor there, and bring it into sight."""
        self.press("Control+1", "Control+g")  # the first group of editors, and its dialogue
        self._fill_in(f":{line}:{column}")
        self.press("Enter")
        self.wait(SHORT_S)

    def run(self, title: str) -> None:
        """Run a command of the palette by its whole title."""
        self.press("F1")
        self._fill_in(f">{title}")
        self.page.locator(".quick-input-list .monaco-list-row", has_text=title).first.click()

    def choose_file(self, name: str) -> None:
        """Type the name of a file of the folder, so that Enter opens it."""
        self.press("Control+p")
        self._fill_in(name)
        self.page.locator(".quick-input-list .monaco-list-row.focused", has_text=name).wait_for(timeout=PATIENCE_S * 1000)

    def open_file(self, name: str) -> None:
        """Open a file of the folder by its name."""
        self.choose_file(name)
        self.press("Enter")
        self.page.wait_for_selector(f'.tab.active[data-resource-name="{name}"]', timeout=PATIENCE_S * 1000)

    def hover(self, line: int, column: int) -> str:
        """The hover of a place, as the keyboard shows it."""
        self.go_to(line, column)
        self.press("Control+k", "Control+i")
        return self.until(lambda seen: seen.hover and "Loading" not in seen.hover, "a hover").hover

    def offer_actions(self, line: int, column: int = 1) -> tuple[str, ...]:
        """The menu of code actions of a place."""
        self.go_to(line, column)
        self.press("Control+.")
        return self.until(lambda seen: seen.actions, "a menu of code actions").actions

    def choose(self, action: str) -> None:
        """Take an action of the open menu, by the keyboard as it was opened."""
        focused = self.page.locator(".action-widget .monaco-list-row.action.focused")
        for _ in self.see().actions:
            if focused.inner_text().strip() == action:
                break
            self.press("ArrowDown")
        self.press("Enter")

    def click_lens_of(self, line: int) -> None:
        """Click the lens above a line."""
        self.page.locator(".codelens-decoration a", has_text=self.see().lenses[line]).first.click()

    def type_in_editor(self, text: str) -> None:
        """Type at the beginning of the active file, as one paste, which no bracket closes by itself."""
        self.press("Control+1", "Control+Home")
        self.page.keyboard.insert_text(text)

    def buttons(self) -> list[str]:
        """The buttons of the message that is shown."""
        return self.page.locator(".notifications-toasts .notification-list-item-buttons-container .monaco-button").all_inner_texts()

    def result_of(self, act: Callable[[], object]) -> str:
        """The text of the Markdown preview that something opens."""
        act()
        outer = self.page.frame_locator("iframe.webview.ready").first
        body = outer.frame_locator("iframe#active-frame").locator("body.vscode-body")
        body.wait_for(state="visible", timeout=PATIENCE_S * 1000)
        return body.inner_text()

    def activation_ms(self, extension: str) -> float:
        """How long the activation of an extension took, as VS Code's own list says."""
        self.run("Developer: Show Running Extensions")
        row = self.page.locator(".runtime-extensions-editor .monaco-list-row", has_text=extension).first
        row.wait_for(timeout=PATIENCE_S * 1000)
        said = row.inner_text()
        found = re.search(r"Activation: (\d+)ms", said)
        assert found, said
        return float(found[1])

    def trust(self) -> None:
        """Say that the folder is to be trusted."""
        self.run("Workspaces: Manage Workspace Trust")
        self.page.locator(".workspace-trust-editor .monaco-button", has_text="Trust").first.click()

    def _fill_in(self, text: str) -> None:
        box = self.page.locator(".quick-input-widget .quick-input-box input")
        box.wait_for(state="visible", timeout=PATIENCE_S * 1000)
        box.fill(text)
        self.wait(SHORT_S)


@contextmanager
def browser(profile: Path, executable: str, width: int = 1280, height: int = 720, scale: float = 1) -> Iterator[BrowserContext]:
    """A headless Chromium with a profile of its own, gone afterwards."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            headless=True,
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            args=list(CHROMIUM_SWITCHES),
        )
        context.set_default_timeout(OPENING_S * 1000)
        try:
            yield context
        finally:
            context.close()
