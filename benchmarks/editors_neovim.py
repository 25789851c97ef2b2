"""Measures rlm-lsp in Neovim: ``python -m benchmarks.editors_neovim``. The rows go into EDITORS.md.

A headless Neovim with the client of editors/neovim, the shipped model, an empty cache. What is waited for is a number that belongs to the
text as it is, in Neovim's hands; it is looked for every 2 ms by Neovim itself, which says so in a file: to ask
it takes a process each time, and there are two processors for all of them.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from benchmarks.editors_page import record
from tests.editors.neovim.driver import PATIENCE_S, Neovim, server_command
from tests.editors.processes import until

COLD_RUNS, WARM_RUNS, KEYSTROKES = 5, 8, 20
COLD_MS, WARM_MS, KEYSTROKE_MS = 2500, 500, 400  # budgets

SEEN = "seen.txt"

WATCH = """
-- Tells when all hints in sight belong to the text: watch() begins anew; the file has both times, in seconds since 1970.
local begun, seen
local function is_fresh()
  local hints = vim.lsp.inlay_hint.get({ bufnr = 0 })
  return #hints > 0 and vim.iter(hints):all(function(hint) return vim.startswith(hint.inlay_hint.label, '~') end)
end
local function now()
  local seconds, microseconds = vim.uv.gettimeofday()
  return seconds + microseconds / 1e6
end
function _G.watch()
  begun, seen = now(), nil
end
function _G.watch_keys()
  local stale = false
  seen = nil
  vim.api.nvim_buf_attach(0, false, { on_lines = function()
    begun, seen, stale = now(), nil, true
  end })
  _G.is_new = function()
    local hints = vim.lsp.inlay_hint.get({ bufnr = 0 })
    stale = stale and not vim.iter(hints):any(function(hint) return vim.startswith(hint.inlay_hint.label, '≈') end)
    return not stale and is_fresh()
  end
end
vim.uv.new_timer():start(0, 2, vim.schedule_wrap(function()
  if not seen and (_G.is_new or is_fresh)() then
    seen = now()
    local file = assert(io.open(vim.env.RLM_LSP_BENCHMARK_SEEN .. '.partial', 'w'))
    file:write(('%.6f %.6f'):format(begun, seen))
    file:close()
    os.rename(vim.env.RLM_LSP_BENCHMARK_SEEN .. '.partial', vim.env.RLM_LSP_BENCHMARK_SEEN)
  end
end))
watch()
"""

FUNCTIONS = """\
def mean_{n}(xs):
    total = 0
    for x in xs:
        total += x * {n}
    return total / len(xs)


def pairs_{n}(xs):
    return [(a, b) for a in xs for b in xs if a < b + {n}]


def words_{n}(text):
    counts = {{}}
    for word in text.split():
        counts[word] = counts.get(word, 0) + {n}
    return sorted(counts.items(), key=lambda item: -item[1])
"""


def _neovim(folder: Path) -> Neovim:
    environment = {**os.environ, "RLM_LSP_CACHE_DIR": str(folder / "cache"), "RLM_LSP_BENCHMARK_SEEN": str(folder / SEEN)}
    return Neovim(folder, environment, {"command": server_command()}, WATCH)


def _seen(folder: Path, what: str) -> tuple[float, float]:
    """When it was first looked for and when it was there, in seconds since 1970; then it is looked for anew."""
    path = folder / SEEN
    until(path.exists, PATIENCE_S, what)
    begun, seen = path.read_text().split()
    path.unlink()
    return float(begun), float(seen)


def _took(folder: Path, what: str) -> float:
    begun, seen = _seen(folder, what)
    return (seen - begun) * 1000


def cold() -> float:
    """Milliseconds from the start of Neovim, with no server running and nothing in the cache, to the numbers of the file's functions."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "a.py").write_text(FUNCTIONS.format(n=1))
        with _neovim(folder) as neovim:
            begun = time.time()
            neovim.start("a.py")
            return (_seen(folder, "a hint")[1] - begun) * 1000


def warm_and_typing() -> tuple[list[float], list[float]]:
    """Milliseconds from ``:edit`` of another file to its numbers, and from a key typed into a function to its new number."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for n in range(WARM_RUNS + 1):
            (folder / f"{n}.py").write_text(FUNCTIONS.format(n=n + 1))
        with _neovim(folder) as neovim:
            neovim.start("0.py")
            _seen(folder, "the first hint")
            opening = []
            for n in range(1, WARM_RUNS + 1):
                neovim.lua("vim.cmd.edit(...) watch()", f"{n}.py")
                opening.append(_took(folder, "a hint of another file"))
            neovim.lua("watch_keys()")
            neovim.press("4G$a")
            _seen(folder, "the numbers before the first key")
            typing = []
            for n in range(KEYSTROKES):
                neovim.press(str(n % 9 + 1))
                typing.append(_took(folder, "a new hint"))
                time.sleep(1)  # a person reads it
            return opening, typing


def main() -> None:
    """Measure, and write the page."""
    from_nothing = [cold() for _ in range(COLD_RUNS)]
    opening, typing = warm_and_typing()
    record(
        "neovim",
        [
            {"what": "first hint, from the start of Neovim (cold server, empty cache)", "ms": from_nothing, "budget_ms": COLD_MS},
            {"what": "first hint of another file (warm server)", "ms": opening, "budget_ms": WARM_MS},
            {"what": "changed hint after a keystroke", "ms": typing, "budget_ms": KEYSTROKE_MS},
        ],
    )


if __name__ == "__main__":
    main()
