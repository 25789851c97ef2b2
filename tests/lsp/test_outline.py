"""The outline moves with edits, is cut anew where they touch it, and ends up as a fresh cut of the whole text would be."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.types import ChunkResult, Problem
from rlm_lsp.lsp.cutting import HERE_BUDGET_S, cut_here
from rlm_lsp.lsp.documents import narrowed
from rlm_lsp.lsp.outline import Entry, Outline
from rlm_lsp.lsp.position import Edit
from tests.lsp.sources import MODULE, many

PATIENT_S = 60.0


class Session:
    """A text being edited, and its outline."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.outline = Outline()
        self.settle()

    def edit(self, start: int, end: int, new: bytes, *, splice: bool = True) -> None:
        edit = narrowed(self.data, Edit(start, end, new))
        self.data = self.data[: edit.start] + edit.new + self.data[edit.end :]
        self.outline = self.outline.edited(edit)
        if splice:
            self.splice()

    def replace(self, old: str, new: str, *, splice: bool = True) -> None:
        start = self.data.index(old.encode())
        self.edit(start, start + len(old.encode()), new.encode(), splice=splice)

    def type(self, behind: str, text: str) -> None:
        """Type ``text``, character for character, behind the first place where ``behind`` stands."""
        at = self.data.index(behind.encode()) + len(behind.encode())
        for char in text:
            self.edit(at, at, char.encode())
            at += len(char.encode())

    def splice(self) -> None:
        torn = self.outline.torn(len(self.data))
        if torn is not None:
            result = cut_here(self.data[slice(*torn)], "python", PATIENT_S)
            assert result is not None
            self.outline = self.outline.spliced(*torn, result, self.data)

    def settle(self) -> None:
        result = cut_here(self.data, "python", PATIENT_S)
        assert result is not None
        self.outline = self.outline.settled(result, self.data)

    def functions(self) -> dict[str, Entry]:
        return {entry.key: entry for entry in self.outline.entries if entry.kind != "program"}

    def names_in_place(self) -> bool:
        return all(self.data[f.name_start : f.name_end].decode() == f.qualified_name.rsplit(".", 1)[-1] for f in self.functions().values())

    def fresh(self) -> Outline:
        result = cut_here(self.data, "python", PATIENT_S)
        assert result is not None
        return Outline().settled(result, self.data)


def functions_of(outline: Outline) -> list[Entry]:
    return [entry for entry in outline.entries if entry.kind != "program"]


def by_themselves(outline: Outline) -> list[Entry]:
    """Functions without what they call, which is known after a full cut alone where that was edited."""
    return [entry._replace(input=replace(entry.input, callees=())) for entry in functions_of(outline)]


SNIPPETS = [
    *"abx ()[]{}:=.,'\"#@\\\n\té",
    "    ",
    "\n",
    "\n    ",
    "def g(a):\n    return a\n",
    "\ndef first(b):\n    return b\n",
    "class K:\n    def m(self):\n        return 1\n",
    "    def n(self):\n        return 2\n",
    "@dec\n",
    "if x:\n",
    "else:\n    pass\n",
    "'''",
    "# ",
    "async ",
    "return (\n",
    "\r\n",
    "y = lambda z: z\n",
    "; w = lambda: 0",
    "pass\n",
]
ANYWHERE = st.floats(0, 1, exclude_max=True)
EDITS = st.lists(
    st.tuples(ANYWHERE, st.sampled_from(["insert", "delete", "line", "indent", "dedent", "move"]), st.sampled_from(SNIPPETS)), max_size=8
)


def apply(session: Session, edit: tuple[float, str, str], *, splice: bool = True) -> None:
    where, what, snippet = edit
    text = session.data.decode()
    at = int(where * (len(text) + 1))
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at) + 1 or len(text)
    first, last, new = at, at, snippet
    if what == "delete":
        last, new = min(at + 3 * len(snippet), len(text)), ""
    elif what == "line":
        first, last = start, end
    elif what == "indent":
        first, last, new = start, start, "    "
    elif what == "dedent":
        first, last, new = start, start + 4 if text[start : start + 4] == "    " else start, ""
    elif what == "move":
        first, last, new = start, len(text), text[end:] + text[start:end]
    session.edit(len(text[:first].encode()), len(text[:last].encode()), new.encode(), splice=splice)


def test_a_function_knows_what_it_calls() -> None:
    session = Session("def f(x):\n    return g(x)\n\n\ndef g(x):\n    return x\n")

    def called() -> dict[str, tuple[str, ...]]:
        return {key: entry.input.callees for key, entry in session.functions().items()}

    assert called() == {"f": ("def g(x):\n return x",), "g": ()}
    session.replace("return x\n", "return [x]\n")
    assert called() == {"f": ("def g(x):\n return x",), "g": ()}, "what calls it waits for a full cut"
    session.settle()
    assert called() == {"f": ("def g(x):\n return [x]",), "g": ()}
    session.replace("[x]", "f(x)")
    assert called() == {"f": ("def g(x):\n return [x]",), "g": ("def f(x):\n return g(x)",)}
    session.replace("return g(x)", "return x")
    assert called() == {"f": (), "g": ("def f(x):\n return g(x)",)}
    session.settle()
    assert called() == {"f": (), "g": ("def f(x):\n return x",)}


@settings(max_examples=150, deadline=None)
@given(EDITS, st.booleans())
def test_when_everything_has_settled_it_is_a_fresh_cut(edits: list[tuple[float, str, str]], splice: bool) -> None:
    session = Session(MODULE)
    for edit in edits:
        apply(session, edit, splice=splice)
    session.settle()
    fresh = session.fresh()
    hidden = [entry for entry in session.outline.entries if entry.touched]
    for entry in hidden:
        assert entry.kind == "program" or session.data[: entry.name_end].endswith(entry.head)
    found = [entry[1:] for entry in session.outline.entries if not entry.touched]
    assert found == [entry[1:] for entry in fresh.entries]  # the key left out: a hidden function counts
    assert (session.outline.problems, session.outline.blocks) == (fresh.problems, fresh.blocks)
    assert not hidden or fresh.problems or all(is_bodiless(session.data, entry) for entry in hidden)


def is_bodiless(data: bytes, entry: Entry) -> bool:
    header, *following = (data[data.rfind(b"\n", 0, entry.name_start) + 1 :]).decode().splitlines()
    body = next((line for line in following if line.strip()), "")
    return len(body) - len(body.lstrip()) <= len(header) - len(header.lstrip())


@settings(max_examples=300, deadline=None)
@given(EDITS)
def test_splices_alone_come_to_the_same(edits: list[tuple[float, str, str]]) -> None:
    session = Session(MODULE)
    for edit in edits:
        apply(session, edit)
        fresh = session.fresh()
        if fresh.problems:  # from here on a full cut has the word
            return
        if not any(entry.touched for entry in functions_of(session.outline)):
            assert by_themselves(session.outline) == by_themselves(fresh)


@settings(max_examples=100, deadline=None)
@given(EDITS)
@example([(MODULE.index("short = ") / (len(MODULE) + 1), "indent", "")])  # the name is where the function begins
def test_places_lie_in_the_text_and_keys_are_unique(edits: list[tuple[float, str, str]]) -> None:
    session = Session(MODULE)
    for edit in edits:
        apply(session, edit, splice=False)
        entries = session.outline.entries
        assert all(0 <= e.start <= e.name_start <= e.name_end <= e.end <= len(session.data) for e in entries if e.kind != "program")
        assert len({entry.key for entry in entries}) == len(entries)
        assert list(session.outline.blocks) == sorted(set(session.outline.blocks))
    session.splice()
    assert len({entry.key for entry in session.outline.entries}) == len(session.outline.entries)


def test_an_edit_moves_what_is_behind_it_and_marks_what_it_touches() -> None:
    session = Session(MODULE)
    before = session.functions()
    session.replace("total = 0", "total = 12345", splice=False)
    after = session.functions()
    assert [key for key, entry in after.items() if entry.touched] == ["first"]
    assert after["first"].input == before["first"].input
    assert after["second"].start == before["second"].start + 4
    assert session.names_in_place()


def test_only_the_statement_around_the_edit_is_cut() -> None:
    session = Session(MODULE)
    session.replace("total = 0", "total = 1", splice=False)
    torn = session.outline.torn(len(session.data))
    assert torn is not None
    assert session.data[slice(*torn)].startswith(b"def first(")
    assert session.data[slice(*torn)].endswith(b"return total\n\n\n")


def test_a_method_is_cut_with_its_class() -> None:
    session = Session(MODULE)
    session.replace("* 2", "* 3")
    assert "return self.sides * 3" in session.functions()["Shape.area"].input.text
    assert not session.functions()["Shape.area"].touched
    assert functions_of(session.outline) == functions_of(session.fresh())


def test_typing_a_new_function_never_loses_another() -> None:
    session = Session(MODULE)
    names = set(session.functions())
    at = len(session.data[: session.data.index(b"@cache")])
    for char in 'def new(a, b):\n    """Doc."""\n    x = {"a": (1, 2)}\n    return f"{x!r}"\n\n\n':
        session.edit(at, at, char.encode())
        at += 1
        assert names <= set(session.functions())
        assert session.names_in_place()
    assert set(session.functions()) == names | {"new"}
    assert not any(entry.touched for entry in session.functions().values())


@pytest.mark.parametrize("typed", ["(", "'''", '"', "[{", "\\", "\n  return\n      x", " if", "]", "\ndef ", "\nclass"])
def test_a_function_with_an_error_stays_marked_until_it_is_whole(typed: str) -> None:
    session = Session(MODULE)
    before = session.functions()
    session.type("total = 0", typed)
    session.settle()
    assert set(before) <= set(session.functions())
    assert session.functions()["first"].input == before["first"].input or not session.functions()["first"].touched
    assert session.names_in_place()
    at = session.data.index(b"total = 0") + len("total = 0")
    session.edit(at, at + len(typed), b"")
    session.settle()
    assert session.functions() == before


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        ("def first(", "def primary(", {"first"}, {"primary"}),
        ("class Shape", "class Form", {"Shape.area", "Shape.name", "Shape.Inner.method"}, {"Form.area", "Form.name", "Form.Inner.method"}),
        ("short = lambda x: x + 1", "short = 1", {"short"}, set()),
        ("async def last", "# async def last", {"last"}, set()),
        ("def area(self):\n        return self.sides * 2\n", "", {"Shape.area"}, set()),
        (
            "def second(n):\n    def inner(m):\n        return [m, n]\n\n    return inner(n)\n",
            "x = 1\n",
            {"second", "second.<locals>.inner"},
            set(),
        ),
    ],
)
def test_what_is_gone_is_gone(old: str, new: str, gone: set[str], come: set[str]) -> None:
    session = Session(MODULE)
    before = set(session.functions())
    session.replace(old, new)
    session.settle()
    assert set(session.functions()) - {key for key, entry in session.functions().items() if entry.touched} == before - gone | come


def test_a_body_that_was_deleted_takes_no_function_along() -> None:
    session = Session("def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    session.replace("    return 1\n", "")
    session.settle()
    assert [(key, entry.touched) for key, entry in session.functions().items()] == [("f", True), ("g", False)]


def test_a_function_in_a_comment_is_gone_even_in_a_broken_file() -> None:
    session = Session("def f():\n    return 1\n\n\ndef g():\n    return (\n\n\ndef h():\n    return 2\n")
    assert list(session.functions()) == ["f", "h"]
    session.replace("def f():\n    return 1\n", "# def f():\n#     return 1\n")
    session.settle()
    assert list(session.functions()) == ["h"]


def test_the_second_of_a_name_has_another_key() -> None:
    session = Session("def f(): return 1\n\ndef f(): return 2\n")
    assert list(session.functions()) == ["f", "f#2"]
    session.edit(0, 0, b"def f(): return 0\n\n")
    assert [entry.input.text[-1] for entry in session.functions().values()] == ["0", "1", "2"]
    assert list(session.functions()) == ["f", "f#2", "f#3"]


def test_a_formatter_that_replaces_everything_keeps_the_functions() -> None:
    session = Session(MODULE)
    before = session.functions()
    formatted = "# formatted\n" + MODULE.replace("    ", "  ") + "# end\n"
    session.edit(0, len(session.data), formatted.encode(), splice=False)
    assert list(session.functions()) == list(before)
    assert session.names_in_place()
    session.settle()
    assert session.outline == session.fresh()


def test_directives_move_along() -> None:
    session = Session("def f():\n    return 1\n\n\ndef g():  # rlm: ignore\n    return 2\n\n# rlm: ignore\nx = 1\n")
    session.edit(0, 0, b"import os\n\n\n", splice=False)
    (directive,) = session.functions()["g"].directives
    assert session.data[directive.start_byte : directive.end_byte].strip(b"# ") == b"rlm: ignore"
    session.replace("return 2", "return 3")
    (directive,) = session.functions()["g"].directives
    assert session.data[directive.start_byte : directive.end_byte].strip(b"# ") == b"rlm: ignore"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends(end: str) -> None:
    session = Session(MODULE.replace("\n", end))
    names = set(session.functions())
    session.type("total = 0", f"{end}    x = 1")
    assert set(session.functions()) == names
    assert session.names_in_place()
    session.settle()
    assert session.outline == session.fresh()


def test_the_declared_encoding_is_that_of_the_file_not_of_the_text() -> None:
    text = "# -*- coding: latin-1 -*-\nx = 'é😀'\ndef f():\n    return 'é'\n"
    session = Session(text)
    assert session.names_in_place()
    assert session.functions()["f"].input.text == "def f():\n return 'é'"


def test_a_cut_keeps_the_objects_of_what_has_not_changed() -> None:
    session = Session(MODULE)
    before = session.outline.entries
    session.replace("total = 0", "total = 1")
    session.settle()
    changed = [new.key for old, new in zip(before, session.outline.entries, strict=True) if old is not new]
    assert changed == ["<module>", "first"]


@pytest.mark.parametrize("code", ["parse-timeout", "crashed"])
def test_a_cut_that_did_not_come_about_takes_nothing_away(code: Literal["parse-timeout", "crashed"]) -> None:
    data = many(3).encode()
    outline = Outline().settled(chunk_source(data, "python"), data)
    failed = outline.settled(ChunkResult((), (Problem(code, "why"),)), data)
    assert failed == replace(outline, problems=(Problem(code, "why"),))


def test_large_files_are_edited_in_parts() -> None:
    session = Session(many(1000))
    session.type("total = 500", "0 + 1")
    assert functions_of(session.outline) == functions_of(session.fresh())
    torn = session.outline.edited(Edit(50_000, 50_000, b"x")).torn(len(session.data))
    assert torn is not None
    assert torn[1] - torn[0] < 200


def test_hostile_text_is_given_up_in_time() -> None:
    assert cut_here(b"a(b " * 5000, "python", HERE_BUDGET_S) is None or chunk_source(b"a(b " * 5000, "python").problems
