"""Servers for tests: real processes that speak over real pipes, with a model of random weights."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from rlm_lsp.lsp import oracle as oracle_module
from tests.lsp.desk import ByHand, Desk, Open
from tests.lsp.session import StdioSession, session
from tests.lsp.world import PATIENCE_S, World

Start = Callable[..., StdioSession]


@pytest.fixture
def start(cli_environment: Mapping[str, str], tmp_path: Path, function_model: Path) -> Iterator[Start]:
    """Starts servers. None of them may show a popup unless a command was told to, which tests do not."""
    with ExitStack() as stack:
        running: list[StdioSession] = []

        def begin(*arguments: str, model: Path = function_model, **environment: str) -> StdioSession:
            server = session({**cli_environment, **environment}, tmp_path, "--stdio", "--model", str(model), *arguments)
            running.append(stack.enter_context(server))
            return running[-1]

        yield begin
        for server in running:
            assert server.said("window/showMessage") == []


@pytest.fixture
def server(start: Start) -> StdioSession:
    """A server before initialize."""
    return start()


@pytest_asyncio.fixture
async def desk(tiny_model: Path) -> AsyncIterator[Open]:
    """Opens desks, and closes them."""
    opened: list[Desk] = []

    def open_one(cache: Path | None = None, model: Path | None = tiny_model, **options: object) -> Desk:
        opened.append(Desk(model, cache, **options))  # type: ignore[arg-type]  # whatever Desk takes
        return opened[-1]

    yield open_one
    for one in opened:
        await one.oracle.close()


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle_module, "Child", ByHand)


@pytest_asyncio.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("rlm_lsp.lsp.state.SPLICE_BUDGET_S", PATIENCE_S)  # a busy machine would leave a splice to the full cut
    world = World()
    yield world
    await world.state.aclose()
