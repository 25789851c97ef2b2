from __future__ import annotations

import itertools
from dataclasses import replace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from rlm_lsp.config import Settings
from rlm_lsp.languages import LANGUAGES
from rlm_lsp.lsp import code_action
from rlm_lsp.lsp.position import Encoding, TextIndex
from rlm_lsp.lsp.snapshot import Client, DocumentView
from rlm_lsp.predict.results import Values
from rlm_lsp.units import parse_value
from tests.lsp.commanding import document, function_of
from tests.lsp.marked import snapshot_of

CLIENT = Client(code_action_literals=True, versioned_edits=True)
COMMANDS = ["Compare with HEAD", "Explain this prediction", "How does it scale?", "Copy prediction as JSON"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


def offered(
    view: DocumentView,
    at: str | None = None,
    *,
    client: Client = CLIENT,
    only: list[str] | None = None,
    diagnostics: list[types.Diagnostic] | None = None,
) -> list[types.CodeAction]:
    """The actions with the cursor before the first ``at`` of the text, by default in the first function's name."""
    offset = view.functions[-1].place.name_start if at is None else view.text.data.index(at.encode())
    context = types.CodeActionContext(diagnostics or [], only)
    return cast("list[types.CodeAction]", code_action.actions(snapshot_of(view, client), view, offset, offset, context))


def edit_of(action: types.CodeAction) -> types.TextEdit:
    assert action.edit is not None
    (document_edit,) = action.edit.document_changes or ()
    assert isinstance(document_edit, types.TextDocumentEdit)
    (edit,) = document_edit.edits
    assert isinstance(edit, types.TextEdit)
    return edit


def after(view: DocumentView, title: str, at: str | None = None) -> str:
    """The text once a client has applied the action, by its own count of lines and characters."""
    action = next(action for action in offered(view, at) if action.title.startswith(title))
    edit = edit_of(action)
    unit = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[view.text.encoding]
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[view.text.encoding]
    lines = view.text.data.decode().replace("\r\n", "\0\n").split("\n")
    starts = list(itertools.accumulate((len((line + "\n").replace("\0", "\r").encode(codec)) for line in lines), initial=0))
    start, end = (starts[place.line] + place.character * unit for place in (edit.range.start, edit.range.end))
    data = view.text.data.decode().encode(codec)
    return (data[:start] + edit.new_text.encode(codec) + data[end:]).decode(codec)


def test_what_is_offered_at_a_function() -> None:
    titles = [action.title for action in offered(document("def f(x):\n    return x\n"))]
    budgets = ["Set budget latency=3.8ms", "Set budget peak-heap=3.4MB"]
    assert titles == ["Ignore latency here", "Ignore peak heap here", "Ignore all", *budgets, *COMMANDS]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("", "def f(x):"),
        ("s = 'é😀\u2028'\n\n", "def f(x):"),
        ("class A:\n    '😀'\n", "    def f(self):"),
        ("class A:\n", "\t@dec  # 😀\n\tdef f(self):"),
        ("# coding: utf-8\n", "async def f(x):"),
        ("", "f = lambda x: x"),
    ],
)
def test_a_comment_goes_above_the_function_and_is_understood(before: str, line: str, newline: str, encoding: Encoding) -> None:
    indentation = line[: len(line) - len(line.lstrip())]
    rest = "" if "lambda" in line else f"\n{indentation}    return 1\n"
    text = (before + line + rest).replace("\n", newline)
    view = document(text, encoding=encoding)
    for title, comment in (
        ("Ignore latency here", "# rlm: ignore[latency]"),
        ("Ignore peak heap here", "# rlm: ignore[peak-heap]"),
        ("Ignore all", "# rlm: ignore"),
        ("Set budget latency", "# rlm: budget latency=3.8ms"),
    ):
        result = after(view, title)
        ending = newline if newline in text else "\n"
        assert result == before.replace("\n", newline) + indentation + comment + ending + (line + rest).replace("\n", newline)
        (directive,) = document(result).functions[-1].directives
        assert directive.problem is None
        assert document(result).unused == ()


@pytest.mark.parametrize(
    ("directive", "title", "expected"),
    [
        ("rlm: ignore[latency]", "Ignore peak heap here", "rlm: ignore"),
        ("rlm: ignore[latency]", "Ignore all", "rlm: ignore"),
        ("rlm: ignore[peak-heap] - 😀 it is fine", "Ignore latency here", "rlm: ignore - 😀 it is fine"),
        ("rlm: budget latency=1ms", "Set budget latency", "rlm: budget latency=3.8ms"),
        (
            "rlm: budget latency = 1 ms, peak-heap=1MiB (for now)",
            "Set budget latency",
            "rlm: budget latency=3.8ms, peak-heap=1MiB (for now)",
        ),
        ("rlm: budget latency=1µs peak-heap=2B", "Set budget latency", "rlm: budget latency=3.8ms peak-heap=2B"),
        ("rlm: budget peak-heap=1MB - 😀", "Set budget latency", "rlm: budget peak-heap=1MB latency=3.8ms - 😀"),
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_earlier_directive_is_extended(directive: str, title: str, expected: str, encoding: Encoding) -> None:
    for text in (
        "# é😀 {}\r\ndef f(x):\r\n    return x\r\n",
        "def f(x):  # 😀\r\n    # {}\r\n    return x\r\n",
        "def f(x):  # {}\r\n    return x\r\n",
    ):
        view = document(text.replace("# é😀 {}", "# {}").format(directive), encoding=encoding)
        if not view.functions[-1].directives:
            continue
        result = after(view, title)
        assert result == text.replace("# é😀 {}", "# {}").format(expected)
        assert all(found.problem is None for found in document(result).functions[-1].directives)


def test_what_is_ignored_already_is_not_offered() -> None:
    titles = [action.title for action in offered(document("# rlm: ignore[latency]\ndef f(x):\n    return x\n"))]
    assert "Ignore latency here" not in titles
    assert {"Ignore peak heap here", "Ignore all"} <= set(titles)
    titles = [action.title for action in offered(document("# rlm: ignore\ndef f(x):\n    return x\n"))]
    assert not [title for title in titles if title.startswith("Ignore")]


def test_a_directive_that_is_wrong_is_left_alone() -> None:
    assert after(document("# rlm: ignore[speed]\ndef f(x):\n    return x\n"), "Ignore all") == (
        "# rlm: ignore[speed]\n# rlm: ignore\ndef f(x):\n    return x\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "x = 1 + \\\n(f := lambda: 0)()\n",  # a comment there would end the statement
        't = f"""\n{(f := lambda: 0)()}"""\n',  # and here it would be text
        "g = 1; f = lambda: 0\n",  # not only words before it
    ],
)
def test_no_comment_is_offered_where_a_line_would_be_something_else(text: str) -> None:
    view = document(text)
    assert view.functions[-1].kind == "function"
    assert [action.title for action in offered(view)] == COMMANDS


def test_no_edit_is_offered_where_the_text_is_not_the_one_that_was_cut() -> None:
    view = document("def total(x):\n    return x\n")
    moved = replace(view, text=TextIndex(b"#\ndef total(x):\n    return x\n"), settled=False)
    assert [action.title for action in offered(moved)] == COMMANDS


NESTED = "import os\n\n@dec\ndef outer(a):\n    x = 1\n    def inner(b):\n        y = 2\n    return inner\n\nz = 3\n"


@pytest.mark.parametrize(
    ("start", "end", "key"),
    [
        ("outer", "outer", "outer"),
        ("@dec", "@dec", "outer"),
        ("def outer", "def outer", "outer"),
        ("inner(b)", "inner(b)", "outer.<locals>.inner"),
        ("y = 2", "y = 2", None),  # a body is no place for a light bulb
        ("x = 1", "x = 1", None),
        ("z = 3", "z = 3", None),
        ("import", "z = 3", "outer"),
        ("y =", "2", "outer.<locals>.inner"),
        ("x = 1", "= 1", "outer"),
        ("import os", "\n\n@dec", None),
    ],
)
def test_which_function_is_meant(start: str, end: str, key: str | None) -> None:
    view = document(NESTED)
    first = view.text.data.index(start.encode())
    last = first if start == end else view.text.data.index(end.encode(), first)
    found = code_action.actions(snapshot_of(view, CLIENT), view, first, last, types.CodeActionContext([]))
    commands = [action.command for action in found if isinstance(action, types.CodeAction) and action.command]
    assert [command.arguments for command in commands] == [[{"uri": view.uri, "key": key}]] * (4 if key else 0)


def _diagnostic(view: DocumentView, code: str, source: str = "rlm-lsp") -> types.Diagnostic:
    place = view.functions[-1].place
    start, end = (types.Position(*view.text.position(offset)) for offset in (place.name_start, place.name_end))
    return types.Diagnostic(types.Range(start, end), "too slow", source=source, code=code)


def test_a_diagnostic_of_ours_is_fixed_by_its_own_metrics_alone() -> None:
    view = document("def f(x):\n    return x\n")
    ours, other = _diagnostic(view, "latency-budget"), _diagnostic(view, "latency-budget", source="ruff")
    kinds = {action.title: (action.kind, action.diagnostics) for action in offered(view, diagnostics=[ours, other])}
    assert kinds["Ignore latency here"] == ("quickfix", [ours])
    assert kinds["Ignore all"] == ("quickfix", [ours])
    assert kinds["Set budget latency=3.8ms"] == ("quickfix", [ours])
    assert kinds["Ignore peak heap here"] == (code_action.KIND, None)
    assert kinds["Compare with HEAD"] == (code_action.KIND, None)


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (None, 9),
        ([], 9),
        (["quickfix"], 3),
        (["rlm"], 9),
        (["source"], 0),
        (["source.fixAll"], 0),
        (["refactor"], 0),
        ([""], 9),
    ],
)
def test_only_the_kinds_asked_for(only: list[str] | None, count: int) -> None:
    view = document("def f(x):\n    return x\n")
    found = offered(view, only=only, diagnostics=[_diagnostic(view, "latency-budget")])
    assert len(found) == (count if only != [] else 0)


def test_nothing_is_preferred() -> None:
    view = document("def f(x):\n    return x\n")
    assert all(action.is_preferred is None for action in offered(view, diagnostics=[_diagnostic(view, "latency-budget")]))


def test_edits_are_versioned_where_the_client_can() -> None:
    view = document("def f(x):\n    return x\n")
    (versioned, *_), (plain, *_) = offered(view), offered(view, client=replace(CLIENT, versioned_edits=False))
    assert versioned.edit is not None
    assert plain.edit is not None
    (change,) = versioned.edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert (change.text_document.uri, change.text_document.version) == (view.uri, 3)
    assert plain.edit.document_changes is None
    assert list(plain.edit.changes or ()) == [view.uri]


def test_a_client_without_literals_gets_commands() -> None:
    view = document("def f(x):\n    return x\n")
    found = code_action.actions(snapshot_of(view, Client()), view, 4, 4, types.CodeActionContext([]))
    assert [action.title for action in found] == COMMANDS
    assert all(isinstance(action, types.Command) for action in found)


@pytest.mark.parametrize("settings", [Settings(enabled=False), Settings(code_actions=False), Settings(disabled_languages=("python",))])
def test_each_switch_takes_the_actions_away(settings: Settings) -> None:
    assert offered(document("def f(x):\n    return x\n", settings=settings)) == []


def test_only_chosen_metrics_are_offered() -> None:
    view = document("def f(x):\n    return x\n", settings=Settings(metrics=("peak-heap",)))
    assert [action.title for action in offered(view)][:3] == ["Ignore peak heap here", "Ignore all", "Set budget peak-heap=3.4MB"]


@pytest.mark.parametrize(
    ("values", "stale"), [(None, False), (Values(None, ("too-long", "why")), False), (Values([[0, 0, 0], [0, 0, 0]]), False)]
)
def test_no_budget_without_a_number(values: Values | None, stale: bool) -> None:
    assert not [action for action in offered(document("def f(x):\n    return x\n", values=values)) if action.title.startswith("Set")]


def test_no_budget_out_of_a_number_for_an_earlier_text() -> None:
    assert not [action for action in offered(document("def f(x):\n    return x\n", stale=True)) if action.title.startswith("Set")]


def test_comparing_needs_trust_a_file_and_the_setting() -> None:
    text = "def f(x):\n    return x\n"
    for view, client in (
        (document(text), replace(CLIENT, trusted=False)),
        (document(text, path=None), CLIENT),
        (document(text, settings=Settings(compare_with_head=False)), CLIENT),
    ):
        assert "Compare with HEAD" not in [action.title for action in offered(view, client=client)]


def test_every_language_with_comments_gets_its_own() -> None:
    view = document("def f(x):\n    return x\n")
    for name, language in LANGUAGES.items():
        if language.line_comment or language.block_comment:
            (action, *_) = offered(replace(view, language=name))
            words = edit_of(action).new_text.strip()
            opening, closing = (language.line_comment, "") if language.line_comment else (language.block_comment or ("", ""))
            assert words == f"{opening} rlm: ignore[latency] {closing}".strip()


@given(st.floats(-11, 6).map(lambda power: 10.0**power), st.sampled_from("sB"))
def test_a_budget_holds_what_it_was_made_from_and_little_more(value: float, unit: str) -> None:
    written = code_action.budget_above(value, unit)
    assert written is not None
    limit, found = parse_value(written)
    assert found == unit
    assert value <= limit
    assert limit <= 1.11 * value or limit - value <= {"s": 1e-10, "B": 1.0}[unit]
    assert len(written) <= 8


def test_ignoring_is_about_the_function_under_the_cursor() -> None:
    view = document(NESTED)
    assert "    # rlm: ignore\n    def inner" in after(view, "Ignore all", "inner(b)")
    assert "# rlm: ignore\n@dec" in after(view, "Ignore all", "outer")
    assert function_of(document(after(view, "Ignore all", "inner(b)")), "outer.<locals>.inner").directives
