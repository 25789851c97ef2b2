"""The comparison of open documents with HEAD, in real repositories."""

from __future__ import annotations

import asyncio
import codecs
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.types import ChunkResult
from rlm_lsp.lsp import base as base_module
from rlm_lsp.lsp.base import HeadComparison
from rlm_lsp.lsp.oracle import Oracle
from rlm_lsp.lsp.queue import Priority
from rlm_lsp.lsp.snapshot import Base, FunctionView, Place, Shown
from rlm_lsp.predict.identity import identify
from rlm_lsp.predict.results import Values, unavailable
from rlm_lsp.predict.types import ModelInput

pytestmark = pytest.mark.asyncio
WAIT_S = 60
URI = "file:///project/a.py"
OLD = """
def kept(xs):
    return sum(xs)


def changed(xs):
    return sorted(xs)


def gone(path):
    return open(path).read()
"""
NEW = """
def kept(xs):
    # as it was
    return sum(xs)


def changed(xs):
    return sorted(set(xs))


def added(n, m):
    return [n] * m
"""


class Model:
    """Predicts the length of the text, if it may."""

    def __init__(self) -> None:
        self.memory: dict[ModelInput, Values] = {}
        self.asked: list[ModelInput] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def known(self, item: ModelInput) -> Values | None:
        return self.memory.get(item)

    async def predict(self, items: Sequence[ModelInput], priority: Priority) -> list[Values]:
        assert priority is Priority.WORKSPACE
        self.asked += items
        await self.may_answer.wait()
        self.memory.update({item: length(item.text) for item in items})
        return [self.memory[item] for item in items]


def length(text: str) -> Values:
    return Values([[float(len(text))] * 3])


def functions(source: str) -> list[FunctionView]:
    views, seen = [], dict[str, int]()
    for chunk in chunk_source(source.encode(), "python").chunks:
        if chunk.kind == "function":
            name = chunk.qualified_name
            seen[name] = seen.get(name, 0) + 1
            key = name if seen[name] == 1 else f"{name}#{seen[name]}"
            views.append(FunctionView(key, name, chunk.kind, Place(0, 0, 0, 0), ModelInput("python", "function", chunk.text), Shown(None)))
    return views


def text_of(source: str, name: str) -> str:
    return next(view.input.text for view in functions(source) if view.key == name)


class Bench:
    """A repository with one file, and a comparison that listens."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "a.py"
        self.model = Model()
        self.cuts = 0
        self.delivered: list[Mapping[str, Base]] = []
        self.lines: list[str] = []
        self.heads = HeadComparison(self.model, self.cut, deliver=self.take, log=self.lines.append)
        self.git("init", "-q", "-b", "main")
        self.commit(OLD)

    async def cut(self, code: bytes, language: str) -> ChunkResult:
        self.cuts += 1
        return chunk_source(codecs.BOM_UTF8 + code, language)  # it is text, whatever encoding it declares

    def take(self, uri: str, bases: Mapping[str, Base]) -> None:
        assert uri == URI
        self.delivered.append(bases)

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=self.file.parent, check=True, capture_output=True)

    def commit(self, source: str | bytes) -> None:
        self.file.write_bytes(source if isinstance(source, bytes) else source.encode())
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "m")

    async def look(self, source: str) -> Mapping[str, Base]:
        """What is delivered last when a file is opened or saved with this content."""
        self.heads.look(URI, str(self.file), "python")
        self.heads.update(URI, functions(source))
        await self.heads.settled(URI)
        return self.delivered[-1] if self.delivered else {}

    async def edit(self, source: str) -> Mapping[str, Base]:
        self.heads.update(URI, functions(source))
        await self.heads.settled(URI)
        return self.delivered[-1]


@pytest_asyncio.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "project").mkdir()
    made = Bench(tmp_path / "project")
    yield made
    await made.heads.close()


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_each_function_gets_its_counterpart(bench: Bench) -> None:
    assert await bench.look(NEW) == {
        "kept": Base(length(text_of(OLD, "kept")), same_text=True),
        "changed": Base(length(text_of(OLD, "changed"))),
        "added": Base(None, added=True),
    }


async def test_what_is_known_is_delivered_before_the_rest_is_predicted(bench: Bench) -> None:
    kept = functions(NEW)[0].input
    bench.model.memory[kept] = length(kept.text)
    bench.model.may_answer.clear()
    bench.heads.look(URI, str(bench.file), "python")
    bench.heads.update(URI, functions(NEW))
    await until(lambda: bench.model.asked)
    (first,) = bench.delivered
    assert (first["kept"].values, first["changed"]) == (length(kept.text), Base(None))
    assert [item.text for item in bench.model.asked] == [text_of(OLD, "changed")]
    bench.model.may_answer.set()
    await bench.heads.settled(URI)
    assert bench.delivered[-1]["changed"] == Base(length(text_of(OLD, "changed")))


async def test_a_renamed_function_is_still_itself(bench: Bench) -> None:
    bases = await bench.look(OLD.replace("changed", "better"))
    assert bases["better"] == Base(length(text_of(OLD, "changed")))


async def test_functions_of_one_name_have_their_own_counterparts(bench: Bench) -> None:
    twice = "def f(x):\n    return x\n\n\ndef f(xs):\n    return sorted(xs)[0]\n"
    bench.commit(twice)
    bases = await bench.look(twice)
    assert bases["f"].same_text
    assert bases["f#2"].same_text
    assert bases["f"].values != bases["f#2"].values


async def test_edits_are_matched_without_git(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not (await bench.look(NEW))["changed"].same_text
    monkeypatch.setattr(base_module, "_at_head", lambda *_: pytest.fail("git was asked"))
    assert (await bench.edit(OLD))["changed"].same_text
    assert not (await bench.edit(NEW))["changed"].same_text
    assert bench.cuts == 1


async def test_only_a_head_that_has_moved_is_read_again(bench: Bench) -> None:
    await bench.look(NEW)
    await bench.look(NEW)
    assert bench.cuts == 1
    bench.commit(NEW)
    bases = await bench.look(NEW)
    assert bench.cuts == 2
    assert all(base.same_text for base in bases.values())
    bench.git("commit", "-q", "--allow-empty", "-m", "nothing about this file")
    await bench.look(NEW)
    assert bench.cuts == 2
    bench.git("checkout", "-q", "HEAD~2")
    assert not (await bench.look(NEW))["changed"].same_text


async def test_what_only_becomes_known_is_not_matched_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.look(NEW)
    monkeypatch.setattr(base_module, "_counterparts", lambda *_: pytest.fail("matched again"))
    await bench.edit(NEW)
    bench.heads.update(URI, [replace(view, shown=Shown(length("x")), place=Place(1, 2, 1, 2)) for view in functions(NEW)])
    await bench.heads.settled(URI)


async def test_news_are_delivered_once(bench: Bench) -> None:
    await bench.look(OLD)
    count = len(bench.delivered)
    await bench.look(OLD)
    await bench.edit(OLD)
    assert len(bench.delivered) == count


async def test_files_that_head_does_not_hold_are_not_compared(bench: Bench, tmp_path: Path) -> None:
    (bench.file.parent / "untracked.py").write_text(OLD)
    (tmp_path / "outside.py").write_text(OLD)
    for path in (bench.file.parent / "untracked.py", tmp_path / "outside.py", bench.file.parent / "nowhere" / "missing.py"):
        bench.heads.look(URI, str(path), "python")
        bench.heads.update(URI, functions(OLD))
        await bench.heads.settled(URI)
    assert bench.delivered == []
    assert bench.lines == []


async def test_a_file_that_leaves_head_loses_its_counterparts(bench: Bench) -> None:
    assert await bench.look(OLD)
    bench.git("rm", "-q", "--cached", "a.py")
    bench.git("commit", "-q", "-m", "removed")
    assert await bench.look(OLD) == {}


async def test_a_repository_without_a_commit(bench: Bench, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "fresh")], check=True)
    bench.heads.look(URI, str(tmp_path / "fresh" / "a.py"), "python")
    bench.heads.update(URI, functions(OLD))
    await bench.heads.settled(URI)
    assert (bench.delivered, bench.lines) == ([], [])


@pytest.mark.parametrize(
    ("content", "same"),
    [
        ("# coding: latin-1\ndef kept(xs):\n    return 'é', sum(xs)\n".encode("latin-1"), {"kept"}),
        ("\ufeffdef kept(xs):\r\n    return 'é', sum(xs)\r\n".encode(), {"kept"}),
        (b"def kept(xs):\n    return '\xff', sum(xs)\n", set()),
        (b"def kept(xs)\n    return ((((\n", None),
        (b"\0\0\0", None),
        (b"", None),
    ],
)
async def test_odd_bytes_in_head(bench: Bench, content: bytes, same: set[str] | None) -> None:
    bench.commit(content)
    bases = await bench.look("def kept(xs):\n    return 'é', sum(xs)\n")
    assert {key for key, base in bases.items() if base.same_text} == (same or set())
    assert bool(bases) is (same is not None)
    assert bench.lines == []


async def test_a_closed_document_hears_nothing(bench: Bench) -> None:
    bench.model.may_answer.clear()
    bench.heads.look(URI, str(bench.file), "python")
    bench.heads.update(URI, functions(NEW))
    await until(lambda: bench.model.asked)
    count = len(bench.delivered)
    bench.heads.forget(URI)
    bench.model.may_answer.set()
    await asyncio.sleep(0.05)
    bench.heads.update(URI, functions(OLD))
    await bench.heads.settled(URI)
    assert len(bench.delivered) == count


async def test_typing_leaves_only_the_last_match(bench: Bench) -> None:
    bench.heads.look(URI, str(bench.file), "python")
    for i in range(50):
        bench.heads.update(URI, functions(f"def kept(xs):\n    return sum(xs) + {i}\n"))
    bases = await bench.edit("def kept(xs):\n    return sum(xs)\n")
    assert bases["kept"].same_text
    assert len(bench.delivered) <= 2


async def test_without_git_there_is_one_line(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    for _ in range(3):
        await bench.look(NEW)
    assert bench.lines == ["files are not compared with HEAD: git is not installed, or not on PATH"]
    assert bench.delivered == []


async def test_without_a_model_the_counterparts_say_why(bench: Bench) -> None:
    oracle = Oracle(None, None, on_values=print, log=print, unload_after_s=1, model_error="no model")
    heads = HeadComparison(oracle, bench.cut, deliver=bench.take, log=print)
    heads.look(URI, str(bench.file), "python")
    heads.update(URI, functions(NEW))
    await heads.settled(URI)
    assert bench.delivered[-1]["changed"].values == unavailable("no model")
    await heads.close()
    await oracle.close()


async def test_the_numbers_are_those_of_the_same_text_anywhere(bench: Bench, tiny_model: Path) -> None:
    oracle = Oracle(identify(tiny_model), None, on_values=print, log=print, unload_after_s=60, threads=1)
    heads = HeadComparison(oracle, bench.cut, deliver=bench.take, log=print)
    heads.look(URI, str(bench.file), "python")
    heads.update(URI, functions(NEW))
    await heads.settled(URI)
    inputs = [ModelInput("python", "function", text_of(OLD, name)) for name in ("kept", "changed")]
    assert [bench.delivered[-1][name].values for name in ("kept", "changed")] == await oracle.predict(inputs)
    await heads.close()
    await oracle.close()


async def test_the_old_version_is_asked_about_with_what_it_called(bench: Bench) -> None:
    bench.commit("def f(x):\n    return g(x)\n\n\ndef g(x):\n    return x\n")
    await bench.look("def f(x):\n    return [g(x)]\n\n\ndef g(x):\n    return [x]\n")
    assert {item.text: item.callees for item in bench.model.asked} == {
        "def f(x):\n return g(x)": ("def g(x):\n return x",),
        "def g(x):\n return x": (),
    }
