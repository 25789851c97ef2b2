"""A recorded session: what the client said, what it had been answered by then, and which texts it believed its documents to have."""

from __future__ import annotations

import ast
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lsp.replay.record import NEUTRAL_ROOT
from tests.lsp.test_fuzz import Model, key

Json = Any


@dataclass(frozen=True)
class Recording:
    """The messages of both sides in their order, about the workspace in some folder."""

    messages: tuple[tuple[str, dict[str, Json]], ...]

    @classmethod
    def load(cls, path: Path, root: Path) -> Recording:
        """The session in ``path`` as if its workspace had been the folder ``root``."""
        text = gzip.decompress(path.read_bytes()).decode()
        text = text.replace(f"file://{NEUTRAL_ROOT}", root.as_uri()).replace(f'"{NEUTRAL_ROOT}"', json.dumps(str(root)))
        lines = map(json.loads, text.splitlines())
        return cls(tuple((line["from"], line["message"]) for line in lines))

    def client(self) -> Iterator[dict[str, Json]]:
        """The client's requests and notifications."""
        return (message for side, message in self.messages if side == "client" and "method" in message)

    def requests(self) -> dict[Json, str]:
        """The client's requests: methods by id."""
        return {message["id"]: message["method"] for message in self.client() if "id" in message}

    def errors(self) -> dict[Json, int]:
        """The codes of the errors that the server answered with, by id."""
        return {message["id"]: message["error"] for side, message in self.messages if side == "server" and "error" in message}

    def cancelled(self) -> set[Json]:
        """The ids of requests that the client cancelled."""
        return {message["params"]["id"] for message in self.client() if message["method"] == "$/cancelRequest"}

    def said_by_server(self, method: str) -> int:
        """How often the server sent this notification or request."""
        return sum(side == "server" and message.get("method") == method for side, message in self.messages)

    def answers(self) -> dict[str, list[Json]]:
        """What the client answered to the server's requests, by method, in order. It refused none of them."""
        asked = {
            message["id"]: message["method"]
            for side, message in self.messages
            if side == "server" and "method" in message and "id" in message
        }
        found: dict[str, list[Json]] = defaultdict(list)
        for side, message in self.messages:
            if side == "client" and "method" not in message:
                found[asked[message["id"]]].append(message["result"])
        return found

    def steps(self) -> Iterator[tuple[dict[str, Json], frozenset[Json]]]:
        """What the client says, each with the ids of the requests that it had been answered by then."""
        answered: set[Json] = set()
        for side, message in self.messages:
            if side == "server" and "method" not in message:
                answered.add(message["id"])
            elif side == "client" and "method" in message:
                yield message, frozenset(answered)
                answered.clear()

    def encoding(self) -> str:
        """The position encoding that a server must choose."""
        offered = next(self.client())["params"]["capabilities"].get("general", {}).get("positionEncodings", [])
        return "utf-8" if "utf-8" in offered else "utf-16"

    def last_texts(self) -> Iterator[tuple[int, str, str]]:
        """Each document's last text that is Python with functions: before which of the client's messages it holds, the URI and the text.

        Others would be no proof: a function inside a syntax error is shown as it was last seen.
        """
        model = Model(self.encoding())
        last: dict[str, tuple[int, str, str]] = {}
        for position, message in enumerate(self.client()):
            method, params = message["method"], message.get("params") or {}
            about = list(model.texts) if method == "shutdown" else [params.get("textDocument", {}).get("uri")]
            if method in ("textDocument/didChange", "textDocument/didClose", "shutdown"):
                last.update({uri: (position, uri, model.texts[uri]) for uri in about if _is_python(model.texts[uri])})
            if method == "textDocument/didOpen":
                model.texts[params["textDocument"]["uri"]] = params["textDocument"]["text"]
            elif method == "textDocument/didChange":
                for change in params["contentChanges"]:
                    _apply(model, about[0], change)
            elif method in ("textDocument/didClose", "shutdown"):
                for uri in about:
                    del model.texts[uri]
                    if uri in last:
                        yield last.pop(uri)


def _is_python(text: str) -> bool:
    try:
        return any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(text)))
    except SyntaxError:
        return False


def _apply(model: Model, uri: str, change: Json) -> None:
    if "range" in change:
        model.change(uri, key(change["range"]["start"]), key(change["range"]["end"]), change["text"])
    else:
        model.texts[uri] = change["text"]
