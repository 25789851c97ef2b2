"""What the functions of open files cost in the commit that is checked out.

git is asked when a file is opened, saved or looked at again, and reads a text only if HEAD has moved since. Between these, an edited
file is matched with what HEAD is known to hold. Only for files on disk, and never in a workspace that is not trusted: the caller sees to
both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rlm_lsp.chunk.calls import callees_of
from rlm_lsp.chunk.types import ChunkResult
from rlm_lsp.compare import Named, match, named
from rlm_lsp.git import GitError, repository_of
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import Base, FunctionView
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput
from rlm_lsp.text import decode

GIT_PROCESSES = 2  # at once: an editor may open fifty files when it starts

Cut = Callable[[bytes, str], Awaitable[ChunkResult]]
Deliver = Callable[[str, Mapping[str, Base]], None]


class Predicts(Protocol):
    """An oracle."""

    def known(self, item: ModelInput) -> Values | None:
        """``Oracle.known``."""

    async def predict(self, items: Sequence[ModelInput], priority: Priority) -> list[Values]:
        """``Oracle.predict``."""


@dataclass
class _File:
    """An open file and its version in HEAD."""

    path: str
    language: str
    commit: str | None = None  # that was read; "": there is none
    text: bytes | None = None  # there, in UTF-8; None: the file is not there
    old: Sequence[Named] | None = None  # its functions there
    callees: Sequence[tuple[str, ...]] = ()  # and what each of them calls there
    functions: Sequence[FunctionView] = ()  # those of the document now
    delivered: Mapping[str, Base] | None = None
    reading: asyncio.Task[None] | None = None
    matching: asyncio.Task[None] | None = None

    def under_way(self) -> list[asyncio.Task[None]]:
        """What is not done."""
        return [task for task in (self.reading, self.matching) if task is not None and not task.done()]

    def stop(self) -> list[asyncio.Task[None]]:
        """Cancel all that is under way."""
        tasks = self.under_way()
        for task in tasks:
            task.cancel()
        return tasks


class HeadComparison:
    """Calls ``deliver`` with the URI of a document and what is new about its functions' counterparts in HEAD, by the functions' keys.

    The mapping always holds all that is known: none for a file that HEAD does not hold. ``cut`` takes UTF-8 text and a language. ``log``
    gets lines for a person, each once. Lives on the event loop; git and the matching work in threads.
    """

    def __init__(self, oracle: Predicts, cut: Cut, *, deliver: Deliver, log: Callable[[str], None]) -> None:
        self._oracle = oracle
        self._cut = cut
        self._deliver = deliver
        self._log = log
        self._said: set[str] = set()
        self._git = ThreadPoolExecutor(GIT_PROCESSES, "rlm-lsp git")
        self._files: dict[str, _File] = {}

    def look(self, uri: str, path: str, language: str) -> None:
        """Compare a document with HEAD from now on, or see whether HEAD has moved: at textDocument/didOpen, didSave and focus."""
        file = self._files.get(uri)
        if file is None or (file.path, file.language) != (path, language):
            self.forget(uri)
            file = self._files[uri] = _File(path, language)
        if file.reading is None or file.reading.done():
            file.reading = asyncio.get_running_loop().create_task(self._read(uri, file))

    def update(self, uri: str, functions: Sequence[FunctionView]) -> None:
        """The document consists of ``functions`` now. If they are those of the last call, whatever is known of them, nothing is done."""
        file = self._files.get(uri)
        if file is not None and not _alike(functions, file.functions):
            file.functions = functions
            self._match_soon(uri, file)

    def forget(self, uri: str) -> None:
        """Compare a document no more: at textDocument/didClose, or when it is switched off."""
        file = self._files.pop(uri, None)
        if file is not None:
            file.stop()

    async def settled(self, uri: str) -> None:
        """Returns when all that can be known of a document's counterparts was delivered."""
        while (file := self._files.get(uri)) is not None and (tasks := file.under_way()):
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """End all that is under way."""
        files, self._files = list(self._files.values()), {}
        await asyncio.gather(*(task for file in files for task in file.stop()), return_exceptions=True)
        self._git.shutdown(wait=False, cancel_futures=True)

    async def _read(self, uri: str, file: _File) -> None:
        """Find the file in HEAD, if HEAD is not the commit that was read before."""
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._git, _at_head, file.path, file.commit)
        except GitError as error:
            self._say(f"files are not compared with HEAD: {error}")
            return
        if found is None:
            return
        file.commit, blob = found
        text = await asyncio.to_thread(_utf8, blob, file.language) if blob is not None else None
        if text is not None and text == file.text:
            return
        file.text, file.old = text, None
        if text is not None:
            result = await self._cut(text, file.language)
            if result.chunks:
                file.old, file.callees = named("", result.chunks), await asyncio.to_thread(callees_of, result.chunks)
        self._match_soon(uri, file)

    def _match_soon(self, uri: str, file: _File) -> None:
        if file.matching is not None:
            file.matching.cancel()
        file.matching = asyncio.get_running_loop().create_task(self._match(uri, file))

    async def _match(self, uri: str, file: _File) -> None:
        """Deliver what is known at once, and the rest when it is predicted."""
        if file.old is None:
            if file.commit is not None:
                self._tell(uri, file, {})
            return
        counterparts = await asyncio.to_thread(_counterparts, file.old, file.callees, file.functions)
        wanted = {item for item in counterparts.values() if item is not None}
        answers = {item: values for item in wanted if (values := self._oracle.known(item)) is not None}
        self._tell(uri, file, _bases(file.functions, counterparts, answers))
        missing = list(wanted - answers.keys())
        if missing:
            answers.update(zip(missing, await self._oracle.predict(missing, Priority.WORKSPACE), strict=True))
            self._tell(uri, file, _bases(file.functions, counterparts, answers))

    def _tell(self, uri: str, file: _File, bases: Mapping[str, Base]) -> None:
        if bases != file.delivered and not (file.delivered is None and not bases):
            file.delivered = bases
            self._deliver(uri, bases)

    def _say(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._log(line)


def _alike(some: Sequence[FunctionView], others: Sequence[FunctionView]) -> bool:
    """Whether names and texts are the same."""
    return len(some) == len(others) and all(
        one.key == other.key and one.input == other.input for one, other in zip(some, others, strict=True)
    )


def _at_head(path: str, known: str | None) -> tuple[str, bytes | None] | None:
    """HEAD's commit and the file's content in it; None if the commit is the known one. Runs git; raises GitError."""
    repository = repository_of(Path(path).parent)
    inner = repository.inner(path) if repository else None
    commit = repository.head() if repository and inner is not None else None
    if (commit or "") == known:
        return None
    if repository is None or inner is None or commit is None:
        return "", None
    return commit, repository.blob_at(commit, inner)


def _utf8(blob: bytes, language: str) -> bytes | None:
    """The text of a file; None if it holds none."""
    text, _ = decode(blob, LANGUAGES[language])
    return None if text is None else text.encode("utf-8", "replace")


def _counterparts(
    old: Sequence[Named], callees: Sequence[tuple[str, ...]], functions: Sequence[FunctionView]
) -> dict[str, ModelInput | None]:
    """What each function (by its key) was; None if it was not there."""
    functions = [function for function in functions if function.input.whole is None]  # of a program read whole nobody keeps the old text
    new = [Named("", function.qualified_name, function.kind, function.input.text) for function in functions]
    counterparts: dict[str, ModelInput | None] = {}
    for pair in match(old, new):
        if pair.new is not None:
            function = functions[pair.new]
            counterparts[function.key] = (
                ModelInput(function.input.language, function.kind, old[pair.old].text, callees=callees[pair.old])
                if pair.old is not None
                else None
            )
    return counterparts


def _bases(
    functions: Iterable[FunctionView], counterparts: Mapping[str, ModelInput | None], answers: Mapping[ModelInput, Values]
) -> dict[str, Base]:
    bases = {}
    for function in functions:
        if function.key not in counterparts:
            continue
        before = counterparts[function.key]
        if before is None:
            bases[function.key] = Base(None, added=True)
        else:
            bases[function.key] = Base(answers.get(before), same_text=before.text == function.input.text)
    return bases
