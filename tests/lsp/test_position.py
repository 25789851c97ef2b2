"""Positions and offsets in every encoding, against the plainest implementation there is."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_lsp.lsp.position import Edit, Encoding, TextIndex, covering, encoded

ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}

PIECES = {
    "ascii": "abc",
    "accent": "é",
    "astral": "😀",
    "combining": "e\u0301",
    "joined": "👩\u200d👩\u200d👧",
    "tab": "\t",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "next line": "\x85",
    "form feed": "\f",
    "vertical tab": "\v",
    "file separator": "\x1c",
    "nul": "\0",
    "byte order mark": "\ufeff",
    "right to left": "שלום",
    "lone surrogate": "\ufffd",
}
LINE_ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}

texts = st.text(st.sampled_from("ab \n\r\t\f\v\0é\u0301😀\u2028\x85\uffff\U0010ffff"), max_size=40)
encodings = st.sampled_from(ENCODINGS)


def units(text: str, encoding: Encoding) -> int:
    codec, size = UNITS[encoding]
    return len(text.encode(codec)) // size


def lines_of(text: str) -> list[tuple[int, str]]:
    """Each line's first character and content, its end left out."""
    lines = []
    start = 0
    for match in re.finditer("\r\n|\r|\n", text):
        lines.append((start, text[start : match.start()]))
        start = match.end()
    return [*lines, (start, text[start:])]


def naive_position(text: str, index: int, encoding: Encoding) -> tuple[int, int]:
    number, (start, content) = [(number, line) for number, line in enumerate(lines_of(text)) if line[0] <= index][-1]
    return number, units(content[: index - start], encoding)


def naive_index(text: str, line: int, character: int, encoding: Encoding) -> int:
    lines = lines_of(text)
    if line >= len(lines):
        return len(text)
    start, content = lines[line]
    fitting = [count for count in range(len(content) + 1) if units(content[:count], encoding) <= character]
    return start + fitting[-1]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", LINE_ENDS.values(), ids=LINE_ENDS)
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_the_name_behind_it(piece: str, end: str, encoding: Encoding) -> None:
    text = f"x{piece}{end}{piece}def f(): {piece}{end}{end}"
    index = TextIndex.of(text, encoding)
    name = index.data.index(b"f()")
    assert index.line_count == 4
    assert index.position(name) == (1, units(f"{piece}def ", encoding))
    assert index.offset(1, units(f"{piece}def ", encoding)) == name
    assert index.data[index.line_start(name) : index.line_end(name)].decode() == f"{piece}def f(): {piece}"
    assert index.offset(1, 10**9) == index.line_end(name)
    assert index.offset(3, 0) == index.offset(99, 5) == len(index.data)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_lone_surrogate_keeps_the_columns(encoding: Encoding) -> None:
    index = TextIndex.of("'\ud83d' def 😀", encoding)
    assert index.data.decode() == "'\ufffd' def 😀"
    # A client counts it as one unit of UTF-16 or UTF-32, and as three bytes.
    assert index.position(index.data.index(b"def")) == (0, 6 if encoding == "utf-8" else 4)


@pytest.mark.parametrize(("encoding", "inside", "before"), [("utf-8", [2, 3, 4], 1), ("utf-16", [2], 1)])
def test_inside_of_a_character_means_before_it(encoding: Encoding, inside: list[int], before: int) -> None:
    index = TextIndex.of("a😀b", encoding)
    assert {index.offset(0, character) for character in inside} == {before}


def test_nonsense_is_clamped() -> None:
    index = TextIndex.of("a\r\nbc")
    assert index.offset(-1, 5) == index.offset(0, -1) == 0
    assert index.offset(0, 2) == 1  # never between the carriage return and its line feed
    assert index.position(2) == (0, 1)
    assert index.position(-5) == (0, 0)
    assert index.position(99) == (1, 2)
    assert TextIndex.of("").position(0) == (0, 0)


@given(texts, encodings)
def test_round_trip(text: str, encoding: Encoding) -> None:
    index = TextIndex.of(text, encoding)
    for count in range(len(text) + 1):
        if text[count - 1 : count + 1] == "\r\n" and count:
            continue
        offset = len(text[:count].encode())
        assert index.position(offset) == naive_position(text, count, encoding)
        assert index.offset(*index.position(offset)) == offset


@given(texts, encodings, st.integers(0, 12), st.integers(0, 40))
def test_any_position(text: str, encoding: Encoding, line: int, character: int) -> None:
    expected = len(text[: naive_index(text, line, character, encoding)].encode())
    assert TextIndex.of(text, encoding).offset(line, character) == expected


@given(texts, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), texts), max_size=5), encodings)
def test_edits_make_the_index_of_the_new_text(text: str, edits: list[tuple[int, int, str]], encoding: Encoding) -> None:
    index = TextIndex.of(text, encoding)
    original = index.data
    done: list[Edit] = []
    for first, last, new in edits:
        start, end = sorted((min(first, len(text)), min(last, len(text))))
        done.append(Edit(len(text[:start].encode()), len(text[:end].encode()), new.encode()))
        index = index.edited(done[-1])
        text = text[:start] + new + text[end:]
        fresh = TextIndex.of(text, encoding)
        assert index.data == fresh.data == text.encode()
        assert [index.line_start(offset) for offset in range(len(index.data) + 1)] == [
            fresh.line_start(offset) for offset in range(len(index.data) + 1)
        ]
        assert index.line_count == fresh.line_count
        assert index.position(len(index.data)) == fresh.position(len(index.data))
    if done:
        edit = covering(done, index.data)
        assert original[: edit.start] + edit.new + original[edit.end :] == index.data


@given(st.text())
def test_whatever_json_can_carry_is_encoded(text: str) -> None:
    assert len(encoded(text).decode()) == len(text)


def test_surrogates_are_replaced_one_by_one() -> None:
    assert encoded("\ud800\ud800x\udfff").decode() == "\ufffd\ufffdx\ufffd"
