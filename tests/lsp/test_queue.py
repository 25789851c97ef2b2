from __future__ import annotations

import pytest

from rlm_lsp.lsp.memory import BYTES_PER_ANSWER, Memory
from rlm_lsp.lsp.queue import Priority, Queue
from rlm_lsp.predict.results import Values
from rlm_lsp.predict.types import ModelInput

VISIBLE, OPEN, WORKSPACE = Priority.VISIBLE, Priority.OPEN, Priority.WORKSPACE


def item(text: str) -> ModelInput:
    return ModelInput("python", "function", text)


def texts(queue: Queue) -> str:
    return "".join(queue.pop().text for _ in range(len(queue)))


def filled(*waiting: tuple[str, Priority], limit: int = 10) -> Queue:
    queue = Queue(limit)
    for text, priority in waiting:
        queue.put(item(text), priority)
    return queue


def test_the_most_urgent_is_first_and_of_equals_the_oldest() -> None:
    queue = filled(("a", WORKSPACE), ("b", OPEN), ("c", VISIBLE), ("d", OPEN), ("e", VISIBLE), ("f", WORKSPACE))
    assert texts(queue) == "cebdaf"
    with pytest.raises(IndexError):
        queue.pop()


def test_what_becomes_urgent_moves_up_and_what_stays_keeps_its_place() -> None:
    queue = filled(("a", OPEN), ("b", OPEN), ("c", OPEN))
    queue.put(item("a"), OPEN)
    queue.put(item("c"), VISIBLE)
    queue.put(item("b"), WORKSPACE)
    assert len(queue) == 3
    assert texts(queue) == "cab"


def test_the_oldest_that_is_not_visible_falls_out_of_a_full_queue() -> None:
    queue = filled(("a", VISIBLE), ("b", OPEN), ("c", WORKSPACE), ("d", OPEN), limit=4)
    assert queue.put(item("e"), OPEN) == item("c")
    assert queue.put(item("f"), VISIBLE) == item("b")
    assert queue.put(item("g"), WORKSPACE) == item("g")
    assert texts(queue) == "afde"


def test_the_visible_are_never_refused() -> None:
    queue = filled(*((text, VISIBLE) for text in "abcdef"), limit=4)
    assert queue.put(item("g"), OPEN) == item("g")
    assert texts(queue) == "abcdef"


def test_taking_out() -> None:
    queue = filled(("a", OPEN), ("b", VISIBLE))
    queue.discard(item("b"))
    queue.discard(item("z"))
    assert item("a") in queue
    assert item("b") not in queue
    assert texts(queue) == "a"


def test_memory_forgets_what_was_not_used_for_the_longest_time_but_nothing_that_is_wanted() -> None:
    wanted = {item("1"), item("2")}
    memory = Memory(4 * (BYTES_PER_ANSWER + 1), wanted.__contains__)
    answers = {str(number): Values([[number, number, number]]) for number in range(6)}
    for text in ("0", "1", "2", "3"):
        memory.put(item(text), answers[text])
    assert memory.get(item("0")) == answers["0"]
    memory.put(item("4"), answers["4"])
    memory.put(item("5"), answers["5"])
    assert [text for text in answers if memory.get(item(text))] == ["1", "2", "4", "5"]
    wanted |= {item("4"), item("5")}
    memory.put(item("6"), answers["0"])
    assert [text for text in "123456" if memory.get(item(text))] == ["1", "2", "4", "5"]
    assert len(memory) == 4
    memory.clear()
    assert len(memory) == 0


def test_long_texts_count_for_more() -> None:
    memory = Memory(10 * BYTES_PER_ANSWER, lambda _: False)
    values = Values([[1.0, 1.0, 1.0]])
    for text in ("a", "b", "c"):
        memory.put(item(text), values)
    memory.put(item("x" * 8 * BYTES_PER_ANSWER), values)
    assert len(memory) == 1
