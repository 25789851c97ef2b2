"""Random sessions: whatever a client opens, changes, asks, cancels and closes, and wherever it says so.

Held to: one reply for each request, no popup, a text that equals the client's, and hints of a range that are the hints of the whole
within it. The client's model of the text counts in its own encoding, from scratch, and knows nothing of the server's code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lsp.session import StdioSession, session
from tests.lsp.test_session import ALL_SURFACES, logged

PIECES = [
    "def f(x):\n",
    "    return x\n",
    "\r\n",
    "\r",
    "\n",
    "class A:\n",
    "  def é(self): pass\n",
    "(",
    '"""',
    "\u2028",
    "\x0b",
    "\0",
    "\t",
]
PIECES += [
    "😀",
    "e\u0301",
    "\U0001d4b3",
    "# rlm: ignore\n",
    "async def g(): ...\n",
    "x = [",
    "\ufeff",
    "lambda: 0",
    "\u0085",
    "if x:\n\tdef h(): pass\n",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
NUMBERS = st.one_of(st.integers(0, 12), st.sampled_from([50, 1000, 2**31 - 1]))
POSITIONS = st.tuples(NUMBERS, NUMBERS)
REQUESTS = ["hover", "inlayHint", "codeLens", "diagnostic", "codeAction", "inlayHint/resolve", "codeLens/resolve", "bad", "unknown"]
STEPS = st.one_of(
    st.tuples(st.just("open"), st.integers(0, 2), TEXTS),
    st.tuples(st.just("change"), st.integers(0, 2), st.lists(st.tuples(POSITIONS, POSITIONS, TEXTS), min_size=1, max_size=3)),
    st.tuples(st.just("replace"), st.integers(0, 2), TEXTS),
    st.tuples(st.just("close"), st.integers(0, 2)),
    st.tuples(st.just("ask"), st.integers(0, 2), st.sampled_from(REQUESTS), POSITIONS, POSITIONS, st.booleans()),
    st.tuples(st.just("check"), st.integers(0, 2)),
)
WIDTHS: dict[str, Callable[[str], int]] = {
    "utf-8": lambda char: len(char.encode()),
    "utf-16": lambda char: len(char.encode("utf-16-le")) // 2,
    "utf-32": lambda char: 1,
}


@dataclass
class Model:
    """What the client believes."""

    encoding: str
    texts: dict[str, str] = field(default_factory=dict)

    def index(self, text: str, line: int, character: int) -> int:
        """Where a position is in ``text``: clamped to the line's end, and the text's; before a character that it would split."""
        lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text)
        if line >= len(lines):
            return len(text)
        start = sum(map(len, lines[:line]))
        units = 0
        for index, char in enumerate(lines[line].rstrip("\r\n")):
            units += WIDTHS[self.encoding](char)
            if units > character:
                return start + index
        return start + len(lines[line].rstrip("\r\n"))

    def change(self, uri: str, start: tuple[int, int], end: tuple[int, int], new: str) -> None:
        text = self.texts[uri]
        first, last = sorted((self.index(text, *start), self.index(text, *end)))
        self.texts[uri] = text[:first] + new + text[last:]


def place(position: tuple[int, int]) -> dict[str, int]:
    return {"line": position[0], "character": position[1]}


def key(position: Mapping[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]


class Fuzz:
    """One server under fire; every example has documents of its own."""

    def __init__(self, server: StdioSession, encoding: str) -> None:
        self.server = server
        self.encoding = encoding
        self.examples = count()
        self.asked: list[int] = []

    def run(self, steps: list[tuple[Any, ...]]) -> None:
        example = next(self.examples)
        model = Model(self.encoding)
        versions = count(1)
        for kind, number, *rest in steps:
            uri = f"untitled:{example}-{number}.py"
            if kind == "open":
                model.texts[uri] = rest[0]
                self.server.open(uri, rest[0], next(versions))
            elif kind == "close":
                model.texts.pop(uri, None)
                self.server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            elif kind == "ask":
                self.ask(uri, *rest)
            elif kind == "check":
                self.check(uri, model)
            else:
                self.edit(model, uri, next(versions), rest[0])
        for uri in list(model.texts):
            self.check(uri, model)
            self.server.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        for id_ in self.asked:
            self.server.reply(id_)
        self.server.settle()
        assert [len(self.server.replies(id_)) for id_ in self.asked] == [1] * len(self.asked)
        assert self.server.said("window/showMessage") == []
        for word in ("not the text", "failed", "slow turn: textDocument"):
            assert word not in logged(self.server)
        self.asked.clear()
        self.server.received.clear()

    def edit(self, model: Model, uri: str, version: int, what: Any) -> None:
        known = uri in model.texts
        if isinstance(what, str):
            changes: list[dict[str, Any]] = [{"text": what}]
            if known:
                model.texts[uri] = what
        else:
            changes = []
            for start, end, new in what:
                changes.append({"range": {"start": place(start), "end": place(end)}, "text": new})
                if known:
                    model.change(uri, start, end, new)
        self.server.change(uri, version, *changes)

    def ask(self, uri: str, what: str, start: tuple[int, int], end: tuple[int, int], cancel: bool) -> None:
        document: dict[str, Any] = {"textDocument": {"uri": uri}}
        area = {"range": {"start": place(start), "end": place(end)}}
        data = {"data": {"uri": uri, "version": start[0], "key": "f", "index": end[1], "hash": ""}}
        method, params = {
            "hover": ("textDocument/hover", {**document, "position": place(start)}),
            "inlayHint": ("textDocument/inlayHint", {**document, **area}),
            "codeLens": ("textDocument/codeLens", document),
            "diagnostic": ("textDocument/diagnostic", document),
            "codeAction": ("textDocument/codeAction", {**document, **area, "context": {"diagnostics": []}}),
            "inlayHint/resolve": ("inlayHint/resolve", {"position": place(start), "label": "x", **data}),
            "codeLens/resolve": ("codeLens/resolve", {**area, **data}),
            "bad": ("textDocument/hover", {**document, "position": place(start[::-1]) | {"line": "x"}}),
            "unknown": ("textDocument/nonsense", document),
        }[what]
        id_ = self.server.start_request(method, params)
        self.asked.append(id_)
        if cancel:
            self.server.notify("$/cancelRequest", {"id": id_})

    def check(self, uri: str, model: Model) -> None:
        if uri not in model.texts:
            return
        self.server.notify("textDocument/didSave", {"textDocument": {"uri": uri}, "text": model.texts[uri]})
        document = {"textDocument": {"uri": uri}}
        areas = [((0, 0), (2**31 - 1, 0)), ((0, 0), (2, 3)), ((1, 0), (1, 50)), ((3, 0), (9, 0)), ((0, 0), (2**31 - 1, 0))]
        while True:
            ids = []
            for start, end in areas:
                span = {"range": {"start": place(start), "end": place(end)}}
                ids.append(self.server.start_request("textDocument/inlayHint", {**document, **span}))
            self.asked += ids
            whole, *parts, again = (self.server.reply(id_)["result"] for id_ in ids)
            if whole == again:  # else a number has arrived in between
                break
        for (start, end), part in zip(areas[1:], parts, strict=False):
            assert part == [hint for hint in whole if start <= key(hint["position"]) <= end]
        lines = model.texts[uri].count("\n") + model.texts[uri].count("\r") + 1
        assert all(hint["position"]["line"] < lines for hint in whole)


@pytest.fixture(scope="module", params=["utf-8", "utf-16", "utf-32"])
def fuzz(request: pytest.FixtureRequest, function_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzz]:
    folder = tmp_path_factory.mktemp("fuzz")
    environment = {"RLM_LSP_CACHE_DIR": str(folder / "cache"), "PYTHONWARNINGS": "error", "PATH": ""}
    with session(environment, folder, "--stdio", "--model", str(function_model)) as server:
        capabilities = {**ALL_SURFACES, "general": {"positionEncodings": [request.param]}}
        assert server.initialize(capabilities)["capabilities"]["positionEncoding"] == request.param
        yield Fuzz(server, request.param)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25))
def test_random_sessions(fuzz: Fuzz, steps: list[tuple[Any, ...]]) -> None:
    fuzz.run(steps)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)), max_size=5))
def test_random_bodies(fuzz: Fuzz, bodies: list[bytes]) -> None:
    for body in bodies:
        fuzz.server.send_body(body)
    fuzz.run([("open", 0, "def f():\n    return 1\n"), ("ask", 0, "codeLens", (0, 0), (0, 0), False)])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rubbish=st.lists(st.sampled_from([b"\r\n", b"\n", b"\0", b"Content-Length", b": ", b"-1", b"x", b"\xff", b"{}", b"a: b"]), max_size=8)
)
def test_random_bytes_between_messages(fuzz: Fuzz, rubbish: list[bytes]) -> None:
    fuzz.server.send_bytes(b"".join(rubbish) + b"\r\n")
    fuzz.run([("open", 0, "def f():\n    return 1\n"), ("ask", 0, "codeLens", (0, 0), (0, 0), False)])
