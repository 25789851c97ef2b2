"""A window of VS Code in a real browser: what a person sees of it, and what a person does to it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Frame, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

OPENING_S = 120.0
PATIENCE_S = 120.0  # a hang guard, not an expectation
AGAIN_S = 10.0  # a busy workbench may lose a key that is pressed while something else takes the focus
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

    def hover(self, line: int, column: int, *words: str) -> str:
        """The hover of a place, as the keyboard shows it, once it holds ``words``."""

        def complete(seen: Seen) -> bool:
            return bool(seen.hover) and "Loading" not in seen.hover and all(word in seen.hover for word in words)

        return self._by_keys(line, column, ("Control+k", "Control+i"), complete, f"a hover with {words}").hover

    def offer_actions(self, line: int, column: int = 1) -> tuple[str, ...]:
        """The menu of code actions of a place."""
        return self._by_keys(line, column, ("Control+.",), lambda seen: bool(seen.actions), "a menu of code actions").actions

    def choose(self, action: str) -> None:
        """Take an action of the open menu, by the keyboard as it was opened."""
        focused = self.page.locator(".action-widget .monaco-list-row.action.focused")
        offered = self.see().actions
        for _ in offered:
            if focused.inner_text().strip() == action:
                self.press("Enter")
                return
            self.press("ArrowDown")
        raise AssertionError(f"{action!r} is none of {offered}")

    def _by_keys(self, line: int, column: int, keys: tuple[str, ...], holds: Callable[[Seen], bool], what: str) -> Seen:
        """What keys show at a place; they are pressed again when nothing comes of it."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.go_to(line, column)
            self.press(*keys)
            try:
                return self.until(holds, what, AGAIN_S)
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                self.press("Escape")

    def click_lens_of(self, line: int) -> None:
        """Click the lens above a line. One that still only says something is waited for: it cannot be clicked."""
        title = self.until(lambda seen: "predicted" in seen.lenses.get(line, ""), "the lens' number").lenses[line]
        self.page.locator(".codelens-decoration a", has_text=title).first.click()

    def type_in_editor(self, text: str) -> None:
        """Type at the beginning of the active file, as one paste, which no bracket closes by itself."""
        self.press("Control+1", "Control+Home")
        self.page.keyboard.insert_text(text)

    def buttons(self) -> list[str]:
        """The buttons of the message that is shown."""
        return self.page.locator(".notifications-toasts .notification-list-item-buttons-container .monaco-button").all_inner_texts()

    def click_button(self, label: str) -> None:
        """Click a button of the message that is shown."""
        self.page.locator(".notifications-toasts .monaco-button", has_text=label).first.click()

    def terminal(self) -> str:
        """What stands in the terminals."""
        return " ".join(" ".join(self.page.locator(".xterm-rows").all_inner_texts()).split())

    def result_of(self, act: Callable[[], object], heading: str) -> str:
        """The text of the Markdown preview with this heading that something opens; it may take another's place.

        It is done again when nothing comes of it: a line that is drawn anew under the pointer swallows the click.

        Raises:
            AssertionError: it never opens.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            act()
            again = time.monotonic() + AGAIN_S
            while time.monotonic() < again:
                shown = [self._text_of(frame) for frame in self.page.frames]
                found = next((text for text in shown if text.lstrip().startswith(heading)), None)
                if found is not None:
                    return found
                self.wait(SHORT_S)
            seen = self.see()
            assert not seen.toasts, f"no document {heading!r}, but {seen.toasts}"
            assert time.monotonic() < deadline, f"in vain for {PATIENCE_S:.0f} s: the document {heading!r} among {shown}; {seen}"

    @staticmethod
    def _text_of(frame: Frame) -> str:
        """The text of a preview; empty if it is none, or gone."""
        with suppress(PlaywrightError):
            return str(frame.evaluate("document.querySelector('body.vscode-body')?.innerText ?? ''"))
        return ""

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
