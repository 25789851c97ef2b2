"""What goes wrong: one message at most, and an editor that goes on."""

from __future__ import annotations

import os
import signal
import sys

from rlm_lsp.chunk import guards
from tests.editors.neovim.conftest import ORDERS, Project, predicted
from tests.editors.neovim.driver import PATIENCE_S, Neovim
from tests.editors.processes import until

STATE = "require('rlm_lsp').state()"


def _reopen(neovim: Neovim) -> None:
    """What a user does who opens more files."""
    for name in ("b.py", "c.py", "orders.py"):
        neovim.press(f":edit {name}<CR>")
        neovim.wait("vim.fs.basename(vim.api.nvim_buf_get_name(0)) == (...) and vim.bo.filetype == 'python'", name)


def test_a_worker_that_is_killed_comes_back_with_its_numbers(orders: Neovim) -> None:
    os.kill(orders.status()["worker"]["pid"], signal.SIGKILL)
    orders.press("GOself.prices = sorted(self.prices)<Esc>")
    until(lambda: (orders.status()["worker"]["state"], orders.status()["worker"]["deaths"]) == ("ready", 1), PATIENCE_S, "a new worker")
    predicted(orders)
    assert orders.told() == []
    assert orders.messages() == ""


def test_a_server_that_is_killed_is_started_again(orders: Neovim) -> None:
    server = orders.status()["server"]["pid"]
    os.kill(server, signal.SIGKILL)
    orders.wait("#vim.lsp.get_clients({ name = 'rlm_lsp' }) == 0")
    orders.wait("(vim.lsp.get_clients({ name = 'rlm_lsp' })[1] or {}).initialized")
    predicted(orders)
    assert len(orders.drawn()) == 4
    assert orders.status()["server"]["pid"] != server
    assert orders.told() == []


def test_no_server_is_said_once(project: Project) -> None:
    neovim = project(command=["no-such-rlm-lsp", "--stdio"]).start("orders.py")
    neovim.wait("#told() > 0")
    _reopen(neovim)
    (told,) = neovim.told()
    assert "pip install rlm-lsp" in told
    assert neovim.lua(f"return {STATE}") == "missing"
    neovim.press(":RlmStatus<CR>")
    assert "missing" in neovim.float()[1]


def test_a_server_that_always_dies_is_given_up_and_said_once(project: Project) -> None:
    neovim = project(command=[sys.executable, "-c", "import sys; sys.exit(3)"]).start("orders.py")
    neovim.wait(f"{STATE} == 'failed'")
    _reopen(neovim)
    (told,) = neovim.told()
    assert "exit code 3" in told
    assert ":RlmRestart" in told
    assert neovim.messages() == told
    neovim.press(":RlmExplain<CR>")
    neovim.wait("#told() == 2")  # who asks is answered


def test_a_program_that_cannot_be_run_is_said_once(project: Project) -> None:
    neovim = project({"orders.py": ORDERS, "server": "#!/no/such/interpreter\n"}, command=["./server"])
    (neovim.folder / "server").chmod(0o755)
    neovim.start("orders.py")
    neovim.wait(f"{STATE} == 'failed'")
    _reopen(neovim)
    assert len(neovim.told()) == 1


def test_a_program_that_is_no_server_is_said_once(project: Project) -> None:
    neovim = project(command=[sys.executable, "-c", "print('Content-Length: 3\\r\\n\\r\\nabc' * 9, flush=True)"]).start("orders.py")
    neovim.wait(f"{STATE} == 'failed'")
    _reopen(neovim)
    assert len(neovim.told()) == 1


def test_it_works_once_what_was_wrong_is_mended(project: Project) -> None:
    neovim = project().start()
    neovim.lua("good = vim.g.rlm_lsp vim.g.rlm_lsp = { command = { ... } }", sys.executable, "-c", "exit(1)")
    neovim.press(":edit orders.py<CR>")
    neovim.wait(f"{STATE} == 'failed'")
    neovim.lua("vim.g.rlm_lsp = good")
    neovim.press(":RlmRestart<CR>")
    predicted(neovim)
    assert len(neovim.told()) == 1


def test_a_huge_file_is_left_alone(project: Project) -> None:
    line = b"x = 1  # as small as a line may be, but there are very many of them in this file\n"
    neovim = project({"huge.py": line * (guards.MAX_BYTES // len(line) + 2), "orders.py": ORDERS}).start("huge.py")
    neovim.wait("vim.bo.filetype == 'python'")
    assert neovim.lua("return #vim.lsp.get_clients({ bufnr = 0, _uninitialized = true })") == 0
    limits = "local a = require('rlm_lsp.attach') return { a.MOST_BYTES, a.MOST_LINES }"
    assert neovim.lua(limits) == [guards.MAX_BYTES, guards.MAX_LINES]
    neovim.press(":edit orders.py<CR>")
    predicted(neovim)
    assert neovim.told() == []


def test_a_binary_file_does_no_harm(project: Project) -> None:
    noise = bytes(range(256)) * 40 + b"\ndef f(x):\n    return x\n"
    neovim = project({"noise.py": noise, "orders.py": ORDERS}).start("noise.py")
    neovim.wait("(vim.lsp.get_clients({ bufnr = 0 })[1] or {}).initialized")
    neovim.press("Goy = f(2)<Esc>:edit! ++bin noise.py<CR>")
    neovim.wait("vim.bo.binary")
    neovim.press(":edit orders.py<CR>")
    predicted(neovim)
    assert neovim.told() == []


def test_a_disk_that_cannot_be_written_costs_nothing_but_the_cache(project: Project) -> None:
    neovim = predicted(project(changes={"RLM_LSP_CACHE_DIR": "/dev/null/cache"}).start("orders.py"))
    assert "cache-not-kept" in neovim.status()["degraded"]
    assert neovim.told() == []
    assert neovim.messages() == ""
