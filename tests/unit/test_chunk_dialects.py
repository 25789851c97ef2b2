"""Which grammar of several reads a text, and the collector of cycles while it does."""

from __future__ import annotations

import gc

import pytest

from rlm_lsp.chunk import chunk_source, collector, pipeline
from rlm_lsp.chunk.dialects import bears, mark_of
from rlm_lsp.chunk.parse import all_tools_for, clock, parse

TAGS = b"const View = () => {\n  return (\n    <div>\n      <br\n      />\n    </div>\n  );\n};\n"
QUOTED = b"const view = (x) => html`\n  <div>\n  </div>\n`;\n"
CAST = b"function f(x: unknown) {\n  // \n  return <string>x;\n}\n"


def grammars_asked(source: bytes, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return which of TypeScript's grammars parsed a text, by their order."""
    grammars = [tools.grammar for tools in all_tools_for("typescript")]
    asked = []

    def watched(data, grammar, deadline):  # type: ignore[no-untyped-def]
        asked.append(grammars.index(grammar))
        return parse(data, grammar, deadline)

    monkeypatch.setattr(pipeline, "parse", watched)
    assert chunk_source(source, "typescript").problems == ()
    return asked


@pytest.mark.parametrize(("source", "asked"), [(TAGS, [1]), (QUOTED, [1, 0]), (CAST, [0]), (b"let x = () => <p/>;\n", [0, 1])])
def test_the_grammar_of_tags_comes_first_where_they_are(source: bytes, asked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert grammars_asked(source, monkeypatch) == asked


def test_what_bears_a_mark_is_an_error_to_the_other_grammar() -> None:
    plain, tagged = all_tools_for("typescript")
    mark = mark_of("tsx", TAGS)
    assert mark is not None
    assert mark_of("typescript", TAGS) is None
    assert bears(parse(TAGS, tagged.grammar, clock() + 60), TAGS, mark)
    assert parse(TAGS, plain.grammar, clock() + 60).root_node.has_error
    assert not bears(parse(QUOTED, tagged.grammar, clock() + 60), QUOTED, mark)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_afterwards_what_it_was(enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with collector.put_off():
            with pytest.raises(KeyError), collector.put_off():
                raise KeyError
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()
