"""Files, texts and inputs in; what they will cost out. The one way to predictions, for the command line, the API and the server."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import rlm_lsp
from rlm_lsp.chunk.types import Problem
from rlm_lsp.directives import attach
from rlm_lsp.predict.cache import Cache, Warn
from rlm_lsp.predict.framing import Frame
from rlm_lsp.predict.identity import ARITHMETIC, ModelIdentity
from rlm_lsp.predict.pipeline import Pipeline, Task
from rlm_lsp.predict.results import FileResult, FunctionRow, Values
from rlm_lsp.predict.source import read_source
from rlm_lsp.predict.types import ModelInput

if TYPE_CHECKING:
    from concurrent.futures import Future

    from rlm_lsp.predict.child import Child

FILES_AT_ONCE = 256  # looked up in the cache by one statement
BYTES_AT_ONCE = 16_000_000  # held in memory until they are chunked
WINDOW_PER_THREAD = 16  # requests under way to the model's process, for each of its threads: twice what it takes in one go
DEVICE_WINDOW = 1024  # where a model runs that may be on a GPU: twice what that takes in one go, as long as texts are short
CHUNKER_WINDOW = 4

Tag = TypeVar("Tag")
Read = Callable[[str], bytes | Problem]


class SourceFile(NamedTuple):
    """A file to be checked: where it is, and the language it is in; ``cell`` is one of a notebook's cells, from 1, and 0 a whole file."""

    path: str
    language: str
    cell: int = 0


class Engine:
    """Holds the cache and the two worker processes, which start when something is not in the cache.

    ``jobs`` is the number of functions that the model works on at once (default: one for each processor); after ``idle_s`` seconds without
    a question the model is unloaded (None: never). Methods that return iterators may be used from several threads, each with its own
    iterator. Close it, or use it in a ``with`` statement.
    """

    def __init__(
        self, model: ModelIdentity, cache_folder: Path | None, warn: Warn, jobs: int | None = None, idle_s: float | None = None
    ) -> None:
        self.model = model
        self._cache = Cache(cache_folder, warn)
        threads = jobs or processors()
        self._chunker = _OnDemand(partial(_child, "chunker", "rlm_lsp.chunk.worker", (), CHUNKER_WINDOW))
        arguments = (str(threads), *model.worker_folders)
        window = DEVICE_WINDOW if model.parts else threads * WINDOW_PER_THREAD
        self._warn = warn
        self._predictor = _OnDemand(partial(_child, "model", "rlm_lsp.predict.worker", arguments, window, idle_s))
        self._quarantine: dict[bytes, Values] = {}
        self._closing = threading.Lock()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what is known to the cache and end the processes."""
        with self._closing:
            self._chunker.close()
            self._predictor.close()
            self._cache.close()
        for notice in self._predictor.notices:
            self._warn(notice)

    @property
    def model_pid(self) -> int | None:
        """The model's process, while there is one."""
        return self._predictor.pid

    def run(self, tasks: Iterable[Task[Tag]]) -> Generator[Task[Tag], None, None]:
        """Finished tasks, in no certain order.

        Raises:
            EngineError: a worker process cannot be started.
        """
        pipeline = Pipeline[Tag](self.model, self._cache, self._chunker, self._predictor, self._quarantine)
        try:
            with closing(pipeline.run(tasks)) as finished:
                yield from finished
        finally:
            self._cache.flush()

    def check_files(self, files: Iterable[SourceFile], read: Read = read_source) -> Generator[FileResult, None, None]:
        """What is known about each file, in no certain order. A file that cannot be read has a problem and no functions.

        ``read`` maps a path to the content that is meant, if not that on disk.

        Raises:
            EngineError: a worker process cannot be started.
        """
        return self.check_sources((file, read(file.path)) for file in files)

    def check_sources(self, sources: Iterable[tuple[SourceFile, bytes | Problem]]) -> Generator[FileResult, None, None]:
        """The same for files whose content is known, or why there is none.

        Raises:
            EngineError: a worker process cannot be started.
        """
        ready: deque[FileResult] = deque()
        with closing(self.run(self._unknown(sources, ready))) as finished:
            for task in finished:
                while ready:
                    yield ready.popleft()
                file, key = task.tag
                result = _result(file, task)
                if result.complete:
                    self._cache.put("files", {key: result.encode()})
                yield result
        yield from ready

    def check_text(self, text: bytes, language: str, path: str = "<text>") -> FileResult:
        """What is known about one source text.

        Raises:
            EngineError: a worker process cannot be started.
        """
        task = Task(tag=None, source=text, language=language, path=path)
        return _result(SourceFile(path, language), *self.run([task]))

    def predict(self, inputs: Sequence[ModelInput]) -> list[Values]:
        """What the model says about inputs whose text is normalised already, in their order.

        Raises:
            EngineError: the model's process cannot be started.
        """
        tasks = [Task(tag=index, inputs=[item]) for index, item in enumerate(inputs)]
        values = {task.tag: task.values[0] for task in self.run(tasks)}
        return [values[index] for index in range(len(inputs))]

    def _unknown(
        self, sources: Iterable[tuple[SourceFile, bytes | Problem]], ready: deque[FileResult]
    ) -> Iterator[Task[tuple[SourceFile, bytes]]]:
        """Tasks for the files that the cache does not know; what it knows goes to ``ready``."""
        for group in _in_groups(sources, ready):
            keys = [self._key(file, source) for file, source in group]
            known = self._cache.get("files", keys)
            for key, (file, source) in zip(keys, group, strict=True):
                try:
                    ready.append(FileResult.decode(known[key], file.path, file.language, file.cell))
                except (KeyError, ValueError):
                    yield Task(tag=(file, key), source=source, language=file.language, path=file.path)

    def _key(self, file: SourceFile, source: bytes) -> bytes:
        """All that a file's result depends on. The model's digest stands for its objectives too."""
        parts = (self.model.digest, ARITHMETIC, _chunker_digest(), file.language.encode(), hashlib.sha256(source).digest())
        return hashlib.sha256(b"\0".join(parts)).digest()


class _OnDemand:
    """A child that is made when something is asked: a run from the cache does without what it imports, 10 ms of 150."""

    def __init__(self, make: Callable[[], Child]) -> None:
        self._make = make
        self._made: Child | None = None
        self._closed = False
        self._lock = threading.Lock()

    def submit(self, frame: Frame) -> Future[Frame]:
        with self._lock:
            if self._closed:
                raise RuntimeError("the engine is closed")
            if self._made is None:
                self._made = self._make()
        return self._made.submit(frame)

    @property
    def pid(self) -> int | None:
        return self._made.pid if self._made else None

    @property
    def notices(self) -> tuple[str, ...]:
        """What the process had to say to people."""
        return self._made.status().notices if self._made else ()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._made is not None:
                self._made.close()


def _child(what: str, module: str, arguments: Sequence[str], window: int, idle_s: float | None = None) -> Child:
    from rlm_lsp.predict.child import Child

    return Child(what, module, arguments, window=window, idle_s=idle_s)


def _result(file: SourceFile, task: Task[Tag]) -> FileResult:
    rows = [
        FunctionRow(chunk.qualified_name, chunk.kind, chunk.name_span.start_line, chunk.name_span.start_column, chunk.span.end_line, values)
        for chunk, values in zip(task.chunks, task.values, strict=True)
    ]
    attached, unattached = attach([chunk.name_span.start_byte for chunk in task.chunks], task.directives)
    directives = [(place, item) for place, items in enumerate(attached) for item in items]
    return FileResult(file.path, file.language, rows, task.problems, [*directives, *((-1, item) for item in unattached)], file.cell)


def _in_groups(
    sources: Iterable[tuple[SourceFile, bytes | Problem]], unreadable: deque[FileResult]
) -> Iterator[list[tuple[SourceFile, bytes]]]:
    """Contents of files, some at a time."""
    group: list[tuple[SourceFile, bytes]] = []
    size = 0
    for file, source in sources:
        if isinstance(source, Problem):
            unreadable.append(FileResult(file.path, file.language, (), (source,), (), file.cell))
            continue
        group.append((file, source))
        size += len(source)
        if len(group) >= FILES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


@lru_cache(maxsize=1)
def _chunker_digest() -> bytes:
    """Changes with whatever decides how files are cut: our sources, the queries, and the installed grammars (by their time stamp)."""
    root = Path(rlm_lsp.__file__).parent
    grammars = importlib.util.find_spec("rlm_lsp.grammars")
    folders = [Path(folder) for folder in grammars.submodule_search_locations or ()] if grammars else []
    paths = [root / "text.py", root / "languages.py", root / "units.py", *sorted((root / "chunk").glob("*.py"))]
    paths += [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".scm", ".toml")]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in ("tree_sitter", "tree_sitter_language_pack"):
        spec = importlib.util.find_spec(package)  # finds it without importing it
        if spec and spec.origin:
            stat = Path(spec.origin).stat()
            digest.update(f"{package} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.digest()


def processors() -> int:
    """Processors that this process may use."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
