"""``rlm-lsp.status``: what a bug report needs, and what a user asks when nothing is shown.

Every way in which less is done than could be has a name here (``degraded``), and says why.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rlm_lsp import __version__
from rlm_lsp.lsp.oracle import OracleState
from rlm_lsp.lsp.snapshot import Client, DocumentView, Snapshot
from rlm_lsp.lsp.wire import camel
from rlm_lsp.paths import printable
from rlm_lsp.predict.identity import ModelIdentity
from rlm_lsp.units import format_value

SURFACES = {
    "inlay_hints": "inlay hints",
    "code_lens": "code lenses",
    "hover": "hover",
    "diagnostics": "diagnostics",
    "code_actions": "code actions",
}
_SHOWN_DOCUMENTS = 20  # in the text; the JSON has all


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """An open document, and for how many of its functions something is known."""

    uri: str
    language: str
    version: int
    functions: int
    predicted: int
    stale: int
    unknown: int  # the model says why it has no number
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The server at one moment. Sizes are bytes; None where the system does not tell."""

    pid: int
    memory: int | None
    model: dict[str, Any] | None  # those that stand beside it are under "beside"
    model_error: str
    worker: OracleState
    worker_memory: int | None
    networks_pid: int | None  # of the process of the model for networks; None: it is not loaded
    networks_memory: int | None
    cache_size: int | None
    degraded: dict[str, str]
    client: Client
    settings: dict[str, Any]
    documents: tuple[DocumentStatus, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON, whose ``text`` is all of it for people."""
        worker = self.worker
        return {
            "server": {"version": __version__, "pid": self.pid, "memory": self.memory},
            "model": self.model,
            "modelError": self.model_error,
            "worker": {
                "state": worker.name,
                "pid": worker.pid,
                "memory": self.worker_memory,
                "threads": worker.threads,
                "deaths": worker.deaths,
                "failure": worker.failure,
            },
            "networks": {"pid": self.networks_pid, "memory": self.networks_memory},
            "queue": {"queued": worker.queued, "asked": worker.asked},
            "answers": {"inMemory": worker.remembered, "fromCache": worker.found, "fromModel": worker.predicted},
            "quarantined": worker.quarantined,
            "cache": {"path": str(worker.cache) if worker.cache else None, "size": self.cache_size},
            "degraded": self.degraded,
            "client": {camel(name): value for name, value in _plain(self.client).items()},
            "settings": {camel(name): value for name, value in self.settings.items()},
            "documents": [{camel(name): value for name, value in _plain(document).items()} for document in self.documents],
            "text": self.as_text(),
        }

    def as_text(self) -> str:
        """Some lines for a person."""
        return "\n".join(f"{name + ':':<10} {value}" for name, value in self._lines())

    def _lines(self) -> Iterator[tuple[str, str]]:
        worker = self.worker
        yield "rlm-lsp", f"{__version__}, process {self.pid}, {_size(self.memory)}"
        if self.model is None:
            yield "model", f"none: {self.model_error}"
        else:
            for one in (self.model, *self.model.get("beside", ())):
                yield "model", f"{one['id']} for {one['device']}, {one['folder']}, sha256 {one['sha256']}"
        process = f", process {worker.pid}, {_size(self.worker_memory)}" if worker.pid is not None else ""
        failure = f": {worker.failure}" if worker.failure else ""
        yield "worker", f"{worker.name}{failure}{process}, {_count(worker.threads, 'thread')}, died {_count(worker.deaths, 'time')}"
        if self.networks_pid is not None:
            yield "networks", f"their model has process {self.networks_pid}, {_size(self.networks_memory)}"
        yield "queue", f"{worker.queued:,} waiting, {worker.asked:,} under way, {worker.quarantined:,} quarantined"
        yield "answers", f"{worker.remembered:,} in memory; {worker.found:,} came from the cache, {worker.predicted:,} from the model"
        place = printable(str(worker.cache)) if worker.cache else "in memory only" if worker.cache_trouble else "not opened yet"
        yield "cache", place + (f", {_size(self.cache_size)}" if self.cache_size is not None else "")
        if not self.degraded:
            yield "degraded", "nothing"
        for name, reason in self.degraded.items():
            yield "degraded", f"{name}: {reason}"
        shown = [title for surface, title in SURFACES.items() if surface in self.client.surfaces]
        yield "client", f"{printable(self.client.name) or 'unnamed'}, {self.client.encoding}, shows {', '.join(shown) or 'nothing of ours'}"
        off = [title for surface, title in SURFACES.items() if not self.settings[surface]]
        switches = "everything switched off" if not self.settings["enabled"] else f"off: {', '.join(off)}" if off else "all surfaces on"
        yield "settings", switches + f"; metrics: {', '.join(self.settings['metrics'])}"
        yield "documents", f"{len(self.documents)} open"
        for document in self.documents[:_SHOWN_DOCUMENTS]:
            yield "", _document_line(document)


def collect(snapshot: Snapshot, worker: OracleState, networks_pid: int | None = None, networks_notices: Sequence[str] = ()) -> Status:
    """The status. Reads /proc and the cache file's size, nothing that waits.

    ``networks_pid`` is the process of the model for networks, while there is one, and ``networks_notices`` what it had to say to people.
    """
    model = snapshot.model
    return Status(
        pid=os.getpid(),
        memory=resident(os.getpid()),
        model=None if model is None else _model(model),
        model_error=snapshot.model_error,
        worker=worker,
        worker_memory=resident(worker.pid) if worker.pid is not None else None,
        networks_pid=networks_pid,
        networks_memory=resident(networks_pid) if networks_pid is not None else None,
        cache_size=_size_on_disk(worker.cache),
        degraded=dict(_degraded(snapshot, worker))
        | {f"networks-notice-{n}": printable(line) for n, line in enumerate(networks_notices, 1)},
        client=snapshot.client,
        settings=_plain(snapshot.settings),
        documents=tuple(_document(view) for view in snapshot.documents.values()),
    )


def _model(model: ModelIdentity) -> dict[str, Any]:
    first, *further = model.parts or (model,)
    plain = {"id": first.id, "device": first.device, "folder": printable(str(first.folder)), "sha256": first.digest.hex()}
    if not further:
        return plain
    predicts = [{**_model(other), "objectives": [objective.name for objective in other.objectives]} for other in further]
    return {**plain, "beside": predicts}


def resident(pid: int, proc: Path = Path("/proc")) -> int | None:
    """The bytes of memory that a process holds at the moment; None if it is gone, or where there is no /proc."""
    try:
        pages = int((proc / str(pid) / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):  # Windows has no sysconf
        return None


def _degraded(snapshot: Snapshot, worker: OracleState) -> Iterator[tuple[str, str]]:
    client = snapshot.client
    if snapshot.model is None:
        yield "no-model", snapshot.model_error
    elif worker.name == "unavailable":
        yield "worker-unavailable", f"{worker.failure}; it is tried again from time to time, and by rlm-lsp.restartWorker"
    elif worker.name == "restarting":
        yield "worker-restarting", "its process has died; numbers that are known stay"
    if worker.quarantined:
        why = "killed the model's process twice, or their model does not run here"
        yield "inputs-quarantined", f"{worker.quarantined:,} {why}; rlm-lsp.restartWorker tries them again"
    for number, notice in enumerate(worker.notices, 1):
        yield f"model-notice-{number}", printable(notice)
    if worker.cache_trouble:
        yield "cache-begun-anew" if worker.cache else "cache-not-kept", worker.cache_trouble
    if not client.trusted:
        yield "untrusted-workspace", "its settings files are not read, and files are not compared with HEAD"
    for surface, refreshed, title in (
        ("inlay_hints", client.hint_refresh, "inlay hints"),
        ("code_lens", client.lens_refresh, "code lenses"),
    ):
        if surface in client.surfaces and not refreshed:
            yield (
                f"no-{surface.replace('_', '-')}-refresh",
                f"the client cannot be told of new numbers, so {title} may lag behind",
            )
    if not client.surfaces & {"inlay_hints", "code_lens"}:
        yield "nothing-beside-code", "the client shows neither inlay hints nor code lenses; rlm-lsp's numbers are in the hover"
    for view in snapshot.documents.values():
        for problem in view.problems:
            if problem.code in ("too-large", "minified", "parse-timeout", "crashed"):
                yield f"not-cut {printable(view.uri)}", problem.reason


def _document(view: DocumentView) -> DocumentStatus:
    shown = [function.shown for function in view.functions]
    return DocumentStatus(
        uri=view.uri,
        language=view.language,
        version=view.version,
        functions=len(shown),
        predicted=sum(one.values is not None and one.values.quantiles is not None for one in shown),
        stale=sum(one.stale for one in shown),
        unknown=sum(one.values is not None and one.values.quantiles is None for one in shown),
        problems=tuple(f"{problem.code}: {problem.reason}" for problem in view.problems),
    )


def _document_line(document: DocumentStatus) -> str:
    counts = f"{document.functions:,} functions, {document.predicted:,} predicted, {document.stale:,} stale, {document.unknown:,} unknown"
    problems = "".join(f"; {problem}" for problem in document.problems)
    return f"{printable(document.uri)} ({document.language}, version {document.version}): {counts}{problems}"


def _plain(value: Any) -> Any:
    """JSON for dataclasses, sets and paths, whatever they hold."""
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Path):
        return printable(str(value))
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def _size_on_disk(path: Path | None) -> int | None:
    """Of an SQLite file and what is to be merged into it."""
    if path is None:
        return None
    try:
        return sum(part.stat().st_size for part in (path, Path(f"{path}-wal")) if part.exists())
    except OSError:
        return None


def _size(size: int | None) -> str:
    return "unknown memory" if size is None else format_value(size, "B")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
