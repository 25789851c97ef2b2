"""window/workDoneProgress: shows what takes longer than half a second, always ends it, and lets the user cancel it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from rlm_lsp.lsp.protocol import RequestError

BEGIN_AFTER_S = 0.5


class Work:
    """One piece of work under way. ``report`` may be called as often as one likes; the client hears of whole percents."""

    def __init__(self) -> None:
        self.message = ""
        self.percentage = 0
        self._changed = asyncio.Event()

    def report(self, message: str, share: float) -> None:
        """Say what is being done, and which share (0 to 1) of all is done."""
        percentage = int(100 * min(max(share, 0.0), 1.0))
        if (message, percentage) != (self.message, self.percentage):
            self.message, self.percentage = message, percentage
            self._changed.set()

    async def wait(self) -> None:
        """Until there is something to say."""
        await self._changed.wait()
        self._changed.clear()


class Progress:
    """Makes pieces of work visible in a client that shows them; in others ``show`` merely runs them."""

    def __init__(self, server: LanguageServer, shown: bool) -> None:
        self._server = server
        self._shown = shown
        self._ids = itertools.count(1)
        self._tasks: dict[types.ProgressToken, asyncio.Task[object]] = {}

    @asynccontextmanager
    async def show(self, title: str) -> AsyncIterator[Work]:
        """Show the body under ``title`` while it runs. The user cancels it by cancelling the running task."""
        work = Work()
        task = asyncio.current_task()
        if not self._shown or task is None:
            yield work
            return
        token = f"rlm-lsp-{next(self._ids)}"
        reporter = asyncio.ensure_future(self._report(token, title, work))
        self._tasks[token] = task
        try:
            yield work
        finally:
            del self._tasks[token]
            reporter.cancel()

    def cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """window/workDoneProgress/cancel. Tokens that are not known, or not any more, are ignored."""
        task = self._tasks.get(params.token)
        if task is not None:
            task.cancel()

    async def _report(self, token: str, title: str, work: Work) -> None:
        await asyncio.sleep(BEGIN_AFTER_S)
        try:
            await self._server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
        except RequestError:
            return  # the client does not want to show it
        begin = types.WorkDoneProgressBegin(title, cancellable=True, message=work.message, percentage=work.percentage)
        self._send(token, begin)
        try:
            while True:
                await work.wait()
                self._send(token, types.WorkDoneProgressReport(cancellable=True, message=work.message, percentage=work.percentage))
        finally:
            self._send(token, types.WorkDoneProgressEnd())

    def _send(self, token: str, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd) -> None:
        self._server.progress(types.ProgressParams(token, value))
