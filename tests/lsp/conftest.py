"""Servers for tests: real processes that speak over real pipes, with a model of random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from rlm_lsp.model.config import Trained
from tests.lsp.session import StdioSession, session
from tests.model.tiny import make_tiny_checkpoint, tiny_config

Start = Callable[..., StdioSession]


@pytest.fixture(scope="session")
def function_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a checkpoint with random weights that, as the shipped one, knows functions and no module bodies."""
    config = replace(tiny_config(), trained=(Trained("python", "function"),))
    return make_tiny_checkpoint(tmp_path_factory.mktemp("model") / "tiny", config)


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
