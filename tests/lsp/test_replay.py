"""Sessions that VS Code and Neovim really had with the server, said again by their side of it.

Each message goes out when all is there that the editor had been told by then, without the pauses that people make. The server must answer
each request once, show what it was told to show and no more, hold the editor's texts to the last byte, and end by itself.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.replay import workspace
from tests.lsp.replay.recording import Recording
from tests.lsp.session import PATIENCE_S, StdioSession, session

RECORDINGS = {path.name.partition(".")[0]: path for path in sorted((Path(__file__).parent / "replay").glob("*.jsonl.gz"))}
CANCELLED = -32800
FIRST_ID_OF_OURS = 1_000_000  # requests that no editor made
EVERYTHING = {"start": {"line": 0, "character": 0}, "end": {"line": 1_000_000, "character": 0}}

MANY_S = 2 * PATIENCE_S  # a hang guard for hundreds of predictions

Json = Any
Picture = tuple[list[Json], list[Json], str]


@dataclass
class Replay:
    """A recording and a server that hears it."""

    recording: Recording
    server: StdioSession
    answered: set[Json]
    looked_at: int = 0

    def say(self, message: dict[str, Json], after: frozenset[Json]) -> None:
        """Send ``message`` once all of ``after`` is answered."""
        while missing := after - self.answered:
            self.server.wait_for(lambda reply: "method" not in reply and reply["id"] in missing, self.looked_at)
            received = self.server.received[self.looked_at :]
            self.answered.update(reply["id"] for reply in received if "method" not in reply)
            self.looked_at += len(received)
        if message["method"] == "initialize":
            message = {**message, "params": {**message["params"], "processId": os.getpid()}}
        self.server.send({"jsonrpc": "2.0", **message})

    def begin(self) -> None:
        """Initialize as the editor did."""
        for message, after in self.recording.steps():
            self.say(message, after)
            if message["method"] == "initialized":
                return

    def picture(self, uri: str) -> Picture:
        """What the server says of a document. The last item is a hash of the text, of the settings, and of each function and its values."""
        document = {"textDocument": {"uri": uri}}
        lenses = self.server.request("textDocument/codeLens", document) or []
        hints = self.server.request("textDocument/inlayHint", {**document, "range": EVERYTHING}) or []
        report = self.server.request("textDocument/diagnostic", document)
        return [lens["range"] for lens in lenses], [[hint["position"], hint["label"]] for hint in hints], report["resultId"]

    def is_complete(self, uri: str) -> bool:
        """Whether every function of a document that was just opened has its answer."""
        found = self.server.request("workspace/executeCommand", {"command": "rlm-lsp.status", "arguments": [{"show": False}]})
        (document,) = (document for document in found["documents"] if document["uri"] == uri)
        return bool(document["functions"] > 0 and document["functions"] == document["predicted"] + document["unknown"])


@contextmanager
def replaying(recording: Recording, model: Path, cache: Path, cwd: Path) -> Iterator[Replay]:
    environment = {**os.environ, "RLM_LSP_CACHE_DIR": str(cache), "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}
    with session(environment, cwd, "--stdio", "--model", str(model)) as server:
        server._ids = iter(range(FIRST_ID_OF_OURS, 2 * FIRST_ID_OF_OURS))  # the recorded ones are taken
        answers = recording.answers()
        server.answers = {method: said[-1] for method, said in answers.items()}
        server.answers["workspace/configuration"] = one_after_the_other(answers["workspace/configuration"])
        yield Replay(recording, server, set())


def one_after_the_other(answers: list[Json]) -> Any:
    """Answers with the recorded ones in order, then with the last one again and again."""
    left = iter(answers[:-1])
    return lambda _: next(left, answers[-1])


@dataclass(frozen=True)
class Told:
    """A recording, and what a server says that is given the final texts and no edits."""

    recording: Recording
    expected: Mapping[int, Mapping[str, Picture]]  # by position of a message among the client's, and document
    cache: Path  # with all numbers


@pytest.fixture(scope="module", params=RECORDINGS)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, function_model: Path) -> Told:
    folder = tmp_path_factory.mktemp(request.param)
    workspace.write(folder / "workspace")
    recording = Recording.load(RECORDINGS[request.param], folder / "workspace")
    expected: dict[int, dict[str, Picture]] = {}
    with replaying(recording, function_model, folder / "cache", folder) as replay:
        replay.begin()
        for position, uri, text in recording.last_texts():
            replay.server.open(uri, text)
            deadline = time.monotonic() + MANY_S
            while not replay.is_complete(uri):
                assert time.monotonic() < deadline, replay.picture(uri)
                time.sleep(0.1)
            expected.setdefault(position, {})[uri] = replay.picture(uri)
            replay.server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return Told(recording, expected, folder / "cache")


@pytest.mark.parametrize("cached", [False, True], ids=["cold", "warm"])
def test_a_session_goes_as_it_went(told: Told, cached: bool, function_model: Path, tmp_path: Path) -> None:
    cache = told.cache if cached else tmp_path / "cache"
    with replaying(told.recording, function_model, cache, tmp_path) as replay:
        server = replay.server
        for position, (message, after) in enumerate(told.recording.steps()):
            for uri, picture in told.expected.get(position, {}).items():
                deadline = time.monotonic() + MANY_S
                while (seen := replay.picture(uri)) != picture:
                    assert time.monotonic() < deadline, (uri, seen, picture)
                    time.sleep(0.1)
            replay.say(message, after)
        if "exit" not in {message["method"] for message in told.recording.client()}:
            server.end_input()  # Neovim 0.11 leaves without a word
        assert server.exit_code() == 0

        requests = told.recording.requests()
        replies = [message for message in server.received if "method" not in message]
        counts = Counter(reply["id"] for reply in replies if not is_ours(reply["id"]))
        assert counts == Counter(list(requests))

        provoked = {(id_, CANCELLED) for id_ in told.recording.cancelled()} | set(told.recording.errors().items())
        assert {(reply["id"], reply["error"]["code"]) for reply in replies if "error" in reply} <= provoked
        assert len(server.said("window/showMessage")) == told.recording.said_by_server("window/showMessage")
        assert [line for line in server.said("window/logMessage") if line["type"] == 1] == []
        check_progress(server)
        (initialized,) = (reply["result"] for reply in replies if requests.get(reply["id"]) == "initialize")
        assert initialized["capabilities"]["positionEncoding"] == told.recording.encoding()


def is_ours(id_: Json) -> bool:
    return isinstance(id_, int) and id_ >= FIRST_ID_OF_OURS


def check_progress(server: StdioSession) -> None:
    """Whatever began ends, and says nothing before or after."""
    kinds: dict[str, list[str]] = {}
    for params in server.said("$/progress"):
        kinds.setdefault(params["token"], []).append(params["value"]["kind"])
    for said in kinds.values():
        assert said[0] == "begin"
        assert said[-1] == "end"
        assert set(said[1:-1]) <= {"report"}


def test_the_recordings_are_of_some_use(told: Told) -> None:
    """They hold what a person does, and nothing of the machine where they were made."""
    said = Counter(message["method"] for message in told.recording.client())
    assert {"textDocument/hover", "textDocument/codeAction", "workspace/executeCommand", "textDocument/didSave", "shutdown"} <= said.keys()
    assert said["textDocument/didChange"] > 100
    assert said["textDocument/didClose"] >= 2
    assert said["textDocument/inlayHint"] > 20
    assert said["textDocument/codeLens"] > 10
    assert sum(len(pictures) for pictures in told.expected.values()) >= 5
    text = repr(told.recording.messages)
    assert "processId': None" in text
