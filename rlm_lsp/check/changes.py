"""Predicts both sides of every file that differs from the base, with one model, and says which functions changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from rlm_lsp.budget import ignoring
from rlm_lsp.check.base import Difference, Version
from rlm_lsp.check.gate import Comparison, Edited, Place, shown
from rlm_lsp.check.judge import Key
from rlm_lsp.chunk.types import Chunk, Directive
from rlm_lsp.compare import Named, decide, match, named
from rlm_lsp.config import Settings
from rlm_lsp.directives import attach
from rlm_lsp.paths import printable
from rlm_lsp.predict.engine import Engine
from rlm_lsp.predict.pipeline import Task
from rlm_lsp.predict.results import Values


@dataclass
class _Side:
    """The functions of one side, in the order of files and of places in them."""

    names: list[Named]
    chunks: list[Chunk]
    values: list[Values]
    keys: list[Key]
    directives: list[tuple[Directive, ...]]

    def place(self, index: int) -> Place:
        span = self.chunks[index].name_span
        path, cell, _ = self.keys[index]
        return Place(shown(path), cell, span.start_line, span.start_column, printable(self.names[index].name))


@dataclass(frozen=True)
class Changes:
    """What the comparison found. ``touched`` are functions of the new side whose code was changed or added; ``used`` directives."""

    comparison: Comparison
    touched: Collection[Key]
    used: Collection[tuple[Key, Directive]]


def find_changes(engine: Engine, difference: Difference, base: str, settings: Settings, is_meant: Callable[[str], bool]) -> Changes:
    """Which functions changed, by how much, and which are new or gone.

    Of files that are gone only those count as removed that are meant; their functions may have moved, whatever is meant.

    Raises:
        EngineError: a worker process cannot be started.
    """
    old, new = _both_sides(engine, difference.old, difference.new)
    model = engine.model
    edited: list[Edited] = []
    added: list[Place] = []
    removed: list[Place] = []
    moved: list[tuple[Place, Place]] = []
    touched: set[Key] = set()
    used: set[tuple[Key, Directive]] = set()
    for pair in match(old.names, new.names):
        if pair.old is None or pair.new is None:
            if pair.new is not None:
                touched.add(new.keys[pair.new])
                if new.names[pair.new].kind != "program":
                    added.append(new.place(pair.new))
            elif pair.old is not None and old.names[pair.old].kind != "program":
                path = old.names[pair.old].path
                if path not in difference.gone or is_meant(path):
                    removed.append(old.place(pair.old))
            continue
        before, after = old.names[pair.old], new.names[pair.new]
        is_elsewhere = (before.path, before.name) != (after.path, after.name)
        if is_elsewhere and after.kind != "program":
            moved.append((old.place(pair.old), new.place(pair.new)))
        if before.text == after.text:
            continue
        key = new.keys[pair.new]
        touched.add(key)
        changes = decide(old.values[pair.old], new.values[pair.new], model.objectives, settings, model.pair_band)
        if not changes and after.kind == "program":
            continue  # that a line above a function changed is no news where nothing is predicted for it
        own = new.directives[pair.new]
        ignored = set()
        for change in changes:
            if change.standing == "dearer" and (silencing := ignoring(own, change.metric)):
                ignored.add(change.metric)
                used.update((key, own[index]) for index in silencing)
        edited.append(Edited(new.place(pair.new), changes, old.place(pair.old) if is_elsewhere else None, frozenset(ignored)))
    edited.sort(key=lambda item: item.place)
    return Changes(Comparison(base, edited, sorted(added), sorted(removed), sorted(moved), model.pair_band), touched, used)


def _both_sides(engine: Engine, old: Sequence[Version], new: Sequence[Version]) -> tuple[_Side, _Side]:
    """Cut and predict all files in one run, so that whatever both sides share is asked once."""
    versions = {(side, index): version for side, all_of_it in enumerate((old, new)) for index, version in enumerate(all_of_it)}
    tasks = (Task(tag, version.content, version.language, version.path) for tag, version in versions.items())
    with closing(engine.run(tasks)) as run:
        done = {task.tag: task for task in run}
    return _side(0, versions, done), _side(1, versions, done)


def _side(side: int, versions: Mapping[tuple[int, int], Version], done: Mapping[tuple[int, int], Task[tuple[int, int]]]) -> _Side:
    result = _Side([], [], [], [], [])
    for tag, version in versions.items():
        if tag[0] == side:
            task = done[tag]
            attached, _ = attach([chunk.name_span.start_byte for chunk in task.chunks], task.directives)
            result.names += named(version.path, task.chunks)
            result.chunks += task.chunks
            result.values += task.values
            result.keys += [(version.path, version.cell, place) for place in range(len(task.chunks))]
            result.directives += attached
    return result
