"""What the server tells the client unasked: that answers have changed, and how far long work is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from lsprotocol import types

from rlm_lsp.config import Settings
from rlm_lsp.lsp import progress
from rlm_lsp.lsp.position import TextIndex
from rlm_lsp.lsp.progress import Progress
from rlm_lsp.lsp.protocol import RequestError
from rlm_lsp.lsp.refresh import Refresher
from rlm_lsp.lsp.server import Server
from rlm_lsp.lsp.snapshot import DocumentView, FunctionView, Place, Shown
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput

pytestmark = pytest.mark.asyncio

INTERVAL_S = 0.2
FUNCTION = FunctionView("f", "f", "function", Place(0, 20, 4, 5), ModelInput("python", "function", "def f(): pass"), Shown(None))
VIEW = DocumentView("file:///a.py", 1, "python", None, TextIndex(b"def f(): return 1234"), Settings(), (FUNCTION,))


def view_with(value: float, **changes: Any) -> DocumentView:
    """The view once something is known."""
    known = replace(FUNCTION, shown=Shown(Values([[value] * 3] * 2)))
    return replace(VIEW, functions=(known,), **changes)


class Told:
    """A refresher, and what it sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        surfaces = ("inlay_hints", "code_lens")
        self.refresher = Refresher({name: lambda name=name: self.sent.append(name) for name in surfaces}, INTERVAL_S)  # type: ignore[misc]  # mypy cannot infer the default argument


async def test_a_surface_that_nobody_asked_for_is_not_refreshed() -> None:
    told = Told()
    told.refresher.answered("inlay_hints", VIEW)
    told.refresher.answered("diagnostics", VIEW)  # which this client does not refresh
    told.refresher.changed(view_with(1.0))
    told.refresher.changed(replace(VIEW, uri="file:///b.py"))
    assert told.sent == ["inlay_hints"]
    told.refresher.close()


async def test_what_looks_the_same_is_no_change() -> None:
    told = Told()
    told.refresher.answered("inlay_hints", view_with(1.0))
    told.refresher.changed(view_with(1.0))
    moved = replace(view_with(1.0).functions[0], place=Place(1, 21, 5, 6))
    told.refresher.changed(replace(VIEW, version=2, functions=(moved,)))  # an edit, after which the client asks by itself
    assert told.sent == []
    told.refresher.changed(replace(VIEW, functions=(moved,)))
    assert told.sent == ["inlay_hints"]
    told.refresher.close()


async def test_growing_stale_is_a_change_only_where_there_is_a_number() -> None:
    told = Told()

    def view(values: Values, *, stale: bool) -> DocumentView:
        return replace(VIEW, functions=(replace(FUNCTION, shown=Shown(values, stale)),))

    unknown, known = Values(None, ("untrained-kind", "not trained")), Values([[1.0] * 3] * 2)
    told.refresher.answered("inlay_hints", view(unknown, stale=False))
    told.refresher.changed(view(unknown, stale=True))
    assert told.sent == []
    told.refresher.changed(view(known, stale=True))
    assert told.sent == ["inlay_hints"]
    told.refresher.answered("code_lens", view(known, stale=True))
    told.refresher.changed(view(known, stale=False))
    assert told.sent == ["inlay_hints", "code_lens"]
    told.refresher.close()


async def test_a_function_without_a_number_is_news_for_lenses_only() -> None:
    told = Told()
    uncut = replace(VIEW, functions=())
    for surface in ("inlay_hints", "code_lens"):
        told.refresher.answered(surface, uncut)
    told.refresher.changed(VIEW)
    assert told.sent == ["code_lens"]
    told.refresher.changed(view_with(1.0))  # at once: nothing was sent that it would have to wait for
    assert told.sent == ["code_lens", "inlay_hints"]
    told.refresher.close()


async def test_what_is_offered_is_said_at_once_and_holds_up_no_number() -> None:
    told = Told()
    told.refresher.offered("inlay_hints", [])
    assert told.sent == []
    told.refresher.offered("inlay_hints", [VIEW.uri])
    assert told.sent == ["inlay_hints"]
    told.refresher.answered("inlay_hints", VIEW)
    told.refresher.changed(view_with(1.0))
    assert told.sent == ["inlay_hints"] * 2
    told.refresher.offered("inlay_hints", [VIEW.uri])  # which the client has asked for
    told.refresher.offered("inlay_hints", ["file:///b.py"])  # and which it has not: once the last refresh is a while ago
    assert told.sent == ["inlay_hints"] * 2
    await asyncio.sleep(2 * INTERVAL_S)
    assert told.sent == ["inlay_hints"] * 3
    told.refresher.close()


async def test_many_changes_are_one_refresh_now_and_one_later() -> None:
    told = Told()
    told.refresher.answered("inlay_hints", VIEW)
    for number in range(100):
        told.refresher.changed(view_with(float(number)))
    assert told.sent == ["inlay_hints"]
    await asyncio.sleep(2 * INTERVAL_S)
    assert told.sent == ["inlay_hints"] * 2
    await asyncio.sleep(2 * INTERVAL_S)
    assert told.sent == ["inlay_hints"] * 2
    told.refresher.close()


async def test_a_client_that_has_asked_meanwhile_is_not_told() -> None:
    told = Told()
    told.refresher.answered("inlay_hints", VIEW)
    told.refresher.changed(view_with(1.0))
    told.refresher.changed(view_with(2.0))
    told.refresher.answered("inlay_hints", view_with(2.0))
    await asyncio.sleep(2 * INTERVAL_S)
    assert told.sent == ["inlay_hints"]


async def test_nothing_is_said_of_closed_documents_or_closed_sessions() -> None:
    told = Told()
    told.refresher.answered("inlay_hints", VIEW)
    told.refresher.closed(VIEW.uri)
    told.refresher.changed(view_with(1.0))
    assert told.sent == []
    told.refresher.answered("code_lens", VIEW)
    told.refresher.changed(view_with(1.0))
    told.refresher.changed(view_with(2.0))
    told.refresher.close()
    await asyncio.sleep(2 * INTERVAL_S)
    assert told.sent == ["code_lens"]


async def test_other_settings_are_another_answer() -> None:
    told = Told()
    told.refresher.answered("inlay_hints", view_with(1.0))
    told.refresher.changed(view_with(1.0, settings=Settings(metrics=("latency",))))
    assert told.sent == ["inlay_hints"]
    told.refresher.close()


class Client:
    """Stands in for the server's way to its client."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.created: list[Any] = []
        self.sent: list[Any] = []
        self.refuses = refuses

    async def window_work_done_progress_create_async(self, params: types.WorkDoneProgressCreateParams) -> None:
        if self.refuses:
            raise RequestError(-32601, "no")
        self.created.append(params.token)

    def progress(self, params: types.ProgressParams) -> None:
        assert params.token in self.created
        self.sent.append(params.value)


def kinds(client: Client) -> list[str]:
    return [value.kind for value in client.sent]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "BEGIN_AFTER_S", 0.01)


async def test_short_work_is_not_shown() -> None:
    client = Client()
    async with Progress(client, True).show("work") as work:  # type: ignore[arg-type]  # as much of a server as it needs
        work.report("half", 0.5)
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert client.created == []


@pytest.mark.usefixtures("soon")
async def test_long_work_is_shown_from_begin_to_end() -> None:
    client = Client()
    async with Progress(client, True).show("work") as work:  # type: ignore[arg-type]  # as much of a server as it needs
        while not client.sent:
            await asyncio.sleep(0.01)
        for _ in range(10):
            work.report("half", 0.5)
        while len(client.sent) < 2:
            await asyncio.sleep(0.01)
        work.report("more than all", 7.0)
        while len(client.sent) < 3:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.01)
    assert kinds(client) == ["begin", "report", "report", "end"]
    assert [value.percentage for value in client.sent[:3]] == [0, 50, 100]
    assert client.sent[0].cancellable


@pytest.mark.usefixtures("soon")
async def test_work_that_fails_is_ended() -> None:
    client = Client()

    async def work() -> None:
        async with Progress(client, True).show("work"):  # type: ignore[arg-type]  # as much of a server as it needs
            while not client.sent:
                await asyncio.sleep(0.01)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await work()
    await asyncio.sleep(0.01)
    assert kinds(client) == ["begin", "end"]


@pytest.mark.usefixtures("soon")
async def test_the_user_cancels_work() -> None:
    client = Client()
    shown = Progress(client, True)  # type: ignore[arg-type]  # as much of a server as it needs

    async def work() -> None:
        async with shown.show("work"):
            await asyncio.sleep(60)

    task = asyncio.ensure_future(work())
    while not client.sent:
        await asyncio.sleep(0.01)
    shown.cancel(types.WorkDoneProgressCancelParams("unknown"))
    assert not task.done()
    shown.cancel(types.WorkDoneProgressCancelParams(client.created[0]))
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.01)
    assert kinds(client) == ["begin", "end"]
    shown.cancel(types.WorkDoneProgressCancelParams(client.created[0]))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(("shown", "refuses"), [(False, False), (True, True)])
async def test_a_client_that_shows_no_progress_hears_of_none(shown: bool, refuses: bool) -> None:
    client = Client(refuses=refuses)
    async with Progress(client, shown).show("work") as work:  # type: ignore[arg-type]  # as much of a server as it needs
        work.report("half", 0.5)
        await asyncio.sleep(0.05)
    assert client.sent == []


async def test_what_a_callback_raises_is_logged_without_its_message() -> None:
    server = Server({}, print)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(server.report_loop_error)

    def fail() -> None:
        raise ValueError("s3cret")

    loop.call_soon(fail)
    await asyncio.sleep(0.01)
    loop.set_exception_handler(None)
    [line] = server.log.lines
    assert "ValueError at test_telling.py" in line
    assert "s3cret" not in line
