"""A project of a few files, open in a Neovim with the client, and the server with the shipped model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.editors.neovim.driver import Neovim, server_command

ORDERS = '''\
"""Orders."""


def pairs(orders):
    found = []
    for a in orders:
        for b in orders:
            if a is not b:
                found.append((a, b))
    return found


class Order:
    def total(self):
        return sum(self.prices)
'''

Project = Callable[..., Neovim]


@pytest.fixture
def project(tmp_path: Path, cli_environment: Mapping[str, str]) -> Iterator[Project]:
    """Writes files, and makes a Neovim for them that is not yet started, in an environment with ``changes``."""
    with ExitStack() as stack:

        def make(
            files: Mapping[str, str | bytes] | None = None, init: str = "", changes: Mapping[str, str] | None = None, **options: Any
        ) -> Neovim:
            folder = tmp_path / "work"
            folder.mkdir()
            for name, content in {"rlm-lsp.toml": "", **(files or {"orders.py": ORDERS})}.items():
                (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            options = {"command": server_command(), **options}
            environment = {**os.environ, **cli_environment, **(changes or {})}
            return stack.enter_context(Neovim(folder, environment, options, init))

        yield make


@pytest.fixture
def bare(project: Project) -> Neovim:
    """No file and so no server, only the client."""
    return project().start()


@pytest.fixture
def orders(project: Project) -> Neovim:
    """``ORDERS``, once everything is known of it."""
    return predicted(project().start("orders.py"))


def predicted(neovim: Neovim, count: int = 2) -> Neovim:
    """Wait for ``count`` hints and lenses with numbers."""
    number = "vim.startswith(hint.inlay_hint.label, '~')"
    neovim.wait(
        f"#vim.tbl_filter(function(hint) return {number} end, vim.lsp.inlay_hint.get({{ bufnr = 0 }})) == (...)",
        count,
    )
    title = "lens.command and vim.startswith(lens.command.title, 'predicted ~')"
    neovim.wait(f"#vim.tbl_filter(function(lens) return {title} end, vim.lsp.codelens.get(0)) == (...)", count)
    return neovim
