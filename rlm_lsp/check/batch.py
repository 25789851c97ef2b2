"""``rlm-lsp predict``: score functions from a JSON Lines file.

An input line is ``{"id", "text", "language", "kind", "objectives"?, "args"?, "header"?}``: source code as written, whose first function
(kind ``function``) or whole module (kind ``program``) is meant. The output has a line for each input line, in the same order:
``{"id", "predictions"}`` or ``{"id", "unknown"}`` as in the report of ``check``, or ``{"line", "error"}`` for a line that cannot be read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

from rlm_lsp.check.report.json import answer
from rlm_lsp.check.run import INTERRUPTED, OK
from rlm_lsp.check.terminal import say, with_progress
from rlm_lsp.chunk.types import Chunk
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.paths import cache_folder, printable
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.errors import InputError
from rlm_lsp.predict.identity import ModelIdentity, identify
from rlm_lsp.predict.pipeline import Task
from rlm_lsp.predict.results import Objective, Values

STDIO = "-"
LONGEST_LINE = 16_000_000
_REQUIRED = ("text", "language", "kind")
_OPTIONAL = ("args", "header")
_KNOWN = {"id", "objectives", *_REQUIRED, *_OPTIONAL}


@dataclass(frozen=True)
class Query:
    """An input line."""

    id: Any
    text: str
    language: str
    kind: str
    objectives: tuple[str, ...] | None
    args: str | None
    header: str | None


class Reply(NamedTuple):
    """An output line without its line feed, and whether its input line could be read."""

    text: bytes
    readable: bool


@dataclass(frozen=True)
class _Line:
    """What an output line is made of."""

    place: int
    number: int
    query: Query | None
    error: str = ""


def parse_query(line: bytes) -> Query:
    """The query in an input line.

    Raises:
        ValueError: it is not one; the message says why.
    """
    try:
        data = json.loads(line)
    except RecursionError:
        raise ValueError("not JSON that can be read: nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    if unknown := sorted(set(data) - _KNOWN):
        raise ValueError(f"unknown field {unknown[0]!r}")
    if missing := [name for name in ("id", *_REQUIRED) if name not in data]:
        raise ValueError(f"field {missing[0]!r} is missing")
    for name in (*_REQUIRED, *_OPTIONAL):
        if not isinstance(data.get(name, ""), str) and not (name in _OPTIONAL and data[name] is None):
            raise ValueError(f"field {name!r} is not a string")
    objectives = data.get("objectives")
    if objectives is not None and not (isinstance(objectives, list) and all(isinstance(name, str) for name in objectives)):
        raise ValueError("field 'objectives' is not a list of strings")
    names = None if objectives is None else tuple(objectives)
    return Query(data["id"], data["text"], data["language"], data["kind"], names, data.get("args"), data.get("header"))


def predict(source: str, target: str, model_folder: Path, jobs: int | None, cluster: str | None = None) -> int:
    """Answer the lines of ``source`` on ``target`` (``-``: stdin, stdout) and return the exit code.

    ``cluster``: the machines of a Ray cluster do it (an address, or "" for one of this machine or of the environment).

    Raises:
        RlmLspError: a file cannot be opened, the model's files are wrong, a worker process cannot be started, or Ray cannot be used.
    """
    model = identify(model_folder)
    with ExitStack() as stack:
        reader = sys.stdin.buffer if source == STDIO else stack.enter_context(_open(source, "rb"))
        if cluster is None:
            engine = stack.enter_context(Engine(model, cache_folder(), say, jobs))
            answers = replies(engine, _numbered(reader))
        else:
            from rlm_lsp.check.cluster import cluster_replies  # Ray takes seconds, and few have it

            answers = cluster_replies(model, _numbered(reader), jobs, cluster)
        stack.enter_context(closing(answers))
        writer = sys.stdout.buffer if target == STDIO else stack.enter_context(_open(target, "wb"))
        errors = written = 0
        try:
            for reply in with_progress(answers, None, "line"):
                errors += not reply.readable
                written += 1
                writer.write(reply.text + b"\n")
                writer.flush()
        except KeyboardInterrupt:
            say(f"interrupted after {written:,} lines")
            return INTERRUPTED
    if errors:
        say(f"{errors:,} of {written:,} lines could not be read; their output lines say why")
    return OK


def replies(engine: Engine, lines: Iterable[tuple[int, bytes]]) -> Generator[Reply, None, None]:
    """The output lines for numbered input lines, in their order."""
    finished: dict[int, Task[_Line]] = {}  # by place among the lines that count, of which the next to go out is ``following``
    following = 0
    tasks = (_task(place, number, line) for place, (number, line) in enumerate(lines))
    with closing(engine.run(tasks)) as run:
        for task in run:
            finished[task.tag.place] = task
            while following in finished:
                first = finished.pop(following)
                following += 1
                text = json.dumps(_output(first.tag, _only(first), engine.model)).encode("ascii")
                yield Reply(text, first.tag.query is not None)


def _numbered(reader: BinaryIO | IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers from 1, blank ones left out; of a line that is too long, no more than shows that."""
    number = 0
    while line := reader.readline(LONGEST_LINE):
        number += 1
        if not line.isspace():
            yield number, line
        while len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            line = reader.readline(LONGEST_LINE)  # its rest is passed over


def _task(place: int, number: int, line: bytes) -> Task[_Line]:
    if len(line) == LONGEST_LINE:
        return Task(_Line(place, number, None, f"longer than {LONGEST_LINE:,} bytes"))
    try:
        query = parse_query(line)
    except ValueError as error:
        return Task(_Line(place, number, None, str(error)))
    tag = _Line(place, number, query)
    if query.language not in LANGUAGES:
        return Task(tag)

    def is_meant(chunk: Chunk) -> bool:
        return chunk.kind == query.kind

    source = query.text.encode("utf-8", "replace")
    return Task(tag, source, query.language, f"<line {number}>", is_meant, query.args, query.header)


def _only(task: Task[_Line]) -> Values | None:
    """The answer for a line: that of its first function, or why there is none."""
    query = task.tag.query
    if query is None:
        return None
    if task.values:
        return task.values[0]
    if query.language not in LANGUAGES:
        return Values(None, ("unsupported-language", f"No grammar for {printable(query.language)}"))
    if task.problems:
        return Values(None, ("unparsable", task.problems[0].reason))
    return Values(None, ("unparsable", f"No {printable(query.kind)} in this text"))


def _output(line: _Line, values: Values | None, model: ModelIdentity) -> dict[str, Any]:
    if line.query is None or values is None:
        return {"line": line.number, "error": line.error}
    objectives, chosen = _chosen(line.query.objectives, values, model.objectives)
    return {"id": line.query.id, **answer(chosen, objectives)}


def _chosen(names: tuple[str, ...] | None, values: Values, objectives: tuple[Objective, ...]) -> tuple[tuple[Objective, ...], Values]:
    """The objectives that were asked for, and their part of ``values``."""
    if names is None or values.quantiles is None:
        return objectives, values
    places = {objective.name: index for index, objective in enumerate(objectives)}
    if unknown := [name for name in names if name not in places]:
        return objectives, Values(None, ("unknown-objective", f"The model knows {', '.join(places)}, not {printable(unknown[0])}"))
    chosen = [places[name] for name in dict.fromkeys(names)]
    if not any(values.quantiles[i] for i in chosen):
        return objectives, Values(None, ("unknown-objective", f"No model predicts {', '.join(map(printable, names))} for such code"))
    return tuple(objectives[i] for i in chosen), Values([values.quantiles[i] for i in chosen], None, values.partial)


def _open(path: str, mode: str) -> IO[bytes]:
    try:
        return Path(path).open(mode)
    except OSError as error:
        raise InputError(f"{printable(path)}: {error.strerror or error}") from error
