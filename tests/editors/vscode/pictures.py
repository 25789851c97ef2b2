"""The pictures of VS Code in docs/: ``python -m tests.editors.vscode.pictures`` (scripts/pictures makes all). A person looks at them."""

from __future__ import annotations

from pathlib import Path

from tests.editors import ROOT
from tests.editors.vscode.extension import on_stage, package
from tests.editors.vscode.window import Window

WIDTH, HEIGHT, SCALE = 1120, 760, 1.5
THEMES = {"light": "Default Light Modern", "dark": "Default Dark Modern"}
SLOW = "duplicate_orders_slow"
BUDGETS = f"""\
[[budgets]]
name = "^{SLOW}$"
latency = "1 us"
"""
SETTINGS = {
    "breadcrumbs.enabled": False,
    "editor.fontFamily": "DejaVu Sans Mono",
    "editor.fontSize": 13,
    "editor.minimap.enabled": False,
    "editor.stickyScroll.enabled": False,
    "explorer.openEditors.visible": 0,
    "rlm-lsp.overBudgetDecorations": True,
    "window.title": "${activeEditorShort} - ${rootName}",
    "workbench.layoutControl.enabled": False,
}


def take(vsix: Path, theme: str, path: Path) -> None:
    """One picture: hints and lenses, a function over its budget, and its hover."""
    settings = {**SETTINGS, "workbench.colorTheme": THEMES[theme]}
    with on_stage(vsix, settings=settings, width=WIDTH, height=HEIGHT, scale=SCALE) as (code, context, workspace):
        folder = workspace / "shop"
        folder.mkdir()
        file = folder / "orders.py"
        file.write_bytes((ROOT / "examples" / "orders.py").read_bytes())
        (folder / "rlm-lsp.toml").write_text(BUDGETS, "utf-8")
        line = next(number for number, text in enumerate(file.read_text("utf-8").splitlines(), 1) if SLOW in text)
        window = Window(context.new_page())
        window.open(code.address(folder, file))
        window.until(lambda seen: seen.hints and "ready" in seen.state, "numbers")
        window.press("Control+b")  # the side bar has nothing to tell
        window.go_to(line)
        window.until(lambda seen: line in seen.squiggles and line in seen.marks, "the broken budget")
        window.hover(line, 8, SLOW, "p10", "p90", "above the budget")
        window.wait(1)
        window.page.screenshot(path=path)


def main() -> None:
    """Take all of them."""
    vsix = package()
    for theme in THEMES:
        take(vsix, theme, ROOT / "docs" / f"vscode-{theme}.png")


if __name__ == "__main__":
    main()
