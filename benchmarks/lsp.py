"""The language server's budgets, through a real session on stdin and stdout: ``python -m benchmarks.lsp`` writes lsp.json and LSP.md.

``--peers FOLDER`` names a virtual environment with python-lsp-server and jedi-language-server, which are then asked the same in the same
run, as far as they can be:

    python -m venv /tmp/peers && /tmp/peers/bin/pip install python-lsp-server jedi-language-server
    python -m benchmarks.lsp --peers /tmp/peers

Sections can be measured one at a time (``python -m benchmarks.lsp files many``); the page always shows the last of each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import lsp_page
from benchmarks.session import Session, percentiles, processor_s, resident
from benchmarks.workload import METHOD_LINES, METHODS, generated

SIZES = (1_000, 10_000)
DEBOUNCE_S = 0.2  # the default setting
RESULTS = Path(__file__).parent / "lsp.json"

Json = dict[str, Any]
Results = Iterator[tuple[str, Json]]
"""Of a section: what each server took, by its name."""


class Measured(Session):
    """Our server, or another, with the one file that is measured."""

    def __init__(self, command: list[str], folder: Path, functions: int) -> None:
        super().__init__(command, {**os.environ, "RLM_LSP_CACHE_DIR": str(folder / "cache")}, folder)
        self.functions = functions
        self.uri = (folder / "generated.py").as_uri()
        self.text = generated(functions)
        self.random = random.Random(functions)

    def document(self) -> Json:
        """A request's ``textDocument``."""
        return {"textDocument": {"uri": self.uri}}

    def line(self, function: int) -> int:
        """Where a function's ``def`` stands."""
        group, method = divmod(function, METHODS)
        return group * (METHODS * METHOD_LINES + 3) + 1 + method * METHOD_LINES

    def somewhere(self) -> int:
        """A function, by chance."""
        return self.random.randrange(self.functions)

    def position(self, function: int, line: int = 0, character: int = 10) -> Json:
        """A place in a function."""
        return {**self.document(), "position": {"line": self.line(function) + line, "character": character}}

    def screen(self, function: int) -> Json:
        """A screenful of lines that begins at a function."""
        first = self.line(function)
        return {**self.document(), "range": {"start": {"line": first, "character": 0}, "end": {"line": first + 60, "character": 0}}}

    def hints(self, function: int) -> list[Json]:
        """The hints of the first line of a function."""
        line = self.line(function)
        span = {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}}
        return self.ask("textDocument/inlayHint", {**self.document(), "range": span})[0] or []

    def is_hinted(self, function: int, mark: str = "") -> bool:
        """Whether a function has a hint; ``~`` marks those that belong to the present text."""
        return any(hint["label"].startswith(mark) for hint in self.hints(function))

    def is_predicted(self) -> bool:
        """Whether all functions of all open documents have a number."""
        documents = self.command("rlm-lsp.status")["documents"]
        return all(document["functions"] > document["unknown"] == document["functions"] - document["predicted"] for document in documents)

    def until(self, condition: Callable[[], bool], every_s: float = 0.2) -> None:
        """Wait for what the server does by itself."""
        deadline = time.monotonic() + 600
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the server does not get ready")
            time.sleep(every_s)

    def measured(self, action: Callable[[], float], count: int) -> Json:
        """Percentiles of what ``action`` returns, and the processor time (``cpu``, mean) that it costs the server."""
        before = processor_s(self.process.pid)
        seconds = [action() for _ in range(count)]
        return {**percentiles(seconds), "cpu": round(1000 * (processor_s(self.process.pid) - before) / count, 2)}

    def request(self, method: str, params: Callable[[], Json], count: int) -> Json:
        """``measured`` of a request."""
        return self.measured(lambda: self.ask(method, params())[1], count)

    def type(self, function: int, text: str) -> None:
        """Insert ``text`` at the end of a function's second line."""
        self.change(self.uri, [(self.line(function) + 1, 8, 8, text)])


def ours() -> list[str]:
    """How our server is started."""
    return [sys.executable, "-m", "rlm_lsp", "--stdio"]


def peers(folder: Path | None) -> dict[str, list[str]]:
    """How the others are, by name."""
    programs = {"pylsp": "pylsp", "jedi-language-server": "jedi-language-server"}
    return {name: [str(folder / "bin" / program)] for name, program in programs.items()} if folder else {}


@contextmanager
def project(*, warm: bool = True) -> Iterator[Path]:
    """A folder with the generated files, whose functions are in the cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if warm:
            with Measured(ours(), folder, SIZES[0]) as session:
                session.initialize()
                session.open(session.uri, session.text)
                session.until(session.is_predicted)
                session.shut_down()
        yield folder


def start(commands: Mapping[str, list[str]]) -> Results:
    """From the start of the process to the reply to initialize, servers taking turns."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    with project(warm=False) as folder:
        for _ in range(7):
            for name, command in commands.items():
                with Measured(command, folder, 10) as session:
                    times[name].append(session.initialize())
    yield from ((name, percentiles(taken)) for name, taken in times.items())


def files(commands: Mapping[str, list[str]]) -> Results:
    """A file of 1,000 functions: what each request takes, warm, and what an edit costs."""
    return _on_a_file(commands, SIZES[0])


def large(commands: Mapping[str, list[str]]) -> Results:
    """The same for 10,000 functions."""
    return _on_a_file(commands, SIZES[1])


def _on_a_file(commands: Mapping[str, list[str]], size: int) -> Results:
    with project() as folder:
        for name, command in commands.items():
            with Measured(command, folder, size) as session:
                session.initialize()
                yield name, _ours_on_a_file(session) if name == "rlm-lsp" else _peer_on_a_file(session)


def _ours_on_a_file(session: Measured) -> Json:
    opened = time.perf_counter()
    session.open(session.uri, session.text)
    session.until(partial(session.is_hinted, session.functions // 2), every_s=0.01)
    first_hint = time.perf_counter() - opened
    session.until(session.is_predicted)
    lenses = session.ask("textDocument/codeLens", session.document())[0]
    hints = [hint for _ in range(50) for hint in session.ask("textDocument/inlayHint", session.screen(session.somewhere()))[0]]
    whole = session.document()
    found: Json = {
        "ping": session.measured(session.ping, 200),
        "inlayHint, a screenful": session.request("textDocument/inlayHint", lambda: session.screen(session.somewhere()), 200),
        "inlayHint/resolve": session.request("inlayHint/resolve", lambda: session.random.choice(hints), 200),
        "codeLens, the whole file": session.request("textDocument/codeLens", lambda: whole, 20),
        "codeLens/resolve": session.request("codeLens/resolve", lambda: session.random.choice(lenses), 200),
        "hover": session.request("textDocument/hover", lambda: session.position(session.somewhere()), 200),
        "diagnostic": session.request("textDocument/diagnostic", lambda: whole, 20),
        "open → first hint": {"once": round(1000 * first_hint, 1)},
    }
    found["memory, MB"] = resident(session.process.pid)
    found.update(_typing(session))
    found["edit → number, after the debounce"] = _fresh_numbers(session, 25)
    found["cancel → reply"] = _cancelled(session)
    return found


def _peer_on_a_file(session: Measured) -> Json:
    session.open(session.uri, session.text)
    for _ in range(3):
        session.ask("textDocument/hover", session.position(session.somewhere()))
    found: Json = {
        "ping": session.measured(session.ping, 200),
        "hover": session.request(
            "textDocument/hover", lambda: session.position(session.somewhere()), 50 if session.functions == SIZES[0] else 5
        ),
    }
    if session.functions == SIZES[0]:  # more would take minutes
        found["documentSymbol"] = session.request("textDocument/documentSymbol", session.document, 2)
    found["memory, MB"] = resident(session.process.pid)
    return {**found, **_typing(session)}


def _typing(session: Measured) -> Json:
    """A letter every 100 ms into one function after the other: the turn of didChange, and the hints behind it."""
    ours = bool(session.command("rlm-lsp.status"))
    numbers = iter(range(1_000))
    hinted = []

    def type_one() -> float:
        number = next(numbers)
        time.sleep(0.1)
        session.type(session.somewhere() if number % 20 == 0 else number % 50, "x")
        turn = session.ping()
        if ours:
            hinted.append(session.ask("textDocument/inlayHint", session.screen(number % 50))[1])
        return turn

    turns = session.measured(type_one, 200 if ours else 60)
    return {"didChange": turns, **({"inlayHint behind an edit": percentiles(hinted)} if hinted else {})}


def _fresh_numbers(session: Measured, count: int) -> Json:
    """How long after the debounce the client has a number of the edited function's new text: it asks when it is told to, as an editor."""
    taken = []
    for i in range(count):
        function = session.somewhere()
        session.until(partial(session.is_hinted, function), every_s=0.02)
        time.sleep(1.2)  # whatever went on is over
        session.ping()
        edited = time.perf_counter()
        session.type(function, f"{i} + ")
        session.hints(function)  # as an editor does after an edit
        while True:
            session.wait(lambda message: message.get("method") == "workspace/inlayHint/refresh")
            if session.is_hinted(function, "~"):
                break
        taken.append(time.perf_counter() - edited - DEBOUNCE_S)
    return percentiles(taken)


def _cancelled(session: Measured) -> Json:
    """From $/cancelRequest to the reply, of a request that would take seconds."""
    times = []
    lens = session.ask("codeLens/resolve", session.ask("textDocument/codeLens", session.document())[0][5])[0]
    key = lens["data"]["key"] if lens.get("data") else "Group0.method0"
    for i in range(30):
        session.type(0, f"{1000 + i} + ")
        session.ping()
        arguments = [{"uri": session.uri, "key": key, "show": False}]
        number = session.send("workspace/executeCommand", {"command": "rlm-lsp.explain", "arguments": arguments})
        time.sleep(0.02)
        sent = time.perf_counter()
        session.notify("$/cancelRequest", {"id": number})
        reply = session.reply(number)
        if reply.message.get("error", {}).get("code") == -32800:
            times.append(reply.arrived - sent)
    return {**percentiles(times), "cancelled": len(times)} if times else {"cancelled": 0}


def many(commands: Mapping[str, list[str]]) -> Results:
    """Fifty open files of a hundred functions, and a symbol that is renamed a thousand times in a file, and in all files."""
    with project() as folder:
        texts = {(folder / f"file{i}.py").as_uri(): generated(100, first=i * 20) for i in range(50)}
        for name, command in commands.items():
            with Measured(command, folder, SIZES[0]) as session:
                session.initialize()
                began = time.perf_counter()
                for uri, text in texts.items():
                    session.open(uri, text)
                session.ping()
                result: Json = {"fifty files opened": {"once": round(1000 * (time.perf_counter() - began), 1)}}
                if name == "rlm-lsp":
                    session.until(session.is_predicted)
                    result["fifty files predicted"] = {"once": round(1000 * (time.perf_counter() - began), 1)}
                turns = []
                for i in range(100):
                    session.change(list(texts)[i % 50], [(3, 8, 8, "x")])
                    turns.append(session.ping())
                    time.sleep(0.05)
                result["didChange among fifty files"] = percentiles(turns)
                session.open(session.uri, session.text)
                session.ping()
                time.sleep(3)
                renamed = [(session.line(function), 8, 14, "renamed") for function in range(SIZES[0])]
                began = time.perf_counter()
                session.change(session.uri, renamed)
                session.ping()
                result["a thousand edits in one message"] = {"once": round(1000 * (time.perf_counter() - began), 1)}
                time.sleep(3)
                began = time.perf_counter()
                for uri in texts:
                    session.change(uri, [(session.line(function), 8, 14, "renamed") for function in range(20)])
                session.ping()
                result["a rename in fifty files"] = {"once": round(1000 * (time.perf_counter() - began), 1)}
                result["memory, MB"] = resident(session.process.pid)
                yield name, result


def edits(commands: Mapping[str, list[str]]) -> Results:
    """Memory before and after 10,000 edits of a file with 1,000 functions."""
    with project() as folder:
        for name, command in commands.items():
            with Measured(command, folder, SIZES[0]) as session:
                session.initialize()
                session.open(session.uri, session.text)
                session.ping()
                memory = {}
                began = time.perf_counter()
                for i in range(10_001):
                    if i in (1_000, 10_000):
                        time.sleep(5)
                        session.ping()
                        memory[i] = resident(session.process.pid)
                    line = session.line(i // 2 * 7 % session.functions) + 1
                    session.change(session.uri, [(line, 8, 8, "x") if i % 2 == 0 else (line, 8, 9, "")])
                    if i % 20 == 0:
                        session.ping()
                        time.sleep(0.005)
                yield (
                    name,
                    {
                        "edits a second": round(10_000 / (time.perf_counter() - began - 10)),
                        "MB after 1,000": memory[1_000],
                        "MB after 10,000": memory[10_000],
                    },
                )


def hostile(commands: Mapping[str, list[str]]) -> Results:
    """A hundred kilobytes of brackets are opened and edited: the longest that a ping takes meanwhile."""
    with project(warm=False) as folder:
        for name, command in commands.items():
            with Measured(command, folder, 10) as session:
                session.initialize()
                session.open(session.uri, "a(b " * 25_000)
                pings = []
                for i in range(150):
                    if i % 10 == 0:
                        session.change(session.uri, [(0, 4, 4, "a(b ")])
                    pings.append(session.ping())
                    time.sleep(0.02)
                yield name, {"ping meanwhile": percentiles(pings)}


SECTIONS: Mapping[str, Callable[[Mapping[str, list[str]]], Results]] = {
    "start": start,
    "files": files,
    "large": large,
    "many": many,
    "edits": edits,
    "hostile": hostile,
}


def main() -> None:
    """Measure what is named on the command line, else everything, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lsp")
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="SECTION", help=f"of {', '.join(SECTIONS)} (all)")
    parser.add_argument("--peers", type=Path, help="virtual environment with python-lsp-server and jedi-language-server")
    arguments = parser.parse_args()
    results: Json = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    commands = {"rlm-lsp": ours(), **peers(arguments.peers)}
    for name in arguments.sections or SECTIONS:
        results[name] = {}
        for server, found in SECTIONS[name](commands):
            print(name, server, json.dumps(found, ensure_ascii=False), flush=True)
            results[name][server] = found
            results["machine"] = lsp_page.machine(arguments.peers)
            RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
            lsp_page.write(results)


if __name__ == "__main__":
    main()
