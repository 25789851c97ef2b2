"""The server's texts are the client's, whatever is edited, opened twice, or never opened at all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from rlm_lsp.lsp.documents import FEW_CHANGES, ContentChange, Document, Documents, folder_of, narrowed, path_of
from rlm_lsp.lsp.position import Edit, TextIndex
from rlm_lsp.notebook import blank_magics

URI = "file:///w/a.py"
WORDS = st.text(st.sampled_from("ab\n\r\té😀\u2028\x0c"), max_size=8)


class Client:
    """An editor: a text in UTF-16 units, as Microsoft's clients count."""

    def __init__(self, text: str) -> None:
        self.text = text

    def replace(self, start: int, end: int, new: str) -> types.TextDocumentContentChangePartial:
        change = types.TextDocumentContentChangePartial(range=types.Range(self.position(start), self.position(end)), text=new)
        self.text = self.text[:start] + new + self.text[end:]
        return change

    def replace_all(self, text: str) -> types.TextDocumentContentChangeWholeDocument:
        self.text = text
        return types.TextDocumentContentChangeWholeDocument(text=text)

    def position(self, index: int) -> types.Position:
        line = start = 0
        here = 0
        while here < index:
            width = 2 if self.text[here : here + 2] == "\r\n" else 1
            if self.text[here] in "\r\n":
                line, start = line + 1, here + width
            here += width
        return types.Position(line, len(self.text[start:index].encode("utf-16-le")) // 2)


def item(text: str, uri: str = URI, language_id: str = "python", version: int = 1) -> types.TextDocumentItem:
    return types.TextDocumentItem(uri, language_id, version, text)


def documents() -> tuple[Documents, list[str]]:
    log: list[str] = []
    return Documents("utf-16", log.append), log


@given(WORDS, st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), WORDS), max_size=3), max_size=6), st.booleans())
def test_no_drift(text: str, batches: list[list[tuple[int, int, str]]], whole: bool) -> None:
    store, log = documents()
    client = Client(text)
    store.open(item(text))
    data = text.encode()
    for version, batch in enumerate(batches, 2):
        changes: list[ContentChange] = []
        for start, length, new in batch:
            first, last = min(start, len(client.text)), min(start + length, len(client.text))
            # No client puts its cursor between a carriage return and its line feed.
            if client.text[first - 1 : first + 1] == "\r\n" or client.text[last - 1 : last + 1] == "\r\n":
                continue
            if whole and len(new) % 2:
                changes.append(client.replace_all(client.text[:first] + new + client.text[last:]))
            else:
                changes.append(client.replace(first, last, new))
        changed = store.change(URI, version, changes)
        assert changed is not None
        document, edits = changed
        assert document.text.data.decode() == client.text
        assert document.version == version
        for edit in edits:
            data = data[: edit.start] + edit.new + data[edit.end :]
        assert data == document.text.data  # the edits tell the same story to the outline
    assert store.check(URI, client.text) == []
    assert log == []


@given(WORDS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), WORDS), min_size=FEW_CHANGES + 5, max_size=FEW_CHANGES + 20))
def test_many_changes_at_once_do_the_same(text: str, batch: list[tuple[int, int, str]]) -> None:
    store, _ = documents()
    client = Client(text)
    store.open(item(text))
    changes: list[ContentChange] = []
    for start, length, new in batch:
        first, last = min(start, len(client.text)), min(start + length, len(client.text))
        if client.text[first - 1 : first + 1] != "\r\n" and client.text[last - 1 : last + 1] != "\r\n":
            changes.append(client.replace(first, last, new))
    changed = store.change(URI, 2, changes)
    assert changed is not None
    assert changed[0].text.data.decode() == client.text
    assert changed[0].text.line_count == TextIndex.of(client.text).line_count


def test_drift_is_found_and_mended() -> None:
    store, log = documents()
    store.open(item("a = 1\nb = 2\n"))
    edits = store.check(URI, "a = 1\nb = 3\n")
    assert edits == [Edit(10, 11, b"3")]
    assert store[URI].text.data == b"a = 1\nb = 3\n"
    assert len(log) == 1
    assert "b = " not in log[0]


@pytest.mark.parametrize(("version", "words"), [(2, ""), (4, ""), (1, "may be missing"), (0, "may be missing")])
def test_versions_are_watched(version: int, words: str) -> None:
    store, log = documents()
    store.open(item("a"))
    store.change(URI, version, [types.TextDocumentContentChangeWholeDocument(text="b")])
    assert store[URI].text.data == b"b"
    assert store[URI].version == version
    assert [words in line for line in log] == ([True] if words else [])


def test_what_makes_no_sense_is_ignored() -> None:
    store, log = documents()
    assert store.change("file:///no\ud800pe.py", 2, [types.TextDocumentContentChangeWholeDocument(text="secret")]) is None
    assert not store.close("file:///nope.py")
    assert store.close_notebook("file:///nope.ipynb") == []
    assert store.change_cells("file:///nope.ipynb", types.NotebookDocumentCellChangeStructure(types.NotebookCellArrayChange(0, 0))) == (
        [],
        [],
    )
    assert store.check("file:///nope.py", "text") == []
    assert len(log) == 4
    assert not any("secret" in line for line in log)


def test_an_inverted_range_is_turned_round() -> None:
    store, log = documents()
    store.open(item("abcdef"))
    backwards = types.Range(types.Position(0, 4), types.Position(0, 2))
    store.change(URI, 2, [types.TextDocumentContentChangePartial(range=backwards, text="X")])
    assert store[URI].text.data == b"abXef"
    assert len(log) == 1


def test_reopened() -> None:
    store, log = documents()
    store.open(item("old", version=7))
    store.open(item("new", version=1))
    assert (store[URI].text.data, store[URI].version, len(log)) == (b"new", 1, 1)
    store.close(URI)
    store.open(item("newer"))
    assert (store[URI].text.data, len(log)) == (b"newer", 1)


@pytest.mark.parametrize(
    ("uri", "language_id", "text", "language", "path"),
    [
        ("file:///w/a.py", "python", "", "python", "/w/a.py"),
        ("file:///w/a%20%C3%A9.py", "py-alias", "", "python", "/w/a é.py"),
        ("file:///w/tool", "", "#!/usr/bin/env python3\n", "python", "/w/tool"),
        ("file:///w/a.txt", "python", "", "python", "/w/a.txt"),
        ("file:///w/a.txt", "plaintext", "", None, "/w/a.txt"),
        ("untitled:Untitled-1", "python", "", "python", None),
        ("untitled:Untitled-1", "plaintext", "", None, None),
        ("git:/w/a.py?ref", "python", "", None, None),
        ("output:python", "python", "", None, None),
        ("vscode-notebook-cell:/w/n.ipynb#W0", "python", "", "python", None),
        ("", "python", "", None, None),
        ("file://[", "python", "", "python", None),
    ],
)
def test_which_documents_are_ours(uri: str, language_id: str, text: str, language: str | None, path: str | None) -> None:
    document = documents()[0].open(item(text, uri, language_id))
    assert (document.language, document.path) == (language, path)


def test_a_cell_has_its_notebooks_home() -> None:
    store, _ = documents()
    assert store.open(item("", "vscode-notebook-cell:/w/n%20b.ipynb#W0")).home == "/w/n b.ipynb"
    (cell,) = store.open_notebook(notebook(), [item("", "cell:1")])
    assert (cell.home, cell.path, cell.language) == ("/w/n.ipynb", None, "python")


def notebook() -> types.NotebookDocument:
    cells = [types.NotebookCell(types.NotebookCellKind.Code, "cell:1")]
    return types.NotebookDocument("file:///w/n.ipynb", "jupyter-notebook", 1, cells)


def test_notebook() -> None:
    store, log = documents()
    opened = store.open_notebook(notebook(), [item("%time f()\ndef f(): pass\n", "cell:1"), item("# Title", "cell:2", "markdown")])
    assert [cell.language for cell in opened] == ["python", None]
    assert opened[0].code() == b"         \ndef f(): pass\n"
    array = types.NotebookCellArrayChange(1, 1)
    closed = [types.TextDocumentIdentifier("cell:2")]
    structure = types.NotebookDocumentCellChangeStructure(array, did_open=[item("!ls", "cell:3")], did_close=closed)
    came, went = store.change_cells("file:///w/n.ipynb", structure)
    assert ([cell.uri for cell in came], went) == (["cell:3"], ["cell:2"])
    assert store.close_notebook("file:///w/n.ipynb") == ["cell:1", "cell:3"]
    assert (dict(store), log) == ({}, [])


MAGICS = {
    "line": ("%matplotlib inline\nx = 1\n", "                  \nx = 1\n"),
    "shell": ("x = 1\n!pip install a\ny = 2", "x = 1\n              \ny = 2"),
    "help": ("len?\n?len\nx = 1\n", "    \n    \nx = 1\n"),
    "indented": ("def f():\n    %time g()\n", "def f():\n    pass     \n"),
    "indented and short": ("def f():\n  !a\n  g()", "def f():\n    \n  g()"),
    "continued": ("!a \\\n  b \\\r\n  c\nx", "    \n     \r\n   \nx"),
    "timed cell": ("%%time\nx = 1\n", "      \nx = 1\n"),
    "other language": ("%%bash\nfor x in y\r\ndo é", "      \n          \r\n     "),
    "modulo": ("x = (a\n  % b)\n", "x = (a\n  % b)\n"),
    "inequality": ("a = (b\n != c)\n", None),
    "no magic": ("x = 5 % 2\ny != 3\n", "x = 5 % 2\ny != 3\n"),
    "empty": ("", ""),
    "lone carriage returns": ("%a\rx = 1\r!b\r", "  \rx = 1\r  \r"),
}


@pytest.mark.parametrize(("cell", "expected"), MAGICS.values(), ids=MAGICS)
def test_magics_are_no_code(cell: str, expected: str | None) -> None:
    assert blank_magics(cell.encode()).decode() == (cell if expected is None else expected)


@given(st.text(st.sampled_from("%!?ab \\\n\r\té(")))
def test_blanking_moves_nothing(cell: str) -> None:
    data = cell.encode()
    blanked = blank_magics(data)
    assert len(blanked) == len(data)
    assert [byte for byte in blanked if byte in b"\r\n"] == [byte for byte in data if byte in b"\r\n"]


@given(WORDS, WORDS, WORDS, WORDS)
def test_narrowed_edits_do_the_same(before: str, old: str, new: str, after: str) -> None:
    data = (before + old + after).encode()
    edit = narrowed(data, Edit(0, len(data), (before + new + after).encode()))
    assert data[: edit.start] + edit.new + data[edit.end :] == (before + new + after).encode()
    assert len(edit.new) <= len(new.encode())
    assert edit.end - edit.start <= len(old.encode())


def test_a_word_in_a_large_replacement_is_found() -> None:
    lines = [f"line {random.Random(i).random()}\n" for i in range(2000)]
    data = "".join(lines).encode()
    lines[1234] = "another\n"
    edit = narrowed(data, Edit(0, len(data), "".join(lines).encode()))
    assert edit.new in b"another\n"


def test_paths_and_folders() -> None:
    assert path_of("file:///a/b.py") == "/a/b.py"
    assert path_of("untitled:x") is None
    assert folder_of("/w/a/b.py", ["/w", "/w/a", "/w/ab", "/"]) == "/w/a"
    assert folder_of("/w/abc.py", ["/w/ab"]) is None
    assert folder_of(str(Path("/x/y")), ["/"]) == "/"


def test_documents_are_values() -> None:
    store, _ = documents()
    earlier: Document = store.open(item("a"))
    store.change(URI, 2, [types.TextDocumentContentChangeWholeDocument(text="b")])
    assert earlier.text.data == b"a"
    assert list(store) == [URI]
    assert len(store) == 1
