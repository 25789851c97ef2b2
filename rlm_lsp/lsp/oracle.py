"""Numbers for whoever wants them, from memory, from disk, or from the model; never late, because nobody waits for them.

Lives on the event loop. The model runs in a process of its own and the cache in a thread; both report back through the loop. An input is
looked up, then queued, then asked, and all who want it share one answer. Few are asked at a time, so that what becomes visible is
next, and an input that nobody wants any more is never asked at all.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from rlm_lsp.lsp.memory import Memory
from rlm_lsp.lsp.news import News
from rlm_lsp.lsp.queue import Job, Priority, Queue
from rlm_lsp.lsp.store import Store
from rlm_lsp.predict.child import Child, ChildStatus
from rlm_lsp.predict.engine import processors
from rlm_lsp.predict.errors import EngineError, QuarantinedError
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.predict.results import Values, from_reply, to_request, unavailable
from rlm_lsp.predict.types import ModelInput

__all__ = ["Oracle", "OracleState", "Priority"]

QUEUE_LIMIT = 4_096
MEMORY_BUDGET = 32_000_000  # bytes of answers that are known without a look into the cache
WINDOW_PER_THREAD = 3  # inputs under way to the model: enough to keep it busy, few enough for what is visible to be next
LOOKED_UP_AT_ONCE = 256
FIRST_RETRY_S = 5.0  # after the process could not be started, doubled each time
LONGEST_RETRY_S = 300.0

StateName = Literal["idle", "loading", "ready", "restarting", "unavailable", "unloaded"]


@dataclass(frozen=True)
class OracleState:
    """How it stands with the predictions, for people."""

    name: StateName
    failure: str  # why it is unavailable
    pid: int | None  # of the model's process
    threads: int
    deaths: int  # of the model's process
    queued: int
    asked: int
    quarantined: int
    remembered: int  # answers in memory
    found: int  # answers that came from the cache on disk
    predicted: int  # answers that came from the model
    cache: Path | None  # None: nothing is kept on disk
    cache_trouble: str
    notices: tuple[str, ...] = ()  # what the model's process had to say to people


@dataclass
class _Call:
    """A ``predict`` that has not returned."""

    answers: asyncio.Future[None]
    missing: set[ModelInput]
    found: dict[ModelInput, Values]

    def take(self, item: ModelInput, values: Values) -> None:
        self.missing.discard(item)
        self.found[item] = values
        if not self.missing and not self.answers.done():
            self.answers.set_result(None)


class Oracle:
    """Predictions by one model, or (``model`` None) the reason ``model_error`` why there are none.

    ``on_values`` is called on the event loop with the owners for whom something new is known. ``log`` gets lines for a person, which never
    hold source text. The model is unloaded when nothing was asked for ``unload_after_s`` seconds. ``threads`` is the number of inputs
    computed at once: half of the processors unless it is given.
    """

    def __init__(
        self,
        model: ModelIdentity | None,
        cache_folder: Path | None,
        *,
        on_values: Callable[[frozenset[str]], None],
        log: Callable[[str], None],
        unload_after_s: float,
        threads: int | None = None,
        model_error: str = "",
    ) -> None:
        self._threads = threads or max(1, processors() // 2)
        self._window = self._threads * WINDOW_PER_THREAD * (8 if model and model.parts else 1)  # a slow one must not hold up the other
        self._model = model
        self._child: Child | None = None
        self._store: Store | None = None
        self._outage: Values | None = None  # what stands in for every number while the model cannot be asked
        if model is None:
            self._outage = unavailable(model_error or "there is no model")
        else:
            arguments = [str(self._threads), *model.worker_folders]
            self._child = Child("model", "rlm_lsp.predict.worker", arguments, window=self._window, idle_s=unload_after_s)
            self._store = Store(model, cache_folder, log)
        self._log = log
        self._memory = Memory(MEMORY_BUDGET, self._is_wanted)
        self._quarantine: dict[ModelInput, Values] = {}
        self._wishes: dict[str, dict[ModelInput, Priority]] = {}  # all that an owner wants, known or not
        self._claims: dict[str, dict[ModelInput, None]] = {}  # of these, what it waits for
        self._jobs: dict[ModelInput, Job] = {}
        self._queue = Queue(QUEUE_LIMIT)
        self._fell_out = False  # some wish has no job because the queue was full
        self._asked = 0
        self._look_ups: set[asyncio.Task[None]] = set()
        self._calls: dict[str, _Call] = {}
        self._call_ids = itertools.count()
        self._news = News(on_values)
        self._retry: asyncio.TimerHandle | None = None  # until then nothing is asked
        self._retry_s = FIRST_RETRY_S
        self._found = self._predicted = 0
        self._awake = self._closed = False

    def wake(self) -> None:
        """Load the model, unless that was done before: whoever opens a file soon wants numbers, and the first takes the longest."""
        if self._child is not None and not (self._awake or self._closed):
            self._awake = True
            self._child.submit(to_request(ModelInput("", "", "")))  # in no language: refused at once, but not before it is loaded

    def known(self, item: ModelInput) -> Values | None:
        """What is known of ``item`` at this moment; while the model cannot be asked, the reason for that. Never waits."""
        return self._answer(item) or self._outage

    def want(self, owner: str, items: Mapping[ModelInput, Priority]) -> None:
        """Have ``items`` predicted, in place of all that ``owner`` wanted before."""
        if self._closed:
            return
        self._wishes[owner] = dict(items)
        self._enlist(owner)
        self._pump()

    def release(self, owner: str) -> None:
        """Let go of all that ``owner`` wanted."""
        self._wishes.pop(owner, None)
        for item in self._claims.pop(owner, {}):
            self._disclaim(owner, item)
        self._news.discard(owner)
        self._pump()

    async def predict(self, items: Sequence[ModelInput], priority: Priority = Priority.VISIBLE) -> list[Values]:
        """What the model says about ``items``, in their order. Where it cannot be asked, values say why; nothing is raised."""
        name = f"predict #{next(self._call_ids)}"  # no document has such an address
        found = {item: values for item in items if (values := self._answer(item)) is not None}
        call = _Call(asyncio.get_running_loop().create_future(), set(items) - found.keys(), found)
        if call.missing and self._store is not None and not self._closed:
            self._calls[name] = call
            self.want(name, dict.fromkeys(call.missing, priority))
            try:
                await call.answers
            finally:
                del self._calls[name]
                self.release(name)
        silence = self._outage or unavailable("the server is about to end")
        return [call.found.get(item, silence) for item in items]

    def state(self) -> OracleState:
        """How it stands, for the status report."""
        child = self._child.status() if self._child else None
        return OracleState(
            name=self._state_name(child),
            failure=(self._outage.unknown or ("", ""))[1] if self._outage else "",
            pid=child.pid if child else None,
            threads=self._threads,
            deaths=child.deaths if child else 0,
            queued=len(self._jobs) - self._asked,
            asked=self._asked,
            quarantined=len(self._quarantine),
            remembered=len(self._memory),
            found=self._found,
            predicted=self._predicted,
            cache=self._store.path if self._store else None,
            cache_trouble=self._store.trouble if self._store else "",
            notices=child.notices if child else (),
        )

    def restart(self) -> None:
        """End the model's process. What it was asked is asked again of a new one; quarantined inputs get another chance."""
        if self._child is None or self._closed:
            return
        self._child.restart()
        self._quarantine.clear()
        self._retry_s = FIRST_RETRY_S
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._ask_again()

    async def clear_cache(self) -> None:
        """Forget all numbers, on disk too, and have those that are wanted predicted anew."""
        if self._store is None or self._closed:
            return
        await self._store.clear()
        self._memory.clear()
        self._ask_again()

    async def close(self) -> None:
        """End the model's process and write what is known to the cache. Everybody who waits is answered."""
        if self._closed:
            return
        self._closed = True
        self._news.close()
        if self._retry is not None:
            self._retry.cancel()
        for call in self._calls.values():
            if not call.answers.done():
                call.answers.set_result(None)
        if self._child is not None:
            await asyncio.to_thread(self._child.close)
        await asyncio.gather(*self._look_ups)
        if self._store is not None:
            await self._store.close()

    def _ask_again(self) -> None:
        for owner in list(self._wishes):
            self._enlist(owner)
        self._pump()

    def _answer(self, item: ModelInput) -> Values | None:
        """The last word on ``item``, if it is known without looking into the cache."""
        return self._memory.get(item) or self._quarantine.get(item)

    def _is_wanted(self, item: ModelInput) -> bool:
        return any(item in wishes for wishes in self._wishes.values())

    def _state_name(self, child: ChildStatus | None) -> StateName:
        if child is None or child.state == "unavailable" or (self._outage is not None and self._retry is not None):
            return "unavailable"
        if child.state == "idle":
            return "unloaded" if child.lives else "idle"
        if child.state == "starting":
            return "loading"
        return "ready" if child.state == "ready" else "restarting"

    def _enlist(self, owner: str) -> None:
        """Bring the jobs in line with what ``owner`` wishes and is not known."""
        if self._store is None:
            return
        wishes = self._wishes[owner]
        missing = [item for item in wishes if self._answer(item) is None]
        missing.sort(key=wishes.__getitem__)
        if len(missing) > QUEUE_LIMIT:
            self._fell_out = True
            del missing[QUEUE_LIMIT:]
        claims = dict.fromkeys(missing)
        for item in self._claims.get(owner, {}):
            if item not in claims:
                self._disclaim(owner, item)
        self._claims[owner] = claims
        fresh: list[ModelInput] = []
        for item in missing:
            job = self._jobs.get(item)
            if job is None:
                job = self._jobs[item] = Job()
                fresh.append(item)
            job.owners[owner] = wishes[item]
            if item in self._queue:
                self._queue.put(item, job.priority)
        for start in range(0, len(fresh), LOOKED_UP_AT_ONCE):
            task = asyncio.get_running_loop().create_task(self._look_up(self._store, fresh[start : start + LOOKED_UP_AT_ONCE]))
            self._look_ups.add(task)
            task.add_done_callback(self._look_ups.discard)

    def _disclaim(self, owner: str, item: ModelInput) -> None:
        """``owner`` no longer waits for ``item``; if nobody does, it is not asked unless the model has it already."""
        job = self._jobs.get(item)
        if job is None or job.owners.pop(owner, None) is None:
            return
        if job.owners:
            if item in self._queue:
                self._queue.put(item, job.priority)
        elif item in self._queue or (job.asked is not None and job.asked.cancel()):
            self._queue.discard(item)
            self._drop(item)

    def _drop(self, item: ModelInput) -> Job:
        """End a job; nobody is told."""
        job = self._jobs.pop(item)
        self._asked -= job.asked is not None
        for owner in job.owners:
            self._claims[owner].pop(item, None)
        return job

    async def _look_up(self, store: Store, items: list[ModelInput]) -> None:
        """Answer from the cache what it knows, and queue the rest."""
        found = await store.get(items)
        for item in items:
            job = self._jobs[item]
            if item in found:
                self._found += 1
                self._memory.put(item, found[item])
                self._settle(item, found[item])
            elif not job.owners:
                self._drop(item)
            else:
                self._enqueue(item, job)
        self._pump()

    def _enqueue(self, item: ModelInput, job: Job) -> None:
        if self._outage is not None:
            self._tell(job.owners, item, self._outage)
        fallen = self._queue.put(item, job.priority)
        if fallen is not None:
            self._fell_out = True
            self._drop(fallen)

    def _pump(self) -> None:
        """Ask as much as may be under way at a time; when all is asked, take up again what had fallen out of the queue."""
        if self._child is None or self._closed or self._retry is not None:
            return
        loop = asyncio.get_running_loop()
        while self._asked < self._window and self._queue:
            item = self._queue.pop()
            self._jobs[item].asked = future = self._child.submit(to_request(item))
            self._asked += 1
            future.add_done_callback(partial(self._post, loop, item))
        if self._fell_out and not self._queue and all(task.done() for task in self._look_ups):
            self._fell_out = False
            self._ask_again()

    def _post(self, loop: asyncio.AbstractEventLoop, item: ModelInput, done: Future[Frame]) -> None:
        """Bring an answer to the event loop. Called by a thread of the child."""
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._take, item, done)

    def _take(self, item: ModelInput, done: Future[Frame]) -> None:
        """What the model said of an input, or what became of it."""
        job = self._jobs.get(item)
        if self._model is None or self._closed or job is None or job.asked is not done:
            return  # nobody wanted it, and it was cancelled
        try:
            values = from_reply(done.result(), self._model.objectives)
        except QuarantinedError as error:
            self._log(f"an input of {len(item.text):,} characters ({item.language} {item.kind}) is left out from now on: {error}")
            values = self._quarantine[item] = unavailable(str(error))
            self._settle(item, values)
        except (EngineError, KeyError, TypeError, ValueError) as error:
            self._asked -= 1
            job.asked = None
            self._fail(str(error) if isinstance(error, EngineError) else "the model's process gave an answer that is none")
            if job.owners:
                self._enqueue(item, job)
            else:
                self._drop(item)
        else:
            self._predicted += 1
            if self._store is not None and "incomplete" not in done.result():
                self._store.put(item, values)
            self._recover()
            self._memory.put(item, values)
            self._settle(item, values)
        self._pump()

    def _settle(self, item: ModelInput, values: Values) -> None:
        """End a job with an answer."""
        self._tell(self._drop(item).owners, item, values)

    def _fail(self, reason: str) -> None:
        """Stop asking for a while: nobody is there to answer. What is wanted stays in the queue."""
        if self._retry is not None:
            return
        if self._outage is None:
            self._log(f"no predictions for now: {reason}")
        self._outage = unavailable(reason)
        self._retry = asyncio.get_running_loop().call_later(self._retry_s, self._try_again)
        self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)
        for item, job in self._jobs.items():
            self._tell(job.owners, item, self._outage)

    def _try_again(self) -> None:
        self._retry = None
        self._pump()

    def _recover(self) -> None:
        """The model answers."""
        self._retry_s = FIRST_RETRY_S
        if self._outage is not None:
            self._outage = None
            self._log("there are predictions again")
            self._news.add(self._wishes.keys() - self._calls.keys())

    def _tell(self, owners: Iterable[str], item: ModelInput, values: Values) -> None:
        """Let those who want ``item`` know."""
        for owner in owners:
            if owner in self._calls:
                self._calls[owner].take(item, values)
        self._news.add(owner for owner in owners if owner not in self._calls)
