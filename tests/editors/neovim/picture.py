"""Makes docs/neovim.png: ``python -m tests.editors.neovim.picture docs/neovim.png``.

A real Neovim runs in tmux with the shipped model and a small project; what tmux has on its screen, colours and all, is drawn by Chromium.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.editors.neovim.driver import PATIENCE_S, Neovim, server_command
from tests.editors.neovim.terminal import Terminal
from tests.editors.processes import until
from tests.lsp.replay import workspace

COLUMNS, LINES = 116, 42
FONT_PX, LINE_PX, COLUMN_PX, MARGIN_PX = 14, 16, 8.43, 14  # DejaVu Sans Mono: 0.602 em a column; no gaps between lines, as in a terminal
SCALE = 2  # pixels a CSS pixel, for sharp letters
BACKGROUND, FOREGROUND = "#14161b", "#e0e2ea"  # of Neovim's own colours

INIT = """
vim.o.number, vim.o.signcolumn, vim.o.laststatus, vim.o.ruler, vim.o.wrap = true, 'yes:1', 0, false, false
vim.o.termguicolors, vim.o.showcmd, vim.o.shortmess = true, false, vim.o.shortmess .. 'FWSs'
vim.diagnostic.config({ virtual_lines = { current_line = true } })
vim.api.nvim_set_hl(0, 'LspInlayHint', { link = 'Comment' })
vim.keymap.set('n', 'K', function()
  vim.lsp.buf.hover({ offset_y = 1, border = 'rounded' }) -- below the line of the diagnostic
end)
"""

_ATTRIBUTES = {"1": "font-weight:bold", "3": "font-style:italic", "4": "text-decoration:underline"}
_ESCAPE = re.compile(r"\x1b\[([0-9;:]*)m")


def main(target: str) -> None:
    """Write the picture to the file ``target``."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "shop")
        workspace.write(folder)
        environment = {**os.environ, "RLM_LSP_CACHE_DIR": str(Path(temporary, "cache"))}
        with (
            Neovim(folder, environment, {"command": server_command()}, INIT) as neovim,
            Terminal(neovim, COLUMNS, LINES, "orders.py") as terminal,
        ):
            screen = _arranged(terminal)
        page = Path(temporary, "screen.html")
        page.write_text(as_html(screen), encoding="utf-8")
        _draw(page, Path(target).resolve())


def _arranged(terminal: Terminal) -> str:
    """Hints, lenses and a broken budget, and the hover of its function."""
    terminal.type("13Gzt30Gw")  # methods above, room for the hover below
    until(lambda: len(re.findall("predicted ~|no prediction", terminal.screen())) == 6, PATIENCE_S, "all lenses")
    until(lambda: "above the budget" in terminal.screen(), PATIENCE_S, "the broken budget")
    terminal.type("K")
    until(lambda: "log scale" in terminal.screen(), PATIENCE_S, "the hover")
    return terminal.screen(colours=True)


def as_html(screen: str) -> str:
    """A page with the screen of a terminal, which says its colours by escape sequences."""
    spans = "".join(f'<span style="{style}">{html.escape(text)}</span>' for style, text in _styled(screen.rstrip("\n")))
    font = f"{FONT_PX}px/{LINE_PX}px 'DejaVu Sans Mono'"
    body = f"margin:0;background:{BACKGROUND};color:{FOREGROUND}"
    return f'<meta charset="utf-8"><body style="{body}"><pre style="font:{font};margin:{MARGIN_PX}px">{spans}</pre>'


def _styled(screen: str) -> Iterator[tuple[str, str]]:
    style: dict[str, str] = {}
    end = 0
    for match in _ESCAPE.finditer(screen):
        if match.start() > end:
            yield _css(style), screen[end : match.start()]
        end = match.end()
        _apply(match[1], style)
    yield _css(style), screen[end:]


def _css(style: dict[str, str]) -> str:
    foreground, background = style.get("38", FOREGROUND), style.get("48", "transparent")
    if "7" in style:
        foreground, background = (BACKGROUND if background == "transparent" else background), foreground
    return ";".join([f"color:{foreground};background:{background}", *(css for code, css in _ATTRIBUTES.items() if code in style)])


def _apply(sequence: str, style: dict[str, str]) -> None:
    """Change ``style`` by the parameters of one SGR sequence, of which tmux passes on true colours and a few attributes."""
    codes = sequence.split(";") if sequence else ["0"]
    while codes:
        code = codes.pop(0)
        if code in ("38", "48", "58") and codes[:1] == ["2"]:
            style[code] = f"rgb({','.join(codes[1:4])})"
            del codes[:4]
        elif code == "0":
            style.clear()
        elif code in ("39", "49", "59"):
            style.pop(str(int(code) - 1), None)
        elif code in ("22", "23", "24", "27"):
            style.pop({"22": "1", "23": "3", "24": "4", "27": "7"}[code], None)
        else:
            style[code.partition(":")[0]] = code  # 4:3 is an underline, too


def _draw(page: Path, target: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is missing: run scripts/install-editors")
    width, height = round(COLUMNS * COLUMN_PX) + 2 * MARGIN_PX, LINES * LINE_PX + 2 * MARGIN_PX
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--force-device-scale-factor={SCALE}"]
    subprocess.run(
        [chromium, *options, f"--window-size={width},{height}", f"--screenshot={target}", page.as_uri()],
        check=True,
        capture_output=True,
        timeout=60,
    )


if __name__ == "__main__":
    main(sys.argv[1])
