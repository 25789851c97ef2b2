"""From a function's position in a file to its raw text and hash, and back from a row's pointer to the text.

The segment of a function is the whole physical lines from its first decorator (or `def`) to its last line, exactly as in the file.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Segment:
    """A function in a source text: qualified name (as `__qualname__`), 1-based first and last line, and its raw lines."""

    qualname: str
    line: int
    end_line: int
    text: str

    @property
    def sha256(self) -> str:
        """Hash of the raw lines."""
        return sha256(self.text)


def sha256(text: str) -> str:
    """Hash of a text's UTF-8 bytes (lone surrogates kept)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def segments(source: str) -> list[Segment]:
    """Every `def` of a source text, outer before inner. Raises SyntaxError."""
    lines = source.splitlines(keepends=True)
    found: list[Segment] = []

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                line = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                end = child.end_lineno or child.lineno
                found.append(Segment(prefix + child.name, line, end, "".join(lines[line - 1 : end])))
                visit(child, f"{prefix}{child.name}.<locals>.")
            elif isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            else:
                visit(child, prefix)

    visit(ast.parse(source), "")
    return found


def find(source: str, qualname: str, line: int | None = None) -> Segment | None:
    """The function of that qualified name (the one starting at `line` if given, else the last one: a redefinition wins)."""
    matching = [segment for segment in segments(source) if segment.qualname == qualname and line in (None, segment.line)]
    return matching[-1] if matching else None
