"""A second opinion: the functions that ``ast`` finds in the running interpreter's own library, to the byte."""

from __future__ import annotations

import ast
import re
import sysconfig
from pathlib import Path

import pytest

from rlm_lsp.chunk import chunk_source

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
SAMPLE = [
    path
    for package in ("", "asyncio", "concurrent/futures", "email", "importlib", "json", "unittest")
    for path in sorted((LIBRARY / package).glob("*.py"))[::4]
]

Found = set[tuple[str, int, int, int]]  # qualified name, line of "def", bytes of the definition from its first decorator on


def test_the_sample_is_large() -> None:
    assert len(SAMPLE) >= 60


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_same_functions_as_ast(path: Path) -> None:
    source = path.read_bytes()
    result = chunk_source(source, "python")
    assert result.problems == ()
    found: Found = set()
    for chunk in result.chunks:
        span = chunk.span
        if re.match(rb"@|(?:async\s+)?def\b", source[span.start_byte : span.end_byte]) and chunk.kind == "function":
            header_line = source.count(b"\n", 0, source.rindex(b"def", 0, chunk.name_span.start_byte)) + 1
            found.add((chunk.qualified_name, header_line, span.start_byte, span.end_byte))
    assert found == _functions_by_ast(source)


def _functions_by_ast(source: bytes) -> Found:
    starts = [0, *(match.end() for match in re.finditer(rb"\r\n?|\n", source))]
    found: Found = set()
    waiting: list[tuple[ast.AST, str]] = [(ast.parse(source), "")]
    while waiting:
        parent, prefix = waiting.pop()
        for node in ast.iter_child_nodes(parent):
            inside = prefix
            if isinstance(node, ast.ClassDef):
                inside = f"{prefix}{node.name}."
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inside = f"{prefix}{node.name}.<locals>."
                first = node.decorator_list[0] if node.decorator_list else node
                start = starts[first.lineno - 1] + first.col_offset
                start = source.rindex(b"@", 0, start) if node.decorator_list else start
                assert node.end_lineno is not None
                assert node.end_col_offset is not None
                found.add((prefix + node.name, node.lineno, start, starts[node.end_lineno - 1] + node.end_col_offset))
            waiting.append((node, inside))
    return found
