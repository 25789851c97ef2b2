from __future__ import annotations

import pytest

from rlm_lsp.chunk import chunk_source
from rlm_lsp.chunk.directives import Header, find_directives
from rlm_lsp.chunk.types import ChunkResult, Directive
from rlm_lsp.chunk.worker import pack, unpack
from rlm_lsp.directives import attach
from rlm_lsp.text import LineIndex

PLACES = '''\
# rlm: ignore[latency] - unattached: it is the module's

# rlm: ignore - above
# and more words
@decorated  # rlm: ignore - decorator
# rlm: ignore - between
def f(
    a,  # rlm: ignore - argument
    b="# rlm: ignore - string",
):  # rlm: ignore - colon
    # rlm: ignore - unattached: it is in the body
    x = """
    # rlm: ignore - string
    """
    return x  # rlm: ignore - unattached: a statement


class C:  # rlm: ignore - unattached: a class

    # rlm: ignore - above
    def g(self): return 1  # rlm: ignore - one line

    # rlm: ignore - unattached: a blank line below

    def h(self):
        # rlm: ignore - above
        def inner():
            return 2
        return inner


k = lambda x: x  # rlm: ignore - lambda
# rlm: ignore - unattached: nothing below
'''
EXPECTED = {
    "f": ["above", "decorator", "between", "argument", "colon"],
    "C.g": ["above", "one line"],
    "C.h": [],
    "C.h.<locals>.inner": ["above"],
    "k": ["lambda"],
    "<module>": [],
}


def name_starts(result: ChunkResult) -> list[int]:
    return [chunk.name_span.start_byte for chunk in result.chunks]


def reason(source: str, directive: Directive) -> str:
    line = source.splitlines()[directive.line - 1]
    return line.rsplit(" - ", 1)[1]


def test_where_a_directive_belongs() -> None:
    result = chunk_source(PLACES.encode(), "python")
    attached, unattached = attach(name_starts(result), result.directives)
    found = {chunk.qualified_name: [reason(PLACES, item) for item in items] for chunk, items in zip(result.chunks, attached, strict=True)}
    assert found == EXPECTED
    assert [reason(PLACES, item).partition(":")[0] for item in unattached] == ["unattached"] * 6
    assert not any(item.problem for item in result.directives)
    for item in result.directives:
        assert PLACES.encode()[item.start_byte : item.end_byte] in (b"rlm: ignore", b"rlm: ignore[latency]")


def test_a_broken_functions_directives_are_nobodys_for_now() -> None:
    source = (
        "# rlm: ignore\ndef f(:\n    pass\n\n\n# rlm: ignore\ndef g():\n    x = = 1\n    return x\n\n\n# rlm: ignore\ndef h():\n    pass\n"
    )
    result = chunk_source(source.encode(), "python")
    attached, unattached = attach(name_starts(result), result.directives)
    assert [chunk.qualified_name for chunk, items in zip(result.chunks, attached, strict=True) if items] == ["h"]
    assert [item.line for item in unattached] == [1]  # its function is not there at all; that of the second is


@pytest.mark.parametrize(
    ("comment", "kind", "metrics", "limits"),
    [
        ("rlm: ignore", "ignore", (), ()),
        ("rlm:ignore", "ignore", (), ()),
        ("rlm: ignore[latency]", "ignore", ("latency",), ()),
        ("rlm: ignore [latency, peak-heap]", "ignore", ("latency", "peak-heap"), ()),
        ("rlm: ignore[peak-heap] (a cache)", "ignore", ("peak-heap",), ()),
        ("rlm: ignore -- a reason", "ignore", (), ()),
        ("noqa: E501  # rlm: ignore", "ignore", (), ()),
        ("rlm: ignore  # noqa", "ignore", (), ()),
        ("rlm: budget latency=5ms", "budget", (), (("latency", 0.005),)),
        ("rlm: budget latency=5 ms, peak-heap = 1 MiB", "budget", (), (("latency", 0.005), ("peak-heap", float(1 << 20)))),
        ("rlm: budget peak-heap=1MiB latency=0.5s - slow by nature", "budget", (), (("peak-heap", float(1 << 20)), ("latency", 0.5))),
    ],
)
def test_what_a_directive_says(comment: str, kind: str, metrics: tuple[str, ...], limits: tuple[tuple[str, float], ...]) -> None:
    (directive,) = chunk_source(f"def f():  # {comment}\n    pass\n".encode(), "python").directives
    assert (directive.kind, directive.metrics, directive.limits, directive.problem) == (kind, metrics, limits, None)


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("rlm: ignroe", "unknown directive 'ignroe'; there are ignore and budget"),
        ("rlm:", "unknown directive ''"),
        ("rlm: ignore[speed]", "unknown metric 'speed'; there are latency, peak-heap"),
        ("rlm: ignore[]", "unknown metric ''"),
        ("rlm: ignore latency", "metrics stand in brackets"),
        ("rlm: ignore[latency", "metrics stand in brackets"),
        ("rlm: budget", "limits are written latency=5ms"),
        ("rlm: budget latency", "limits are written latency=5ms"),
        ("rlm: budget latency=fast", "limits are written latency=5ms"),
        ("rlm: budget latency=5", "'5' is not a number with a unit"),
        ("rlm: budget latency=5MB", "'5MB' does not measure latency"),
        ("rlm: budget latency=0ms", "latency: a budget of nothing cannot be kept"),
        ("rlm: budget speed=5ms", "unknown metric 'speed'"),
        ("rlm: budget latency=5ms because", "limits are written latency=5ms"),
    ],
)
def test_what_is_wrong_with_a_directive_is_said(comment: str, problem: str) -> None:
    (directive,) = chunk_source(f"def f():  # {comment}\n    pass\n".encode(), "python").directives
    assert directive.problem is not None
    assert directive.problem.startswith(problem)
    assert (directive.metrics, directive.limits) == ((), ())


@pytest.mark.parametrize(
    "line", ["# use rlm: ignore here", "# arlm: ignore", "s = '# rlm: ignore'", 'f"""\n# rlm: ignore\n"""', "rlm: ignore"]
)
def test_what_is_no_directive(line: str) -> None:
    assert chunk_source(f"{line}\ndef f():\n    pass\n".encode(), "python").directives == ()


@pytest.mark.parametrize(
    ("source", "comments", "headers", "targets"),
    [
        ("void f() { // rlm: ignore\n}", ["// rlm: ignore"], [("void", "{", "f")], ["f"]),
        ("void f()\n{ // rlm: ignore\n}", ["// rlm: ignore"], [("void", "{", "f")], ["f"]),
        ("/* rlm: ignore */ void f() {}", ["/* rlm: ignore */"], [("void", "{", "f")], ["f"]),
        ("/*\n * rlm: ignore\n */\nvoid f() {}", ["/*\n * rlm: ignore\n */"], [("void", "{", "f")], ["f"]),
        ("/* rlm: ignore\n */ void f() {}", ["/* rlm: ignore\n */"], [("void", "{", "f")], ["f"]),
        ("x = 1; /* rlm: ignore\n*/\nvoid f() {}", ["/* rlm: ignore\n*/"], [("void", "{", "f")], [None]),
        ("let f = 1, g = 2; // rlm: ignore", ["// rlm: ignore"], [("f =", "1", "f"), ("g =", "2", "g")], ["g"]),
        ("-- rlm: ignore\nf x = 1", ["-- rlm: ignore"], [("f x", "1", "f")], ["f"]),
        ("/// rlm: ignore\n/// more\nfn f() {}", ["/// rlm: ignore\n", "/// more\n"], [("fn", "{", " f")], [" f"]),
        ("; rlm: ignore\r\nf", ["; rlm: ignore\r"], [("f", "", "f")], ["f"]),
    ],
)
def test_comments_of_other_languages(
    source: str, comments: list[str], headers: list[tuple[str, str, str]], targets: list[str | None]
) -> None:
    data = source.encode()
    spans = [(source.index(comment), source.index(comment) + len(comment)) for comment in comments]
    found = [
        Header(source.index(start), source.index(end, source.index(start)) if end else len(source), source.index(name))
        for start, end, name in headers
    ]
    directives = find_directives(data, LineIndex(data), spans, found)
    assert [item.target for item in directives] == [None if name is None else source.index(name) for name in targets]
    assert not any(item.problem for item in directives)


def test_many_directives_cost_what_they_are_long() -> None:
    source = "".join(f"# rlm: ignore[latency]\ndef f{i}(x):  # rlm: budget latency={i + 1}ms\n    return x\n" for i in range(5_000))
    result = chunk_source(source.encode(), "python")
    attached, unattached = attach(name_starts(result), result.directives)
    assert unattached == ()
    assert [len(items) for items in attached] == [0] + [2] * 5_000
    comments = ("# rlm: ignore\n" * 20_000 + "x = 1\n").encode()
    assert all(item.target is None for item in chunk_source(comments, "python").directives)


def test_they_cross_the_chunkers_process() -> None:
    result = chunk_source(PLACES.encode() + b"def z(): pass  # rlm: budget latency=5ms\n# rlm: nonsense\n", "python")
    assert unpack(pack(result)) == result


def test_a_module_body_has_no_directives_even_where_it_begins_with_a_functions_name() -> None:
    result = chunk_source(b"k = lambda x: x  # rlm: ignore\n", "python")
    attached, _ = attach(name_starts(result), result.directives)
    assert [(chunk.kind, len(items)) for chunk, items in zip(result.chunks, attached, strict=True)] == [("program", 0), ("function", 1)]
